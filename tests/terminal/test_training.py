"""A training in a real terminal: wrong, shown what is right, once more, passed, the real job."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless, StartsTerminal

pytestmark = pytest.mark.terminal


def test_a_training_is_failed_passed_and_leads_to_the_job(
    home: Path, annotate: StartsTerminal, headless: RunsHeadless
) -> None:
    gold = {
        "text": "Ada left.",
        "spans": [{"start": 0, "end": 3, "label": "PER"}],
        "answer": "accept",
        "explanation": "Ada is a name.",
        "_view_id": "ner_manual",
    }
    (home / "gold.jsonl").write_text(json.dumps(gold) + "\n")
    (home / "real.jsonl").write_text('{"text": "Bo came."}\n')
    assert headless("db-in", "gold", str(home / "gold.jsonl"), "--as", "lead").returncode == 0
    command = ("ner.manual", "names", str(home / "real.jsonl"), "--label", "PER,LOC")
    with annotate(*command, "--training", "gold", "--as", "ann1") as terminal:
        terminal.wait_for("Ada left.")
        terminal.settle()
        shown = terminal.screen_text().splitlines()
        # Nothing is given away: the label stands in the list of labels alone.
        assert not [line for line in shown if "PER" in line and "LOC" not in line]
        terminal.press("2")
        terminal.press("a")
        terminal.wait_for("Ada is a name.")
        assert "“Ada” is PER, not LOC" in terminal.screen_text()
        terminal.press("q")  # the page is not closed by just any key
        terminal.press("x")
        terminal.wait_for("It begins once more.")
        terminal.press("enter")
        terminal.wait_for("This is attempt 2")
        terminal.wait_for("Ada left.")
        terminal.press("1")
        terminal.press("a")
        terminal.wait_for("You have passed")
        terminal.press("enter")
        terminal.wait_for("Bo came.")
        terminal.press("a")
        terminal.wait_for("All done.")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    with annotate(*command, "--training", "gold", "--as", "ann1") as terminal:
        terminal.wait_for("All done.")  # who has passed is not trained again
        terminal.press("q")
        assert terminal.wait_exit() == 0
    found = headless("print-dataset", "names").stdout + headless("stats", "names-training").stdout
    assert "Bo came." in found and "ann1" in found
