"""One row of text, its lanes, and what lies over it for a while, as strips.

The pieces of a row go where they belong: in the order of the screen, or in brackets.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from rich.style import Style

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.safe import safe
from tui_annotate.text.short_labels import ShortLabels
from tui_annotate.text.wrap import Cell, Layout, TextRow
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.cells import NULL, RowStrip, Run, blank, glyph_run
from tui_annotate.tui.widgets.folded_line import text_run
from tui_annotate.tui.widgets.lanes import (
    PROPOSED,
    Art,
    LaneMark,
    SpanIndex,
    SpanLike,
    assign,
    lane_runs,
    sharing,
    short_name,
    stretches,
)

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
        free = 0  # the first cell that no hint has taken
        for index, cell in enumerate(cells):
            word = self.hints.get(cell.start)
            if word is None or index < free or not cell.width:
                continue
            free, width = self._room(cells, index, len(word))
            drawn[cell.start] = (cells[free - 1].end, word[:width].ljust(width))
        return {offset: found for offset, found in drawn.items() if offset >= row.start}

    def _room(self, cells: Sequence[Cell], first: int, wanted: int) -> tuple[int, int]:
        """Return the place behind the cells that a hint takes, and how wide they are: they lie side
        by side, and the next hint begins in none of them."""
        behind, width = first + 1, cells[first].width
        while width < wanted and behind < len(cells):
            cell = cells[behind]
            if not (cell.width and _beside(cells[behind - 1], cell)) or cell.start in self.hints:
                break
            width += cell.width
            behind += 1
        return behind, width


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


MARGIN = 14
"""Cells at most for the labels beside the text in the compact mode."""

NARROW = 24
"""A text view narrower than this has no room for labels beside the text."""


def margin_width(width: int) -> int:
    """Return how many cells of a view go to the labels beside its text."""
    return min(MARGIN, width // 4) if width >= NARROW else 0


class RowStyle(NamedTuple):
    """How rows look.

    Attributes:
        theme: The styles.
        art: What lanes are drawn with.
        labels: Places of the labels in the job's list; others come after them.
        width: Cells of a row, with its margin.
        margin: Cells for labels at the right, in the compact mode.
        brackets: Spans stand in brackets, as their columns are up to the terminal.
        short: The short forms of the labels.
        lanes: How many lanes there are below each row, whatever spans there are; 0 for as many as
            the spans of the row need.
    """

    theme: Theme
    art: Art
    labels: Mapping[str, int]
    width: int = 1
    margin: int = 0
    brackets: bool = False
    short: ShortLabels = ShortLabels()
    lanes: int = 0

    def with_labels(self, labels: Iterable[str]) -> RowStyle:
        """Return the same look for other labels, in the order of their colours and numbers."""
        places = {label: place for place, label in enumerate(labels)}
        return self._replace(labels=places, short=ShortLabels(places))

    def with_brought(self, spans: Iterable[SpanLike], others: Iterable[str] = ()) -> RowStyle:
        """Return the same look with short forms that tell the labels of a task apart as well.

        Args:
            spans: The spans of the task, with what is proposed.
            others: Further labels that the task shows.
        """
        names = {span.label.removesuffix(PROPOSED) for span in spans}
        short = self.short.with_brought(names.union(others))
        return self if short is self.short else self._replace(short=short)

    def place(self, label: str) -> int:
        """Return a label's place; one that the job does not know has the same place always."""
        known = self.labels.get(label, self.labels.get(label.removesuffix(PROPOSED)))
        return len(self.labels) + sum(map(ord, label)) if known is None else known


