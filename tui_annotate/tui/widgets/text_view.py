"""The text of a task with its spans, drawn row by row; a change sends only changed cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from textual.geometry import Offset, Region
from textual.strip import Strip

from tui_annotate.text.wrap import Layout
from tui_annotate.tui.theme import Theme
from tui_annotate.tui.widgets.cells import CellWidget, RowStrip
from tui_annotate.tui.widgets.lanes import ASCII, BOX, LineMap, SpanIndex
from tui_annotate.tui.widgets.rows import RowPainter, RowStyle
from tui_annotate.tui.widgets.text_layout import (
    DisplayOptions,
    DrawnRows,
    LaidOutText,
    Marked,
    Marks,
    Mode,
    NoText,
    PreparedRows,
    RowsOnScreen,
    SeenRows,
    Touched,
    difference,
    in_brackets,
    lay_out,
    may_overlap,
    plan,
    read_marks,
)


def last_top(lines: LineMap, height: int) -> int:
    """Return the first line of the last page of `height` lines."""
    return aligned(lines, max(0, lines.total - height))


def aligned(lines: LineMap, line: int) -> int:
    """Return the first line at or after `line` that is a row's text, if there is one."""
    place = lines.locate(line)
    if place is None or place[1] == 0:
        return line
    following = lines.line_of(place[0]) + lines.height_of(place[0])
    return following if following < lines.total else lines.line_of(place[0])


