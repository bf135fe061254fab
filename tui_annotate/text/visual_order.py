"""Rows of right-to-left text in the order in which they stand on screen, for terminals that draw
characters where they are sent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import regex

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text import bidi
from tui_annotate.text.characters import has_right_to_left, mark, split

_ARABIC = "[\u0620-\u06ff\u0750-\u077f]"
_FORMS = (*range(0xFB50, 0xFBFF), *range(0xFE80, 0xFEFD))
_KINDS = ("<isolated>", "<final>", "<initial>", "<medial>")
_ISOLATED, _FINAL, _INITIAL, _MEDIAL = range(4)
_KIND = {
    (False, False): _ISOLATED,
    (True, False): _FINAL,
    (False, True): _INITIAL,
    (True, True): _MEDIAL,
}
# The vowel of Kurdish and Uyghur looks like the end of a heh, and has no forms of its own.
_AE, _AE_FINAL = "\u06d5", "\ufeea"
_PASSED_OVER = ("Mn", "Me")


def shape(text: str) -> str:
    """Return `text`, as long as before, with each Arabic letter in the form it has in its word."""
    if not re.search(_ARABIC, text):
        return text
    letters = [i for i, each in enumerate(text) if unicodedata.category(each) not in _PASSED_OVER]
    joined = {
        (one, other)
        for one, other in pairwise(letters)
        if _joins_after(text[one]) and _joins_before(text[other])
    }
    after, before = {one for one, _ in joined}, {other for _, other in joined}
    found = list(text)
    for index in letters:
        forms = _table().get(text[index])
        if forms is not None:
            found[index] = forms[_KIND[index in before, index in after]]
    return "".join(found)


@lru_cache(maxsize=1024)
def _joins_after(character: str) -> bool:
    return _of_joining_type("DLC").match(character) is not None


@lru_cache(maxsize=1024)
def _joins_before(character: str) -> bool:
    return _of_joining_type("DRC").match(character) is not None


@cache
def _of_joining_type(types: str) -> Any:
    """Letters of one of these joining types, as Unicode calls them by one letter each."""
    return regex.compile("[" + "".join(rf"\p{{Joining_Type={each}}}" for each in types) + "]")


def _unshaped(character: str) -> list[str]:
    return [character] * 4


@cache
def _table() -> dict[str, list[str]]:
    """Return the four forms of each letter; where it lacks one, the letter itself."""
    forms: dict[str, list[str]] = {_AE: [_AE, _AE_FINAL, _AE, _AE]}
    for code in _FORMS:
        kind, _, letter = unicodedata.decomposition(chr(code)).partition(" ")
        if kind in _KINDS and " " not in letter:
            base = chr(int(letter, 16))
            forms.setdefault(base, _unshaped(base))[_KINDS.index(kind)] = chr(code)
    return forms


AROUND = 500
"""Characters before and after a row, at least, that its order is decided with; so the cost of a row
does not grow with its paragraph. Rows beside each other share them."""


class ReorderedRow(NamedTuple):
    """How a row is drawn.

    Attributes:
        shown: The row's characters, one for one: safe, shaped, brackets mirrored.
        levels: The embedding level of each.
        base: The level of the paragraph: 1 where rows begin at the right.
    """

    shown: str
    levels: Sequence[int]
    base: int


def turned(text: str, start: int, end: int, base: int | None = None) -> ReorderedRow | None:
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
    return ReorderedRow(shown[inside], row_levels, base)


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
