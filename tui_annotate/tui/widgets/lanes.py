"""Spans as lanes: under each row of text, labels in letters that begin exactly below their spans.

The lanes of a text that is being labelled are there from the start, so that labelling moves no row.
Spans for which there is no lane of their own share the last one. A name runs on over free cells
beside its span, up to where the next one begins.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Protocol

from rich.style import Style

from tui_annotate.editors.base import kept_ends
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.safe import safe
from tui_annotate.text.short_labels import ShortLabels
from tui_annotate.text.width import USUAL, TerminalWidths, cell_width, glyphs
from tui_annotate.text.wrap import Cell, Layout
from tui_annotate.tui.widgets.cells import Run, blank, glyph_run


class SpanLike(Protocol):
    """A labelled range of code points, `end` exclusive."""

    @property
    def start(self) -> int:
        """The first code point."""

    @property
    def end(self) -> int:
        """Behind the last code point."""

    @property
    def label(self) -> str:
        """The label's name."""


class Art(NamedTuple):
    """What lanes are drawn with: corners, a line, a line cut by the edge of a row, and what stands
    for letters that are left out."""

    left: str
    line: str
    right: str
    cut: str
    more: str


PROPOSED = "?"
"""Ends the name of what is only proposed."""

BOX = Art("└", "─", "┘", "┄", "…")
ASCII = Art("[", "-", "]", ".", "~")


class SpanIndex:
    """Spans in order, found by the range of code points they touch."""

    def __init__(self, spans: Iterable[SpanLike] = ()) -> None:
        self.spans = sorted(spans, key=lambda s: (s.start, -s.end, s.label))
        self._starts = [span.start for span in self.spans]
        self._furthest = list(accumulate((span.end for span in self.spans), max))

    def renewed(self, spans: Sequence[SpanLike]) -> SpanIndex:
        """Return the index of other spans, which takes over what it has of those that are the same
        in front of the others and behind them.

        Args:
            spans: In order, as editors have them; if they are not, all is put in order anew.
        """
        old = self.spans
        first, last = kept_ends(old, spans)
        between = spans[first : len(spans) - last]
        seam = [*old[:first][-1:], *between, *old[len(old) - last :][:1]]
        keys = [(each.start, -each.end, each.label) for each in seam]
        if keys != sorted(keys):
            return SpanIndex(spans)
        index, behind = SpanIndex(), len(old) - last
        index.spans = list(spans)
        starts = (each.start for each in between)
        index._starts = [*self._starts[:first], *starts, *self._starts[behind:]]
        furthest = self._furthest[:first]
        end = furthest[-1] if furthest else 0
        for each in between:
            end = max(end, each.end)
            furthest.append(end)
        for at in range(behind, len(old)):
            end = max(end, old[at].end)
            if end == self._furthest[at]:
                furthest += self._furthest[at:]  # from here on nothing else reaches further
                break
            furthest.append(end)
        index._furthest = furthest
        return index

    def touching(self, start: int, end: int) -> list[SpanLike]:
        """Return the spans that share a code point with `start` to `end`, in order."""
        last = bisect_left(self._starts, end)
        first = bisect_right(self._furthest, start, hi=last)
        return [span for span in self.spans[first:last] if span.end > start]

    def overlaps(self) -> list[tuple[int, int]]:
        """Return the ranges in which spans overlap; empty where they never do."""
        found = []
        for before, span in zip(self._furthest, self.spans[1:], strict=False):
            if span.start < before:
                found.append((span.start, min(before, span.end)))
        return found


def assign(spans: Iterable[SpanLike], most: int = 0) -> list[list[SpanLike]]:
    """Distribute ordered spans over as few lanes as keep them apart; at least one lane.

    Args:
        spans: The spans, in the order of `SpanIndex`.
        most: How many lanes there may be: the last one takes all spans for which there is no lane
            of their own, so those in it may overlap. 0 for as many as are needed.
    """
    lanes: list[list[SpanLike]] = [[]]
    ends = [0]
    for span in spans:
        at = next((at for at, end in enumerate(ends) if end <= span.start), None)
        if at is None and len(lanes) == most:
            at = most - 1
        if at is None:
            lanes.append([span])
            ends.append(span.end)
        else:
            lanes[at].append(span)
            ends[at] = max(ends[at], span.end)
    return lanes


