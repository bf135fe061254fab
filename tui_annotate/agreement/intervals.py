"""How sure a figure is: percentile intervals by resampling units (Efron 1979).

Units with equal patterns are the same to every coefficient, so a resampled set is drawn as counts
of patterns: with five annotators and five labels a few hundred, however many units there are.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple, TypeVar

ROUNDS = 1000
COVERED = 0.95
ENOUGH = 0.9
"""The share of rounds in which a figure must be defined, for an interval to mean something."""

P = TypeVar("P", bound=Hashable)


class Interval(NamedTuple):
    """The middle 95 % of what resampled sets gave."""

    low: float
    high: float


def intervals(
    patterns: Mapping[P, int],
    measures: Sequence[Callable[[Mapping[P, int]], float | None]],
    *,
    rounds: int = ROUNDS,
    seed: int = 0,
    tick: Callable[[int], None] = lambda _: None,
) -> list[Interval | None]:
    """Return an interval for each measure; None where it is undefined too often.

    Args:
        patterns: How many units have which pattern.
        measures: Each takes such counts.
        rounds: How many sets are drawn. All measures see the same ones.
        seed: The same seed gives the same intervals.
        tick: Is told after each round how many are done; it may raise to leave.
    """
    drawn: list[list[float]] = [[] for _ in measures]
    chance = random.Random(seed)  # noqa: S311 - no secret is made of it
    kinds, weights = list(patterns), list(accumulate(patterns.values()))
    units = weights[-1] if weights else 0
    for done in range(1, rounds + 1):
        if units:
            sample = Counter(chance.choices(kinds, cum_weights=weights, k=units))
            for values, measure in zip(drawn, measures, strict=True):
                value = measure(sample)
                if value is not None:
                    values.append(value)
        tick(done)
    return [_middle(values, rounds) for values in drawn]


def _middle(values: list[float], rounds: int) -> Interval | None:
    if len(values) < ENOUGH * rounds:
        return None
    values.sort()
    cut = (1 - COVERED) / 2
    last = len(values) - 1
    return Interval(values[round(cut * last)], values[round((1 - cut) * last)])
