"""What happens before Textual loads, and links that break, in real pseudo-terminals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.environment import clean_environment
from tests.support.terminal import Terminal
from tui_annotate.errors import NoTerminal, UsageError
from tui_annotate.tui.terminal import startup as preflight
from tui_annotate.tui.terminal.crash import crash_folder, describe, report_crash
from tui_annotate.tui.terminal.signals import terminal_gone

APP = (sys.executable, "-m", "tests.tui.view_app", "60", "4")
PREPARE = """
import sys
from tui_annotate.errors import TuiAnnotateError
from tui_annotate.tui.terminal.startup import prepare
try:
    found = prepare(data_from_stdin={data})
except TuiAnnotateError as error:
    print(error)
    sys.exit(error.exit_code)
assert not any(name.split(".")[0] == "textual" for name in sys.modules)
import os
if found.data is not None:
    print("data:", os.read(found.data, 100))
print("keys:", os.isatty(0), "screen:", os.isatty(2), "log:", found.log is not None)
print("typed", input())
sys.stderr.write("drawn\\n")
found.release()
sys.stderr.write("logged\\n")
sys.stderr.flush()
"""


def prepare_argv(data: bool = False) -> list[str]:
    return [sys.executable, "-c", PREPARE.format(data=data)]


def environ(**values: str) -> dict[str, str]:
    return {"TERM": "xterm-256color", **values}


# The environment


@pytest.mark.quick
def test_settings_are_defaults_and_foreign_ones_go() -> None:
    values = environ(
        TEXTUAL_PRESS="a,a,a",
        TEXTUAL_DEBUG="1",
        TEXTUAL_DRIVER="x:y",
        TEXTUAL_THEME="nord",
        TEXTUAL_FPS="15",
        TEXTUAL_COLOR_SYSTEM="sixteen",
        SSH_CONNECTION="here there",
        NO_COLOR="",
    )
    preflight._set_environment(values)
    assert values == {
        "TERM": "xterm-256color",
        "SSH_CONNECTION": "here there",
        "ESCDELAY": "300",
        "TEXTUAL_ANIMATIONS": "none",
        "TEXTUAL_DISABLE_KITTY_KEY": "1",
        "TEXTUAL_FPS": "15",
        "TEXTUAL_SMOOTH_SCROLL": "0",
        "TEXTUAL_THEME": "ansi-dark",
    }
    kept = environ(TEXTUAL_COLOR_SYSTEM="256", NO_COLOR="1")
    preflight._set_environment(kept)
    assert kept["TEXTUAL_COLOR_SYSTEM"] == "256"
    assert kept["NO_COLOR"] == "1"
    assert "ESCDELAY" not in kept


@pytest.mark.quick
@pytest.mark.parametrize("term", ["", "dumb", "unknown", None])
def test_terminals_that_cannot_draw_are_refused_with_advice(term: str | None) -> None:
    values = {} if term is None else {"TERM": term}
    with pytest.raises(NoTerminal, match="TERM=xterm-256color") as caught:
        preflight._check_term(values)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


@pytest.mark.quick
@pytest.mark.parametrize(
    ("values", "utf8"),
    [
        ({}, True),
        ({"LANG": "C"}, True),
        ({"LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "de_DE.utf8@euro"}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
        ({"LANG": "de_DE.ISO-8859-1", "LC_ALL": "C.UTF-8"}, True),
        ({"LANG": "C.UTF-8", "LC_CTYPE": "ja_JP.eucJP"}, False),
    ],
)
def test_what_the_locale_says(values: dict[str, str], utf8: bool) -> None:
    assert preflight.speaks_utf8(values) is utf8


@pytest.mark.quick
def test_multiplexers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "_ancestors", lambda: iter(["bash", "sshd"]))
    assert preflight.multiplexer({"TMUX": "/tmp/x"}) == "tmux"
    assert preflight.multiplexer({"STY": "1.x"}) == "screen"
    assert preflight.multiplexer({"TERM": "tmux-256color"}) == "tmux"
    assert preflight.multiplexer({"TERM": "screen"}) == "screen"
    assert preflight.multiplexer({"TERM": "xterm"}) is None
    monkeypatch.setattr(preflight, "_ancestors", lambda: iter(["bash", "mosh-server"]))
    assert preflight.multiplexer({"TERM": "xterm"}) == "mosh"


# Descriptors


@pytest.mark.terminal
def test_without_any_terminal_one_line_at_once(tmp_path: Path) -> None:
    done = subprocess.run(
        prepare_argv(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=clean_environment(tmp_path),
        start_new_session=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout.count("\n") == 1
    assert "no terminal" in done.stdout
    assert "ssh -t" in done.stdout


@pytest.mark.terminal
def test_data_from_a_pipe_and_keys_from_the_terminal(tmp_path: Path) -> None:
    rows = tmp_path / "rows"
    rows.write_text('{"text": "one"}\n')
    log = tmp_path / "log"
    argv = prepare_argv(data=True)
    with Terminal(argv, home=tmp_path / "home", stdin=rows, stderr=log) as terminal:
        terminal.wait_for("keys: True screen: True log: True")
        assert """data: b'{"text": "one"}""" in terminal.screen_text()
        terminal.send("hello\r")
        terminal.wait_for("typed hello")
        terminal.wait_for("drawn")
        assert terminal.wait_exit() == 0
        assert "logged" not in terminal.screen_text()
    assert log.read_text() == "logged\n"


