"""Rows that became no task, as ranges, held back until the cursor has passed them.

A drop is written in the transaction that moves the cursor past it, so a resume, which starts at
the cursor, never lists a row twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.records import Drop, DropKind


class RowPlace(NamedTuple):
    """Where a row stands.

    Attributes:
        row: Its number, from 1.
        first_line, last_line: Its lines in the source, from 1, both included.
        held: It is a last row without a newline, which no cursor passes.
    """

    row: int
    first_line: int
    last_line: int
    held: bool = False


class _Range:
    """A drop that may still grow: the first row's, and where it ends now."""

    __slots__ = ("count", "drop", "last_line", "last_row")

    def __init__(self, drop: Drop) -> None:
        self.drop = drop
        self.last_row, self.last_line, self.count = drop.last_row, drop.last_line, drop.count

    def closed(self) -> Drop:
        """Return it as it is now."""
        if self.count == self.drop.count:
            return self.drop
        return replace(
            self.drop, last_row=self.last_row, last_line=self.last_line, count=self.count
        )


class DropList:
    """Drops that have not been written yet; neighbours with one reason become a range."""

    def __init__(self) -> None:
        self._ranges: list[_Range] = []
        self._open: dict[tuple[DropKind, str, str], int] = {}
        self._passed = -1

    def __len__(self) -> int:
        return len(self._ranges)

    def add(self, kind: DropKind, reason: str, place: RowPlace, detail: str = "") -> None:
        """List one row. Bad rows stand alone; others join a range that ends before them."""
        key = (kind, reason, detail)
        index = self._open.get(key)
        self._passed = -1
        if index is not None and kind != "bad" and not place.held:
            last = self._ranges[index]
            if 0 <= place.row - last.last_row <= 1:
                last.last_row, last.last_line = place.row, place.last_line
                last.count += 1
                return
        if kind != "bad" and not place.held:
            self._open[key] = len(self._ranges)
        lines = (place.first_line, place.last_line)
        self._ranges.append(_Range(Drop(kind, reason, place.row, place.row, *lines, 1, detail)))

    def take(self, rows: int) -> list[Drop]:
        """Remove and return the drops among the first `rows` rows of the source, in their order."""
        if rows == self._passed or not self._ranges:
            return []
        taken = [each.closed() for each in self._ranges if each.last_row <= rows]
        self._ranges = [each for each in self._ranges if each.last_row > rows]
        drops = (each.drop for each in self._ranges)
        self._open = {(d.kind, d.reason, d.detail): i for i, d in enumerate(drops)}
        self._passed = rows
        return sorted(taken, key=lambda drop: drop.first_row)

    def give_back(self, drops: Iterable[Drop]) -> None:
        """List drops again whose writing has failed."""
        self._ranges.extend(map(_Range, drops))
        self._passed = -1
