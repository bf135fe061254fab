"""Votes on spans: what several people's complete answers come to."""

from __future__ import annotations

from itertools import pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.errors import UsageError
from tui_annotate.exchange.document import Layers, Mark, span_identity
from tui_annotate.exchange.resolve import AnsweredText, ResolutionRule, parse_resolve, settle
from tui_annotate.exchange.votes import Boundaries, Threshold, soft_spans, vote
from tui_annotate.task.spans import Span
from tui_annotate.task.tokenize import tokenize

pytestmark = pytest.mark.quick

PORT = "Port of Cork"


def voted(
    text: str,
    *people: list[Mark],
    boundaries: Boundaries = "token",
    share: float | None = None,
) -> list[Mark] | None:
    spans = [sorted(Span(*each) for each in marks) for marks in people]
    found = vote(spans, text, list(tokenize(text)), boundaries, Threshold(share))
    return None if found is None else [span_identity(each) for each in found]


def test_three_ends_of_one_entity_are_one_entity() -> None:
    ends: list[Mark] = [(0, 12, "LOC"), (0, 7, "LOC"), (5, 12, "LOC")]
    for order in permutations(ends):
        people = [[each] for each in order]
        assert voted(PORT, *people) == [(0, 12, "LOC")]
        assert voted(PORT, *people, boundaries="character") == [(0, 12, "LOC")]
        # No extent has a majority, and none of the words may be lost: nothing is decided.
        assert voted(PORT, *people, boundaries="exact") is None


def test_a_word_that_fewer_than_half_marked_is_outside() -> None:
    assert voted(PORT, [(0, 12, "LOC")], [(0, 4, "LOC")], [(0, 4, "LOC")]) == [(0, 4, "LOC")]
    assert voted(PORT, [(0, 12, "LOC")], [], []) == []


def test_what_most_marked_with_different_labels_is_not_decided() -> None:
    assert voted(PORT, [(0, 4, "LOC")], [(0, 4, "ORG")], []) is None
    assert voted(PORT, [(0, 4, "LOC")], [(0, 4, "ORG")], [(0, 4, "LOC")]) == [(0, 4, "LOC")]


def test_neighbours_with_one_label_stay_apart_where_most_have_them_apart() -> None:
    text = "Ada Bo"
    apart: list[Mark] = [(0, 3, "PER"), (4, 6, "PER")]
    assert voted(text, apart, apart, [(0, 6, "PER")]) == apart
    assert voted(text, [(0, 6, "PER")], [(0, 6, "PER")], apart) == [(0, 6, "PER")]


def test_spans_within_others_are_voted_on_by_label() -> None:
    outer, inner = (0, 12, "ORG"), (8, 12, "LOC")
    assert voted(PORT, [outer, inner], [outer], [outer, inner]) == [outer, inner]


def test_spans_off_the_tokens_are_voted_on_by_character_and_trimmed() -> None:
    text = "the Bonnlike town"
    assert voted(text, [(4, 8, "LOC")], [(4, 8, "LOC")], [(4, 12, "LOC")]) == [(4, 8, "LOC")]
    assert voted("Ada  Bo", [(0, 4, "PER")], [(0, 5, "PER")], []) == [(0, 3, "PER")]


def test_a_share_of_its_own_is_at_least_that_share() -> None:
    three: list[list[Mark]] = [[(0, 4, "LOC")], [(0, 4, "LOC")], []]
    assert voted(PORT, *three, share=0.66) == [(0, 4, "LOC")]
    assert voted(PORT, *three, share=0.67) == [(0, 4, "LOC")]
    # Two of three marked it, so it is no "outside" although all three are asked for.
    assert voted(PORT, *three, share=1.0) is None
    assert voted(PORT, [(0, 4, "LOC")], [], [], share=0.3) == [(0, 4, "LOC")]
    assert voted(PORT, [(0, 4, "LOC")], [], share=0.66) == []


def test_half_against_half_decides_nothing() -> None:
    assert voted(PORT, [(0, 4, "LOC")], []) is None
    assert voted(PORT, [(0, 12, "LOC")], [(0, 7, "LOC")]) is None


def test_what_one_person_said_of_a_span_is_kept_with_it() -> None:
    span = Span(0, 4, "LOC", {"attributes": {"sure": True}})
    found = vote([[span], [span], []], PORT, list(tokenize(PORT)))
    assert found is not None
    assert found[0].extra == {"attributes": {"sure": True}}


def test_a_soft_form_keeps_each_extent_with_its_share() -> None:
    people = [[Span(0, 12, "LOC")], [Span(0, 7, "LOC")], [Span(0, 12, "LOC")]]
    found = [(*span_identity(each), each.extra["share"], each.extra["annotators"])
             for each in soft_spans(people)]  # fmt: skip
    assert found == [(0, 12, "LOC", 0.6667, 2), (0, 7, "LOC", 0.3333, 1)]
    layers = {str(who): Layers(tuple(spans)) for who, spans in enumerate(people)}
    soft = settle(layers, parse_resolve("soft"), AnsweredText(PORT)).layers.spans
    assert soft == soft_spans(people)


