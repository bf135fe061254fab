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


def begin(
    home: Path, annotate: StartsTerminal, text: str = TEXT, label: str = "ORG", **options: object
) -> Terminal:
    data = home / "data.jsonl"
    data.write_text(json.dumps({"text": text}) + "\n")
    terminal = annotate("ner.manual", "set", data, "--label", label, **options)
    terminal.wait_for("Acme")
    terminal.settle()
    return terminal


def test_a_text_without_a_telling_word_asks_with_another(
    home: Path, annotate: StartsTerminal
) -> None:
    with begin(home, annotate, text="Acme, א, page ١٢٣") as terminal:
        assert LOGICAL in terminal.screen_text()
        assert VISUAL in terminal.screen_text()
    with begin(home, annotate, text="\ufeffAcme Corp") as terminal:
        assert "which reads right" not in terminal.screen_text()


def test_the_question_has_room_on_40_columns(home: Path, annotate: StartsTerminal) -> None:
    with begin(home, annotate, text="أعلنت الاستقلالية Acme", columns=40, rows=12) as terminal:
        assert "key 1 = أعلنت or key 2 = ﺖﻨﻠﻋﺃ end" in terminal.screen_text()
    with begin(home, annotate, text="الاستقلالية Acme", columns=40, rows=12) as terminal:
        assert "key 1 = الاستقلا or key 2 = ﺎﻠﻘﺘﺳﺎﻟﺍ end" in terminal.screen_text()


def test_lines_with_a_label_from_right_to_left_run_as_words_do(
    home: Path, annotate: StartsTerminal
) -> None:
    with begin(home, annotate, label="שם") as terminal:
        terminal.type("2 1 i")
        assert "0-4 םש; characters 0-4: U+05E9" in terminal.screen_text()
        terminal.type("z z")
        assert "  1 םש  םולש" in terminal.screen_text()


def every_size(terminal: Terminal) -> None:
    for columns, rows in ((1, 1), (2, 3), (500, 200), (9, 4), (40, 12), (80, 24)):
        terminal.resize(columns, rows)
        terminal.settle()
        terminal.type("l h")
    assert terminal.running


def test_it_is_asked_once_and_can_be_asked_again(home: Path, annotate: StartsTerminal) -> None:
    with begin(home, annotate) as terminal:
        assert b"\x1b[8l" in terminal.raw, "terminals that can be told not to reorder are told so"
        assert LOGICAL in terminal.screen_text()
        assert VISUAL in terminal.screen_text()
        terminal.press("2")
        assert "which reads right" not in terminal.screen_text()
        terminal.type("l 1")
        assert " ,םלוכל םולש\n" in terminal.screen_text()
        every_size(terminal)
        assert "└ORG┘" in terminal.screen_text()
        terminal.type("q q")
        assert terminal.wait_exit() == 0
        assert terminal.left_sane()
        assert terminal.raw.rfind(b"\x1b[8h") > terminal.raw.rfind(b"\x1b[8l")
    with begin(home, annotate) as terminal:
        assert "which reads right" not in terminal.screen_text()
        assert "└ORG┘" in terminal.screen_text()
        terminal.type("m r i g h t space t o enter")
        assert LOGICAL in terminal.screen_text()
        terminal.press("1")
        assert " שלום[לכולם, Acme Corp\n" in terminal.screen_text()
        every_size(terminal)
        assert "1 ORG  לכולם" in terminal.screen_text()
        terminal.type("q q")
        assert terminal.wait_exit() == 0
    with begin(home, annotate, columns=40, rows=12) as terminal:
        assert " שלום[לכולם, Acme Corp\n" in terminal.screen_text()
        assert "1 ORG  לכולם" in terminal.screen_text()
    with begin(home, annotate, env={"TERM_PROGRAM": "another"}) as terminal:
        assert LOGICAL in terminal.screen_text(), "another terminal"
