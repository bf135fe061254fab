"""Rows of cells: built from styled pieces, cut at any column, compared cell by cell.

Rich measures text by its own tables. Where they differ from the widths that a row was laid out
with, a cut at a column would fall into the wrong place, so these strips carry their own widths.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import repeat, zip_longest

from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from tui_annotate.records import NamedTuple

Glyphs = tuple[tuple[str, int], ...]
"""Graphemes with their width in cells."""

GAP = 12
"""Unchanged cells that cost less to send again than a second jump of the cursor."""

NULL = Style.null()

_EMOJI_PARTS = "\ufe0e\ufe0f\u20e3"


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
    return Run(text, style, None if plain else tuple(glyphs))


def blank(width: int, style: Style = NULL) -> Run:
    """Return a run of spaces."""
    return Run(" " * width, style)


class RowStrip(Strip):
    """A strip that knows the cells of its runs. Neighbours of equal style are one segment.

    Args:
        runs: From left to right.
        origin: The column of the screen that it starts in. Where it is known, columns are set
            anew after each grapheme whose width terminals disagree about, so that the rest of
            the row stands in its place on all of them.
    """

    __slots__ = ("origin", "runs")

    def __init__(self, runs: Iterable[Run], origin: int | None = None) -> None:
        self.runs = tuple(_merged(runs))
        self.origin = origin
        segments = [Segment(run.text, run.style or None) for run in self.runs]
        super().__init__(segments, sum(run.width for run in self.runs))

    def at(self, column: int) -> RowStrip:
        """Return it for a column of the screen; itself where that makes no difference."""
        if self.origin == column or not any(map(_is_unsteady, self.runs)):
            return self
        return RowStrip(self.runs, column)

    def render(self, console: Console) -> str:
        """Return the sequences that draw it."""
        if self.origin is None:
            return super().render(console)
        column = self.origin
        colors = console._color_system or ColorSystem.TRUECOLOR
        parts = []
        for run in self.runs:
            parts.append(self.render_style(run.style, _anchored(run, column), colors))
            column += run.width
        return "".join(parts)

    def fit(self, width: int) -> RowStrip:
        """Return it cut or filled up to a width."""
        missing = width - self.cell_length
        if missing > 0:
            return RowStrip([*self.runs, blank(missing)], self.origin)
        return self.crop(0, width) if missing else self

    def adjust_cell_length(self, cell_length: int, style: Style | None = None) -> Strip:
        """Return it cut or filled up to a width; `style` is that of the filling."""
        missing = cell_length - self.cell_length
        if missing > 0:
            return RowStrip([*self.runs, blank(missing, style or NULL)], self.origin)
        return self.crop(0, cell_length) if missing else self

    def crop(self, start: int, end: int | None = None) -> RowStrip:
        """Return the cells from `start` to `end`; halves of wide graphemes become spaces."""
        end = self.cell_length if end is None else min(end, self.cell_length)
        start = max(0, start)
        if (start, end) == (0, self.cell_length):
            return self
        origin = None if self.origin is None else self.origin + start
        return RowStrip(_cropped(self.runs, start, end), origin)

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
        return RowStrip(runs, self.origin)

    def cells(self) -> list[tuple[object, ...]]:
        """Return one comparable value per cell."""
        cells: list[tuple[object, ...]] = []
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


def _is_unsteady(run: Run) -> bool:
    return run.glyphs is not None and any(is_unsteady(glyph) for glyph, _ in run.glyphs)


@lru_cache(maxsize=4096)
def is_unsteady(glyph: str) -> bool:
    """Return whether terminals disagree about the width of a grapheme.

    They agree about single code points and about those with simple accents.
    """
    return any(
        character in _EMOJI_PARTS or unicodedata.category(character) not in {"Mn", "Me"}
        for character in glyph[1:]
    )


def _anchored(run: Run, column: int) -> str:
    """Return the text of a run with the column set after each unsteady grapheme."""
    if run.glyphs is None:
        return run.text
    parts = []
    for glyph, width in run.glyphs:
        column += width
        parts.append(f"{glyph}\x1b[{column + 1}G" if is_unsteady(glyph) else glyph)
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


def changed_columns(old: RowStrip, new: RowStrip, gap: int = GAP) -> list[tuple[int, int]]:
    """Return the ranges of columns in which two rows of equal width differ.

    Ranges less than `gap` cells apart are one. A wide grapheme changes as a whole.
    """
    ranges: list[tuple[int, int]] = []
    if old.runs == new.runs:
        return ranges
    for column in _differing(old, new):
        if ranges and column - ranges[-1][1] < gap:
            ranges[-1] = (ranges[-1][0], column + 1)
        else:
            ranges.append((column, column + 1))
    return ranges


def _differing(old: RowStrip, new: RowStrip) -> list[int]:
    """Return the columns in which two rows differ. A new task's rows differ in nearly all of them,
    so this is most of what a decision costs on a large screen."""
    if any(run.glyphs is not None for run in (*old.runs, *new.runs)):
        cells = zip_longest(old.cells(), new.cells())
        return [column for column, (before, after) in enumerate(cells) if before != after]
    columns = zip_longest(*_plain_cells(old), *_plain_cells(new))
    return [
        column
        for column, (before, style, after, other) in enumerate(columns)
        if before != after or (style is not other and style != other)
    ]


def _plain_cells(row: RowStrip) -> tuple[str, list[Style]]:
    """Return the characters of a row of single cells, and their styles."""
    styles: list[Style] = []
    for run in row.runs:
        styles += [run.style] * len(run.text)
    return row.text, styles
