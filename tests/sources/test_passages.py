"""Passages with questions, documents of parsers, and files that are refused by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sources.test_files_of_others import read
from tui_annotate.errors import SourceError
from tui_annotate.exchange.import_sources import Options, RowReading, from_source, open_answers

pytestmark = pytest.mark.quick

ADA = "👍 Ada met Bo in Bonn."
ANSWER = {"start": 16, "end": 19, "text": "Bonn"}
WORDS = ["<P>", "👍", "Ada", "met", "Bo", "in", "Bonn", ".", "</P>"]
MARKED = {
    "long_answer": {"start_token": 0, "end_token": 9},
    "short_answers": [{"start_token": 2, "end_token": 3}],
    "yes_no_answer": "NONE",
}


def bodies(path: Path, content: Any) -> tuple[list[dict[str, Any]], RowReading]:
    path.write_text(json.dumps(content), encoding="utf-8")
    reading = RowReading()
    found = from_source(open_answers(path), Options(), reading)
    return [json.loads(each.body) for each in found], reading


def covered(body: dict[str, Any]) -> list[str]:
    return [f"{body['text'][s['start'] : s['end']]}:{s['label']}" for s in body["spans"]]


def test_a_question_of_multirc_has_several_right_options(tmp_path: Path) -> None:
    asked = {
        "question": "Who?",
        "idx": 3,
        "answers": [
            {"text": "Ada", "idx": 0, "label": 1},
            {"text": "Cy", "idx": 1, "label": 0},
            {"text": "Bo", "idx": 2, "label": 1},
        ],
    }
    row = {"passage": {"text": ADA, "questions": [asked, asked | {"question": "And?"}]}, "idx": 0}
    (one, other), _ = bodies(tmp_path / "a.jsonl", row)
    assert one["text"] == f"{ADA}\n\nWho?"
    assert [each["text"] for each in one["options"]] == ["Ada", "Cy", "Bo"]
    assert one["accept"] == ["0", "2"]
    assert one["meta"] == {"id": 0, "question": 3}
    assert other["text"].endswith("And?")


def test_answers_of_record_end_at_their_last_characters(tmp_path: Path) -> None:
    row: dict[str, Any] = {
        "passage": {"text": ADA, "entities": [{"start": 2, "end": 4}, {"start": 16, "end": 19}]},
        "qas": [{"query": "They met in @placeholder.", "answers": [ANSWER], "idx": 7}],
        "idx": 1,
    }
    (body,), reading = bodies(tmp_path / "a.jsonl", row)
    assert covered(body) == ["Bonn:ANSWER"]
    assert body["input"] == body["meta"]["question"] == "They met in @placeholder."
    assert "1 entity beside the answers is left out" in reading.remarks[0][1]
    assert body["meta"]["id"] == 1
    assert body["meta"]["query"] == 7
    # As its authors published it, a passage and its queries are named by `id`.
    row = {**row, "id": "p1", "qas": [{**row["qas"][0], "id": "q1"}]}
    (body,), _ = bodies(tmp_path / "b.jsonl", row)
    assert (body["meta"]["id"], body["meta"]["query"]) == ("p1", "q1")


@pytest.mark.parametrize(
    "page",
    [
        {"document_text": " ".join(WORDS)},
        {"document_tokens": [{"token": each, "html_token": each[0] == "<"} for each in WORDS]},
    ],
    ids=["simplified", "whole"],
)
def test_answers_of_natural_questions_lie_on_words_without_html(
    tmp_path: Path, page: dict[str, Any]
) -> None:
    row = page | {"question_text": "Who?", "example_id": 5, "annotations": [MARKED, MARKED]}
    (body,), _ = bodies(tmp_path / "a.jsonl", row)
    assert body["text"] == "👍 Ada met Bo in Bonn ."
    assert sorted(covered(body)) == ["Ada:ANSWER", f"{body['text']}:LONG_ANSWER"]
    assert body["input"] == "Who?"
    none = {"long_answer": {"start_token": -1, "end_token": -1}, "short_answers": []}
    (body,), _ = bodies(tmp_path / "a.jsonl", row | {"annotations": [none]})
    assert body["spans"] == []
    wrong = {"short_answers": [{"start_token": 7, "end_token": 20}]}
    found, reading = bodies(tmp_path / "a.jsonl", row | {"annotations": [wrong]})
    assert (found, reading.bad_count) == ([], 1)


def token(word: str, begin: int, ner: str, before: str = " ") -> dict[str, Any]:
    end = begin + len(word.encode("utf-16-le")) // 2
    places = {"characterOffsetBegin": begin, "characterOffsetEnd": end}
    return {"word": word, "originalText": word, "before": before, "ner": ner, **places}


def sentences(*, listed: bool) -> list[dict[str, Any]]:
    """Return two sentences as CoreNLP writes them, which counts 👍 as two."""
    first = [token("👍", 0, "O", ""), token("New", 3, "CITY"), token("York", 7, "CITY"),
             token(".", 11, "O", "")]  # fmt: skip
    second = [token("Ada", 14, "PERSON", "\n\n"), token("left", 18, "O")]
    found = [{"index": 0, "tokens": first, "parse": "(S)"}, {"index": 1, "tokens": second}]
    if listed:
        found[0]["entitymentions"] = [{"tokenBegin": 1, "tokenEnd": 3, "ner": "CITY"}]
        found[1]["entitymentions"] = [{"tokenBegin": 0, "tokenEnd": 1, "ner": "PERSON"}]
    return found


@pytest.mark.parametrize("listed", [True, False])
def test_a_document_of_corenlp_is_one_text_with_its_tokens(tmp_path: Path, listed: bool) -> None:
    row = {"docId": "a.txt", "sentences": sentences(listed=listed)}
    (body,), reading = bodies(tmp_path / "a.json", row)
    assert body["text"] == "👍 New York.\n\nAda left"
    assert covered(body) == ["New York:CITY", "Ada:PERSON"]
    assert [each["text"] for each in body["tokens"]] == ["👍", "New", "York", ".", "Ada", "left"]
    assert body["meta"] == {"id": "a.txt"}
    assert "`parse`" in reading.remarks[0][1]
    wrong = sentences(listed=True)
    wrong[0]["entitymentions"][0]["tokenEnd"] = 9
    found, reading = bodies(tmp_path / "a.json", {"sentences": wrong})
    assert (found, reading.bad_count) == ([], 1)


PHRASES = [{"parts": [{"text": "to "}, {"text": "Bonn", "parameterId": "city"}]}]


def test_phrases_of_dialogflow_cx_have_the_class_that_their_file_names(tmp_path: Path) -> None:
    (body,), reading = bodies(
        tmp_path / "a.json", {"displayName": "fly", "trainingPhrases": PHRASES}
    )
    assert (body["text"], covered(body), body["accept"]) == ("to Bonn", ["Bonn:city"], ["fly"])
    assert not reading.remarks
    (body,), reading = bodies(tmp_path / "en.json", {"trainingPhrases": PHRASES})
    assert "accept" not in body
    assert "named by its folder alone" in reading.remarks[0][1]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ({"metadata": {"url": "x"}, "instances": [{"start": 0, "end": 3}]}, "in another file"),
        ({"version": "1", "data": {"cells": [{"content": "x"}], "labels": []}}, "of Datasaur"),
    ],
)
def test_files_of_platforms_without_a_text_say_why(
    tmp_path: Path, row: dict[str, Any], what: str
) -> None:
    found, reading = bodies(tmp_path / "a.json", row)
    assert found == []
    assert what in reading.bad[0][1]


def test_stanzas_lists_are_refused_and_its_conllu_is_named(tmp_path: Path) -> None:
    word = {"id": 1, "text": "Ada", "upos": "PROPN", "start_char": 0, "ner": "S-PERSON"}
    with pytest.raises(SourceError, match="Stanza") as error:
        bodies(tmp_path / "a.json", [[word]])
    assert "CoNLL-U" in str(error.value)
    found, _, _ = read(
        tmp_path / "a.conllu",
        "# text = Ada\n1\tAda\tAda\tPROPN\t_\t_\t0\troot\t_\tstart_char=0|ner=S-PERSON\n",
    )
    assert found == [{"text": "Ada", "spans": ["Ada:PERSON"]}]
