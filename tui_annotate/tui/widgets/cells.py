"""A widget of rows that sends to the terminal only the cells that have changed.

Rows of cells are compared to know which columns of the screen have to be sent again.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import ne, or_

from rich.style import Style
from textual.events import Resize
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from tui_annotate.text.terminal_widths import USUAL, TerminalWidths
from tui_annotate.text.width import widest
from tui_annotate.tui.widgets.strips import Cell, RowStrip, StripPlace, has_unsteady


class CellWidget(Widget):
    """Draws `build_line` for each of its lines; has no border, padding or scrollbar.

    Call `update_cells` after anything that `build_line` depends on has changed.
    """

    can_focus = False
    DEFAULT_CSS = """
    CellWidget { padding: 0; margin: 0; border: none; overflow: hidden hidden; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: dict[int, RowStrip] = {}
        self._drawn_size = Size(0, 0)

    @property
    def drawing(self) -> TerminalWidths:
        """How the terminal draws."""
        return getattr(self.app, "drawing", USUAL) if self.parent is not None else USUAL

    def build_line(self, y: int) -> RowStrip:
        """Return what line `y` of the widget shows; it is cut or filled up to its width."""
        raise NotImplementedError

    def update_cells(self) -> None:
        """Compare every line with what is on screen and send the cells that differ.

        Before the first frame at a size there is nothing to do: that frame shows everything.
        """
        if self._drawn_size != self.size:
            return
        width = self.size.width
        for y, old in list(self._lines.items()):
            new = self.build_line(y).fit(width)
            if new is old:
                continue
            self._lines[y] = new
            changed = [Region(a, y, b - a, 1) for a, b in changed_columns(old, new)]
            if changed:
                self.refresh(*changed)

    def redraw(self) -> None:
        """Forget what is on screen and send every cell."""
        self._lines.clear()
        self.refresh()

    def forget(self) -> None:
        """Lay out and draw anew with the next frame, as after having been hidden."""
        self._lines.clear()
        self._drawn_size = Size(0, 0)

    def set_display(self, shown: bool) -> None:
        """Show or hide it. Textual lays the screen out anew even where nothing changes by that."""
        if self.display != shown:
            self.display = shown

    def resized(self) -> None:
        """Do what another size makes necessary, before the first line is built at that size."""

    def on_resize(self, _event: Resize) -> None:
        """Draw anew at another size, if that has not been done by a frame that came before."""
        if self._drawn_size != self.size:
            self._take_size()
            self.refresh()

    def _take_size(self) -> None:
        self._drawn_size = self.size
        self._lines.clear()
        self.resized()

    def render_line(self, y: int) -> Strip:
        """Return a line as it shall be on screen."""
        return self._line(y)

    def _line(self, y: int) -> RowStrip:
        if self._drawn_size != self.size:
            self._take_size()
        line = self._lines.get(y)
        if line is None:
            line = self._lines[y] = self.build_line(y).fit(self.size.width)
        return line

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region. Textual's own way would lose their cell widths."""
        place = StripPlace(self.region.x, self.app.size.width)
        strips: list[Strip] = [self._line(y).at(place) for y in crop.line_range]
        background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        if crop.column_span != (0, self.size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips


GAP = 12
"""Unchanged cells that cost less to send again than a second jump of the cursor."""


def changed_columns(old: RowStrip, new: RowStrip, gap: int = GAP) -> list[tuple[int, int]]:
    """Return the ranges of columns in which two rows of equal width differ.

    Ranges less than `gap` cells apart are one. A wide grapheme changes as a whole, and with what a
    terminal may draw over that draws it wider still.
    """
    if old.runs == new.runs:
        return []
    ranges = [found.span() for found in _ranges(gap).finditer(_differing(old, new))]
    return _spread(ranges, new.cells()) if any(map(has_unsteady, new.runs)) else ranges


@lru_cache(maxsize=8)
def _ranges(gap: int) -> re.Pattern[bytes]:
    return re.compile(rb"\x01(?:\x00{0,%d}\x01)*" % (gap - 1))


def _differing(old: RowStrip, new: RowStrip) -> bytes:
    """Return for each column whether two rows differ in it, 1 or 0. A new task's rows differ in
    nearly all of them, so this is much of what a decision costs on a large screen."""
    if any(run.glyphs is not None for run in (*old.runs, *new.runs)):
        return bytes(map(ne, old.cells(), new.cells()))
    texts = bytes(map(ne, old.text, new.text))
    known: dict[Style, int] = {}
    before, after = _styles(old, known), _styles(new, known)
    return texts if before == after else bytes(map(or_, texts, map(ne, before, after)))


def _styles(row: RowStrip, known: dict[Style, int]) -> array[int]:
    """Return a number for the style of each cell of a row of single cells."""
    styles = array("L")
    for run in row.runs:
        styles.extend(array("L", [known.setdefault(run.style, len(known))]) * len(run.text))
    return styles


def _spread(ranges: Iterable[tuple[int, int]], cells: Sequence[Cell]) -> list[tuple[int, int]]:
    """Return ranges of columns with those that their graphemes may be drawn over as well."""
    found: list[tuple[int, int]] = []
    for start, end in ranges:
        column = start
        while column < end:
            if len(cells[column]) == 2:
                end = max(end, min(column + widest(cells[column][0]), len(cells)))
            column += 1
            if column == end < len(cells) and len(cells[end]) > 2:
                end += 1
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found
