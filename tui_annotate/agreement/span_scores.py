"""Two people's spans, or relations, compared as a system's with a gold standard's.

Precision, recall and F1 between two annotators are symmetric in F1, which for spans is what kappa
comes to where most of the text is in none (Hripcsak and Rothschild 2005). Spans match in one of
three ways, as the shared tasks on named entities count them:

`exact`    same start, same end, same label
`partial`  the same label, and at least one code point in common; a span matches one other at most
`type`     the same label somewhere in the text at least as often: which labels, not where
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
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
        return Hits(*(mine + its for mine, its in zip(self, more, strict=True)))

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
        return _counted(Counter(one), Counter(other))
    if match == "type":
        labels = (Counter((0, 0, label) for _, _, label in spans) for spans in (one, other))
        return _counted(*labels)
    return _overlapping(sorted(one), sorted(other))


def _counted(one: Counter[Marked], other: Counter[Marked]) -> dict[str, Hits]:
    found: defaultdict[str, Hits] = defaultdict(Hits)
    for span in one.keys() | other.keys():
        both = min(one[span], other[span])
        found[span[2]] = found[span[2]].plus(Hits(both, one[span] - both, other[span] - both))
    return dict(found)


def _overlapping(one: Sequence[Marked], other: Sequence[Marked]) -> dict[str, Hits]:
    found: dict[str, Hits] = {}
    for label in sorted({span[2] for span in (*one, *other)}):
        mine = [span for span in one if span[2] == label]
        its = [span for span in other if span[2] == label]
        both = len(_paired(mine, its))
        found[label] = Hits(both, len(mine) - both, len(its) - both)
    return found


def _paired(one: Sequence[Marked], other: Sequence[Marked]) -> list[tuple[Marked, Marked]]:
    """Return pairs of spans that overlap, each span in one pair at most, the most alike first."""
    alike = sorted(
        (-common, mine, its)
        for mine in one
        for its in other
        if (common := min(mine[1], its[1]) - max(mine[0], its[0])) > 0
    )
    pairs, used_one, used_other = [], set[Marked](), set[Marked]()
    for _, mine, its in alike:
        if mine not in used_one and its not in used_other:
            pairs.append((mine, its))
            used_one.add(mine)
            used_other.add(its)
    return pairs


def confusions(one: Iterable[Marked], other: Iterable[Marked]) -> Counter[tuple[str, str]]:
    """Return which label of the one's spans met which of the other's on the same stretch of text.

    Spans that overlap are paired, the most alike first; what is left meets `(none)`.
    """
    mine, its = sorted(one), sorted(other)
    pairs = _paired(mine, its)
    found = Counter((left[2], right[2]) for left, right in pairs)
    alone_mine = Counter(mine) - Counter(left for left, _ in pairs)
    alone_its = Counter(its) - Counter(right for _, right in pairs)
    found.update((span[2], NONE) for span in alone_mine.elements())
    found.update((NONE, span[2]) for span in alone_its.elements())
    return found


def total(parts: Iterable[Hits]) -> Hits:
    """Return the sum of several comparisons."""
    found = Hits()
    for part in parts:
        found = found.plus(part)
    return found
