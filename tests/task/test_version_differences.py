"""What the versions of a review differ in: rows of a table, sentences, words of texts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_annotate.task.answer_differences import _WORD, differences, word_changes, word_marks
from tui_annotate.task.version_differences import difference_rows

pytestmark = pytest.mark.quick

TEXT = "Ada Lovelace lived in London."
PER = {"start": 0, "end": 12, "label": "PER"}
LOC = {"start": 22, "end": 28, "label": "LOC"}


def told(*versions: dict[str, Any], keys: tuple[str, ...] = ()) -> list[str]:
    made = [{"answer": "accept", **each} for each in versions]
    return [row.sentence for row in difference_rows({"text": TEXT, "versions": made}, keys)]


def test_spans_are_told_by_their_place_and_what_all_have_is_not() -> None:
    other = {**PER, "label": "ORG"}
    lived = {"start": 4, "end": 18, "label": "X"}
    assert told({"spans": [PER, LOC]}, {"spans": [LOC, other, lived]}, {"spans": [LOC]}) == [
        "“Ada Lovelace”: PER in 1, ORG in 2, nothing in 3",
        "“Lovelace lived”: nothing in 1 and 3, X in 2",
    ]
    both = {"spans": [PER, other]}
    assert told({"spans": [PER]}, both) == ["“Ada Lovelace”: PER in 1, ORG, PER in 2"]
    sure = {"spans": [{**PER, "attributes": {"sure": True}}]}
    (line,) = told({"spans": [PER]}, sure)
    assert line.startswith("“Ada Lovelace”: PER in 1, PER (attributes {") and "sure" in line
    assert told({"spans": [{**PER, "score": 0.5}]}, {"spans": [PER]}) == []


def test_all_that_versions_can_say_has_a_row() -> None:
    options = [{"id": each, "text": each.title()} for each in ("art", "law")]
    first = {"options": options, "accept": ["art"], "fluency": [3], "note": "a b"}
    second = {"options": options, "accept": ["law"], "fluency": [4], "note": "a c"}
    rows = told(first, second, keys=("fluency", "note"))
    assert rows == [
        "chosen: Art in 1, Law in 2",
        "fluency: 3 in 1, 4 in 2",
        "note: 2 has “c” for “b” in 1",
    ]
    several = {**first, "accept": ["art", "law"]}
    assert told(first, several)[0] == "Law: nothing in 1, chosen in 2"
    assert told({}, {"answer": "reject"}) == ["answer: accept in 1, reject in 2"]
    moved = {"text": f"Well, {TEXT}", "spans": [{**PER, "start": 6, "end": 18}]}
    assert told({"spans": [PER]}, moved) == ["text: 2 has “Well,” more than 1"]
    assert told({"spans": [PER]}) == []


def test_of_many_changes_the_first_are_told() -> None:
    words = [f"w{n}" for n in range(40)]
    other = [word if n % 2 else word.upper() for n, word in enumerate(words)]
    (line,) = told({"user_input": " ".join(words)}, {"user_input": " ".join(other)})
    assert line.count(" for ") == 5 and line.endswith("2 has 15 more changes")


def test_a_long_text_with_one_other_word_is_not_said_twice() -> None:
    text = "It was a bright cold day in April, and the clocks were striking thirteen all over town."
    mine, right = (
        {"answer": "accept", "user_input": each} for each in (text, text[:-5] + "place.")
    )
    (found,) = differences(mine, right, ("user_input",))
    assert found.sentence == "A part of user_input is “place”, not “town”"


@given(st.lists(st.text("ab \u4e2d.", max_size=12), min_size=2, max_size=4))
def test_what_is_not_marked_is_in_all_texts(texts: list[str]) -> None:
    first = word_marks(texts)[0]
    for other in texts[1:]:
        for start, end in word_marks([texts[0], other])[0]:
            assert (start, end) in first
        rest, its = (
            "".join(" " if any(s <= at < e for s, e in marks) else c for at, c in enumerate(text))
            for text, marks in zip((texts[0], other), word_marks([texts[0], other]), strict=True)
        )
        assert rest.replace(" ", "") == its.replace(" ", "")
        # Blanks are no words: `.aa` and `. aa` have the same ones.
        assert word_changes(texts[0], other) or _WORD.findall(rest) == _WORD.findall(its)


def test_two_long_texts_without_a_word_in_common_are_marked_as_a_whole() -> None:
    one, other = (" ".join(f"{letter}{n}" for n in range(5_000)) for letter in "ab")
    (mine, its) = word_marks([one, other])
    assert len(mine) == len(its) == 5_000
    assert len(word_changes(one, other)) == 1


def test_the_order_of_keys_in_a_written_value_says_nothing() -> None:
    one = {"answer": "accept", "form": {"a": [{"b": 1, "c": 2}], "d": "x"}}
    other = {"answer": "accept", "form": {"d": "x", "a": [{"c": 2, "b": 1}]}}
    assert differences(one, other, ("form",)) == []
    listed = {**one, "form": [{"b": 1, "c": 2}]}, {**one, "form": [{"c": 2, "b": 1}]}
    assert differences(*listed, ("form",)) == []
    span = {"start": 0, "end": 3, "label": "A"}
    about = [[{**span, "attributes": given}] for given in ({"x": 1, "y": 2}, {"y": 2, "x": 1})]
    mine, right = ({"text": "Ada", "answer": "accept", "spans": spans} for spans in about)
    assert differences(mine, right, ("spans",)) == []
