"""Marks beside their text as eHOST, Anafora and i2b2 write them, in folders and alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sources.test_files_of_others import said
from tui_annotate.errors import SourceError
from tui_annotate.exchange.import_sources import Options, RowReading, from_source, open_answers
from tui_annotate.sources.base import told_of

pytestmark = pytest.mark.quick

NOTE = "No fever today.\nDiabetes of type 2 and a cough since Monday.\n"

KNOWTATOR = """<?xml version="1.0" encoding="UTF-8"?>
<annotations textSource="note.txt">
  <annotation><mention id="m1"/><annotator id="a">Ada</annotator><span start="3" end="8"/>
    <spannedText>fever</spannedText></annotation>
  <classMention id="m1"><hasSlotMention id="s1"/><hasSlotMention id="s2"/>
    <mentionClass id="Symptom">fever</mentionClass></classMention>
  <annotation><mention id="m2"/><annotator id="a">Ada</annotator><span start="16" end="24"/>
    <span start="28" end="34"/><spannedText>Diabetes ... type 2</spannedText></annotation>
  <classMention id="m2"><mentionClass id="Disease">Diabetes</mentionClass></classMention>
  <annotation><mention id="m3"/><span start="0" end="2"/></annotation>
  <stringSlotMention id="s1"><mentionSlot id="negation"/>
    <stringSlotMentionValue value="yes"/></stringSlotMention>
  <complexSlotMention id="s2"><mentionSlot id="with"/>
    <complexSlotMentionValue value="m2"/></complexSlotMention>
</annotations>
"""

ANAFORA = """<?xml version="1.0" encoding="UTF-8"?>
<data>
<info><savetime>1</savetime><progress>completed</progress></info>
<schema path="./">T.xml</schema>
<annotations>
<entity><id>1@e</id><span>16,24;28,34</span><type>EVENT</type><parentsType>T</parentsType>
  <properties><Degree>N/A</Degree><Since>2@e</Since></properties></entity>
<entity><id>2@e</id><span>53,59</span><type>TIMEX3</type><parentsType>T</parentsType>
  <properties></properties></entity>
<relation><id>1@r</id><type>TLINK</type><parentsType>R</parentsType>
  <properties><Source>1@e</Source><Type>BEGINS</Type><Target>2@e</Target></properties></relation>
