"""A list of options in a real terminal: what is stored is what stood under the cursor."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import StartsTerminal
from tests.terminal.support import DATASET, Job

pytestmark = pytest.mark.terminal


def test_paging_and_then_enter_stores_the_option_on_the_screen(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 2)
    labels = ",".join(f"SHORT{n}" for n in range(1, 61))
    arguments = ("textcat.manual", DATASET, job.source, "--label", labels, "--exclusive")
    with annotate(*arguments) as terminal:
        terminal.wait_for("SHORT1")
        terminal.type("pagedown pagedown")
        row = next(
            each for each in terminal.screen_text().splitlines() if each.lstrip().startswith(">")
        )
        terminal.type("enter a")
        terminal.type("end enter a")
        terminal.wait_for("2 done")
        terminal.type("q q")
        assert terminal.wait_exit() == 0
    stored = [each["accept"] for each in job.answers()]
    assert stored == [[row.split()[-1]], ["SHORT60"]]
    assert stored[0] != ["SHORT1"]
