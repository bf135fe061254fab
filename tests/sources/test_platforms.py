"""Files of LightTag, Kili and Labelbox, dialogues with slots, and MASSIVE's requests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sources.test_shapes import said
from tui_annotate.exchange.import_sources import (
    Options,
    RowReading,
    from_source,
    open_answers,
)
from tui_annotate.sources.base import Row
from tui_annotate.sources.registry import open_source

pytestmark = pytest.mark.quick

ADA = "👍 Ada met Bo"


def kili(name: str, at: int, words: str, mid: str) -> dict[str, Any]:
    return {"categories": [{"name": name, "confidence": 100}], "beginOffset": at,
            "content": words, "mid": mid}  # fmt: skip


KILI = {
    "content": ADA, "externalId": "doc-1", "labels": [
        {"author": {"email": "ann@x"}, "labelType": "DEFAULT", "isLatestLabelForUser": True,
         "jsonResponse": {
             "NER": {"annotations": [kili("PER", 3, "Ada", "m1"), kili("PER", 11, "Bo", "m2")]},
             "REL": {"annotations": [{"categories": [{"name": "met"}],
                                      "startEntities": [{"mid": "m1"}],
                                      "endEntities": [{"mid": "m2"}]}]},
             "CLASS": {"categories": [{"name": "good", "confidence": 100}]}}},
        {"author": {"email": "ann@x"}, "labelType": "DEFAULT", "isLatestLabelForUser": False,
         "jsonResponse": {}},
        {"author": {"email": "bo@x"}, "labelType": "REVIEW",
         "jsonResponse": {"CLASS": {"categories": [{"name": "bad"}]}}},
    ]}  # fmt: skip
LABELBOX = {
    "data_row": {"id": "1", "external_id": "d", "row_data": ADA},
    "media_attributes": {"mime_type": "text/plain"},
    "projects": {"p": {"name": "x", "labels": [{
        "label_details": {"created_by": "ann@x"},
        "annotations": {
            "objects": [
                {"feature_id": "f1", "name": "PER", "annotation_kind": "TextEntity",
                 "classifications": [{"name": "sex", "radio_answer": {"name": "f"}}],
                 "location": {"start": 3, "end": 5, "token": "Ada"}},
                {"feature_id": "f2", "name": "PER", "location": {"start": 11, "end": 12}}],
            "classifications": [{"name": "kind", "radio_answer": {"name": "good"}}],
            "relationships": [{"name": "met", "unidirectional_relationship": {
                "source": "f1", "target": "f2"}}]}}]}}}  # fmt: skip
OLD_LABELBOX = {
    "ID": "1", "External ID": "d", "Labeled Data": ADA, "Created By": "ann@x",
    "Label": {"objects": [{"title": "PER", "data": {"location": {"start": 3, "end": 5}}}],
              "classifications": [{"title": "kind", "answer": {"title": "good"}}]}}  # fmt: skip
SGD = {
    "dialogue_id": "1_0", "services": ["R_1"], "turns": [
        {"speaker": "USER", "utterance": "A table in Bonn.", "frames": [
            {"service": "R_1", "slots": [{"slot": "city", "start": 11, "exclusive_end": 15}],
             "actions": [{"act": "INFORM"}], "state": {"active_intent": "F"}}]},
        {"speaker": "SYSTEM", "utterance": "When?", "frames": []}]}  # fmt: skip
TASKMASTER = {
    "conversation_id": "dlg-1", "instruction_id": "pizza", "utterances": [
        {"index": 0, "speaker": "USER", "text": "👍 A large one", "segments": [
            {"start_index": 5, "end_index": 10, "text": "large",
             "annotations": [{"name": "pizza.size"}, {"name": "pizza.size"}]}]},
        {"index": 1, "speaker": "ASSISTANT", "text": "Fine."}]}  # fmt: skip

MEDCAT = {
    "projects": [
        {
            "name": "p",
            "id": 1,
            "documents": [
                {
                    "id": 3,
                    "name": "d",
                    "text": ADA,
                    "annotations": [
                        {
                            "id": 7,
                            "user": "ann",
                            "cui": "C1",
                            "value": "ada",
                            "start": 2,
                            "end": 5,
                            "correct": True,
                            "deleted": False,
                            "meta_anns": {"Subject": {"name": "Subject", "value": "Patient"}},
                        },
                        {
                            "id": 8,
                            "user": "ann",
                            "cui": "C2",
                            "value": "met",
                            "start": 6,
                            "end": 9,
                            "correct": False,
                            "deleted": True,
                        },
                        {
                            "id": 9,
                            "user": "ann",
                            "cui": "C3",
                            "value": "Bo",
                            "start": 11,
                            "end": 13,
                        },
                    ],
                    "relations": [
                        {"start_entity": 7, "end_entity": 9, "relation": "met", "user": "ann"}
                    ],
                }
            ],
        }
    ]
}

FILES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "Kili": (
        KILI,
        [f"{ADA} | [Ada](PER) [Bo](PER) Ada met Bo =good @ann@x", f"{ADA} | =bad @bo@x"]),
    "Labelbox": (LABELBOX, [f"{ADA} | [Ada](PER) [Bo](PER) Ada met Bo =good @ann@x"]),
    "Labelbox of older versions": (OLD_LABELBOX, [f"{ADA} | [Ada](PER) =good @ann@x"]),
    "MedCATtrainer": (MEDCAT, [f"{ADA} | [Ada](C1) [Bo](C3) Ada met Bo @ann"]),
    "SGD": (SGD, ["USER: A table in Bonn./SYSTEM: When? | [Bonn](city)"]),
    "Taskmaster": (TASKMASTER, ["USER: 👍 A large one/ASSISTANT: Fine. | [large](pizza.size)"]),
    "MASSIVE": (
        {"id": "1", "locale": "en-US", "intent": "alarm_set", "utt": "wake me at five",
         "annot_utt": "wake me at [time : five]"},
        ["wake me at five | [five](time) =alarm_set"]),
    "MASSIVE without blanks": (
        {"id": "1", "locale": "ja-JP", "intent": "alarm_set", "utt": "午前五時に起こして",
         "annot_utt": "[time : 午前 五時] に起こして"},
        ["午前五時に起こして | [午前五時](time) =alarm_set"]),
    "LightTag with people who marked nothing": (
        {"examples": [{"content": "Ada left", "annotations": [
            {"tag": "PER", "start": 0, "end": 3, "annotated_by": [{"annotator": "bo"}]}],
            "seen_by": [{"annotator_id": 1, "annotator": "bo"},
                        {"annotator_id": 2, "annotator": "cy"}]}]},
        ["Ada left | [Ada](PER) @bo", "Ada left | @cy"]),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_texts_marks_classes_and_people(tmp_path: Path, name: str) -> None:
    content, expected = FILES[name]
    # Labelbox writes lines, which one alone is as well.
    for path in (tmp_path / "a.json", tmp_path / "a.jsonl", tmp_path / "a.ndjson"):
        path.write_text(
            json.dumps(content) if path.suffix == ".json" else f"{json.dumps(content)}\n"
        )
        rows = [row.data for row in open_source(path).rows() if isinstance(row, Row)]
        assert [said(row) for row in rows] == expected
        reading = RowReading()
        answers = list(from_source(open_answers(path), Options(), reading))
        assert (len(answers), reading.bad) == (len(expected), [])
        people = {line.partition("@")[2] for line in expected if "@" in line}
        assert {each.annotator for each in answers if each.annotator} == people


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    told = {"Kili": "1 drafts and earlier labels are left out", "SGD": "`state`, `actions` of its"}
    for name, begins in told.items():
        path = tmp_path / "a.json"
        path.write_text(json.dumps(FILES[name][0]))
        first = next(iter(open_source(path).rows()))
        assert isinstance(first, Row)
        assert first.notices[0].startswith(begins)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({**LABELBOX, "data_row": {"row_data": "https://x/y.txt"}}, "`row_data` is the place"),
        ({"uuid": "1", "dataRow": {"globalKey": "k"}, "name": "PER",
          "location": {"start": 0, "end": 3}}, "an annotation of Labelbox without its text"),
        ({**KILI, "content": ""}, "`text` is empty"),
        ({"utt": "wake me", "annot_utt": "wake [x : up]"}, "other words than its `utt`"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_name(
    tmp_path: Path, content: dict[str, Any], why: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(content) + "\n")
    assert why in str(next(iter(open_source(path).rows())))
