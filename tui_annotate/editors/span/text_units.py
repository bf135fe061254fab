"""Words, sentences and paragraphs over tokens, found from a place without reading the whole text.

Where a script puts no spaces between words, or every grapheme is a token, a word is a run of one
script; signs and spaces are in no word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeAlias

from tui_annotate.task.tokenize import Tokens
from tui_annotate.text.characters import NO_SPACES, next_boundary

Starts: TypeAlias = Callable[[str, Tokens, int], bool]
"""Tells of a token whether a unit begins with it."""

FAR = 2_000
"""Tokens that are looked through for the next unit, so that no step is ever slow."""

_ENDS = frozenset(".!?…。！？｡؟۔।॥။។៕።")
_CLOSERS = frozenset("\"')]}»”’」』）】")
_WIDE_ENDS = frozenset("。！？｡")
_PART_OF = {"HALFWIDTH": "KATAKANA", "IDEOGRAPHIC": "CJK", "KANGXI": "CJK"}
_LONG = "\u30fc"
_LONGEST = 9
_PARAGRAPH = re.compile(r"\n[ \t\r]*\n")


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    if character.isspace():
        return "space"
    if not character.isalnum() and unicodedata.category(character)[0] not in "MN":
        return "word" if character == "_" else "sign"
    if not re.match(f"[{NO_SPACES}]", character):
        return "word"
    name = unicodedata.name(character, "?").split()[0].split("-")[0]
    return _PART_OF.get(name, name)


def kind(text: str, tokens: Tokens, token: int) -> str:
    """`space`, `sign`, `word`, or the name of a script without spaces."""
    before = token
    while text[tokens[before][0]] == _LONG and token - before < _LONGEST and before > 0:
        before -= 1
    found = _script(text[tokens[before][0]])
    # The sign for a long vowel is of the kana that it follows.
    return found if found == "HIRAGANA" or before == token else _script(_LONG)


def _whole_word(text: str, tokens: Tokens, token: int) -> bool:
    """Whether a token is longer than one grapheme: then tokens are words already."""
    start, end = tokens[token]
    return end - start > 1 and next_boundary(text, start) < end


def joined(text: str, tokens: Tokens, token: int) -> bool:
    """Whether a token and the one before it belong to one word."""
    if token <= 0 or tokens[token][0] > tokens[token - 1][1]:
        return False
    here = kind(text, tokens, token)
    if here in ("space", "sign") or here != kind(text, tokens, token - 1):
        return False
    return here != "word" or not any(_whole_word(text, tokens, t) for t in (token - 1, token))


def word_starts(text: str, tokens: Tokens, token: int) -> bool:
    """Whether a word begins with a token."""
    return kind(text, tokens, token) not in ("space", "sign") and not joined(text, tokens, token)


def word_at(text: str, tokens: Tokens, token: int) -> tuple[int, int]:
    """First and last token of the word that a token is in; a sign is alone."""
    first = last = token
    while joined(text, tokens, first):
        first -= 1
    while tokens.has(last + 1) and joined(text, tokens, last + 1):
        last += 1
    return first, last


def sentence_starts(text: str, tokens: Tokens, token: int) -> bool:
    """Whether a sentence begins with a token."""
    if token == 0 or _line_break(text, tokens, token):
        return True
    sign = text[tokens[token][0]]
    behind_space = tokens[token][0] > tokens[token - 1][1]
    # A quote or bracket that closes belongs to the sentence before it.
    closes = sign in _CLOSERS and not behind_space
    if closes or kind(text, tokens, token) == "space":
        return False
    before, passed_space = _before_closers(text, tokens, token - 1)
    end = text[tokens[before][0]]
    if end not in _ENDS or sign in _ENDS:
        return False
    # Where words have no spaces between them sentences have none either; elsewhere a point before
    # a small letter, or within a word, ends an abbreviation.
    is_apart = behind_space or passed_space
    return end in _WIDE_ENDS or (is_apart and not sign.islower())


def _before_closers(text: str, tokens: Tokens, token: int) -> tuple[int, bool]:
    """Return the last token, from one on backwards, that is neither a space nor closes a quote or
    bracket, and whether a space was passed."""
    passed_space = False
    while token > 0:
        is_space = kind(text, tokens, token) == "space"
        if not is_space and text[tokens[token][0]] not in _CLOSERS:
            break
        passed_space = passed_space or is_space
        token -= 1
    return token, passed_space


def paragraph_starts(text: str, tokens: Tokens, token: int) -> bool:
    """Whether a paragraph begins with a token: after an empty line, or after any line break of a
    text without empty lines."""
    if token == 0:
        return True
    if not _line_break(text, tokens, token):
        return False
    gap = text[tokens[token - 1][1] : tokens[token][0]]
    return "\n\n" not in text or _PARAGRAPH.search(gap) is not None


def _line_break(text: str, tokens: Tokens, token: int) -> bool:
    return "\n" in text[tokens[token - 1][1] : tokens[token][0]]


def step(starts: Starts, text: str, tokens: Tokens, token: int, direction: int) -> int:
    """The next or previous token that a unit begins with.

    Args:
        starts: Which unit.
        text: The text.
        tokens: Its tokens.
        token: Where to start from.
        direction: 1 or -1.

    Returns:
        Its number; without one within `FAR` tokens, the last that was looked at.
    """
    others: Iterable[int]
    end = max(token - FAR, 0)
    if direction > 0:
        end = token + FAR if tokens.has(token + FAR) else len(tokens) - 1
    others = range(token + 1, end + 1) if direction > 0 else range(token - 1, end - 1, -1)
    return next((each for each in others if starts(text, tokens, each)), end)
