"""`prodigy.models.textcat`."""

from __future__ import annotations

from tui_annotate.recipes.learners import TextClassifier

__all__ = ["TextClassifier"]
