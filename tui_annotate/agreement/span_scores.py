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
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

from tui_annotate.agreement.ratings import Figure, undefined

Match: TypeAlias = Literal["exact", "partial", "type"]
MATCHES: tuple[Match, ...] = ("exact", "partial", "type")

Marked: TypeAlias = tuple[int, int, str]
"""Start, end (exclusive) and label."""

NONE = "(none)"
"""What a span is confused with where the other person marked nothing."""


class Hits(NamedTuple):
    """How two sets compare: `both` have it, only the one, only the other."""

    both: int = 0
    only_one: int = 0
    only_other: int = 0

    def plus(self, more: Hits) -> Hits:
        """Return the sums."""
        return Hits(
            self.both + more.both,
            self.only_one + more.only_one,
            self.only_other + more.only_other,
        )

    @property
    def precision(self) -> Figure:
        """Of what the one marked, the share that the other marked as well."""
        return _share(self.both, self.both + self.only_one)

    @property
    def recall(self) -> Figure:
        """Of what the other marked, the share that the one marked as well."""
        return _share(self.both, self.both + self.only_other)

    @property
    def f1(self) -> Figure:
        """The harmonic mean of precision and recall; the same from both sides."""
        return _share(2 * self.both, 2 * self.both + self.only_one + self.only_other)


def _share(part: int, whole: int) -> Figure:
    return Figure(part / whole) if whole else undefined("neither marked anything")


def compare(
    one: Iterable[Marked], other: Iterable[Marked], match: Match = "exact"
) -> dict[str, Hits]:
    """Return how two people's spans of one text compare, by label."""
    if match == "exact":
        return _counted(one, other)
    if match == "type":
        labels = ([(0, 0, label) for _, _, label in spans] for spans in (one, other))
        return _counted(*labels)
    return _overlapping(sorted(one), sorted(other))


def _counted(one: Iterable[Marked], other: Iterable[Marked]) -> dict[str, Hits]:
    left: dict[Marked, int] = {}
    for span in other:
        left[span] = left.get(span, 0) + 1
    sums: dict[str, list[int]] = {}
    for span in one:
        number = left.get(span, 0)
        found = sums.setdefault(span[2], [0, 0, 0])
        if number:
            left[span] = number - 1
            found[0] += 1
        else:
            found[1] += 1
    for span, number in left.items():
        if number:
            sums.setdefault(span[2], [0, 0, 0])[2] += number
    return {label: Hits(*found) for label, found in sums.items()}


def _overlapping(one: Sequence[Marked], other: Sequence[Marked]) -> dict[str, Hits]:
    by_label: dict[str, tuple[list[Marked], list[Marked]]] = {}
    for side, spans in enumerate((one, other)):
        for span in spans:
            by_label.setdefault(span[2], ([], []))[side].append(span)
    found: dict[str, Hits] = {}
    for label, (mine, its) in by_label.items():
        both = len(mine) if mine == its and _apart(mine) else len(_paired(mine, its))
        found[label] = Hits(both, len(mine) - both, len(its) - both)
    return found


def _apart(spans: Sequence[Marked]) -> bool:
    """Whether no two of some sorted spans overlap."""
    return all(one[1] <= other[0] for one, other in pairwise(spans))


def _paired(one: Sequence[Marked], other: Sequence[Marked]) -> list[tuple[Marked, Marked]]:
    """Return pairs of spans that overlap, each span in one pair at most: the same ones first, then
    those that have most in common."""
    same = {*one} & {*other}
    pairs = [(span, span) for span in same]
    mine = [span for span in one if span not in same]
    its = [span for span in other if span not in same]
    alike = [
        (common, left, right)
        for left in mine
        for right in its
        if (common := min(left[1], right[1]) - max(left[0], right[0])) > 0
    ]
    alike.sort(key=lambda each: (-each[0], each[1], each[2]))
    used: set[tuple[str, Marked]] = set()
    for _, left, right in alike:
        if ("one", left) not in used and ("other", right) not in used:
            pairs.append((left, right))
            used |= {("one", left), ("other", right)}
    return pairs


def confusions(one: Iterable[Marked], other: Iterable[Marked]) -> Counter[tuple[str, str]]:
    """Return which label of the one's spans met which of the other's on the same stretch of text.

    Spans that overlap are paired, the most alike first; what is left meets `(none)`.
    """
    mine, its = sorted(one), sorted(other)
    if mine == its and _apart(mine):
        return Counter((span[2], span[2]) for span in mine)
    pairs = _paired(mine, its)
    found = Counter((left[2], right[2]) for left, right in pairs)
    found.update((span[2], NONE) for span in _rest(mine, [left for left, _ in pairs]))
    found.update((NONE, span[2]) for span in _rest(its, [right for _, right in pairs]))
    return found


def _rest(spans: Sequence[Marked], taken: Sequence[Marked]) -> Sequence[Marked]:
    """Return the spans that were not taken; equal ones count as often as they are there."""
    if len(spans) == len(taken):
        return ()
    if len({*spans}) == len(spans):
        gone = {*taken}
        return [span for span in spans if span not in gone]
    return list((Counter(spans) - Counter(taken)).elements())


def exact_hits(one: Sequence[Marked], other: Sequence[Marked]) -> Hits:
    """Return how many spans are the same, whatever their labels are."""
    both = len({*one} & {*other})
    if both < min(len(one), len(other)):
        both = (Counter(one) & Counter(other)).total()
    return Hits(both, len(one) - both, len(other) - both)


def total(parts: Iterable[Hits]) -> Hits:
    """Return the sum of several comparisons."""
    found = Hits()
    for part in parts:
        found = found.plus(part)
    return found
