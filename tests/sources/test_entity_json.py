"""JSON of programs whose rows hold entities with places, and SQuAD: found, and read right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tui_annotate.errors import SourceError
from tui_annotate.sources.base import BadRow, Row, told_of
from tui_annotate.sources.registry import open_source

pytestmark = pytest.mark.quick

TEXT = "go to Bonn"
AT = {"start": 6, "end": 10}
JOB = {"type": "groundtruth/text-span", "human-annotated": "yes"}
SPAN_ROWS: dict[str, Any] = {
    "rasa": {
        "rasa_nlu_data": {
            "common_examples": [
                {"text": TEXT, "intent": "go", "entities": [{**AT, "value": "b", "entity": "city"}]}
            ]
        }
    },
    "luis": {
        "luis_schema_version": "7.0.0",
        "utterances": [
            {"text": TEXT, "intent": "go",
             "entities": [{"entity": "city", "startPos": 6, "endPos": 9}]}
        ],
    },
    "snips": {"go": [{"data": [{"text": "go to "}, {"text": "Bonn", "entity": "city"}]}]},
    "ground truth": {
        "source": TEXT,
        "job": {
            "annotations": {"entities": [{"label": "city", "startOffset": 6, "endOffset": 10}]}
        },
        "job-metadata": JOB,
    },
    "vertex": {
        "textContent": TEXT,
        "textSegmentAnnotations": [{"startOffset": 6, "endOffset": 10, "displayName": "city"}],
    },
    "automl": {
        "text_snippet": {"content": TEXT},
        "annotations": [
            {"text_extraction": {"text_segment": {"start_offset": 6, "end_offset": 10}},
             "display_name": "city"}
        ],
    },
    "gate": {"text": TEXT, "entities": {"city": [{"indices": [6, 10]}]}},
    "dataturks": {
        "content": TEXT,
        "annotation": [
            {"label": ["city"], "points": [{"start": 6, "end": 9, "text": "Bonn"}]}
        ],
    },
    "displacy": {"text": TEXT, "ents": [{**AT, "label": "city"}], "title": None},
    "utf-16": {"text": "👍 in Bonn", "entities": [
        {"start": 6, "end": 10, "entity_group": "city", "word": "Bonn", "score": 0.5}]},
    "gliner": {"tokenized_text": ["go", "to", "Bonn"], "ner": [[2, 2, "city"]]},
    "scierc": {
        "doc_key": "d", "sentences": [["go", "to"], ["Bonn"]], "ner": [[], [[2, 2, "city"]]]},
    "spacy": {"id": 0, "paragraphs": [{"raw": TEXT, "sentences": [{"tokens": [
        {"orth": "go", "ner": "O"}, {"orth": "to", "ner": "O"},
        {"orth": "Bonn", "ner": "U-city"},
    ]}]}]},
}  # fmt: skip


def tasks(path: Path, text: str) -> tuple[str, list[dict[str, Any]]]:
    path.write_text(text, encoding="utf-8")
    source = open_source(path)
    rows = list(source.rows())
    assert all(isinstance(row, Row) for row in rows), rows
    return told_of(source), [row.data for row in rows if isinstance(row, Row)]


def covered(task: dict[str, Any]) -> list[tuple[str, str]]:
    return [(task["text"][s["start"] : s["end"]], s["label"]) for s in task["spans"]]


@pytest.mark.parametrize("name", SPAN_ROWS)
@pytest.mark.parametrize("ending", [".json", ".jsonl"])
def test_entities_lie_where_the_program_says(tmp_path: Path, name: str, ending: str) -> None:
    told, (task,) = tasks(tmp_path / f"a{ending}", json.dumps(SPAN_ROWS[name]) + "\n")
    assert told.startswith("read as entity-json (--loader json")
    assert covered(task) == [("Bonn", "city")]
    if name in ("rasa", "luis", "snips"):
        assert task["accept"] == ["go"]


def test_classes_and_texts_that_lie_elsewhere(tmp_path: Path) -> None:
    about = {"type": "groundtruth/text-classification", "class-name": "news"}
    row = {"source": TEXT, "job": 0, "job-metadata": about}
    _, (task,) = tasks(tmp_path / "a.manifest", json.dumps(row) + "\n")
    assert (task["text"], task["accept"]) == (TEXT, ["news"])
    del row["source"]
    path = tmp_path / "b.manifest"
    path.write_text(json.dumps({**row, "source-ref": "s3://x/y"}))
    (bad,) = open_source(path).rows()
    assert isinstance(bad, BadRow)
    assert "`source-ref`" in bad.detail


QUESTION = {"id": "q1", "question": "Who came?"}
CONTEXT = "👍 Ada left. Bo came."


def test_each_question_of_squad_is_a_task_with_its_answers(tmp_path: Path) -> None:
    answers = [{"text": "Bo", "answer_start": 12}] * 2
    impossible = {"id": "q2", "question": "Why?", "answers": [], "is_impossible": True}
    paragraph = {"context": CONTEXT, "qas": [{**QUESTION, "answers": answers}, impossible]}
    whole = {"version": "v2.0", "data": [{"title": "T", "paragraphs": [paragraph]}]}
    told, (first, second) = tasks(tmp_path / "a.json", json.dumps(whole))
    assert told == "read as squad (--loader json to read it as it is)"
    assert covered(first) == [("Bo", "ANSWER")]
    assert (first["text"], first["input"]) == (CONTEXT, "Who came?")
    assert first["meta"] == {"question": "Who came?", "title": "T", "id": "q1"}
    assert (second["input"], second["spans"]) == ("Why?", [])
    flat = {**QUESTION, "context": CONTEXT, "answers": {"text": ["Bo"], "answer_start": [12]}}
    _, (row,) = tasks(tmp_path / "a.jsonl", json.dumps(flat) + "\n")
    assert covered(row) == [("Bo", "ANSWER")]


def test_classes_of_doccano_are_classes(tmp_path: Path) -> None:
    rows = [{"id": 1, "text": "x", "label": []}, {"id": 2, "text": "good", "label": ["a", "b"]}]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    for name, text in (("a.jsonl", lines), ("a.json", json.dumps(rows))):
        told, found = tasks(tmp_path / name, text)
        assert told.startswith("read as doccano")
        assert [(row["text"], row["accept"]) for row in found] == [("x", []), ("good", ["a", "b"])]
        assert all("spans" not in row for row in found)
    told, found = tasks(tmp_path / "a.csv", "id,text,label\n1,good,pos#neg\n2,bad,neg\n")
    assert told.startswith("read as doccano")
    assert [row["accept"] for row in found] == [["pos", "neg"], ["neg"]]
    assert tasks(tmp_path / "b.csv", "text,label\nx,C#\n") == ("", [{"text": "x", "label": "C#"}])


def test_objects_over_several_lines_are_refused_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f"{json.dumps({'text': 'Ada'}, indent=2)}\n" * 2)
    with pytest.raises(SourceError) as caught:
        open_source(path)
    assert caught.value.hint == "Read it with `--loader json`"
    assert len(list(open_source(path, loader="json").rows())) == 2
