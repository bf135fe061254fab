"""What lines mean, and that every action of the table is reachable or named as not."""

from __future__ import annotations

from unittest.mock import MagicMock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.commands.table import ACTIONS, BY_ID
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.plain.editing import CursorDriver
from tui_annotate.plain.face import _DECISIONS, PlainFace
from tui_annotate.plain.grammar import (
    NOT_HERE,
    WORDS,
    LineMeaning,
    elsewhere,
    find_label,
    nearest,
    number_of,
    places,
    read_line,
)

pytestmark = pytest.mark.quick

LABELS = ("PERSON", "ORG", "PRODUCT", "a")


def test_every_action_is_reachable_or_named_as_not() -> None:
    named = {action for word in WORDS for action in word.actions}
    for action in ACTIONS:
        by_name = action.target == "editor" and read_line(action.id, ()).kind in ("action", "word")
        known = by_name or action.id in named or NOT_HERE.get(action.id)
        assert known, f"{action.id} needs a word in WORDS, or a reason in NOT_HERE"
    assert named <= set(BY_ID)
    assert not named & set(NOT_HERE)


def test_every_word_is_carried_out() -> None:
    face = PlainFace(MagicMock(), MagicMock())
    carried_out = {*face._commands, *_DECISIONS, "q"}
    assert {word.names[0] for word in WORDS} <= carried_out


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("a", LineMeaning("word", "a")),
        ("  DEL   2 ", LineMeaning("word", "del", "2")),
        ("org Acme  Corp", LineMeaning("span", "ORG", "Acme  Corp")),
        ("pe Ann", LineMeaning("span", "PERSON", "Ann")),
        ("2 Acme", LineMeaning("span", "ORG", "Acme")),
        ("p Ann", LineMeaning("unknown", "p")),
        ("9 Ann", LineMeaning("unknown", "9")),
        ("next_span", LineMeaning("action", "next_span")),
        ("", LineMeaning("nothing")),
        ("label a b c", LineMeaning("word", "label", "a b c")),
        ("org\tAcme", LineMeaning("span", "ORG", "Acme")),
        ("org\u00a0Acme", LineMeaning("span", "ORG", "Acme")),
        ("A Tom", LineMeaning("span", "a", "Tom")),
        ("x Tom", LineMeaning("alone", "x")),
        ("u", LineMeaning("word", "u")),
        ("comment x y", LineMeaning("word", "comment", "x y")),
        ("1" * 5000, LineMeaning("unknown", "1" * 5000)),
    ],
)
def test_lines(line: str, meant: LineMeaning) -> None:
    assert read_line(line, LABELS) == meant


def test_labels_and_hints() -> None:
    assert find_label("Org", LABELS) == "ORG"
    assert find_label("A", LABELS) == "a"
    assert find_label("²", LABELS) is None
    assert nearest("lst", LABELS) == "Did you mean list? "
    assert nearest("persn", LABELS) == "Did you mean PERSON? "
    assert nearest("p", LABELS) == "It may be PERSON or PRODUCT. "
    assert nearest("9", LABELS) == "Numbers go from 1 to 4. " and nearest("9", ()) == ""
    assert elsewhere("theme") == "theme is not here: there are no colours."
    assert elsewhere("Info") == "Here info is why."
    assert elsewhere("submit") == "Here submit is a or accept."
    assert elsewhere("Skip") == "Here skip is i or ignore."
    assert "lead to the next task" in elsewhere("next")
    assert elsewhere("nonsense") == ""
    assert (number_of("12"), number_of("²"), number_of("-1")) == (12, None, None)
    assert number_of("1" * 5000) is None


def test_places() -> None:
    text = "Acme and acme, Acme\n Corp of Acmeland"
    assert [text[a:b] for a, b in places(text, "Acme Corp")] == ["Acme\n Corp"]
    assert len(places(text, "Acme")) == 2
    assert len(places(text, "ACME")) == 3
    assert [text[a:b] for a, b in places(text, "cmel")] == ["cmel"]
    assert places(text, "nobody") == places(text, "  ") == []
    for written, wanted in [
        ("שָׁלוֹם", "שלום"),
        ("مُحَمَّد", "محمد"),
        ("ｱﾆﾒ", "アニメ"),
        ("e\u0301", "é"),
    ]:
        assert places(f"a {written}.", wanted) == [(2, 2 + len(written))]


@settings(max_examples=60)
@given(
    words=st.lists(st.sampled_from(["Ann", "of", "Acme", "東京", "x"]), min_size=1, max_size=40),
    data=st.data(),
)
def test_hands_label_and_delete_exactly_what_is_meant(
    words: list[str], data: st.DataObject
) -> None:
    text = " ".join(words)
    editor = SpanEditor({"text": text}, LABELS, overlap=True)
    hands = CursorDriver(editor)
    starts = [sum(len(w) + 1 for w in words[:i]) for i in range(len(words))]
    for _ in range(3):
        first = data.draw(st.integers(0, len(words) - 1))
        last = data.draw(st.integers(first, len(words) - 1))
        start, end = starts[first], starts[last] + len(words[last])
        label = data.draw(st.sampled_from(LABELS))
        hands.label(start, end, label)
        assert (start, end, label) in {(s.start, s.end, s.label) for s in editor.spans}
    before = list(editor.spans)
    gone = data.draw(st.sampled_from(before))
    hands.delete(gone)
    before.remove(gone)
    assert list(editor.spans) == before


def test_hands_keep_what_an_open_selection_has_adjusted() -> None:
    editor = SpanEditor({"text": "Acme Corp hired Ann"}, LABELS, overlap=False)
    editor.apply("label", 1)
    editor.apply("select_right")
    CursorDriver(editor).label(16, 19, "PERSON")
    assert [(s.start, s.end, s.label) for s in editor.spans] == [(0, 9, "ORG"), (16, 19, "PERSON")]
