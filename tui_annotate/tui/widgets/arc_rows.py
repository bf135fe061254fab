"""Draws the arcs of a paragraph: over its rows or, if an end is a whole line, in a margin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from operator import ne
from typing import TypeAlias

from rich.style import Style

from tui_annotate.editors.sheet import Arc, Paragraph
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.spans import Range
from tui_annotate.text.arc_labels import Glyph
from tui_annotate.text.arcs import (
    ARC_ASCII,
    ARC_BOX,
    ArcArt,
    ArcCell,
    ArcEnd,
    ArcLink,
    Arcs,
    RowMemory,
    lay_out_arcs,
)
from tui_annotate.text.margin_arcs import (
    MARGIN_ASCII,
    MARGIN_BOX,
    MarginArcs,
    MarginEnd,
    MarginLink,
    MarginSize,
    Place,
    columns_of,
    is_line,
    is_line_of_words,
    margin_size,
)
from tui_annotate.text.width import cell_width, glyphs
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.theme import Role
from tui_annotate.tui.widgets.cells import RowStrip, Run, blank, glyph_run
from tui_annotate.tui.widgets.lanes import BOX, stretches
from tui_annotate.tui.widgets.rows import RowStyle

Wrap: TypeAlias = Callable[[int], Layout]
"""Lays the text of a paragraph out at a width."""

Spare: TypeAlias = Callable[[int, bool], int]
"""Gives the lines kept over each row of a text of so many rows, with a margin or without."""

_ANEW = 4
"""How often a text is wrapped at most until its margin has the columns that it needs."""


class ArcRoom(NamedTuple):
    """The room for the arcs of a paragraph. It stays the same while a task is shown, so that no
    relation that is made or taken out moves a row of text.

    Attributes:
        lines: How many lines there are over each row of text.
        margin: The size of the margin beside the text; None without one.
    """

    lines: Sequence[int]
    margin: MarginSize | None


class ArcPlan(NamedTuple):
    """Where the arcs of a paragraph are.

    Attributes:
        layout: The text, as wide as the margin leaves it.
        drawn: Arcs over the rows.
        margin: Arcs beside them; None without a margin.
        room: The room they have.
        hidden: How many arcs there is no room for.
    """

    layout: Layout
    drawn: Arcs
    margin: MarginArcs | None
    room: ArcRoom
    hidden: int


class ArcMemory:
    """What is known of the arcs of a text from the last time they were given places.

    Attributes:
        rows: Rows of arcs.
        wide: Whether an arc over an end would not show what it is over, by the end and the room.
    """

    def __init__(self) -> None:
        self.rows = RowMemory()
        self.wide: dict[tuple[Range, int], bool] = {}
        self._layout: Layout | None = None
        self._ends: dict[tuple[Range, bool], ArcEnd] = {}

    def end(self, extent: Range, layout: Layout, beside: bool) -> ArcEnd:
        """Return the cells of an end in the row that it ends in."""
        if self._layout is not layout:
            self._layout, self._ends = layout, {}
        found = self._ends.get((extent, beside))
        if found is None:
            found = self._ends[extent, beside] = _end(extent, layout, beside)
        return found


class ArcPlanner:
    """Finds places for the arcs of a paragraph.

    Args:
        paragraph: The paragraph, with its arcs.
        look: How rows look.
        most: Levels over a row at most.
        lanes: Whether there is a line for labels below each row.
        memory: What is known of the same text in the same look.
    """

    def __init__(
        self, paragraph: Paragraph, look: RowStyle, most: int, *, lanes: bool, memory: ArcMemory
    ) -> None:
        self._memory = memory
        self._text = paragraph.text
        self._arcs = paragraph.arcs or ()
        self._expected = paragraph.beside
        self._look = look
        self._most = most
        self._lanes = lanes
        is_box = look.art is BOX
        art, margin_art = (ARC_BOX, MARGIN_BOX) if is_box else (ARC_ASCII, MARGIN_ASCII)
        if not paragraph.tips:
            art = art._replace(tip=art.leg, both=art.leg)
            margin_art = margin_art._replace(tip=margin_art.line)
        self._art: ArcArt = art
        self._margin_art = margin_art

    def plan(self, width: int, wrap: Wrap, room: ArcRoom) -> ArcPlan:
        """Return where the arcs are, in the room that is kept for them. Those that have none are
        hidden.

        Args:
            width: Cells for the margin and the text.
            wrap: Lays the text out at a width.
            room: What `room` gave for this text.
        """
        levels = [lines - 1 for lines in room.lines]
        if room.margin is None:
            layout = wrap(width)
            beside = [(False, False)] * len(self._arcs)
            drawn = self._over(layout, beside, frozenset(), levels)
            return ArcPlan(layout, drawn, None, room, len(drawn.hidden))
        layout = wrap(max(1, width - room.margin.width))
        beside = [self._ends_beside(arc, width) for arc in self._arcs]
        hidden: frozenset[int] = frozenset()
        while True:
            drawn = self._over(layout, beside, hidden, levels)
            links, _ = self._beside(layout, beside, drawn)
            margin = MarginArcs(links, room.margin, self._margin_art)
            crowded = {link.arc for link in links if _is_above(link, room)}
            if not margin.hidden and not crowded:
                return ArcPlan(layout, drawn, margin, room, len(drawn.hidden))
            hidden |= margin.hidden | crowded  # what goes on over the text has to go as well

    def room(self, width: int, wrap: Wrap, spare: Spare) -> ArcRoom:
        """Return the room for the arcs that there are and for some to come.

        Args:
            width: Cells for the margin and the text.
            wrap: Lays the text out at a width.
            spare: Gives the lines to be kept over each row.
        """
        beside = [self._ends_beside(arc, width) for arc in self._arcs]
        if not self._expected and not any(map(any, beside)):
            layout = wrap(width)
            drawn = self._over(layout, beside, frozenset(), self._most)
            return _room_of(layout, drawn, {}, spare, None)
        drawing = wrap(width).drawing
        labels = [arc.label for arc, ends in zip(self._arcs, beside, strict=True) if any(ends)]
        widths = [cell_width(label, drawing) for label in (*labels, *self._expected)]
        size = margin_size(widths, 0, width)
        hidden: frozenset[int] = frozenset()
        for _ in range(_ANEW):
            layout = wrap(max(1, width - size.width))
            drawn = self._over(layout, beside, hidden, self._most)
            links, kept = self._beside(layout, beside, drawn)
            needed = 1 + max(columns_of(links).values(), default=0)
            wider = margin_size(widths, needed, width)
            if wider.columns > size.columns:
                size = wider
                continue
            crowded = MarginArcs(links, size, self._margin_art).hidden
            if not crowded:
                break
            hidden |= crowded
        return _room_of(layout, drawn, kept, spare, size)

    # Which arcs stand where

    def _ends_beside(self, arc: Arc, room: int) -> tuple[bool, bool]:
        """Return which ends an arc meets in the margin: none where both are narrow."""
        known = self._memory.wide
        wide = []
        for end in (arc.head, arc.child):
            if (end, room) not in known:
                known[end, room] = self._is_wide(end, room)
            wide.append(known[end, room])
        if not any(wide):
            return False, False
        return wide[0] or is_line(self._text, arc.head), wide[1] or is_line(self._text, arc.child)

    def _is_wide(self, end: Range, room: int) -> bool:
        """Tell whether an arc over an end would not show what it is over."""
        is_broad = cell_width(self._text[end[0] : end[1]]) > room // 2
        return is_broad or is_line_of_words(self._text, end)

    def _over(
        self,
        layout: Layout,
        beside: Sequence[tuple[bool, bool]],
        hidden: frozenset[int],
        most: int | Sequence[int],
    ) -> Arcs:
        """Return the arcs over the rows, and what those in the margin have there."""

        def link(number: int, arc: Arc) -> ArcLink:
            at_head, at_child = beside[number]
            head = self._memory.end(arc.head, layout, at_head)
            child = self._memory.end(arc.child, layout, at_child)
            if number in hidden:
                child = head  # which nothing is drawn for
            return ArcLink(head, child, glyphs(arc.label, layout.drawing), self._short(arc, layout))

        links = [link(number, arc) for number, arc in enumerate(self._arcs)]
        known = self._memory.rows
        return lay_out_arcs(links, layout.width, self._art, most=most, known=known)

    def _short(self, arc: Arc, layout: Layout) -> Callable[[int], Sequence[Glyph]]:
        def shortened(room: int) -> Sequence[Glyph]:
            more = self._art.more
            found = self._look.short.fit(arc.label, room, layout.drawing, end=more, middle=more)
            return glyphs(found, layout.drawing)

        return shortened

    # The margin

    def _beside(
        self, layout: Layout, beside: Sequence[tuple[bool, bool]], drawn: Arcs
    ) -> tuple[list[MarginLink], dict[int, int]]:
        """Return the arcs of the margin, and how many lines a row needs over it for them."""
        ends: dict[tuple[int, bool], Place] = {}
        kept: dict[int, int] = {}
        taken: set[Place] = set()
        shown = [n for n, each in enumerate(beside) if any(each) and n not in drawn.hidden]
        for extent, group in self._by_extent(shown, beside).items():
            rows = layout.row_of(extent[0]), layout.row_of(extent[1] - 1)
            places = self._free(rows, taken, len(group))
            missing = len(group) - len(places)
            over = max(kept.get(rows[0], 0), len(drawn.lines.get(rows[0], ())))
            if missing > 0:
                kept[rows[0]] = over + missing
            found = [*((rows[0], -n) for n in range(over + missing, over, -1)), *places]
            taken.update(found)
            ends.update(zip(group, found, strict=True))
        for number in shown:
            for is_child, is_beside in enumerate(beside[number]):
                if not is_beside:
                    end = (self._arcs[number].head, self._arcs[number].child)[is_child]
                    ends[number, bool(is_child)] = _line_over(number, end, layout, drawn)
        return [self._link(n, beside[n], ends, layout) for n in shown], kept

    def _link(
        self,
        number: int,
        beside: tuple[bool, bool],
        ends: Mapping[tuple[int, bool], Place],
        layout: Layout,
    ) -> MarginLink:
        head = MarginEnd(ends[number, False], is_child=False, goes_on=not beside[0])
        child = MarginEnd(ends[number, True], is_child=True, goes_on=not beside[1])
        arc = self._arcs[number]
        label = glyphs(arc.label, layout.drawing)
        return MarginLink(number, (head, child), label, self._short(arc, layout))

    def _by_extent(
        self, shown: Sequence[int], beside: Sequence[tuple[bool, bool]]
    ) -> dict[Range, list[tuple[int, bool]]]:
        """Return the ends in the margin by what they are at, in the order of their lines: those of
        arcs that go up from there first, and of both the longer ones below the shorter ones or
        above them, so that few lines cross."""
        found: dict[Range, list[tuple[bool, int, tuple[int, bool]]]] = defaultdict(list)
        for number in shown:
            arc = self._arcs[number]
            pairs = ((arc.head, arc.child), (arc.child, arc.head))
            for is_child, (here, there) in enumerate(pairs):
                if beside[number][is_child]:
                    found[here].append((there > here, -there[0], (number, bool(is_child))))
        return {
            extent: [each[2] for each in sorted(group)] for extent, group in sorted(found.items())
        }

    def _free(self, rows: tuple[int, int], taken: set[Place], most: int) -> list[Place]:
        """Return lines from the first row of an end on that no other end has."""
        found: list[Place] = []
        for row in range(rows[0], rows[1] + 1):
            for line in range(2 if self._lanes else 1):
                if len(found) < most and (row, line) not in taken:
                    found.append((row, line))
        return found


def _line_over(number: int, end: Range, layout: Layout, drawn: Arcs) -> Place:
    """Return the line over the text on which an arc of the margin comes to its narrow end."""
    row = layout.row_of(end[1] - 1)
    lines = drawn.lines[row]
    for place, line in enumerate(lines):
        if any(cell.arc == number and cell.part == "cut" for cell in line):
            return row, place - len(lines)
    raise AssertionError(f"arc {number} has no line over row {row}")


def _is_above(link: MarginLink, room: ArcRoom) -> bool:
    """Tell whether an end of an arc of the margin stands higher than there are lines over a row."""
    places = (end.place for end in link.ends)
    return any(-line > room.lines[row] for row, line in places)


def _room_of(
    layout: Layout,
    drawn: Arcs,
    kept: Mapping[int, int],
    spare: Spare,
    margin: MarginSize | None,
) -> ArcRoom:
    rows = len(layout)
    least = spare(rows, margin is not None)
    lines = [max(least, kept.get(n, 0), len(drawn.lines.get(n, ()))) for n in range(rows)]
    return ArcRoom(lines, margin)


def _end(extent: Range, layout: Layout, beside: bool) -> ArcEnd:
    """Return the cells of an end in the row that it ends in."""
    row = layout.row_of(extent[1] - 1)
    places = stretches(layout.cells(row), *extent)
    if not places:
        return ArcEnd(row, 0, 0)
    # Where directions mix, the arc stands at the part that is read last.
    return ArcEnd(row, places[-1].left, places[-1].right, beside)


class ArcRows:
    """Draws arcs.

    Args:
        plan: Where they are drawn.
        arcs: The arcs.
        look: How they look.
    """

    def __init__(self, plan: ArcPlan, arcs: Sequence[Arc], look: RowStyle) -> None:
        self._plan = plan
        self._drawn = plan.drawn
        self._arcs = arcs
        self._look = look
        self._strips: dict[tuple[int, int], RowStrip] = {}

    def marked(self, arcs: Sequence[Arc]) -> ArcRows:
        """Return the same rows for arcs that differ only in which of them are current."""
        changed = {n for n, pair in enumerate(zip(arcs, self._arcs, strict=True)) if ne(*pair)}
        if not changed:
            return self
        found = ArcRows(self._plan, arcs, self._look)
        rows = {
            row
            for row, lines in self._drawn.lines.items()
            if any(cell.arc in changed for line in lines for cell in line)
        }
        if self._plan.margin is None:  # its arcs stand beside any row
            found._strips = {place: s for place, s in self._strips.items() if place[0] not in rows}
        return found

    def height(self, row: int) -> int:
        """Return how many lines stand over a row."""
        return self._plan.room.lines[row]

    @property
    def hidden(self) -> int:
        """How many arcs there is no room for."""
        return self._plan.hidden

    @property
    def has_margin(self) -> bool:
        """Whether arcs stand beside the rows."""
        return self._plan.margin is not None

    def margin(self, row: int, part: int) -> list[Run] | None:
        """Return what stands beside a line of a row; None where there is no margin.

        Args:
            row: The row.
            part: The line, counted from the first one over the row.
        """
        margin = self._plan.margin
        if margin is None:
            return None
        runs, column = self._runs(margin.line((row, part - self.height(row))))
        return [*runs, blank(margin.size.width - column)]

    def strip(self, row: int, line: int, before: Sequence[Run]) -> RowStrip:
        """Return one of the lines over a row, counted from the top.

        Args:
            row: The row.
            line: The line.
            before: What stands before it.
        """
        found = self._strips.get((row, line))
        if found is None:
            strip = self._draw(row, line)
            found = RowStrip([*before, *strip.runs]) if before else strip
            self._strips[row, line] = found
        return found

    def _draw(self, row: int, line: int) -> RowStrip:
        lines = self._drawn.lines.get(row, ())
        line -= self.height(row) - len(lines)
        runs, _ = self._runs(lines[line] if line >= 0 else ())
        return RowStrip(runs).fit(self._look.width)

    def _runs(self, cells: Sequence[ArcCell]) -> tuple[list[Run], int]:
        """Return what cells look like, and the column behind them."""
        runs: list[Run] = []
        column = 0
        for cell in cells:
            runs.append(blank(cell.column - column))
            runs.append(glyph_run([(cell.glyph, cell.width)], self._style(cell)))
            column = cell.column + cell.width
        return runs, column

    def _style(self, cell: ArcCell) -> Style:
        arc, theme = self._arcs[cell.arc], self._look.theme
        style = theme.label(self._look.place(arc.label)).line
        shown = arc.current and cell.part == "label"
        return style + theme[Role.FOCUS] if shown else style
