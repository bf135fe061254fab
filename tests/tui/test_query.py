"""How wide a terminal draws: asked once, in one round trip, never waited for twice."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import StartsTerminal
from tui_annotate.text.terminal_widths import TerminalWidths
from tui_annotate.tui.terminal import query
from tui_annotate.tui.terminal.query import TerminalAnswers, answers


@pytest.fixture
def pair() -> Iterator[tuple[int, int]]:
    master, slave = os.openpty()
    yield master, slave
    os.close(master)
    os.close(slave)


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def answer(master: int, *columns: int) -> threading.Thread:
    def run() -> None:
        data = b""
        while data.count(b"\x1b[6n") < 7:
            data += os.read(master, 1000)
        typed = "a".join(f"\x1b[1;{column}R" for column in columns)
        os.write(master, typed.encode())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


USUAL_COLUMNS = (2, 2, 3, 3, 3, 3, 3)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (USUAL_COLUMNS, TerminalAnswers(replies=True)),
        ((3, 3, 3, 3, 3, 3, 3), TerminalAnswers(TerminalWidths(ambiguous_wide=True), replies=True)),
        ((3, 2, 3, 3, 3, 3, 3), TerminalAnswers(TerminalWidths(ambiguous_wide=True), replies=True)),
        ((4, 3, 10, 9, 9, 7, 7), TerminalAnswers(utf8=False, replies=True)),
        ((2, 3, 5, 6, 5, 4, 4), TerminalAnswers(utf8=False, replies=True)),
        (
            (2, 2, 2, 7, 5, 2, 2),
            TerminalAnswers(TerminalWidths(False, True, True, True, True, True), replies=True),
        ),
    ],
)
def test_answers(
    pair: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
    columns: tuple[int, ...],
    expected: TerminalAnswers,
) -> None:
    master, slave = pair
    thread = answer(master, *columns)
    assert answers(slave, slave, {"TERM": "x"}, patience=20) == expected
    thread.join(20)
    monkeypatch.setattr(query, "ask", None)
    assert answers(slave, slave, {"TERM": "x"}, patience=20) == expected, "kept, not asked again"


def test_nobody_answers(pair: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    _, slave = pair
    assert answers(slave, slave, {"TERM": "x"}, patience=0.05) == TerminalAnswers(owed=7)
    monkeypatch.setattr(query, "ask", None)
    assert answers(slave, slave, {"TERM": "x"}, patience=20) == TerminalAnswers(), "not asked again"


def test_half_an_answer_says_nothing_and_the_rest_is_owed(pair: tuple[int, int]) -> None:
    master, slave = pair
    thread = answer(master, *USUAL_COLUMNS[:4])
    assert answers(slave, slave, {"TERM": "x"}, patience=0.3) == TerminalAnswers(owed=3)
    thread.join(20)


def test_more_answers_than_questions_say_nothing(pair: tuple[int, int]) -> None:
    master, slave = pair
    thread = answer(master, *USUAL_COLUMNS, 2)
    assert answers(slave, slave, {"TERM": "x"}, patience=20) == TerminalAnswers()
    thread.join(20)


@pytest.mark.parametrize("cut", [1, 2, 5])
def test_a_sequence_that_has_begun_is_read_to_its_end(pair: tuple[int, int], cut: int) -> None:
    master, slave = pair
    before, last = 6 * b"\x1b[1;2R", b"\x1b[1;3R"
    os.write(master, before + last[:cut])
    late = threading.Timer(1.2, os.write, (master, last[cut:]))
    late.start()
    assert answers(slave, slave, {"TERM": "x"}, patience=1.0).replies
    late.join(20)
    os.write(master, b"\n")
    assert os.read(slave, 9) == b"\n", "nothing of it is left"


def test_what_is_no_terminal_is_not_asked(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w+") as file:
        assert answers(file.fileno(), file.fileno(), {"TERM": "y"}) == TerminalAnswers()


@pytest.mark.terminal
def test_the_program_asks_at_its_first_start_only(home: Path, annotate: StartsTerminal) -> None:
    data = home / "data.jsonl"
    data.write_text('{"text": "Acme"}\n')
    for asked in (True, False):
        with annotate("ner.manual", "set", data, "--label", "ORG") as terminal:
            terminal.wait_for("Acme")
            terminal.settle()
            assert ("─".encode() + b"\x1b\\\x1b[6n" in terminal.raw) is asked
            terminal.type("1")
            assert "└ORG" in terminal.screen_text()
            terminal.type("q q")
            assert terminal.wait_exit() == 0
            assert terminal.left_sane()


@pytest.mark.terminal
def test_late_answers_prove_no_frame(home: Path, annotate: StartsTerminal) -> None:
    """Over a link slower than the program's patience, the answers come among those to frames."""
    data = home / "data.jsonl"
    data.write_text("".join(f'{{"text": "Acme {number}"}}\n' for number in range(3)))
    with annotate("ner.manual", "set", data, "--label", "ORG", answering=False) as terminal:
        terminal.wait_for("Acme 0")
        terminal.settle()
        assert terminal.raw.count(b"\x1b[6n") == 8
        terminal.line.post(7 * b"\x1b[1;2R")
        terminal.settle()
        terminal.press("a")
        assert "still on its way to your screen" in terminal.screen_text()
        terminal.line.post(b"\x1b[1;1R")
        terminal.settle()
        terminal.press("a")
        assert "1 done" in terminal.screen_text()
