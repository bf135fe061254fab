"""Rows of cells compared: which columns of the screen have to be sent again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from rich.style import Style

from tui_annotate.text.unsteady import widest
from tui_annotate.tui.widgets.strips import Cell, RowStrip, has_unsteady

GAP = 12
"""Unchanged cells that cost less to send again than a second jump of the cursor."""


def changed_columns(old: RowStrip, new: RowStrip, gap: int = GAP) -> list[tuple[int, int]]:
    """Return the ranges of columns in which two rows of equal width differ.

    Ranges less than `gap` cells apart are one. A wide grapheme changes as a whole, and with what a
    terminal may draw over that draws it wider still.
    """
    ranges: list[tuple[int, int]] = []
    if old.runs == new.runs:
        return ranges
    for column in _differing(old, new):
        if ranges and column - ranges[-1][1] < gap:
            ranges[-1] = (ranges[-1][0], column + 1)
        else:
            ranges.append((column, column + 1))
    return _spread(ranges, new.cells()) if any(map(has_unsteady, new.runs)) else ranges


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
