"""Graphemes whose width terminals disagree about."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from tui_annotate.text.width import grapheme_width, is_sign

_EMOJI_STYLE = "\ufe0f"
_EMOJI_PARTS = f"\ufe0e{_EMOJI_STYLE}\u20e3"
_WITHOUT_WIDTH = ("Mn", "Me", "Cf")


@lru_cache(maxsize=4096)
def is_unsteady(glyph: str) -> bool:
    """Return whether terminals disagree about the width of a grapheme.

    They agree about letters, with simple accents or without. They do not about vowel signs that
    stand beside a letter, letters of flags, and what is private or newer than they are.
    """
    first = glyph[0]
    return (
        unicodedata.category(first) in {"Mc", "Cn", "Co"}
        or _is_flag_letter(first)
        or any(
            character in _EMOJI_PARTS or unicodedata.category(character) not in {"Mn", "Me"}
            for character in glyph[1:]
        )
    )


@lru_cache(maxsize=4096)
def widest(glyph: str) -> int:
    """Return how many cells a terminal may take for a grapheme that it draws part by part."""
    return sum(map(_alone, glyph))


def _alone(character: str) -> int:
    if character == _EMOJI_STYLE:
        return 1
    if unicodedata.category(character) in _WITHOUT_WIDTH:
        return 0
    if is_sign(character):
        return 1
    return 2 if _is_flag_letter(character) else grapheme_width(character)


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
