"""The base of readers of one record a line; a format adds only how a line is parsed."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator
from typing import Any, BinaryIO

from tui_annotate.errors import TaskError
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
from tui_annotate.sources.compressed import open_file
from tui_annotate.sources.encodings import explain
from tui_annotate.sources.files import ByteLine, lines, skip_bom
from tui_annotate.sources.text_field import Fields, guess_text


class FileSource:
    """A source that is one file. Formats implement `rows` and `count`.

    Args:
        path: A path, or `-` for standard input.
        fields: Which fields make the task.
        limits: What is refused.

    Raises:
        SourceError: Where the file is missing, empty, a directory, or may not be read.
    """

    binary = False
    """Whether the file is no text, so that no encoding is meant."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        fields: Fields | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.fields = fields if fields is not None else Fields()
        self.file = open_file(path, None if self.binary else self.fields.encoding)
        self.limits = limits

    @property
    def name(self) -> str:
        """What people call it: the path as given."""
        return self.file.name

    @property
    def identity(self) -> str:
        """What the store calls it: the absolute path, or `-`."""
        return self.file.identity

    @property
    def seekable(self) -> bool:
        """Whether it is a plain file."""
        return self.file.seekable

    def fingerprint(self, at: Position) -> Fingerprint:
        """Return what to remember of the source beside the position `at`."""
        return self.file.fingerprint(at)

    def compare(self, stored: Fingerprint) -> SourceChange:
        """Compare the source as it was when opened with what was remembered."""
        return self.file.compare(stored)

    def size(self) -> int | None:
        """Return the size in bytes; None for a pipe."""
        return self.file.size()


class LineSource(FileSource, ABC):
    """One record a line; blank lines give nothing."""

    @abstractmethod
    def parse(self, data: bytes, notices: list[str]) -> dict[str, Any]:
        """Return the fields of one line, adding remarks to `notices`.

        Raises:
            TaskError: Where the line holds no record.
        """

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield the records from `start` on, in constant memory."""
        with self.file.reader(start.offset) as reader:
            offset = start.offset + (0 if start.offset else skip_bom(reader))
            yield from self.records(reader, Position(start.row, start.line, offset))

    def records(
        self, reader: BinaryIO, before: Position
    ) -> Generator[Row | BadRow, None, Position]:
        """Yield the records that a reader gives, and return the position behind its last line.

        Args:
            reader: A reader that stands at a line's start.
            before: The position of that line.
        """
        make = tuple.__new__  # what `Position(...)` ends in, without a call for each line
        for line in lines(reader, before.offset, self.limits.max_line):
            row, number, _ = before
            data, end, _ = line
            if data is not None and data.isspace():
                before = Position(row, number + 1, end)
                continue
            after = make(Position, (row + 1, number + 1, end))
            yield self._record(line, before, after)
            before = after
        return before

    def count(self) -> int | None:
        """Count the records, bad ones included, by reading the file; None for a pipe."""
        if not self.seekable:
            return None
        with self.file.reader() as reader:
            offset = skip_bom(reader)
            return sum(not line.blank for line in lines(reader, offset, self.limits.max_line))

    def _record(self, line: ByteLine, before: Position, after: Position) -> Row | BadRow:
        if not line.whole:
            after = before
        if line.data is None:
            detail = f"longer than {self.limits.max_line:,} bytes"
            return BadRow("too-long", detail, before, after)
        data: dict[str, Any] = {}
        keys: tuple[str, ...] = ()
        notices: list[str] = []
        try:
            data = self.parse(line.content, notices)
            keys = tuple(data)
            return Row(self.fields.apply(data, notices), before, after, tuple(notices))
        except TaskError as error:
            if not line.whole:
                detail = f"the last line has no newline and is no record yet ({error.what})"
                return BadRow("incomplete", detail, before, before, keys, guess_text(data))
            return self.refused(error, data, keys, before, after)

    def refused(
        self,
        error: TaskError,
        data: dict[str, Any],
        keys: tuple[str, ...],
        before: Position,
        after: Position,
    ) -> BadRow:
        """Return what is said of a whole record that cannot become a task.

        Args:
            error: Why it cannot.
            data: Its fields, as far as they were read.
            keys: Those that it came with.
            before: The position before it.
            after: The position behind it.
        """
        detail = explain(error, self.file)
        return BadRow(error.reason, detail, before, after, keys, guess_text(data))
