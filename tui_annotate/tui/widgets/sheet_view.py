"""Draws a sheet: paragraphs one below the other, each wrapped for itself, spans with lanes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate
from typing import NamedTuple

from textual.geometry import Offset, Region
from textual.strip import Strip

from tui_annotate.editors.base import Change
from tui_annotate.editors.form import FormEditor
from tui_annotate.editors.sheet import Paragraph
from tui_annotate.text.bidi import has_right_to_left
from tui_annotate.text.width import cell_width
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.cells import CellWidget
from tui_annotate.tui.widgets.lanes import ASCII, BOX, LineMap, SpanIndex, extra_lanes
from tui_annotate.tui.widgets.lines import text_run
from tui_annotate.tui.widgets.rows import Look, RowPainter
from tui_annotate.tui.widgets.strips import RowStrip, Run, blank

_STYLES = {
    "text": Role.TEXT,
    "heading": Role.STRONG,
    "faint": Role.FAINT,
    "good": Role.GOOD,
    "bad": Role.BAD,
    "field": Role.TEXT,
}
_NOWHERE = (-1, -1)


class _Block(NamedTuple):
    """A paragraph as it is laid out."""

    paragraph: Paragraph
    indent: int
    layout: Layout
    map: LineMap
    painter: RowPainter


class SheetView(CellWidget):
    """Shows what an editor's `sheet()` says, and keeps the current paragraph on screen.

    Args:
        theme: The styles.
        labels: The job's labels, for their colours.
        ascii_only: Draw lanes in ASCII.
    """

    DEFAULT_CSS = """
    SheetView { width: 1fr; height: 1fr; }
    """

    def __init__(
        self,
        theme: Theme,
        labels: Iterable[str] = (),
        *,
        ascii_only: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._theme = theme
        self._art = ASCII if ascii_only else BOX
        self._places = {label: index for index, label in enumerate(labels)}
        self._editor: FormEditor | None = None
        self._blocks: list[_Block] = []
        self._starts: list[int] = [0]
        self._layouts: dict[tuple[str, int], Layout] = {}
        self._top = 0
        self._seen: set[tuple[str, int]] = set()

    # What others see

    @property
    def rows(self) -> Layout:
        """The wrapped text that the cursor is in, for moves by row."""
        for block in self._blocks:
            if block.paragraph.cursor is not None:
                return block.layout
        return Layout("", 1)

    @property
    def page_rows(self) -> int:
        """How many lines fit on the screen, at least 1."""
        return max(1, self.size.height)

    @property
    def top_offset(self) -> int:
        """The first line on screen: what a draft remembers of the scrolling."""
        return self._top

    @property
    def unseen_below(self) -> int:
        """How many rows of the input below the screen were never on it."""
        if self.size and self._drawn_size != self.size:
            self._take_size()  # asked before the first frame: laid out for no size, or another one
        bottom = self._top + self.size.height
        below: set[tuple[str, int]] = set()
        for block, start in zip(self._blocks, self._starts, strict=False):
            lines = (start + block.map.line_of(row) for row in range(len(block.layout)))
            rows = zip(_rows_of(block), lines, strict=False)
            below.update(row for row, line in rows if self.size and line >= bottom)
        return len(below - self._seen)

    @property
    def unseen_rows(self) -> int:
        """How many rows of the input were never on screen."""
        own = {row for block in self._blocks for row in _rows_of(block)}
        return len(own - self._seen)

    # What others do

    def show(self, editor: FormEditor, *, top_offset: int | None = None) -> None:
        """Show a task from its beginning, or as it was scrolled when it was left."""
        self._editor = editor
        self._seen.clear()
        self._layouts.clear()
        self._top = top_offset or 0
        self._lay_out()
        self._follow()
        self._send()

    def set_theme(self, theme: Theme) -> None:
        """Show everything in the styles of another theme."""
        self._theme = theme
        self.changed()

    def changed(self, _change: Change | None = None) -> None:
        """Show what a command has changed, and scroll to where the annotator is."""
        self._lay_out()
        self._follow()
        self._send()

    def set_drawing(self) -> None:
        """Draw as the terminal is known to draw now."""
        self._layouts.clear()
        self.changed()

    def scroll_rows(self, rows: int) -> None:
        """Scroll by lines, down where `rows` is positive."""
        self._top = min(max(0, self._top + rows), self._last_top())
        self._send()

    def set_labels(self, labels: Iterable[str]) -> None:
        """Take other labels, for their colours."""
        self._places = {label: index for index, label in enumerate(labels)}

    def place_cursor(self) -> None:
        """Put the terminal's own cursor where the annotator is, for screen readers."""
        found = self._cursor_line()
        if found is not None and 0 <= found[0] - self._top < self.size.height:
            column = min(found[1], max(0, self.size.width - 1))
            offset = Offset(column, found[0] - self._top)
            self.app.cursor_position = self.region.offset + offset

    def resized(self) -> None:
        """Lay out at the widget's size."""
        self._layouts.clear()
        self._lay_out()
        self._follow()
        if self.size:
            self.place_cursor()

    # Layout

    def _lay_out(self) -> None:
        width = max(1, self.size.width)
        sheet = self._editor.sheet() if self._editor is not None else ()
        self._blocks = [self._block(each, width) for each in sheet]
        self._starts = [0, *accumulate(block.map.total for block in self._blocks)]

    def _block(self, paragraph: Paragraph, width: int) -> _Block:
        indent = min(cell_width(paragraph.prefix, self.drawing), max(0, width - 8))
        brackets = self.drawing.reorders and has_right_to_left(paragraph.text)
        room = max(1, width - indent - 2 * brackets)
        key = (paragraph.text, room)  # what is indented has less room
        layout = self._layouts.get(key)
        if layout is None:
            layout = Layout(paragraph.text, room, self.drawing, right_edge=not indent)
            self._layouts[key] = layout
        index = SpanIndex(paragraph.spans)
        lanes = bool(paragraph.spans) or paragraph.cursor is not None
        lanes = lanes and paragraph.role == "text" and not brackets
        extra = extra_lanes(index, layout) if lanes else {}
        lines = LineMap(len(layout), 2 if lanes else 1, extra)
        look = Look(self._styled(paragraph), self._art, self._places, width - indent, 0, brackets)
        return _Block(paragraph, indent, layout, lines, RowPainter(look, layout, index))

    def _styled(self, paragraph: Paragraph) -> Theme:
        style = self._theme[_STYLES[paragraph.role]]
        return replace(self._theme, roles={**self._theme.roles, Role.TEXT: style})

    def _last_top(self) -> int:
        return max(0, self._starts[-1] - self.size.height)

    def _cursor_line(self) -> tuple[int, int] | None:
        """Return line and column of the annotator's place."""
        for block, start in zip(self._blocks, self._starts, strict=False):
            cursor = block.paragraph.cursor
            if cursor is not None:
                row = block.layout.row_of(cursor[0])
                column = block.layout.column_of(cursor[0])
                column += block.indent + (block.layout.width < self.size.width - block.indent)
                return start + block.map.line_of(row), column
            if block.paragraph.current:
                return start, 0
        return None

    def _follow(self) -> None:
        found = self._cursor_line()
        height = self.size.height
        if found is not None and height:
            self._top = min(max(self._top, found[0] + 2 - height), found[0])
        self._top = min(max(0, self._top), self._last_top())

    # Drawing

    def build_line(self, y: int) -> RowStrip:
        """Return what stands on a line of the screen."""
        place = self._locate(self._top + y)
        if place is None:
            return RowStrip(())
        block, row, part = place
        paragraph = block.paragraph
        cursor = paragraph.cursor or _NOWHERE
        compact = block.map.height == 1
        painted = block.painter.draw(row, cursor, paragraph.selection, paragraph.focus, compact)
        strip = painted[part] if part < len(painted) else RowStrip(())
        return RowStrip([*self._prefix(block, row, part), *strip.runs])

    def _prefix(self, block: _Block, row: int, part: int) -> list[Run]:
        if not block.indent:
            return []
        if row or part:
            return [blank(block.indent)]
        style = self._theme[Role.KEY]
        if block.paragraph.current:
            style += self._theme[Role.FOCUS]
        return [text_run(block.paragraph.prefix[: block.indent], style, self.drawing)]

    def _locate(self, line: int) -> tuple[_Block, int, int] | None:
        if not 0 <= line < self._starts[-1]:
            return None
        index = bisect_right(self._starts, line) - 1
        place = self._blocks[index].map.locate(line - self._starts[index])
        return None if place is None else (self._blocks[index], *place)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region, and remember that their rows have been on screen."""
        strips = super().render_lines(crop)
        self._note_seen(crop.line_range)
        return strips

    def _note_seen(self, lines: Iterable[int]) -> None:
        for line in lines:
            place = self._locate(self._top + line)
            if place is not None and place[2] == 0 and place[0].paragraph.content:
                self._seen.add((place[0].paragraph.text, place[1]))

    def _send(self) -> None:
        if not (self.is_mounted and self.size):
            return
        self.update_cells()
        self.place_cursor()
        if self._lines and self.screen.is_current:
            self._note_seen(range(self.size.height))


def _rows_of(block: _Block) -> Iterable[tuple[str, int]]:
    if block.paragraph.content:
        yield from ((block.paragraph.text, row) for row in range(len(block.layout)))
