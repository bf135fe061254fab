"""JSON of programs whose rows hold entities with places, and SQuAD: found, and read right."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tui_annotate.errors import SourceError
from tui_annotate.sources import token_json
from tui_annotate.sources.base import BadRow, Row, told_of
from tui_annotate.sources.registry import open_source
from tui_annotate.sources.text_field import ANY_ROW

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


@pytest.mark.parametrize("name", ["luis", "dataturks"])
def test_the_place_of_a_last_character_may_be_written_as_text(tmp_path: Path, name: str) -> None:
    content = json.dumps(SPAN_ROWS[name]).replace(": 6", ': "6"').replace(": 9", ': "9"')
    _, (task,) = tasks(tmp_path / "a.json", content)
    assert covered(task) == [("Bonn", "city")]


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


def read(path: Path, *rows: Any, **options: Any) -> list[Row | BadRow]:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return list(open_source(path, **options).rows())


GOOD = {"text": TEXT, "entities": [{**AT, "label": "city"}]}
ODD_ROWS: dict[str, Any] = {
    "SpERT: a start as text": {
        "tokens": ["a"], "entities": [{"type": "x", "start": "0", "end": 1}]},
    "SpERT: an end of a relation": {
        "tokens": ["a"], "entities": [{"type": "x", "start": 0, "end": 2}],
        "relations": [{"type": "y", "head": [0], "tail": {}}]},
    "FewRel: one name": {"P1": [{"tokens": ["a"], "h": ["a"], "t": ["a", "Q", [[0]]]}] * 2},
    "FewRel: bare numbers": {"P1": [{"tokens": ["a"], "h": ["a", "Q", [0]], "t": None}]},
    "SciERC: clusters": {"sentences": [["a"]], "ner": [[]], "clusters": [3]},
    "SciERC: a relation": {"sentences": [["a"]], "ner": [[]], "relations": [[[[0], 0, 0, 0, "r"]]]},
    "SciERC: sentences as text": {"sentences": ["Ada left"], "ner": [[[0, 0, "PER"]]]},
    "DocRED: a sentence": {
        "sents": [["a"]], "vertexSet": [[{"pos": [0, 1], "sent_id": -1, "type": "x"}]]},
    "a group that is null": {"text": "abd", "entities": {"x": 3, "y": [[0, 1]]}},
    "a word that is null": {"tokenized_text": ["a", None], "ner": [[0, 0, "x"]]},
    "Watson: no name": {"intents": [
        {"examples": [{"text": "a"}]}, {"intent": 1, "examples": [{}]}]},
    "Vertex: no name": {"textContent": "a", "classificationAnnotation": {}},
    "AutoML: no name": {"text_snippet": {"content": "a"}, "annotations": [{"classification": {}}]},
    "no label, and behind the text": {"text": "Ho", "entities": [{"start": 0, "end": 9}]},
    "places under another name": {"text": "Ho there", "found": [{"span": [0, 2]}]},
    "Dataturks: no points": {"content": "a", "annotation": [{"label": ["x"]}]},
    "Rasa: an entity that is none": {"rasa_nlu_data": {"common_examples": [
        {"text": "a", "entities": ["x"]}]}},
}  # fmt: skip


@pytest.mark.parametrize("name", ODD_ROWS)
def test_an_odd_row_is_bad_and_takes_no_other_along(tmp_path: Path, name: str) -> None:
    rows = read(tmp_path / "a.jsonl", GOOD, ODD_ROWS[name], GOOD, loader="entity-json")
    assert [type(row) for row in (rows[0], rows[-1])] == [Row, Row]
    assert len(rows) > 2
    assert all(isinstance(row, BadRow) for row in rows[1:-1])


def test_an_odd_part_takes_no_other_part_along(tmp_path: Path) -> None:
    said = [{"text": "a"}, {"text": 3}, None, {"text": "b", "entities": [{"start": "x"}]}]
    example = {"tokens": ["a"], "h": ["a", "Q", [[0]]], "t": ["a", "Q", [[0]]]}
    file = {"rasa_nlu_data": {"common_examples": [*said, {"text": "c"}]}}
    kinds = [Row, BadRow, BadRow, BadRow, Row]
    assert [type(row) for row in read(tmp_path / "a.json", file)] == kinds
    rows = read(tmp_path / "b.json", {"P1": [example, {**example, "h": ["a"]}, example]})
    assert [type(row) for row in rows] == [Row, BadRow, Row]


def test_a_row_without_a_text_among_others_is_a_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [
        {"annotations": [{"start": 0, "end": 3, "qid": "Q1"}]},
        {"text": "Ada left Bonn.", "entities": [{"start": 9, "end": 13, "label": "LOC"}]},
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    source = open_source(path)
    assert [type(each) for each in source.rows()] == [BadRow, Row]
    assert "without a label" not in told_of(source)


def test_relations_whose_ends_are_no_entities_are_left_out_with_a_remark(tmp_path: Path) -> None:
    entity = {"type": "x", "start": 0, "end": 1}
    link = {"type": "y", "head": [0], "tail": 0}
    (row,) = read(
        tmp_path / "a.jsonl", {"tokens": ["a"], "entities": [entity], "relations": [link]}
    )
    assert isinstance(row, Row)
    assert row.notices == ("1 relation without two entities is left out",)


def test_rows_without_marks_are_texts_and_rows_as_ours_stay_so(tmp_path: Path) -> None:
    own = {"text": TEXT, "spans": [{**AT, "label": "city"}], "meta": {"a": 1}}
    typed = {"text": TEXT, "spans": [{**AT, "type": "city"}]}
    rows = read(
        tmp_path / "a.jsonl", typed, own, {"text": "x", "entities": []}, {"text": "x", "n": 1}
    )
    first, second, none, alone = [row.data for row in rows if isinstance(row, Row)]
    assert covered(first) == covered(second) == [("Bonn", "city")]
    assert second["meta"] == {"a": 1}
    assert none == {"text": "x", "spans": []}
    assert alone == {"text": "x", "meta": {"n": 1}}


@pytest.mark.parametrize("keys", [("text1", "text2"), ("text_a", "text_b")])
def test_two_texts_are_a_pair_with_a_label_beside_them(
    tmp_path: Path, keys: tuple[str, str]
) -> None:
    row = {keys[0]: "first", keys[1]: "second", "mine": 1}
    assert [each.reason for each in read(tmp_path / "a.jsonl", row) if isinstance(each, BadRow)]
    (found,) = read(tmp_path / "a.jsonl", {**row, "label": 3.2})
    assert isinstance(found, Row)
    assert found.data == {"text": "first\nsecond", "accept": ["3.2"], "meta": {"mine": 1}}


@pytest.mark.parametrize("loader", [None, "entity-json"])
def test_rows_for_the_code_of_a_recipe_stay_as_they_are(tmp_path: Path, loader: str | None) -> None:
    row = {"premise": "first", "hypothesis": "second", "label": 1}
    (found,) = read(tmp_path / "a.jsonl", row, input_keys=ANY_ROW, loader=loader)
    assert isinstance(found, Row)
    assert found.data == row
    path = tmp_path / "a.csv"
    path.write_text("sentence1,sentence2,label\na,b,c\n")
    (found,) = open_source(path, input_keys=ANY_ROW).rows()
    assert isinstance(found, Row)
    assert found.data == {"sentence1": "a", "sentence2": "b", "label": "c"}


@pytest.mark.parametrize("label", [["a"], {"a": 1}])
def test_a_label_of_a_pair_that_is_no_class_is_remarked_on(tmp_path: Path, label: Any) -> None:
    (row,) = read(tmp_path / "a.jsonl", {"sentence1": "a", "sentence2": "b", "label": label})
    assert isinstance(row, Row)
    assert row.data["meta"] == {"label": label}
    assert row.notices == ("`label` holds no name of a class, so it counts as no answer",)


def calls_of(made: Callable[[], Any]) -> int:
    """Return how many calls of Python's are made."""
    count = 0

    def counted(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(counted)
    try:
        made()
    finally:
        sys.setprofile(None)
    return count


def test_twice_as_many_entities_take_twice_as_long() -> None:
    def counted(size: int) -> int:
        row = {"tokenized_text": ["a"] * size, "ner": [[at, at, "x"] for at in range(size)]}
        return calls_of(lambda: list(token_json.token_indices(row)))

    assert counted(400) < 2.5 * counted(200)
