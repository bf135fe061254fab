"""How a text with spans is laid out at a size, and the rows of the next one drawn ahead.

Rows are kept as they were drawn last, so that an unchanged row is not drawn again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from textual.geometry import Size

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.scripts import has_right_to_left
from tui_annotate.text.terminal_widths import TerminalWidths
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.widgets.editor_marks import Marked, Marks, may_overlap, read_marks
from tui_annotate.tui.widgets.lanes import SpanIndex
from tui_annotate.tui.widgets.rows import NARROW, RowPainter, RowStyle, margin_width
from tui_annotate.tui.widgets.strips import RowStrip

Mode = Literal["auto", "lanes", "compact", "list"]


class Way(NamedTuple):
    """How a view is to show its texts.

    Attributes:
        size: The view's.
        mode: How spans are shown; see `TextView`.
        drawing: How the terminal draws.
        show_blanks: Whether spaces and line breaks are drawn.
        overlap: Whether the spans of the text may overlap.
    """

    size: Size
    mode: Mode
    drawing: TerminalWidths
    show_blanks: bool
    overlap: bool = False


class Laid(NamedTuple):
    """A text that is laid out.

    Attributes:
        layout: Its rows.
        look: How they look.
        compact: Whether labels stand in the margin instead of in lanes.
    """

    layout: Layout
    look: RowStyle
    compact: bool

    @property
    def row_height(self) -> int:
        """How many lines each row takes, its lanes with it."""
        return 1 if self.compact else 1 + self.look.lanes


def in_brackets(text: str, drawing: TerminalWidths) -> bool:
    """Return whether spans stand in brackets: the terminal alone knows the columns of a text."""
    return drawing.reorders and has_right_to_left(text)


def lay_out(text: str, way: Way, look: RowStyle, before: Layout) -> Laid:
    """Lay a text out.

    Args:
        text: The text.
        way: How it is to be shown.
        look: The styles.
        before: The last layout: returned again where it is the same.
    """
    width = max(1, way.size.width)
    brackets = in_brackets(text, way.drawing)
    lanes = 0 if brackets else _lanes(text, way, width, before)
    compact = not lanes
    beside = compact and not brackets and way.mode != "list"
    margin = margin_width(width) if beside else 0
    room = max(1, width - 2) if brackets else width - margin - bool(margin)
    look = look._replace(width=width, margin=margin, brackets=brackets, lanes=lanes)
    return Laid(_wrap(text, room, way, before), look, compact)


def _lanes(text: str, way: Way, width: int, before: Layout) -> int:
    """Return how many lanes there are below each row, 0 where labels do not stand there.

    The text, its view and the size decide, and no span: labelling must never move a row. There are
    two where spans may overlap and the whole text fits with them, else one where the text needs two
    screens at most.
    """
    if way.mode not in ("auto", "lanes"):
        return 0
    height = way.size.height
    least = 1 if way.mode == "lanes" or width < NARROW else 0
    if len(text) > 4 * width * height:
        return least
    rows = len(_wrap(text, width, way, before))
    if way.overlap and 3 * rows <= height:
        return 2
    return 1 if rows <= height else least


def _wrap(text: str, width: int, way: Way, before: Layout) -> Layout:
    drawing, blanks = way.drawing, way.show_blanks
    same = (before.width, before.drawing, before.show_blanks) == (width, drawing, blanks)
    if same and before.text is text:
        return before
    return Layout(text, width, drawing, show_blanks=blanks)


class PreparedRows(NamedTuple):
    """The first rows of a task that is not shown yet.

    Attributes:
        laid: Its text.
        marks: What was drawn beside it.
        rows: The rows that were drawn.
    """

    laid: Laid
    marks: Marks
    rows: DrawnRows

    def fits(self, laid: Laid, marks: Marks) -> bool:
        """Return whether the rows are what would be drawn now."""
        same = self.laid.layout is laid.layout and self.laid.compact == laid.compact
        return same and self.laid.look == laid.look and self.marks == marks


def plan(editor: Marked, way: Way, look: RowStyle) -> tuple[PreparedRows, Iterator[None]]:
    """Return a plan for a task, and what draws its rows, one with each step."""
    way = way._replace(overlap=may_overlap(editor))
    laid = lay_out(editor.text, way, look, Layout("", 1))
    found = PreparedRows(laid, read_marks(editor), DrawnRows())
    return found, _draw(found, way.size.height)


def _draw(plan: PreparedRows, height: int) -> Iterator[None]:
    marks, laid = plan.marks, plan.laid
    painter = RowPainter(laid.look, laid.layout, SpanIndex(marks.spans))
    painter.overlay = marks.overlay
    for row in range(len(laid.layout)):
        if height <= 0:
            return
        drawn = painter.draw(row, marks.cursor, marks.selection, marks.focus, laid.compact)
        plan.rows.keep(row, drawn)
        height -= len(drawn)
        yield


_KEPT = 1000


class DrawnRows:
    """The strips of each row: its text, then its lanes. Keeps a bounded number of rows."""

    def __init__(self) -> None:
        self._strips: dict[int, list[RowStrip]] = {}

    def get(self, row: int) -> list[RowStrip] | None:
        """Return the strips of a row, None where it has to be drawn."""
        return self._strips.get(row)

    def keep(self, row: int, strips: list[RowStrip]) -> None:
        """Keep the strips of a row."""
        if len(self._strips) >= _KEPT:
            self._strips.clear()
        self._strips[row] = strips

    def drop(self, first: int, last: int) -> None:
        """Forget the rows from `first` to `last`, both included."""
        stale: Iterable[int] = range(first, last + 1)
        if last - first > len(self._strips):
            stale = [row for row in self._strips if first <= row <= last]
        for row in stale:
            self._strips.pop(row, None)

    def clear(self) -> None:
        """Forget all."""
        self._strips.clear()
