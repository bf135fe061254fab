"""`prodigy.recipes.coref`."""

from __future__ import annotations

from tui_annotate.recipes.prodigy_call import function as _function

manual = _function("coref.manual")

__all__ = ["manual"]
