"""Files in the shapes in which other programs and public data sets write them: what comes in.

Each row of the table is one small file. It is read as a source, and again as answers; what is said
about it is the text with its spans (`[Ada](PER)`), classes, relations and people.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tui_annotate.errors import SourceError
from tui_annotate.exchange.import_sources import Options, RowReading, from_source, open_answers
from tui_annotate.sources.base import Row, told_of
from tui_annotate.sources.registry import open_source

pytestmark = pytest.mark.quick


def lines(*rows: Any) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def said(task: dict[str, Any]) -> str:
    """Return what a task says, in one line."""
    text = task.get("text", "")
    spans = [f"[{text[s['start'] : s['end']]}]({s['label']})" for s in task.get("spans", ())]
    links = [
        f"{text[r['head_span']['start'] : r['head_span']['end']]} {r['label']}"
        f" {text[r['child_span']['start'] : r['child_span']['end']]}"
        for r in task.get("relations", ())
    ]
    classes = [f"={each}" for each in task.get("accept", ())]
    asked = [f"?{task['label']}"] if "label" in task else []
    typed = [f">{task['user_input']}"] if "user_input" in task else []
    who = [f"@{task['_annotator_id']}"] if "_annotator_id" in task else []
    shown = text.replace("\n", "/")
    return " ".join([f"{shown} |", *spans, *links, *classes, *asked, *typed, *who])


DOCCANO = {
    "v0 with numbers of classes": (
        "a.jsonl",
        lines(
            {"id": 1, "text": "Bad.", "annotations": [{"label": 2, "user": 7}], "meta": {},
             "annotation_approver": None},
            {"id": 2, "text": "So so.", "annotations": [], "meta": {}, "annotation_approver": None},
        ),
        ["Bad. | =2 @7", "So so. |"],
    ),
    "v0 with names beside them": (
        "a.jsonl",
        lines({"id": 1, "text": "Bad.", "annotations": [
            {"id": 1, "label": 1, "label_name": "neg", "user": 1, "user_name": "ada"}]}),
        ["Bad. | =neg @ada"],
    ),
    "v0 with target texts": (
        "a.jsonl",
        lines({"id": 1, "text": "Hello!", "annotations": [{"text": "Hallo", "user": 1}]}),
        ["Hello! | >Hallo @1"],
    ),
    "v1 with target texts": (
        "a.json",
        json.dumps([{"id": 1, "text": "Hello!", "label": ["Hallo, du!"], "Comments": []},
                    {"id": 2, "text": "Bye", "label": ["Auf Wiedersehen."], "Comments": []}]),
        ["Hello! | >Hallo, du!", "Bye | >Auf Wiedersehen."],
    ),
    "v1 without any label": (
        "a.jsonl", lines({"id": 1, "text": "Bad.", "label": []}), ["Bad. |"],
    ),
    "relations": (
        "a.jsonl",
        lines({"id": 1, "text": "Ada met Bo", "entities": [
            {"id": 4, "label": "P", "start_offset": 0, "end_offset": 3},
            {"id": 5, "label": "P", "start_offset": 8, "end_offset": 10}],
            "relations": [{"id": 0, "from_id": 4, "to_id": 5, "type": "met"}], "Comments": []}),
        ["Ada met Bo | [Ada](P) [Bo](P) Ada met Bo"],
    ),
    "v0's table": (
        "a.csv", "id,text,label,user\n1,Bad,2,ada\n", ["Bad | =2 @ada"],
    ),
    "a table of texts": (
        "a.csv", "id,data,label\n1,Hello,Guten Tag.\n2,Bye,Bis bald.\n",
        ["Hello | >Guten Tag.", "Bye | >Bis bald."],
    ),
}  # fmt: skip

COLUMNS = {
    "labels without positions": (
        "train.txt", "Paul\tperson-actor\nBerg\tperson-actor\nsang\tO\n\nIt\tO\nrained\tO\n",
        ["Paul Berg sang | [Paul Berg](person-actor)", "It rained |"],
    ),
    "characters of Chinese": (
        "a.train", "\u4e2d\tB-ORG\n\u5171\tI-ORG\n1\tO\n\n\u674e\tB-PER\n",
        ["\u4e2d\u51711 | [\u4e2d\u5171](ORG)", "\u674e | [\u674e](PER)"],
    ),
    "characters with their place in a word": (
        "a.dev", "\u79d10\tO\n\u62801\tO\n\u5f200\tB-PER.NAM\n\u4e091\tI-PER.NAM\n",
        ["\u79d1\u6280\u5f20\u4e09 | [\u5f20\u4e09](PER.NAM)"],
    ),
    "tokens with their language": (
        "en.test", "en:The\tO\nen:Beatles\tB-ORG\nen:sang\tO\n\nen:in\tO\nen:Bonn\tB-LOC\n",
        ["The Beatles sang | [Beatles](ORG)", "in Bonn | [Bonn](LOC)"],
    ),
    "CoNLL-2003": (
        "eng.testa", "-DOCSTART- -X- -X- O\n\nADA NNP B-NP B-PER\nLEFT VB O O\n",
        ["ADA LEFT | [ADA](PER)"],
    ),
}  # fmt: skip

SHAPES = {
    f"{family}: {name}": row
    for family, table in {"doccano": DOCCANO, "columns": COLUMNS}.items()
    for name, row in table.items()
}


@pytest.mark.parametrize("name", SHAPES)
def test_what_stands_in_the_file_comes_in(tmp_path: Path, name: str) -> None:
    file, content, expected = SHAPES[name]
    path = tmp_path / file
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    rows = list(open_source(path).rows())
    assert [said(row.data) if isinstance(row, Row) else row.detail for row in rows] == expected
    reading = RowReading()
    arrivals = list(from_source(open_answers(path), Options(), reading))
    assert [said(json.loads(each.body) | each.tail) for each in arrivals] == expected
    assert reading.bad == []


@pytest.mark.parametrize(
    ("content", "accepted"),
    [
        ("text,label\nBad,neg\n", ["neg"]),
        ("label,text\n1,Bad\n", ["1"]),
        ("id,text,author,Sentiment\n1,Bad,bo,neg\n", ["neg"]),
    ],
)
def test_a_column_of_classes_is_an_answer(
    tmp_path: Path, content: str, accepted: list[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    (found,) = from_source(open_answers(path), Options(), RowReading())
    body = json.loads(found.body)
    assert (body["text"], body["accept"], found.decision) == ("Bad", accepted, "accept")


def test_an_ending_that_is_not_known_is_said_and_prose_refused(tmp_path: Path) -> None:
    path = tmp_path / "eng.testb"
    path.write_text("Ada B-PER\nleft O\n")
    assert told_of(open_source(path)).startswith("read as conll2003 by its first rows")
    path = tmp_path / "a.json5"
    path.write_text('{"text": "Ada left."}\n{"text": "Bo came."}\n')
    assert told_of(open_source(path)).startswith("read as jsonl by its first rows")
    path = tmp_path / "notes.md"
    path.write_text("Ada left. Bo came.\nAnd then?\n")
    with pytest.raises(SourceError, match="no loader for files ending in"):
        open_source(path)
