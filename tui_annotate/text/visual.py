"""Rows of right-to-left text in the order in which they stand on screen, for terminals that draw
characters where they are sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tui_annotate.text import bidi
from tui_annotate.text.graphemes import split
from tui_annotate.text.marks import mark
from tui_annotate.text.shaping import shape

AROUND = 500
"""Characters before and after a row that its order is decided with; so the cost of a row does not
grow with its paragraph."""


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


def turned(text: str, start: int, end: int) -> Turned | None:
    """Return how to draw the code points `start` to `end`, a row; None where it is as it stands."""
    first = text.rfind("\n", 0, start) + 1
    base = bidi.base_level(mark(text[first : first + AROUND]))
    if not base and not bidi.has_right_to_left(text[start:end]):
        return None
    left = max(first, start - AROUND)
    right = text.find("\n", end - 1, end + AROUND)
    window = mark(text[left : end + AROUND if right < 0 else right + 1])
    inside = slice(start - left, end - left)
    found = bidi.levels(window, base)[inside]
    row = text[start:end]
    shown = shape(window)[inside]
    mirrored = [
        bidi.mirrored(each) if level % 2 else each for each, level in zip(shown, found, strict=True)
    ]
    return Turned("".join(mirrored), bidi.with_blanks_reset(row, found, base), base)


def visual(text: str) -> list[tuple[str, str]]:
    """Return the graphemes of one line from left to right: as they are drawn, and as they are."""
    found = turned(text, 0, len(text))
    graphemes = split(text)
    if found is None:
        return [(mark(each), each) for each in graphemes]
    drawn, levels, at = [], [], 0
    for grapheme in graphemes:
        drawn.append((found.shown[at : at + len(grapheme)], grapheme))
        levels.append(found.levels[at])
        at += len(grapheme)
    return [drawn[index] for index in bidi.visual_order(levels)]
