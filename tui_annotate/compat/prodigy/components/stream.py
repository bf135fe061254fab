"""`prodigy.components.stream`."""

from __future__ import annotations

from tui_annotate.stream.stream import Stream, get_stream

__all__ = ["Stream", "get_stream"]
