"""Two people's spans, or relations, compared as a system's with a gold standard's.

Precision, recall and F1 between two annotators are symmetric in F1, which for spans is what kappa
comes to where most of the text is in none (Hripcsak and Rothschild 2005). Spans match in one of
three ways, as the shared tasks on named entities count them:

`exact`    same start, same end, same label
`partial`  the same label, and at least one code point in common; a span matches one other at most
`type`     the same label somewhere in the text at least as often: which labels, not where
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Literal, NamedTuple, TypeAlias

from tui_annotate.agreement.ratings import Figure, undefined

Match: TypeAlias = Literal["exact", "partial", "type"]
MATCHES: tuple[Match, ...] = ("exact", "partial", "type")

Marked: TypeAlias = tuple[int, int, str]
"""Start, end (exclusive) and label."""

NONE = "(none)"
"""What stands where somebody marked nothing, or chose no class."""

NO_LABEL = "(no label)"
"""What stands in the place of the label of a span that has none."""


class MatchCounts(NamedTuple):
    """How two sets compare: `both` have it, only the one, only the other."""

    both: int = 0
    only_one: int = 0
    only_other: int = 0

    def plus(self, more: MatchCounts) -> MatchCounts:
        """Return the sums."""
        return MatchCounts(
            self.both + more.both,
            self.only_one + more.only_one,
            self.only_other + more.only_other,
        )

    @property
    def precision(self) -> Figure:
        """Of what the one marked, the share that the other marked as well."""
        return _share(self.both, self.both + self.only_one, _ONE_NOTHING)

    @property
    def recall(self) -> Figure:
        """Of what the other marked, the share that the one marked as well."""
        return _share(self.both, self.both + self.only_other, _ONE_NOTHING)

    @property
    def f1(self) -> Figure:
        """The harmonic mean of precision and recall; the same from both sides."""
        whole = 2 * self.both + self.only_one + self.only_other
        return _share(2 * self.both, whole, "neither marked anything")


_ONE_NOTHING = "one of the two marked nothing"


def _share(part: int, whole: int, reason: str) -> Figure:
    return Figure(part / whole) if whole else undefined(reason)


class SpanPairings:
    """What two people's spans come to over many texts, counted for all ways of matching at once.

    Spans that are the same on both sides are set aside first: with those that differ, which are
    few, the ways of matching deal by themselves.

    Attributes:
        texts: How many texts have been taken in.
    """

    def __init__(self) -> None:
        self.texts = 0
        self._same: list[Marked] = []
        self._one: list[Marked] = []
        self._other: list[Marked] = []
        self._overlapping: list[Marked] = []
        self._alike: list[str] = []
        self._crossed: Counter[tuple[str, str]] = Counter()

    def add(self, one: Sequence[Marked], other: Sequence[Marked]) -> int:
        """Take in the spans of one text, and return how many of them are the same."""
        self.texts += 1
        if one == other:
            self._same += one
            return len(one)
        mine, its = {*one}, {*other}
        if len(mine) == len(one) and len(its) == len(other):
            same: Collection[Marked] = mine & its
            left = [span for span in one if span not in its]
            right = [span for span in other if span not in mine]
        else:
            # Somebody marked the very same span twice; each counts once for itself.
            counted, more = Counter(one), Counter(other)
            same = [*(counted & more).elements()]
            left, right = [*(counted - more).elements()], [*(more - counted).elements()]
        self._same += same
        self._one += left
        self._other += right
        if left and right:
            self._meet(left, right)
        else:
            for span in left:
                self._crossed[span[2], NONE] += 1
            for span in right:
                self._crossed[NONE, span[2]] += 1
        return len(same)

    def _meet(self, one: Sequence[Marked], other: Sequence[Marked]) -> None:
        """Take in what is left of one text when the same spans are set aside."""
        if len(one) == 1 and len(other) == 1:  # which most texts come to
            self._meet_alone(one[0], other[0])
            return
        self._alike += _labels_in_both(one, other)
        pairs = _overlapping_pairs(one, other)
        self._count_crossed(one, other, pairs)
        alike = [(number, place) for number, place in pairs if one[number][2] == other[place][2]]
        self._overlapping += [one[number] for number in _paired(alike)[0]]

    def _count_crossed(
        self, one: Sequence[Marked], other: Sequence[Marked], pairs: Sequence[tuple[int, int]]
    ) -> None:
        """Count which label met which, each span once, and those that met none."""
        mine, its = _paired(pairs)
        for number, place in zip(mine, its, strict=True):
            self._crossed[one[number][2], other[place][2]] += 1
        for number, span in enumerate(one):
            if number not in mine:
                self._crossed[span[2], NONE] += 1
        for place, span in enumerate(other):
            if place not in its:
                self._crossed[NONE, span[2]] += 1

    def _meet_alone(self, one: Marked, other: Marked) -> None:
        """Take in a text where each side has one span left."""
        alike = one[2] == other[2]
        if alike:
            self._alike.append(one[2])
        if min(one[1], other[1]) > max(one[0], other[0]):
            self._crossed[one[2], other[2]] += 1
            if alike:
                self._overlapping.append(one)
        else:
            self._crossed[one[2], NONE] += 1
            self._crossed[NONE, other[2]] += 1

    def hits(self, match: Match = "exact") -> dict[str, MatchCounts]:
        """Return how the spans compare, by label."""
        same, mine, its = map(_labels, (self._same, self._one, self._other))
        more: Counter[str] = Counter()
        if match == "type":
            more = Counter(self._alike)
        elif match == "partial":
            more = _labels(self._overlapping)
        return {
            label: MatchCounts(
                same[label] + more[label], mine[label] - more[label], its[label] - more[label]
            )
            for label in {**same, **mine, **its}
        }

    def confusions(self) -> Counter[tuple[str, str]]:
        """Return which label of the one's spans met which of the other's on the same stretch.

        Spans that overlap are paired, the most alike first; what is left meets `(none)`.
        """
        return self._crossed + Counter((span[2], span[2]) for span in self._same)


def _labels(spans: Iterable[Marked]) -> Counter[str]:
    return Counter(map(itemgetter(2), spans))


def _labels_in_both(one: Sequence[Marked], other: Sequence[Marked]) -> Iterator[str]:
    """Yield each label as often as both have it."""
    labels = [span[2] for span in other]
    for span in one:
        if span[2] in labels:
            labels.remove(span[2])
            yield span[2]


def _overlapping_pairs(one: Sequence[Marked], other: Sequence[Marked]) -> list[tuple[int, int]]:
    """Return the places of spans that overlap: those with most in common first, of equals the first
    in the text."""
    found = [
        (-common, left, right, number, place)
        for number, left in enumerate(one)
        for place, right in enumerate(other)
        if (common := min(left[1], right[1]) - max(left[0], right[0])) > 0
    ]
    found.sort()
    return [(number, place) for *_, number, place in found]


def _paired(pairs: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Return the numbers of each side that are paired, each once, in the order of the pairs."""
    mine: list[int] = []
    its: list[int] = []
    for number, place in pairs:
        if number not in mine and place not in its:
            mine.append(number)
            its.append(place)
    return mine, its


def compare(
    one: Iterable[Marked], other: Iterable[Marked], match: Match = "exact"
) -> dict[str, MatchCounts]:
    """Return how two people's spans of one text compare, by label."""
    return _met(one, other).hits(match)


def confusions(one: Iterable[Marked], other: Iterable[Marked]) -> Counter[tuple[str, str]]:
    """Return which label of the one's spans met which of the other's in one text."""
    return _met(one, other).confusions()


def _met(one: Iterable[Marked], other: Iterable[Marked]) -> SpanPairings:
    found = SpanPairings()
    found.add(sorted(one), sorted(other))
    return found


def total(parts: Iterable[MatchCounts]) -> MatchCounts:
    """Return the sum of several comparisons."""
    found = MatchCounts()
    for part in parts:
        found = found.plus(part)
    return found