@pytest.mark.terminal
def test_tasks_from_the_keyboard_are_refused(tmp_path: Path) -> None:
    with Terminal(prepare_argv(data=True), home=tmp_path) as terminal:
        terminal.wait_for("standard input is the keyboard")
        assert terminal.wait_exit() == 2


@pytest.mark.terminal
def test_closed_descriptors(tmp_path: Path) -> None:
    command = 'exec "$0" "$@" <&- 2>&-'
    with Terminal(["/bin/sh", "-c", command, *APP], home=tmp_path) as terminal:
        terminal.wait_for("0 done")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    with Terminal(["/bin/sh", "-c", command, *prepare_argv(data=True)], home=tmp_path) as terminal:
        terminal.wait_for("standard input is closed")
        assert terminal.wait_exit() == UsageError.exit_code


@pytest.mark.terminal
def test_redirected_streams_still_draw_and_know_the_size(tmp_path: Path) -> None:
    out, log, empty = tmp_path / "out", tmp_path / "log", tmp_path / "empty"
    empty.touch()
    with Terminal(
        APP, home=tmp_path / "home", columns=100, rows=30, stdin=empty, stdout=out, stderr=log
    ) as terminal:
        terminal.wait_for("0 done")
        assert terminal.screen_text().split("\n")[29].endswith("7 to go")
        terminal.press("l")
        terminal.resize(60, 20)
        terminal.wait_for(lambda text: text.split("\n")[-1].endswith("7 to go"))
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert terminal.left_sane()
    assert out.read_text() == log.read_text() == ""


# The link


@pytest.mark.terminal
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGHUP, 129), (signal.SIGTERM, 143), (signal.SIGINT, 130)]
)
def test_signals_end_in_order(tmp_path: Path, number: int, code: int) -> None:
    with Terminal(APP, home=tmp_path) as terminal:
        terminal.wait_for("0 done")
        terminal.signal(number)
        assert terminal.wait_exit() == code
        assert terminal.left_sane()


@pytest.mark.terminal
@pytest.mark.parametrize("shell", ['exec "$0" "$@"', 'trap "" HUP; exec "$0" "$@"'])
def test_a_terminal_that_vanishes(tmp_path: Path, shell: str) -> None:
    with Terminal(["/bin/sh", "-c", shell, *APP], home=tmp_path) as terminal:
        terminal.wait_for("0 done")
        slave, terminal._slave = terminal._slave, -1
        os.close(slave)
        terminal.hangup()
        assert terminal._process.wait(20) == 129


@pytest.mark.terminal
def test_a_terminal_that_does_not_read_any_more_cannot_hold_a_signal_up(tmp_path: Path) -> None:
    with Terminal(APP, home=tmp_path) as terminal:
        terminal.wait_for("0 done")
        with terminal.line.changed:
            master = terminal.line._master
            for _ in range(3000):
                try:
                    os.write(master, b"1d")
                except BlockingIOError:
                    break
            terminal.signal(signal.SIGTERM)
            ended = _wait_without_reading(terminal)
        assert ended == 143


