"""Taking what another answer says, in each kind of editor: one answer for another, and back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tui_annotate.editors.registry import open_task
from tui_annotate.task.review import combined, version_lines
from tui_annotate.tui.screens.task_on_screen import TaskOnScreen

TEXT = "Ada saw Bob."
ADA = {"start": 0, "end": 3, "label": "PER"}
BOB = {"start": 8, "end": 11, "label": "PER"}
SEES = {
    "head": 0,
    "child": 2,
    "label": "SEES",
    "head_span": {"start": 0, "end": 3},
    "child_span": {"start": 8, "end": 11},
}
OPTIONS = [{"id": "a", "text": "Good"}, {"id": "b", "text": "Bad"}]


@pytest.mark.parametrize(
    ("view", "config", "given", "other"),
    [
        ("ner_manual", {"labels": ["PER"]}, {"spans": [ADA]}, {"spans": [BOB]}),
        ("spans_manual", {"labels": ["PER"]}, {"spans": [ADA]}, {"spans": []}),
        ("choice", {}, {"options": OPTIONS, "accept": ["a"]}, {"accept": ["b"]}),
        ("text_input", {}, {"user_input": "one"}, {"user_input": "two"}),
        (
            "relations",
            {"labels": ["SEES"], "relations_span_labels": ["PER"]},
            {"spans": [], "relations": []},
            {"spans": [ADA, BOB], "relations": [SEES]},
        ),
    ],
)
def test_a_version_is_taken_and_undone_in_one_step(
    view: str, config: dict[str, Any], given: dict[str, Any], other: dict[str, Any]
) -> None:
    editor, _ = open_task({"text": TEXT, **given}, view, config)
    before = editor.content()
    assert editor.lay({"text": TEXT, **other}).edited
    for key, value in other.items():
        found = editor.content()[key]
        assert len(found) == len(value)
        if key == "spans":
            assert [each["start"] for each in found] == [each["start"] for each in value]
        elif key != "relations":
            assert found == value
    taken = editor.content()
    editor.apply("undo")
    assert editor.content() == before
    assert not editor.edited and not editor.can("undo")
    editor.apply("redo")
    assert editor.content() == taken
    again, _ = open_task({"text": TEXT, **given}, view, config)
    again.restore({**again.content(), **editor.edits()}, json.loads(json.dumps(editor.state())))
    again.apply("undo")
    assert again.content() == before


def test_a_version_on_another_text_is_not_taken() -> None:
    editor, _ = open_task({"text": TEXT, "spans": [ADA]}, "ner_manual", {"labels": ["PER"]})
    change = editor.lay({"text": "Ada met Bob.", "spans": [BOB]})
    assert "another text" in change.message
    assert not change.edited
    assert [each["start"] for each in editor.content()["spans"]] == [0]


def test_one_option_alone_is_not_taken_as_two() -> None:
    editor, _ = open_task({"text": TEXT, "options": OPTIONS, "accept": ["a"]}, "choice", {})
    change = editor.lay({"accept": ["a", "b"]})
    assert "only one option" in change.message and not change.edited
    several = {"choice_style": "multiple"}
    editor, _ = open_task({"text": TEXT, "options": OPTIONS, "accept": ["a"]}, "choice", several)
    assert editor.lay({"accept": ["a", "b"]}).edited


def test_relations_are_put_together_with_their_spans() -> None:
    first = {"answer": "accept", "spans": [ADA, BOB], "relations": [SEES], "sessions": ["x"]}
    second = {"answer": "accept", "spans": [ADA], "relations": [], "sessions": ["y", "z"]}
    found = combined([first, second], "union")
    assert (len(found["spans"]), found["relations"]) == (2, [SEES])
    assert combined([first, second], "most")["relations"] == []
    wrote = [{**each, "user_input": each["sessions"][0]} for each in (first, second)]
    assert combined(wrote, "most")["user_input"] == "y"


@pytest.mark.parametrize(
    ("one", "two", "lines"),
    [
        ({"spans": [BOB, ADA]}, {"spans": []}, ["1 a, b: Ada PER, Bob PER", "2 c: no spans"]),
        (
            {"options": OPTIONS, "accept": ["a", "b"]},
            {"options": OPTIONS, "accept": []},
            ["1 a, b: Good, Bad", "2 c: nothing chosen"],
        ),
        ({"label": "L"}, {"label": "L", "answer": "reject"}, ["1 a, b: accept", "2 c: reject"]),
        ({"user_input": "hi"}, {"user_input": ""}, ["1 a, b: “hi”", "2 c: nothing written"]),
    ],
)
def test_versions_are_said_in_words(
    one: dict[str, Any], two: dict[str, Any], lines: list[str]
) -> None:
    versions = [
        {"answer": "accept", **one, "annotators": ["a", "b"]},
        {"answer": "accept", **two, "annotators": ["c"]},
    ]
    assert version_lines({"text": TEXT, "versions": versions}) == lines


def test_versions_are_put_together_by_votes() -> None:
    versions = [
        {"answer": "accept", "spans": [BOB, ADA], "sessions": ["a", "b"]},
        {"answer": "accept", "spans": [ADA], "sessions": ["c"]},
        {"answer": "accept", "spans": [], "sessions": ["d"]},
    ]
    found = {way: combined(versions, way)["spans"] for way in ("union", "shared", "most")}  # type: ignore[arg-type]
    assert found == {"union": [ADA, BOB], "shared": [], "most": [ADA]}
    assert combined([{"answer": "accept", "sessions": ["a"]}], "union") == {}


@pytest.mark.parametrize("view", ["choice", "blocks"])
def test_options_show_digits_only_while_these_choose_them(view: str) -> None:
    blocks = [{"view_id": "choice"}, {"view_id": "text_input", "field_id": "why"}]
    versions = [{"accept": ["a"], "answer": "accept"}, {"accept": ["b"], "answer": "accept"}]
    task = {"text": TEXT, "options": OPTIONS, "versions": versions}
    editor, _ = open_task(task, view, {"blocks": blocks} if view == "blocks" else {})

    def digits() -> list[str]:
        options = [each for each in editor.sheet() if each.choice is not None]
        return [digit for each in options for digit in "12" if digit in each.prefix]

    assert digits() == ["1", "2"]
    shown = TaskOnScreen(editor=editor)
    shown.take_versions(task, ["accept"])
    assert shown.review and digits() == []
    assert shown.edit_version(True).moved and digits() == ["1", "2"]
    shown.edit_version(False)
    assert digits() == []
    shown.take_versions({}, ["accept"])  # a task without versions is answered by digits
    assert not shown.review and digits() == ["1", "2"]
