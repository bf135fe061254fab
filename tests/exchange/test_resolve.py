"""Several people's answers on one input: when they conflict, and what counts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.errors import UsageError
from tui_annotate.exchange.document import Layers, Mark, span_identity
from tui_annotate.exchange.resolve import (
    ResolutionRule,
    join_layers,
    parse_resolve,
    settle,
    without,
)
from tui_annotate.exchange.split import Split, parse_split
from tui_annotate.task.spans import Span

pytestmark = pytest.mark.quick

A, B, C = (0, 4, "A"), (5, 9, "B"), (0, 9, "C")
MAJORITY = ResolutionRule("majority")


def spans(*marks: Mark, complete: bool = True, refused: frozenset[Mark] = frozenset()) -> Layers:
    return Layers(tuple(sorted(Span(*each) for each in marks)), complete, refused)


def found(layers: Layers) -> list[Mark]:
    assert layers.spans is not None
    return [span_identity(each) for each in layers.spans]


def test_people_who_agree_are_put_together() -> None:
    settled = settle({"x": spans(A, B), "y": spans(A, B), "z": Layers(cats={"N": True})}, None)
    assert not settled.conflicts
    assert found(settled.layers) == [A, B]
    assert settled.layers.cats == {"N": True}


@pytest.mark.parametrize("resolve", [None, ResolutionRule("review")])
def test_people_who_differ_are_never_merged_in_silence(resolve: ResolutionRule | None) -> None:
    settled = settle({"x": spans(A), "y": spans(A, B)}, resolve)
    assert settled.conflicts == settled.unresolved == ("spans",)


def test_the_majority_decides_span_by_span() -> None:
    settled = settle({"x": spans(A), "y": spans(A, B), "z": spans(B, C)}, MAJORITY)
    assert found(settled.layers) == [A, B]
    assert settled.conflicts == ("spans",)
    assert not settled.unresolved


def test_a_tie_decides_nothing() -> None:
    assert settle({"x": spans(A), "y": spans()}, MAJORITY).unresolved == ("spans",)
    tie = settle({"x": Layers(cats={"N": True}), "y": Layers(cats={"N": False})}, MAJORITY)
    assert tie.unresolved == ("labels",)


def test_one_person_decides_where_they_answered() -> None:
    people = {"x": spans(A), "y": spans(B)}
    assert found(settle(people, ResolutionRule("annotator", "y")).layers) == [B]
    assert settle(people, ResolutionRule("annotator", "z")).unresolved == ("spans",)


def test_layers_are_decided_apart() -> None:
    people = {
        "x": join_layers([spans(A), Layers(cats={"N": True, "M": False})]),
        "y": join_layers([spans(A), Layers(cats={"N": False})]),
        "z": Layers(cats={"N": True}),
    }
    settled = settle(people, MAJORITY)
    assert settled.conflicts == ("labels",)
    assert found(settled.layers) == [A]
    assert settled.layers.cats == {"N": True, "M": False}


def test_yes_and_no_to_the_same_span_conflict() -> None:
    yes = spans(A, complete=False)
    no = spans(complete=False, refused=frozenset({A}))
    assert settle({"x": yes, "y": no}, None).conflicts == ("spans",)
    assert not settle({"x": yes, "y": spans(B, complete=False)}, None).conflicts
    assert not settle({"x": yes, "y": spans(A, B)}, None).conflicts
    assert settle({"x": yes, "y": spans(B)}, None).conflicts == ("spans",)
    assert settle({"x": no, "y": spans(A)}, None).conflicts == ("spans",)


def test_relations_conflict_by_their_ends_and_labels() -> None:
    one = Layers(relations=({"head": 0, "child": 1, "label": "R", "color": "red"},))
    same = Layers(relations=({"head": 0, "child": 1, "label": "R"},))
    other = Layers(relations=({"head": 1, "child": 0, "label": "R"},))
    assert not settle({"x": one, "y": same}, None).conflicts
    assert settle({"x": one, "y": other}, None).conflicts == ("relations",)
    settled = settle({"x": one, "y": other, "z": same}, MAJORITY)
    assert settled.layers.relations == one.relations


def test_an_adjudicated_answer_takes_its_layers_from_the_others() -> None:
    rest = without(Layers((Span(*A),), cats={"N": True, "M": True}), Layers((), cats={"N": False}))
    assert rest.spans is None
    assert rest.cats == {"M": True}


marked = st.frozensets(st.sampled_from([A, B, C]), max_size=3)


@settings(max_examples=80)
@given(st.lists(marked, min_size=1, max_size=5))
def test_the_majority_is_what_more_than_half_say(given_: list[frozenset[Mark]]) -> None:
    people = {str(number): spans(*each) for number, each in enumerate(given_)}
    settled = settle(people, MAJORITY)
    votes = {each: sum(each in one for one in given_) for each in (A, B, C)}
    assert bool(settled.conflicts) == (len(set(given_)) > 1)
    if settled.unresolved:
        assert any(2 * count == len(given_) for count in votes.values())
    else:
        assert set(found(settled.layers)) == {k for k, v in votes.items() if 2 * v > len(given_)}


@pytest.mark.parametrize("value", ["", "annotator", "annotator=", "most", "review=x"])
def test_other_ways_are_refused(value: str) -> None:
    with pytest.raises(UsageError, match="majority"):
        parse_resolve(value)


# Splits

keys = st.binary(min_size=16, max_size=16)


@settings(max_examples=80)
@given(keys, st.integers(1, 99), st.integers(0, 50))
def test_an_input_stays_in_its_part_and_a_larger_train_part_only_takes(
    key: bytes, train: int, more: int
) -> None:
    part = Split((train, 100)).of(key)
    assert Split((train, 100)).of(key) == part
    if part == "train":
        assert Split((train + more, 100)).of(key) == "train"


def test_parts_have_their_shares() -> None:
    split = parse_split("80,10,10")
    step = (1 << 64) // 1001
    parts = [split.of((number * step).to_bytes(8, "big") + bytes(8)) for number in range(1, 1001)]
    assert [parts.count(name) for name in ("train", "dev", "test")] == [800, 100, 100]
    assert split.of(b"\xff" * 16) == "test"


@pytest.mark.parametrize("value", ["", "80", "80,x", "1,2,3,4", "-1,2", "0,1", "nan,1", "inf,1"])
def test_other_shares_are_refused(value: str) -> None:
    with pytest.raises(UsageError, match="80,10,10"):
        parse_split(value)
