"""`prodigy.recipes.pos`."""

from __future__ import annotations

from tui_annotate.recipes.prodigy_call import function as _function

correct = _function("pos.correct")
teach = _function("pos.teach")
make_gold = correct

__all__ = ["correct", "make_gold", "teach"]
