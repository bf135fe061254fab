"""Votes on spans: what several people's complete answers come to, unit by unit.

Each label is voted on by itself, so labels that overlap stay possible. A unit of the text (a token,
or a character) carries a label if enough people marked it with that label. Neighbouring units with
the same label are one span, unless most of those who marked both put a boundary between them.

Discontinuous spans are voted on as a whole, with their pieces, and of what is said of a span
(`attributes`) that counts which enough of those who marked it say.

A unit that more than half of the people marked with something is never left without a label: if no
label has enough votes there, nothing is decided and the input counts as a conflict.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, TypeAlias

from tui_annotate.exchange.document import NOTE, Mark, shape, span_identity
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.spans import Span, attributes_of, pieces_of

Boundaries: TypeAlias = Literal["token", "exact", "character"]
"""What is voted on: tokens, whole spans that are the same to the letter, or characters."""

Unit: TypeAlias = tuple[int, int]
"""Start and end (exclusive) of a token, or of characters that all have the same votes."""

Extent: TypeAlias = tuple[Mark, tuple[Unit, ...]]
"""What makes two people's spans cover the same: start, end, label, and the pieces."""

ATTRIBUTES, PIECES = "attributes", "pieces"
"""Keys of spans."""

SHARE = "share"
"""Key of a soft span: the share of the people (0 to 1) who marked exactly this extent."""

PEOPLE = "annotators"
"""Key of a soft span: how many people marked exactly this extent."""


class Threshold(NamedTuple):
    """How many votes are enough.

    Attributes:
        share: At least this share of the people, 0 to 1; None for more than half of them.
    """

    share: float | None = None

    def accepts(self, votes: int, people: int) -> bool:
        """Return whether `votes` of `people` are enough."""
        if self.share is None:
            return 2 * votes > people
        # A share is written with two decimals: 0.67 stands for two of three people.
        return votes > 0 and votes >= (self.share - 0.005) * people

    def is_tie(self, votes: int, people: int) -> bool:
        """Return whether exactly half say yes where more than half is needed."""
        return self.share is None and 2 * votes == people


MORE_THAN_HALF = Threshold()


def vote(
    people: Sequence[Sequence[Span]],
    text: str,
    tokens: Sequence[Unit],
    boundaries: Boundaries = "token",
    threshold: Threshold = MORE_THAN_HALF,
) -> tuple[Span, ...] | None:
    """Return the spans that enough people marked, sorted; None if the votes decide nothing.

    Args:
        people: Each person's spans on the text, complete: what is in none of them was left out on
            purpose.
        text: The text.
        tokens: Start and end of its tokens, from left to right.
        boundaries: What is voted on. Where somebody's span does not begin and end with tokens, the
            characters are voted on instead of the tokens.
        threshold: How many votes are enough.
    """
    whole = [[span for span in spans if not _is_broken(span)] for spans in people]
    if boundaries == "exact":
        found = _whole_spans(whole, threshold)
    else:
        by_token = boundaries == "token" and _all_fit(whole, tokens)
        units = list(tokens) if by_token else _pieces(whole)
        found = _by_unit(whole, text, units, threshold)
    broken = _broken_spans(people, threshold)
    if found is None or broken is None:
        return None
    given = {span_identity(span): span for spans in whole for span in spans}
    voted = [*(given.get(each, Span(*each)) for each in found), *broken]
    if _leaves_out(voted, people, text):
        return None
    spans = [_with_attributes(each, people, threshold) for each in voted]
    known = [each for each in spans if each is not None]
    return tuple(sorted(known)) if len(known) == len(spans) else None


def soft_spans(people: Sequence[Sequence[Span]]) -> tuple[Span, ...]:
    """Return every extent that somebody marked, sorted, with the share of the people who did.

    The share stands under `share` (0 to 1) and the number of people under `annotators`.
    """
    votes = Counter(each for spans in people for each in {_extent(span) for span in spans})
    return tuple(
        sorted(
            Span(
                *each, {**_pieces_key(pieces), SHARE: round(count / len(people), 4), PEOPLE: count}
            )
            for (each, pieces), count in votes.items()
        )
    )


def _pieces_key(pieces: tuple[Unit, ...]) -> dict[str, list[list[int]]]:
    return {PIECES: [list(each) for each in pieces]} if len(pieces) > 1 else {}


def _is_broken(span: Span) -> bool:
    return len(pieces_of(span)) > 1


def _broken_spans(people: Sequence[Sequence[Span]], threshold: Threshold) -> list[Span] | None:
    """Return the discontinuous spans that enough people marked, piece for piece; None for a tie.

    What lies between their pieces was marked by nobody, so they are never voted on unit by unit.
    """
    given = {_extent(span): span for spans in people for span in spans if _is_broken(span)}
    votes = Counter(
        each for spans in people for each in {_extent(span) for span in spans if _is_broken(span)}
    )
    if any(threshold.is_tie(count, len(people)) for count in votes.values()):
        return None
    return [given[each] for each, count in votes.items() if threshold.accepts(count, len(people))]


