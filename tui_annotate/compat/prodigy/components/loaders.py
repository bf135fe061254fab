"""`prodigy.components.loaders`."""

from __future__ import annotations

from tui_annotate.recipes.unsupported import refused as _refused
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

Audio = AudioServer = _refused("audio")
Video = VideoServer = _refused("video")

__all__ = [
    "CSV",
    "JSON",
    "JSONL",
    "TXT",
    "Audio",
    "AudioServer",
    "ImageServer",
    "Images",
    "Parquet",
    "Video",
    "VideoServer",
    "get_loader",
    "get_stream",
]
