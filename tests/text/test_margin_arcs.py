"""Arcs in a margin: each end has its line, and each arc can be followed from one to the other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_annotate.text.margin_arcs import (
    MARGIN_BOX,
    MarginArcs,
    MarginEnd,
    MarginLink,
    Place,
    columns_of,
    is_line,
    is_line_of_words,
    margin_size,
)

pytestmark = pytest.mark.quick

LABEL = [("A", 1), ("B", 1)]


def link(arc: int, head: Place, child: Place) -> MarginLink:
    ends = MarginEnd(head, is_child=False), MarginEnd(child, is_child=True)
    return MarginLink(arc, ends, LABEL, lambda room: LABEL[:room])


def drawn(margin: MarginArcs, place: Place) -> str:
    text = ""
    for cell in margin.line(place):
        assert cell.column >= len(text), "nothing stands on anything else"
        text = text.ljust(cell.column) + cell.glyph
    return text


@st.composite
def links(draw: st.DrawFn) -> list[MarginLink]:
    rows = draw(st.permutations(range(2 * draw(st.integers(1, 8)))))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return [link(n, (head, 0), (child, 0)) for n, (head, child) in enumerate(pairs)]


@given(links())
def test_every_arc_can_be_followed_down_its_own_column(found: list[MarginLink]) -> None:
    columns = columns_of(found)
    size = margin_size([2], 1 + max(columns.values()), 200)
    margin = MarginArcs(found, size, MARGIN_BOX)
    assert not margin.hidden
    for each in found:
        column = size.columns - 1 - columns[each.arc]
        assert drawn(margin, each.first)[column] == MARGIN_BOX.top
        assert drawn(margin, each.last)[column] == MARGIN_BOX.bottom
        for row in range(each.first[0] + 1, each.last[0]):
            assert drawn(margin, (row, 0))[column] in MARGIN_BOX.leg + MARGIN_BOX.crossing
        for end in each.ends:
            line = drawn(margin, end.place)
            assert "AB" in line
            assert line.endswith(MARGIN_BOX.tip) == end.is_child


def test_a_line_to_an_arc_crosses_those_between_it_and_the_text() -> None:
    found = [link(0, (0, 0), (3, 0)), link(1, (2, 0), (4, 0)), link(2, (1, 0), (5, 0))]
    margin = MarginArcs(found, margin_size([2], 0, 80), MARGIN_BOX)
    assert [drawn(margin, (row, 0)) for row in range(6)] == [
        " ┌──AB─",
        "┌┼──AB─",
        "││┌─AB─",
        "│└┼─AB►",
        "│ └─AB►",
        "└───AB►",
    ]


def test_what_has_no_column_or_no_form_of_its_label_is_hidden() -> None:
    found = [link(n, (n, 0), (20 - n, 0)) for n in range(9)]
    margin = MarginArcs(found, margin_size([2], 9, 20), MARGIN_BOX)
    assert margin.hidden == frozenset(range(9 - margin.size.columns))
    nameless = [found[0]._replace(short=lambda _room: [], label=[("x", 1)] * 50)]
    assert MarginArcs(nameless, margin_size([50], 1, 20), MARGIN_BOX).hidden == {0}


@pytest.mark.parametrize("room", [1, 8, 20, 40, 80, 200])
def test_a_margin_takes_a_third_of_the_room_at_most(room: int) -> None:
    size = margin_size([3, 60], 60, room)
    assert size.columns >= 1
    assert size.label >= 1
    assert size.width <= max(room // 3, 5)


def test_which_ends_are_lines() -> None:
    text = "Anna: one two\n  Hm. \nthree four"
    assert is_line(text, (0, 13))
    assert is_line(text, (16, 19))
    assert is_line(text, (0, 31)), "several lines, too"
    assert not is_line(text, (0, 5))
    assert not is_line(text, (21, 26))
    assert is_line_of_words(text, (0, 13))
    assert not is_line_of_words(text, (16, 19)), "a heading of one word is a word"
