"""`prodigy.types`: the types that recipe files annotate with."""

from __future__ import annotations

from tui_annotate.recipes.types import (
    ExistingDatasetsType,
    LabelsType,
    RecipeSettingsType,
    SourceType,
    StreamType,
    TaskType,
)

__all__ = [
    "ExistingDatasetsType",
    "LabelsType",
    "RecipeSettingsType",
    "SourceType",
    "StreamType",
    "TaskType",
]
