"""Questions with options, and over several texts, in the forms of public data sets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sources.test_platforms import FILES as PLATFORMS
from tui_annotate.errors import TaskError
from tui_annotate.exchange.import_sources import (
    Options,
    RowReading,
    from_source,
    open_answers,
)
from tui_annotate.sources.base import Row, told_of
from tui_annotate.sources.entity_json import entity_tasks
from tui_annotate.sources.recognise import loader_of_rows
from tui_annotate.sources.registry import open_source
from tui_annotate.sources.text_field import UNANSWERED, Fields
from tui_annotate.stream.stream import get_stream

pytestmark = pytest.mark.quick

TWO = {"label": ["A", "B"], "text": ["a bank", "a river"]}
LIST = [{"label": name, "text": text} for name, text in zip(*TWO.values(), strict=True)]
Q = "Where is money?"

ROWS: dict[str, tuple[dict[str, Any], str]] = {
    "CommonsenseQA": (
        {"id": "1", "answerKey": "A",
         "question": {"question_concept": "money", "choices": LIST, "stem": Q}},
        f"{Q} | A=a bank B=a river | A"),
    "CommonsenseQA of Hugging Face": (
        {"id": "1", "question": Q, "question_concept": "money", "choices": TWO, "answerKey": "B"},
        f"{Q} | A=a bank B=a river | B"),
    "ARC with numbers": (
        {"id": "1", "question": Q, "choices": {"label": ["1", "2"], "text": TWO["text"]},
         "answerKey": "2"}, f"{Q} | 1=a bank 2=a river | 2"),
    "ARC with numbers and a letter": (
        {"id": "1", "question": Q, "choices": {"label": ["1", "2"], "text": TWO["text"]},
         "answerKey": "B"}, f"{Q} | 1=a bank 2=a river | 2"),
    "OpenBookQA": (
        {"question_stem": Q, "choices": TWO, "answerKey": "A"},
        f"{Q} | A=a bank B=a river | A"),
    "a test set": (
        {"id": "1", "question": Q, "choices": TWO, "answerKey": ""},
        f"{Q} | A=a bank B=a river |"),
    "COPA": (
        {"premise": "It rained.", "choice1": "We ran.", "choice2": "We sang.", "question": "effect",
         "label": 1, "idx": 0}, "It rained.//effect | 1=We ran. 2=We sang. | 2"),
    "WinoGrande": (
        {"sentence": "The _ fell.", "option1": "cup", "option2": "sky", "answer": "1"},
        "The _ fell. | 1=cup 2=sky | 1"),
    "PIQA": (
        {"goal": "Open it", "sol1": "push", "sol2": "pull", "label": 1},
        "Open it | 1=push 2=pull | 2"),
    "SIQA": (
        {"context": "Bo fell.", "question": "Why?", "answerA": "ice", "answerB": "joy",
         "answerC": "tea", "label": "1"}, "Bo fell.//Why? | A=ice B=joy C=tea | A"),
    "SIQA with a letter": (
        {"context": "Bo fell.", "question": "Why?", "answerA": "ice", "answerB": "joy",
         "answerC": "tea", "correct": "C"}, "Bo fell.//Why? | A=ice B=joy C=tea | C"),
    "SWAG": (
        {"sent1": "He sits.", "sent2": "He", "startphrase": "He sits. He", "ending0": "eats.",
         "ending1": "flies.", "label": 0}, "He sits.//He | A=eats. B=flies. | A"),
    "HellaSwag": (
        {"ind": 4, "ctx_a": "He", "ctx_b": "sits", "ctx": "He sits",
         "endings": ["eats.", "flies."], "label": "1", "activity_label": "Rest"},
        "He sits | A=eats. B=flies. | B"),
    "MMLU": (
        {"question": "2+2?", "choices": ["3", "4"], "answer": 1, "subject": "arithmetic"},
        "2+2? | A=3 B=4 | B"),
    "MMLU with the options' texts": (
        {"question": "2+2?", "choices": ["3", "4"], "answer": "4"}, "2+2? | A=3 B=4 | B"),
    "MedQA": (
        {"question": "2+2?", "answer": "4", "options": {"A": "3", "B": "4"}, "answer_idx": "B"},
        "2+2? | A=3 B=4 | B"),
    "ReClor": (
        {"context": "C.", "question": "Why?", "answers": ["x", "y"], "label": 1, "id_string": "t"},
        "C.//Why? | A=x B=y | B"),
    "one that is none of them": (
        {"question": "2+2?", "choices": ["3", "4"], "answer": "7"}, "2+2? | A=3 B=4 |"),
}  # fmt: skip


def leaves(value: Any) -> list[str]:
    """Return every text and number in a row."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return [leaf for each in inner for leaf in leaves(each)]
    return [str(value)]


