"""Adding labels in a session: whose they are, who is offered them, and when they are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.session.support import make_job, write_rows
from tests.support.engines import open_store
from tui_annotate.editors.base import label_setting
from tui_annotate.editors.registry import open_task
from tui_annotate.errors import UsageError, WriteConflict
from tui_annotate.session.opening import open_session
from tui_annotate.session.session import Session

pytestmark = pytest.mark.quick

ALLOWED = {"allow_new_labels": True}


def begin(folder: Path, annotator: str, config: dict[str, Any]) -> Session:
    source = write_rows(folder / "rows.jsonl", ["One.", "Two."])
    job = make_job(source, config=config)
    session = Session(open_session(open_store(folder / "store.db"), job, annotator))
    session.start()
    return session


def test_later_sessions_offer_their_own_labels_and_then_those_added(tmp_path: Path) -> None:
    anna = begin(tmp_path, "anna", ALLOWED)
    ben = begin(tmp_path, "ben", ALLOWED)
    assert anna.add_label("labels", " Zeit ").sentence == "Zeit is a new label of this dataset"
    assert list(ben.job.labels) == ["ORG", "LOC"]
    again = ben.add_label("labels", "zeit")
    assert again == ("Zeit", ("Zeit",), "anna has added Zeit to this dataset already")
    ben.add_label("labels", "Art")
    assert list(anna.job.labels) == ["ORG", "LOC", "Zeit"]
    assert anna.add_label("labels", "Ort").offered == ("Zeit", "Art", "Ort")
    assert list(anna.job.labels) == ["ORG", "LOC", "Zeit", "Art", "Ort"]
    assert anna.opened.ctrl.config["labels"] == list(anna.job.labels)
    anna.close()
    ben.close()
    for config, labels in (
        (ALLOWED, ("ORG", "LOC", "Zeit", "Art", "Ort")),
        ({**ALLOWED, "labels": ["art"]}, ("art", "Zeit", "Ort")),
        ({}, ("ORG", "LOC")),
    ):
        session = begin(tmp_path, "cleo", config)
        assert session.job.labels == labels
        session.close()


def test_it_is_refused_where_it_is_not_allowed_and_nothing_is_written(tmp_path: Path) -> None:
    anna = begin(tmp_path, "anna", {})
    with pytest.raises(UsageError, match="allows no new labels"):
        anna.add_label("labels", "Zeit")
    anna.job.config.update(ALLOWED)
    with pytest.raises(UsageError, match="comma"):
        anna.add_label("labels", "a,b")
    anna.opened.looking_on = "anna works elsewhere"
    with pytest.raises(WriteConflict):
        anna.add_label("labels", "Zeit")
    assert anna.opened.store.dataset_labels.of(anna.opened.dataset.id) == []
    anna.opened.looking_on = ""
    anna.close()


TASK = {"text": "Ada saw Bo", "options": [{"id": 1, "text": "one"}]}


@pytest.mark.parametrize(
    ("view", "config", "setting"),
    [
        ("ner_manual", {"labels": ["A"]}, "labels"),
        ("spans_manual", {"labels": ["A"]}, "labels"),
        ("relations", {"labels": ["A"]}, "labels"),
        ("relations", {"labels": ["A"], "relations_span_labels": ["P"]}, "relations_span_labels"),
        ("blocks", {"labels": ["A"], "blocks": [{"view_id": "ner_manual"}]}, "labels"),
        ("choice", {}, None),
        ("text", {}, None),
    ],
)
def test_every_view_with_labels_to_give_takes_more(
    view: str, config: dict[str, Any], setting: str | None
) -> None:
    editor, _ = open_task(TASK, view, config)
    assert label_setting(editor) == setting
    if setting is not None:
        editor.take_labels(setting, ("New", "Newer"))
        assert editor.labels[1:] == ("New", "Newer")


def test_labels_of_relations_and_of_spans_are_kept_apart() -> None:
    config = {"labels": ["A"], "relations_span_labels": ["P"]}
    editor, _ = open_task(TASK, "relations", config)
    editor.apply("link")
    assert label_setting(editor) == "labels"
    editor.take_labels("labels", ("New",))
    assert list(editor.labels) == ["A", "New"]
    editor.apply("cancel")
    assert list(editor.labels) == ["P"]
    editor.apply("right")
    editor.apply("link")
    editor.apply("right")
    editor.apply("label", "New")
    assert [each["label"] for each in editor.content()["relations"]] == ["New"]


def test_a_task_with_labels_of_its_own_takes_none() -> None:
    editor, _ = open_task({**TASK, "config": {"labels": ["X"]}}, "ner_manual", {"labels": ["A"]})
    assert label_setting(editor) is None
