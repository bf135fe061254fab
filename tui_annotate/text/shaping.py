"""Arabic letters in the form that their neighbours give them, one code point for each.

Terminals that do not put right-to-left text in order see its letters in the order in which they
stand on screen, and would join them the wrong way round. The presentation forms of Unicode say
how a letter is joined. The ligature of lam and alef is drawn as two letters, so that each letter
keeps a cell of its own.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise

_ARABIC = re.compile("[\u0620-\u06ff\u0750-\u077f]")
_FORMS = (*range(0xFB50, 0xFBFF), *range(0xFE80, 0xFEFD))
_KINDS = ("<isolated>", "<final>", "<initial>", "<medial>")
_ISOLATED, _FINAL, _INITIAL, _MEDIAL = range(4)
_KIND = {
    (False, False): _ISOLATED,
    (True, False): _FINAL,
    (False, True): _INITIAL,
    (True, True): _MEDIAL,
}
_JOINERS = "\u0640\u200d"
_PASSED_OVER = ("Mn", "Me")


def shape(text: str) -> str:
    """Return `text`, as long as before, with each Arabic letter in the form it has in its word."""
    if not _ARABIC.search(text):
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


def _joins_after(character: str) -> bool:
    forms = _table().get(character)
    return character in _JOINERS or (forms is not None and forms[_INITIAL] != character)


def _joins_before(character: str) -> bool:
    forms = _table().get(character)
    return character in _JOINERS or (forms is not None and forms[_FINAL] != character)


def _unshaped(character: str) -> list[str]:
    return [character] * 4


@cache
def _table() -> dict[str, list[str]]:
    """Return the four forms of each letter; where it lacks one, the letter itself."""
    forms: dict[str, list[str]] = {}
    for code in _FORMS:
        kind, _, letter = unicodedata.decomposition(chr(code)).partition(" ")
        if kind in _KINDS and " " not in letter:
            base = chr(int(letter, 16))
            forms.setdefault(base, _unshaped(base))[_KINDS.index(kind)] = chr(code)
    return forms