class RowPainter:
    """Draws rows of one layout with the spans of one index."""

    def __init__(self, look: RowStyle, layout: Layout, index: SpanIndex) -> None:
        self._look = look
        self._layout = layout
        self._index = index
        self.overlay = Overlay()

    def draw(
        self,
        row: int,
        cursor: Range,
        selection: Range | None,
        focus: SpanLike | None,
        compact: bool,
    ) -> list[RowStrip]:
        """Return the strips of a row: its text, then its lanes; compact has no lanes."""
        place = self._layout[row]
        cells = self._layout.cells(row)
        spans = self._index.touching(place.start, place.end)
        look = self._look
        parts = self._text(place, cells, spans, cursor, selection)
        if self._layout.is_turned(row):
            text = RowStrip(in_columns(cells, parts))
        elif look.brackets:
            brackets = [Bracket(s.start, s.end, self._line(s, focus)) for s in spans]
            text = RowStrip(bracketed(cells, parts, brackets))
        else:
            text = RowStrip(part.run for part in parts)
        if compact:
            if look.margin:
                text = text.fit(look.width - look.margin)
                text = RowStrip([*text.runs, *self._margin(spans, focus)])
            return [text.fit(look.width)]
        lanes = [self._lane(place, cells, lane, focus) for lane in assign(spans, look.lanes)]
        return [strip.fit(look.width) for strip in (text, *lanes)]

    # Text

    def _text(
        self,
        place: TextRow,
        cells: Sequence[Cell],
        spans: Sequence[SpanLike],
        cursor: Range,
        selection: Range | None,
    ) -> Iterator[Part]:
        theme = self._look.theme
        points = self.overlay.points_in(place)
        faint = self.overlay.faint_in(place)
        hints = self.overlay.hints_in(place, cells)
        selected = [] if selection is None else [selection]
        edges = [cursor, *selected, *((s.start, s.end) for s in spans), *points, *faint]
        cuts = _around(_cuts(place, cells, edges), hints)
        # From what lasts to what is there for a moment: a later style lies over those before.
        layers = (faint, Role.DISABLED), (points, Role.POINT), (selected, Role.SELECTION)
        over = [(ranges, role) for ranges, role in layers if ranges]
        for start, end in pairwise(cuts):
            if start in hints:
                letters = Run(hints[start][1], theme[Role.KEY] + theme[Role.FOCUS])
                yield Part(start, end, letters, letters=True)
                continue
            style = self._style(start, end, spans)
            for ranges, role in over:
                if any(first < end and start < behind for first, behind in ranges):
                    style += theme[role]
            if cursor[0] < end and start < cursor[1]:
                style = self._under_cursor(style, start, end, spans)
            yield Part(start, end, self._run(start, end, cells, style))

    def _style(self, start: int, end: int, spans: Sequence[SpanLike]) -> Style:
        """Return the style of the innermost span; of several, underlined too.

        What is only proposed has no fill: nobody shall take it for something that will be saved.
        """
        theme = self._look.theme
        here = [span for span in spans if span.start < end and start < span.end]
        if not here:
            return theme[Role.TEXT]
        taken = [span for span in here if not isinstance(span, Proposed)]
        label = theme.label(self._look.place((taken or here)[-1].label))
        style = label.fill if taken else label.line + theme[Role.PROPOSED]
        return style + theme[Role.OVERLAP] if len(here) > 1 else style

    def _under_cursor(self, style: Style, start: int, end: int, spans: Sequence[SpanLike]) -> Style:
        """Return the style under the cursor: the same block on labels too, whose reversed colours
        would look like text without one."""
        theme = self._look.theme
        style = style.without_color + theme[Role.CURSOR]
        here = (span for span in spans if span.start < end and start < span.end)
        labelled = any(not isinstance(span, Proposed) for span in here)
        return style + theme[Role.LABELLED] if labelled else style

    def _run(self, start: int, end: int, cells: Sequence[Cell], style: Style) -> Run:
        shown = self._layout.shown(start, end)
        if shown.isascii():
            return Run(shown, style)
        first = bisect_left(cells, start, key=lambda cell: cell.start)
        last = bisect_left(cells, end, key=lambda cell: cell.start)
        drawn = [cell for cell in cells[first:last] if cell.width]
        return glyph_run([(self._layout.shown(c.start, c.end), c.width) for c in drawn], style)

    # Labels

    def _lane(
        self,
        place: TextRow,
        cells: Sequence[Cell],
        spans: Sequence[SpanLike],
        focus: SpanLike | None,
    ) -> RowStrip:
        groups = sharing(spans)
        marks = [mark for group in groups for mark in self._marks(place, cells, group, focus)]
        kept: list[LaneMark] = []
        look = self._look
        edge = 0
        for mark in sorted(marks, key=_left):
            # Spans that share a grapheme must not push the rest of the lane to the right.
            left, right = max(mark.left, edge), min(mark.right, look.width)
            if left < right:
                kept.append(mark._replace(left=left, right=right))
                edge = right
        return RowStrip(lane_runs(kept, look.art, self._layout.drawing, look.short, look.width))

    def _marks(
        self,
        place: TextRow,
        cells: Sequence[Cell],
        group: Sequence[SpanLike],
        focus: SpanLike | None,
    ) -> Iterator[LaneMark]:
        """Yield the parts of spans that share a place in a row; the widest one has their names."""
        outer = group[0]
        end = max(span.end for span in group)
        found = stretches(cells, outer.start, end)
        named = max(found, key=lambda each: each.right - each.left, default=None)
        style = self._line(next((span for span in group if span == focus), outer), focus)
        for number, each in enumerate(found):
            before = number > 0 or outer.start < place.start
            after = number < len(found) - 1 or end > place.end
            cut = (after, before) if each.backwards else (before, after)
            name = outer.label if each is named else ""
            inner = tuple(span.label for span in group[1:])
            yield LaneMark(each.left, each.right, name, style, *cut, inner)

    def _line(self, span: SpanLike, focus: SpanLike | None) -> Style:
        theme = self._look.theme
        style = theme.label(self._look.place(span.label)).line
        return style + theme[Role.FOCUS] if span == focus else style

    def _margin(self, spans: Sequence[SpanLike], focus: SpanLike | None) -> Iterator[Run]:
        """Yield the labels of a row in the order of its spans, and how many more there are; `>`
        stands before one whose span begins within another before it."""
        look, drawing = self._look, self._layout.drawing
        room = look.margin
        reach = 0  # where the spans named so far end
        for number, span in enumerate(spans):
            is_first, left = number == 0, len(spans) - number
            if not is_first:
                room -= 1  # for what parts it from the name before it
            if room <= 0:
                return
            limit = room - (len(f" +{left - 1}") if left > 1 else 0)
            name = short_name(span.label, limit, look.art, drawing, look.short, end=look.art.more)
            # A name cut short tells less than how many there are; but the first is always named,
            # and of a single one that is left its number would tell nothing.
            is_cut = not is_first and left > 1 and name != safe(span.label)
            is_counted = not name or is_cut
            if not is_first:
                is_within = span.start < reach and not is_counted
                yield Run(">", look.theme[Role.FAINT]) if is_within else blank(1)
            if is_counted:
                has_focus = focus in spans[number:]
                yield Run(f"+{left}"[:room], look.theme[Role.FOCUS] if has_focus else NULL)
                return
            run = text_run(name, self._line(span, focus), drawing)
            yield run
            room, reach = room - run.width, max(reach, span.end)


