"""What users say to assistants, by intent, in the forms of several programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sources.test_files_of_others import read

pytestmark = pytest.mark.quick

LU = """> !# @app.name = travel
# Fly
- fly to {@to={@city=Bonn}} {when = today}
- fly to {city}

## Stop
- stop

@ list city =
    - Bonn :
        - bonn
# ? Who are you?
- What are you?
"""
SNIPS = """---
type: intent
name: fly
slots:
  - name: origin
    entity: city
utterances:
  - fly from [origin](Bonn) to [city](Cork)
  - "fly [when:snips/datetime](today)"
---
type: entity
name: city
values:
  - [Bonn, bonn]
"""
SAID = ["Hi", "Good day"]
FILES: dict[str, tuple[str, Any, list[dict[str, Any]]]] = {
    "lu": ("a.lu", LU, [
        {"text": "fly to Bonn today", "spans": ["Bonn:city", "Bonn:to", "today:when"],
         "accept": ["Fly"]},
        {"text": "fly to {city}", "accept": ["Fly"]},
        {"text": "stop", "accept": ["Stop"]},
    ]),
    "snips": ("a.yaml", SNIPS, [
        {"text": "fly from Bonn to Cork", "spans": ["Bonn:city", "Cork:city"], "accept": ["fly"]},
        {"text": "fly today", "spans": ["today:snips/datetime"], "accept": ["fly"]},
    ]),
    "wit": ("a.json", {"utterances": [
        {"text": "go to Bonn", "intent": "go", "traits": [], "entities": [
            {"entity": "wit$location:to", "start": 6, "end": 10, "body": "Bonn", "entities": []}]},
    ]}, [{"text": "go to Bonn", "spans": ["Bonn:wit$location"], "accept": ["go"]}]),
    "rows of wit": ("a.json", [
        {"text": "go to Bonn", "intent": {"id": "1", "name": "go"}, "entities": [
            {"name": "wit$location", "role": "to", "start": 6, "end": 10, "body": "Bonn"}]},
    ], [{"text": "go to Bonn", "spans": ["Bonn:wit$location"], "accept": ["go"]}]),
    "nlp.js": ("a.json", {"name": "c", "locale": "en-US", "data": [
        {"intent": "hello", "utterances": SAID, "answers": ["Hello"]}]}, []),
    "a bot": ("a.json", {"intents": [
        {"tag": "hello", "patterns": SAID, "responses": ["Hello"]}]}, []),
    "Lex 1": ("a.json", {"metadata": {}, "resource": {"name": "b", "intents": [
        {"name": "hello", "sampleUtterances": SAID, "slots": []}]}}, []),
    "Lex 2": ("Intent.json", {"name": "hello", "sampleUtterances": [
        {"utterance": each} for each in SAID]}, []),
    "Alexa": ("a.json", {"interactionModel": {"languageModel": {"intents": [
        {"name": "Stop", "samples": []}, {"name": "hello", "samples": SAID}]}}}, []),
}  # fmt: skip


@pytest.mark.parametrize("form", FILES)
def test_phrases_are_texts_with_their_intent(tmp_path: Path, form: str) -> None:
    name, content, expected = FILES[form]
    content = content if isinstance(content, str) else json.dumps(content)
    found, reading, _ = read(tmp_path / name, content)
    assert not reading.bad
    assert found == (expected or [{"text": each, "accept": ["hello"]} for each in SAID])


def test_a_pattern_of_lu_says_that_its_places_stay(tmp_path: Path) -> None:
    _, reading, _ = read(tmp_path / "a.lu", LU)
    assert any("places for city" in said for _, said in reading.remarks)


def test_a_mark_of_lu_that_is_not_closed_makes_its_line_a_bad_row(tmp_path: Path) -> None:
    found, reading, _ = read(tmp_path / "a.lu", "# Fly\n- to {@city=Bonn\n- stop\n")
    assert [each["text"] for each in found] == ["stop"]
    assert "not closed" in reading.bad[0][1]


YEDDA = "[@Ada #Person*]met [@Bo#Person*] in [$Bonn#City*].\nNobody came.\n"


def test_names_in_brackets_are_spans_as_yedda_marks_them(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ada met Bo in Bonn.\n", encoding="utf-8")
    found, reading, told = read(tmp_path / "a.txt.ann", YEDDA)
    assert found == [
        {"text": "Ada met Bo in Bonn.", "spans": ["Ada:Person", "Bo:Person"]},
        {"text": "Nobody came."},
    ]
    assert "read as tagged-text" in told
    assert any("1 that the program has proposed" in said for _, said in reading.remarks)


def test_marks_of_brat_behind_the_whole_name_of_their_text_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ada left.", encoding="utf-8")
    found, _, _ = read(tmp_path / "a.txt.ann", "T1\tPER 0 3\tAda\n")
    assert found == [{"text": "Ada left.", "spans": ["Ada:PER"]}]
