"""`prodigy.recipes.terms`."""

from __future__ import annotations

from tui_annotate.recipes.prodigy_call import function as _function

teach = _function("terms.teach")

__all__ = ["teach"]
