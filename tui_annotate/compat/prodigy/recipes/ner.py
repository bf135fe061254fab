"""`prodigy.recipes.ner`."""

from __future__ import annotations

from tui_annotate.recipes.documents import get_labels_from_ner, remove_tokens
from tui_annotate.recipes.older_names import preprocess_stream
from tui_annotate.recipes.prodigy_call import function as _function

manual = _function("ner.manual")
correct = _function("ner.correct")
teach = _function("ner.teach")
eval_ab = _function("ner.eval-ab")
silver_to_gold = _function("ner.silver-to-gold")
make_gold = correct

__all__ = [
    "correct",
    "eval_ab",
    "get_labels_from_ner",
    "make_gold",
    "manual",
    "preprocess_stream",
    "remove_tokens",
    "silver_to_gold",
    "teach",
]
