"""What readers of tables have in common: their positions are row numbers, not bytes."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from tui_annotate.errors import MissingExtra, SourceError, TaskError
from tui_annotate.sources.base import START, BadRow, Fingerprint, Position, Row, SourceChange
from tui_annotate.sources.file_stream import SeekableBytes
from tui_annotate.sources.files import SourceFile
from tui_annotate.sources.line_source import FileSource
from tui_annotate.sources.our_exports import as_task


class NumberedSource(FileSource, ABC):
    """A file whose rows are numbered: `offset` is the number of rows before a position."""

    binary = True
    exported = False
    """Whether it is a table that `export` wrote, whose rows are tasks."""

    @abstractmethod
    def records(self, start: int) -> Iterator[dict[str, Any]]:
        """Yield the records from number `start` on, counted from 0."""

    @abstractmethod
    def count(self) -> int | None:
        """Return how many rows there are."""

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield the records from `start` on."""
        for number, data in enumerate(self.records(start.offset), start.offset):
            before, after = _at(number), _at(number + 1)
            keys = tuple(data)
            try:
                task = as_task(data) if self.exported else data
                notices: list[str] = []
                yield Row(self.fields.apply(task, notices), before, after, tuple(notices))
            except TaskError as error:
                yield BadRow(error.reason, error.what, before, after, keys)

    def size(self) -> int | None:
        """Return how many rows there are."""
        return self.count()

    def fingerprint(self, at: Position) -> Fingerprint:
        """Return what to remember of the file: its size, time, and both ends."""
        return whole_fingerprint(self.file, at)

    def compare(self, stored: Fingerprint) -> SourceChange:
        """Compare the file with what was remembered; such files change as a whole only."""
        return compare_whole(self.fingerprint(Position(offset=stored.offset)), stored)


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


def _at(number: int) -> Position:
    return Position(number, number, number)


def need(package: str, extra: str, where: str) -> None:
    """Raise `MissingExtra` where a package is not installed."""
    from importlib.util import find_spec

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
