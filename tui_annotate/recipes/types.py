"""Names of types that recipe files annotate their arguments with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from tui_annotate.task.schema import Task

TaskType: TypeAlias = Task
StreamType: TypeAlias = Iterable[Task]
SourceType: TypeAlias = str | Iterable[Task]
LabelsType: TypeAlias = list[str]
ExistingDatasetsType: TypeAlias = list[str]
RecipeSettingsType: TypeAlias = dict[str, Any]