def _extent(span: Span) -> Extent:
    return span_identity(span), tuple(pieces_of(span))


def _with_attributes(
    span: Span, people: Sequence[Sequence[Span]], threshold: Threshold
) -> Span | None:
    """Return a span with what enough of those who marked it say of it; None where that is a tie."""
    own = [each for spans in people for each in spans if _extent(each) == _extent(span)]
    if len({shape(each) for each in own}) < 2:
        return span
    said: dict[str, object] = {}
    for name in dict.fromkeys(name for each in own for name in attributes_of(each)):
        values = [attributes_of(each).get(name) for each in own]
        (text, count), *_ = Counter(map(str, values)).most_common(1)
        value = next(each for each in values if str(each) == text)
        # Nobody writes a note as another one does, so notes are no votes: the first one is kept.
        if name == NOTE:
            value = next(each for each in values if each is not None)
        elif threshold.is_tie(count, len(own)) or not threshold.accepts(count, len(own)):
            return None
        if value is not None:  # else most have said nothing of it
            said[name] = value
    rest = {key: value for key, value in span.extra.items() if key != ATTRIBUTES}
    return Span(*span_identity(span), {**rest, ATTRIBUTES: said} if said else rest)


def _whole_spans(people: Sequence[Sequence[Span]], threshold: Threshold) -> list[Mark] | None:
    votes = Counter(each for spans in people for each in {span_identity(span) for span in spans})
    if any(threshold.is_tie(count, len(people)) for count in votes.values()):
        return None
    return [each for each, count in votes.items() if threshold.accepts(count, len(people))]


def _by_unit(
    people: Sequence[Sequence[Span]], text: str, units: Sequence[Unit], threshold: Threshold
) -> list[Mark] | None:
    found: list[Mark] = []
    for label in sorted({span.label for spans in people for span in spans}):
        own = [[span for span in spans if span.label == label] for spans in people]
        votes = {number: sum(_covers(spans, units[number]) for spans in own)
                 for number in _touched(own, units)}  # fmt: skip
        if any(threshold.is_tie(count, len(people)) for count in votes.values()):
            return None
        run: list[int] = []
        for number in [each for each, n in votes.items() if threshold.accepts(n, len(people))]:
            goes_on = run and run[-1] == number - 1
            if not goes_on or _is_boundary(own, units[run[-1]], units[number]):
                found += _closed(run, units, text, label)
                run = []
            run.append(number)
        found += _closed(run, units, text, label)
    return found


def _touched(own: Sequence[Sequence[Span]], units: Sequence[Unit]) -> list[int]:
    """Return the numbers of the units that share a character with a span, in order."""
    ends = [end for _, end in units]
    numbers: set[int] = set()
    for span in (span for spans in own for span in spans):
        number = bisect_right(ends, span.start)
        while number < len(units) and units[number][0] < span.end:
            numbers.add(number)
            number += 1
    return sorted(numbers)


def _closed(run: Sequence[int], units: Sequence[Unit], text: str, label: str) -> list[Mark]:
    """Return a run of units as a span without white space at its edges; none for nothing."""
    if not run:
        return []
    start, end = units[run[0]][0], units[run[-1]][1]
    covered = text[start:end]
    start += len(covered) - len(covered.lstrip())
    end -= len(covered) - len(covered.rstrip())
    return [(start, end, label)] if start < end else []


def _is_boundary(own: Sequence[Sequence[Span]], left: Unit, right: Unit) -> bool:
    """Return whether most of those who marked both units have them in different spans."""
    both = [spans for spans in own if _covers(spans, left) and _covers(spans, right)]
    joined = sum(
        any(span.start < left[1] and right[0] < span.end for span in spans) for spans in both
    )
    return 2 * joined < len(both)


def _leaves_out(found: Sequence[Span], people: Sequence[Sequence[Span]], text: str) -> bool:
    """Return whether a character that more than half marked with something would be outside."""
    for start, end in _pieces(people):
        marked = sum(_covers(spans, (start, end)) for spans in people)
        if 2 * marked <= len(people) or not text[start:end].strip():
            continue
        if not _covers(found, (start, end)):
            return True
    return False


def _covers(spans: Sequence[Span], unit: Unit) -> bool:
    return any(
        start < unit[1] and unit[0] < end for span in spans for start, end in pieces_of(span)
    )


def _all_fit(people: Sequence[Sequence[Span]], tokens: Sequence[Unit]) -> bool:
    starts, ends = {start for start, _ in tokens}, {end for _, end in tokens}
    return all(span.start in starts and span.end in ends for spans in people for span in spans)


def _pieces(people: Sequence[Sequence[Span]]) -> list[Unit]:
    """Return the ranges between neighbouring edges of spans: their characters have equal votes."""
    return list(pairwise(_edges(people)))


def _edges(people: Sequence[Sequence[Span]]) -> list[int]:
    return sorted(
        {edge for spans in people for span in spans for at in pieces_of(span) for edge in at}
    )
