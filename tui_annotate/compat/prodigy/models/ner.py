"""`prodigy.models.ner`."""

from __future__ import annotations

from tui_annotate.recipes.model_updates import EntityRecognizer
from tui_annotate.recipes.older_names import guess_batch_size
from tui_annotate.suggest.merging import ensure_sentencizer, merge_spans

__all__ = ["EntityRecognizer", "ensure_sentencizer", "guess_batch_size", "merge_spans"]
