"""Tables of platforms on which many people answer: what was shown and what was said."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.sources.test_files_of_others import read
from tui_annotate.exchange.import_sources import Options, RowReading, from_source, open_answers
from tui_annotate.sources.text_field import Fields

pytestmark = pytest.mark.quick

TURK = (
    '"HITId","Title","WorkerId","Input.id","Input.text","Answer.sentiment"\n'
    '"H1","Which mood?","W1","1","I love it","positive"\n'
    '"H1","Which mood?","W2","1","I love it","neutral"\n'
)
ELEMENTS = (
    '"HITId","Title","WorkerId","Input.tweet","Answer.sentiment.label","Answer.note"\n'
    '"H1","Which mood?","W1","I love it","good","a note that somebody wrote about it, at length"\n'
)
BOXES = (
    '"Title","WorkerId","Input.text","Answer.good","Answer.bad"\n'
    '"Which mood?","W1","I love it","true","false"\n'
)
LISTS = (
    '"Title","WorkerId","Input.text","Answer.taskAnswers"\n'
    '"Which mood?","W1","I love it","[{""mood"":{""label"":""good""}}]"\n'
)
TOLOKA = (
    "INPUT:id\tINPUT:text\tGOLDEN:result\tOUTPUT:result\tASSIGNMENT:worker_id\n"
    "1\tI love it\t\tgood\tw1\n"
)


@pytest.mark.parametrize(
    ("name", "content", "accept", "told"),
    [
        ("a.csv", TURK, ["positive"], "`Answer.sentiment` is the class"),
        ("a.csv", ELEMENTS, ["good"], "`Answer.sentiment.label`"),
        ("a.csv", BOXES, ["Answer.good"], "`Answer.good`, `Answer.bad`"),
        ("a.csv", LISTS, None, "no class is taken from `Answer.taskAnswers`"),
        ("a.tsv", TOLOKA, ["good"], "`OUTPUT:result` is the class"),
    ],
)
def test_what_was_shown_is_the_text_and_what_was_said_the_class(
    tmp_path: Path, name: str, content: str, accept: list[str] | None, told: str
) -> None:
    found, _, said = read(tmp_path / name, content)
    assert found[0]["text"] == "I love it"
    assert found[0].get("accept") == accept
    assert told in said
    assert "says who answered" in said


def test_the_workers_of_such_a_table_are_people(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(TURK, encoding="utf-8")
    answers = from_source(open_answers(path), Options(), RowReading())
    assert [each.annotator for each in answers] == ["W1", "W2"]


def potato(number: int, **answers: dict[str, str]) -> dict[str, Any]:
    return {
        "id": str(number), "displayed_text": "Ada left Bonn.", "label_annotations": answers,
        "span_annotations": [{"schema": "ner", "name": "PER", "start": 0, "end": 3, "span": "Ada"}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("more", "accept"), [({}, ["good"]), ({"topic": {"travel": "true"}}, ["mood: good"])]
)
def test_potatos_answers_are_classes_and_spans(
    tmp_path: Path, more: dict[str, dict[str, str]], accept: list[str]
) -> None:
    rows = [potato(1, mood={"good": "true"}), potato(2, mood={"good": "true"}, **more)]
    found, reading, _ = read(tmp_path / "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert not reading.bad
    assert found[0] == {"text": "Ada left Bonn.", "spans": ["Ada:PER"], "accept": accept}


def test_potatos_tables_name_classes_without_their_question(tmp_path: Path) -> None:
    table = "user,instance_id,displayed_text,mood:::good,mood:::bad\nw1,1,I love it,1,\n"
    found, _, told = read(tmp_path / "a.csv", table)
    assert found == [{"text": "I love it", "accept": ["good"]}]
    assert "`displayed_text` is the text" in told


def test_texts_that_potato_names_by_id_alone_are_refused(tmp_path: Path) -> None:
    state = {"user_id": "a", "instance_id_to_label_to_value": {"r1": []}}
    found, reading, _ = read(tmp_path / "user_state.json", json.dumps(state))
    assert found == []
    assert "Potato" in reading.bad[0][1]


@pytest.mark.parametrize(("first", "second"), [("pos", "neg"), ("1", "0")])
@pytest.mark.parametrize(
    "names", [("ann1", "ann2"), ("rater 1", "rater 2"), ("label_coder_a", "label_coder_b")]
)
def test_columns_of_people_are_no_classes_and_it_says_how_each_is_read(
    tmp_path: Path, names: tuple[str, str], first: str, second: str
) -> None:
    path = tmp_path / "a.csv"
    content = f"text,{names[0]},{names[1]}\nI love it,{first},{second}\nI do not,{second},{first}\n"
    found, _, said = read(path, content)
    assert [each.get("accept") for each in found] == [None, None]
    assert "seem to hold the classes of a person each" in said
    option, column, by, person = shlex.split(said.partition("(`")[2].partition("`")[0])
    assert (option, column, by, person) == ("--label-field", names[0], "--as", names[0])
    source = open_answers(path, fields=Fields(label_fields=(column,), answered=True))
    answers = list(from_source(source, Options(annotator=person), RowReading()))
    assert [json.loads(each.body)["accept"] for each in answers] == [[first], [second]]
    assert {each.annotator for each in answers} == {person}
