"""The versions of a review as they are drawn, without an application."""

from __future__ import annotations

from typing import Any

import pytest

from tui_annotate.tui.theme import Theme, theme
from tui_annotate.tui.widgets.version_list import VersionList

pytestmark = pytest.mark.quick

TEXT = "Ada Lovelace lived in London."
PER = {"start": 0, "end": 12, "label": "PER"}
ADA = {"start": 0, "end": 3, "label": "PER"}
LOC = {"start": 22, "end": 28, "label": "LOC"}


def version(who: str, *spans: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"answer": "accept", "text": TEXT, "annotators": [who], "spans": [*spans], **more}


def drawn(
    versions: list[dict[str, Any]],
    width: int,
    height: int,
    *,
    text: str = TEXT,
    look: Theme | None = None,
    **options: Any,
) -> VersionList:
    made = VersionList(look or theme("dark", colors=256), "V reads all", ("PER", "LOC"), **options)
    made.take({"text": text, "versions": [{**each, "text": text} for each in versions]})
    made.fit_screen(width, height)
    return made


def rows(made: VersionList) -> list[str]:
    count = int(made.styles.height.value) if made.styles.height else 0
    return [made.build_line(y).text.rstrip() for y in range(count)]


ONE_OF_TWO = "1 of 2 spans is in this version only"

TWO = [version("ann1", PER, LOC), version("ann2", ADA, LOC)]


def test_they_stand_side_by_side_from_120_columns_on() -> None:
    side = rows(drawn(TWO, 120, 40))
    assert len(side) == 3
    assert "1 ann1" in side[0] and "2 ann2" in side[0] and side[0].count(ONE_OF_TWO) == 2
    assert side[1].count(TEXT) == 2 and side[2].count("└LOC─┘") == 2
    below = rows(drawn(TWO, 119, 40))
    assert len(below) == 6 and below[1] == below[4] == TEXT
    assert below[2] == "└PER───────┘          └LOC─┘"
    assert "│" not in "".join(below)


def test_only_what_differs_is_filled() -> None:
    look = theme("dark", colors=256)
    cells = drawn(TWO, 80, 40, look=look).build_line(1).cells()
    filled = {at for at, cell in enumerate(cells) if cell[1].bgcolor is not None}
    assert filled == set(range(12))
    assert cells[22][1].underline  # what all have is underlined
    assert not cells[14][1].underline


def test_nobody_is_named_in_a_blind_review() -> None:
    shown = rows(drawn(TWO, 80, 40, blind=True))
    assert shown[0].startswith("1 ") and "ann" not in "".join(shown)


def test_of_a_long_text_the_rows_with_differences_are_shown() -> None:
    text = TEXT + " And then much more happened in that year." * 20
    shown = rows(drawn(TWO, 60, 40, text=text))
    assert len(shown) == 6 and "Ada Lovelace" in shown[1]


def test_what_has_no_room_is_read_on_a_page() -> None:
    three = [*TWO, version("ann3")]
    shown = rows(drawn(three, 80, 12))
    assert len(shown) == 6 and shown[-1] == "V reads all"


def test_ascii_and_answers_without_a_text_to_mark() -> None:
    shown = rows(drawn(TWO, 120, 40, ascii_only=True))
    assert all(row.isascii() for row in shown) and "|" in shown[0]
    options = [{"id": "a", "text": "Art"}, {"id": "b", "text": "Law"}]
    chosen = [
        {"answer": "accept", "annotators": [who], "options": options, "accept": [each]}
        for who, each in (("ann1", "a"), ("ann2", "b"))
    ]
    assert rows(drawn(chosen, 80, 40)) == ["1 ann1: Art", "2 ann2: Law"]


def test_a_rejection_and_another_text_say_so() -> None:
    made = VersionList(theme("dark", colors=256), "", ("PER",))
    other = {**version("ann2", PER), "text": "Another text."}
    no = {**version("ann3"), "answer": "reject"}
    made.take({"text": TEXT, "versions": [TWO[0], other, no]})
    made.fit_screen(80, 40)
    found = rows(made)
    assert "on a changed text" in found[3] and "reject" in found[5]


