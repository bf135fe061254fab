"""`prodigy.recipes.sent`."""

from __future__ import annotations

from tui_annotate.recipes.prodigy_call import function as _function

correct = _function("sent.correct")
teach = _function("sent.teach")

__all__ = ["correct", "teach"]
