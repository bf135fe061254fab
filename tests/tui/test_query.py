"""How wide a terminal draws: asked once, in one round trip, never waited for twice."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tui_annotate.text.width import USUAL, TerminalWidths
from tui_annotate.tui.terminal import query
from tui_annotate.tui.terminal.query import (
    TerminalAnswers,
    answers,
    ground_in,
    keep_ground,
    known_ground,
)


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


def known(drawing: TerminalWidths = USUAL, *, utf8: bool = True) -> TerminalAnswers:
    """Return what is known of a terminal that has answered."""
    return TerminalAnswers(drawing, utf8, replies=True)


USUAL_COLUMNS = (2, 2, 3, 3, 3, 3, 3)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (USUAL_COLUMNS, known()),
        ((3, 3, 3, 3, 3, 3, 3), known(TerminalWidths(ambiguous_wide=True))),
        ((3, 2, 3, 3, 3, 3, 3), known(TerminalWidths(ambiguous_wide=True))),
        ((4, 3, 10, 9, 9, 7, 7), known(utf8=False)),
        ((2, 3, 5, 6, 5, 4, 4), known(utf8=False)),
        (
            (2, 2, 2, 7, 5, 2, 2),
            known(TerminalWidths(False, True, True, True, True, True)),
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
    assert answers(slave, slave, {"TERM": "x"}, patience=20) == expected._replace(asked=True)
    thread.join(20)
    monkeypatch.setattr(query, "ask", None)
    assert answers(slave, slave, {"TERM": "x"}, patience=20) == expected, "kept, not asked again"


def test_nobody_answers(pair: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    _, slave = pair
    assert answers(slave, slave, {"TERM": "x"}, patience=0.05) == TerminalAnswers(
        owed=7, asked=True
    )
    monkeypatch.setattr(query, "ask", None)
    assert answers(slave, slave, {"TERM": "x"}, patience=20) == TerminalAnswers(), "not asked again"


def test_half_an_answer_says_nothing_and_the_rest_is_owed(pair: tuple[int, int]) -> None:
    master, slave = pair
    thread = answer(master, *USUAL_COLUMNS[:4])
    assert answers(slave, slave, {"TERM": "x"}, patience=0.3) == TerminalAnswers(owed=3, asked=True)
    thread.join(20)


def test_more_answers_than_questions_say_nothing(pair: tuple[int, int]) -> None:
    master, slave = pair
    thread = answer(master, *USUAL_COLUMNS, 2)
    assert answers(slave, slave, {"TERM": "x"}, patience=20) == TerminalAnswers(asked=True)
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
        assert answers(file.fileno(), file.fileno(), {"TERM": "y"}) == TerminalAnswers(asked=True)


@pytest.mark.parametrize(
    ("reply", "ground"),
    [
        ("11;rgb:0000/0000/0000", "dark"),
        ("11;rgb:1e1e/1e1e/2e2e", "dark"),
        ("11;rgb:ffff/ffff/ffff", "light"),
        ("11;rgb:fd/f6/e3", "light"),
        ("11;rgba:ff/ff/ff/80", "light"),
        ("11;#002b36", "dark"),
        ("11;#FFF", "light"),
        ("11;#ffffffffffff", "light"),
        ("10;rgb:ffff/ffff/ffff", None),
        ("11;?", None),
        ("11;rgb:zz/00/00", None),
        ("11;#12345", None),
        ("11;rgb:ffff/ffff", None),
        ("", None),
    ],
)
def test_what_a_reply_says_of_the_background(reply: str, ground: str | None) -> None:
    assert ground_in(reply.encode()) == ground


@pytest.mark.parametrize("end", ["\x1b\\", "\x07"])
def test_a_background_said_in_time_is_known_at_once_and_kept(
    pair: tuple[int, int], monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    master, slave = pair
    os.write(master, f"\x1b]11;rgb:ffff/ffff/ffff{end}".encode() + 7 * b"\x1b[1;3R")
    assert answers(slave, slave, {"TERM": "x"}, patience=20).ground == "light"
    monkeypatch.setattr(query, "ask", None)
    assert answers(slave, slave, {"TERM": "x"}).ground == "light"
    assert known_ground({"TERM": "another"}) is None


def test_another_background_takes_effect_at_the_next_start() -> None:
    keep_ground(b"11;rgb:ffff/ffff/ffff", {"TERM": "x"})
    keep_ground(b"52;c;YSB4IDEgMiBxIGE=", {"TERM": "x"})
    assert known_ground({"TERM": "x"}) == "light"
    keep_ground(b"11;rgb:0000/0000/0000", {"TERM": "x"})
    assert known_ground({"TERM": "x"}) == "dark"


@pytest.mark.parametrize(
    ("told", "ground"),
    [("15;0", "dark"), ("0;15", "light"), ("0;default;7", "light"), ("", None), ("a;b", None)],
)
def test_the_environment_tells_where_the_terminal_does_not(told: str, ground: str | None) -> None:
    assert known_ground({"TERM": "x", "COLORFGBG": told}) == ground


@pytest.mark.terminal
def test_a_light_terminal_gets_the_light_theme_at_once_or_at_the_next_start(
    home: Path, annotate: StartsTerminal
) -> None:
    data = home / "data.jsonl"
    data.write_text('{"text": "Acme"}\n')
    light, dark = b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\", b"\x1b]11;rgb:0000/0000/0000\x07"
    themes: list[str] = []
    for reply in (light, dark, None):
        with annotate("ner.manual", "set", data, "--label", "ORG", answering=False) as terminal:
            if not themes:  # in time, with the answers to the other questions
                terminal.line.post(light + 7 * b"\x1b[1;3R")
            terminal.wait_for("Acme")
            terminal.settle()
            assert terminal.raw.count(b"\x1b]11;?\x1b\\") == 1, "before or behind the first frame"
            themes.append("light" if b"38;5;94m" in terminal.raw else "dark")
            for piece in (dark[:9], dark[9:]) if reply is dark else ():  # as lag may cut it
                terminal.line.post(piece)
                terminal.settle()
            terminal.line.post(7 * b"\x1b[1;1R")
            terminal.type("q q")
            assert terminal.wait_exit() == 0
    assert themes == ["light", "light", "dark"]


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
def test_late_answers_prove_no_frame(
    home: Path, annotate: StartsTerminal, headless: RunsHeadless
) -> None:
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
        terminal.settle()
        terminal.press("1")
        terminal.press("a")
        assert "nor did the keys" in terminal.screen_text()
        terminal.line.post(2 * b"\x1b[1;1R")  # to the frame, and to the refusal
        terminal.settle()
        terminal.press("a")
        assert "1 done" in terminal.screen_text()
        terminal.type("q q")
        assert terminal.wait_exit() == 0
    assert '"label":"ORG"' not in headless("db-out", "set").stdout
