"""`prodigy.components.validate`."""

from __future__ import annotations

from tui_annotate.editors.schemas import get_schema, validate

__all__ = ["get_schema", "validate"]
