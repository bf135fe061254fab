"""The view `chat`: every usual shape of a conversation, in words, from a source to an answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tui_annotate.editors.form import FormEditor
from tui_annotate.editors.registry import open_task
from tui_annotate.session.stored_work import summary
from tui_annotate.sources.base import Row
from tui_annotate.sources.registry import open_source

pytestmark = pytest.mark.quick

USER = {"role": "user", "content": "Name a port."}
CORK = {"role": "assistant", "content": "Cork."}
PARTS = [{"type": "text", "text": "See"}, {"type": "image_url"}]
USUAL = [("user", "Name a port."), ("assistant", "Cork.")]

SHAPES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"messages": [USER, CORK]}, USUAL),
    ({"messages": [USER, CORK], "text": "beside it"}, USUAL),
    ({"messages": {"role": ["user", "assistant"], "content": ["Name a port.", "Cork."]}}, USUAL),
    (
        {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Ho"}]},
        [("human", "Hi"), ("gpt", "Ho")],
    ),
    ({"conversation": [{"speaker": "A", "text": "Hi"}]}, [("A", "Hi")]),
    ({"system": "Be short.", "messages": [USER]}, [("system", "Be short."), USUAL[0]]),
    ({"prompt": [USER], "completion": [CORK]}, USUAL),
    (
        {"messages": [{"role": "user", "content": PARTS}]},
        [("user", "See\n[image_url]")],
    ),
    (
        {"messages": [{"role": "assistant", "content": None, "tool_calls": [{"id": "c"}]}]},
        [("assistant", 'tool_calls: [{"id": "c"}]')],
    ),
    ({"messages": [USER, {"content": "Cork."}]}, [("user", "Name a port."), ("message", "Cork.")]),
    ({"messages": ["Hi", "Ho"]}, [("message", "Hi"), ("message", "Ho")]),
    ({"messages": [{"role": 7, "content": 12}]}, [("7", "12")]),
]  # fmt: skip


@pytest.mark.parametrize(("task", "turns"), SHAPES)
def test_every_usual_shape_enters_and_is_shown_message_by_message(
    task: dict[str, Any], turns: list[tuple[str, str]], tmp_path: Path
) -> None:
    file = tmp_path / "chats.jsonl"
    file.write_text(json.dumps(task) + "\n")
    [row] = open_source(file).rows()
    assert isinstance(row, Row)
    editor, notes = open_task(row.data, "chat", {})
    assert notes == ()
    assert isinstance(editor, FormEditor)
    shown = [part.text for part in editor.sheet() if part.text]
    assert shown == [text for turn in turns for text in turn]
    assert editor.content() == task
    named = next(text for name, text in turns if name != "system")
    assert summary(task, "chat").startswith(named.split("\n")[0][:30])


@pytest.mark.parametrize("messages", [[], "", 5, None, {}, [None]])
def test_what_is_no_conversation_is_said(messages: Any) -> None:
    _, notes = open_task({"messages": messages, "text": "Ilse"}, "chat", {})
    assert notes[0] == "the task has no messages, so it cannot be shown as chat"


def test_a_label_in_question_stands_above_the_messages() -> None:
    editor, _ = open_task({"messages": [USER], "label": "POLITE"}, "chat", {})
    assert isinstance(editor, FormEditor)
    assert editor.sheet()[0].text == "POLITE"
