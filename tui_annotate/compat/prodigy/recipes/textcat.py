"""`prodigy.recipes.textcat`."""

from __future__ import annotations

from tui_annotate.recipes.prodigy_call import function as _function

manual = _function("textcat.manual")
correct = _function("textcat.correct")
teach = _function("textcat.teach")

__all__ = ["correct", "manual", "teach"]
