"""`prodigy.models.ner`."""

from __future__ import annotations

from tui_annotate.recipes.model_updates import EntityRecognizer
from tui_annotate.suggest.merging import ensure_sentencizer, merge_spans

__all__ = ["EntityRecognizer", "ensure_sentencizer", "merge_spans"]
