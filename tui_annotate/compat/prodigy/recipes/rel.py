"""`prodigy.recipes.rel`."""

from __future__ import annotations

from tui_annotate.recipes.called import function as _function

manual = _function("rel.manual")

__all__ = ["manual"]
