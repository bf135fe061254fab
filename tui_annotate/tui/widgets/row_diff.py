"""Rows of cells compared: which columns of the screen have to be sent again."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import ne, or_

from rich.style import Style

from tui_annotate.text.width import widest
from tui_annotate.tui.widgets.strips import Cell, RowStrip, has_unsteady

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
