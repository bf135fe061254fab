"""`prodigy.models.textcat`."""

from __future__ import annotations

from tui_annotate.recipes.documents import infer_exclusive
from tui_annotate.recipes.model_updates import TextClassifier

__all__ = ["TextClassifier", "infer_exclusive"]
