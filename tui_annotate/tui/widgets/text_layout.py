"""How a text with spans is laid out at a size, and the rows of the next one drawn ahead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from textual.geometry import Size

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.scripts import has_right_to_left
from tui_annotate.text.terminal_widths import TerminalWidths
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.widgets.drawn import DrawnRows
from tui_annotate.tui.widgets.editor_marks import Marked, Marks, read_marks
from tui_annotate.tui.widgets.lanes import SpanIndex
from tui_annotate.tui.widgets.rows import NARROW, RowPainter, RowStyle, margin_width

Mode = Literal["auto", "lanes", "compact", "list"]


class Way(NamedTuple):
    """How a view is to show its texts.

    Attributes:
        size: The view's.
        mode: How spans are shown; see `TextView`.
        drawing: How the terminal draws.
        show_blanks: Whether spaces and line breaks are drawn.
    """

    size: Size
    mode: Mode
    drawing: TerminalWidths
    show_blanks: bool


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
    compact = brackets or _is_compact(text, way, width, before)
    beside = compact and not brackets and way.mode != "list"
    margin = margin_width(width) if beside else 0
    room = max(1, width - 2) if brackets else width - margin - bool(margin)
    look = look._replace(width=width, margin=margin, brackets=brackets)
    return Laid(_wrap(text, room, way, before), look, compact)


def _is_compact(text: str, way: Way, width: int, before: Layout) -> bool:
    """Decide by the text alone: labelling must never change the mode."""
    if way.mode != "auto":
        return way.mode != "lanes"
    height = way.size.height
    long = len(text) > 4 * width * height
    return width >= NARROW and (long or 2 * len(_wrap(text, width, way, before)) > height)


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
