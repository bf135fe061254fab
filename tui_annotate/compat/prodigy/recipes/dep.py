"""`prodigy.recipes.dep`."""

from __future__ import annotations

from tui_annotate.recipes.prodigy_call import function as _function

correct = _function("dep.correct")
teach = _function("dep.teach")

__all__ = ["correct", "teach"]