def _wait_without_reading(terminal: Terminal) -> int | None:
    """The line's thread needs the lock that the caller holds, so nothing is read meanwhile."""
    for _ in range(400):
        code = terminal._process.poll()
        if code is not None:
            return code
        time.sleep(0.05)
    return None


@pytest.mark.terminal
def test_stopped_and_continued(tmp_path: Path) -> None:
    # From a shell that has job control: where there is none, it does not stop.
    with Terminal(("/bin/sh", "-i"), home=tmp_path, env={"PS1": "shell> "}) as terminal:
        terminal.wait_for("shell>")
        terminal.send(" ".join(APP) + "\r")
        terminal.wait_for("0 done")
        terminal.settle()
        before = terminal.screen_text()
        terminal.send("\x1a")
        terminal.wait_for("topped")
        assert not terminal.screen.left_on
        terminal.send("fg\r")
        terminal.wait_for("0 done")
        terminal.settle()
        assert terminal.screen_text() == before
        terminal.press("1")
        terminal.wait_for("└PERSON\n└PERSON")
        terminal.press("q")
        terminal.wait_for("shell>")
        assert not terminal.screen.left_on


@pytest.mark.terminal
def test_a_stray_continue_does_not_start_the_screen_twice(tmp_path: Path) -> None:
    with Terminal(APP, home=tmp_path) as terminal:
        terminal.wait_for("0 done")
        terminal.signal(signal.SIGCONT)
        terminal.settle()
        assert terminal.raw.count(b"\x1b[?1049h") == 1
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert terminal.left_sane()


@pytest.mark.terminal
def test_bad_bytes_from_the_wire(tmp_path: Path) -> None:
    with Terminal(APP, home=tmp_path) as terminal:
        terminal.wait_for("0 done")
        terminal.send(b"\xe9\xff\xc3(\x80\x00")
        terminal.settle()
        terminal.press("1")
        terminal.wait_for("└PERSON\n└PERSON")
        terminal.press("q")
        assert terminal.wait_exit() == 0


@pytest.mark.terminal
def test_a_crash_is_one_line_and_a_file_without_the_text(tmp_path: Path) -> None:
    with Terminal(APP, home=tmp_path) as terminal:
        terminal.wait_for("0 done")
        terminal.press("e")
        assert terminal.wait_exit() == 1
        assert terminal.left_sane()
        shown = terminal.screen_text()
        raw = terminal.raw
    assert "internal error, ValueError at " in shown
    after = raw.rpartition(b"\x1b[?1049l")[2]
    assert b"Acme" not in after
    assert after.count(b"\n") == 1
    (file,) = (tmp_path / "state" / "tui-annotate").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    written = file.read_text()
    assert "builtins.ValueError" in written
    assert "view_app.py:" in written
    assert "textual 8" in written
    assert "Acme" not in written


# Crash reports


@pytest.mark.quick
def test_a_report_holds_types_and_places_of_the_whole_chain(tmp_path: Path) -> None:
    secret = "Jane Doe"

    def fail() -> None:
        try:
            dict[str, int]()[secret]
        except KeyError as error:
            raise ExceptionGroup(secret, [ValueError(secret)]) from error

    with pytest.raises(ExceptionGroup) as caught:
        fail()
    text = describe(caught.value)
    assert "builtins.ExceptionGroup" in text
    assert "builtins.ValueError" in text
    assert "builtins.KeyError" in text
    assert "test_startup.py:" in text
    line = report_crash(caught.value, tmp_path / "new" / "folder")
    assert "\n" not in line
    (file,) = (tmp_path / "new" / "folder").iterdir()
    assert str(file) in line
    assert secret not in line + file.read_text()


@pytest.mark.quick
def test_a_report_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    line = report_crash(ValueError("secret"), tmp_path / "file" / "folder")
    assert "no crash file" in line
    assert "secret" not in line
    assert crash_folder({"XDG_STATE_HOME": "/x"}) == Path("/x/tui-annotate")


@pytest.mark.quick
def test_a_terminal_is_gone_when_its_other_end_is_closed() -> None:
    master, slave = os.openpty()
    try:
        assert not terminal_gone(slave)
        os.close(master)
        assert terminal_gone(slave)
    finally:
        os.close(slave)
