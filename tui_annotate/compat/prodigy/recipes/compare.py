"""`prodigy.recipes.compare`."""

from __future__ import annotations

from tui_annotate.recipes.prodigy_call import function as _function

compare = _function("compare")

__all__ = ["compare"]
