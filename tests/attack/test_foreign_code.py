"""Code of a recipe that keeps Python from hearing signals, or that starts processes of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import StartsTerminal
from tests.support.environment import annotate_argv
from tests.support.terminal import Terminal
from tests.terminal.support import Job
from tui_annotate import watchdog
from tui_annotate.interpreter import script_command
from tui_annotate.watchdog import Watchdog

HANGING = """
import re
from prodigy import recipe
from prodigy.components.stream import get_stream

@recipe("own.hangs")
def hangs(dataset, source):
    def stream():
        for number, task in enumerate(get_stream(source)):
            if number == 2:
                re.match("^(a+)+$", "a" * 60 + "b")  # holds the interpreter for ever
            yield task
    return {"dataset": dataset, "view_id": "text", "stream": stream()}
"""

FORKING = """
import multiprocessing, os, time
from pathlib import Path
from prodigy import recipe
from prodigy.components.stream import get_stream

@recipe("own.forks")
def forks(dataset, source):
    def stream():
        for number, task in enumerate(get_stream(source)):
            if number == 1:
                child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(600,))
                child.start()
                child.terminate()
                child.join()
                Path(source + ".ended").write_text(str(child.exitcode))
            yield task
    return {"dataset": dataset, "view_id": "text", "stream": stream()}
"""


def _own(folder: Path, home: Path, code: str) -> tuple[Job, tuple[str, ...]]:
    job = Job(folder, home, 6)
    recipe = folder / "own.py"
    recipe.write_text(code)
    name = re.search(r'recipe\("(.*?)"', code)
    assert name is not None
    return job, (name[1], job.arguments[1], str(job.source), "-F", str(recipe))


def _open_files() -> set[Path]:
    return set(Path("/proc/self/fd").iterdir())


def _children(terminal: Terminal) -> list[str]:
    """Return the command lines of the program's children."""
    found = Path(f"/proc/{terminal.pid}/task/{terminal.pid}/children").read_text().split()
    return [Path(f"/proc/{each}/cmdline").read_text() for each in found]


@pytest.mark.terminal
def test_recipes_that_hang_in_c_end_with_their_terminals_and_others_go_on(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    """All at once, because each takes as long as an orderly end may take."""
    with ExitStack() as stack:
        (tmp_path / "forks").mkdir()
        forks, arguments = _own(tmp_path / "forks", home, FORKING)
        other = stack.enter_context(annotate(*arguments))
        other.wait_for("Row 1")
        assert any("watchdog" in each for each in _children(other))
        other.press("a")
        other.wait_for("Row 2")  # its child has got SIGTERM
        hanging = {}
        for how in ("SIGTERM", "SIGHUP", "closed"):
            (tmp_path / how).mkdir()
            job, arguments = _own(tmp_path / how, tmp_path / how / "home", HANGING)
            argv = annotate_argv(*arguments)
            terminal = stack.enter_context(Terminal(argv, home=tmp_path / how / "home"))
            hanging[how] = job, terminal
        for job, terminal in hanging.values():
            terminal.wait_for("Row 1")
            time.sleep(0.5)
            terminal.send("a")  # it never comes to rest after this
            # On a busy machine the third row takes the interpreter before the second is painted.
            until = time.monotonic() + 60
            while not job.answers() and time.monotonic() < until:
                time.sleep(0.1)
        time.sleep(1.5)  # by now each recipe is at work on the third row, for ever
        begun = time.monotonic()
        hanging["SIGTERM"][1].signal(signal.SIGTERM)
        hanging["SIGHUP"][1].signal(signal.SIGHUP)
        hanging["closed"][1].hangup()
        for how, (job, terminal) in hanging.items():
            assert terminal.wait_exit() == -signal.SIGKILL
            if how != "closed":
                terminal.wait_for("ended by force, because code of 'own.hangs' did not return")
                assert terminal.left_sane()
            assert len(job.answers()) == 1
        assert time.monotonic() - begun < 20
        other.press("a")
        other.wait_for("Row 3")
        other.type("q q")
        assert other.wait_exit() == 0
        assert other.left_sane()
    assert (tmp_path / "forks" / "rows.jsonl.ended").read_text() == str(-signal.SIGTERM)
    assert len(forks.answers()) == 2


@pytest.mark.terminal
def test_a_job_without_foreign_code_has_no_watchdog(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 3)
    with annotate(*job.arguments) as terminal:
        terminal.wait_for("Row 1")
        assert _children(terminal) == []


@pytest.mark.quick
@pytest.mark.quick
def test_its_file_can_be_run_with_the_standard_library_alone() -> None:
    command = script_command(str(Path(watchdog.__file__)))
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "IndexError" in done.stderr  # of its arguments, and no import before them
    assert "ModuleNotFoundError" not in done.stderr


def test_it_starts_no_module_of_the_package_and_ends_with_the_program() -> None:
    argv = script_command("file.py", "one")
    assert argv == [sys.executable, "-I", "-S", "file.py", "one"]
    before = _open_files()
    watchdog = Watchdog.start("", "")
    assert watchdog is not None
    watchdog.forget()
    assert _open_files() == before
    ended, status = os.waitpid(-1, 0)
    assert (ended > 0, status) == (True, 0)
