"""JSON rows whose entities are named by their words, or lie under names that vary by program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tui_annotate.sources.base import Row, told_of
from tui_annotate.sources.registry import open_source
from tui_annotate.sources.surface_json import MentionFinder
from tui_annotate.sources.text_field import ANY_ROW

pytestmark = pytest.mark.quick

TEXT = "Ada was born in Bonn."
FOUND = [("Ada", "PER"), ("Bonn", "LOC")]


def read(path: Path, *found: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    path.write_text("".join(json.dumps(each) + "\n" for each in found), encoding="utf-8")
    source = open_source(path)
    assert told_of(source).startswith("read as entity-json (--loader jsonl to read it as it is)")
    rows = list(source.rows())
    assert all(isinstance(row, Row) for row in rows), rows
    good = [row for row in rows if isinstance(row, Row)]
    return [row.data for row in good], [notice for row in good for notice in row.notices]


def covered(task: dict[str, Any]) -> list[tuple[str, str]]:
    return [(task["text"][s["start"] : s["end"]], s["label"]) for s in task["spans"]]


def related(task: dict[str, Any]) -> list[tuple[str, str, str]]:
    ends = [(link["head_span"], link["label"], link["child_span"]) for link in task["relations"]]
    text = task["text"]
    return [(text[a["start"] : a["end"]], label, text[b["start"] : b["end"]])
            for a, label, b in ends]  # fmt: skip


@pytest.mark.parametrize(
    "entities",
    [
        {"entities": [{"text": "Ada", "type": "PER"}, {"text": "Bonn", "type": "LOC"}]},
        {"entities": [{"entity": "Ada", "label": "PER"}, {"entity": "Bonn", "label": "LOC"}]},
        {"entities": [{"name": "Ada", "type": "PER"}, {"name": "Bonn", "type": "LOC"}]},
        {"entities": {"PER": ["Ada"], "LOC": ["Bonn"], "ORG": []}},
        {"entities": {"PER": "Ada", "LOC": "Bonn"}},
        {"entities": [["Ada", "PER"], ["Bonn", "LOC"]]},
        {"ner": [{"start": 0, "end": 3, "label": "PER"}, {"start": 16, "end": 20, "label": "LOC"}]},
        {"named_entities": [[0, 3, "PER"], [16, 20, "LOC"]]},
        {"labels": {"PER": [[0, 3]], "LOC": [[16, 20]]}},
        {"entities": {"PER": [{"text": "Ada", "start": 0}], "LOC": [{"value": "Bonn"}]}},
        {"entities": {"PER": [{"start": 0, "end": 3}], "LOC": [{"start": 16, "end": 20}]}},
        {"annotations": [{"start": 0, "end": 3, "labels": ["PER"]},
                         {"start": 16, "end": 20, "labels": ["LOC"]}]},
        {"mentions": [{"span": [0, 3], "type": "PER"}, {"span": [16, 20], "type": "LOC"}]},
        {
            "spans": [
                {"entity_type": "PER", "entity_value": "Ada", "start_position": 0,
                 "end_position": 3},
                {"entity_type": "LOC", "entity_value": "Bonn", "start_position": 16,
                 "end_position": 20},
            ]
        },
        {
            "privacy_mask": [
                {"value": "Ada", "start": 0, "end": 3, "label": "PER"},
                {"value": "Bonn", "start": 16, "end": 20, "label": "LOC"},
            ]
        },
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", ["text", "sentence", "full_text", "source_text"])
def test_entities_under_many_names(tmp_path: Path, key: str, entities: dict[str, Any]) -> None:
    (task,), notices = read(tmp_path / "a.jsonl", {key: TEXT, "more": 1, **entities})
    assert (task["text"], covered(task), notices) == (TEXT, FOUND, [])
    assert task["meta"] == {"more": 1}


@pytest.mark.parametrize(
    ("row", "labels"),
    [
        ({"text": TEXT, "triple_list": [["Ada", "born", "Bonn"]]}, ["ENTITY", "ENTITY"]),
        (
            {
                "text": TEXT,
                "spo_list": [
                    {"subject": "Ada", "subject_type": "PER", "predicate": "born",
                     "object": {"@value": "Bonn"}, "object_type": {"@value": "LOC"}},
                ],
            },
            ["PER", "LOC"],
        ),
        (
            {
                "text": TEXT,
                "entities": [{"text": "Ada", "type": "PER"}, {"text": "Bonn", "type": "LOC"}],
                "relations": [{"head": "Ada", "tail": "Bonn", "type": "born"}],
            },
            ["PER", "LOC"],
        ),
        (
            {
                "text": TEXT,
                "entities": [{"id": "b", "start": 16, "end": 20, "label": "LOC"},
                             {"id": "a", "start": 0, "end": 3, "label": "PER"}],
                "relations": [{"from_id": "a", "to_id": "b", "label": "born"}],
            },
            ["PER", "LOC"],
        ),
        (
            {
                "text": TEXT,
                "entities": [{"start": 16, "end": 20, "label": "LOC"},
                             {"start": 0, "end": 3, "label": "PER"}],
                "relations": [{"head": 1, "tail": 0, "type": "born"}],
            },
            ["PER", "LOC"],
        ),
        (
            {"text": TEXT, "relation": "born", "h": {"name": "Ada", "id": "Q1", "pos": [0, 3]},
             "t": {"name": "Bonn", "id": "Q2", "pos": [16, 20]}},
            ["head", "tail"],
        ),
        (
            {"token": ["Ada", "was", "born", "in", "Bonn", "."], "relation": "born",
             "h": {"name": "ada", "id": "Q1", "pos": [0, 1]},
             "t": {"name": "bonn", "id": "Q2", "pos": [4, 5]}},
            ["head", "tail"],
        ),
    ],
)  # fmt: skip
def test_relations_come_with_their_entities(
    tmp_path: Path, row: dict[str, Any], labels: list[str]
) -> None:
    (task,), notices = read(tmp_path / "a.jsonl", row)
    assert covered(task) == [*zip(("Ada", "Bonn"), labels, strict=True)]
    assert (related(task), notices) == ([("Ada", "born", "Bonn")], [])


def test_offsets_of_a_browser_are_mended_before_relations_are_made(tmp_path: Path) -> None:
    row = {
        "text": f"👍 {TEXT}",
        "entities": [
            {"id": 1, "start": 3, "end": 6, "label": "PER", "text": "Ada"},
            {"id": 2, "start": 19, "end": 23, "label": "LOC", "text": "Bonn"},
        ],
        "relations": [{"head": 1, "tail": 2, "type": "born"}, {"head": 1, "tail": 7, "type": "x"}],
    }
    (task,), notices = read(tmp_path / "a.jsonl", row)
    assert (covered(task), related(task)) == (FOUND, [("Ada", "born", "Bonn")])
    assert notices == ["1 relation without two entities is left out"]


def test_words_are_placed_one_after_the_other_and_the_rest_is_told(tmp_path: Path) -> None:
    row = {
        "text": "art in Bart's art, and art",
        "entities": [{"text": "art", "label": "A"}, {"text": "art", "label": "B"},
                     {"text": "cat", "label": "C"}],
    }  # fmt: skip
    (task,), notices = read(tmp_path / "a.jsonl", row)
    assert [(span["start"], span["label"]) for span in task["spans"]] == [(0, "A"), (14, "B")]
    assert notices == [
        "1 entities that are not in their text are left out",
        "1 further places of entities that stand in it several times are left out",
    ]


@pytest.mark.parametrize(
    "row",
    [
        {"text": "It was good", "labels": {"sentiment": "good"}},
        {"text": "It was good", "labels": [{"label": "sentiment", "name": "fine"}]},
        {"text": "It was good", "tags": [["It", "O"], ["was", "O"], ["good", "B-X"]]},
    ],
)
def test_classes_are_no_entities(tmp_path: Path, row: dict[str, Any]) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    source = open_source(path)
    assert told_of(source) == ""
    assert [each.data for each in source.rows() if isinstance(each, Row)] == [row]


@pytest.mark.parametrize(
    ("words", "places"),
    [("a", [0, 7]), ("a b", [7]), ("(b", [14]), ("c", [3]), ("", []), ("x", [])],
)
def test_words_stand_by_themselves_if_anywhere(words: str, places: list[int]) -> None:
    assert MentionFinder("a bcd, a b in (b)").places(words) == places


def test_places_without_a_label_and_numbers_of_labels_are_kept(tmp_path: Path) -> None:
    (one, two), _ = read(
        tmp_path / "a.jsonl",
        {"text": TEXT, "annotations": [{"start": 0, "end": 3, "qid": "Q1"}]},
        {"text": TEXT, "entities": [{"start": 16, "end": 20, "label": 2}]},
    )
    assert (covered(one), covered(two)) == ([("Ada", "ENTITY")], [("Bonn", "2")])
    assert one["spans"][0]["attributes"] == {"qid": "Q1"}


@pytest.mark.parametrize(
    "row",
    [
        {"text": TEXT, "entities": [{"start": 0, "end": 3, "label": "PER"}]},
        {"text": TEXT, "triples": [["Ada", "born", "Bonn"]]},
        {"text": TEXT, "label": ["news"]},
        {"tokens": ["Ada"], "entities": [{"type": "PER", "start": 0, "end": 1}], "relations": []},
    ],
)
def test_the_code_of_a_recipe_gets_its_own_rows_as_they_are(
    tmp_path: Path, row: dict[str, Any]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    source = open_source(path, input_keys=ANY_ROW)
    assert (told_of(source), [each.data for each in source.rows()]) == ("", [row])  # type: ignore[union-attr]
    many = {"rasa_nlu_data": {"common_examples": [{"text": "a", "intent": "x"}] * 2}}
    path.write_text(json.dumps(many) + "\n", encoding="utf-8")
    assert len(list(open_source(path, input_keys=ANY_ROW).rows())) == 2
