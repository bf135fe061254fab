"""Changing the text under spans, in a real terminal at the speed of people."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.conftest import StartsTerminal
from tests.support.terminal import Terminal
from tests.terminal.support import Job

pytestmark = pytest.mark.terminal

RECIPE = """
from tui_annotate import recipe, get_stream


@recipe(
    "correct.names",
    dataset=("Dataset", "positional", None, str),
    source=("Source", "positional", None, str),
)
def correct_names(dataset, source):
    config = {"labels": ["ORG", "LOC"], "edit_text": True}
    return {"dataset": dataset, "stream": get_stream(source), "view_id": "ner_manual",
            "config": config}
"""


def press(terminal: Terminal, keys: str, seconds: float = 0.15) -> None:
    """Press keys at a person's speed."""
    terminal.type_at(keys.split(), seconds)


def begun(job: Job) -> str:
    """Return how far a piece of the text is written in the draft; empty where there is none."""
    found = [json.loads(each.state).get("_rewriting") for each in job.drafts()]
    return str(found[0][0]) if found and found[0] else ""


def test_a_text_is_changed_undone_killed_and_accepted(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    texts = ["Akme moved to Ulm.", "Row two."]
    job = Job(tmp_path, home, texts)
    (tmp_path / "own.py").write_text(RECIPE)
    command = ("correct.names", "my_set", job.source, "-F", tmp_path / "own.py")
    with annotate(*command) as terminal:
        terminal.wait_for("Akme moved")
        terminal.settle()
        # A span behind what is changed, then the first word: escape leaves it as it was.
        press(terminal, "end left 2 home T x escape")
        terminal.settle()
        assert "Akme moved to Ulm." in terminal.screen_text()
        press(terminal, "T left left left backspace A c")
        terminal.wait_for("text: Ac▏kme")
        press(terminal, "delete enter")
        terminal.wait_for("Acme moved to Ulm.")
        # Everything is one step back, and one forth.
        press(terminal, "u")
        terminal.wait_for("Akme moved to Ulm.")
        press(terminal, ",")
        terminal.wait_for("Acme moved to Ulm.")
        press(terminal, "1 right T backspace backspace backspace backspace")
        terminal.wait_for("text: m▏")
        until = time.monotonic() + 30
        while begun(job) != "m" and time.monotonic() < until:
            time.sleep(0.1)
        terminal.kill()
    assert json.loads(job.drafts()[0].content)["text"] == "Acme moved to Ulm."
    with annotate(*command) as terminal:
        terminal.wait_for("text: m▏")
        assert "Acme moved to Ulm." in terminal.screen_text()
        press(terminal, "backspace enter")
        terminal.wait_for("Acme to Ulm.")
        press(terminal, "u a", 0.4)
        terminal.wait_for("Row two.")
        press(terminal, "q q", 0.3)
        assert terminal.wait_exit() == 0
    (answer,) = job.answers()
    assert answer["text"] == "Acme moved to Ulm." and answer["_original_text"] == texts[0]
    covered = [(answer["text"][s["start"] : s["end"]], s["label"]) for s in answer["spans"]]
    assert covered == [("Acme", "ORG"), ("Ulm", "LOC")]
    assert [each["text"] for each in answer["tokens"]] == ["Acme", "moved", "to", "Ulm", "."]
    # What was asked is still known by what it was: it is not asked again.
    with annotate(*command) as terminal:
        terminal.wait_for("Row two.")
        press(terminal, "q q", 0.3)
        assert terminal.wait_exit() == 0


def test_a_long_text_in_a_block_is_changed_where_the_cursor_is(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, ["word " * 600 + "and Akme."])
    blocks = '[{"view_id": "choice", "text": None}, {"view_id": "spans_manual"}]'
    source = RECIPE.replace('"edit_text": True', f'"edit_text": True, "blocks": {blocks}')
    (tmp_path / "own.py").write_text(source.replace('"ner_manual"', '"blocks"'))
    with annotate("correct.names", "my_set", job.source, "-F", tmp_path / "own.py") as terminal:
        terminal.wait_for("word word")
        terminal.settle()
        # To the last row, where the name is, and to it; what is put in is seen there.
        press(terminal, "pagedown " * 30 + "end left T")
        terminal.wait_for("text: Akme▏")
        press(terminal, "backspace " * 4 + "A c m e enter 1")
        terminal.wait_for("and Acme.")
        press(terminal, "a a", 1.5)
        terminal.wait_for("1 done")
        press(terminal, "q q", 0.3)
        assert terminal.wait_exit() == 0
    (answer,) = job.answers()
    assert answer["text"].endswith("and Acme.") and answer["_original_text"] == job.texts[0]
    (span,) = answer["spans"]
    assert answer["text"][span["start"] : span["end"]] == "Acme"
