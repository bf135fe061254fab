"""Rows of cells, built from styled pieces, and a widget of them that sends only what has changed.

Rich measures text by its own tables. Where they differ from the widths that a row was laid out
with, a cut at a column would fall into the wrong place, so these rows carry their own widths. They
are compared to know which columns of the screen have to be sent again.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import repeat
from operator import ne, or_

from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.events import Resize
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.width import USUAL, TerminalWidths, is_unsteady, widest

Glyphs = tuple[tuple[str, int], ...]
"""Graphemes with their width in cells."""

Cell = tuple[str, Style] | tuple[str, Style, int]
"""A cell: its grapheme, how it looks, and which of its grapheme's cells it is, from 1 where it is
not the first."""

NULL = Style.null()

_ZWJ = "\u200d"


class Run(NamedTuple):
    """Text of one style. `glyphs` is None where every character is one cell."""

    text: str
    style: Style = NULL
    glyphs: Glyphs | None = None

    @property
    def width(self) -> int:
        """Cells it takes."""
        return len(self.text) if self.glyphs is None else sum(w for _, w in self.glyphs)

    def pairs(self) -> Iterable[tuple[str, int]]:
        """Return its graphemes with their widths."""
        return zip(self.text, repeat(1), strict=False) if self.glyphs is None else self.glyphs


def glyph_run(glyphs: Sequence[tuple[str, int]], style: Style = NULL) -> Run:
    """Return a run of graphemes with given widths."""
    text = "".join(glyph for glyph, _ in glyphs)
    plain = len(text) == len(glyphs) and all(width == 1 for _, width in glyphs)
    steady = text.isascii() or not any(map(is_unsteady, text))
    return Run(text, style, None if plain and steady else tuple(glyphs))


def blank(width: int, style: Style = NULL) -> Run:
    """Return a run of spaces."""
    return Run(" " * width, style)


class StripPlace(NamedTuple):
    """Where a strip stands: the column of the screen it starts in, and the screen's width."""

    column: int
    width: int


class RowStrip(Strip):
    """A strip that knows the cells of its runs. Neighbours of equal style are one segment.

    Args:
        runs: From left to right.
        place: Where it stands on the screen. Where that is known, columns are set anew after each
            grapheme whose width terminals disagree about, so that the rest of the row stands in
            its place on all of them.
    """

    __slots__ = ("place", "runs")

    def __init__(self, runs: Iterable[Run], place: StripPlace | None = None) -> None:
        self.runs = tuple(_merged(runs))
        self.place = place
        segments = [Segment(run.text, run.style or None) for run in self.runs]
        super().__init__(segments, sum(run.width for run in self.runs))

    def at(self, place: StripPlace) -> RowStrip:
        """Return it for a place on the screen; itself where that makes no difference."""
        if self.place == place or not (
            any(map(has_unsteady, self.runs)) or self._ends_in_marks_at(place)
        ):
            return self
        return RowStrip(self.runs, place)

    def _ends_in_marks_at(self, place: StripPlace) -> bool:
        """Return whether a letter with marks stands in the last column of the screen."""
        if place.column + self.cell_length < place.width or not self.runs:
            return False
        glyphs = self.runs[-1].glyphs
        return glyphs is not None and len(glyphs[-1][0]) > 1

    def render(self, console: Console) -> str:
        """Return the sequences that draw it."""
        if self.place is None:
            return super().render(console)
        column, joins = self.place.column, False
        colors = console._color_system or ColorSystem.TRUECOLOR
        parts = []
        for run in self.runs:
            sent = _anchored(run, StripPlace(column, self.place.width), joins)
            parts.append(self.render_style(run.style, sent, colors))
            column += run.width
            joins = run.text.endswith(_ZWJ)
        return "".join(parts)

    def fit(self, width: int) -> RowStrip:
        """Return it cut or filled up to a width."""
        missing = width - self.cell_length
        if missing > 0:
            return RowStrip([*self.runs, blank(missing)], self.place)
        return self.crop(0, width) if missing else self

    def adjust_cell_length(self, cell_length: int, style: Style | None = None) -> Strip:
        """Return it cut or filled up to a width; `style` is that of the filling."""
        missing = cell_length - self.cell_length
        if missing > 0:
            return RowStrip([*self.runs, blank(missing, style or NULL)], self.place)
        return self.crop(0, cell_length) if missing else self

    def crop(self, start: int, end: int | None = None) -> RowStrip:
        """Return the cells from `start` to `end`; halves of wide graphemes become spaces."""
        end = self.cell_length if end is None else min(end, self.cell_length)
        start = max(0, start)
        if (start, end) == (0, self.cell_length):
            return self
        place = self.place and self.place._replace(column=self.place.column + start)
        return RowStrip(_cropped(self.runs, start, end), place)

    def divide(self, cuts: Iterable[int]) -> list[Strip]:
        """Return the parts between neighbouring columns, the first part starts at column 0."""
        parts: list[Strip] = []
        left = 0
        for cut in cuts:
            if cut <= self.cell_length:
                parts.append(self.crop(left, cut))
                left = cut
        return parts

    def apply_filter(self, filter: LineFilter, background: Color) -> RowStrip:
        """Return it with its styles changed by one of Textual's filters."""
        segments = filter.apply([Segment(r.text, r.style) for r in self.runs], background)
        styles = [segment.style or NULL for segment in segments]
        runs = [run._replace(style=style) for run, style in zip(self.runs, styles, strict=True)]
        return RowStrip(runs, self.place)

    def cells(self) -> list[Cell]:
        """Return one comparable value per cell."""
        cells: list[Cell] = []
        for run in self.runs:
            if run.glyphs is None:
                cells.extend(zip(run.text, repeat(run.style), strict=False))
                continue
            for glyph, width in run.glyphs:
                cells.append((glyph, run.style))
                cells.extend((glyph, run.style, part) for part in range(1, width))
        return cells