def test_yes_and_no_on_single_spans_are_voted_on_span_by_span() -> None:
    span, other = Span(0, 4, "LOC"), Span(5, 7, "LOC")
    yes = Layers((span, other), complete=False)
    no = Layers((other,), complete=False, refused=frozenset({span_identity(span)}))
    settled = settle({"a": yes, "b": no, "c": no}, ResolutionRule("majority"), AnsweredText(PORT))
    assert settled.layers.spans == (other,)
    assert settled.layers.refused == {span_identity(span)}
    assert not settled.layers.complete
    assert settle(
        {"a": yes, "b": no}, ResolutionRule("majority"), AnsweredText(PORT)
    ).unresolved == ("spans",)


@pytest.mark.parametrize("value", ["majority:", "majority:0", "majority:1.5", "majority:most"])
def test_a_share_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(UsageError, match="no share"):
        parse_resolve(value)


WORDS = "aa bb cc dd ee"
RANGES = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(sorted)
MARKS = st.lists(
    st.tuples(RANGES, st.sampled_from(["X", "Y"])).map(
        lambda each: (3 * each[0][0], 3 * each[0][1] + 2, each[1])
    ),
    max_size=3,
    unique=True,
)


@settings(max_examples=200)
@given(st.lists(MARKS, min_size=2, max_size=5), st.sampled_from(["token", "exact", "character"]))
def test_nothing_that_most_marked_is_ever_outside(
    people: list[list[Mark]], boundaries: Boundaries
) -> None:
    found = voted(WORDS, *people, boundaries=boundaries)
    if found is None:
        return
    for start in range(0, len(WORDS), 3):
        marked = sum(any(s <= start < e for s, e, _ in marks) for marks in people)
        covered = any(s <= start < e for s, e, _ in found)
        assert covered or 2 * marked <= len(people)
        if covered:
            assert marked


@settings(max_examples=100)
@given(MARKS, st.integers(1, 5))
def test_people_who_agree_get_what_they_said(marks: list[Mark], people: int) -> None:
    text_labels = {label for _, _, label in marks}
    for label in text_labels:
        own = sorted((each for each in marks if each[2] == label), key=lambda m: (m[0], -m[1]))
        if any(a[1] > b[0] for a, b in pairwise(own)):
            return  # spans of one label that overlap are one run of words
    expected = sorted(marks, key=lambda m: (m[0], -m[1], m[2]))
    assert voted(WORDS, *[marks] * people) == expected


def broken(*pieces: tuple[int, int], label: str = "X") -> Span:
    return Span(pieces[0][0], pieces[-1][1], label, {"pieces": [list(each) for each in pieces]})


def test_what_lies_between_the_pieces_of_a_span_was_marked_by_nobody() -> None:
    text = "Cork and Galway cities"
    tokens = list(tokenize(text))
    cork, whole = broken((0, 4), (16, 22)), Span(0, 22, "X")
    for boundaries in ("token", "character", "exact"):
        found = vote([[cork], [cork], []], text, tokens, boundaries)
        assert found == (cork,)
        assert vote([[cork], [whole], [whole]], text, tokens, boundaries) == (whole,)
        assert vote([[cork], [whole]], text, tokens, boundaries) is None
    other = broken((0, 8), (16, 22))
    assert vote([[cork], [other], [cork]], text, tokens) == (cork,)
    people = {"a": Layers((cork,)), "b": Layers((other,))}
    assert settle(people, None).conflicts == ("spans",)
    assert [each.extra.get("pieces") for each in soft_spans([[cork], [other]])] == [
        [[0, 4], [16, 22]], [[0, 8], [16, 22]],
    ]  # fmt: skip


def test_what_is_said_of_a_span_is_voted_on_by_those_who_marked_it() -> None:
    def said(**attributes: object) -> Span:
        return Span(0, 4, "LOC", {"attributes": attributes})

    sure, unsure, noted = said(sure=True), said(sure=False), said(sure=True, note="hm")
    tokens = list(tokenize(PORT))
    (found,) = vote([[sure], [unsure], [noted]], PORT, tokens) or ()
    assert found.extra["attributes"] == {"sure": True, "note": "hm"}
    assert vote([[sure], [unsure]], PORT, tokens) is None
    assert settle({"a": Layers((sure,)), "b": Layers((unsure,))}, None).conflicts == ("spans",)
    # Notes are remarks, and no two people word them the same.
    assert not settle({"a": Layers((sure,)), "b": Layers((noted,))}, None).conflicts
