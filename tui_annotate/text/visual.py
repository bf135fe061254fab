"""Rows of right-to-left text in the order in which they stand on screen, for terminals that draw
characters where they are sent."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from tui_annotate.text import bidi
from tui_annotate.text.drawing import Drawing
from tui_annotate.text.graphemes import split
from tui_annotate.text.marks import mark
from tui_annotate.text.shaping import shape
from tui_annotate.text.width import grapheme_width, on_base

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
    if not base and not bidi.has_right_to_left(text[start:end]):
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


def glyphs(text: str, drawing: Drawing, base: int | None = None) -> list[tuple[str, int]]:
    """Return the graphemes of one line in the order in which they are sent to a terminal: as they
    are drawn, and how many cells they take.

    Args:
        text: Any text.
        drawing: How the terminal draws.
        base: As in `turned`.
    """
    pairs = [(mark(g), g) for g in split(text)] if drawing.reorders else visual(text, base)
    return [(on_base(each, drawn, drawing), grapheme_width(each, drawing)) for drawn, each in pairs]


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