def sharing(lane: Iterable[SpanLike]) -> list[list[SpanLike]]:
    """Put the spans of a lane that overlap together, in their order."""
    groups: list[list[SpanLike]] = []
    end = 0
    for span in lane:
        if groups and span.start < end:
            groups[-1].append(span)
        else:
            groups.append([span])
        end = max(end, span.end)
    return groups


def extra_lanes(index: SpanIndex, layout: Layout) -> dict[int, int]:
    """Return, for each row that needs more than one lane, how many more."""
    extra: dict[int, int] = {}
    for start, end in index.overlaps():
        for row in range(layout.row_of(start), layout.row_of(max(start, end - 1)) + 1):
            if row not in extra:
                place = layout[row]
                extra[row] = len(assign(index.touching(place.start, place.end))) - 1
    return {row: count for row, count in extra.items() if count}


class LineMap:
    """Which row of text, and which part of it, stands on which line.

    Args:
        rows: Number of rows of text.
        height: Lines of a row: the text's own and its lane's, or 1 without lanes.
        extra: Further lanes by row.
    """

    def __init__(self, rows: int, height: int, extra: Mapping[int, int]) -> None:
        self.rows = rows
        self.height = height
        self._extra_rows = sorted(extra)
        self._extra = extra
        self._before = [0, *accumulate(extra[row] for row in self._extra_rows)]

    @property
    def total(self) -> int:
        """Number of lines."""
        return self.line_of(self.rows)

    def line_of(self, row: int) -> int:
        """Return the line of a row's text; of the row after the last one, the number of lines."""
        return row * self.height + self._before[bisect_left(self._extra_rows, row)]

    def height_of(self, row: int) -> int:
        """Return the number of lines of a row."""
        return self.height + self._extra.get(row, 0)

    def locate(self, line: int) -> tuple[int, int] | None:
        """Return row and part (0 is the text, 1 its first lane); None behind the end."""
        if not 0 <= line < self.total:
            return None
        row = bisect_right(range(self.rows), line, key=self.line_of) - 1
        return row, line - self.line_of(row)


class Stretch(NamedTuple):
    """Columns side by side that a range of code points takes in a row.

    Attributes:
        left: The first column.
        right: Behind the last column.
        backwards: Whether the text runs from right to left there.
    """

    left: int
    right: int
    backwards: bool = False


def stretches(cells: Sequence[Cell], start: int, end: int) -> list[Stretch]:
    """Return the columns that code points `start` to `end` take in a row, in text order.

    A grapheme belongs to the range if any of its code points does. Only where directions mix is
    there more than one stretch; where nothing is drawn there is none.
    """
    first = bisect_right(cells, start, key=_end)
    last = bisect_left(cells, end, key=_start)
    drawn = sorted((c for c in cells[first:last] if c.width), key=_column)
    groups: list[list[Cell]] = []
    for cell in drawn:
        if groups and groups[-1][-1].column + groups[-1][-1].width == cell.column:
            groups[-1].append(cell)
        else:
            groups.append([cell])
    groups.sort(key=lambda group: min(cell.start for cell in group))
    return [_stretch(group) for group in groups]


def _stretch(group: Sequence[Cell]) -> Stretch:
    first, last = min(group, key=_start), max(group, key=_start)
    right = group[-1].column + group[-1].width
    return Stretch(group[0].column, right, first.column > last.column)


def _column(cell: Cell) -> int:
    return cell.column


def _start(cell: Cell) -> int:
    return cell.start


def _end(cell: Cell) -> int:
    return cell.end