def _merged(runs: Iterable[Run]) -> Iterable[Run]:
    """Join neighbours of equal style; leave out what is empty."""
    last: Run | None = None
    for run in runs:
        if not run.text:
            continue
        if last is None:
            last = run
        elif last.style is not run.style and last.style != run.style:
            yield last
            last = run
        elif last.glyphs is None and run.glyphs is None:
            last = Run(last.text + run.text, last.style)
        else:
            glyphs = (*last.pairs(), *run.pairs())
            last = Run(last.text + run.text, last.style, glyphs)
    if last is not None:
        yield last


def has_unsteady(run: Run) -> bool:
    """Return whether a run has a grapheme whose width terminals disagree about."""
    return run.glyphs is not None and any(is_unsteady(glyph) for glyph, _ in run.glyphs)


def _anchored(run: Run, place: StripPlace, joins: bool) -> str:
    """Return the text of a run with the column set after each unsteady grapheme.

    Args:
        run: The run.
        place: Where it stands.
        joins: Whether a joiner stands before it: there are terminals that draw anything behind one
            in the cell of what it follows.
    """
    if run.glyphs is None and not joins:
        return run.text
    parts = []
    column = place.column
    for glyph, width in run.pairs():
        column += width
        if joins or is_unsteady(glyph):
            # Where less of it is drawn than this, the rest would show what stood there before.
            erased = f"\x1b[{width}X" if joins or width > 1 else ""
            parts.append(f"{erased}{glyph}\x1b[{column + 1}G")
        elif column == place.width and len(glyph) > 1:
            # Without wrapping, tmux sets a mark of the last column on the letter before that.
            parts.append(f"\x1b[?7h{glyph}\x1b[?7l")
        else:
            parts.append(glyph)
        joins = glyph.endswith(_ZWJ)
    return "".join(parts)


def _cropped(runs: Iterable[Run], start: int, end: int) -> Iterable[Run]:
    column = 0
    for run in runs:
        width = run.width
        left, right = max(start - column, 0), min(end - column, width)
        if left < right:
            if run.glyphs is None:
                yield Run(run.text[left:right], run.style)
            else:
                yield glyph_run(list(_crop_glyphs(run.glyphs, left, right)), run.style)
        column += width


def _crop_glyphs(glyphs: Glyphs, left: int, right: int) -> Iterable[tuple[str, int]]:
    column = 0
    for glyph, width in glyphs:
        inside = min(right, column + width) - max(left, column)
        if inside == width:
            yield glyph, width
        elif inside > 0:
            yield from ((" ", 1) for _ in range(inside))
        column += width


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
