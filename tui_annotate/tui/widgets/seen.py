"""Which rows of a text have ever been on screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.widgets.lanes import LineMap

if TYPE_CHECKING:
    from tui_annotate.tui.widgets.blocks import Block


class RowsOnScreen(NamedTuple):
    """Which rows are on screen, counted from 1, both included, and how many there are."""

    first: int
    last: int
    rows: int


class SeenRows:
    """Rows that were on screen, kept over a change of the width."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._seen: set[int] = set()

    def add(self, row: int) -> None:
        """Note that a row is on screen."""
        self._seen.add(row)

    def note(self, lines: LineMap, first: int, count: int) -> None:
        """Note the rows whose text stands on some lines."""
        for line in range(first, first + count):
            place = lines.locate(line)
            if place is not None and place[1] == 0:
                self.add(place[0])

    def missing(self, after: int = -1) -> int:
        """Return how many rows after a row, or at all, have never been on screen."""
        later = sum(row > after for row in self._seen) if after >= 0 else len(self._seen)
        return len(self._layout) - 1 - after - later

    def missing_before(self, row: int) -> int:
        """Return how many rows before a row have never been on screen."""
        return row - sum(seen < row for seen in self._seen)

    def move_to(self, layout: Layout) -> None:
        """Take another layout, of the same text or of one that was changed in one place: a row is
        seen where all of its text was."""
        ranges = self._ranges()
        if layout.text is not self._layout.text:
            ranges = _moved(ranges, self._layout.text, layout.text)
        self._layout, self._seen = layout, set()
        for start, end in ranges:
            row = layout.row_of(start)
            if layout[row].start < start:
                row += 1
            while row < len(layout) and layout[row].end <= end:
                self._seen.add(row)
                row += 1

    def _ranges(self) -> list[tuple[int, int]]:
        """Return the code points of the seen rows as few ranges."""
        ranges: list[tuple[int, int]] = []
        for row in sorted(self._seen):
            start, end, _ = self._layout[row]
            if ranges and ranges[-1][1] == start:
                ranges[-1] = (ranges[-1][0], end)
            else:
                ranges.append((start, end))
        return ranges


def _moved(ranges: list[tuple[int, int]], old: str, new: str) -> list[tuple[int, int]]:
    """Return where ranges of a text are in one that begins and ends like it. What was written
    between was seen as it was written, within what was seen and at its end."""
    same, grown = _common(old, new), len(new) - len(old)

    def moved(offset: int) -> int:
        if offset == len(old):
            return len(new)
        return offset if offset <= same else max(same, offset + grown)

    return [(moved(start), moved(end)) for start, end in ranges]


def _common(one: str, other: str) -> int:
    """Return how many code points two texts begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def unseen_rows(
    blocks: Iterable[tuple[Block, int]], seen: Mapping[str, set[int]], line: int
) -> int:
    """Return how many rows of what is read, from a line on, were never on screen; a text that is
    there twice is counted once.

    Args:
        blocks: Paragraphs, with the line that each begins on.
        seen: The rows that were on screen, by the text.
        line: The line.
    """
    first: dict[str, tuple[int, int]] = {}
    for block, start in blocks:
        if not block.paragraph.content:
            continue
        text, rows = block.paragraph.text, block.rows
        row = block.first_row_from(line - start)
        before = first.get(text, (rows, rows))
        first[text] = (min(row, before[0]), max(rows, before[1]))
    return sum(
        rows - row - sum(row <= each < rows for each in seen.get(text, ()))
        for text, (row, rows) in first.items()
    )