def _left(mark: LaneMark) -> int:
    return mark.left


def _around(cuts: list[int], hints: Mapping[int, tuple[int, str]]) -> list[int]:
    """Return the cuts with those at both ends of each hint, and without those within one."""
    if not hints:
        return cuts
    within = {offset for start, (end, _) in hints.items() for offset in range(start + 1, end)}
    ends = {end for end, _ in hints.values()}
    return sorted((set(cuts) - within) | hints.keys() | ends)


def _cuts(place: TextRow, cells: Sequence[Cell], ranges: Sequence[Range]) -> list[int]:
    """Return where the style may change in a row: its ends, and starts of graphemes within."""
    cuts = {place.start, place.end}
    for offset in {edge for pair in ranges for edge in pair}:
        if place.start < offset < place.end:
            cell = cells[bisect_right(cells, offset, key=lambda cell: cell.start) - 1]
            cuts.add(cell.start)
            if cell.start < offset:
                cuts.add(cell.end)
    return sorted(cuts)


_SHARED = "|"


class Part(NamedTuple):
    """Code points `start` to `end` of a row, drawn alike.

    Attributes:
        run: What is drawn for them, in text order.
        letters: Whether it is something else than their graphemes: the letters of a hint.
    """

    start: int
    end: int
    run: Run
    letters: bool = False


class Bracket(NamedTuple):
    """A span in a row without lanes: its code points, and how its brackets look."""

    start: int
    end: int
    style: Style


def in_columns(cells: Sequence[Cell], parts: Iterable[Part]) -> Iterator[Run]:
    """Yield the runs of a row from left to right, where that is not the order of its text."""
    placed: list[tuple[int, Run]] = []
    for part in parts:
        drawn = [cell for cell in cells if part.start <= cell.start < part.end and cell.width]
        if part.letters:
            placed.append((min(cell.column for cell in drawn), part.run))
            continue
        pairs = zip(drawn, part.run.pairs(), strict=True)
        placed += [(cell.column, glyph_run([pair], part.run.style)) for cell, pair in pairs]
    column = 0
    for left, run in sorted(placed, key=lambda each: each[0]):
        yield blank(left - column)
        yield run
        column = left + run.width


def bracketed(
    cells: Sequence[Cell], parts: Iterable[Part], brackets: Iterable[Bracket]
) -> Iterator[Run]:
    """Yield the runs of a row with a cell more at both ends, and spans in brackets.

    A bracket stands in place of the blank beside its span, so that labelling moves nothing; where
    there is none, the span's style alone tells where it ends. One cell may be two brackets.
    """
    drawn = [cell for cell in cells if cell.width]
    glyphs = [(" ", 1, NULL)]
    for part in parts:
        glyphs += [(glyph, width, part.run.style) for glyph, width in part.run.pairs()]
    glyphs.append((" ", 1, NULL))
    # Where hints are drawn, glyphs are not the cells of the text any more: no bracket could be
    # placed by them, and hints are there for a moment only.
    is_text_itself = len(glyphs) == len(drawn) + 2
    for start, end, style in brackets if is_text_itself else ():
        # Counted from 1, as there is a glyph before the text.
        inside = [i for i, cell in enumerate(drawn, 1) if cell.start < end and start < cell.end]
        if not inside:
            continue
        # A span may have begun in a row above, or end in one below: then it has no bracket here.
        if start >= cells[0].start:
            _put(glyphs, inside[0] - 1, "[", style)
        if end <= cells[-1].end:
            _put(glyphs, inside[-1] + 1, "]", style)
    for glyph, width, style in glyphs:
        yield glyph_run([(glyph, width)], style)


def _put(glyphs: list[tuple[str, int, Style]], place: int, bracket: str, style: Style) -> None:
    standing = glyphs[place][0]
    if standing == " ":
        glyphs[place] = (bracket, 1, style)
    elif standing in "[]" and standing != bracket and glyphs[place][2] != NULL:
        glyphs[place] = (_SHARED, 1, style)
