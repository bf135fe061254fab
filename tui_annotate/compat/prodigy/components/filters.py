"""`prodigy.components.filters`."""

from __future__ import annotations

from tui_annotate.stream.filters import (
    filter_duplicates,
    filter_empty,
    filter_inputs,
    filter_seen_before,
    filter_tasks,
)

__all__ = [
    "filter_duplicates",
    "filter_empty",
    "filter_inputs",
    "filter_seen_before",
    "filter_tasks",
]
