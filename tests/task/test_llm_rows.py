"""Rows of language models, in the shapes in which they are published."""

from __future__ import annotations

from typing import Any

import pytest

from tui_annotate.editors.views.showing import shown_input
from tui_annotate.errors import TaskError
from tui_annotate.exchange.import_sources import AnyFields
from tui_annotate.sources.text_field import Fields
from tui_annotate.task.llm_rows import readable, turns_of

pytestmark = pytest.mark.quick

ASKED = {"role": "user", "content": "Name a port."}
SAID = {"role": "assistant", "content": "Cork"}
TALK = [("user", "Name a port."), ("assistant", "Cork")]


@pytest.mark.parametrize(
    ("row", "turns"),
    [
        ({"messages": [ASKED, SAID]}, TALK),
        ({"conversations": [{"from": "human", "value": "Hi"}]}, [("human", "Hi")]),
        ({"messages": {"role": ["user"], "content": ["Hi"]}}, [("user", "Hi")]),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "What is this?"},
                            {"type": "image_url", "image_url": {"url": "x"}},
                        ],
                    }
                ]
            },
            [("user", "What is this?\n[image_url]")],
        ),
        (
            {"messages": [{"role": "assistant", "content": None, "tool_calls": [{"id": "c"}]}]},
            [("assistant", 'tool_calls: [{"id": "c"}]')],
        ),
        (
            {"prompt": "Name a port.", "completion": "Cork"},
            [("prompt", "Name a port."), ("completion", "Cork")],
        ),
        (
            {"instruction": "Translate.", "input": "Port", "output": "Hafen"},
            [("instruction", "Translate."), ("input", "Port"), ("output", "Hafen")],
        ),
        (
            {"instruction": "Say it.", "input": "", "output": "It"},
            [("instruction", "Say it."), ("output", "It")],
        ),
        (
            {"prompt": "Name a port.", "chosen": "Cork", "rejected": "Rome"},
            [("prompt", "Name a port."), ("chosen", "Cork"), ("rejected", "Rome")],
        ),
        (
            {"chosen": [ASKED, SAID], "rejected": [ASKED]},
            [
                ("chosen: user", "Name a port."),
                ("chosen: assistant", "Cork"),
                ("rejected: user", "Name a port."),
            ],
        ),
        (
            {
                "instruction": "When?",
                "context": "It was 2000.",
                "response": "2000",
                "category": "qa",
            },
            [
                ("instruction", "When?"),
                ("context", "It was 2000."),
                ("response", "2000"),
                ("category", "qa"),
            ],
        ),
        (
            {"instruction": "Do it", "completions": [{"model": "m", "response": "done"}]},
            [("instruction", "Do it"), ("m", "done")],
        ),
        (
            {
                "input": {"messages": [ASKED]},
                "preferred_output": [SAID],
                "non_preferred_output": [],
            },
            [("user", "Name a port."), ("preferred_output: assistant", "Cork")],
        ),
        ({"contents": [{"role": "model", "parts": [{"text": "yo"}]}]}, [("model", "yo")]),
        (
            {"question": "Which?", "choices": ["a", "b"], "answerKey": "B"},
            [("question", "Which?"), ("choices", "a\nb"), ("answerKey", "B")],
        ),
    ],
)
def test_every_usual_shape_is_read(row: dict[str, Any], turns: list[tuple[str, str]]) -> None:
    assert turns_of(row) == turns
    read = Fields(input_keys=("text",)).apply(dict(row))
    assert read["text"] == readable(row) and {**read, **row} == read


@pytest.mark.parametrize(
    "row",
    [
        {"text": "own", "messages": [ASKED]},
        {"messages": []},
        {"messages": "none"},
        {"input": {"text": "a"}, "accept": {"text": "b"}},
        {"prompt": "alone"},
        {"output": "alone"},
        {"chosen": "alone"},
    ],
)
def test_other_rows_are_not_taken_for_them(row: dict[str, Any]) -> None:
    assert turns_of(row) == []


def test_what_says_nothing_is_still_refused() -> None:
    with pytest.raises(TaskError):
        Fields(input_keys=("text",)).apply({"messages": []})


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        ({"question": "2+2?", "answer": "4"}, {"question": "2+2?", "response": "4"}),
        ({"question": "is it?", "answer": True}, {"question": "is it?", "response": True}),
        ({"question": "q", "answer": ["x", "y"]}, {"question": "q", "response": ["x", "y"]}),
        (
            {"question": "q", "response": "r", "answer": "x"},
            {"question": "q", "response": "r", "given_answer": "x"},
        ),
        ({"text": "2+2", "answer": "four"}, {"text": "2+2", "response": "four"}),
    ],
)
def test_an_answer_that_is_no_decision_is_data(row: dict[str, Any], kept: dict[str, Any]) -> None:
    assert Fields().apply(dict(row)) == kept
    assert AnyFields(answered=True).apply(dict(row)) == kept


@pytest.mark.parametrize(
    "row",
    [
        {"text": "a", "answer": "yes"},
        {"text": "a", "answer": "Accepted"},
        {"text": "a", "spans": [], "answer": "fine"},
        {"question": "a", "answer": "reject"},
    ],
)
def test_what_may_be_a_decision_is_not_imported_as_data(row: dict[str, Any]) -> None:
    assert AnyFields(answered=True).apply(dict(row)) == row


@pytest.mark.parametrize("key", ["question", "prompt"])
def test_a_question_alone_is_shown(key: str) -> None:
    assert [each.text for each in shown_input({key: "Who?"}, {})] == [key, "Who?"]
