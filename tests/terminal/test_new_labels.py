"""Labels that are added while annotating, in a real terminal: for all, and never by a slip."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.support.terminal import Terminal
from tests.terminal.support import Job

pytestmark = pytest.mark.terminal

PACE = 0.15


def start(annotate: StartsTerminal, job: Job, name: str, *options: str) -> Terminal:
    return annotate(*job.arguments, *options, env={"TUI_ANNOTATE_ANNOTATOR": name})


def added(job: Job) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(job.database, timeout=10)) as db:
        return db.execute("SELECT setting, label, annotator FROM dataset_labels").fetchall()


def labelled(job: Job) -> list[list[str]]:
    return [[span["label"] for span in answer["spans"]] for answer in job.answers()]


@pytest.mark.parametrize("keymap", ["default", "prodigy"])
def test_a_label_is_added_given_and_offered_to_everybody(
    keymap: str, tmp_path: Path, home: Path, annotate: StartsTerminal, headless: RunsHeadless
) -> None:
    job = Job(tmp_path, home, ["Percy left", "two", "three"])
    options = ("--allow-new-labels", "--keymap", keymap)
    with start(annotate, job, "anna", *options) as anna:
        anna.wait_for("Percy")
        anna.settle()

        anna.type_at(["t", *"organ", "enter"], PACE)
        anna.wait_for("label: organ▏  tab adds it  no label has this name")
        assert added(job) == []
        anna.type_at(["tab"], PACE)
        screen = anna.wait_for("organ is a new label of this dataset")
        assert "1-3 label" in screen  # a long sentence may stand where the labels do
        assert added(job) == [("labels", "organ", "anna")]
        if keymap == "prodigy":
            anna.type_at(["enter"], PACE)
        anna.settle()
        anna.type("a")
        anna.wait_for("1 done")
        anna.type("q q")
        assert anna.wait_exit() == 0
    assert labelled(job) == [["organ"]]
    with start(annotate, job, "ben", *options) as ben:
        ben.wait_for("two")
        assert "3 organ" in ben.wait_for("1 ORG")
        ben.settle()
        ben.type_at(["3", *(["enter"] if keymap == "prodigy" else [])], PACE)
        ben.settle()
        ben.type("a")
        ben.wait_for("three")
        ben.type("q q")
        assert ben.wait_exit() == 0
    assert labelled(job) == [["organ"], ["organ"]]
    with start(annotate, job, "cleo") as cleo:
        assert "organ" not in cleo.wait_for("three"), "a job without the option has its own labels"
        cleo.type("q q")
    listed = headless("labels", "list", "my_set", "--json").stdout
    assert json.loads(listed) == {"organ": 2}


def test_a_part_of_a_name_needs_a_second_press_and_what_is_there_is_not_added(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, ["one", "two"])
    with start(annotate, job, "anna", "--allow-new-labels") as anna:
        anna.wait_for("one")
        anna.settle()
        anna.type_at(["t", *"loc", "tab", "tab"], PACE)
        anna.wait_for("label: loc▏  LOC is a label already")
        anna.type_at(["backspace", "tab"], PACE)
        anna.wait_for("label: lo▏  tab again adds it")
        assert added(job) == []
        anna.type_at(["tab"], PACE)
        anna.wait_for("lo is a new label of this dataset")
        anna.type_at(["m", *"new label", "enter"], PACE)
        anna.type_at([*"a,b", "tab"], PACE)
        anna.wait_for("label: a,b▏  a label has no comma in it")
        anna.type_at(["escape"], PACE)
        anna.type("a q q")
        assert anna.wait_exit() == 0
    assert [each[1] for each in added(job)] == ["lo"]
    assert labelled(job) == [["lo"]]


def test_without_the_option_nothing_is_added(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, ["one", "two"])
    with start(annotate, job, "anna") as anna:
        anna.wait_for("one")
        anna.settle()
        anna.type_at(["t", *"norp", "tab", "enter", "tab"], PACE)
        screen = anna.wait_for("label: norp▏  no label has this name")
        assert "tab adds" not in screen
        anna.type_at(["escape", "m", *"new lab"], PACE)
        anna.wait_for("this job takes no new labels")
        anna.type_at(["escape"], PACE)
        anna.type("a q q")
        assert anna.wait_exit() == 0
    assert added(job) == [] and labelled(job) == [[]]


def test_line_by_line_a_label_is_added_by_its_name(
    tmp_path: Path, home: Path, headless: RunsHeadless
) -> None:
    job = Job(tmp_path, home, ["Percy left", "two"])
    arguments = (*job.arguments, "--plain")
    lines = "person Percy\nnew Per,son\nnew org\nnew Person\nperson Percy\na\nq\n"
    done = headless(*arguments, "--allow-new-labels", stdin=lines)
    assert "new person adds it to the labels" in done.stdout
    assert "Nothing was added: a label has no comma in it." in done.stdout
    assert "Nothing was added: ORG is a label already." in done.stdout
    assert "Person is a new label of this dataset, number 3." in done.stdout
    assert labelled(job) == [["Person"]]
    refused = headless(*arguments, stdin="new Other\nq\n")
    assert "This job allows no new labels" in refused.stdout
    assert [each[1] for each in added(job)] == ["Person"]


BLOCKS = """
import tui_annotate