def said(task: dict[str, Any]) -> str:
    options = [f"{each['id']}={each['text']}" for each in task["options"]]
    return " | ".join(
        [task["text"].replace("\n", "/"), " ".join(options), " ".join(task.get("accept", ()))]
    ).strip()


@pytest.mark.parametrize("name", ROWS)
def test_options_and_the_right_one(tmp_path: Path, name: str) -> None:
    row, expected = ROWS[name]
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(row) + "\n")
    (found,) = open_source(path).rows()
    assert isinstance(found, Row)
    assert said(found.data) == expected
    shown = json.dumps(found.data)
    # Nothing is dropped; of SWAG, the phrase is that of its two sentences.
    assert [each for each in leaves(row) if each not in shown] == (
        ["He sits. He"] if name == "SWAG" else []
    )
    reading = RowReading()
    answers = list(from_source(open_answers(path), Options(), reading))
    assert (len(answers), reading.bad_count) == ((0, 1) if expected.endswith("|") else (1, 0))
    assert bool(found.notices) is (name == "one that is none of them")


def test_a_field_without_a_name_beside_a_question_is_kept() -> None:
    row = {"question": "Where?", "choices": ["in", "out"], "answer": "in", "": "kept"}
    (task,) = entity_tasks(row, Fields(), [])
    assert isinstance(task, dict)
    assert task["meta"] == {"answer": "in", "": "kept"}


def test_code_of_a_recipe_gets_its_own_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(ROWS["MMLU"][0]) + "\n")
    (task,) = get_stream(path)
    assert task["choices"] == ["3", "4"]
    ours = {"text": "x", "options": [{"id": 1, "text": "a"}, {"id": 2, "text": "b"}]}
    path.write_text(json.dumps(ours) + "\n")
    (row,) = open_source(path).rows()
    assert isinstance(row, Row)
    assert row.data == ours


@pytest.mark.parametrize(
    "row",
    [
        {"text": "x", "options": ["a", "b"], "answer": "accept"},
        {"question": "Who?", "answers": ["Ada", "ada"], "answer": "Ada"},
        {"question": "Who?", "answer1": "Ada", "answer2": "Bo"},
        {"prompt": "x", "choices": [{"message": {"role": "user", "content": "y"}}]},
    ],
)
def test_what_only_looks_like_options_stays_what_it_is(tmp_path: Path, row: dict[str, Any]) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(row) + "\n")
    source = open_source(path)
    assert told_of(source) == ""
    made = [each.data.get("options", ()) for each in source.rows() if isinstance(each, Row)]
    assert not any(isinstance(option, dict) for options in made for option in options)


