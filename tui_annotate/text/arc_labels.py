"""Where the label of an arc stands: in its line, beside it, or cut where there is no room."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import groupby

Glyph = tuple[str, int]
"""A grapheme that is safe to draw, and its width in cells."""

Found = tuple[int, Sequence[Glyph], bool]
"""The column it begins in, what of it is drawn, and whether that is all of it."""


def place_label(
    label: Sequence[Glyph],
    left: int,
    right: int,
    beside: range,
    passing: Collection[int],
    short: Callable[[int], Sequence[Glyph]],
) -> Found | None:
    """Return where a label stands, None where there is no room for a short form of it.

    Args:
        label: Its graphemes.
        left, right: Columns of the arc's ends.
        beside: Columns that the arc and a label beside it may take.
        passing: Columns in which legs of higher arcs pass.
        short: Gives what stands for it in so many cells; empty if nothing can.
    """
    size = _size(label)
    inside = _free(range(left + 1, right), passing)
    roomy = [run for run in inside if len(run) >= size]
    if roomy:
        return (
            min((_middle(run, size, left + right) for run in roomy), key=_distance)[1],
            label,
            True,
        )
    after = _first(_free(range(right + 1, beside.stop), passing), right + 1)
    before = _last(_free(range(beside.start, left), passing), left - 1)
    if len(after) >= size:
        return after.start, label, True
    if len(before) >= size:
        return before.stop - size, label, True
    widest = max((*inside, after, before), key=len, default=range(0))
    drawn = short(len(widest))
    if not drawn:
        return None
    start = widest.stop - _size(drawn) if widest is before else widest.start
    return start, drawn, False


def _size(label: Iterable[Glyph]) -> int:
    return sum(width for _, width in label)


def _free(columns: range, passing: Collection[int]) -> list[range]:
    """Return the runs of columns in which no leg passes."""
    runs = []
    for blocked, group in groupby(columns, key=lambda column: column in passing):
        found = list(group)
        if not blocked:
            runs.append(range(found[0], found[-1] + 1))
    return runs


def _first(runs: Sequence[range], column: int) -> range:
    """Return the run that begins in a column; empty where a leg stands there."""
    return runs[0] if runs and runs[0].start == column else range(0)


def _last(runs: Sequence[range], column: int) -> range:
    return runs[-1] if runs and runs[-1][-1] == column else range(0)


def _middle(run: range, size: int, both: int) -> tuple[int, int]:
    """Return how far from the middle of the arc a label stands in a run, and where it begins.

    Args:
        run: Where it has room.
        size: Its cells.
        both: The sum of the columns of the arc's ends.
    """
    wanted = (both - size + 1) // 2
    spare = len(run) >= size + 2
    start = min(max(wanted, run.start + spare), run.stop - size - spare)
    return abs(2 * start + size - both - 1), start


def _distance(found: tuple[int, int]) -> tuple[int, int]:
    return found
