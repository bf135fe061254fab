"""Names of types that recipe files annotate their arguments with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

from tui_annotate.task.schema import Task

TaskType: TypeAlias = Task
StreamType: TypeAlias = Iterable[Task]
ScoredStreamType: TypeAlias = Iterable[tuple[float, Task]]
SourceType: TypeAlias = str | Iterable[Task]
PathInputType: TypeAlias = str | Path
ViewId: TypeAlias = str
RecipeSettingsType: TypeAlias = dict[str, Any]
ControllerComponentsDict: TypeAlias = dict[str, Any]
RecipeEventHookProtocol: TypeAlias = Callable[..., Any]
PatternType: TypeAlias = dict[str, Any]


class LabelsType(list[str]):
    """Labels: with commas on a command line, or a file with one on each line."""


class ExistingDatasetsType(list[str]):
    """Names of datasets: with commas on a command line."""
