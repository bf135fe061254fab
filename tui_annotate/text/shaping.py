"""Arabic letters in the form that their neighbours give them, one code point for each.

Terminals that do not put right-to-left text in order see its letters in the order in which they
stand on screen, and would join them the wrong way round. The presentation forms of Unicode say
how a letter is joined. The ligature of lam and alef is drawn as two letters, so that each letter
keeps a cell of its own. A letter without such forms stands as it is, between neighbours that reach
for it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

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
    return _joining().match(character) is not None


@lru_cache(maxsize=1024)
def _joins_before(character: str) -> bool:
    return _joined().match(character) is not None


@cache
def _joining() -> Any:
    """Letters that a letter behind them is joined to."""
    import regex

    return regex.compile(r"[\p{Joining_Type=D}\p{Joining_Type=L}\p{Joining_Type=C}]")


@cache
def _joined() -> Any:
    """Letters that are joined to a letter before them."""
    import regex

    return regex.compile(r"[\p{Joining_Type=D}\p{Joining_Type=R}\p{Joining_Type=C}]")


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