def test_an_article_of_race_has_a_task_for_each_question(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    row = {"article": "Ada left.", "id": "x", "questions": ["Who?", "Why?"],
           "options": [["Ada", "Bo"], ["hot", "cold"]], "answers": ["A", "B"]}  # fmt: skip
    path.write_text(json.dumps(row))
    found = [row.data for row in open_source(path).rows() if isinstance(row, Row)]
    assert [said(task) for task in found] == [
        "Ada left.//Who? | A=Ada B=Bo | A",
        "Ada left.//Why? | A=hot B=cold | B",
    ]


HOPS: dict[str, dict[str, Any]] = {
    "HotpotQA": {"context": [["Ada", ["Ada sang.", " She left."]], ["Bo", ["Bo met Ada."]]],
                 "supporting_facts": [["Ada", 1], ["Bo", 0]]},
    "of Hugging Face": {"context": {"title": ["Ada", "Bo"],
                                    "sentences": [["Ada sang.", " She left."], ["Bo met Ada."]]},
                        "supporting_facts": {"title": ["Ada", "Bo"], "sent_id": [1, 0]}},
}  # fmt: skip


@pytest.mark.parametrize("name", HOPS)
def test_questions_over_several_paragraphs(tmp_path: Path, name: str) -> None:
    row = {"_id": "5a", "question": "Who left?", "answer": "Ada", "level": "easy", **HOPS[name]}
    path = tmp_path / "a.json"
    path.write_text(json.dumps([row]))
    (found,) = open_source(path).rows()
    assert isinstance(found, Row)
    task = found.data
    assert task["text"] == "Ada\nAda sang. She left.\n\nBo\nBo met Ada."
    covered = [task["text"][span["start"] : span["end"]] for span in task["spans"]]
    assert covered == ["She left.", "Bo met Ada."]
    assert (task["input"], task["response"]) == ("Who left?", "Ada")
    assert task["meta"] == {"question": "Who left?", "_id": "5a", "level": "easy"}


def test_musique_drop_and_coqa(tmp_path: Path) -> None:
    musique = {"id": "m", "question": "Who?", "answer": "Ada", "answerable": True, "paragraphs": [
        {"idx": 0, "title": "T", "paragraph_text": "Ada left.", "is_supporting": True},
        {"idx": 1, "title": "U", "paragraph_text": "No.", "is_supporting": False}]}  # fmt: skip
    drop = {"nfl_1": {"passage": "Bo ran 3 yards.", "qa_pairs": [
        {"question": "How far?", "query_id": "q1", "answer": {"number": "3", "spans": []}},
        {"question": "Who?", "query_id": "q2", "answer": {"number": "", "spans": ["Bo"]}}]},
        "nfl_2": {"passage": "No.", "qa_pairs": [
            {"question": "When?", "query_id": "q3",
             "answer": {"date": {"day": "1", "month": "May", "year": ""}}}]}}  # fmt: skip
    coqa = {"version": "1.0", "data": [{"story": "Ada left Bonn.", "id": "s", "questions": [
        {"input_text": "Who?", "turn_id": 1}], "answers": [
            {"span_start": 0, "span_end": 3, "span_text": "Ada",
             "input_text": "Ada did"}]}]}  # fmt: skip
    found: list[tuple[Any, ...]] = []
    for content in (musique, drop, coqa):
        path = tmp_path / "a.json"
        path.write_text(json.dumps(content))
        for row in open_source(path).rows():
            assert isinstance(row, Row), row
            task = row.data
            spans = [task["text"][each["start"] : each["end"]] for each in task.get("spans", ())]
            found.append((task["text"], task["input"], task.get("response"), spans))
    assert found == [
        ("T\nAda left.\n\nU\nNo.", "Who?", "Ada", ["Ada left."]),
        ("Bo ran 3 yards.", "How far?", "3", []),
        ("Bo ran 3 yards.", "Who?", "Bo", []),
        ("No.", "When?", "1 May", []),
        ("Ada left Bonn.", "Who?", "Ada did", ["Ada"]),
    ]


TABLES: dict[str, tuple[str, list[str]]] = {
    "SWAG": (
        ",video-id,startphrase,sent1,sent2,ending0,ending1,ending2,label\n"
        "0,a,Bo sits. He,Bo sits.,He,eats.,flies.,sings.,0\n1,b,Ada. She,Ada.,She,runs.,is.,,1\n",
        ["Bo sits.//He | A=eats. B=flies. C=sings. | A", "Ada.//She | A=runs. B=is. | B"]),
    "MMLU": (
        '"What is it, then?",1,2,3,"4, or more",D\n'
        "Why is that so?,a,b,c,d,A\nWho is it?,a,b,c,d,B\n",
        ["What is it, then? | A=1 B=2 C=3 D=4, or more | D",
         "Why is that so? | A=a B=b C=c D=d | A",
         "Who is it? | A=a B=b C=c D=d | B"]),
    "with names": (
        "question,A,B,answer\nWhat is it?,1,0,B\nWhat is that?,1,0,A\n",
        ["What is it? | A=1 B=0 | B", "What is that? | A=1 B=0 | A"]),
    "WinoGrande": ("sentence,option1,option2,answer\nThe _ fell.,cup,sky,2\n",
                   ["The _ fell. | 1=cup 2=sky | 2"]),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_questions_in_a_csv(tmp_path: Path, name: str) -> None:
    content, expected = TABLES[name]
    path = tmp_path / "a.csv"
    path.write_text(content)
    source = open_source(path)
    assert told_of(source) == "its rows are questions with options"
    assert [said(row.data) for row in source.rows() if isinstance(row, Row)] == expected
    reading = RowReading()
    answers = list(from_source(open_answers(path), Options(), reading))
    assert (len(answers), reading.bad) == (len(expected), [])
    assert "options" not in next(iter(get_stream(path, input_keys=())))


def test_letters_behind_texts_are_classes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("".join(f"{n},u{n},x,y,This is a text,{'ABC'[n % 3]}\n" for n in range(12)))
    (first, *_) = open_source(path).rows()
    assert isinstance(first, Row)
    assert "options" not in first.data


def test_questions_in_a_table(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    race = [{"example_id": "a", "article": "Ada left.", "question": "Who?",
             "options": ["Ada", "Bo"], "answer": "A"}]  # fmt: skip
    ours = [{"text": "x", "options": [{"id": "1", "text": "a"}], "answer": "accept"}]
    for rows, options, accept in ((race, ["Ada", "Bo"], ["A"]), (ours, ["a"], None)):
        path = tmp_path / "a.parquet"
        parquet.write_table(pyarrow.Table.from_pylist(rows), path)
        (row,) = open_source(path).rows()
        assert isinstance(row, Row), row
        assert [each["text"] for each in row.data["options"]] == options
        assert row.data.get("accept") == accept


def changed(value: Any, odd: Any) -> Iterator[Any]:
    """Yield a value with one part of it, wherever it stands, in turn replaced by something odd."""
    yield odd
    if isinstance(value, dict):
        for key, each in value.items():
            yield from ({**value, key: part} for part in changed(each, odd))
            yield {name: part for name, part in value.items() if name != key}
    if isinstance(value, list):
        for at, each in enumerate(value):
            yield from ([*value[:at], part, *value[at + 1 :]] for part in changed(each, odd))


WHOLE = {name: row for name, (row, _) in (*ROWS.items(), *PLATFORMS.items())} | {
    name: {"question": "Who?", "answer": "Ada", **row} for name, row in HOPS.items()
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_value_of_another_kind_is_no_internal_error(name: str) -> None:
    for odd in (None, 5, "x", [], ["x"], [[1]], {}, {"x": [1]}, -1, True):
        for row in changed(WHOLE[name], odd):
            if isinstance(row, dict):
                loader_of_rows(json.dumps(row), Fields())
                for found in entity_tasks(row, Fields(), []):
                    assert isinstance(found, dict | TaskError)


def test_a_number_longer_than_python_reads_is_no_option() -> None:
    (task,) = entity_tasks(
        {"question": "Who?", "choices": ["Ada", "Bo"], "answer": "9" * 5000}, Fields(), []
    )
    assert isinstance(task, dict)
    assert task[UNANSWERED]


@pytest.mark.parametrize(
    ("numbers", "chosen"), [((3, 4), ["C", "D"]), ((0, 3), ["A", "D"]), ((1, 2), None)]
)
def test_the_right_option_of_medmcqa_counts_as_its_file_does(
    tmp_path: Path, numbers: tuple[int, int], chosen: list[str] | None
) -> None:
    rows = [
        {"question": f"Which {n}?", "opa": "1", "opb": "2", "opc": "3", "opd": "4", "cop": n}
        for n in numbers
    ]
    path = tmp_path / "dev.json"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    reading = RowReading()
    bodies = [json.loads(each.body) for each in from_source(open_answers(path), Options(), reading)]
    if chosen is None:
        assert bodies == []
        assert "from 0 or from 1" in reading.bad[0][1]
    else:
        assert [body["accept"] for body in bodies] == [[each] for each in chosen]
        assert [body["meta"]["cop"] for body in bodies] == [*numbers]
