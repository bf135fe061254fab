"""Draws a sheet: paragraphs one below the other, each wrapped for itself, spans with lanes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from textual.geometry import Offset, Region
from textual.strip import Strip

from tui_annotate.editors.base import Argument, Change
from tui_annotate.editors.form import OpenEditor
from tui_annotate.editors.sheet import BLANK, Part, Sheet, part_of
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.theme import Theme
from tui_annotate.tui.widgets.cells import CellWidget, RowStrip
from tui_annotate.tui.widgets.choice_lines import ChoiceLines
from tui_annotate.tui.widgets.lanes import ASCII, BOX
from tui_annotate.tui.widgets.paragraph_layout import Block, ParagraphLayout
from tui_annotate.tui.widgets.rows import RowStyle
from tui_annotate.tui.widgets.sheet_layout import ArcRooms, BlockMaker
from tui_annotate.tui.widgets.text_layout import RowsOnScreen, unseen_rows

_EMPTY = RowStrip(())


class SheetView(CellWidget):
    """Shows what an editor's `sheet()` says, and keeps the current paragraph on screen.

    Relations are drawn as arcs over the text in the modes `lanes` and `compact`; in `lanes` and
    `list` they are listed below it.

    Args:
        theme: The styles.
        labels: The job's labels, for their colours.
        ascii_only: Draw lanes in ASCII.

    Attributes:
        part: What of the sheet is shown.
        other: The sheet that shows the rest beside this one; None where there is none.
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
        self.mode = "lanes"
        self._look = RowStyle(theme, ASCII if ascii_only else BOX, {}).with_labels(labels)
        self._maker: BlockMaker | None = None
        self._editor: OpenEditor | None = None
        self._blocks: list[Block] = []
        self._starts: list[int] = [0]
        self._laid_out: tuple[object, ...] = ()  # what the blocks were made of
        self._pinned: Block | None = None
        self._height = 0
        self._rooms: ArcRooms = {}
        self._top = 0
        self._seen: dict[str, set[int]] = {}
        self._noted: tuple[object, ...] = ()
        self.sheet: Sheet = ()
        self.part: Part = "whole"
        self.other: SheetView | None = None
        self._lead, self._has_left = 0, False
        self._choices = ChoiceLines()

    # What others see

    @property
    def editor(self) -> OpenEditor | None:
        """The editor of the task that is shown."""
        return self._editor

    @property
    def rows(self) -> Layout:
        """The wrapped text that the cursor is in, for moves by row."""
        for block in self._blocks:
            if block.paragraph.cursor is not None:
                return block.laid_out.layout
        return Layout("", 1)

    @property
    def page_rows(self) -> int:
        """How many rows of the text that the cursor is in fit on the screen, at least 1."""
        for block in self._blocks:
            if block.paragraph.cursor is not None:
                return block.laid_out.rows_of_a_page(self._height)
        return max(1, self.size.height)

    @property
    def top_offset(self) -> int:
        """The first line on screen: what a draft remembers of the scrolling."""
        return self._top

    @property
    def unseen_below(self) -> int:
        """How many rows of the input below the screen were never on it."""
        size = self.size
        if size and self._drawn_size != size:
            self._take_size()  # rows are counted at the width that they will be drawn at
        if not size:
            return 0
        beside = self._second.unseen_below if self._second is not None else 0
        return self._unseen_after(self._top + self._height) + beside

    @property
    def unseen_above(self) -> int:
        """How many rows of the input above the screen were never on it."""
        beside = self._second.unseen_above if self._second is not None else 0
        return self._unseen_after(-1) - self._unseen_after(self._top) + beside

    @property
    def unseen_rows(self) -> int:
        """How many rows of the input were never on screen."""
        beside = self._second.unseen_rows if self._second is not None else 0
        return self._unseen_after(-1) + beside

    @property
    def _second(self) -> SheetView | None:
        """The sheet beside this one, for which this one answers; None where there is none."""
        return self.other if self.part == "main" else None

    @property
    def place(self) -> RowsOnScreen | None:
        """Which lines are on screen, of what stands beside them if all of these are; None where
        nothing is missing."""
        lines, height = self._lines_of_both, self.size.height
        if lines <= height:
            return self._second.place if self._second is not None else None
        return RowsOnScreen(self._top + 1, min(lines, self._top + height), lines)

    def _unseen_after(self, line: int) -> int:
        """Return how many rows of the input from a line on were never on screen."""
        return unseen_rows(zip(self._blocks, self._starts, strict=False), self._seen, line)

    @property
    def in_brackets(self) -> bool:
        """Whether the spans of the text that the cursor is in stand in brackets, without labels."""
        here = (block for block in self._blocks if block.paragraph.cursor is not None)
        return any(block.bracketed and block.paragraph.spans for block in here)

    # What others do

    def show(self, editor: OpenEditor, *, top_offset: int | None = None) -> None:
        """Show a task from its beginning, or as it was scrolled when it was left."""
        self._editor = editor
        self._seen.clear()
        self._noted = ()
        self._rooms.clear()
        self._lead = 0
        self._renew()
        self._top = top_offset or 0
        self._lay_out()
        self._follow()
        self._send()

    def set_theme(self, theme: Theme) -> None:
        """Show everything in the styles of another theme."""
        self._look = self._look._replace(theme=theme)
        self._renew()
        self.changed()

    def set_mode(self, mode: str) -> None:
        """Show relations as arcs and in a list (`lanes`), as arcs (`compact`), or as a `list`."""
        self.mode = mode
        if self._maker is not None:
            self.redo()

    def changed(self, _change: Change | None = None, sheet: Sheet = ()) -> None:
        """Show what a command has changed, and scroll to where the annotator is: when that is
        another place, or was on the screen and would be no longer. Whoever has scrolled away from
        it to read stays there. What the editor shows now may be given, so that it is asked once."""
        before, shown = self._here, self._is_shown(self._extent())
        self._lay_out(sheet)
        if self._here != before or (shown and not self._is_shown(self._extent())):
            self._follow()
        self._top = min(self._top, self._last_top())
        self._send()

    def set_drawing(self) -> None:
        """Draw as the terminal is known to draw now."""
        self.redo()

    def redo(self) -> None:
        """Lay out and draw everything anew."""
        self._rooms.clear()
        self._renew()
        self.changed()

    def scroll(self, way: str) -> None:
        """Scroll `up` or `down` a row, `page_up` or `page_down`, to the `top` or the `bottom`."""
        self.scroll_rows(self._steps[way])

    def scroll_rows(self, rows: int) -> None:
        """Scroll by lines, down where `rows` is positive."""
        self._top = min(max(0, self._top + rows), self._last_top())
        self._send()
        if self._has_left:
            self._align_other()

    def instead_of(self, command: str, argument: Argument) -> Change | None:
        """Do what a key does to the view and not to the task.

        A choice that is not on the screen is gone to and not taken. At both ends of a list, and
        where it was scrolled off the screen, the keys of the list scroll.

        Args:
            command: A command of the action table.
            argument: What goes with it.

        Returns:
            What was done; None where the editor is to carry the command out.
        """
        editor = self._editor
        if editor is None:
            return None
        meant = editor.meant_choice(command, argument)
        if meant is not None:
            return None if self._shows_choice(meant) else self._go_to_choice(editor, meant)
        rows = self._rows_to_scroll(command)
        if rows is None or not self._scrolls_list(command, rows):
            return None
        # Where all choices are on screen, what is read beside them is scrolled.
        other = self.other if self.part == "beside" and not self._last_top() else None
        if other is None:
            self.scroll_rows(rows)
        else:
            other.scroll_rows(other._rows_to_scroll(command) or 0)
        return Change()

    def choices_of_a_page(self, step: int) -> int:
        """Return how many choices a page takes the cursor on, at least 1.

        Args:
            step: 1 downwards, -1 upwards.
        """
        return self._choices.of_a_page(step, self.size.height)

    def set_labels(self, labels: Iterable[str]) -> None:
        """Take other labels, for their colours."""
        self._look = self._look.with_labels(labels)
        self._renew()

    def place_cursor(self) -> None:
        """Put the terminal's own cursor where the annotator is, for screen readers."""
        found = self._cursor_line()
        if found is not None and 0 <= found[0] - self._top < self.size.height:
            column = min(found[1], max(0, self.size.width - 1))
            offset = Offset(column, found[0] - self._top)
            self.app.cursor_position = self.region.offset + offset

    def resized(self) -> None:
        """Lay out at the widget's size."""
        self._rooms.clear()
        self._renew()
        self._lay_out()
        self._follow()
        if self.size:
            self.place_cursor()

    # Layout

    def _renew(self) -> None:
        look = self._look._replace(width=max(1, self.size.width))
        self._maker = BlockMaker(look, self.size.height, self.drawing, self._rooms)

    def _lay_out(self, sheet: Sheet = ()) -> None:
        # Before it has a size nothing is seen, and a long text in rows of one cell takes seconds.
        self.sheet = ()
        if self._editor is not None and self.size:
            self.sheet = sheet or self._editor.sheet()
        sheet = (*[BLANK] * self._lead, *part_of(self.sheet, self.part))
        self._tell_apart(sheet)
        assert self._maker is not None
        laid_out = (self._maker, self.mode, self.size.height, sheet)
        if laid_out == self._laid_out:
            return  # most keys change the text or what stands beside it, and not both
        self._laid_out = laid_out
        self._blocks = list(self._maker.blocks(sheet, self.mode))
        self._starts = [0, *accumulate(block.total for block in self._blocks)]
        self._choices = ChoiceLines(self._blocks, self._starts)
        pinned = (block for block in self._blocks if block.paragraph.pinned)
        height = self.size.height
        self._pinned = next(pinned, None) if self._starts[-1] > height > 1 else None
        # Scrolling goes by all lines: a pinned one covers the last, and moves nothing. Below the
        # row that the cursor is in there is always its lane, so the row itself is never covered.
        self._height = height - 1 if self._pinned is not None else height
        blocks = self._blocks if self._second is not None else ()
        self._has_left = any(block.paragraph.column == "left" for block in blocks)
        if self._has_left:
            self._align_other()

    # Two versions beside each other, of which this sheet has the left one

    def _align_other(self) -> None:
        """Have the version beside this one begin on the same line, and be scrolled as far."""
        assert self.other is not None
        starts = zip(self._blocks, self._starts, strict=False)
        lead = next(start for each, start in starts if each.paragraph.column == "left")
        self.other.follow_other(lead, self._top)

    def follow_other(self, lead: int, top: int) -> None:
        """Begin so many lines further down, as the version beside this one does, and scroll to the
        line that it shows first."""
        if lead != self._lead:
            self._lead = lead
            self._lay_out()
        self._top = min(top, self._last_top())
        self._send()

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return self._starts[-1]

    @property
    def _lines_of_both(self) -> int:
        """Lines of this sheet, or of the version beside it where that is longer."""
        other = self.other
        paired = other is not None and (self._has_left or self._lead)
        return max(self.lines, other.lines) if other is not None and paired else self.lines

    def _tell_apart(self, sheet: Sheet) -> None:
        """Have the labels of a task told from those of the job by their short forms."""
        spans = [span for paragraph in sheet for span in paragraph.spans]
        arcs = {arc.label for paragraph in sheet for arc in paragraph.arcs or ()}
        look = self._look.with_brought(spans, arcs)
        if look is not self._look:
            self._look = look
            self._renew()

    def _last_top(self) -> int:
        return max(0, self._lines_of_both - self.size.height)

    # Choices

    def _shows_choice(self, number: int) -> bool:
        """Whether the line with the name of a choice is on the screen."""
        extent = self._choices.extents.get(number)
        return extent is None or self._top <= extent[0] < self._top + self._height

    def _go_to_choice(self, editor: OpenEditor, number: int) -> Change:
        editor.apply("option", number)
        self._lay_out()
        self._follow()
        said = "this option was not on the screen: the same key again chooses it"
        return Change(moved=True, message=said)

    def _rows_to_scroll(self, command: str) -> int | None:
        """Return how far a command of a list scrolls, should it scroll; None for others."""
        if not command.startswith("option_"):
            return None
        way = command.removeprefix("option_")
        return self._steps.get({"first": "top", "last": "bottom"}.get(way, way))

    @property
    def _steps(self) -> dict[str, int]:
        """How many rows each way of scrolling goes, down where positive."""
        page, everything = max(1, self.size.height - 1), self._starts[-1]
        steps = {"up": -1, "down": 1, "page_up": -page, "page_down": page}
        return {**steps, "top": -everything, "bottom": everything}

    def _scrolls_list(self, command: str, rows: int) -> bool:
        """Whether a command of a list scrolls: the cursor is at that end of it, or not shown."""
        here = self._choices.current
        if here is None or not self._choices.extents:
            return False
        if self._choices.is_last(rows):
            return True
        # A key to an end goes there wherever the cursor is; the others go on from it, which would
        # jump away from what is being read.
        to_an_end = command in ("option_first", "option_last")
        return not to_an_end and not self._shows_choice(here)

    @property
    def _here(self) -> tuple[int, tuple[int, int] | None] | None:
        """Where the annotator is: which of the blocks, and which code points of it."""
        for number, block in enumerate(self._blocks):
            if block.paragraph.cursor is not None or block.paragraph.current:
                return number, block.paragraph.cursor
        return None

    def _extent(self) -> tuple[int, int] | None:
        """Return the first and the last line of the annotator's place: of a text the row with its
        lane, of a list all of the choice, else all that is current."""
        found = self._cursor_line()
        if found is None:
            return None
        first = last = found[0]
        number = self._choices.current
        for block, start in zip(self._blocks, self._starts, strict=False):
            if block.paragraph.cursor is not None:
                return first, first + 1
            same = number is not None and block.paragraph.choice == number
            if same or block.paragraph.current:
                last = max(last, start + block.total - 1)
        return first, last

    def _is_shown(self, extent: tuple[int, int] | None) -> bool:
        if extent is None:
            return True
        return self._top <= extent[0] and extent[1] < self._top + self.size.height

    def _cursor_line(self) -> tuple[int, int] | None:
        """Return line and column of the annotator's place."""
        for block, start in zip(self._blocks, self._starts, strict=False):
            cursor = block.paragraph.cursor
            if cursor is not None:
                drawn = block.laid_out
                row = drawn.layout.row_of(cursor[0])
                column = drawn.layout.column_of(cursor[0])
                column += drawn.indent + drawn.bracketed
                return start + drawn.text_line(row), column
            if block.paragraph.current:
                return start, 0
        return None

    def _follow(self) -> None:
        """Keep the annotator's line on screen, with its lane, and its arcs as far as they fit."""
        found, height = self._extent(), self.size.height
        if found is not None and height:
            place = self._locate(found[0])
            first = found[0] - (place[2] if place is not None else 0)  # its arcs are above it
            # Its end has to be on screen; of what is higher than the screen, its beginning.
            least = min(found[1] + 1 - height, found[0])
            self._top = max(min(self._top, first), least)
        self._top = min(max(0, self._top), self._last_top())

    # Drawing

    def build_line(self, y: int) -> RowStrip:
        """Return what stands on a line of the screen."""
        if y >= self._height and self._pinned is not None:
            return self._pinned.laid_out.strip(0, 0)
        place = self._locate(self._top + y)
        return _EMPTY if place is None else place[0].strip(*place[1:])

    def _locate(self, line: int) -> tuple[ParagraphLayout, int, int] | None:
        if not 0 <= line < self._starts[-1]:
            return None
        index = bisect_right(self._starts, line) - 1
        block = self._blocks[index].laid_out
        place = block.map.locate(line - self._starts[index])
        return None if place is None else (block, *place)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region, and remember that their rows have been on screen."""
        strips = super().render_lines(crop)
        self._note_seen(crop.line_range)
        return strips

    def _note_seen(self, lines: range) -> None:
        texts = [block.paragraph.text for block in self._blocks]
        shown = (self._top, self._height, self._starts, texts)
        if shown == self._noted:
            return  # the same lines as before: most keys do not scroll
        if lines.start <= 0 and lines.stop >= self._height:
            self._noted = shown
        for line in lines:
            place = self._locate(self._top + line)
            if place is None or line >= self._height:
                continue
            block, row, part = place
            if block.is_text(row, part) and block.paragraph.content:
                self._seen.setdefault(block.paragraph.text, set()).add(row)

    def _send(self) -> None:
        if not (self.is_mounted and self.size):
            return
        self.update_cells()
        self.place_cursor()
        if self._lines and self.screen.is_current:
            self._note_seen(range(self._height))
