"""The base of readers that parse whole documents; the position of a record is its number in the
file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.base import START, BadRow, Fingerprint, Position, Row, SourceChange
from tui_annotate.sources.encodings import decode_whole
from tui_annotate.sources.line_source import FileSource
from tui_annotate.sources.numbered_source import compare_whole, whole_fingerprint


class ParsedRecord(NamedTuple):
    """One record: its fields, or what is wrong with it, and remarks on it."""

    data: dict[str, Any]
    notices: tuple[str, ...] = ()
    problem: TaskError | None = None


class ParsedSource(FileSource, ABC):
    """A file that is parsed from its start; a session skips the records before its place.

    `offset` is the number of records before a position, and behind the last one the file's size.
    """

    @abstractmethod
    def parsed(self, reader: BinaryIO) -> Iterator[ParsedRecord]:
        """Yield the records of the file.

        Raises:
            TaskError: Nothing more can be read from here on; it becomes the last record.
        """

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield the records from `start` on."""
        size = self.file.size()
        if size is not None and start.offset >= size:
            return
        waiting: Row | BadRow | None = None
        row = start.row
        with self.file.reader() as reader:
            for number, each in enumerate(islice(self._all(reader), start.offset, None)):
                if waiting is not None:
                    yield waiting
                at = start.offset + number
                before, after = Position(row, 0, at), Position(row + 1, 0, at + 1)
                waiting = self._record(each, before, after)
                row += 1
        if waiting is not None:
            end = max(waiting.end.offset, size or 0)
            yield waiting._replace(end=Position(row, 0, end))

    def _all(self, reader: BinaryIO) -> Iterator[ParsedRecord]:
        number = 0
        try:
            for number, each in enumerate(self.parsed(reader), 1):  # noqa: B007
                yield each
            if not number:
                raise TaskError("there is no text in it", reason="empty-input")
        except TaskError as error:
            yield ParsedRecord({}, (), error)

    def _record(self, each: ParsedRecord, before: Position, after: Position) -> Row | BadRow:
        keys = tuple(each.data)
        notices = list(each.notices)
        try:
            if each.problem is not None:
                raise each.problem
            return Row(self.fields.apply(each.data, notices), before, after, tuple(notices))
        except TaskError as error:
            return BadRow(error.reason, error.what, before, after, keys)

    def count(self) -> int | None:
        """Count the records, bad ones included, by reading the file; None for a pipe."""
        return sum(1 for _ in self.rows()) if self.seekable else None

    def fingerprint(self, at: Position) -> Fingerprint:
        """Return what to remember of the file: its size, time, and both ends."""
        return whole_fingerprint(self.file, at)

    def compare(self, stored: Fingerprint) -> SourceChange:
        """Compare the file with what was remembered; such files change as a whole only."""
        return compare_whole(self.fingerprint(Position(offset=stored.offset)), stored)

    def whole(self, reader: BinaryIO) -> bytes:
        """Return the whole file.

        Raises:
            TaskError: `too-long`: it has more bytes than one record may have.
        """
        data = reader.read(self.limits.max_line + 1)
        if len(data) > self.limits.max_line:
            raise TaskError(f"longer than {self.limits.max_line:,} bytes", reason="too-long")
        return data

    def whole_text(self, reader: BinaryIO) -> str:
        """Return the whole file as text.

        Raises:
            TaskError: `too-long`, `not-utf8`.
        """
        return decode_whole(self.whole(reader), self.file)


def collect(make: Any, *arguments: Any, **named: Any) -> ParsedRecord:
    """Return what `make(*arguments, notices, **named)` makes, as a record; its errors become the
    problem."""
    notices: list[str] = []
    try:
        return ParsedRecord(make(*arguments, notices, **named), tuple(notices))
    except TaskError as error:
        return ParsedRecord({}, tuple(notices), error)
