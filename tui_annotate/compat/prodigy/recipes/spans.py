"""`prodigy.recipes.spans`."""

from __future__ import annotations

from tui_annotate.recipes.prodigy_call import function as _function

manual = _function("spans.manual")
correct = _function("spans.correct")

__all__ = ["correct", "manual"]
