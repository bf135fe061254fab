"""Argilla's records in the shapes in which its versions write them: who answered what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tui_annotate.errors import SourceError
from tui_annotate.exchange.import_sources import (
    Options,
    RowReading,
    from_source,
    open_answers,
)
from tui_annotate.exchange.imported_answer import ImportedAnswer
from tui_annotate.sources.base import BadRow, Row, told_of
from tui_annotate.sources.registry import open_source

pytestmark = pytest.mark.quick

ADA = {"start": 0, "end": 3, "label": "PER"}
FLAT: list[dict[str, Any]] = [
    {
        "id": "r1", "status": "completed", "_server_id": "s1", "text": "Ada left.", "length": 9,
        "vector": [0.1, 0.2],
        "mood.responses": ["good", "bad", "good", "bad"],
        "mood.responses.users": ["u1", "u2", "u3", "u4"],
        "mood.responses.status": ["submitted", "draft", "discarded", None],
        "names.responses": [[ADA], [], [], []],
        "names.responses.users": ["u1", "u2", "u3", "u4"],
        "names.responses.status": ["submitted", "draft", "discarded", None],
        "mood.suggestion": "bad", "mood.suggestion.score": 0.1, "mood.suggestion.agent": "m",
    },
    {
        "id": "r2", "status": "pending", "_server_id": "s2", "text": "Bo came.", "length": 8,
        "vector": [0.1, 0.3],
        "mood.responses": None, "mood.responses.users": None, "mood.responses.status": None,
        "names.responses": None, "names.responses.users": None, "names.responses.status": None,
        "mood.suggestion": "bad", "mood.suggestion.score": 0.9, "mood.suggestion.agent": "m",
    },
]  # fmt: skip
"""What `to_datasets` and `to_list(flatten=True)` of Argilla 2 give."""

FEEDBACK: list[dict[str, Any]] = [
    {
        "prompt": "Ada left.",
        "mood": [
            {"user_id": "u1", "value": ["a", "b"], "status": "submitted"},
            {"user_id": "u2", "value": ["a"], "status": "draft"},
            {"user_id": "u3", "value": None, "status": "discarded"},
        ],
        "mood-suggestion": ["c"],
        "mood-suggestion-metadata": {"type": None, "score": None, "agent": None},
        "external_id": "e1", "metadata": '{"n": 1}',
    },
    {
        "prompt": "Bo came.", "mood": [], "mood-suggestion": ["c"],
        "mood-suggestion-metadata": {"type": "model", "score": None, "agent": None},
        "external_id": "e2", "metadata": "{}",
    },
]  # fmt: skip
"""What `FeedbackDataset.format_as("datasets")` of Argilla 1 gives."""

RECORDS: list[dict[str, Any]] = [
    {
        "text": "Ada left.", "tokens": ["Ada", "left", "."], "prediction": None,
        "prediction_agent": None, "annotation": [{"label": "PER", "start": 0, "end": 3}],
        "annotation_agent": "ada", "id": "1", "metadata": None, "status": "Validated",
    },
    {
        "text": "Bo came.", "tokens": ["Bo", "came", "."], "annotation": None,
        "prediction": [{"label": "PER", "start": 0, "end": 2, "score": 0.5}],
        "prediction_agent": "m", "annotation_agent": None, "id": "2", "status": "Default",
    },
    {
        "text": "Cy.", "tokens": ["Cy", "."], "annotation": None, "prediction": None,
        "prediction_agent": None, "annotation_agent": "bo", "id": "3", "status": "Discarded",
    },
]  # fmt: skip
"""What `DatasetForTokenClassification.to_datasets` of Argilla 1 gives."""

WANTED: dict[str, tuple[list[dict[str, Any]], list[Any]]] = {
    "flat": (
        FLAT,
        [
            ("Ada left.", [(0, 3, "PER")], ["good"], "accept", "u1"),
            ("Ada left.", [], ["bad"], "accept", "u4"),
            ("Ada left.", [], ["good"], "ignore", "u3"),
        ],
    ),
    "feedback": (
        FEEDBACK,
        [
            ("Ada left.", None, ["a", "b"], "accept", "u1"),
            ("Ada left.", None, None, "ignore", "u3"),
        ],
    ),
    "records": (
        RECORDS,
        [
            ("Ada left.", [(0, 3, "PER")], None, "accept", "ada"),
            ("Cy.", None, None, "ignore", "bo"),
        ],
    ),
}


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    if path.suffix == ".json":
        path.write_text(json.dumps(rows))
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif path.suffix == ".parquet":
        pytest.importorskip("pyarrow").parquet.write_table(
            pytest.importorskip("pyarrow").Table.from_pylist(rows), path
        )
    else:
        pytest.importorskip("datasets").Dataset.from_list(rows).save_to_disk(str(path))


def told(each: ImportedAnswer) -> tuple[Any, ...]:
    body = json.loads(each.body)
    spans = body.get("spans")
    found = None if spans is None else [(s["start"], s["end"], s["label"]) for s in spans]
    return body["text"], found, body.get("accept"), each.decision, each.annotator


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".parquet", ""])
@pytest.mark.parametrize("name", WANTED)
def test_each_person_has_an_answer_and_models_have_none(
    tmp_path: Path, name: str, ending: str
) -> None:
    if ending == ".parquet":
        pytest.importorskip("pyarrow.parquet")
    rows, wanted = WANTED[name]
    path = tmp_path / f"records{ending}"
    write(path, rows)
    reading = RowReading()
    found = [told(each) for each in from_source(open_answers(path), Options(), reading)]
    assert sorted(found, key=repr) == sorted(wanted, key=repr)
    assert [why for _, why in reading.bad] == ["nobody has answered it yet"]
    remarks = [remark for _, remark in reading.remarks]
    draft = "the drafts of 1 person, which were never sent, are left out"
    assert remarks == ([] if name == "records" else [draft])
    source = open_source(path)
    tasks = [row.data for row in source.rows() if isinstance(row, Row)]
    assert len(tasks) == len(wanted) + 1
    assert not any(key.endswith((".status", ".users", "-suggestion")) for t in tasks for key in t)
    assert not source.seekable


def test_what_a_model_suggests_is_what_an_annotator_begins_with(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path, FLAT)
    assert "read as argilla" in told_of(open_source(path))
    last = [row.data for row in open_source(path).rows() if isinstance(row, Row)][-1]
    assert (last["text"], last["accept"], last["meta"]) == (
        "Bo came.", ["bad"], {"id": "r2", "length": 8},
    )  # fmt: skip
    scored = [{"label": "neg", "score": 0.1}, {"label": "pos", "score": 0.9}]
    old = {"inputs": {"text": "Good."}, "annotation": None, "annotation_agent": None}
    write(path, [{**old, "prediction": scored}])
    (row,) = open_source(path).rows()
    assert isinstance(row, Row)
    assert (row.data["text"], row.data["accept"]) == ("Good.", ["pos"])


def test_the_settings_beside_the_records_say_what_a_question_asks(tmp_path: Path) -> None:
    kinds = {"why": "text", "order": "ranking", "parts": "span", "stars": "rating"}
    questions = [{"name": name, "settings": {"type": kind}} for name, kind in kinds.items()]
    (tmp_path / "settings.json").write_text(json.dumps({"questions": questions, "fields": []}))
    values = {"why": "so", "order": ["b", "a"], "parts": [], "stars": 4}
    responses = {name: [{"value": value, "user_id": "u"}] for name, value in values.items()}
    record = {"id": "1", "fields": {"text": "Ada"}, "responses": responses, "suggestions": {}}
    write(tmp_path / "records.json", [record])
    (row,) = open_source(tmp_path / "records.json").rows()
    assert isinstance(row, Row)
    assert {key: row.data[key] for key in ("user_input", "order", "spans", "stars")} == {
        "user_input": "so", "order": ["b", "a"], "spans": [], "stars": 4,
    }  # fmt: skip
    assert "accept" not in row.data


def test_responses_without_names_are_those_of_different_people(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows: list[dict[str, Any]] = [
        {"text": "Ada", "mood.responses": ["good", "bad"]},
        {"text": "Bo", "mood.responses": ["good"], "mood.responses.status": ["submitted"]},
        {"text": "Cy", "mood.responses": "good"},
    ]
    write(path, rows)
    reading = RowReading()
    found = [told(each) for each in from_source(open_answers(path), Options(), reading)]
    assert [(text, chosen, who) for text, _, chosen, _, who in found] == [
        ("Ada", ["good"], "1"), ("Ada", ["bad"], "2"), ("Bo", ["good"], None),
    ]  # fmt: skip
    assert [why for _, why in reading.bad] == ["`mood.responses` is no list of responses"]


def test_responses_without_their_people_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write(path, [{**FLAT[0], "mood.responses.users": ["u1"]}])
    (row,) = open_source(path).rows()
    assert isinstance(row, BadRow)
    assert "4 responses of 1 people" in row.detail
    path = tmp_path / "a.csv"
    path.write_text("text,mood.responses,mood.responses.users\nAda,\"['good']\",\"['u1']\"\n")
    with pytest.raises(SourceError, match="a table of Argilla's records"):
        open_source(path)


def test_several_questions_of_a_record_keep_their_names_for_everybody(tmp_path: Path) -> None:
    responses = {
        "mood": [{"value": "good", "user_id": "a"}, {"value": "bad", "user_id": "b"}],
        "topic": [{"value": ["x"], "user_id": "a"}],
    }
    record = {"id": "1", "fields": {"text": "Ada"}, "responses": responses, "suggestions": {}}
    write(tmp_path / "a.json", [record])
    rows = [row.data for row in open_source(tmp_path / "a.json").rows() if isinstance(row, Row)]
    assert [each["cats"] for each in rows] == [
        {"mood: good": True, "topic: x": True}, {"mood: bad": True},
    ]  # fmt: skip


def test_a_field_or_question_called_answer_is_no_decision(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    responses = {
        name: [{"value": value, "user_id": "u1", "status": "submitted"}]
        for name, value in (("answer", "reject"), ("comment", "fine"))
    }
    fields = {"text": "Who?", "answer": "accept"}
    write(path, [{"fields": fields, "responses": responses}])
    (row,) = open_source(path, loader="argilla").rows()
    assert isinstance(row, Row)
    assert row.data["response"] == "accept"
    assert "answer" not in row.data
    assert "reject" in json.dumps(row.data)


def test_fields_and_questions_of_one_name_are_both_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    fields = {"text": "T", "answer": "f1", "response": "f2", "given_answer": "f3", "note": "f4"}
    said = {"answer": "q1", "note": "q2", "response": "q3", "text": "q4"}
    responses = {name: [{"value": value, "user_id": "u", "status": "submitted"}]
                 for name, value in said.items()}  # fmt: skip
    write(path, [{"fields": fields, "responses": responses}])
    (row,) = open_source(path, loader="argilla").rows()
    assert isinstance(row, Row)
    shown = json.dumps(row.data)
    assert [each for each in (*fields.values(), *said.values()) if f'"{each}"' not in shown] == []
    assert row.data["text"] == "T"
    assert "answer" not in row.data
