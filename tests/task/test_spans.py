from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.errors import TaskError
from tui_annotate.task.spans import (
    Span,
    contains,
    layers,
    overlaps,
    read_spans,
    resolve_overlap,
    sort_key,
)
from tui_annotate.task.tokenize import tokenize

pytestmark = pytest.mark.quick


@st.composite
def any_span(draw: st.DrawFn) -> Span:
    start = draw(st.integers(0, 20))
    return Span(start, start + draw(st.integers(1, 8)), draw(st.sampled_from(["A", "B", ""])))


def test_a_span_is_written_as_it_was_read_with_its_unknown_keys() -> None:
    tokens = tokenize("Acme Corp of Berlin")
    data = {
        "start": 0, "end": 9, "token_start": 0, "token_end": 1, "label": "ORG",
        "score": 0.5, "source": "model", "mine": {"a": [1]},
    }  # fmt: skip
    span = Span.from_dict(data, length=19)
    assert span.to_dict(tokens) == data
    assert list(span.to_dict(tokens))[:5] == ["start", "end", "token_start", "token_end", "label"]


def test_token_indices_are_those_of_the_tokens_now() -> None:
    tokens = tokenize("Acme Corp of Berlin")
    stale = Span.from_dict(
        {"start": 5, "end": 9, "label": "X", "token_start": 7, "token_end": 9}, length=19
    )
    assert stale.to_dict(tokens) == {
        "start": 5, "end": 9, "token_start": 1, "token_end": 1, "label": "X",
    }  # fmt: skip
    assert stale.to_dict() == {"start": 5, "end": 9, "label": "X"}
    assert Span(1, 9, "X").to_dict(tokens) == {"start": 1, "end": 9, "label": "X"}


@pytest.mark.parametrize(
    "data",
    [
        None,
        [1, 2],
        {},
        {"start": 0},
        {"start": "0", "end": 2},
        {"start": True, "end": 2},
        {"start": 0.0, "end": 2},
        {"start": 2, "end": 2},
        {"start": 3, "end": 2},
        {"start": -1, "end": 2},
        {"start": 0, "end": 11},
        {"start": 0, "end": 2, "label": None},
        {"start": 0, "end": 2, "label": 7},
    ],
)
def test_what_is_no_span_is_refused(data: Any) -> None:
    with pytest.raises(TaskError) as caught:
        Span.from_dict(data, length=10)
    assert caught.value.reason == "bad-spans"


def test_a_task_s_spans_are_read_sorted() -> None:
    data = [{"start": 4, "end": 5, "label": "B"}, {"start": 0, "end": 2}, {"start": 0, "end": 3}]
    assert read_spans(data) == (Span(0, 3, "", {}), Span(0, 2, "", {}), Span(4, 5, "B", {}))
    assert read_spans(None) == ()
    with pytest.raises(TaskError):
        read_spans({"start": 0, "end": 2})


def test_extra_counts_for_equality_but_spans_stay_hashable() -> None:
    assert Span(0, 1, "A") == Span(0, 1, "A", {})
    assert Span(0, 1, "A") != Span(0, 1, "A", {"score": 1})
    assert len({Span(0, 1, "A", {"x": []}), Span(0, 1, "A", {"x": []})}) == 1


def test_changes_drop_what_is_no_longer_true() -> None:
    span = Span(0, 4, "A", {"score": 0.9, "text": "Acme", "source": "m"})
    assert span.with_label("B") == Span(0, 4, "B", {"text": "Acme", "source": "m"})
    assert span.with_range(0, 9) == Span(0, 9, "A", {"source": "m"})


@settings(max_examples=100)
@given(any_span(), any_span())
def test_the_algebra_is_that_of_sets_of_characters(one: Span, other: Span) -> None:
    ours, theirs = set(range(one.start, one.end)), set(range(other.start, other.end))
    assert overlaps(one, other) == overlaps(other, one) == bool(ours & theirs)
    assert contains(one, other) == (theirs <= ours)
    assert (one < other) == (sort_key(one) < sort_key(other))


@settings(max_examples=100)
@given(st.lists(any_span(), max_size=12), any_span())
def test_a_new_span_takes_the_place_of_exactly_those_it_overlaps(
    spans: list[Span], new: Span
) -> None:
    kept, removed = resolve_overlap(spans, new)
    assert sorted(kept + removed) == sorted(spans)
    assert not any(overlaps(span, new) for span in kept)
    assert all(overlaps(span, new) for span in removed)


@settings(max_examples=100)
@given(st.lists(any_span(), max_size=12))
def test_lanes_hold_every_span_once_and_are_as_few_as_can_be(spans: list[Span]) -> None:
    lanes = layers(spans)
    assert sorted(span for lane in lanes for span in lane) == sorted(spans)
    for lane in lanes:
        assert all(one.end <= two.start for one, two in pairwise(lane))
    depth = [sum(span.start <= at < span.end for span in spans) for at in range(30)]
    assert len(lanes) == max(depth)
