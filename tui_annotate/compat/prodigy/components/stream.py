"""`prodigy.components.stream`."""

from __future__ import annotations

from tui_annotate.recipes.older_names import source_is_dataset as _source_is_dataset
from tui_annotate.stream.loaders import read_stream as get_stream
from tui_annotate.stream.stream import Stream

__all__ = ["Stream", "_source_is_dataset", "get_stream"]
