"""`prodigy.recipes.generic`."""

from __future__ import annotations

from tui_annotate.recipes.prodigy_call import function as _function

mark = _function("mark")
match = _function("match")

__all__ = ["mark", "match"]