def test_every_task_is_folded_for_the_width_that_was_given_first() -> None:
    made = drawn(TWO, 144, 40)
    for spans in ([PER], [PER, LOC]):
        made.show({"text": TEXT, "versions": [version("ann1", *spans), version("ann2", ADA)]})
        shown = rows(made)
        assert max(map(len, shown)) <= 144 and "1 of 1 span is in this version only" in shown[0]
        made.set_labels(["LOC", "PER"])
        assert rows(made) == shown
    margins = drawn(TWO, 116, 40)
    margins.fit_screen(116, 40, 120)
    assert "1 ann1" in rows(margins)[0] and "2 ann2" in rows(margins)[0]
    assert rows(margins)[0].endswith(ONE_OF_TWO) and len(rows(margins)[0]) <= 116
    narrow = drawn(TWO, 106, 40)
    narrow.show({"text": TEXT, "versions": TWO})
    assert [row.endswith(ONE_OF_TWO) for row in rows(narrow)[::3]] == [True, True]
    assert max(map(len, rows(narrow))) == 106


def test_a_span_that_some_others_have_is_not_in_one_version_only() -> None:
    three = [version("ann1", PER, LOC), version("ann2", PER), version("ann3")]
    shown = rows(drawn(three, 80, 40))
    heads = [row for row in shown if row[:1].isdigit()]
    assert heads[0].endswith(ONE_OF_TWO)
    assert heads[1].endswith("0 of 1 span is in this version only")
    assert heads[2].endswith("no spans")


def relation(label: str) -> dict[str, Any]:
    return {"head": 1, "child": 4, "head_span": PER, "child_span": LOC, "label": label}


def test_relations_options_and_fields_stand_in_a_table() -> None:
    linked = [
        version("ann1", PER, LOC, relations=[relation("IN")]),
        version("ann2", PER, LOC, relations=[relation("BORN")]),
        version("ann3", PER, LOC, relations=[]),
    ]
    assert rows(drawn(linked, 80, 40)) == [
        "                        1 ann1  2 ann2  3 ann3",
        "Ada Lovelace -> London  IN      BORN    -",
    ]
    assert rows(drawn(linked, 32, 40)) == [
        "Ada Lovelace -> London: IN in 1,",
        "BORN in 2, nothing in 3",
    ]
    # Where spans differ as well, they are marked in the text, and the rest stands below it.
    other = [linked[0], version("ann2", ADA, LOC, relations=[relation("BORN")])]
    shown = rows(drawn(other, 80, 40))
    assert shown[1] == TEXT and shown[-1] == "Ada Lovelace -> London  IN      BORN"
    # Where there is no room for both, spans stand in the table too.
    assert rows(drawn(other, 80, 12)) == [
        "                        1 ann1  2 ann2",
        "“Ada”                   -       PER",
        "“Ada Lovelace”          PER     -",
        "Ada Lovelace -> London  IN      BORN",
    ]
    fields = [
        version("ann1", fluency=[3], truth=["yes"]),
        version("ann2", fluency=[4], truth=["yes"]),
        version("ann3", fluency=[4], truth=["no"]),
    ]
    made = drawn(fields, 80, 40, keys=("fluency", "truth"))
    assert rows(made) == [
        "         1 ann1  2 ann2  3 ann3",
        "fluency  3       4       4",
        "truth    yes     yes     no",
    ]


def test_words_that_differ_are_marked_in_texts_that_were_written() -> None:
    wrote = [
        version(f"ann{n}", user_input=text)
        for n, text in enumerate(("The cat sat.", "The dog sat.", "The cat sat there."), 1)
    ]
    look = theme("dark", colors=256)
    made = drawn(wrote, 80, 40, look=look)
    assert rows(made)[1] == "2 ann2: The dog sat."
    marked = [
        "".join(
            cell[0] for cell in made.build_line(y).cells() if cell[1].bold and cell[1].underline
        )
        for y in range(3)
    ]
    assert marked == ["cat", "dog", "there"]
    # A text from right to left is not cut apart, and nothing of a text reaches the terminal raw.
    made = drawn([version("a", user_input="שלום עולם"), version("b", user_input="\x1b[2J")], 80, 40)
    assert all("\x1b" not in row for row in rows(made)) and len(rows(made)) == 2
