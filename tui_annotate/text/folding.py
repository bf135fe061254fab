"""Text as a search sees it: without case, width, vowel signs and the like.

Folded away are case (`ß` is `ss`), the width of East Asian forms, the difference of katakana and
hiragana, accents and other marks that are set on letters (harakat and niqqud too), tatweel, the
hamza that is written with a letter, and what is not seen at all, as marks of direction.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.safe import safe

_RUNS = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")
_ALONE = {"\u0640": "", "\u0671": "\u0627", "\u0621": ""}
_SOFT = "\u0640\u0621\u200c\u200d\u00ad\u034f"


class Folded(NamedTuple):
    """A folded text that knows where its parts come from.

    Attributes:
        text: The folded text.
        source: The text it was made from.
        starts: For each code point of `text` that of the source; None where they are the same.
    """

    text: str
    source: str
    starts: tuple[int, ...] | None = None

    def range_of(self, start: int, end: int) -> tuple[int, int]:
        """Code points of the source for a range, not empty, of the folded text."""
        if self.starts is None:
            return start, end
        stop = self.starts[end - 1] + 1
        while stop < len(self.source) and _clings(self.source[stop]):
            stop += 1
        return self.starts[start], stop

    def find(self, wanted: str) -> Iterator[tuple[int, int]]:
        """Yield the ranges of the source where a text is found, folded as this one; they do not
        overlap. An empty text is nowhere."""
        needle = fold(wanted).text
        at = self.text.find(needle) if needle else -1
        while at >= 0:
            yield self.range_of(at, at + len(needle))
            at = self.text.find(needle, at + len(needle))


@lru_cache(maxsize=4)
def fold(text: str) -> Folded:
    """Fold a text; the last few are remembered."""
    if text.isascii():
        return Folded(text.lower(), text)
    parts: list[str] = []
    starts: list[int] = []
    for match in _RUNS.finditer(text):
        run, offset = match[0], match.start()
        if run.isascii():
            parts.append(run.lower())
            starts.extend(range(offset, offset + len(run)))
            continue
        for place, character in enumerate(run, offset):
            folded = _folded(character)
            parts.append(folded)
            starts.extend([place] * len(folded))
    return Folded("".join(parts), text, tuple(starts))


def fold_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return the folded texts of many names, each character of them looked at once."""
    given = tuple(names)
    joined = "".join(given)
    if joined.isascii():
        return tuple(map(str.lower, given))
    characters = set(joined)
    table = str.maketrans(
        {each: each.lower() if each.isascii() else _folded(each) for each in characters}
    )
    return tuple(name.translate(table) for name in given)


@lru_cache(maxsize=8192)
def _folded(character: str) -> str:
    if character in _SOFT or character in _ALONE:
        return _ALONE.get(character, "")
    if _is_unseen(character):
        return ""
    plain = unicodedata.normalize("NFKD", character).casefold()
    plain = unicodedata.normalize("NFKD", plain)
    kept = "".join(each for each in plain if unicodedata.category(each) not in ("Mn", "Me"))
    return "".join(map(_hiragana, kept)) or ("" if plain != kept else plain)


def _hiragana(character: str) -> str:
    small = "\u30a1" <= character <= "\u30f6" or character in "\u30fd\u30fe"
    return chr(ord(character) - 0x60) if small else character


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) == "Cf" and safe(character) != character


def _clings(character: str) -> bool:
    """Tell whether a character belongs to the letter before it; unseen ones are tokens."""
    if character.isascii() or _folded(character):
        return False
    return character in _SOFT or not _is_unseen(character)
