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
