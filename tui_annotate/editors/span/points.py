"""What the cursor can be sent to: hits of a search, hinted words, and the point it came to last.
Hints are the letters that stand for words while one of them is picked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from tui_annotate.editors.base import Range
from tui_annotate.editors.span.spanset import CursorPlace
from tui_annotate.editors.span.text_units import word_at, word_starts
from tui_annotate.errors import ConfigError
from tui_annotate.task.tokenize import Tokens

if TYPE_CHECKING:
    from tui_annotate.text.folding import Folded

Way: TypeAlias = Literal["folded", "exact", "regex"]
"""How a search compares: without case, marks and width; code point by code point; by pattern."""

WAYS: tuple[Way, ...] = ("folded", "exact", "regex")

MOST = 10_000
"""Hits of a search that are kept."""

NEAR = 5_000
"""Code points before and behind the cursor in which words are found by a letter."""

SECONDS = 0.25
"""How long a regular expression may look at a text."""


class Points:
    """What can be gone to, and what was.

    Attributes:
        query: What was searched for and how; None where nothing was.
        hits: First and last tokens of what a search found, in order.
        marks: Their code points, and those of the point arrived at.
        passing: Whether the hits go with the next edit: they are of a `find`, not of a search.
        letters: What that `find` looked for; empty where the hits are of something else.
        origin: Where the cursor was when the search began.
        hints: Letters still to be typed, by the offset they stand for.
        reach: First and last token of the point arrived at; a label takes all of it.
    """

    def __init__(self) -> None:
        self.query: tuple[Way, str] | None = None
        self.hits: tuple[tuple[int, int], ...] = ()
        self.marks: tuple[Range, ...] = ()
        self.passing = False
        self.letters = ""
        self.origin: CursorPlace | None = None
        self.hints: dict[int, str] = {}
        self.reach: tuple[int, int] | None = None

    def found(self, hits: list[tuple[int, int]], tokens: Tokens, *, passing: bool) -> None:
        """Take up what a search found."""
        self.hits = tuple(hits)
        self.marks = tuple((tokens[first][0], tokens[last][1]) for first, last in hits)
        self.passing, self.letters = passing, ""
        self.query = None

    def forget(self) -> None:
        """Nothing is searched for any more."""
        self.query = self.origin = None
        self.hits, self.marks, self.passing, self.letters = (), (), False, ""


def search(text: str, tokens: Tokens, wanted: str, way: Way) -> list[tuple[int, int]]:
    """Return the tokens, first and last, that each hit touches.

    Args:
        text: The text.
        tokens: Its tokens.
        wanted: What is looked for; nothing finds nothing.
        way: How to compare.

    Raises:
        ConfigError: A regular expression is wrong, or takes too long on this text.
    """
    if not wanted:
        return []
    ranges = {"folded": _folded, "exact": _exact, "regex": _by_pattern}[way](text, wanted)
    hits: list[tuple[int, int]] = []
    for start, end in ranges[:MOST]:
        over = tokens.snap(start, end)
        if over is not None and (not hits or over[0] > hits[-1][0]):
            hits.append(over)
    return hits


def words_from(text: str, tokens: Tokens, letter: str, near: int) -> list[tuple[int, int]]:
    """Return the words near a code point that begin with a letter, folded: their tokens."""
    begin = max(0, near - NEAR)
    folded, wanted = _fold(text[begin : near + NEAR]), _fold(letter).text
    hits: list[tuple[int, int]] = []
    at = folded.text.find(wanted) if wanted else -1
    while at >= 0:
        start = begin + (at if folded.starts is None else folded.starts[at])
        token = tokens.at(start)
        if tokens[token][0] == start and word_starts(text, tokens, token):
            hits.append(word_at(text, tokens, token))
        at = folded.text.find(wanted, at + 1)
    return hits


def _folded(text: str, wanted: str) -> list[Range]:
    return list(_fold(text).find(wanted))


def _fold(text: str) -> Folded:
    from tui_annotate.text.folding import fold  # only a search folds a text

    return fold(text)


def _exact(text: str, wanted: str) -> list[Range]:
    ranges = []
    at = text.find(wanted)
    while at >= 0:
        ranges.append((at, at + len(wanted)))
        at = text.find(wanted, at + len(wanted))
    return ranges


def _by_pattern(text: str, wanted: str) -> list[Range]:
    import regex  # only a search by pattern needs it

    try:
        pattern: Any = regex.compile(wanted, regex.VERSION1)
        found = pattern.finditer(text, timeout=SECONDS)
        return [match.span() for match, _ in zip(found, range(MOST), strict=False)]
    except regex.error as error:
        raise ConfigError(f"the pattern is wrong: {error}") from error
    except TimeoutError as error:
        raise ConfigError("the pattern takes too long on this text") from error


LETTERS = "fjdksleiwoghruqptyvmcnbz"
"""Letters of hints, the easiest first; those that decide by default (`a`, `x`) are not among
them, so that a hint typed too late never answers a task."""


def hints_for(places: Sequence[int], letters: str = LETTERS) -> dict[int, str]:
    """Give every place a hint of the same length, as short as it can be.

    Args:
        places: Offsets.
        letters: What hints are made of; at least two.
    """
    length = 1
    while len(letters) ** length < len(places):
        length += 1
    words = map("".join, product(letters, repeat=length))
    return dict(zip(places, words, strict=False))


def letters_without(decisions: Iterable[str]) -> str:
    """The letters of hints where other keys decide.

    Args:
        decisions: Characters that answer a task in the keymap in force.
    """
    taken = frozenset(decisions)
    return "".join(letter for letter in LETTERS if letter not in taken)


def narrowed(hints: dict[int, str], letter: str) -> dict[int, str]:
    """The hints that go on with a letter, without it; empty strings where that was all."""
    return {place: word[1:] for place, word in hints.items() if word.startswith(letter)}
