"""A conversation on screen, with what could harm a terminal in its roles and its words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import StartsTerminal
from tests.support.environment import annotate_argv, run_headless

pytestmark = pytest.mark.terminal

ROWS = [
    {
        "messages": [
            {"role": "system", "content": "Be short."},
            {"role": "us\x1b[2Jer", "content": "Name \x1b]0;bad\x07a port.\u202e"},
            {"role": "assistant", "content": "Cork."},
        ]
    },
    {"conversations": [{"from": "human", "value": "The second one."}]},
]


def test_a_conversation_is_read_answered_and_exported(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    source = tmp_path / "chats.jsonl"
    source.write_text("".join(f"{json.dumps(row)}\n" for row in ROWS))
    with annotate("mark", "chats", str(source), "--view-id", "chat") as terminal:
        screen = terminal.wait_for("Cork.")
        assert "Be short." in screen and "us^[[2Jer" in screen.replace("␛", "^["), screen
        terminal.settle()
        terminal.type("a")
        screen = terminal.wait_for("The second one.")
        terminal.settle()
        assert "Name" in terminal.screen_text(), "the receipt names what was answered"
        terminal.type("x")
        terminal.wait_for("2 done")
        terminal.settle()
        terminal.type("q q")
        terminal.wait_exit()
        assert b"\x1b]0;bad" not in terminal.raw and b"\x1b[2Jer" not in terminal.raw
    done = run_headless(annotate_argv("db-out", "chats"), home)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(each["answer"], each["_view_id"]) for each in answers] == [
        ("accept", "chat"),
        ("reject", "chat"),
    ]
    assert answers[0]["messages"] == ROWS[0]["messages"]
