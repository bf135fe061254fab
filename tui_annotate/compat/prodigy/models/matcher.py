"""`prodigy.models.matcher`."""

from __future__ import annotations

from tui_annotate.recipes.types import PatternType
from tui_annotate.suggest.matching import ScoringMatcher as PatternMatcher

__all__ = ["PatternMatcher", "PatternType"]
