"""Letters that stand for places of the text while the annotator says where to go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

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
