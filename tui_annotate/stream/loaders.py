"""Loaders by the names that recipe files use; each gives a stream of tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from tui_annotate.errors import SourceError
from tui_annotate.sources.text_field import ANY_ROW
from tui_annotate.stream.filters import filter_duplicates
from tui_annotate.stream.stream import Stream, get_stream
from tui_annotate.task.hashing import identify
from tui_annotate.task.schema import BINARY, INPUT_HASH, TASK_HASH, Task
from tui_annotate.views import REFUSED, find_view

_PICTURES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".tif", ".tiff", ".webp")


_ORDER = ("loader", "rehash", "dedup", "input_key", "is_binary")


def read_stream(
    source: str | Path | Iterable[Task],
    *args: Any,
    loader: str | None = None,
    rehash: bool = False,
    dedup: bool = False,
    input_key: str | None = None,
    is_binary: bool | None = None,
    **_settings: Any,
) -> Stream:
    """Return the tasks of a source, with the settings that recipe files give.

    Args:
        source: As `get_stream` takes it.
        args: The settings in the order `loader, rehash, dedup, input_key, is_binary`; until
            Prodigy 1.12 `api` stood before them, which is known by the loader in second place.
        loader: A loader's name; by default the file's ending decides.
        rehash: Take hashes that tasks carry anew.
        dedup: Of equal tasks only the first passes.
        input_key: A row without this field is a bad row.
        is_binary: Kept in the tasks, for exports.
    """
    if args:
        old = len(args) > 1 and not isinstance(args[1], bool)
        named = {
            "loader": loader,
            "rehash": rehash,
            "dedup": dedup,
            "input_key": input_key,
            "is_binary": is_binary,
        }
        return read_stream(source, **{**named, **dict(zip(_ORDER, args[old:], strict=False))})
    if loader in ("images", "image-server"):
        return Images(str(source))
    if loader is not None and loader.removesuffix("-server") in REFUSED:
        find_view(loader.removesuffix("-server"))  # which says why there is none
    keys = (input_key,) if input_key else ANY_ROW
    stream = get_stream(source, loader, input_keys=keys)
    if isinstance(source, (str, Path)):
        stream.hashes = False  # as those of `JSONL`, unless they are asked for
    if rehash:
        stream.apply(_rehashed)
    if dedup:
        stream.apply(filter_duplicates)
    if is_binary is not None:
        stream.apply(lambda tasks: ({**task, BINARY: is_binary} for task in tasks))
    return stream


def _rehashed(tasks: Iterable[Task]) -> Iterator[Task]:
    for task in tasks:
        bare = {key: value for key, value in task.items() if key not in (INPUT_HASH, TASK_HASH)}
        identify(bare)
        yield bare


def _as_it_lies(path: str | Path, loader: str) -> Stream:
    """Return the rows of a file; those that a recipe's code reads by itself have no hashes yet.

    What it makes of a row is hashed when it is given, so that several questions about one row are
    told apart, as they are where these loaders come from.
    """
    stream = get_stream(path, loader)
    stream.hashes = False
    return stream


def JSONL(path: str | Path, **_settings: Any) -> Stream:
    """Return the tasks of a file with one JSON object a line."""
    return _as_it_lies(path, "jsonl")


def JSON(path: str | Path, **_settings: Any) -> Stream:
    """Return the tasks of a JSON file that holds a list."""
    return _as_it_lies(path, "json")


def CSV(path: str | Path, **_settings: Any) -> Stream:
    """Return the rows of a CSV file as tasks."""
    return _as_it_lies(path, "csv")


def TXT(path: str | Path, **_settings: Any) -> Stream:
    """Return the lines of a text file as tasks."""
    return _as_it_lies(path, "txt")


def Parquet(path: str | Path, **_settings: Any) -> Stream:
    """Return the rows of a Parquet file as tasks."""
    return _as_it_lies(path, "parquet")


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
    return get_stream(_Pictures(found), identity="own:pictures")


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
