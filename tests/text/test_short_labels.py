"""Short forms of labels: they tell the labels of a job apart, however narrow the place is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_annotate.text.short_labels import ShortLabels
from tui_annotate.text.width import cell_width

pytestmark = pytest.mark.quick

LABELS = st.lists(st.text("AB1…~东", min_size=1, max_size=8), unique=True, max_size=14)
SIGNS = st.sampled_from(["", "…", "~"])


@given(LABELS, SIGNS, st.sampled_from(["…", "~"]))
def test_no_two_labels_share_a_short_form(labels: list[str], end: str, middle: str) -> None:
    short = ShortLabels(labels)
    owner: dict[str, str] = {}
    for label in labels:
        for room in range(14):
            form = short.fit(label, room, end=end, middle=middle)
            assert cell_width(form) <= room
            if form:
                assert owner.setdefault(form, label) == label


@given(LABELS, st.integers(0, 14))
def test_a_label_that_fits_is_whole_and_none_is_left_without_need(
    labels: list[str], room: int
) -> None:
    short = ShortLabels(labels)
    for number, label in enumerate(labels, 1):
        form = short.fit(label, room)
        if cell_width(label) <= room:
            assert form == label
        elif not form:
            taken = any(other.startswith(str(number)) for other in labels)
            assert taken or len(str(number)) > room


@pytest.mark.parametrize(
    ("labels", "room", "expected"),
    [
        ("PERSON LOCATION", 3, "PE… LO…"),
        ("PERSON PERCENT", 5, "PERS… PERC…"),
        ("PERSON PERCENT", 4, "PERS PERC"),
        ("PERSON PERCENT", 3, "P…N P…T"),
        ("PERSON PERCENT", 1, "1 2"),
        ("PER PERSON", 3, "PER P…N"),
        ("PROCEDURE>PROCEDURE PROCEDURE>PROBLEM", 14, "PROCEDURE>PROC PROCEDURE>PROB"),
        ("PROCEDURE>PROCEDURE PROCEDURE>PROBLEM", 8, "PROC…URE PROC…LEM"),
        ("A1 A2 1B", 1, " 2 1"),
    ],
)
def test_labels_are_shortened_to_what_tells_them_apart(
    labels: str, room: int, expected: str
) -> None:
    names = labels.split()
    short = ShortLabels(names)
    assert [short.fit(name, room) for name in names] == expected.split(" ")


def test_what_a_task_brings_along_is_told_from_the_labels_of_the_job() -> None:
    short = ShortLabels(["PERSON", "ORG"])
    assert short.fit("PERCENT", 3) == "P…T"
    assert short.fit("PERCENT", 1) == ""
    assert short.fit("PERSON", 1) == "P"


@given(LABELS, LABELS, SIGNS)
def test_no_label_of_a_task_shares_a_short_form(
    labels: list[str], brought: list[str], end: str
) -> None:
    short = ShortLabels(labels).with_brought(brought)
    owner: dict[str, str] = {}
    for label in dict.fromkeys((*labels, *brought)):
        for room in range(14):
            form = short.fit(label, room, end=end)
            assert cell_width(form) <= room
            if form:
                assert owner.setdefault(form, label) == label


def test_labels_that_only_a_task_has_are_told_from_each_other_and_have_no_number() -> None:
    short = ShortLabels(["PERSON"]).with_brought(["PROCEDURE", "PROBLEM", "PERSON"])
    assert [short.fit(each, 5) for each in ("PROCEDURE", "PROBLEM")] == ["PROC…", "PROB…"]
    assert [short.fit(each, 1) for each in ("PROCEDURE", "PROBLEM", "PERSON")] == ["", "", "1"]
    assert short.with_brought(["PROBLEM", "PROCEDURE"]) is short
    assert short.with_brought([]) == ShortLabels(["PERSON"])
    assert short != ShortLabels(["PERSON"])
