"""`prodigy.components.stream`."""

from __future__ import annotations

from tui_annotate.stream.loaders import read_stream as get_stream
from tui_annotate.stream.stream import Stream

__all__ = ["Stream", "get_stream"]
