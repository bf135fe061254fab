"""`prodigy.types`: the types that recipe files annotate with."""

from __future__ import annotations

from tui_annotate.recipes.types import (
    ExistingDatasetsType,
    LabelsType,
    PathInputType,
    RecipeSettingsType,
    ScoredStreamType,
    SourceType,
    StreamType,
    TaskType,
    ViewId,
)

__all__ = [
    "ExistingDatasetsType",
    "LabelsType",
    "PathInputType",
    "RecipeSettingsType",
    "ScoredStreamType",
    "SourceType",
    "StreamType",
    "TaskType",
    "ViewId",
]
