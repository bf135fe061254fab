"""`prodigy.recipes.sent`."""

from __future__ import annotations

from tui_annotate.recipes.called import function as _function

correct = _function("sent.correct")

__all__ = ["correct"]