</annotations>
</data>
"""

CONCEPTS = 'c="fever" 1:1 1:1||t="problem"\nc="type 2" 2:2 2:3||t="problem"\n'
ASSERTIONS = 'c="fever" 1:1 1:1||t="problem"||a="absent"\n'
RELATIONS = 'c="fever" 1:1 1:1||r="PIP"||c="type 2" 2:2 2:3\n'


def write(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8")


def read(path: Path) -> tuple[list[dict[str, Any]], RowReading, str]:
    reading = RowReading()
    source = open_answers(path)
    answers = from_source(source, Options(), reading)
    found = [json.loads(each.body) | {"annotator": each.annotator} for each in answers]
    return found, reading, told_of(source)


FILES = {
    "knowtator": (
        {"corpus/note.txt": NOTE, "saved/note.txt.knowtator.xml": KNOWTATOR},
        ["fever:Symptom", "Diabetes of type 2:Disease"],
        ["fever with Diabetes of type 2"],
        {"negation": "yes"},
        "Ada",
    ),
    "anafora": (
        {"note/note": NOTE, "note/note.Time.Bo.completed.xml": ANAFORA},
        ["Diabetes of type 2:EVENT", "Monday:TIMEX3"],
        ["Diabetes of type 2 Since Monday", "Diabetes of type 2 BEGINS Monday"],
        {"Degree": "N/A"},
        "Bo",
    ),
    "i2b2": (
        {"txt/n.txt": NOTE, "concept/n.con": CONCEPTS, "ast/n.ast": ASSERTIONS,
         "rel/n.rel": RELATIONS},
        ["fever:problem", "type 2:problem"],
        ["fever PIP type 2"],
        {"assertion": "absent"},
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FILES)
def test_a_folder_of_texts_and_marks_gives_each_text_once(tmp_path: Path, form: str) -> None:
    files, spans, relations, attributes, person = FILES[form]
    write(tmp_path, files)
    found, reading, _ = read(tmp_path)
    assert not reading.bad
    assert len(found) == 1
    assert said(found[0])["spans"] == spans
    assert said(found[0])["relations"] == relations
    assert found[0]["spans"][0]["attributes"] == attributes
    assert found[0]["annotator"] == person


@pytest.mark.parametrize("form", FILES)
def test_files_of_one_folder_are_read_whichever_is_named(tmp_path: Path, form: str) -> None:
    files, spans, *_ = FILES[form]
    flat = {Path(name).name: content for name, content in files.items()}
    write(tmp_path, flat)
    for name in flat:
        if name == "note" and form == "anafora":
            continue  # a text without an ending says nothing of its marks
        found, _, _ = read(tmp_path / name)
        assert said(found[0])["spans"] == spans, name
    assert len(read(tmp_path)[0]) == 1


def test_marks_without_a_class_and_concepts_that_lie_elsewhere_are_said(tmp_path: Path) -> None:
    write(tmp_path, {"note.txt": NOTE, "note.txt.knowtator.xml": KNOWTATOR})
    _, reading, _ = read(tmp_path / "note.txt")
    assert any("1 mention without a place or a class is left out" in each[1]
               for each in reading.remarks)  # fmt: skip
    write(tmp_path, {"n.txt": NOTE, "n.con": 'c="cough" 1:1 1:1||t="problem"\n'})
    found, reading, _ = read(tmp_path / "n.con")
    assert found[0]["spans"] == []
    assert any("'cough'" in each[1] and "'fever'" in each[1] for each in reading.remarks)


def test_marks_without_their_text_are_no_answers(tmp_path: Path) -> None:
    write(tmp_path, {"saved/note.txt.knowtator.xml": KNOWTATOR, "n.con": CONCEPTS})
    found, reading, _ = read(tmp_path)
    assert found == []
    assert len(reading.bad) == 2


def test_files_of_a_folder_that_no_loader_reads_are_said(tmp_path: Path) -> None:
    write(tmp_path, {"a.jsonl": '{"text": "Ada", "spans": []}\n', "a.pipe": "1|2|PER\n",
                     "README.md": "# data", "run.py": "print()", "b.pdf": "x"})  # fmt: skip
    assert "2 files that no loader reads are passed over (a.pipe, b.pdf)" in read(tmp_path)[2]
    (tmp_path / "a.jsonl").unlink()
    with pytest.raises(SourceError, match=r"without a file that a loader reads \(a.pipe, b.pdf\)"):
        read(tmp_path)


def test_files_without_a_known_ending_in_a_folder_are_read_by_their_rows(tmp_path: Path) -> None:
    write(tmp_path, {"eng.train": "Ada B-PER\nleft O\n", "eng.testa": "Bo B-PER\ncame O\n"})
    assert [said(each)["spans"] for each in read(tmp_path)[0]] == [["Bo:PER"], ["Ada:PER"]]


def test_what_is_told_of_a_folder_names_each_kind_of_file(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "tweet,label\nI love it,good\n",
                     "b.json": '[{"text": "Ada", "label": [[0, 3, "PER"]]}]'})  # fmt: skip
    told = read(tmp_path)[2]
    assert "a.csv: its column `tweet` is the text" in told
    assert "b.json: read as doccano" in told


def test_xml_that_holds_places_as_elements_is_no_text_with_marks(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(
        "<set><mark><id>1</id><span>12,18</span><kind>PER</kind></mark></set>", encoding="utf-8"
    )
    found, reading, _ = read(tmp_path / "a.xml")
    assert found == []
    assert "<span> holds '12,18', the place of a mark" in reading.bad[0][1]


def test_the_header_of_tei_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(
        "<?xml version='1.0'?><TEI><teiHeader><title>T</title><p>It.</p></teiHeader><text><body>"
        "<p><persName>Ada</persName> left.</p></body></text></TEI>", encoding="utf-8",
    )  # fmt: skip
    assert [said(each) for each in read(tmp_path / "a.xml")[0]] == [
        {"text": "Ada left.", "spans": ["Ada:persName"]}
    ]
