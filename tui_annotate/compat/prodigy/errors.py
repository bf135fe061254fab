"""`prodigy.errors`."""

from __future__ import annotations

from tui_annotate.errors import Refused as RecipeError
from tui_annotate.errors import TuiAnnotateError as ProdigyError

__all__ = ["ProdigyError", "RecipeError"]
