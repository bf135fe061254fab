"""Scripts that serve by themselves, named by `-F`: they run once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.environment import annotate_argv, run_headless
from tests.support.terminal import Terminal

SCRIPT = """
import prodigy

@prodigy.recipe("own.serving", dataset=("Where to", "positional", None, str))
def own(dataset):
    tasks = ({"text": f"row {n}"} for n in range(5))
    return {"dataset": dataset, "view_id": "text", "stream": tasks}

prodigy.serve("own.serving own_set")
"""


AS_A_SCRIPT = """
import sys
import prodigy
import beside

if __name__ == "__main__":
    tasks = [{"text": f"{word} {beside.WORD}"} for word in sys.argv[1:]]
    prodigy.serve("mark", "own_set", tasks, view_id="text")
    print("served", sys.argv[0].endswith("script.py"))
    sys.exit(3)
"""


def test_run_gives_a_script_its_arguments_its_folder_and_its_exit_code(home: Path) -> None:
    folder = home / "scripts"
    folder.mkdir()
    (folder / "beside.py").write_text("WORD = 'row'\n")
    (folder / "script.py").write_text(AS_A_SCRIPT)
    with Terminal(annotate_argv("run", "scripts/script.py", "-F", "--x"), home=home) as terminal:
        terminal.wait_for("-F row")
        terminal.type("a")
        terminal.wait_for("--x row")
        terminal.type("q q")
        assert terminal.wait_exit(30) == 3
        assert "served True" in terminal.screen_text()
    assert run_headless(annotate_argv("db-out", "own_set"), home).stdout.count("-F row") == 1


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("import prodigy\nprint(prodigy.__version__)", 0, ""),
        ("import prodigy\n1 / 0", 1, "script.py:2: loading it failed with ZeroDivisionError"),
        ("import prodigy\nprodigy.serve('nowhere x')", 2, "there is no recipe 'nowhere'"),
        ("from prodigy import nowhere", 0, "imports what is not here"),
        ("import sys; sys.exit(4)", 4, ""),
    ],
)
def test_what_a_script_ends_with(home: Path, code: str, status: int, said: str) -> None:
    (home / "script.py").write_text(code)
    done = run_headless(annotate_argv("run", "script.py"), home)
    assert (done.returncode, "Traceback" in done.stderr) == (status, False), done.stderr
    assert said in done.stderr


@pytest.mark.parametrize("words", [("own.serving", "own_set"), ()])
def test_a_script_that_serves_by_itself_runs_once(words: tuple[str, ...], home: Path) -> None:
    script = home / "script.py"
    script.write_text(SCRIPT)
    script.chmod(0o600)
    with Terminal(annotate_argv(*words, "-F", script), home=home) as terminal:
        terminal.wait_for("row 0")
        terminal.type("a")
        terminal.wait_for("row 1")
        terminal.type("q q")
        assert terminal.wait_exit(30) == 0
    exported = run_headless(annotate_argv("db-out", "own_set"), home)
    assert exported.stdout.count("row 0") == 1
