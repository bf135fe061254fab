"""Labelled ranges of a text, and what can be said about them without knowing the text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias

from tui_annotate.errors import TaskError

REASON = "bad-spans"

_OWN_KEYS = frozenset({"start", "end", "label", "token_start", "token_end"})


Range: TypeAlias = tuple[int, int]
"""Code points of a text, from the first to behind the last."""


class Aligner(Protocol):
    """What knows the tokens of a text; `Tokens` does."""

    def numbers(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the numbers of the first and last token of a range that begins and ends with
        tokens, as the task lists them."""
        ...


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive) under a `label`.

    `extra` holds the other keys of the span's dict, given back untouched. Spans sort from left to
    right, longer ones first, then by label.
    """

    start: int
    end: int
    label: str
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __lt__(self, other: Span) -> bool:
        return sort_key(self) < sort_key(other)

    @classmethod
    def from_dict(cls, data: Any, *, length: int | None = None) -> Span:
        """Read a span from a task; `token_start` and `token_end` are left to the tokens.

        Args:
            data: The dict. Without a `label` the label is empty.
            length: The length of the text; None leaves the upper bound unchecked.

        Raises:
            TaskError: With reason `bad-spans`: not a dict, offsets that are no integers, empty,
                or outside the text, or a label that is no string.
        """
        # A dict is told sooner than a mapping.
        if not isinstance(data, dict) and not isinstance(data, Mapping):
            raise _error(f"a span is {_kind(data)}, not an object")
        start, end, label = data.get("start"), data.get("end"), data.get("label", "")
        if type(start) is not int or type(end) is not int:
            raise _error(f"a span's start is {_kind(start)}, its end {_kind(end)}, not integers")
        if not 0 <= start < end:
            raise _error(f"a span goes from {start} to {end}")
        if length is not None and end > length:
            raise _error(f"a span ends at {end}, the text at {length}")
        if not isinstance(label, str):
            raise _error(f"the label of the span from {start} to {end} is {_kind(label)}")
        extra: dict[str, Any] = {}
        if not data.keys() <= _OWN_KEYS:
            extra = {key: value for key, value in data.items() if key not in _OWN_KEYS}
        return cls(start, end, label, extra)

    def to_dict(self, tokens: Aligner | None = None) -> dict[str, Any]:
        """Return the span as tasks hold it.

        Args:
            tokens: Gives `token_start` and `token_end` (inclusive) where the span begins and ends
                with tokens; without them, and where it does not, both keys are left out.
        """
        data: dict[str, Any] = {"start": self.start, "end": self.end}
        aligned = tokens.numbers(self.start, self.end) if tokens is not None else None
        if aligned is not None:
            data["token_start"], data["token_end"] = aligned
        if self.label:
            data["label"] = self.label
        data.update(self.extra)
        return data

    def with_label(self, label: str) -> Span:
        """Return the span under another label, without the score that belonged to the old one."""
        return replace(self, label=label, extra=_without(self.extra, "score"))

    def with_range(self, start: int, end: int) -> Span:
        """Return the span over another range, without the text and score of the old one."""
        return replace(self, start=start, end=end, extra=_without(self.extra, "score", "text"))


def read_spans(data: Any, *, length: int | None = None) -> tuple[Span, ...]:
    """Read a task's `spans`, sorted; None (no spans) gives none.

    Raises:
        TaskError: With reason `bad-spans`, as `Span.from_dict` does, or not a list.
    """
    if data is None:
        return ()
    if not isinstance(data, list):
        raise _error(f"spans are {_kind(data)}, not a list")
    found = [Span.from_dict(each, length=length) for each in data]
    if len(found) > 1:
        found.sort(key=sort_key)
    return tuple(found)


def pieces_of(span: Span) -> list[tuple[int, int]]:
    """Return the ranges of a span, from left to right: one, or those of a discontinuous span."""
    pieces = span.extra.get("pieces")
    if not isinstance(pieces, list) or not pieces:
        return [(span.start, span.end)]
    found = [(each[0], each[1]) for each in pieces if isinstance(each, list) and len(each) == 2]
    whole = all(type(place) is int for each in found for place in each)
    inside = whole and found[:1] and found[0][0] == span.start and found[-1][1] == span.end
    return found if inside else [(span.start, span.end)]


def surface_of(text: str, span: Span) -> str:
    """Return what a span marks, with `…` between the pieces of a discontinuous one."""
    if not span.extra:  # which is so for most of perhaps millions of spans
        return text[span.start : span.end]
    return " … ".join(text[start:end] for start, end in pieces_of(span))


def attributes_of(span: Span) -> Mapping[str, Any]:
    """Return what is said of a span beside its label: name -> value; empty for nothing."""
    found = span.extra.get("attributes")
    return found if isinstance(found, Mapping) else {}


def sort_key(span: Span) -> tuple[int, int, str]:
    """Return what spans are sorted by: left to right, longer ones first, then by label."""
    return span.start, -span.end, span.label


def overlaps(one: Span, other: Span) -> bool:
    """Tell whether two spans share a character."""
    return one.start < other.end and other.start < one.end


def contains(outer: Span, inner: Span) -> bool:
    """Tell whether every character of `inner` is one of `outer`; a span contains itself."""
    return outer.start <= inner.start and inner.end <= outer.end


def resolve_overlap(spans: Iterable[Span], new: Span) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Return the spans that can stand beside `new`, and those that it takes the place of."""
    kept: list[Span] = []
    removed: list[Span] = []
    for span in spans:
        (removed if overlaps(span, new) else kept).append(span)
    return tuple(kept), tuple(removed)


def layers(spans: Iterable[Span]) -> tuple[tuple[Span, ...], ...]:
    """Spread spans over lanes in which none overlap, each in the first lane that is free.

    There are as many lanes as spans lie over the most covered character.
    """
    lanes: list[list[Span]] = []
    for span in sorted(spans):
        for lane in lanes:
            if lane[-1].end <= span.start:
                lane.append(span)
                break
        else:
            lanes.append([span])
    return tuple(tuple(lane) for lane in lanes)


def _without(extra: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    return {key: value for key, value in extra.items() if key not in keys}


def _kind(value: Any) -> str:
    return "missing" if value is None else f"of type {type(value).__name__}"


def _error(what: str) -> TaskError:
    return TaskError(what, reason=REASON, hint="Correct the task's spans, or leave them out")
