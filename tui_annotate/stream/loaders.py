"""Loaders by the names that recipe files use; each gives a stream of tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tui_annotate.errors import SourceError
from tui_annotate.stream.stream import Stream, get_stream

_PICTURES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".tif", ".tiff", ".webp")


def JSONL(path: str | Path, **_settings: Any) -> Stream:
    """Return the tasks of a file with one JSON object a line."""
    return get_stream(path, "jsonl")


def JSON(path: str | Path, **_settings: Any) -> Stream:
    """Return the tasks of a JSON file that holds a list."""
    return get_stream(path, "json")


def CSV(path: str | Path, **_settings: Any) -> Stream:
    """Return the rows of a CSV file as tasks."""
    return get_stream(path, "csv")


def TXT(path: str | Path, **_settings: Any) -> Stream:
    """Return the lines of a text file as tasks."""
    return get_stream(path, "txt")


def Parquet(path: str | Path, **_settings: Any) -> Stream:
    """Return the rows of a Parquet file as tasks."""
    return get_stream(path, "parquet")


def Images(path: str | Path, **_settings: Any) -> Stream:
    """Return a task with `image`, its path, for each picture of a folder, by name.

    Raises:
        SourceError: There is no such folder, or no picture in it.
    """
    folder = Path(path).expanduser()
    found = (
        sorted(p for p in folder.iterdir() if p.suffix.lower() in _PICTURES)
        if folder.is_dir()
        else []
    )
    if not found:
        raise SourceError("there is no folder with pictures", where=str(folder))
    return get_stream(_Pictures(found))


ImageServer = Images


class _Pictures:
    def __init__(self, paths: list[Path]) -> None:
        self._paths = paths

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for path in self._paths:
            yield {
                "image": str(path),
                "path": str(path),
                "text": path.stem,
                "meta": {"file": path.name},
            }


def get_loader(
    name: str | None = None, file_path: str | Path | None = None
) -> Callable[..., Stream]:
    """Return the loader of a name, else the one for a file's ending."""
    if name in ("images", "image-server"):
        return Images
    del file_path

    def load(path: str | Path, **_settings: Any) -> Stream:
        return get_stream(path, name)

    return load
