"""JSON of events, as OneIE, WikiEvents and DuEE write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sources.test_files_of_others import read

pytestmark = pytest.mark.quick

ADA = {"id": "E1", "start": 0, "end": 1, "text": "Ada", "entity_type": "PER"}
BONN = {"id": "E2", "start": 2, "end": 3, "text": "Bonn", "entity_type": "GPE"}
ONEIE: dict[str, Any] = {
    "doc_id": "d", "sent_id": "s", "tokens": ["Ada", "left", "Bonn"], "pieces": ["Ada"],
    "token_lens": [1, 1, 1], "sentence": "Ada left Bonn", "entity_mentions": [ADA, BONN],
    "relation_mentions": [{"id": "R1", "relation_type": "PHYS", "arguments": [
        {"entity_id": "E1", "role": "Arg-1"}, {"entity_id": "E2", "role": "Arg-2"}]}],
    "event_mentions": [{"id": "V1", "event_type": "Move",
                        "trigger": {"start": 1, "end": 2, "text": "left"},
                        "arguments": [{"entity_id": "E1", "role": "Agent"}]}],
}  # fmt: skip
DUEE: dict[str, Any] = {
    "text": "👍 Ada left Bonn", "id": "d", "event_list": [
        {"event_type": "Move", "trigger": "left", "trigger_start_index": 6, "class": "x",
         "arguments": [{"argument": "Ada", "argument_start_index": 2, "role": "Agent"}]}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("row", "text", "spans", "relations"),
    [
        (ONEIE, "Ada left Bonn", ["Ada:PER", "left:Move", "Bonn:GPE"],
         ["Ada PHYS Bonn", "left Agent Ada"]),
        (DUEE, "👍 Ada left Bonn", ["Ada:Agent", "left:Move"], ["left Agent Ada"]),
    ],
)  # fmt: skip
def test_triggers_are_spans_and_arguments_relations(
    tmp_path: Path, row: dict[str, Any], text: str, spans: list[str], relations: list[str]
) -> None:
    ((found,), reading, told) = read(tmp_path / "a.json", json.dumps(row) + "\n")
    assert not reading.bad
    assert found == {"text": text, "spans": spans, "relations": relations}
    assert told.startswith("read as entity-json")


def test_a_trigger_that_lies_elsewhere_is_said(tmp_path: Path) -> None:
    event = {**DUEE["event_list"][0], "trigger": "came"}
    _, reading, _ = read(tmp_path / "a.json", json.dumps({**DUEE, "event_list": [event]}))
    assert any("'came'" in said for _, said in reading.remarks)


def test_an_answer_that_is_an_object_hides_no_entities(tmp_path: Path) -> None:
    row = {"text": "Ada left", "answer": {"text": "", "link": "x"},
           "entities": [{"entity": "PER", "start": 0, "end": 3, "text": "Ada"}]}  # fmt: skip
    (found, reading, _) = read(tmp_path / "a.json", json.dumps([row]))
    assert not reading.bad
    assert found[0]["spans"] == ["Ada:PER"]


def test_entities_that_count_words_lie_on_these_words(tmp_path: Path) -> None:
    row = {"text": "Is Ada's way to Bonn, long?", "intent": "go", "entities": [
        {"entity": "PER", "start": 1, "stop": 1, "text": "Ada"},
        {"entity": "GPE", "start": 6, "stop": 6, "text": "bonn"}]}  # fmt: skip
    ((found,), reading, _) = read(tmp_path / "a.json", json.dumps([row]))
    assert not reading.bad
    assert found["spans"] == ["Ada:PER", "Bonn:GPE"]
    assert found["accept"] == ["go"]
