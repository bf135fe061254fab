"""Coefficients of agreement for values: percent, kappas, alpha, Gwet's AC; and how sure they are.

Each function takes `Ratings` and returns a `Figure`: 1 is full agreement, 0 what chance would give
(but for percent agreement, which knows no chance). Missing ratings are allowed unless said
otherwise. How sure a figure is, percentile intervals say that are found by resampling units (Efron
1979). Units with equal patterns are the same to every coefficient, so a resampled set is drawn as
counts of patterns: with five annotators and five labels a few hundred, however many units there
are. Sources:

Cohen (1960), A coefficient of agreement for nominal scales.
Fleiss (1971), Measuring nominal scale agreement among many raters.
Gwet (2008), Computing inter-rater reliability and its variance in the presence of high agreement;
Gwet (2014), Handbook of inter-rater reliability, for AC2 and missing ratings.
Krippendorff (2011), Computing Krippendorff's alpha-reliability.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import accumulate, product
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from tui_annotate.agreement.ratings import Figure, Ratings, Value, undefined

Level: TypeAlias = Literal["nominal", "ordinal", "interval"]
"""Of what kind the values are: names, ranks, or numbers whose differences mean something."""

_NOBODY = "no unit was rated by two people"
_ALL_ALIKE = "everybody always gave the same value, so chance alone would agree"


def percent(ratings: Ratings) -> Figure:
    """Return the share of pairs of ratings of one unit that are equal, averaged over units."""
    if not ratings.shared:
        return undefined(_NOBODY)
    total = 0.0
    for votes, count in ratings.votes.items():
        given = sum(number for _, number in votes)
        if given > 1:
            equal = sum(number * (number - 1) for _, number in votes)
            total += count * equal / (given * (given - 1))
    return Figure(total / ratings.shared)


def cohen_kappa(ratings: Ratings) -> Figure:
    """Return Cohen's kappa of two annotators; of more, the mean over all pairs that share units.

    The mean over pairs is Light's (1971) extension.
    """
    found = [_kappa_of_two(own) for own in ratings.of_pairs().values()]
    values = [figure.value for figure in found if figure.value is not None]
    if values:
        return Figure(sum(values) / len(values))
    return undefined(found[0].reason if found else _NOBODY)


def _kappa_of_two(ratings: Ratings) -> Figure:
    cells = ratings.confusions()
    units = sum(cells.values())
    rows: Counter[Value] = Counter()
    columns: Counter[Value] = Counter()
    for (left, right), count in cells.items():
        rows[left] += count
        columns[right] += count
    observed = sum(cells[value, value] for value in rows) / units
    expected = sum(rows[value] * columns[value] for value in rows) / units**2
    if expected == 1:
        return undefined(_ALL_ALIKE)
    return Figure((observed - expected) / (1 - expected))


def fleiss_kappa(ratings: Ratings) -> Figure:
    """Return Fleiss' kappa. It is defined where all units have equally many ratings."""
    sizes = {sum(number for _, number in votes) for votes in ratings.votes}
    if not ratings.shared:
        return undefined(_NOBODY)
    if len(sizes) != 1:
        return undefined("units have different numbers of ratings")
    (size,) = sizes
    shares: Counter[Value] = Counter()
    for votes, count in ratings.votes.items():
        for value, number in votes:
            shares[value] += number * count
    ratings_in_all = ratings.units * size
    expected = sum((share / ratings_in_all) ** 2 for share in shares.values())
    if expected == 1:
        return undefined(_ALL_ALIKE)
    observed = percent(ratings).value
    assert observed is not None
    return Figure((observed - expected) / (1 - expected))


def krippendorff_alpha(ratings: Ratings, level: Level = "nominal") -> Figure:
    """Return Krippendorff's alpha by way of the matrix of coincidences.

    Args:
        ratings: The ratings; units with fewer than two are left out.
        level: How far two values are apart. For `ordinal` and `interval` values are numbers.
    """
    if not ratings.shared:
        return undefined(_NOBODY)
    coincidences: defaultdict[tuple[Value, Value], float] = defaultdict(float)
    totals: defaultdict[Value, float] = defaultdict(float)
    for votes, count in ratings.votes.items():
        given = sum(number for _, number in votes)
        if given < 2:
            continue
        for (left, one), (right, other) in product(votes, repeat=2):
            pairs = one * (one - 1) if left == right else one * other
            coincidences[left, right] += count * pairs / (given - 1)
        for value, number in votes:
            totals[value] += count * number
    apart = _distance(level, totals)
    pairable = sum(totals.values())
    observed = sum(weight * apart(*pair) for pair, weight in coincidences.items())
    expected = sum(totals[a] * totals[b] * apart(a, b) for a, b in product(totals, repeat=2))
    if not expected:
        return undefined(_ALL_ALIKE)
    return Figure(1 - (pairable - 1) * observed / expected)


def _distance(level: Level, totals: defaultdict[Value, float]) -> Callable[[Value, Value], float]:
    """Return the squared difference of two values."""
    if level == "nominal":
        return lambda one, other: float(one != other)
    if level == "interval":
        return lambda one, other: (float(one) - float(other)) ** 2
    ordered = sorted(totals, key=float)
    place = {value: index for index, value in enumerate(ordered)}

    def ranks_between(one: Value, other: Value) -> float:
        low, high = sorted((place[one], place[other]))
        between = sum(totals[value] for value in ordered[low : high + 1])
        return (between - (totals[one] + totals[other]) / 2) ** 2

    return ranks_between


def gwet_ac1(ratings: Ratings) -> Figure:
    """Return Gwet's AC1, which does not fall where nearly everybody gives one value."""
    return _gwet(ratings, lambda one, other: float(one == other))


def gwet_ac2(ratings: Ratings) -> Figure:
    """Return Gwet's AC2 with ordinal weights; values are numbers."""
    place = {value: index for index, value in enumerate(sorted(ratings.values, key=float))}
    most = _pairs_of(len(place))

    def weight(one: Value, other: Value) -> float:
        if one == other:
            return 1.0
        return 1 - _pairs_of(abs(place[one] - place[other]) + 1) / most

    return _gwet(ratings, weight)


def _pairs_of(number: int) -> float:
    return number * (number - 1) / 2


def _gwet(ratings: Ratings, weight: Callable[[Value, Value], float]) -> Figure:
    if not ratings.shared:
        return undefined(_NOBODY)
    values = ratings.values
    if len(values) < 2:
        return undefined(_ALL_ALIKE)
    agreement = 0.0
    shares: defaultdict[Value, float] = defaultdict(float)
    for votes, count in ratings.votes.items():
        given = sum(number for _, number in votes)
        if not given:
            continue
        for value, number in votes:
            shares[value] += count * number / given
        if given > 1:
            equal = sum(
                one * (sum(weight(left, right) * other for right, other in votes) - 1)
                for left, one in votes
            )
            agreement += count * equal / (given * (given - 1))
    observed = agreement / ratings.shared
    weights = sum(weight(one, other) for one, other in product(values, repeat=2))
    spread = sum((shares[v] / ratings.units) * (1 - shares[v] / ratings.units) for v in values)
    expected = weights / (len(values) * (len(values) - 1)) * spread
    return Figure((observed - expected) / (1 - expected))


def are_numbers(ratings: Ratings) -> bool:
    """Tell whether all values are finite numbers, so that their order and distance mean something.

    Args:
        ratings: The ratings.
    """
    try:
        return bool(ratings.values) and all(abs(float(value)) < 1e300 for value in ratings.values)
    except ValueError:
        return False


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
