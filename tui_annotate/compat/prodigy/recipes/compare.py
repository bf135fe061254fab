"""`prodigy.recipes.compare`."""

from __future__ import annotations

from tui_annotate.recipes.called import function as _function

compare = _function("compare")

__all__ = ["compare"]
