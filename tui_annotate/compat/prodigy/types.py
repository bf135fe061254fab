"""`prodigy.types`: the types that recipe files annotate with."""

from __future__ import annotations

from tui_annotate.recipes.older_names import (
    ChoiceExample,
    DepExample,
    Example,
    NerExample,
    PosExample,
    RelationsExample,
    SpansExample,
    TextClsExample,
)
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
    "ChoiceExample",
    "DepExample",
    "Example",
    "ExistingDatasetsType",
    "LabelsType",
    "NerExample",
    "PathInputType",
    "PosExample",
    "RecipeSettingsType",
    "RelationsExample",
    "ScoredStreamType",
    "SourceType",
    "SpansExample",
    "StreamType",
    "TaskType",
    "TextClsExample",
    "ViewId",
]
