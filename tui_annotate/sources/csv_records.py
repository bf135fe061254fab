"""Records of a CSV file in its bytes: lines that quotes hold together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from tui_annotate.errors import TaskError
from tui_annotate.sources.base import Position
from tui_annotate.sources.files import ByteLine, lines

_CLOSED = re.compile(r'"(?:[^"]|"")*"')
_DOUBLED = re.compile(r'"(?:[^"]|"")*""(?:[^"]|"")*"')


@dataclass(frozen=True, slots=True)
class CsvRecord:
    """Bytes of one record and the positions around it; `problem` is why they are none."""

    data: bytes
    start: Position
    end: Position
    whole: bool = True
    problem: TaskError | None = None


class LineFeed:
    """Lines of a reader, some of which can be given back.

    Args:
        reader: A reader that stands at a line's start.
        offset: Where that is, in bytes.
        limit: The longest line, in bytes.
    """

    def __init__(self, reader: BinaryIO, offset: int, limit: int) -> None:
        self._lines = lines(reader, offset, limit)
        self._back: list[ByteLine] = []

    def take(self) -> ByteLine | None:
        """Return the next line, None at the end."""
        return self._back.pop() if self._back else next(self._lines, None)

    def give_back(self, taken: list[ByteLine]) -> None:
        """Make `taken`, in the order in which it was taken, the next lines."""
        self._back.extend(reversed(taken))


class OpenQuotes:
    """Whether a quoted field is open, by the rules of the `csv` module.

    A quote opens a field only at its start; inside, two quotes stand for one.
    """

    def __init__(self, delimiter: str) -> None:
        self._opening = delimiter.encode() + b'"'
        self._open = False
        self._at_start = True

    def open_after(self, data: bytes) -> bool:
        """Pass one line of the record; tell whether the record goes on in the next one."""
        at = 0
        if self._at_start:
            self._at_start = False
            self._open = data.startswith(b'"')
            at = int(self._open)
        while True:
            found = data.find(b'"' if self._open else self._opening, at)
            if found < 0:
                return self._open
            if not self._open:
                self._open, at = True, found + 2
            elif data[found + 1 : found + 2] == b'"':
                at = found + 2
            else:
                self._open, at = False, found + 1


class NoQuotes:
    """The same for a file whose quotes are letters as others, and whose records are lines."""

    def open_after(self, _data: bytes) -> bool:
        """Return False: no record goes on in the next line."""
        return False


def has_loose_quote(line: str, width: int) -> bool:
    """Tell whether a line of a table with tabs has all its cells, and a quote at the start of one
    that does not hold it together: `"Yes" he said`, or a quote that nothing closes."""
    if line.count("\t") != width - 1:
        return False
    cells = line.rstrip("\r\n").split("\t")
    return any(each.startswith('"') and not _CLOSED.fullmatch(each) for each in cells)


def quotes_are_letters(lines: Iterable[str], width: int) -> bool:
    """Tell whether quotes in a table with tabs are letters as others, as data sets have them whose
    programs write no quotes of their own.

    Args:
        lines: The first lines.
        width: The number of its columns.
    """
    loose = protecting = 0
    for line, following in pairwise((*lines, "")):
        if '"' not in line:
            continue
        cells = line.rstrip("\r\n").split("\t")
        if any(map(_DOUBLED.fullmatch, cells)):
            protecting += 1
        # Text that a quote holds together may go on in the next line, which then has other cells.
        elif has_loose_quote(line, width):
            loose += not following or following.count("\t") == width - 1
    return loose > protecting
