"""Arcs over text: what is drawn is whole, and nothing is drawn over anything else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_annotate.text.arcs import (
    ARC_ASCII,
    ARC_BOX,
    ArcCell,
    ArcEnd,
    ArcLink,
    Arcs,
    RowMemory,
    lay_out_arcs,
)
from tui_annotate.text.short_labels import ShortLabels

pytestmark = pytest.mark.quick

Relation = tuple[int, int, str]


def words_at(text: str, width: int) -> list[ArcEnd]:
    """Return where the words of a text stand when it is wrapped."""
    ends, row, column = [], 0, 0
    for word in text.split():
        if column and column + len(word) > width:
            row, column = row + 1, 0
        ends.append(ArcEnd(row, column, column + len(word)))
        column += len(word) + 1
    return ends


def links_of(text: str, width: int, relations: Sequence[Relation]) -> list[ArcLink]:
    ends = words_at(text, width)
    short = ShortLabels(label for _, _, label in relations)

    def link(head: int, child: int, label: str) -> ArcLink:
        def shortened(room: int) -> list[tuple[str, int]]:
            return [(each, 1) for each in short.fit(label, room)]

        return ArcLink(ends[head], ends[child], [(each, 1) for each in label], shortened)

    return [link(*relation) for relation in relations]


def drawn(arcs: Arcs, row: int) -> list[str]:
    """Return the lines over a row as text."""
    found = []
    for line in arcs.lines.get(row, ()):
        text = ""
        for cell in line:
            text = text.ljust(cell.column) + cell.glyph
        found.append(text)
    return found


def test_one_level_for_arcs_beside_each_other() -> None:
    links = links_of("Ilse left Cork", 40, [(1, 0, "WHO"), (1, 2, "FROM")])
    assert drawn(lay_out_arcs(links, 40, ARC_BOX), 0) == ["┌─WHO─┐ ┌FROM┐", "▼     │ │    ▼"]


def test_longer_arcs_stand_over_shorter_ones_and_legs_cross_lines() -> None:
    links = links_of("one two three four", 40, [(0, 2, "A"), (1, 3, "B"), (0, 3, "LONG")])
    assert drawn(lay_out_arcs(links, 40, ARC_ASCII), 0) == [
        ".------LONG------.",
        "|   .-----B------+",
        "+---|-A----.     |",
        "|   |      v     v",
    ]


def test_an_arc_between_rows_goes_on_at_the_edges_with_its_label() -> None:
    arcs = lay_out_arcs(links_of("Ilse left Cork", 10, [(0, 2, "FROM")]), 10, ARC_BOX)
    assert drawn(arcs, 0) == ["┌──FROM──┄", "│"]
    assert drawn(arcs, 1) == ["┄──┐FROM", "   ▼"]


def test_what_has_no_room_is_counted() -> None:
    text = "a b c d e f"
    links = links_of(text, 20, [(0, n, "X") for n in range(1, 6)])
    arcs = lay_out_arcs(links, 20, ARC_BOX, most=2)
    assert arcs.hidden == {2, 3, 4}
    assert lay_out_arcs([links[0]._replace(child=links[0].head)], 20, ARC_BOX).hidden == {0}


def test_a_label_without_room_is_cut_and_counted() -> None:
    arcs = lay_out_arcs(links_of("ab cd", 5, [(0, 1, "LABEL")]), 5, ARC_BOX)
    assert arcs.cut == {0}


@st.composite
def pictures(draw: st.DrawFn) -> tuple[list[ArcLink], int, int]:
    words = draw(st.lists(st.integers(1, 9), min_size=2, max_size=14))
    width = draw(st.integers(9, 50))
    text = " ".join("w" * length for length in words)
    token = st.integers(0, len(words) - 1)
    label = st.text("ABCDEFG", min_size=1, max_size=9)
    relations = draw(st.lists(st.tuples(token, token, label), max_size=12))
    return links_of(text, width, relations), width, draw(st.integers(1, 12))


@given(pictures())
def test_every_relation_is_drawn_with_both_ends_and_its_label_or_counted_as_hidden(
    picture: tuple[list[ArcLink], int, int],
) -> None:
    links, width, most = picture
    arcs = lay_out_arcs(links, width, ARC_BOX, most=most)
    for number, link in enumerate(links):
        if number in arcs.hidden:
            continue
        for end, glyphs in ((link.head, "│↕"), (link.child, "▼↕")):
            feet = arcs.lines[end.row][-1]
            assert any(end.left <= c.column < end.right and c.glyph in glyphs for c in feet)
            label = _label(arcs, end.row, number)
            wanted = "".join(glyph for glyph, _ in link.label)
            assert label
            form = "".join(glyph for glyph, _ in links[number].short(len(label)))
            assert label == wanted or (number in arcs.cut and label == form)


@given(pictures())
def test_arcs_are_never_drawn_over_one_another(picture: tuple[list[ArcLink], int, int]) -> None:
    links, width, most = picture
    arcs = lay_out_arcs(links, width, ARC_BOX, most=most)
    for lines in arcs.lines.values():
        assert len(lines) <= most + 1
        for line in lines:
            taken: set[int] = set()
            for cell in line:
                cells = set(range(cell.column, cell.column + cell.width))
                assert not cells & taken
                assert max(cells) < width
                taken |= cells
            _check_lines_are_whole(line)
        _check_legs_are_whole(lines)


def _label(arcs: Arcs, row: int, number: int) -> str:
    cells = [c for line in arcs.lines[row] for c in line if c.arc == number and c.part == "label"]
    return "".join(cell.glyph for cell in cells)


def _check_lines_are_whole(line: Sequence[ArcCell]) -> None:
    """An arc's line, with its label and the legs that cross it, has no gaps."""
    columns: dict[int, list[int]] = defaultdict(list)
    for cell in line:
        if cell.part not in ("leg", "tip", "both"):
            columns[cell.arc].append(cell.column)
    for found in columns.values():
        assert found == list(range(found[0], found[-1] + 1))


