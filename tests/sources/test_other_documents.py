"""Documents of other programs: brat's as JSON, MedTator's, MUC's, Rasa 3, tasks of Label Studio."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tui_annotate.exchange.import_sources import open_answers
from tui_annotate.sources.base import BadRow, Row, told_of
from tui_annotate.sources.registry import open_source

pytestmark = pytest.mark.quick


def read(path: Path, content: str) -> tuple[list[dict[str, Any]], list[str]]:
    path.write_text(content, encoding="utf-8")
    rows = list(open_source(path).rows())
    good = [row for row in rows if isinstance(row, Row)]
    assert len(good) == len(rows), rows
    return [row.data for row in good], [notice for row in good for notice in row.notices]


def covered(task: dict[str, Any]) -> list[tuple[str, str]]:
    return [(task["text"][s["start"] : s["end"]], s["label"]) for s in task["spans"]]


def related(task: dict[str, Any]) -> list[tuple[str, str, str]]:
    text = task["text"]
    return [
        (
            text[each["head_span"]["start"] : each["head_span"]["end"]],
            each["label"],
            text[each["child_span"]["start"] : each["child_span"]["end"]],
        )
        for each in task["relations"]
    ]


def test_a_document_of_brat_as_json(tmp_path: Path) -> None:
    document = {
        "text": "Ada left Bonn today.",
        "entities": [["T1", "PER", [[0, 3]]], ["T2", "LOC", [[9, 13]]],
                     ["T4", "WHEN", [[4, 8], [14, 19]]]],
        "triggers": [["T3", "Move", [[4, 8]]]],
        "events": [["E1", "T3", [["Agent", "T1"], ["From", "T2"]]]],
        "relations": [["R1", "In", [["a", "T1"], ["b", "T2"]]]],
        "attributes": [["A1", "Negated", "E1"], ["A2", "Certain", "T2", "high"]],
    }  # fmt: skip
    (task,), notices = read(tmp_path / "a.json", json.dumps(document))
    assert notices == []
    assert sorted(covered(task)) == [
        ("Ada", "PER"), ("Bonn", "LOC"), ("left", "Move"), ("left Bonn today", "WHEN"),
    ]  # fmt: skip
    assert related(task) == [
        ("left", "Agent", "Ada"), ("left", "From", "Bonn"), ("Ada", "In", "Bonn"),
    ]  # fmt: skip
    about = {span["label"]: span.get("attributes") for span in task["spans"]}
    assert about == {
        "PER": None, "LOC": {"Certain": "high"}, "Move": {"Negated": True}, "WHEN": None,
    }  # fmt: skip


def test_classes_and_links_of_medtator(tmp_path: Path) -> None:
    content = (
        '<?xml version="1.0"?>\n<V><TEXT><![CDATA[Mild pain, chills]]></TEXT>\n<TAGS>\n'
        '<ILL id="I0" spans="-1~-1" text="" comment=""/>\n'
        '<AE id="A0" spans="5~9" text="pain"/>\n<SVRT id="S0" spans="0~4" text="Mild"/>\n'
        '<LK id="L0" link_AEID="A0" link_AEText="pain" link_SVRTID="S0" link_SVRTText="Mild"/>\n'
        "</TAGS></V>"
    )
    (task,), notices = read(tmp_path / "a.xml", content)
    assert notices == []
    assert covered(task) == [("Mild", "SVRT"), ("pain", "AE")]
    assert (task["accept"], related(task)) == (["ILL"], [("pain", "LK", "Mild")])


def test_names_in_text_under_any_ending(tmp_path: Path) -> None:
    content = (
        '<DOC DOCNO="a">\n<ENAMEX TYPE="ORG">ABC</ENAMEX> said <TIMEX TYPE="DATE">today</TIMEX>\n'
        "that &amp; more\n</DOC>\n"
    )
    (task,), _ = read(tmp_path / "a.name", content)
    assert covered(task) == [("ABC", "ORG"), ("today", "DATE")]


def test_several_entities_at_one_place_of_rasa(tmp_path: Path) -> None:
    content = (
        'version: "3.1"\nnlu:\n- intent: go\n  examples: |\n'
        '    - to [NYC][{"entity": "city", "value": "New York"}, {"entity": "place"}] now\n'
        "    - to [NYC][{broken}] now\n"
    )
    (one, two), notices = read(tmp_path / "nlu.yml", content)
    assert (one["text"], covered(one)) == ("to NYC now", [("NYC", "city"), ("NYC", "place")])
    assert one["spans"][0]["attributes"] == {"value": "New York"}
    assert (two["text"], two["spans"]) == ("to [NYC][{broken}] now", [])
    assert notices == ["'[NYC][{broken}]' names no entity, so it stays text"]


def test_a_text_is_read_with_the_marks_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a.ann").write_text("T1\tPER 0 3\tAda\n", encoding="utf-8")
    (task,), _ = read(tmp_path / "a.txt", "Ada left.\nBo too.\n")
    assert (task["text"], covered(task)) == ("Ada left.\nBo too.\n", [("Ada", "PER")])
    told = told_of(open_source(tmp_path / "a.txt"))
    assert told == "read as brat with the marks beside it (--loader txt reads its lines)"
    assert len(list(open_source(tmp_path / "a.txt", loader="txt").rows())) == 2


def test_tasks_that_label_studio_imports_are_tasks_and_no_answers(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    found, _ = read(path, json.dumps([{"data": {"text": "Ada left."}}, {"data": {"text": "x"}}]))
    assert [task["text"] for task in found] == ["Ada left.", "x"]
    answers = list(open_answers(path).rows())
    assert [row.reason for row in answers if isinstance(row, BadRow)] == ["unanswered"] * 2
