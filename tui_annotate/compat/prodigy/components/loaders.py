"""`prodigy.components.loaders`."""

from __future__ import annotations

from tui_annotate.stream.loaders import (
    CSV,
    JSON,
    JSONL,
    TXT,
    Images,
    ImageServer,
    Parquet,
    get_loader,
)
from tui_annotate.stream.loaders import read_stream as get_stream

__all__ = [
    "CSV",
    "JSON",
    "JSONL",
    "TXT",
    "ImageServer",
    "Images",
    "Parquet",
    "get_loader",
    "get_stream",
]
