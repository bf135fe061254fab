"""Who puts right-to-left text in order is asked once, by a line, and remembered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import StartsTerminal
from tests.support.terminal import Terminal

pytestmark = pytest.mark.terminal

TEXT = "שלום לכולם, Acme Corp"
LOGICAL, VISUAL = "1 = שלום or", "2 = םולש end"


def begin(home: Path, annotate: StartsTerminal, **options: object) -> Terminal:
    data = home / "data.jsonl"
    data.write_text(json.dumps({"text": TEXT}) + "\n")
    terminal = annotate("ner.manual", "set", data, "--label", "ORG", **options)
    terminal.wait_for("Acme")
    terminal.settle()
    return terminal


def test_it_is_asked_once_and_can_be_asked_again(home: Path, annotate: StartsTerminal) -> None:
    with begin(home, annotate) as terminal:
        assert b"\x1b[8l" in terminal.raw, "terminals that can be told not to reorder are told so"
        assert LOGICAL in terminal.screen_text()
        assert VISUAL in terminal.screen_text()
        terminal.press("2")
        assert "which reads right" not in terminal.screen_text()
        terminal.type("l 1")
        assert terminal.screen.row(0).endswith(" ,םלוכל םולש")
        assert "└ORG┘" in terminal.screen.row(1)
        terminal.type("q q")
        assert terminal.wait_exit() == 0
        assert terminal.left_sane()
        assert terminal.raw.rfind(b"\x1b[8h") > terminal.raw.rfind(b"\x1b[8l")
    with begin(home, annotate) as terminal:
        assert "which reads right" not in terminal.screen_text()
        assert "└ORG┘" in terminal.screen.row(1)
        terminal.type("m r i g h t space t o enter")
        assert LOGICAL in terminal.screen_text()
        terminal.press("1")
        assert terminal.screen.row(0) == " שלום[לכולם, Acme Corp"
        assert "1 ORG  לכולם" in terminal.screen_text()
        terminal.type("q q")
        assert terminal.wait_exit() == 0
    with begin(home, annotate, columns=40, rows=12) as terminal:
        assert terminal.screen.row(0) == " שלום[לכולם, Acme Corp"
        assert "1 ORG  לכולם" in terminal.screen_text()
    with begin(home, annotate, env={"TERM_PROGRAM": "another"}) as terminal:
        assert LOGICAL in terminal.screen_text(), "another terminal"
