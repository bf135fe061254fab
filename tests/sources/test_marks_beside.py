"""Marks that stand beside their text: XML of GATE, DDI, i2b2 and MAE, numbers of PARSEME."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tui_annotate.errors import SourceError
from tui_annotate.sources.base import BadRow, Row, told_of
from tui_annotate.sources.registry import open_source

pytestmark = pytest.mark.quick


def read(path: Path, text: str) -> list[dict[str, Any]]:
    path.write_text(text, encoding="utf-8")
    rows = list(open_source(path).rows())
    assert [row for row in rows if isinstance(row, BadRow)] == []
    return [row.data for row in rows if isinstance(row, Row)]


def said(task: dict[str, Any]) -> list[tuple[str, str]]:
    return [(task["text"][each["start"] : each["end"]], each["label"]) for each in task["spans"]]


@pytest.mark.parametrize("name", ["a.conllup", "a.cupt"])
def test_expressions_of_parseme(tmp_path: Path, name: str) -> None:
    rows = [("He", "*"), ("gave", "1:VPC.full;2:VID"), ("it", "*"), ("up", "1"), ("now", "2")]
    lines = [f"{at}\t{word}\t_\t{tag}" for at, (word, tag) in enumerate(rows, 1)]
    head = "# global.columns = ID FORM UPOS PARSEME:MWE\n"
    (task,) = read(tmp_path / name, head + "\n".join(lines) + "\n")
    found = {each["label"]: each for each in task["spans"]}
    assert found.keys() == {"VPC.full", "VID"}
    assert found["VPC.full"]["pieces"] == [[3, 7], [11, 13]]
    assert found["VID"]["pieces"] == [[3, 7], [14, 17]]


GATE = """<?xml version='1.0' encoding='UTF-8'?>
<GateDocument version="3"><GateDocumentFeatures><Feature><Name>a.SourceURL</Name><Value>x</Value>
</Feature></GateDocumentFeatures>
<TextWithNodes><Node id="0"/>👍 <Node id="3"/>Ada<Node id="6"/> left.</TextWithNodes>
<AnnotationSet><Annotation Id="1" Type="Token" StartNode="3" EndNode="6"/></AnnotationSet>
<AnnotationSet Name="Key"><Annotation Id="3" Type="Person" StartNode="3" EndNode="6"><Feature>
<Name>gender</Name><Value>f</Value></Feature></Annotation></AnnotationSet></GateDocument>"""
DRUGS = """<document id="d"><sentence id="s" text="Ada or Bo."><entity id="0" charOffset="0-2"
 type="drug" text="Ada"/><entity id="1" charOffset="7-8" type="drug" text="Bo"/>
<pair id="p" e1="0" e2="1" ddi="true" type="effect"/></sentence></document>"""
TAGS = """<deIdi2b2><TEXT><![CDATA[{0}Ada left.]]></TEXT><TAGS>
<NAME id="P0" {1} text="Ada" TYPE="DOCTOR"/></TAGS></deIdi2b2>"""
LONG = "word " * 4000


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        (GATE, [("Ada", "Person")]),
        (DRUGS, [("Ada", "drug"), ("Bo", "drug")]),
        (TAGS.format("", 'start="0" end="3"'), [("Ada", "NAME")]),
        (TAGS.format("", 'spans="0~3"'), [("Ada", "NAME")]),
        (TAGS.format(LONG, 'start="20000" end="20003"'), [("Ada", "NAME")]),
    ],
)
def test_xml_with_marks_beside_the_text(
    tmp_path: Path, text: str, spans: list[tuple[str, str]]
) -> None:
    (task,) = read(tmp_path / "a.xml", text)
    assert said(task) == spans
    assert told_of(open_source(tmp_path / "a.xml")).startswith("read as standoff-xml")
    assert ("relations" in task) == (text == DRUGS)


def test_features_of_gate_are_attributes(tmp_path: Path) -> None:
    (task,) = read(tmp_path / "b.xml", GATE)
    assert task["spans"][0]["attributes"] == {"gender": "f", "annotation_set": "Key"}


@pytest.mark.parametrize(
    "text",
    [
        '<tcf><text>Ada left.</text><namedEntities><entity class="PER" tokenIDs="t1"/>'
        "</namedEntities></tcf>",
        '<FoLiA><text><s><w id="w1"><t>Ada</t></w><entity class="per"><wref id="w1"/></entity></s>'
        "</text></FoLiA>",
    ],
)
def test_other_marks_beside_a_text_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.xml").write_text(f"<?xml version='1.0'?>\n{text}")
    with pytest.raises(SourceError, match="stand beside the text"):
        open_source(tmp_path / "a.xml")
    assert open_source(tmp_path / "a.xml", loader="inline-xml")
