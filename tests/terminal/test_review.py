"""A review in a real terminal: three people differ, a fourth settles it by keys."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.recipes.support import opened, own_job
from tui_annotate.store.database import open_store
from tui_annotate.store.records import StoredAnswer
from tui_annotate.task.schema import Task

pytestmark = pytest.mark.terminal

ADA = "Ada Lovelace lived in London."
BOB = "Bob saw Paris."
PER = {"start": 0, "end": 12, "label": "PER"}
LOC = {"start": 22, "end": 28, "label": "LOC"}
SAID: dict[str, dict[str, list[Task]]] = {
    "ann1": {ADA: [PER, LOC], BOB: [{"start": 0, "end": 3, "label": "PER"}]},
    "ann2": {ADA: [PER, LOC], BOB: [{"start": 8, "end": 13, "label": "LOC"}]},
    "ann3": {ADA: [LOC], BOB: [{"start": 0, "end": 3, "label": "LOC"}]},
}
COMMAND = ("review", "final", "names", "--label", "PER,LOC")


def three_people(database: Path) -> None:
    """Let three people give their answers to both texts."""
    for who, said in SAID.items():
        config = {"labels": ["PER", "LOC"], "annotations_per_task": 3}
        stream = [{"text": text} for text in said]
        parts = {"dataset": "names", "view_id": "ner_manual", "stream": stream, "config": config}
        session = opened(own_job(parts), database, who)
        item = session.start()
        while item is not None:
            session.decide("accept", {**item.task, "spans": said[item.task["text"]]})
            item = session.advance()
        session.close()


def reviews(database: Path) -> list[tuple[StoredAnswer, Task, tuple[int, ...]]]:
    """Return the answers of the review: as stored, their content, and what they settle."""
    with open_store(database) as store:
        dataset = store.admin.find_dataset("final")
        assert dataset is not None
        return [
            (each, json.loads(each.record.content), store.answers.sources(each.id))
            for each in store.answers.iterate(dataset.id)
        ]


def marked(content: Task) -> list[tuple[int, int, str]]:
    return [(each["start"], each["end"], each["label"]) for each in content["spans"]]


def test_a_version_is_taken_by_its_digit_and_accepted(
    home: Path, annotate: StartsTerminal, headless: RunsHeadless
) -> None:
    database = home / "data" / "tui-annotate" / "annotations.db"
    database.parent.mkdir(parents=True, exist_ok=True)
    three_people(database)
    with annotate(*COMMAND) as terminal:
        terminal.wait_for("2 ann3")
        terminal.wait_for("0 done  2 to go")
        assert any(
            "1 ann1, ann2" in row and "1 of 2 spans is in this version only" in row
            for row in terminal.screen_text().splitlines()
        )
        assert terminal.screen_text().count("Ada Lovelace lived in London.") == 3
        terminal.press("n")
        terminal.wait_for("1 of 1: “Ada Lovelace”: PER in 1, nothing in 2")
        terminal.press("2")
        terminal.wait_for("version 2 is taken: London LOC")
        terminal.press("u")
        terminal.press("9")
        terminal.wait_for("there are 2 to choose from")
        terminal.press("2")
        terminal.wait_for("version 2 is taken")
        terminal.press("R")
        terminal.wait_for("reason: ▏")
        terminal.press("g")
        terminal.wait_for("reason: guideline gap")
        terminal.kill()
    # The draft has the version that was taken; from 120 columns on versions stand side by side.
    with annotate(*COMMAND, columns=120, rows=40) as terminal:
        terminal.wait_for("2 ann3")
        rows = terminal.screen_text().splitlines()
        assert any("2 ann3" in row and row.count("in this version only") == 2 for row in rows)
        assert any(row.count("Ada Lovelace lived in London.") == 2 for row in rows)
        terminal.press("a")
        terminal.wait_for("3 ann3")
        # Whole words at once: all letters behind the one that is enough belong to the note.
        terminal.type_at(["R", *"othe new rule", "enter"], 0.12)
        terminal.wait_for("reason: other: the new rule")
        # Nor does the rest of the word, where somebody types it to its end.
        terminal.type_at(["R", *"other the rule", "enter"], 0.12)
        terminal.wait_for("reason: other: the rule")
        terminal.press("+")
        terminal.wait_for("what any version has is taken")
        terminal.press("enter")
        terminal.wait_for("digits are labels")
        terminal.press("tab")
        terminal.press("1")
        terminal.press("escape")
        terminal.press("escape")
        terminal.press("a")
        terminal.wait_for("All done.")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    (first, ada, of_ada), (second, bob, of_bob) = reviews(database)
    assert marked(ada) == [(22, 28, "LOC")]
    assert (0, 3, "PER") in marked(bob) and (8, 13, "LOC") in marked(bob)
    assert (len(of_ada), len(of_bob)) == (3, 3)
    assert (ada["_reason"], bob["_reason"]) == ("guideline gap", "other: the rule")
    told = headless("agreement", "final", "--reasons", "--json")
    listed = [(each["reason"], each["note"], each["text"]) for each in json.loads(told.stdout)]
    assert listed == [("guideline gap", "", ADA), ("other", "the rule", BOB)]
    assert first.record.view_id == ada["_view_id"] == "review"
    assert first.record.provenance == second.record.provenance == "adjudicated"
    with annotate(*COMMAND) as terminal:
        terminal.wait_for("All done.")


def test_what_another_process_answers_comes_by_itself(home: Path, annotate: StartsTerminal) -> None:
    database = home / "data" / "tui-annotate" / "annotations.db"
    database.parent.mkdir(parents=True, exist_ok=True)
    three_people(database)
    with annotate(*COMMAND) as terminal:
        terminal.wait_for("2 ann3")
        terminal.press("a")
        terminal.wait_for("3 ann3")
        terminal.press("a")
        terminal.wait_for("What people answer meanwhile comes here by itself.")
        script = (
            "from pathlib import Path\n"
            "from tests.terminal.test_review import fourth_person\n"
            f"fourth_person(Path({str(database)!r}))\n"
        )
        subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
        terminal.wait_for("3 ann4")
        terminal.press("3")
        terminal.wait_for("version 3 is taken")
        terminal.press("a")
        terminal.wait_for("All done.")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    assert sorted(len(sources) for _, _, sources in reviews(database)) == [3, 4]


def fourth_person(database: Path) -> None:
    """Let somebody say something new about the first text only."""
    config = {"labels": ["PER", "LOC"], "annotations_per_task": 4}
    stream: list[Task] = [{"text": ADA}]
    parts = {"dataset": "names", "view_id": "ner_manual", "stream": stream, "config": config}
    session = opened(own_job(parts), database, "ann4")
    item = session.start()
    assert item is not None
    session.decide("accept", {**item.task, "spans": [{"start": 0, "end": 3, "label": "PER"}]})
    session.close()
