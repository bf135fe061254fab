"""Texts whose marks follow them: PubTator, SemEval's relations, and XML that names places."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tui_annotate.sources.base import BadRow, Row, told_of
from tui_annotate.sources.registry import open_source
from tui_annotate.task.foreign_spans import fit_spans

pytestmark = pytest.mark.quick

PUBTATOR = (
    "7|t|Ada in Bonn\n7|a|Ada sings.\n7\t0\t3\tAda\tPER\tQ1\n7\t7\t11\tBonn\tCITY\n"
    "7\t12\t15\tAda\tPER\tQ1\n7\tCID\tQ1\tQ2\n\n8|t|None\n8|a|\n"
)
SEMEVAL = (
    '1\t"The <e1>firm</e1> makes <e2>chairs</e2>."\nProduct-Producer(e2,e1)\nComment: so\n\n'
    '2\t"An <e1>a</e1> and a <e2>b</e2>."\nOther\nComment:\n'
)
ABSA = """<?xml version="1.0"?>
<sentences><sentence id="1"><text>The menu &amp; the staff.</text><aspectTerms>
<aspectTerm term="menu" polarity="positive" from="4" to="8"/>
<aspectTerm term="staff" polarity="negative" from="15" to="20"/>
<aspectTerm term="cook" polarity="negative" from="15" to="20"/></aspectTerms>
<aspectCategories><aspectCategory category="food" polarity="neutral"/></aspectCategories></sentence>
<sentence id="2"><text>So so.</text><Opinions>
<Opinion target="So" category="FOOD" polarity="neutral" from="0" to="2"/>
<Opinion target="NULL" category="FOOD" from="0" to="0"/></Opinions></sentence></sentences>
"""


def rows(path: Path, text: str) -> tuple[str, list[Row | BadRow]]:
    path.write_text(text, encoding="utf-8")
    source = open_source(path)
    return told_of(source), list(source.rows())


def marked(row: Row | BadRow) -> list[tuple[str, str]]:
    assert isinstance(row, Row), row
    text: str = row.data["text"]
    spans: list[dict[str, Any]] = row.data["spans"]
    return [(text[each["start"] : each["end"]], each["label"]) for each in spans]


@pytest.mark.parametrize("name", ["a.txt", "a.pubtator"])
def test_pubtator(tmp_path: Path, name: str) -> None:
    told, (one, two) = rows(tmp_path / name, PUBTATOR)
    assert ("pubtator" in told) is (name == "a.txt")
    assert marked(one) == [("Ada", "PER"), ("Bonn", "CITY"), ("Ada", "PER")]
    assert isinstance(one, Row) and one.data["spans"][0]["attributes"] == {"identifier": "Q1"}
    assert one.notices == ("1 relation between other things than spans is left out",)
    assert marked(two) == []


def test_semeval_relations(tmp_path: Path) -> None:
    told, (one, two) = rows(tmp_path / "a.txt", SEMEVAL)
    assert "semeval-relations" in told
    assert marked(one) == [("firm", "e1"), ("chairs", "e2")]
    assert isinstance(one, Row) and isinstance(two, Row)
    (link,) = one.data["relations"]
    assert (link["head_span"]["label"], link["child_span"]["label"]) == ("e2", "e1")
    assert link["label"] == "Product-Producer"
    assert one.data["meta"] == {"id": "1", "comment": "so"}
    assert "relations" not in two.data and marked(two) == [("a", "e1"), ("b", "e2")]


def test_elements_that_name_a_place_and_its_text(tmp_path: Path) -> None:
    _, (one, two) = rows(tmp_path / "a.xml", ABSA)
    assert marked(one) == [("menu", "aspectTerm"), ("staff", "aspectTerm")]
    assert isinstance(one, Row) and one.data["spans"][1]["attributes"] == {"polarity": "negative"}
    assert any("cook" in each for each in one.notices), "another text stands there"
    assert any("covers no text" in each for each in one.notices), "the class of the whole"
    assert marked(two) == [("So", "FOOD")]


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><source_file><document><extent><charseq START="4" END="9">Ada'
        "</charseq></extent></document></source_file>",
        '<?xml version="1.0"?><NAF><raw>Ada</raw><text><wf id="w1">Ada</wf></text></NAF>',
        '<doc><text>Ada left</text><mark start="0" end="3" type="PER"/></doc>',
    ],
)
def test_marks_that_cannot_be_placed_are_refused(tmp_path: Path, text: str) -> None:
    _, (bad, *more) = rows(tmp_path / "a.xml", text)
    assert not more
    assert isinstance(bad, BadRow)
    assert "place" in bad.detail or "beside the text" in bad.detail


@pytest.mark.parametrize("start", [-8, -1, -(10**12)])
def test_a_negative_start_covers_nothing(start: int) -> None:
    task = {"text": "Ada left", "spans": [{"start": start, "end": 3, "label": "A", "text": "Ada"}]}
    notices: list[str] = []
    fit_spans(task, notices)
    assert task["spans"] == [] and len(notices) == 1


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        ("<set><doc><docid>1</docid><p>a</p></doc><doc><p>b</p></doc></set>", ["1", None]),
        (
            "<set><article><articleinfo><pmid>1</pmid></articleinfo><p>a</p><p>b</p></article>"
            "<article><p>c</p></article></set>",
            ["1", "1", None],
        ),
        (
            "<set><doc><meta><docno>1</docno></meta><p>a</p></doc><doc><docno/><p>b</p></doc>"
            "<p>c</p></set>",
            ["1", None, None],
        ),
        ("<set><docid>1</docid><p>a</p><docid>2</docid><p>b</p></set>", ["1", "2"]),
        (
            "<doc><docid>1</docid><doc><docid>2</docid><p>a</p></doc><p>b</p></doc>",
            ["2", "1"],
        ),
    ],
)
def test_a_document_has_no_name_of_another(
    tmp_path: Path, content: str, ids: list[str | None]
) -> None:
    _, found = rows(tmp_path / "a.xml", f"<?xml version='1.0'?>{content}")
    assert [row.data.get("meta", {}).get("id") for row in found if isinstance(row, Row)] == ids