@tui_annotate.recipe("both", dataset=tui_annotate.Arg(), source=tui_annotate.Arg())
def both(dataset, source):
    blocks = [{"view_id": "ner_manual", "labels": ["ORG"]},
              {"view_id": "text_input", "field_id": "note"}]
    return {"dataset": dataset, "view_id": "blocks", "stream": tui_annotate.get_stream(source),
            "config": {"blocks": blocks, "allow_new_labels": True}}
"""


def test_blocks_and_relations_take_labels_where_they_are_given(
    tmp_path: Path, home: Path, annotate: StartsTerminal, headless: RunsHeadless
) -> None:
    job = Job(tmp_path, home, ["Ada saw Bo", "two"])
    recipe = tmp_path / "both.py"
    recipe.write_text(BLOCKS, "utf-8")
    for shown in ("1 ORG", "2 Zeit"):  # the second start offers what the first one has added
        with annotate("both", "my_set", job.source, "-F", recipe) as terminal:
            screen = terminal.wait_for(shown)
            terminal.settle()
            if "Zeit" in screen:
                terminal.type_at(["2"], PACE)
            else:
                terminal.type_at(["t", *"Zeit", "tab"], PACE)
                terminal.wait_for("Zeit is a new label of this dataset")
            terminal.settle()
            terminal.type("a")
            terminal.wait_for(re.compile("[12] done"))
            terminal.type("q q")
            assert terminal.wait_exit() == 0
    assert labelled(job) == [["Zeit"], ["Zeit"]]
    options = ("--label", "SEES", "--span-label", "PER", "--allow-new-labels")
    with annotate("rel.manual", "rels", "blank:en", job.source, *options) as terminal:
        terminal.wait_for("Ada saw Bo")
        terminal.settle()
        terminal.type_at(["t", *"Being", "tab"], PACE)
        terminal.wait_for("Being is a new label of this dataset")
        terminal.settle()
        terminal.type_at(["r", "l", "l", "t", *"Meets", "tab"], PACE)
        terminal.wait_for("Meets is a new label of this dataset")
        terminal.settle()
        terminal.type("a")
        terminal.wait_for("1 done")
        terminal.type("q q")
        assert terminal.wait_exit() == 0
    (row,) = [json.loads(line) for line in headless("db-out", "rels").stdout.splitlines()]
    assert [each["label"] for each in row["spans"]] == ["Being"]
    assert [each["label"] for each in row["relations"]] == ["Meets"]
    assert added(job)[1:] == [
        ("relations_span_labels", "Being", row["_annotator_id"]),
        ("labels", "Meets", row["_annotator_id"]),
    ]
