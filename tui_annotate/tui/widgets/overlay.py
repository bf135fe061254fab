"""What lies over a row of text for a while: the marks of points, and the letters of hints."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.wrap import Cell, TextRow
from tui_annotate.tui.widgets.lanes import PROPOSED, SpanLike

Range = tuple[int, int]


class Overlay(NamedTuple):
    """What an editor shows beside its spans, cursor and selection.

    Attributes:
        points: Code points of search hits and of the point arrived at, sorted.
        hints: Letters to be typed, by the offset they stand for.
        faint: Code points that cannot be chosen, sorted.
    """

    points: Sequence[Range] = ()
    hints: Mapping[int, str] = {}
    faint: Sequence[Range] = ()

    def points_in(self, row: TextRow) -> Sequence[Range]:
        """Return the points that touch a row."""
        return _touching(self.points, row)

    def faint_in(self, row: TextRow) -> Sequence[Range]:
        """Return what cannot be chosen in a row."""
        return _touching(self.faint, row)

    def hints_in(self, row: TextRow, cells: Sequence[Cell]) -> dict[int, tuple[int, str]]:
        """Return where hints are drawn in a row: from an offset to another, these letters.

        A hint takes as many graphemes as it needs cells, but not those of the next one; letters
        for which there is no room are left out.
        """
        if not self.hints:
            return {}
        drawn: dict[int, tuple[int, str]] = {}
        first = 0
        for index, cell in enumerate(cells):
            word = self.hints.get(cell.start)
            if word is None or index < first or not cell.width:
                continue
            first, width = index, 0
            while first < len(cells) and cells[first].width and width < len(word):
                beside = first == index or _beside(cells[first - 1], cells[first])
                if not beside or (first > index and cells[first].start in self.hints):
                    break
                width += cells[first].width
                first += 1
            drawn[cell.start] = (cells[first - 1].end, word[:width].ljust(width))
        return {offset: found for offset, found in drawn.items() if offset >= row.start}


def _touching(ranges: Sequence[Range], row: TextRow) -> Sequence[Range]:
    first = max(0, bisect_left(ranges, (row.start, 0)) - 1)
    last = bisect_left(ranges, (row.end, 0))
    return [each for each in ranges[first:last] if each[1] > row.start]


def _beside(one: Cell, other: Cell) -> bool:
    """Tell whether two cells that follow each other in the text do so on screen, either way."""
    return other.column in (one.column + one.width, one.column - other.width)


class Proposed(NamedTuple):
    """A proposal as it is drawn: as a span whose name ends in a question mark."""

    start: int
    end: int
    label: str


def with_proposals(spans: Sequence[SpanLike], proposals: Sequence[SpanLike]) -> Sequence[SpanLike]:
    """Return spans and proposals together in reading order; the spans as they are without any."""
    if not proposals:
        return spans
    shown = [Proposed(each.start, each.end, f"{each.label}{PROPOSED}") for each in proposals]
    return sorted((*spans, *shown), key=lambda each: (each.start, -each.end, each.label))