def _check_legs_are_whole(lines: Sequence[Sequence[ArcCell]]) -> None:
    """Below a corner, a branch, a crossing or a leg there is always another one, or the text."""
    upright = ("leg", "tip", "both", "branch", "crossing", "corner left", "corner right", "cut")
    for above, below in pairwise(lines):
        standing = {cell.column for cell in below if cell.part in upright}
        legs = {c.column for c in above if c.part in upright and c.part != "cut"}
        assert legs <= standing


@given(st.data())
def test_rows_that_are_known_are_drawn_as_if_they_were_made_anew(data: st.DataObject) -> None:
    text = "one two three four five six seven eight nine ten"
    known = RowMemory()
    relations: list[Relation] = []
    end = st.integers(0, 9)
    for _ in range(data.draw(st.integers(1, 6))):
        if data.draw(st.booleans()) and relations:
            relations.pop(data.draw(st.integers(0, len(relations) - 1)))
        relations.append(
            (data.draw(end), data.draw(end), data.draw(st.sampled_from(["A", "LONG"])))
        )
        links = links_of(text, 18, relations)
        anew = lay_out_arcs(links, 18, ARC_BOX, most=3)
        assert lay_out_arcs(links, 18, ARC_BOX, most=3, known=known) == anew


def test_one_relation_more_makes_the_rows_of_its_ends_anew_and_no_others() -> None:
    text = "one two three four five six seven eight nine ten"
    relations = [(0, 1, "A"), (4, 5, "A"), (7, 8, "A")]
    known = RowMemory()
    before = lay_out_arcs(links_of(text, 14, relations), 14, ARC_BOX, known=known).lines
    links = links_of(text, 14, [*relations, (0, 2, "B")])
    after = lay_out_arcs(links, 14, ARC_BOX, known=known).lines
    same = [row for row in before if after[row] is before[row]]
    assert same == list(before)[1:]
