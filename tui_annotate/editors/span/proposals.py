"""Spans that something else proposes: taken, refused, or passed over by labelling otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui_annotate.editors.base import Range
from tui_annotate.editors.span.spanset import SpanEntry, SpanSet


def open_ones(
    proposed: Iterable[SpanEntry], spans: SpanSet, *, overlap: bool
) -> tuple[SpanEntry, ...]:
    """The proposals that can still be taken.

    Args:
        proposed: All of them.
        spans: What is labelled.
        overlap: Whether spans may overlap; otherwise a span closes the proposals it touches.
    """
    return tuple(each for each in proposed if not _closed(each, spans, overlap=overlap))


def _closed(proposal: SpanEntry, spans: SpanSet, *, overlap: bool) -> bool:
    touching = spans.touching(*proposal.range)
    return any(not overlap or each.looks_like(proposal) for each in touching)


def apart(proposals: Iterable[SpanEntry], *, overlap: bool) -> list[SpanEntry]:
    """Those that can be taken together: of two that overlap where that is forbidden the longer
    one, of equally long ones the earlier."""
    if overlap:
        return list(proposals)
    kept = SpanSet()
    for each in sorted(proposals, key=lambda e: (e.span.start - e.span.end, e.key)):
        if not kept.touching(*each.range):
            kept.add(each)
    return list(kept)


def at(proposals: Sequence[SpanEntry], place: Range) -> SpanEntry | None:
    """The shortest of those that share a code point with a place."""
    touching = [e for e in proposals if e.span.start < place[1] and place[0] < e.span.end]
    return min(touching, key=lambda e: e.span.end - e.span.start, default=None)
