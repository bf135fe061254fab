"""`prodigy.components.decorators`."""

from __future__ import annotations

from tui_annotate.stream.stream import support_both_streams

__all__ = ["support_both_streams"]