class LaneMark(NamedTuple):
    """A part of a span in one row.

    Attributes:
        left: Its first column.
        right: Behind its last column.
        name: The label.
        style: How it looks.
        cut_left: The span goes on at the left of it.
        cut_right: The span goes on at the right of it.
        inner: Labels of the spans that share the place with it.
    """

    left: int
    right: int
    name: str
    style: Style
    cut_left: bool = False
    cut_right: bool = False
    inner: tuple[str, ...] = ()


def lane_runs(
    marks: Iterable[LaneMark],
    art: Art,
    drawing: TerminalWidths = USUAL,
    short: ShortLabels | None = None,
    width: int = 0,
) -> list[Run]:
    """Return one lane as runs from column 0 on.

    Args:
        marks: From left to right.
        art: What brackets are drawn with.
        drawing: How the terminal draws.
        short: The short forms of names.
        width: Cells that the last name may run on to, where they are behind its span.
    """
    short = short or ShortLabels()
    runs: list[Run] = []
    column = 0
    placed = list(marks)
    for number, mark in enumerate(placed):
        free = placed[number + 1].left if number + 1 < len(placed) else max(width, mark.right)
        run = glyph_run(_glyphs(mark, free - mark.left, art, drawing, short), mark.style)
        runs += [blank(mark.left - column), run]
        column = mark.left + run.width
    return runs


def _glyphs(
    mark: LaneMark, room: int, art: Art, drawing: TerminalWidths, short: ShortLabels
) -> list[tuple[str, int]]:
    """Return a bracket with what stands for the name: as wide as the span, or wider, in `room`
    cells, where the name is.

    Letters say more than the bracket's right end, which gives way to them:

        └PER───┘    of a span of eight cells
        └PERSON     of one of four cells, with room beside it
        └PE┄        of one of four cells that goes on in the next row
        P           in a room of one cell
    """
    width = mark.right - mark.left
    left = (art.cut if mark.cut_left else art.left, 1)
    right = (art.cut if mark.cut_right else art.right, 1)

    def name_in(cells: int) -> list[tuple[str, int]]:
        return glyphs(_shared_name(mark, cells, art, drawing, short), drawing)

    if room == 1:
        return name_in(1) or [left]
    name = name_in(room - 1)
    free = width - 1 - sum(cells for _, cells in name)
    if free <= 0 and mark.cut_right and width > 2:
        name = name_in(width - 2)
        free = width - 1 - sum(cells for _, cells in name)
    if free <= 0:
        return [left, *name]
    return [left, *name, *[(art.line, 1)] * (free - 1), right]


def _shared_name(
    mark: LaneMark, room: int, art: Art, drawing: TerminalWidths, short: ShortLabels
) -> str:
    """Return what stands for a label and those that share its place: `ROLE>ORG`, or `ROLE+1`."""
    if not mark.inner or not mark.name:
        return short_name(mark.name, room, art, drawing, short)
    if len(mark.inner) == 1:
        both = safe(f"{mark.name}>{mark.inner[0]}")
        if cell_width(both, drawing) <= room:
            return both
    more = f"+{len(mark.inner)}"
    outer = short_name(mark.name, room - len(more), art, drawing, short)
    if outer:
        return outer + more
    counted = f"+{len(mark.inner) + 1}"
    return counted if len(counted) <= room else ""


def short_name(
    name: str, room: int, art: Art, drawing: TerminalWidths, short: ShortLabels, *, end: str = ""
) -> str:
    """Return what stands for the name of a span or proposal in `room` cells; empty if nothing can.

    The question mark of a proposal stays: without it, it would look like a span.

    Args:
        name: The label; that of a proposal ends in a question mark.
        room: Cells that there are.
        art: Gives the sign for what is left out.
        drawing: How the terminal draws.
        short: The short forms of the job's labels.
        end: One cell's sign for an end that is left out; empty for none.
    """
    if room < 1 or not name.endswith(PROPOSED):
        return short.fit(name, room, drawing, end=end, middle=art.more)
    label = name.removesuffix(PROPOSED)
    return short.fit(label, room - 1, drawing, end=end, middle=art.more) + PROPOSED
