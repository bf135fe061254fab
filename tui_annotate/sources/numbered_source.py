"""The base of readers of tables, in which the position of a row is its number and no byte.

Their values become values that JSON has.
"""

from __future__ import annotations

import io
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from tui_annotate.errors import MissingExtra, SourceError, TaskError
from tui_annotate.sources.base import START, BadRow, Fingerprint, Position, Row, SourceChange
from tui_annotate.sources.class_labels import Names, with_names
from tui_annotate.sources.files import SeekableBytes, SourceFile
from tui_annotate.sources.known_tables import ARGILLA_COLUMN, as_task, is_export
from tui_annotate.sources.line_source import FileSource
from tui_annotate.sources.text_field import Fields
from tui_annotate.task.schema import Task

if TYPE_CHECKING:
    from tui_annotate.sources.argilla import RecordReader
    from tui_annotate.sources.shaped_records import ShapedRecords

_LOOKED_AT = 100
_OF_TASKS = frozenset({"spans", "accept", "_view_id", "_input_hash"})
"""Columns of tables that hold tasks as they are."""


class NumberedSource(FileSource, ABC):
    """A file whose rows are numbered: `offset` is the number of rows before a position."""

    binary = True
    exported = False
    """Whether it is a table that `export` wrote, whose rows are tasks."""
    _reader: RecordReader | ShapedRecords | None = None

    @abstractmethod
    def records(self, start: int) -> Iterator[dict[str, Any]]:
        """Yield the records from number `start` on, counted from 0."""

    @abstractmethod
    def count(self) -> int | None:
        """Return how many rows there are."""

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield the records from `start` on."""
        yield from record_rows(self.records(start.offset), start, self.fields, self.expand)

    def expand(self, data: dict[str, Any], notices: list[str]) -> Iterable[Task | TaskError]:
        """Return the tasks that a record holds, one but for tables of several people.

        Raises:
            TaskError: It cannot be one.
        """
        if self._reader is not None:
            return self._reader.expand(data, notices)
        return [as_task(data) if self.exported else data]

    def look_at_columns(self, columns: Iterable[str]) -> None:
        """Find out by the columns whether it is a table of another program, or of ours."""
        names = tuple(columns)
        self.exported = self.fields.text_field is None and is_export(names)
        if not self.exported:
            self._reader = record_reader(names, self.records, self.fields, self.name)

    @property
    def told(self) -> str:
        """What people should know of how its rows are read; empty for nothing."""
        return getattr(self._reader, "told", "")

    @property
    def seekable(self) -> bool:
        """Whether a session can go on in it: each record makes one row."""
        return super().seekable and self._reader is None

    def size(self) -> int | None:
        """Return how many rows there are."""
        return self.count()

    def fingerprint(self, at: Position) -> Fingerprint:
        """Return what to remember of the file: its size, time, and both ends."""
        return whole_fingerprint(self.file, at)

    def compare(self, stored: Fingerprint) -> SourceChange:
        """Compare the file with what was remembered; such files change as a whole only."""
        return compare_whole(self.fingerprint(Position(offset=stored.offset)), stored)


def record_reader(
    columns: Iterable[str],
    records: Callable[[int], Iterator[dict[str, Any]]],
    fields: Fields,
    name: str,
) -> RecordReader | ShapedRecords | None:
    """Return what reads the rows of a table of another program; None for any other table.

    Args:
        columns: The names of its columns.
        records: Gives its rows from a number on; the first are looked at.
        fields: Which column makes the text.
        name: The file or folder.
    """
    names = tuple(columns)
    found = _argilla_reader(names, records(0), fields, name)
    if found is not None or not {*names}.isdisjoint(_OF_TASKS):
        return found
    # Loaded for tables of others only: each module costs a start.
    from tui_annotate.sources.shaped_records import shaped_records

    return shaped_records(records(0), fields)


def _argilla_reader(
    columns: Iterable[str], records: Iterator[dict[str, Any]], fields: Fields, name: str
) -> RecordReader | None:
    if not any(ARGILLA_COLUMN.search(each) for each in columns):
        return None
    # Loaded for such tables only: each module costs a start.
    from tui_annotate.sources.argilla import RecordReader, is_argilla, kinds_beside

    first = list(islice(records, _LOOKED_AT))
    if not any(is_argilla(dict.fromkeys(columns) | each) for each in first):
        return None
    reader = RecordReader(fields, kinds_beside(name))
    for each in first:
        # So that it knows what the questions are about before the first row.
        reader.look_at(each)
    return reader


def record_rows(
    records: Iterator[dict[str, Any]],
    start: Position,
    fields: Fields,
    expand: Callable[[dict[str, Any], list[str]], Iterable[Task | TaskError]],
) -> Iterator[Row | BadRow]:
    """Yield the rows that numbered records make.

    Args:
        records: The records from `start` on.
        start: Its `offset` is the number of the first one, counted from 0.
        fields: Which fields make the task.
        expand: Makes the tasks of a record, and remarks on them.
    """
    row = start.row
    for number, data in enumerate(records, start.offset):
        keys = tuple(data)
        notices: list[str] = []
        try:
            for found in expand(data, notices):
                before, after = Position(row, number, number), Position(row + 1, number, number + 1)
                row += 1
                yield _one_row(found, fields, before, after, keys, notices)
                notices.clear()
        except TaskError as error:
            before, after = Position(row, number, number), Position(row + 1, number, number + 1)
            row += 1
            yield BadRow(error.reason, error.what, before, after, keys)


def _one_row(
    found: Task | TaskError,
    fields: Fields,
    before: Position,
    after: Position,
    keys: tuple[str, ...],
    notices: list[str],
) -> Row | BadRow:
    try:
        if isinstance(found, TaskError):
            raise found
        return Row(fields.apply(found, notices), before, after, tuple(notices))
    except TaskError as error:
        return BadRow(error.reason, error.what, before, after, keys)


def whole_fingerprint(file: SourceFile, at: Position) -> Fingerprint:
    """Return what to remember of a file that changes as a whole only, beside a position in it."""
    size = file.size() or 0
    mark = file.fingerprint(Position(offset=size))
    return Fingerprint(mark.inode, size, mark.mtime_ns, mark.head, mark.tail, at.offset)


def compare_whole(now: Fingerprint, stored: Fingerprint) -> SourceChange:
    """Compare such a file with what was remembered: it is the same, or it has changed."""
    if not stored.head or not now.head:
        return SourceChange.UNKNOWN
    mine = (now.size, now.mtime_ns, now.head, now.tail)
    same = mine == (stored.size, stored.mtime_ns, stored.head, stored.tail)
    return SourceChange.SAME if same else SourceChange.CHANGED


def need(package: str, extra: str, where: str) -> None:
    """Raise `MissingExtra` where a package is not installed."""
    if find_spec(package) is None:
        raise MissingExtra(
            f"reading it needs {package}",
            where=where,
            hint=f"Install it with: pip install 'tui-annotate[{extra}]'",
        )


def openable(file: SourceFile) -> str | BinaryIO:
    """Return what other libraries read a file from: its path, or its bytes where it is remote.

    Raises:
        SourceError: It is a pipe, or a remote file that cannot seek.
    """
    if not file.seekable:
        raise SourceError("this format cannot be read from a pipe", where=file.name)
    if "://" not in file.name:
        return str(Path(file.name).expanduser())

    return io.BufferedReader(SeekableBytes(file))


def named_record(values: Mapping[str, Any], names: Names, fields: Fields) -> dict[str, Any]:
    """Return the columns of one row as a record, with the names of its classes.

    Args:
        values: Column -> value. One without a value is left out, unless it should hold a class.
        names: The names of the classes that are numbers.
        fields: How the table is read.
    """
    found = with_names(record(values), names)
    for field in fields.label_fields:
        if field in values:
            found.setdefault(field, None)
    return found


def plain(value: Any) -> Any:
    """Return a value as JSON has it: times and decimals as text, no NaN, no key without a value.

    Columns of a table have every key in every row, so one without a value was not there.
    """
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        pairs = ((str(key), plain(item)) for key, item in value.items())
        return {key: item for key, item in pairs if item is not None}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return None
    isoformat = getattr(value, "isoformat", None)
    if callable(isoformat):
        return isoformat()
    listed = getattr(value, "tolist", None)
    return plain(listed()) if callable(listed) else str(value)


def record(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of one row as a record; those without a value are left out."""
    found = plain(values)
    assert isinstance(found, dict)
    return found
