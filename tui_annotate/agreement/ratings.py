"""Ratings that people gave to the same things, as the coefficients of agreement count them.

Unit     something that was judged: a question, or one label of a text
Rating   one annotator's value for a unit
Pattern  the ratings of a unit without its name; equal patterns are counted together, because every
         coefficient is a sum over units, and a resampled set is the same patterns with other counts
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["binary", "multiclass", "multilabel", "span"]
"""What is compared: yes and no, one class of a text, several, or spans."""

KINDS: tuple[Kind, ...] = ("binary", "multiclass", "multilabel", "span")

Value: TypeAlias = str
Pattern: TypeAlias = tuple[tuple[str, Value], ...]
"""Annotator and value of each rating of a unit, in the order of the annotators."""

Votes: TypeAlias = tuple[tuple[Value, int], ...]
"""How many annotators gave which value, in the order of the values."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of agreement.

    Attributes:
        value: The figure; None where it is not defined.
        reason: Why it is not defined; empty where it is.
    """

    value: float | None
    reason: str = ""

    def __str__(self) -> str:
        return f"undefined: {self.reason}" if self.value is None else f"{self.value:.3f}"


def undefined(reason: str) -> Figure:
    """Return a figure that is not defined, with its reason."""
    return Figure(None, reason)


class Ratings:
    """Units with their ratings, as patterns with counts.

    Args:
        patterns: How many units have which pattern.
    """

    def __init__(self, patterns: Mapping[Pattern, int]) -> None:
        self.patterns = patterns

    @classmethod
    def of(cls, units: Iterable[Mapping[str, Value]]) -> Ratings:
        """Return the ratings of units, each given as annotator -> value; absent means missing."""
        return cls(Counter(tuple(sorted(unit.items())) for unit in units))

    @cached_property
    def votes(self) -> dict[Votes, int]:
        """How many units have which votes; who gave them does not matter to most coefficients."""
        found: Counter[Votes] = Counter()
        for pattern, count in self.patterns.items():
            given = Counter(value for _, value in pattern)
            found[tuple(sorted(given.items()))] += count
        return dict(found)

    @cached_property
    def values(self) -> list[Value]:
        """All values that were given, sorted."""
        return sorted({value for pattern in self.patterns for _, value in pattern})

    @cached_property
    def annotators(self) -> list[str]:
        """Everybody who rated something, sorted."""
        return sorted({who for pattern in self.patterns for who, _ in pattern})

    @property
    def units(self) -> int:
        """How many units have a rating."""
        return sum(count for pattern, count in self.patterns.items() if pattern)

    @property
    def shared(self) -> int:
        """How many units have two ratings or more: only these say something about agreement."""
        return sum(count for pattern, count in self.patterns.items() if len(pattern) > 1)

    @property
    def ratings(self) -> int:
        """How many ratings there are."""
        return sum(len(pattern) * count for pattern, count in self.patterns.items())

    def missing(self) -> int:
        """Return how many ratings are missing until everybody has rated every unit."""
        return self.units * len(self.annotators) - self.ratings

    def of_pairs(self) -> dict[tuple[str, str], Ratings]:
        """Return what every two annotators said of the units that both rated, where there are any.

        One pass serves all pairs: of hundreds of annotators most have no unit in common.
        """
        found: defaultdict[tuple[str, str], Counter[Pattern]] = defaultdict(Counter)
        for pattern, count in self.patterns.items():
            for one, other in combinations(pattern, 2):
                found[one[0], other[0]][one, other] += count
        return {pair: Ratings(found[pair]) for pair in sorted(found)}

    def one_against_rest(self, value: Value) -> Ratings:
        """Return the ratings as "this value" and "another one"."""
        found: Counter[Pattern] = Counter()
        for pattern, count in self.patterns.items():
            two = ((who, "yes" if given == value else "no") for who, given in pattern)
            found[tuple(two)] += count
        return Ratings(found)

    def confusions(self) -> Counter[tuple[Value, Value]]:
        """Return how often one value met which other one, where two annotators rated a unit."""
        found: Counter[tuple[Value, Value]] = Counter()
        for pattern, count in self.patterns.items():
            for (_, left), (_, right) in combinations(pattern, 2):
                found[left, right] += count
        return found
