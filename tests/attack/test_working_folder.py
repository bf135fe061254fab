"""Python files in the folder of the data: no interpreter that we start imports one of them."""

from __future__ import annotations

import os
import shlex
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.session.support import write_rows
from tests.support.environment import ROOT, annotate_argv, run_headless
from tests.support.terminal import Terminal
from tui_annotate.cli.setting_table import PROJECT_FILE
from tui_annotate.interpreter import isolated_environment, module_command

HOSTILE = ("click", "textual", "rich", "json", "sqlite_utils", "spacy", "numpy", "tui_annotate")


def hostile_folder(folder: Path, *names: str) -> Path:
    """Put modules into a folder that note in a file that they were executed; return that file."""
    folder.mkdir(exist_ok=True)
    mark = folder / "executed"
    for name in names or HOSTILE:
        note = f"open({str(mark)!r}, 'a').write({name!r} + '\\n')\nraise SystemExit(99)\n"
        (folder / f"{name}.py").write_text(note)
    return mark


@pytest.mark.terminal
def test_a_job_of_the_start_screen_imports_nothing_from_its_folder(home: Path) -> None:
    mark = hostile_folder(home)
    write_rows(home / "a.jsonl", ["One."])
    (home / PROJECT_FILE).write_text('[jobs]\ncheck = "mark checked a.jsonl"\n')
    argv = [sys.executable, "-P", "-m", "tui_annotate"]
    # A relative entry of the path means the job's folder after the change into it.
    env = {"PYTHONPATH": os.pathsep.join((str(ROOT), "", "."))}
    with Terminal(argv, home=home, cwd=home, env={"PYTHONPATH": str(ROOT)}) as screen:
        screen.wait_for("> check")
        screen.settle()
        screen.press("enter")
        screen.wait_for("One.")
        screen.settle()
        screen.type("a q q")
        assert screen.wait_exit() == 0
        assert screen.left_sane()
    assert not mark.exists()
    assert "." not in isolated_environment(env)["PYTHONPATH"].split(os.pathsep)


@pytest.mark.terminal
def test_the_check_of_the_installation_imports_nothing_from_the_folder(home: Path) -> None:
    mark = hostile_folder(home)
    argv = [sys.executable, "-P", "-m", "tui_annotate", "demo", "--check"]
    done = run_headless(argv, home, cwd=home)
    assert done.returncode == 0, done.stderr
    assert not mark.exists()


@pytest.mark.terminal
@pytest.mark.skipif(find_spec("spacy") is None, reason="spaCy is not installed")
def test_training_imports_nothing_from_the_folder(home: Path) -> None:
    mark = hostile_folder(home)
    argv = module_command("spacy", "info")
    done = run_headless(argv, home, cwd=home, env=isolated_environment({"PYTHONPATH": ":."}))
    assert done.returncode == 0, done.stderr
    assert not mark.exists()


@pytest.mark.quick
def test_the_module_itself_takes_the_folder_from_its_path(home: Path) -> None:
    mark = hostile_folder(home, "click", "textual", "sqlite_utils")
    done = run_headless(annotate_argv("recipes"), home, cwd=home)
    assert done.returncode == 0, done.stderr
    assert not mark.exists()


@pytest.mark.quick
def test_every_interpreter_is_started_by_the_one_function() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted((ROOT / "tui_annotate").rglob("*.py"))
        if path.name != "interpreter.py"
        for line in path.read_text("utf-8").splitlines()
        if "sys.executable" in line and "os.exec" not in line
    ]
    assert found == [], "use module_command: it isolates the interpreter from the working folder"


@pytest.mark.quick
def test_what_an_isolated_program_starts_is_isolated_too(home: Path) -> None:
    mark = hostile_folder(home, "this")
    inner = shlex.quote(f"{sys.executable} -c 'import this'")
    command = f"import subprocess; subprocess.run({inner}, shell=True)"
    done = run_headless(
        [sys.executable, "-P", "-c", command], home, cwd=home, env=isolated_environment()
    )
    assert done.returncode == 0, done.stderr
    assert not mark.exists()