def follow(lines: LineMap, top: int, height: int, row: int, end: int) -> int:
    """Return the line at the top so that a row and its lanes are on screen.

    Scrolls by a third of a page, so that most moves redraw two rows and not a screen. Of what goes
    on to the row `end` and is taller than the screen, any part will do.
    """
    first = lines.line_of(row)
    if first <= top <= _last_top_of(lines, height, end):
        return top
    last = first + min(lines.height_of(row), max(1, height)) - 1
    if first < top:
        return min(first, aligned(lines, max(0, first - height // 3)))
    if last >= top + height:
        wanted = aligned(lines, last - height + 1 + height // 3)
        return min(last_top(lines, height), wanted, first)
    return top


def turned(lines: LineMap, top: int, height: int, rows: tuple[int, int], pages: int) -> int:
    """Return the line at the top some pages further on, within a first to a last row; `top` itself
    where they fit on the screen, or nothing of them lies beyond it."""
    first = lines.line_of(rows[0])
    last = _last_top_of(lines, height, rows[1])
    inside = first < last and (top < last if pages > 0 else top > first)
    return min(max(first, aligned(lines, max(0, top + pages * height))), last) if inside else top


def _last_top_of(lines: LineMap, height: int, row: int) -> int:
    """Return the line at the top from which a row and its lanes are at the bottom; where these are
    taller than the screen, the line of the row's text."""
    first = lines.line_of(row)
    return min(first, aligned(lines, max(0, first + lines.height_of(row) - height)))


_NO_SIZE_WIDTH = 80
"""Cells of a row as long as the view has no size."""


class TextView(CellWidget):
    """Shows an editor's text, spans, cursor and selection, and follows its changes.

    In the mode `lanes` each row of text has its lanes below it; in `compact` the labels of a row
    stand in the right margin; `auto` is compact where the text is longer than two screens with a
    lane; `list` has no labels, as they are listed below the text. How many lanes there are is
    fixed when a task is shown.

    Args:
        theme: The styles.
        labels: The job's labels, for their colours.
        mode: How spans are shown; see `set_mode`.
        ascii_only: Draw lanes in ASCII.
        show_blanks: Whether spaces and line breaks are drawn.
    """

    DEFAULT_CSS = """
    TextView { width: 1fr; height: 1fr; }
    """

    def __init__(
        self,
        theme: Theme,
        labels: Sequence[str] = (),
        *,
        mode: Mode = "auto",
        ascii_only: bool = False,
        show_blanks: bool = False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.mode: Mode = mode
        self.show_blanks = show_blanks
        self._editor: Marked = NoText()
        art = ASCII if ascii_only else BOX
        self._look = RowStyle(theme, art, {}).with_labels(labels)
        self._index = SpanIndex()
        self._marks = Marks((), (0, 0), None, None)
        self._compact = False
        self._layout = Layout("", 1)
        self._map = LineMap(1, 2, {})
        self._painter = RowPainter(self._look, self._layout, self._index)
        self._rows = DrawnRows()
        self._plan: PreparedRows | None = None
        self._empty = RowStrip(())
        self._top = 0
        self._wanted_top = 0
        self._begun = self._page = False
        self._seen = SeenRows(self._layout)

    # What others see

    @property
    def rows(self) -> Layout:
        """The wrapped text, for moves by row."""
        return self._layout if self._begun else Layout(self._editor.text, _NO_SIZE_WIDTH)

    @property
    def compact(self) -> bool:
        """Whether labels stand in the margin instead of in lanes."""
        return self._compact

    @property
    def in_brackets(self) -> bool:
        """Whether spans stand in brackets: the terminal alone knows the columns of this text."""
        return in_brackets(self._editor.text, self.drawing)

    @property
    def page_rows(self) -> int:
        """How many rows of text fit on the screen, at least 1."""
        return max(1, self.size.height // self._map.height)

    @property
    def top_offset(self) -> int:
        """The first code point on screen: what a draft remembers of the scrolling."""
        place = self._map.locate(self._top)
        return self._layout[place[0]].start if place else 0

    @property
    def unseen_below(self) -> int:
        """How many rows below the screen have never been on it."""
        place = self._map.locate(self._top + self.size.height - 1)
        return 0 if place is None else self._seen.missing(place[0])

    @property
    def unseen_above(self) -> int:
        """How many rows above the screen have never been on it: those on it that are not drawn yet
        are not above."""
        place = self._map.locate(self._top)
        return 0 if place is None else self._seen.missing_before(place[0] + bool(place[1]))

    @property
    def unseen_rows(self) -> int:
        """How many rows of the text have never been on screen."""
        return self._seen.missing()

    @property
    def place(self) -> RowsOnScreen | None:
        """Which rows of the text are on screen; None where all of them are."""
        first, last = (
            self._map.locate(self._top),
            self._map.locate(self._top + self.size.height - 1),
        )
        rows = len(self._layout)
        shown = RowsOnScreen(first[0] + 1 if first else 1, last[0] + 1 if last else rows, rows)
        return None if shown.last - shown.first + 1 >= rows else shown

    # What others do

    def show(self, editor: Marked, *, top_offset: int | None = None, page: bool = False) -> None:
        """Show a task from its beginning, or as it was scrolled when it was left; a page of the
        program never shows its blanks."""
        self._editor, self._page = editor, page
        self._marks = read_marks(self._editor)
        self._look = self._look.with_brought(self._marks.spans)
        self._index = SpanIndex(self._marks.spans)
        self._wanted_top = top_offset or 0
        self._begun = False
        if self.size and self._drawn_size == self.size:
            self._begin()
            self._send()

    def draw_ahead(self, editor: Marked) -> Iterator[None]:
        """Draw the first rows of a task that is shown next, one with each step."""
        self._plan = None
        if self.size and self._drawn_size == self.size:
            look = self._look.with_brought(read_marks(editor).spans)
            self._plan, steps = plan(editor, self._way, look)
            yield from steps

    def _begin(self) -> None:
        """Lay a task out for the first time."""
        self._begun = True
        ahead, self._plan = self._plan, None
        if ahead is not None:
            self._layout = ahead.laid.layout
        laid = self._lay_out()
        if ahead is not None and ahead.fits(laid, self._marks):
            self._rows = ahead.rows
        self._seen = SeenRows(self._layout)
        self._top = min(self._line_of(self._wanted_top), self._last_top())
        self._follow_cursor()

    def changed(self, change: Touched | None = None) -> None:
        """Show what a command has changed, and scroll to the cursor where that has moved."""
        old, new = self._marks, read_marks(self._editor)
        self._marks = new
        is_told = new.spans is old.spans or self._tells_apart(new)
        if self._begun and (self._editor.text is not self._layout.text or not is_told):
            self._index = self._index.renewed(new.spans)
            self._anew()
            return
        if not self._begun:
            self._index = SpanIndex(new.spans)
            return
        self._drop([*(change.ranges if change else ()), *difference(old, new)])
        if new.spans is not old.spans:
            self._index = self._index.renewed(new.spans)
            self._painter = RowPainter(self._look, self._layout, self._index)
        self._follow_cursor()
        self._send()

    def _tells_apart(self, marks: Marks) -> bool:
        """Have labels that a task has not had before told from the others; False where that may
        change what stands for those that are drawn."""
        look = self._look.with_brought(marks.spans, self._look.short.brought)
        is_same = look is self._look
        self._look = look
        return is_same

    def turn_page(self, pages: int) -> bool:
        """Go on within a token taller than the screen, to be shown by `changed`; False where
        nothing of it is beyond."""
        old = self._top
        self._top = turned(self._map, old, self.size.height, self._cursor_rows, pages)
        return self._top != old

    def set_theme(self, theme: Theme) -> None:
        """Show everything in the styles of another theme."""
        self._look = self._look._replace(theme=theme)
        self._anew()

    def set_labels(self, labels: Sequence[str]) -> None:
        """Take other labels; their colours go by their places."""
        self._look = self._look.with_labels(labels).with_brought(self._marks.spans)
        self._anew()

    def set_drawing(self) -> None:
        """Draw as the terminal is known to draw now."""
        self._anew()

    def set_mode(self, mode: Mode) -> None:
        """Show spans in `lanes`, `compact`, as a `list`, or let the size decide (`auto`)."""
        self.mode = mode
        self._anew()

    def set_blanks(self, shown: bool) -> None:
        """Draw spaces and line breaks, or do not."""
        self.show_blanks = shown
        self._anew()

    def place_cursor(self) -> None:
        """Put the terminal's own cursor on the token, for screen readers and braille."""
        start = self._marks.cursor[0]
        line = self._line_of(start) - self._top
        column = self._layout.column_of(start) + self._look.brackets
        column = min(column, max(0, self.size.width - 1))
        if 0 <= line < self.size.height:
            self.app.cursor_position = self.region.offset + Offset(column, line)

    # Layout

    def resized(self) -> None:
        """Lay out at the widget's size."""
        if self.size and not self._begun:
            self._begin()
        elif self.size:
            self._anew(send=False)
        if self.size:
            self.place_cursor()

    def _anew(self, *, send: bool = True) -> None:
        """Lay out again, with the same text at the top as far as possible."""
        if not self._begun:
            return
        top = self.top_offset
        self._lay_out()
        self._seen.move_to(self._layout)
        self._top = min(self._line_of(top), self._last_top())
        self._follow_cursor()
        if send:
            self._send()

    @property
    def _way(self) -> DisplayOptions:
        if self._page:  # it has no labels
            return DisplayOptions(self.size, "list", self.drawing, show_blanks=False)
        overlap = may_overlap(self._editor)
        return DisplayOptions(self.size, self.mode, self.drawing, self.show_blanks, overlap)

    def _lay_out(self) -> LaidOutText:
        laid = lay_out(self._editor.text, self._way, self._look, self._layout)
        self._layout, self._look, self._compact = laid
        self._painter = RowPainter(self._look, self._layout, self._index)
        self._empty = self._empty.fit(self._look.width)
        self._rows.clear()
        self._map = LineMap(len(self._layout), laid.row_height, {})
        self._top = min(self._top, self._last_top())
        return laid

    def _line_of(self, offset: int) -> int:
        return self._map.line_of(self._layout.row_of(offset))

    def _last_top(self) -> int:
        return last_top(self._map, self.size.height)

    @property
    def _cursor_rows(self) -> tuple[int, int]:
        start, end = self._marks.cursor
        return self._layout.row_of(start), self._layout.row_of(max(start, end - 1))

    def _follow_cursor(self) -> None:
        self._top = follow(self._map, self._top, self.size.height, *self._cursor_rows)

    # Drawing

    def build_line(self, y: int) -> RowStrip:
        """Return the text or lane on a line of the screen."""
        place = self._map.locate(self._top + y)
        if place is None:
            return self._empty
        row, part = place
        strips = self._rows.get(row)
        if strips is None:
            marks, drawn = self._marks, self._painter.draw
            self._painter.overlay = marks.overlay
            strips = drawn(row, marks.cursor, marks.selection, marks.focus, self._compact)
            self._rows.keep(row, strips)
        return strips[part] if part < len(strips) else self._empty

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region, and remember that their rows have been on screen."""
        strips = super().render_lines(crop)
        self._seen.note(self._map, self._top + crop.y, crop.height)
        return strips

    def _send(self) -> None:
        """Send what differs from the screen."""
        if not (self.is_mounted and self.size):
            return
        self.update_cells()
        self.place_cursor()
        # Lines equal to those before are not drawn again, but they are on screen.
        if self._lines and self.screen.is_current:
            self._seen.note(self._map, self._top, self.size.height)

    def _drop(self, ranges: Iterable[tuple[int, int]]) -> None:
        """Forget the drawn rows that code points stand in."""
        for start, end in ranges:
            self._rows.drop(self._layout.row_of(start), self._layout.row_of(max(start, end - 1)))
