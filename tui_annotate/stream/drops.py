"""Rows that became no task, as ranges, held back until the cursor has passed them.

A drop is written in the transaction that moves the cursor past it, so a resume, which starts at
the cursor, never lists a row twice.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import replace

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.records import Drop, DropKind

LISTED = 1_000
"""Ranges that are held back one by one in any case. Where there are many more, rows with one reason
are joined: a file of millions of bad rows needs no memory for each, nor a record in the store."""

_DETAILS = 50
"""So many details of one reason stay apart when rows are joined."""

OF_FIRST = "the first of them: "
"""What stands before the detail of the first of several rows that have others."""


class RowPlace(NamedTuple):
    """Where a row stands, or where several stand that follow one another.

    Attributes:
        row: Its number, from 1; of several the first one's.
        first_line, last_line: Its lines in the source, from 1, both included.
        held: It is a last row without a newline, which no cursor passes.
        rows: How many rows these are.
    """

    row: int
    first_line: int
    last_line: int
    held: bool = False
    rows: int = 1

    @property
    def last_row(self) -> int:
        """The number of the last row."""
        return self.row + self.rows - 1


class _Range:
    """A drop that may still grow: the first row's, and where it ends now."""

    __slots__ = ("count", "detail", "drop", "last_line", "last_row")

    def __init__(self, drop: Drop) -> None:
        self.drop = drop
        self.last_row, self.last_line, self.count = drop.last_row, drop.last_line, drop.count
        self.detail = drop.detail

    def grow(self, last_row: int, last_line: int, count: int, detail: str) -> None:
        """Take in rows behind it; where their details differ, that of the first one stays."""
        if last_row > self.last_row:
            self.last_row = last_row
        if last_line > self.last_line:
            self.last_line = last_line
        self.count += count
        if detail != self.detail:
            self.detail = joined_detail(self.detail, detail)

    def closed(self) -> Drop:
        """Return it as it is now."""
        if self.count == self.drop.count:
            return self.drop
        return replace(
            self.drop,
            last_row=self.last_row,
            last_line=self.last_line,
            count=self.count,
            detail=self.detail,
        )


def joined_detail(first: str, further: str) -> str:
    """Return what is said of rows that were dropped for one reason, but with other details."""
    if first == further or first.startswith(OF_FIRST):
        return first
    return f"{OF_FIRST}{first}"


class DropList:
    """Drops that have not been written yet; neighbours with one reason become a range.

    Args:
        in_flight: Gives the numbers of the rows in flight. Ranges with gaps reach over no such
            row, so that the cursor passes all of a range at once.

    Attributes:
        ranges: What is held back; empty for most sources at most times.
    """

    def __init__(self, in_flight: Callable[[], Iterable[int]] = tuple) -> None:
        self.ranges: list[_Range] = []
        self._open: dict[tuple[DropKind, str, str], int] = {}
        self._in_flight = in_flight
        self._most = 2 * LISTED
        self._passed = -1

    def __len__(self) -> int:
        return len(self.ranges)

    def add(self, kind: DropKind, reason: str, place: RowPlace, detail: str = "") -> None:
        """List one row, or bad ones that follow one another. Bad rows stand alone; others join a
        range that ends before them. Of many all are joined."""
        key = (kind, reason, detail)
        index = self._open.get(key)
        self._passed = -1
        if index is not None and kind != "bad" and not place.held:
            last = self.ranges[index]
            if 0 <= place.row - last.last_row <= 1:
                last.grow(place.last_row, place.last_line, place.rows, detail)
                return
        if kind != "bad" and not place.held:
            self._open[key] = len(self.ranges)
        lines = (place.first_line, place.last_line)
        drop = Drop(kind, reason, place.row, place.last_row, *lines, place.rows, detail)
        self.ranges.append(_Range(drop))
        if len(self.ranges) > self._most:
            self._join()

    def _join(self) -> None:
        """Join all ranges but the first ones that have one reason and no row in flight between
        them."""
        flight = sorted(self._in_flight())
        apart = self._told_apart()
        ranges = sorted(self.ranges, key=lambda each: each.drop.first_row)
        self.ranges = ranges[:LISTED]
        found: dict[tuple[DropKind, str, str, int], _Range] = {}
        for each in ranges[LISTED:]:
            drop, place = each.drop, bisect_left(flight, each.drop.first_row)
            if each.last_row in flight[place : place + 1]:
                self.ranges.append(each)  # a remark on a row that is still to be answered
                continue
            detail = each.detail if (drop.kind, drop.reason) in apart else ""
            first = found.setdefault((drop.kind, drop.reason, detail, place), each)
            if first is each:
                self.ranges.append(each)
            else:
                first.grow(each.last_row, each.last_line, each.count, each.detail)
        self._number()
        # Those that rows in flight keep apart are looked at again once they are twice as many.
        self._most = 2 * max(LISTED, len(self.ranges))

    def _told_apart(self) -> set[tuple[DropKind, str]]:
        """Return the reasons whose details are few: rows with another detail are not joined then.

        Whose cohort a row is for stands there, and who joins that cohort gets the row by it.
        """
        found: dict[tuple[DropKind, str], set[str]] = {}
        for each in self.ranges:
            details = found.setdefault((each.drop.kind, each.drop.reason), set())
            if len(details) <= _DETAILS:
                details.add(each.detail)
        few = {reason for reason, details in found.items() if len(details) <= _DETAILS}
        return {reason for reason in few if reason[0] == "policy"}

    def _number(self) -> None:
        """Note anew which ranges may grow."""
        drops = (each.drop for each in self.ranges)
        self._open = {(d.kind, d.reason, d.detail): i for i, d in enumerate(drops)}

    def take(self, rows: int) -> list[Drop]:
        """Remove and return the drops among the first `rows` rows of the source, in their order."""
        if rows == self._passed:
            return []
        taken = [each.closed() for each in self.ranges if each.last_row <= rows]
        self.ranges = [each for each in self.ranges if each.last_row > rows]
        self._number()
        self._most = 2 * LISTED
        self._passed = rows
        return sorted(taken, key=lambda drop: drop.first_row)

    def give_back(self, drops: Iterable[Drop]) -> None:
        """List drops again whose writing has failed."""
        self.ranges.extend(map(_Range, drops))
        self._passed = -1
