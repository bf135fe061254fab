"""PubAnnotation, BioC, the files of the BioNLP shared tasks, and text with its marks in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tui_annotate.sources.base import BadRow, Row, told_of
from tui_annotate.sources.registry import open_source

pytestmark = pytest.mark.quick


def read(path: Path, text: str | bytes, loader: str | None = None) -> list[Row | BadRow]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return list(open_source(path, loader=loader).rows())


def good(rows: list[Row | BadRow]) -> list[dict[str, Any]]:
    assert [row for row in rows if isinstance(row, BadRow)] == []
    return [row.data for row in rows if isinstance(row, Row)]


def said(task: dict[str, Any]) -> list[tuple[str, str]]:
    text = task["text"]
    return [(text[each["start"] : each["end"]], each["label"]) for each in task["spans"]]


PUB = {
    "text": "left and right lung of Ada 👍",
    "sourcedb": "X",
    "sourceid": "7",
    "denotations": [
        {"id": "T1", "span": {"begin": 0, "end": 4}, "obj": "_FRAGMENT"},
        {"id": "T2", "span": {"begin": 15, "end": 19}, "obj": "LUNG"},
        {"id": "T3", "span": {"begin": 9, "end": 19}, "obj": "LUNG"},
        {"id": "T4", "span": {"begin": 23, "end": 26}, "obj": "PER"},
        {"id": "T5", "span": {"begin": 23, "end": 99}, "obj": "PER"},
        {"id": "T6", "span": [{"begin": 0, "end": 4}, {"begin": 9, "end": 14}], "obj": "SIDES"},
    ],
    "relations": [
        {"id": "R1", "pred": "_lexicallyChainedTo", "subj": "T2", "obj": "T1"},
        {"id": "R2", "pred": "partOf", "subj": "T3", "obj": "T4"},
        {"id": "R3", "pred": "partOf", "subj": "T3", "obj": "E9"},
    ],
    "attributes": [{"id": "A1", "subj": "T4", "pred": "sure", "obj": True}],
    "modifications": [{"id": "M1", "pred": "Negation", "obj": "T3"}],
}


def test_pubannotation(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    rows = read(path, json.dumps([PUB, {"text": "no", "denotations": [{"span": 1}]}, PUB]))
    assert "read as pubannotation (--loader json" in told_of(open_source(path))
    assert [type(row) for row in rows] == [Row, BadRow, Row]
    row = rows[0]
    assert isinstance(row, Row)
    task = row.data
    assert said(task) == [
        ("left and right lung", "LUNG"), ("left and right", "SIDES"), ("right lung", "LUNG"),
        ("Ada", "PER"),
    ]  # fmt: skip
    assert [each.get("pieces") for each in task["spans"]] == [
        [[0, 4], [15, 19]], [[0, 4], [9, 14]], None, None,
    ]  # fmt: skip
    assert [each.get("attributes") for each in task["spans"][2:]] == [
        {"Negation": True}, {"sure": True},
    ]  # fmt: skip
    assert [each["label"] for each in task["relations"]] == ["partOf"]
    assert any("from 23 to 99" in each for each in row.notices)
    assert "1 relation between other things than spans is left out" in row.notices
    assert task["meta"] == {"sourcedb": "X", "sourceid": "7"}


BIOC = """<?xml version='1.0' encoding='UTF-8'?>
<!DOCTYPE collection SYSTEM 'BioC.dtd'>
<collection><source>PubTator</source><date/><key>k</key>
<document><id>12</id>
<passage><infon key="type">title</infon><offset>0</offset><text>TP53 &amp; 👍</text>
<annotation id="0"><infon key="identifier">7157</infon><infon key="type">Gene</infon>
<location offset="0" length="4"/><text>TP53</text></annotation></passage>
<passage><offset>200</offset>
<sentence><offset>200</offset><text>Lung of Ada.</text>
<annotation id="1"><infon key="type">Organ</infon><location offset="200" length="4"/>
<text>Lung</text></annotation>
<annotation id="2"><infon key="type">Person</infon><location offset="208" length="3"/>
<text>Bob</text></annotation></sentence>
<sentence><offset>213</offset><text>TP53 too.</text>
<annotation id="3"><infon key="type">Gene</infon><location offset="213" length="4"/>
<text>TP53</text></annotation></sentence></passage>
<relation id="R1"><infon key="type">in</infon><node refid="0" role="a"/><node refid="1" role="b"/>
</relation>
<relation id="R2"><infon key="type">in</infon><node refid="0" role="a"/></relation>
</document>
<document><id>13</id><passage><offset>x</offset><text>bad</text></passage></document>
<document><id>14</id><passage><offset>0</offset><text>good</text></passage></document>
</collection>
"""


@pytest.mark.parametrize("kind", ["xml", "json", "jsonl"])
def test_bioc(tmp_path: Path, kind: str) -> None:
    from tui_annotate.sources.bioc import _document
    from tui_annotate.sources.xml_events import elements, events

    path = tmp_path / f"a.{kind}"
    xml = tmp_path / "in.xml"
    xml.write_text(BIOC)
    with xml.open("rb") as reader:
        documents = [_document(each) for each in elements(events(reader), "document", 1 << 20)]
    whole = {
        "xml": BIOC,
        "json": json.dumps({"source": "x", "documents": documents}),
        "jsonl": "".join(json.dumps(each) + "\n" for each in documents),
    }
    rows = read(path, whole[kind])
    assert "read as bioc" in told_of(open_source(path))
    assert [type(row) for row in rows] == [Row, BadRow, Row]
    row = rows[0]
    assert isinstance(row, Row)
    assert row.data["text"] == "TP53 & 👍\nLung of Ada. TP53 too."
    assert said(row.data) == [("TP53", "Gene"), ("Lung", "Organ"), ("TP53", "Gene")]
    assert row.data["spans"][0]["attributes"] == {"identifier": "7157"}
    assert [each["label"] for each in row.data["relations"]] == ["in"]
    assert any("'Bob'" in each for each in row.notices)
    assert "1 relation of other than two spans is left out" in row.notices


def test_a_session_goes_on_in_the_middle_of_a_parsed_file(tmp_path: Path) -> None:
    rows = read(tmp_path / "a.xml", BIOC)
    source = open_source(tmp_path / "a.xml")
    for number, row in enumerate(rows):
        assert list(source.rows(row.start)) == rows[number:]
        assert list(source.rows(row.end)) == rows[number + 1 :]
    assert rows[-1].end.offset == source.size()
    assert source.count() == 3


def test_bionlp_reads_both_files_of_a_text(tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text("Ada hit Bob.\n")
    (tmp_path / "d.a1").write_text("T1\tPER 0 3\tAda\nT2\tPER 8 11\tBob\n")
    (tmp_path / "d.a2").write_text(
        "T3\tHit 4 7\thit\nE1\tHit:T3 Agent:T1 Theme:T2\nM1\tNegation E1\n"
    )
    for source in (tmp_path, tmp_path / "d.a1", tmp_path / "d.a2"):
        (task,) = good(list(open_source(source).rows()))
        assert said(task) == [("Ada", "PER"), ("hit", "Hit"), ("Bob", "PER")]
        assert task["spans"][1]["attributes"] == {"Negation": True}
        assert sorted(each["label"] for each in task["relations"]) == ["Agent", "Theme"]


def test_inline_xml_by_lines(tmp_path: Path) -> None:
    rows = read(
        tmp_path / "a.xml", "<PER>Ada</PER> left <LOC>New <X>York</X></LOC> &amp; 👍\r\nAT&T\n"
    )
    assert [type(row) for row in rows] == [Row, BadRow]
    row = rows[0]
    assert isinstance(row, Row)
    assert row.data["text"] == "Ada left New York & 👍"
    assert said(row.data) == [("Ada", "PER"), ("New York", "LOC"), ("York", "X")]


def test_inline_xml_with_a_root(tmp_path: Path) -> None:
    text = (
        "<?xml version='1.0'?>\n<doc>\n <p> <ENAMEX TYPE='PERSON' id='1'>Ada</ENAMEX> left.</p>\n"
        " <p>She <b/>met <PER>Bo</PER></p>\n <p>  </p>\n tail <PER>Cy</PER>\n</doc>\n"
    )
    rows = read(tmp_path / "a.xml", text)
    tasks = good(rows)
    assert [task["text"] for task in tasks] == ["Ada left.", "She met Bo", "tail Cy"]
    assert [said(task) for task in tasks] == [[("Ada", "PERSON")], [("Bo", "PER")], [("Cy", "PER")]]
    assert tasks[0]["spans"][0]["attributes"] == {"id": "1"}
    assert rows[1].notices == ("1 mark that covers no text is left out",)  # type: ignore[union-attr]


LAUGHS = (
    '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><d><p>&b;</p></d>',
    '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d><p>&x;</p></d>',
    '<!DOCTYPE d SYSTEM "file:///etc/passwd"><d><p>&x;</p></d>',
    '<!DOCTYPE d [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><d><p>x</p></d>',
    "<d>" * 500 + "x" + "</d>" * 500,
    '<?xml version="1.0" encoding="UTF-7"?><d>+ADwAIQ-DOCTYPE</e></d>',
    "<d><p>x</p>",
    "\0<d/>",
)


@pytest.mark.parametrize("text", LAUGHS, ids=range(len(LAUGHS)))
@pytest.mark.parametrize("loader", ["inline-xml", "bioc"])
def test_xml_fetches_and_expands_nothing(tmp_path: Path, text: str, loader: str) -> None:
    rows = read(tmp_path / "a.xml", text.replace("<p>", "<document>"), loader)
    assert rows
    assert all(isinstance(row, BadRow) for row in rows)
    assert "root:" not in str(rows)


def test_xml_of_another_encoding(tmp_path: Path) -> None:
    text = "<?xml version='1.0' encoding='ISO-8859-1'?><doc><p><X>é</X> a</p></doc>"
    (task,) = good(read(tmp_path / "a.xml", text.encode("latin-1")))
    assert said(task) == [("é", "X")]
    wide = text.replace("ISO-8859-1", "UTF-16").encode("utf-16")
    assert good(read(tmp_path / "b.xml", wide)) == [task]


def test_spacy_tuples_and_ner_annotator_lose_no_row_for_a_bad_one(tmp_path: Path) -> None:
    pairs = [
        ["Ada 👍 left", {"entities": [[0, 3, "PER"], [2, 3, "X"]]}],
        ["bad", {"entities": [[0, "x", "PER"]]}],
        ["news", {"cats": {"A": 1.0, "B": 0}, "links": {}}],
        ["", {"entities": []}],
    ]
    shapes = {
        "a.json": json.dumps(pairs),
        "a.jsonl": "".join(json.dumps(each) + "\n" for each in pairs),
        "b.json": json.dumps({"classes": ["PER"], "annotations": [*pairs, None]}),
    }
    for name, text in shapes.items():
        rows = read(tmp_path / name, text)
        loader = "ner-annotator" if name == "b.json" else "spacy-tuples"
        assert f"read as {loader}" in told_of(open_source(tmp_path / name))
        assert [type(row) for row in rows] == [Row, BadRow, Row, BadRow]
        first, third = rows[0], rows[2]
        assert isinstance(first, Row)
        assert isinstance(third, Row)
        assert said(first.data) == [("Ada", "PER"), ("a", "X")]
        assert third.data["accept"] == ["A"]
        assert third.notices == ("links of the text is left out",)


def test_argilla(tmp_path: Path) -> None:
    new = {
        "id": "r1",
        "fields": {"text": "👍 Ada left"},
        "metadata": {"n": 1},
        "suggestions": {"span": {"value": [], "score": None, "agent": None}},
        "responses": {
            "spans": [
                {"value": [{"start": 2, "end": 5, "label": "PER"}], "user_id": "u1"},
                {"value": [], "user_id": "u2"},
            ],
            "mood": [{"value": "good", "user_id": "u1"}],
        },
        "vectors": {},
    }
    feedback = {
        "fields": {"prompt": "p q"},
        "responses": [
            {"user_id": "u1", "status": "submitted", "values": {"l": {"value": ["a", "b"]}}},
            {"user_id": "u2", "status": "discarded", "values": None},
        ],
    }
    suggested = {"fields": {"text": "x"}, "responses": {}, "suggestions": {"l": {"value": "a"}}}
    old = {
        "text": "Ada left", "tokens": ["Ada", "left"], "annotation": [["PER", 0, 3]],
        "annotation_agent": "anna", "prediction": None, "prediction_agent": None,
    }  # fmt: skip
    path = tmp_path / "a.json"
    rows = read(path, json.dumps([new, feedback, suggested, old]))
    assert "read as argilla" in told_of(open_source(path))
    tasks = good(rows)
    people = [task.get("_annotator_id") for task in tasks]
    assert people == ["u1", "u2", "u1", "u2", None, "anna"]
    assert said(tasks[0]) == [("Ada", "PER")]
    assert tasks[0]["accept"] == ["good"]
    assert tasks[1]["spans"] == []
    assert (tasks[2]["text"], tasks[2]["accept"]) == ("p q", ["a", "b"])
    assert (tasks[3]["text"], tasks[3]["answer"]) == ("p q", "ignore")
    assert said(tasks[5]) == [("Ada", "PER")]


def test_numbers_of_classes_get_the_names_beside_their_file(tmp_path: Path) -> None:
    row = json.dumps({"tokens": ["Ada", "left"], "ner_tags": [1, 0]}) + "\n"
    (bad,) = read(tmp_path / "a.jsonl", row)
    assert isinstance(bad, BadRow)
    tags = {"feature": {"names": ["O", "B-PER"], "_type": "ClassLabel"}, "_type": "Sequence"}
    info = {"features": {"ner_tags": tags}}
    for name, found in (("dataset_info.json", info), ("dataset_infos.json", {"default": info})):
        (tmp_path / name).write_text(json.dumps(found))
        (task,) = good(read(tmp_path / "a.jsonl", row))
        assert said(task) == [("Ada", "PER")]
        (tmp_path / name).write_text("{")
        assert isinstance(read(tmp_path / "a.jsonl", row)[0], BadRow)
        (tmp_path / name).unlink()
