"""Hugging Face datasets as `save_to_disk` leaves them: folders of Arrow files (`[hf]`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from typing import Any

from tui_annotate.errors import SourceError, TaskError
from tui_annotate.sources.base import (
    DEFAULT_LIMITS,
    START,
    BadRow,
    Fingerprint,
    Limits,
    Position,
    Row,
    SourceChange,
)
from tui_annotate.sources.class_labels import class_names
from tui_annotate.sources.known_tables import as_task, is_export
from tui_annotate.sources.numbered_source import named_record, need, record_reader, record_rows
from tui_annotate.sources.text_field import Fields
from tui_annotate.task.schema import Task

MARK = "state.json"
SPLITS = "dataset_dict.json"


def is_dataset(folder: Path) -> bool:
    """Tell whether a folder is a dataset on disk, or one of several splits."""
    return (folder / MARK).is_file() or (folder / SPLITS).is_file()


class HfSource:
    """Reads a dataset on disk through memory maps; positions are row numbers.

    Args:
        path: The folder: a dataset, or of several splits the one that is meant.
        fields: Which columns make the task.
        limits: Not used; the rows are mapped, not read.

    Raises:
        MissingExtra: datasets is not installed.
        SourceError: It is no such folder, or one of several splits.
    """

    def __init__(
        self, path: str, fields: Fields | None = None, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self.name = path
        self.limits = limits
        self.fields = fields if fields is not None else Fields()
        self._folder = Path(path).expanduser()
        self.identity = str(self._folder.absolute())
        if (self._folder / SPLITS).is_file():
            splits = sorted(each.parent.name for each in self._folder.glob(f"*/{MARK}"))
            raise SourceError(
                f"it has the splits {', '.join(splits)}", where=path, hint=f"Name one: {path}/..."
            )
        if not (self._folder / MARK).is_file():
            raise SourceError("this is no dataset on disk", where=path)
        need("datasets", "hf", path)
        try:
            self._data: Any = import_module("datasets").load_from_disk(str(self._folder))
        except Exception as error:
            # pyarrow, json and datasets each have errors of their own here.
            raise SourceError(f"it cannot be read ({type(error).__name__})", where=path) from None

        self._class_names = class_names(self._data.features.to_dict())
        columns = self._data.column_names
        self._exported = self.fields.text_field is None and is_export(columns)
        self._reader = None
        if not self._exported:
            self._reader = record_reader(columns, self._records, self.fields, f"{path}/")
        # Several rows of one record share a place.
        self.seekable = self._reader is None

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield the rows from `start` on."""
        yield from record_rows(self._records(start.offset), start, self.fields, self._expand)

    def _records(self, start: int) -> Iterator[dict[str, Any]]:
        for number in range(start, len(self._data)):
            yield named_record(self._data[number], self._class_names, self.fields)

    def _expand(self, data: dict[str, Any], notices: list[str]) -> Iterable[Task | TaskError]:
        if self._reader is not None:
            return self._reader.expand(data, notices)
        return [as_task(data) if self._exported else data]

    @property
    def told(self) -> str:
        """What people should know of how its rows are read; empty for nothing."""
        return getattr(self._reader, "told", "")

    def fingerprint(self, at: Position) -> Fingerprint:
        """Return what to remember: the dataset's own fingerprint."""
        mark = blake2b(str(self._data._fingerprint).encode(), digest_size=16).digest()
        return Fingerprint(1, len(self._data), 0, mark, mark, at.offset)

    def compare(self, stored: Fingerprint) -> SourceChange:
        """Compare the dataset with what was remembered."""
        if not stored.head:
            return SourceChange.UNKNOWN
        same = stored.head == self.fingerprint(START).head
        return SourceChange.SAME if same else SourceChange.CHANGED

    def size(self) -> int | None:
        """Return how many rows there are."""
        return len(self._data)

    def count(self) -> int | None:
        """Return how many rows there are."""
        return len(self._data)
