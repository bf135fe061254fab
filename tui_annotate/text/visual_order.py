"""Rows of right-to-left text in the order in which they stand on screen, for terminals that draw
characters where they are sent."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text import bidi
from tui_annotate.text.control_marks import mark
from tui_annotate.text.graphemes import split
from tui_annotate.text.scripts import has_right_to_left
from tui_annotate.text.shaping import shape

AROUND = 500
"""Characters before and after a row, at least, that its order is decided with; so the cost of a row
does not grow with its paragraph. Rows beside each other share them."""


class Turned(NamedTuple):
    """How a row is drawn.

    Attributes:
        shown: The row's characters, one for one: safe, shaped, brackets mirrored.
        levels: The embedding level of each.
        base: The level of the paragraph: 1 where rows begin at the right.
    """

    shown: str
    levels: Sequence[int]
    base: int


def turned(text: str, start: int, end: int, base: int | None = None) -> Turned | None:
    """Return how to draw the code points `start` to `end`, a row; None where it is as it stands.

    Args:
        text: The text.
        start, end: Where the row begins and ends.
        base: The level of the paragraph, where its first letter does not decide that.
    """
    first = text.rfind("\n", 0, start) + 1
    base = _base(text[first : first + AROUND]) if base is None else base
    if not base and not has_right_to_left(text[start:end]):
        return None
    left = max(first, (start // AROUND - 1) * AROUND)
    right = (end // AROUND + 2) * AROUND
    line_end = text.find("\n", end - 1, right)
    shown, found = _ordered(text[left : right if line_end < 0 else line_end + 1], base)
    inside = slice(start - left, end - left)
    row_levels = bidi.with_blanks_reset(text[start:end], found[inside], base)
    return Turned(shown[inside], row_levels, base)


@lru_cache(maxsize=64)
def _base(start_of_paragraph: str) -> int:
    return bidi.base_level(mark(start_of_paragraph))


@lru_cache(maxsize=64)
def _ordered(text: str, base: int) -> tuple[str, list[int]]:
    """Return what is drawn for a part of a paragraph, in text order, and the levels of it."""
    marked = mark(text)
    found = bidi.levels(marked, base)
    pairs = zip(shape(marked), found, strict=True)
    return "".join(bidi.mirrored(each) if level % 2 else each for each, level in pairs), found


def columns_of(levels: Sequence[int], widths: Sequence[int], first: int) -> list[int]:
    """Return the columns in which the graphemes of a row stand, from column `first` on.

    Args:
        levels: Their embedding levels, in text order.
        widths: Their cells.
        first: The column of the one that stands leftmost.
    """
    columns = [0] * len(widths)
    for place in bidi.visual_order(levels):
        columns[place] = first
        first += widths[place]
    return columns


def visual(text: str, base: int | None = None) -> list[tuple[str, str]]:
    """Return the graphemes of one line from left to right: as they are drawn, and as they are."""
    found = turned(text, 0, len(text), base)
    graphemes = split(text)
    if found is None:
        return [(mark(each), each) for each in graphemes]
    drawn, levels, at = [], [], 0
    for grapheme in graphemes:
        drawn.append((found.shown[at : at + len(grapheme)], grapheme))
        levels.append(found.levels[at])
        at += len(grapheme)
    return [drawn[index] for index in bidi.visual_order(levels)]
