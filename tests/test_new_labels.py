"""Names of labels that are added, and where a configuration offers them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_annotate.new_labels import has_own, read_new_label, widen

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("typed", "name", "objection"),
    [
        ("  Time of day ", "Time of day", ""),
        ("a\x1b[31m\x07b\u202e", "a[31mb", ""),
        (" \x07 ", "", "a label needs a name"),
        ("A,B", "A,B", "a label has no comma in it"),
        ("loc", "loc", "LOC is a label already"),
        ("STRASSE", "STRASSE", "straße is a label already"),
    ],
)
def test_names_are_checked(typed: str, name: str, objection: str) -> None:
    assert read_new_label(typed, ("LOC", "straße")) == (name, objection)


@given(st.text(), st.lists(st.text()))
def test_what_is_taken_is_a_name_of_its_own(typed: str, known: list[str]) -> None:
    new = read_new_label(typed, known)
    if not new.objection:
        assert new.name and new.name == new.name.strip() and "," not in new.name
        assert new.name.casefold() not in {each.casefold() for each in known}
        assert read_new_label(new.name, known) == new
        assert not any(ord(each) < 32 or 127 <= ord(each) < 160 for each in new.name)


def test_more_labels_come_behind_the_jobs_own() -> None:
    own = ["B", "A"]
    config: dict[str, Any] = {"labels": own}
    widen(config, "labels", ["C", "a"])
    widen(config, "labels", ["C", "D"])
    assert config == {"labels": ["B", "A", "C", "D"]} and own == ["B", "A"]


def test_blocks_with_labels_of_their_own_offer_them() -> None:
    block = {"view_id": "ner_manual", "labels": ["A"]}
    config: dict[str, Any] = {"blocks": [block, {"view_id": "choice"}]}
    widen(config, "labels", ["B"])
    assert config == {"blocks": [{**block, "labels": ["A", "B"]}, {"view_id": "choice"}]}
    assert block["labels"] == ["A"], "the recipe's own list stays as it is"
    common: dict[str, Any] = {"labels": ["A"], "blocks": [{"view_id": "ner_manual"}]}
    widen(common, "labels", ["B"])
    assert common == {"labels": ["A", "B"], "blocks": [{"view_id": "ner_manual"}]}


def test_a_task_may_bring_its_labels_itself() -> None:
    assert has_own({"text": "x", "config": {"labels": ["A"]}}, "labels")
    assert has_own({"pages": [{"config": {"labels": ["A"]}}]}, "labels")
    assert not has_own({"text": "x", "config": {"theme": "x"}}, "labels")
