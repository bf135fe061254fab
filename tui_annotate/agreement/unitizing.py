"""Krippendorff's alpha for spans: how far people agree on where something begins and ends.

Source: Krippendorff (1995), On the reliability of unitizing continuous data; the form and the
worked example are those of Krippendorff (2004), Content Analysis, section 11.6.

A text is a continuum of code points that each annotator cuts into units of a label and the gaps
between them. Gaps end with their text, so several texts count as stretches of one continuum. Units
of one label do not overlap here: an annotator's overlapping spans of one label are joined first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple, TypeAlias

from tui_annotate.agreement.ratings import Figure, undefined

Extent: TypeAlias = tuple[int, int]
"""Start and end (exclusive) in code points."""


class MarkedText(NamedTuple):
    """A text with the spans of everybody who marked it.

    Attributes:
        length: Its code points.
        spans: Annotator -> label -> extents, in any order.
    """

    length: int
    spans: Mapping[str, Mapping[str, Sequence[Extent]]]


class Disagreement(NamedTuple):
    """What was observed of a label, and what chance would give."""

    observed: float
    expected: float


def alpha_of(parts: Sequence[Disagreement]) -> Figure:
    """Return alpha from the disagreements about one label, or about several."""
    expected = sum(part.expected for part in parts)
    if not expected:
        return undefined("nothing was marked that could be put elsewhere")
    return Figure(1 - sum(part.observed for part in parts) / expected)


def disagreement(texts: Sequence[MarkedText], label: str) -> Disagreement:
    """Return the observed and the expected disagreement about one label.

    Raises:
        ValueError: A text was not marked by the same annotators as the first.
    """
    people = sorted(texts[0].spans) if texts else []
    if any(sorted(text.spans) != people for text in texts):
        raise ValueError("all texts must have the same annotators")
    length, many = sum(text.length for text in texts), len(people)
    if many < 2 or not length:
        return Disagreement(0.0, 0.0)
    observed = 0
    units: list[int] = []
    gaps: list[int] = []
    for text in texts:
        marked = [joined(text.spans[who].get(label, ())) for who in people]
        if any(extents != marked[0] for extents in marked):
            # Annotators who agree are one group: of five people, two or three are compared.
            groups = Counter(map(tuple, marked))
            for (one, some), (other, more) in combinations(groups.items(), 2):
                # Twice, because Krippendorff's formula counts each pair in both orders.
                observed += 2 * some * more * _squared_differences(one, other)
        for extents in marked:
            behind = 0
            for start, end in extents:
                units.append(end - start)
                if start > behind:
                    gaps.append(start - behind)
                behind = end
            if behind < text.length:
                gaps.append(text.length - behind)
    seen = observed / (many * (many - 1) * length**2)
    return Disagreement(seen, _expected(units, gaps, length, many))


def _expected(units: list[int], gaps: list[int], length: int, many: int) -> float:
    """Return the disagreement if the units of all annotators were put anywhere in the continuum."""
    gaps = sorted(gaps)
    behind = [0]
    for gap in reversed(gaps):
        behind.append(behind[-1] + gap)
    total, within = 0.0, 0
    for unit, count in Counter(units).items():  # many units are equally long
        # Gaps that can hold the unit, and in how many places.
        fitting = len(gaps) - bisect_left(gaps, unit)
        places = behind[fitting] - fitting * (unit - 1)
        others = (len(units) - 1) / 3 * (2 * unit**3 - 3 * unit**2 + unit)
        total += count * (others + unit**2 * places)
        within += count * unit * (unit - 1)
    pairs = many * length * (many * length - 1) - within
    return 2 / length * total / pairs if pairs else 0.0


def _squared_differences(one: Sequence[Extent], other: Sequence[Extent]) -> int:
    """Return the sum of squares of what units that overlap differ by, at both ends, and of the
    lengths of units that lie in a gap of the other's."""
    if len(one) == 1 and len(other) == 1:  # which most texts come to
        (start, end), (left, right) = one[0], other[0]
        if start < right and left < end:
            return (start - left) ** 2 + (end - right) ** 2
        return (end - start) ** 2 + (right - left) ** 2
    total, first = 0, 0
    met = [False] * len(other)
    for start, end in one:
        # What ends before this unit ends before all further ones too, as both are in order.
        while first < len(other) and other[first][1] <= start:
            first += 1
        at = first
        while at < len(other) and other[at][0] < end:
            left, right = other[at]
            total += (start - left) ** 2 + (end - right) ** 2
            met[at] = True
            at += 1
        if at == first:
            total += (end - start) ** 2
    for seen, (start, end) in zip(met, other, strict=True):
        if not seen:
            total += (end - start) ** 2
    return total


def joined(extents: Sequence[Extent]) -> list[Extent]:
    """Return extents in order, those that overlap as one."""
    found: list[Extent] = []
    if len(extents) < 2:
        return [extent for extent in extents if extent[0] < extent[1]]
    for start, end in sorted(extents):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif start < end:
            found.append((start, end))
    return found


def labels_of(texts: Iterable[MarkedText]) -> set[str]:
    """Return the labels of all spans."""
    return {label for text in texts for spans in text.spans.values() for label in spans}


def by_annotators(texts: Iterable[MarkedText]) -> dict[tuple[str, ...], list[MarkedText]]:
    """Return texts by who marked them, so that each group can be compared as a whole."""
    found: defaultdict[tuple[str, ...], list[MarkedText]] = defaultdict(list)
    for text in texts:
        found[tuple(sorted(text.spans))].append(text)
    return dict(found)
