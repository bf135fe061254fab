"""A paragraph of a sheet as it is laid out: its rows, what stands over them and below them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from tui_annotate.editors.sheet import Paragraph
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.width import TerminalWidths
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.arc_rows import ArcRows
from tui_annotate.tui.widgets.cells import RowStrip, Run, blank
from tui_annotate.tui.widgets.folded_line import text_run
from tui_annotate.tui.widgets.lanes import LineMap
from tui_annotate.tui.widgets.rows import RowPainter

Marks: TypeAlias = tuple[Any, ...]
"""What the look of a row depends on beside its text and spans."""

_NOWHERE = (-1, -1)
_DRAWN_ROWS = 500
_EMPTY = RowStrip(())


class ParagraphLayout(NamedTuple):
    """A paragraph as it is laid out. A row's lines are its arcs, its text, its lanes."""

    paragraph: Paragraph
    indent: int
    layout: Layout
    map: LineMap
    painter: RowPainter
    arcs: ArcRows | None
    theme: Theme
    drawing: TerminalWidths
    bracketed: bool
    drawn: dict[int, tuple[Marks, list[RowStrip]]]

    @property
    def laid_out(self) -> ParagraphLayout:
        """The paragraph as it is laid out: itself."""
        return self

    @property
    def rows(self) -> int:
        """How many rows its text has."""
        return len(self.layout)

    @property
    def total(self) -> int:
        """How many lines it takes."""
        return self.map.total

    @property
    def has_margin(self) -> bool:
        """Whether arcs stand beside the rows."""
        return self.arcs is not None and self.arcs.has_margin

    def text_line(self, row: int) -> int:
        """Return the line that the text of a row stands on."""
        return self.map.line_of(row) + self._over(row)

    def is_text(self, row: int, part: int) -> bool:
        """Whether a line of a row is its text."""
        return part == self._over(row)

    def first_row_from(self, line: int) -> int:
        """Return the first row whose text stands on a line of the block or below it; the number of
        rows where there is none."""
        if line <= 0:
            return 0
        place = self.map.locate(line)
        if place is None:
            return len(self.layout)
        return place[0] if place[1] <= self._over(place[0]) else place[0] + 1

    def rows_of_a_page(self, height: int) -> int:
        """Return how many rows from the cursor's on, up or down, surely fit on so many lines."""
        assert self.paragraph.cursor is not None
        row = self.layout.row_of(self.paragraph.cursor[0])
        line = self.map.line_of(row)
        above = self.map.locate(max(0, line - height + 1))
        below = self.map.locate(min(line + height, self.map.total) - 1)
        rows = [abs(place[0] - row) for place in (above, below) if place is not None]
        return min((each for each in rows if each), default=1)

    def strip(self, row: int, part: int) -> RowStrip:
        """Return a line of a row; the one that was drawn last where nothing in it has changed."""
        over = self._over(row)
        if self.arcs is not None and part < over:
            return self.arcs.strip(row, part, self._prefix(row, part))
        marks, drawn = self._marks_in(row), self.drawn.get(row)
        if drawn is None or drawn[0] != marks:
            drawn = (marks, self._draw(row, over))
            if len(self.drawn) >= _DRAWN_ROWS:
                self.drawn.clear()
            self.drawn[row] = drawn
        strips = drawn[1]
        return strips[part - over] if part - over < len(strips) else _EMPTY

    def _draw(self, row: int, over: int) -> list[RowStrip]:
        paragraph, compact = self.paragraph, self.map.height == 1
        cursor = paragraph.cursor or _NOWHERE
        strips = self.painter.draw(row, cursor, paragraph.selection, paragraph.focus, compact)
        prefixes = (self._prefix(row, over + line) for line in range(len(strips)))
        return [
            RowStrip([*prefix, *strip.runs]) for prefix, strip in zip(prefixes, strips, strict=True)
        ]

    def _marks_in(self, row: int) -> Marks:
        """Return what the cursor marks in a row, as far as its look depends on it."""
        paragraph, place = self.paragraph, self.layout[row]
        moving = (paragraph.cursor, paragraph.selection)
        start, end = place.start, place.end
        here = [each if each and each[0] < end and start < each[1] else None for each in moving]
        focus = paragraph.focus
        if focus is not None and not (focus.start < end and start < focus.end):
            focus = None
        points = tuple(self.painter.overlay.points_in(place))
        # A hint may stand for a word that began in the row before.
        hints = {at: word for at, word in paragraph.hints.items() if start <= at < end}
        # An arc of the margin passes rows that neither of its ends is in.
        beside = paragraph.arcs if self.has_margin else None
        return (paragraph.prefix, paragraph.current, beside, *here, focus, points, hints)

    def _over(self, row: int) -> int:
        return 0 if self.arcs is None else self.arcs.height(row)

    def _prefix(self, row: int, part: int) -> list[Run]:
        if not self.indent:
            return []
        margin = self.arcs.margin(row, part) if self.arcs is not None else None
        if margin is not None:
            return margin
        if row or not self.is_text(row, part):
            return [blank(self.indent)]
        style = self.theme[Role.KEY]
        if self.paragraph.current:
            style += self.theme[Role.FOCUS]
        return [text_run(self.paragraph.prefix[: self.indent], style, self.drawing)]


class OneLine:
    """A paragraph that surely takes one line and is not laid out before it is on the screen: of a
    task with thousands of options few ever are.

    Args:
        paragraph: The paragraph.
        lay_out: Lays it out.
    """

    __slots__ = ("_laid_out", "_lay_out", "paragraph")

    arcs = None
    bracketed = False
    rows = total = 1

    def __init__(
        self, paragraph: Paragraph, lay_out: Callable[[Paragraph], ParagraphLayout]
    ) -> None:
        self.paragraph = paragraph
        self._lay_out = lay_out
        self._laid_out: ParagraphLayout | None = None

    @property
    def laid_out(self) -> ParagraphLayout:
        """The paragraph as it is laid out."""
        if self._laid_out is None:
            self._laid_out = self._lay_out(self.paragraph)
        return self._laid_out

    def first_row_from(self, line: int) -> int:
        """As `ParagraphLayout.first_row_from`."""
        return 0 if line <= 0 else 1


Block: TypeAlias = ParagraphLayout | OneLine
