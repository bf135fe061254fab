"""`prodigy.components.validate`."""

from __future__ import annotations

from tui_annotate.editors.schemas import get_schema
from tui_annotate.recipes.older_names import check as validate

__all__ = ["get_schema", "validate"]
