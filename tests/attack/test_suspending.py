"""`ctrl+z` where there is no shell to come back from: the program goes on and says so."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.conftest import StartsTerminal
from tests.proof.server import Server, missing
from tests.support.environment import annotate_argv
from tests.terminal.support import Job

pytestmark = pytest.mark.terminal

_NO_SHELL = "there is no shell to go back to"


def test_without_a_shell_it_goes_on(tmp_path: Path, home: Path, annotate: StartsTerminal) -> None:
    job = Job(tmp_path, home, 3)
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("3 to go")
        for _ in range(2):
            terminal.press("ctrl+z")
            terminal.wait_for(_NO_SHELL)
        terminal.press("a")
        terminal.wait_for("1 done")
    assert len(job.answers()) == 1


def test_a_stop_signal_does_not_freeze_it_either(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 3)
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("3 to go")
        terminal.signal(signal.SIGTSTP)
        terminal.press("a")
        terminal.wait_for("1 done")


def test_with_a_shell_it_stops_and_comes_back(
    tmp_path: Path, home: Path, terminal: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 3)
    with terminal("/bin/sh", "-i", env={"PS1": "shell> "}) as shell:
        shell.wait_for("shell>")
        command = " ".join(annotate_argv(*job.arguments))
        shell.send(f"{command}\r")
        shell.wait_for("3 to go")
        shell.press("ctrl+z")
        shell.wait_for(lambda text: text.count("shell>") == 2)
        shell.send("fg\r")
        shell.wait_for("3 to go")
        shell.press("a")
        shell.wait_for("1 done")


def test_single_keys_give_the_terminal_back_for_as_long_as_they_are_stopped(
    terminal: StartsTerminal,
) -> None:
    with terminal("/bin/sh", "-i", env={"PS1": "shell> "}) as shell:
        shell.wait_for("shell>")
        shell.send(" ".join(annotate_argv("tutorial")) + "\r")
        shell.wait_for("step 1 of 9")
        shell.press("l")
        shell.wait_for("still to go: 4 words")
        shell.press("ctrl+z")
        shell.wait_for(lambda text: text.count("shell>") == 2)
        assert shell.left_sane()
        shell.send("bg\r")  # which stops it again, before it writes between these lines
        shell.wait_for(lambda text: text.count("shell>") == 3)
        shell.settle()
        assert shell.left_sane() and "step 1 of 9" not in shell.screen_text()
        shell.send("fg\r")
        shell.wait_for("still to go: 4 words")
        assert "shell>" not in shell.screen_text()
        shell.press("l")
        shell.wait_for("still to go: 3 words")
        shell.press("q")
        shell.wait_for("Left in step 1 of 9")
        assert shell.left_sane()


@pytest.mark.skipif(bool(missing()), reason=missing() or "there is a server")
def test_under_ssh_with_a_command_it_goes_on(
    tmp_path: Path, home: Path, terminal: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 3)
    with Server(tmp_path / "server") as server:
        client = server.client(annotate_argv(*job.arguments), home, tmp_path)
        with terminal(*client, home=tmp_path / "client") as screen:
            screen.wait_for("3 to go")
            screen.press("ctrl+z")
            screen.wait_for(_NO_SHELL)
            screen.press("a")
            screen.wait_for("1 done")
