"""Spans move with the text that they stand on."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_annotate.task.text_change import follow_text
from tui_annotate.task.tokenize import tokenize

pytestmark = pytest.mark.quick

OLD = "Ilse left teh Port of Cork in May."


def task(*words: str, text: str = OLD) -> dict[str, Any]:
    spans = [{"start": text.index(w), "end": text.index(w) + len(w), "label": "X"} for w in words]
    return {"text": text, "spans": spans, "tokens": tokenize(text).to_dicts(text)}


def after(new: str, *words: str) -> tuple[list[str], tuple[str, ...]]:
    moved = follow_text(task(*words), new)
    assert moved.fields["tokens"] == tokenize(new).to_dicts(new)
    return [new[s["start"] : s["end"]] for s in moved.fields["spans"]], moved.told


@pytest.mark.parametrize(
    ("new", "words", "found"),
    [
        (OLD.replace("teh", "the big"), ("Ilse", "Port of Cork"), ["Ilse", "Port of Cork"]),
        (OLD.replace("of Cork", "of Corke"), ("Port of Cork", "Cork"), ["Port of Corke", "Corke"]),
        (OLD.replace("Ilse", "Yesterday Ilse"), ("Ilse", "May"), ["Ilse", "May"]),
        (OLD.replace("May", "May 2020"), ("May",), ["May"]),
        (OLD.replace("Port of", "Port at"), ("Port of Cork",), ["Port at Cork"]),
    ],
)
def test_spans_stay_on_their_words(new: str, words: tuple[str, ...], found: list[str]) -> None:
    assert after(new, *words) == (found, ())


def test_what_is_gone_or_cut_is_told() -> None:
    assert after(OLD.replace("Cork ", ""), "Cork") == ([], ("X on 'Cork' is gone",))
    found, told = after(OLD.replace("left teh Port", "went"), "Port of Cork", "Ilse")
    assert found == ["of Cork", "Ilse"]
    assert told == ("X on 'Port of Cork' was cut to 'of Cork'",)


def test_relations_and_pieces_move_too() -> None:
    given = task("Ilse", "Port of Cork")
    given["spans"][1]["pieces"] = [[14, 18], [22, 26]]
    given["relations"] = [{"head": 0, "child": 5, "label": "IN"}]
    new = "Yesterday " + OLD
    moved = follow_text(given, new).fields
    assert moved["spans"][1]["pieces"] == [[24, 28], [32, 36]]
    assert [(each["head"], each["child"]) for each in moved["relations"]] == [(1, 6)]


WORDS = st.lists(st.sampled_from(["a", "bb", "Cork", "é", "👍", "of", "."]), max_size=8)


@given(WORDS, WORDS, st.data())
def test_no_span_is_ever_outside_or_empty(
    old: list[str], new: list[str], data: st.DataObject
) -> None:
    text, other = " ".join(old), " ".join(new)
    spans = []
    for start, end in tokenize(text):
        last = data.draw(st.integers(end, len(text)))
        spans.append({"start": start, "end": last, "label": "X"})
    moved = follow_text({"text": text, "spans": spans}, other)
    found = moved.fields.get("spans", spans)
    assert all(0 <= each["start"] < each["end"] <= len(other) for each in found)
    assert len(found) + sum(each.endswith("gone") for each in moved.told) == len(spans)
