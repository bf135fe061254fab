"""How wide a terminal draws: asked once, in one round trip, never waited for twice."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import StartsTerminal
from tui_annotate.tui import terminal_query
from tui_annotate.tui.terminal_query import Widths, widths


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
        while data.count(b"\x1b[6n") < 2:
            data += os.read(master, 1000)
        typed = "a".join(f"\x1b[1;{column}R" for column in columns)
        os.write(master, typed.encode())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ((2, 2), Widths()),
        ((3, 2), Widths(ambiguous_wide=True)),
        ((4, 3), Widths(utf8=False)),
    ],
)
def test_answers(pair: tuple[int, int], columns: tuple[int, int], expected: Widths) -> None:
    master, slave = pair
    thread = answer(master, *columns)
    assert widths(slave, slave, {"TERM": "x"}, patience=20) == expected
    thread.join(20)
    begun = time.monotonic()
    assert widths(slave, slave, {"TERM": "x"}, patience=20) == expected, "kept, not asked again"
    assert time.monotonic() - begun < 10


def test_nobody_answers(pair: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    _, slave = pair
    assert widths(slave, slave, {"TERM": "x"}, patience=0.05) == Widths()
    monkeypatch.setattr(terminal_query, "ask", None)
    assert widths(slave, slave, {"TERM": "x"}, patience=20) == Widths(), "not asked again"


def test_what_is_no_terminal_is_not_asked(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w+") as file:
        assert widths(file.fileno(), file.fileno(), {"TERM": "y"}) == Widths()


@pytest.mark.terminal
def test_the_program_asks_at_its_first_start_only(home: Path, annotate: StartsTerminal) -> None:
    data = home / "data.jsonl"
    data.write_text('{"text": "Acme"}\n')
    for asked in (True, False):
        with annotate("ner.manual", "set", data, "--label", "ORG") as terminal:
            terminal.wait_for("Acme")
            terminal.settle()
            assert ("─".encode() + b"\x1b[6n" in terminal.raw) is asked
            terminal.type("1")
            assert "└ORG" in terminal.screen_text()
            terminal.type("q q")
            assert terminal.wait_exit() == 0
            assert terminal.left_sane()
