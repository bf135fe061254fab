"""Recipes of one's own that show what several people said: the view `review`, alone or in blocks,
and the built-in recipe called as a function."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.compat.conftest import Runs
from tests.conftest import RunsHeadless
from tests.recipes.support import asked, own_job, write_jsonl
from tui_annotate import compat
from tui_annotate.task.schema import Task

TEXTS = ("Ann saw oak.", "Bob saw fig.")


def version(text: str, label: str, who: str, **more: Any) -> Task:
    spans = [{"start": 0, "end": 3, "label": label}]
    return {"text": text, "spans": spans, "sessions": [who], "answer": "accept", **more}


def reviewed(text: str, **more: Any) -> Task:
    both = [version(text, "PER", "s-al", default=True), version(text, "ORG", "s-bo")]
    return {"text": text, "spans": both[0]["spans"], "versions": both, **more}


@pytest.mark.quick
@pytest.mark.parametrize("once", [False, True], ids=["list", "generator"])
@pytest.mark.parametrize("named", ["task", "version", "nowhere"])
def test_the_view_review_is_that_of_the_answers(tmp_path: Path, once: bool, named: str) -> None:
    tasks = [reviewed(text) for text in TEXTS]
    for task in tasks:
        if named == "task":
            task["view_id"] = "spans_manual"
        if named == "version":
            task["versions"][0]["_view_id"] = "spans_manual"
    stream = (task for task in tasks) if once else tasks
    job = own_job({"view_id": "review", "stream": stream})
    assert job.reviews
    assert job.view_id == ("ner_manual" if named == "nowhere" else "spans_manual")
    assert job.labels == ("ORG", "PER")
    found = asked(job, tmp_path / "a.db")
    assert [task["text"] for task in found] == [*TEXTS]


@pytest.mark.quick
def test_a_block_of_review_keeps_the_labels_and_blocks_of_the_recipe() -> None:
    blocks = [{"view_id": "review"}, {"view_id": "html", "html_template": "{{note}}"}]
    stream = [{**reviewed(TEXTS[0]), "note": "n"}]
    config = {"blocks": blocks, "labels": ["PER", "LOC"]}
    job = own_job({"view_id": "blocks", "stream": stream, "config": config})
    assert job.view_id == "blocks"
    assert job.reviews
    assert [block["view_id"] for block in job.config["blocks"]] == ["ner_manual", "html"]
    assert job.labels == ("PER", "LOC")


@pytest.mark.quick
def test_without_versions_the_view_shows_what_the_tasks_have() -> None:
    choice = [{"text": "x", "options": [{"id": "a", "text": "A"}]}]
    assert own_job({"view_id": "review", "stream": choice}).view_id == "choice"
    assert own_job({"view_id": "review", "stream": [{"text": "x"}]}).view_id == "text"


@pytest.fixture
def _alias() -> Iterator[None]:
    compat.install()
    yield
    compat.uninstall()


@pytest.mark.quick
@pytest.mark.usefixtures("_alias")
def test_the_built_in_recipe_can_be_imported() -> None:
    assert callable(importlib.import_module("prodigy.recipes.review").review)


OWN = """
import prodigy
from prodigy.recipes.review import review as rv
from prodigy.util import get_labels, split_string


@prodigy.recipe(
    "review-ner",
    dataset=("Dataset", "positional", None, str),
    input_sets=("Datasets to review", "positional", None, split_string),
    label=("Labels", "option", "l", get_labels),
    fetch_media=("Load images", "flag", "FM", bool),
)
def review_ner(dataset, input_sets, label=None, fetch_media=False):
    components = rv(dataset=dataset, input_sets=input_sets, label=label, fetch_media=fetch_media)
    components["view_id"] = "blocks"
    components["config"]["blocks"] = [{"view_id": "review"}, {"view_id": "html", "smallText": 20}]
    return components
"""


@pytest.mark.terminal
def test_a_recipe_that_wraps_review_takes_versions_by_digits(
    runs: Runs, headless: RunsHeadless, home: Path
) -> None:
    rows = [
        {**version(text, label, who), "_view_id": "ner_manual", "_session_id": who}
        for text in TEXTS
        for label, who in (("PER", "given-al"), ("ORG", "given-bo"))
    ]
    write_jsonl(home / "given.jsonl", rows)
    headless("db-in", "given", "given.jsonl")
    screens = runs(OWN, "review-ner", "my_set", "given", keys="2 a q", shows="Ann saw oak")
    assert "version" in screens
    (answer,) = runs.answers()
    assert [span["label"] for span in answer["spans"]] == ["ORG"]
    assert answer["provenance"] == "adjudicated"
    screens = runs(OWN, "review-ner", "my_set", "given", keys="a", shows="Bob saw fig")
    assert [answer["text"] for answer in runs.answers()] == [*TEXTS]
