"""The harness itself: what it says about a program is what the program did."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path

import pytest

from tests.conftest import StartsTerminal
from tests.support.keys import NAMES, key_bytes
from tests.support.screen import Screen
from tests.support.terminal import Terminal, TerminalTimeout

pytestmark = pytest.mark.terminal

CURSES = """
import curses

def main(screen):
    rows, columns = screen.getmaxyx()
    screen.addstr(0, 0, f"{columns}x{rows} ready")
    count = 0
    while (key := screen.get_wch()) != "q":
        if key == curses.KEY_RESIZE:
            key = "x".join(map(str, reversed(screen.getmaxyx())))
        count += 1
        screen.addstr(1, 0, f"{count} {key!r}".ljust(30))

curses.wrapper(main)
print("bye")
raise SystemExit(3)
"""

RAW = """
import os, sys, tty
tty.setraw(0)
os.write(1, sys.argv[1].encode().decode("unicode_escape").encode())
while (data := os.read(0, 100)) not in (b"q", b""):
    os.write(1, b"[" + ascii(data)[2:-1].encode() + b"]")
"""


def start(terminal: StartsTerminal, script: str, *arguments: str, **options: object) -> Terminal:
    return terminal(sys.executable, "-c", script, *arguments, **options)


def test_a_curses_program_from_start_to_end(terminal: StartsTerminal) -> None:
    shown = start(terminal, CURSES, columns=50, rows=10)
    shown.wait_for("50x10 ready")
    shown.settle()
    reactions = shown.type("a right b b space")
    assert [reaction.key for reaction in reactions] == ["a", "right", "b", "b", "space"]
    assert all(0 < len(reaction) < 60 for reaction in reactions)
    assert shown.screen.row(1) == "5 ' '", "the arrow has arrived as one key"
    assert shown.idle_bytes(0.3) == 0
    shown.resize(40, 12)
    shown.wait_for("'40x12'")
    assert not shown.left_sane()
    shown.send("q")
    assert shown.wait_exit() == 3
    assert shown.screen_text().endswith("bye")
    assert "ready" not in shown.screen_text(), "the main buffer is back"
    assert shown.left_sane()


def test_hangup_and_kill(terminal: StartsTerminal) -> None:
    hung = start(terminal, CURSES)
    hung.wait_for("ready")
    hung.hangup()
    assert hung.wait_exit() == -signal.SIGHUP
    killed = start(terminal, CURSES)
    killed.wait_for("ready")
    killed.kill()
    assert killed.wait_exit() == -signal.SIGKILL
    assert not killed.left_sane()


def test_the_cursor_is_where_the_question_was_asked(terminal: StartsTerminal) -> None:
    asked = start(terminal, RAW, r"ab\x1b[6ncd\x1b[5;7H\x1b[6n\x1b[1G\x1b[2K")
    asked.wait_for(re.compile(r"\\x1b\[1;3R.*\\x1b\[5;7R"))
    asked.send("q")
    assert asked.wait_exit() == 0


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (r"\x1b[?2026$p", r"\x1b[?2026;2$y"),
        (r"\x1b[?2048$p", r"\x1b[?2048;0$y"),
        (r"\x1b[c", r"\x1b[?62;22c"),
        (r"\x1b[5n", r"\x1b[0n"),
        (r"\x1b[18t", r"\x1b[8;24;80t"),
        (r"\x1b]11;?\x1b\\", r"\x1b]11;rgb:0000/0000/0000\x1b\\"),
    ],
)
def test_questions_are_answered_wherever_they_are_cut(question: str, answer: str) -> None:
    def plain(text: str) -> bytes:
        return text.replace(r"\x1b", "\x1b").replace("\\\\", "\\").encode()

    data = b"before" + plain(question) + b"after"
    for cut in range(len(data) + 1):
        screen = Screen(80, 24)
        assert [*screen.feed(data[:cut]), *screen.feed(data[cut:])] == [plain(answer)]
        assert screen.text() == "beforeafter"


def test_answers_can_be_late_or_never_come(terminal: StartsTerminal) -> None:
    late = start(terminal, RAW, r"\x1b[6n", reply_delay=1.5)
    late.wait_for(lambda _: b"\x1b[6n" in late.raw)
    late.send("k")
    late.wait_for("[k]")
    assert "R]" not in late.screen_text()
    late.wait_for("R]")
    mute = start(terminal, RAW, r"\x1b[6n", answering=False)
    mute.wait_for(lambda _: b"\x1b[6n" in mute.raw)
    mute.press("k")
    assert mute.screen_text() == "[k]"


def test_what_never_comes_is_shown_with_the_screen(terminal: StartsTerminal) -> None:
    shown = start(terminal, CURSES)
    shown.wait_for("ready")
    with pytest.raises(TerminalTimeout, match=r"(?s)'nothing'.*running.*\|80x24 ready"):
        shown.wait_for("nothing", timeout=0.2)
    shown.send("q")
    with pytest.raises(TerminalTimeout, match=r"ended without.*exit code 3"):
        shown.wait_for("nothing")


def test_files_can_stand_in_for_the_terminal(terminal: StartsTerminal, tmp_path: Path) -> None:
    given, errors = tmp_path / "in", tmp_path / "err"
    given.write_text("from a file")
    script = "import sys; sys.stderr.write('e'); print(input(), open('/dev/tty').isatty())"
    shown = start(terminal, script, stdin=given, stderr=errors)
    shown.wait_for("from a file True")
    assert shown.wait_exit() == 0
    assert errors.read_text() == "e"


def test_nothing_of_the_users_gets_in(
    terminal: StartsTerminal, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEXTUAL_THEME", "nord")
    script = "import os; print(*sorted(k for k in os.environ if k.startswith('T'))); input()"
    shown = start(terminal, script, env={"TEST": "1", "TZ": None})
    shown.wait_for(re.compile(r"^TERM TEST( TMPDIR)? TUI_ANNOTATE_ANNOTATOR$", re.MULTILINE))
    shown.send("\r")
    assert shown.wait_exit() == 0


@pytest.mark.parametrize("graphemes", [True, False])
def test_text_after_an_emoji_sequence_is_not_lost(graphemes: bool) -> None:
    screen = Screen(20, 2, graphemes=graphemes)
    screen.feed("日\u0301 👨\u200d👩 ok\x1b[2;1H❤\ufe0fx".encode())
    assert screen.row(0) == "日\u0301 👨\u200d👩 ok"
    assert screen.cell(0, 5 if graphemes else 7).data == (" ")
    assert screen.row(1) == "❤\ufe0fx"
    assert screen.cell(1, 2 if graphemes else 1).data == "x"


def test_every_key_has_its_own_bytes() -> None:
    assert len({key_bytes(name) for name in NAMES}) >= len(NAMES) - 2  # ctrl+i, ctrl+m
    with pytest.raises(ValueError, match="no such key"):
        key_bytes("shfit+tab")
