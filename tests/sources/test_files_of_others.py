"""Small files in the forms in which other programs and data sets have them, read as answers.

Each is read for what it is: text, what each span covers with its label, relations and classes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tui_annotate.errors import SourceError
from tui_annotate.exchange.import_sources import (
    Options,
    RowReading,
    from_source,
    open_answers,
)
from tui_annotate.sources.base import told_of
from tui_annotate.sources.registry import open_source
from tui_annotate.sources.text_field import Fields

pytestmark = pytest.mark.quick

ADA = "Ada met Bo in Bonn."
NAMES = ["Ada:PER", "Bo:PER", "Bonn:LOC"]
TRIPLES = [[0, 3, "PER"], [8, 10, "PER"], [14, 18, "LOC"]]
PYTHON = '("Ada met Bo in Bonn.", {"entities": [(0, 3, "PER"), (8, 10, "PER"), (14, 18, "LOC")]})'
ENTITIES = [{"start": 0, "end": 3}, {"start": 8, "end": 10}]


def said(body: dict[str, Any]) -> dict[str, Any]:
    """Return what an answer says, in a form that can be read."""
    text = body["text"]
    found: dict[str, Any] = {"text": text}
    if body.get("spans"):
        found["spans"] = [f"{text[s['start'] : s['end']]}:{s['label']}" for s in body["spans"]]
    if body.get("relations"):
        ends = [(r["head_span"], r["label"], r["child_span"]) for r in body["relations"]]
        found["relations"] = [
            f"{text[h['start'] : h['end']]} {label} {text[c['start'] : c['end']]}"
            for h, label, c in ends
        ]
    return found | {key: body[key] for key in ("accept",) if key in body}


def read(path: Path, content: str) -> tuple[list[dict[str, Any]], RowReading, str]:
    """Return what the answers of a file say, how it was read, and what is told of it."""
    path.write_text(content, encoding="utf-8")
    reading = RowReading()
    source = open_answers(path)
    found = [said(json.loads(each.body)) for each in from_source(source, Options(), reading)]
    return found, reading, told_of(source)


def lines(*rows: Any) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def classes(*pairs: tuple[str, list[str]]) -> list[dict[str, Any]]:
    return [{"text": text, "accept": chosen} for text, chosen in pairs]


ONE: list[dict[str, Any]] = [{"text": ADA, "spans": NAMES}]
TWO: list[dict[str, Any]] = [*ONE, {"text": "none"}]
UNNAMED: list[dict[str, Any]] = [{"text": ADA, "spans": ["Ada:ENTITY", "Bo:ENTITY"]}]
FILES: dict[str, tuple[str, str, list[dict[str, Any]]]] = {
    "pairs of Python, one a line": ("a.txt", f"{PYTHON},\n('none', {{'entities': []}})\n", TWO),
    "pairs in an assignment": (
        "a.txt", f"# made by hand\nTRAIN_DATA = \\\n[\n  {PYTHON}, # Ada\n]\n", ONE),
    "pairs in a program": (
        "a.py", f"import spacy\nLABELS = ['PER']\nTRAIN = [{PYTHON}]\ndef f(): pass\n", ONE),
    "pairs that Python printed": ("a.txt", f"[{PYTHON}, ('none', {{'entities': []}})]", TWO),
    "pairs of JSON in a txt": ("a.txt", json.dumps([[ADA, {"entities": TRIPLES}]]), ONE),
    "pairs without a name": ("a.json", json.dumps([[ADA, TRIPLES], ["none", []]]), TWO),
    "pairs in parts": (
        "a.json", json.dumps({"train": [[ADA, {"entities": TRIPLES}]],
                              "dev": [["none", {"entities": []}]]}), TWO),
    "rows in a list of an object": (
        "a.json", json.dumps({"version": 1, "data": [{"text": ADA, "entities": TRIPLES},
                                                      {"text": "none", "entities": []}]}), TWO),
    "rows in the parts of an object": (
        "a.json", json.dumps({"train": [{"text": ADA, "entities": TRIPLES}],
                              "test": [{"text": "none", "entities": []}]}), TWO),
    "rows under a name each": (
        "a.json", json.dumps({"d1": {"text": ADA, "entities": TRIPLES},
                              "d2": {"text": "none", "entities": []}}), TWO),
    "rows in an object, on one line": (
        "a.jsonl", lines({"documents": [{"text": ADA, "entities": TRIPLES}]}), ONE),
    "lines of objects in a txt": ("a.txt", lines({"text": ADA, "entities": TRIPLES}), ONE),
    "places without labels": (
        "a.jsonl", lines({"text": ADA, "entities": [[0, 3], [8, 10]]}), UNNAMED),
    "objects without labels": ("a.jsonl", lines({"text": ADA, "entities": ENTITIES}), UNNAMED),
    "words without labels": ("a.jsonl", lines({"text": ADA, "entities": ["Ada", "Bo"]}), UNNAMED),
    "spans that are pairs": ("a.jsonl", lines({"text": ADA, "spans": [[0, 3], [8, 10]]}), UNNAMED),
    "places as texts": (
        "a.json", json.dumps([{"text": ADA, "entities": [["0", "3", "PER"]]}]),
        [{"text": ADA, "spans": ["Ada:PER"]}]),
    "labels before places": (
        "a.json", json.dumps([{"text": ADA, "entities": [["PER", 0, 3]]}]),
        [{"text": ADA, "spans": ["Ada:PER"]}]),
    "words behind places": (
        "a.json", json.dumps([{"text": ADA, "entities": [
            [0, 3, "Ada", "PER"], [8, 10, "PER", "Bo"]]}]),
        [{"text": ADA, "spans": ["Ada:PER", "Bo:PER"]}]),
    "ends of last characters": (
        "a.json", json.dumps([{"text": ADA, "entities": [
            {"text": "Bonn", "type": "LOC", "start": 14, "end": 17}]}]),
        [{"text": ADA, "spans": ["Bonn:LOC"]}]),
    "what is covered is called entity": (
        "a.json", json.dumps([{"text": ADA, "entities": [
            {"start_index": 0, "end_index": 3, "entity": "Ada", "tag": "PER"}]}]),
        [{"text": ADA, "spans": ["Ada:PER"]}]),
    "an end that is called stop": (
        "a.json", json.dumps([{"text": ADA, "entities": [
            {"label": "PER", "start": 0, "stop": 3}]}]),
        [{"text": ADA, "spans": ["Ada:PER"]}]),
    "questions on a passage with yes and no": (
        "a.jsonl", lines({"question": "is it", "title": "T", "answer": True, "passage": "So."},
                         {"question": "was it", "title": "T", "answer": False, "passage": "No."}),
        classes(("is it\nSo.", ["True"]), ("was it\nNo.", ["False"]))),
    "entities within an annotation": (
        "a.json", json.dumps({"interface": {"type": "text_entity_recognition"}, "samples": [
            {"document": ADA, "annotation": {"entities": [
                {"text": "Ada", "label": "PER", "start": 0, "end": 3}]}}]}),
        [{"text": ADA, "spans": ["Ada:PER"]}]),
    "a column for each class": (
        "a.csv", "id,comment_text,toxic,insult\n1,\"You\nfool\",1,1\n2,Nice,0,0\n3,Foul,1,0\n",
        classes(("You\nfool", ["toxic", "insult"]), ("Nice", []), ("Foul", ["toxic"]))),
    "classes beside ids and doubts": (
        "a.csv", "text,id,rater_id,very_unclear,joy,anger\nHm,a,1,False,0,1\nOh,b,0,True,1,0\n",
        classes(("Hm", ["anger"]), ("Oh", ["joy"]))),
    "cells that say nothing": (
        "a.csv", "text,votes,a,b\nx,1,1,\ny,0,,\nz,1,0,1\n",
        [*classes(("x", ["a"])), {"text": "y"}, *classes(("z", ["b"]))]),
    "true and false": (
        "a.csv", "text,sports,politics\na,True,False\nb,False,True\n",
        classes(("a", ["sports"]), ("b", ["politics"]))),
    "columns of classes in a txt": (
        "a.txt", "ID\tTweet\tanger\tjoy\n2017-En-1\tWorry is bad\t1\t0\n2017-En-2\tFine\t0\t1\n",
        classes(("Worry is bad", ["anger"]), ("Fine", ["joy"]))),
    "a column that is the class by its name": (
        "a.csv", "tweet_id,airline_sentiment,airline_sentiment_confidence,text\n5,bad,0.9,late\n",
        classes(("late", ["bad"]))),
    "a text by its usual name": (
        "a.tsv", "sentence\tlabel\nno wit\t0\nmuch wit\t1\n",
        classes(("no wit", ["0"]), ("much wit", ["1"]))),
    "an id, a class and a text": (
        "a.txt", "264183816548130816\tbad\tGas by my house\n"
        "263405084770172928\tgood\tIt is still so\n"
        "26340508477017292\tbad\tNope, it is not\n",
        classes(("Gas by my house", ["bad"]), ("It is still so", ["good"]),
                ("Nope, it is not", ["bad"]))),
    "a moment is no text": (
        "a.csv", '"0","14678","Mon Apr 06 22:19:45 PDT 2009","Awww no"\n'
        '"4","14679","Mon Apr 06 22:19:49 PDT 2009","is upset that"\n'
        '"0","14680","Mon Apr 06 22:19:53 PDT 2009","I dived many times"\n',
        classes(("Awww no", ["0"]), ("is upset that", ["4"]), ("I dived many times", ["0"]))),
    "numbers of classes": (
        "a.jsonl", lines({"text": "a", "label": 1}, {"text": "b", "labels": [2, 3]}),
        classes(("a", ["1"]), ("b", ["2", "3"]))),
    "a truth value as class": (
        "a.jsonl", lines({"text": "a", "label": True}, {"text": "b", "label": False}),
        classes(("a", ["True"]), ("b", ["False"]))),
    "a question and what it is about": (
        "a.tsv", "index\tquestion\tsentence\tlabel\n0\tWho ?\tAda .\tentailment\n",
        classes(("Who ?\nAda .", ["entailment"]))),
    "a question and a passage": (
        "a.jsonl", lines({"question": "is it", "passage": "It is.", "idx": 0, "label": True}),
        classes(("is it\nIt is.", ["True"]))),
    "texts with the names of their classes, in parts": (
        "a.json", json.dumps({"train": [["how do I say it", "translate"], ["hi", "greet"]],
                              "oos": [["so be it", "oos"]]}),
        classes(("how do I say it", ["translate"]), ("hi", ["greet"]), ("so be it", ["oos"]))),
    "records of Argilla in an object": (
        "a.json", json.dumps({"records": [
            {"id": "1", "fields": {"text": ADA}, "suggestions": {},
             "responses": {"label": [{"value": "good", "user_id": "u"}]}}]}),
        classes((ADA, ["good"]))),
    "numbers of classes beside their names": (
        "a.jsonl", lines({"text": "a", "label": 1, "label_text": "good"}),
        classes(("a", ["good"]))),
    "classes under other names": (
        "a.jsonl", lines({"text": "a", "intent": "book"}, {"text": "b", "sentiment": "bad"}),
        classes(("a", ["book"]), ("b", ["bad"]))),
    "several classes in one cell": (
        "a.csv", "name,text,labels\na,News,Politics;Technology\nb,x,Sport\n",
        classes(("News", ["Politics", "Technology"]), ("x", ["Sport"]))),
    "documents among annotations": (
        "a.json", json.dumps({"project": {"id": 1}, "annotations": [
            {"text": ADA, "entities": [{"text": "Ada", "label": "PER", "start": 0, "end": 3}]}]}),
        [{"text": ADA, "spans": ["Ada:PER"]}]),
    "doccano's objects over several lines": (
        "a.jsonl", json.dumps({"text": ADA, "label": TRIPLES}, indent=1), ONE),
    "tags within tags": (
        "a.conll", "The\tO\nBank\tB-ORG\nof\tI-ORG\nEngland\tL-ORG|U-GPE\n.\tO\n\n",
        [{"text": "The Bank of England .", "spans": ["Bank of England:ORG", "England:GPE"]}]),
    "tags of WebAnno TSV 1": (
        "a.tsv", "#id=1\n#text=Rolls-Royce Motor said\n"
        "1\tRolls-Royce\t_\tNNP\tB_ORGpart|B_ORG\t3\tN\n"
        "2\tMotor\t_\tNNP\tI_ORGpart\t3\tN\n3\tsaid\t_\tVBD\tO\t0\tROOT\n\n",
        [{"text": "Rolls-Royce Motor said",
          "spans": ["Rolls-Royce Motor:ORGpart", "Rolls-Royce:ORG"]}]),
    "layers of WebAnno TSV 2": (
        "a.tsv", " # de.x.NamedEntity | value\n#id=1\n#text=Ada met Bo Lee\n1-1\tAda\tB-PER\t\n"
        "1-2\tmet\tO\t\n1-3\tBo\tB-PER\t\n1-4\tLee\tI-PER\t\n\n",
        [{"text": "Ada met Bo Lee", "spans": ["Ada:PER", "Bo Lee:PER"]}]),
    "a bar within a label": (
        "a.conll", "Bonn\tB-LOC|GPE\nis\tO\n\n", [{"text": "Bonn is", "spans": ["Bonn:LOC|GPE"]}]),
    "CoNLL-2012 in a txt": (
        "a.txt", "#begin document (x); part 000\n"
        "x 0 0 In IN (TOP(S(PP* - - - Speaker#1 * * -\n"
        "x 0 1 Asia NNP (NP*) - - - Speaker#1 (GPE) * (1)\n\n#end document\n",
        [{"text": "In Asia", "spans": ["Asia:GPE"]}]),
    "labels that are numbers": (
        "a.user1", "-DOCSTART- -X- -X- O\n\nSOCCER _ _ O\nJAPAN _ _ B-12\n\n",
        [{"text": "SOCCER JAPAN", "spans": ["JAPAN:12"]}]),
    "a sentence a line in an iob": (
        "a.iob", "I|PRP|O like|VBP|O New|NNP|B-GPE York|NNP|I-GPE .|.|O\n",
        [{"text": "I like New York .", "spans": ["New York:GPE"]}]),
    "relations in a comment": (
        "a.conllu", "# text = Ada Lee founded Ax.\n# relations = 4;4;1;2;founded_by\n"
        "1\tAda\tPROPN\tB-PER\t_\n2\tLee\tPROPN\tI-PER\t_\n3\tfounded\tVERB\tO\t_\n"
        "4\tAx\tPROPN\tB-ORG\tSpaceAfter=No\n5\t.\tPUNCT\tO\t_\n\n",
        [{"text": "Ada Lee founded Ax.", "spans": ["Ada Lee:PER", "Ax:ORG"],
          "relations": ["Ax founded_by Ada Lee"]}]),
    "words that are called entity, beside a type": (
        "a.json", json.dumps([{"text": "房室结消融", "entities": [
            {"start_idx": 0, "end_idx": 2, "type": "pro", "entity": "房室结"}]}]),
        [{"text": "房室结消融", "spans": ["房室结:pro"]}]),
    "classes of several people in LightTag": (
        "a.json", json.dumps({"examples": [{"content": ADA, "annotations": [
            {"start": 0, "end": 3, "tag": "PER", "annotated_by": [{"annotator": "x"}]}],
            "classifications": [{"classname": "good"},
                                {"classname": "long", "annotated_by": [{"annotator": "y"}]}]}]}),
        [{"text": ADA, "accept": ["long", "good"]},
         {"text": ADA, "spans": ["Ada:PER"], "accept": ["good"]}]),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_program_is_read_for_what_it_is(tmp_path: Path, name: str) -> None:
    file, content, wanted = FILES[name]
    found, reading, _ = read(tmp_path / file, content)
    assert (found, reading.bad) == (wanted, [])


def test_rows_in_an_object_are_read_on_from_each_place(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for content in (
        {
            "train": [{"text": "a"}, {"text": "b"}],
            "note": [1, {"text": "no"}],
            "dev": [{"text": "c"}],
        },
        {"x": {"text": "a"}, "y": {"text": "b"}, "z": {"text": "c"}},
    ):
        path.write_text(json.dumps(content))
        source = open_answers(path)
        rows = list(source.rows())
        assert [row.data["text"] for row in rows] == ["a", "b", "c"]  # type: ignore[union-attr]
        for number, row in enumerate(rows, 1):
            assert list(source.rows(row.end)) == rows[number:]
        assert list(source.rows(rows[1].start)) == rows[1:]


def test_what_stands_beside_the_rows_is_said_to_be_left_out(tmp_path: Path) -> None:
    content = json.dumps({"version": 1, "documents": [{"text": "a"}]})
    _, _, told = read(tmp_path / "a.json", content)
    assert told == "its rows are those of `documents`; `version` beside them is left out"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            {"version": 1, "data": [{"text": ADA, "label": TRIPLES}]},
            "`version` beside them is left",
        ),
        ({"a": {"text": ADA, "label": TRIPLES}, "b": {"text": "x", "label": []}}, "its names has"),
        ({"tasks": [{"data": {"text": ADA}, "annotations": [{"result": []}]}]}, "those of `tasks`"),
    ],
)
def test_rows_in_an_object_are_said_to_be_by_other_loaders_too(
    tmp_path: Path, content: dict[str, Any], said: str
) -> None:
    _, _, told = read(tmp_path / "a.json", json.dumps(content))
    assert told.startswith("read as ")
    assert said in told


def test_what_stands_beside_pairs_is_said_to_be_left_out(tmp_path: Path) -> None:
    content = json.dumps({"about": "x", "data": [[ADA, {"entities": TRIPLES}]]})
    found, reading, _ = read(tmp_path / "a.json", content)
    assert found == ONE
    assert [what for _, what in reading.remarks] == ["`about` beside the pairs is left out"]


def test_a_score_of_a_pair_is_no_class_unless_it_is_named(tmp_path: Path) -> None:
    content = "sentence1\tsentence2\tscore\na b\tc d\t5.0\n"
    found, reading, _ = read(tmp_path / "a.tsv", content)
    assert found == []
    assert [why for _, why in reading.bad] == [
        "its `score` is no class (--label-field takes it for one)"
    ]
    source = open_answers(tmp_path / "a.tsv", None, Fields(label_fields=("score",)))
    (row,) = source.rows()
    assert row.data["accept"] == ["5.0"]  # type: ignore[union-attr]


def test_opinions_on_nothing_that_is_said_are_counted(tmp_path: Path) -> None:
    content = (
        "<?xml version='1.0'?><sentences><sentence><text>The menu</text><Opinions>"
        "<Opinion target='menu' from='4' to='8' category='FOOD'/>"
        "<Opinion target='NULL' from='0' to='0' category='SERVICE'/></Opinions></sentence>"
        "</sentences>"
    )
    found, reading, _ = read(tmp_path / "a.xml", content)
    assert found == [{"text": "The menu", "spans": ["menu:FOOD"]}]
    assert [what for _, what in reading.remarks] == ["1 mark that covers no text is left out"]


def test_a_first_object_that_is_longer_than_what_is_looked_at_is_known(tmp_path: Path) -> None:
    results = [
        {"id": str(number), "type": "labels", "from_name": "label", "to_name": "text",
         "value": {"start": 0, "end": 3, "text": "Ada", "labels": [f"L{number}"]}}
        for number in range(900)
    ]  # fmt: skip
    element = {"id": 1, "annotations": [{"result": results}], "data": {"text": ADA}}
    found, reading, told = read(tmp_path / "a.json", json.dumps([element]))
    assert (len(found[0]["spans"]), reading.bad) == (900, [])
    assert told.startswith("read as label-studio")
    rows = [{"text": f"Ada met Bo {number}", "entities": [[0, 3, "PER"]]} for number in range(2000)]
    found, reading, _ = read(tmp_path / "a.json", json.dumps({"data": rows}))
    assert (len(found), found[-1]["spans"], reading.bad) == (2000, ["Ada:PER"], [])


def test_a_pair_of_python_that_lacks_a_comma_is_said_by_its_line(tmp_path: Path) -> None:
    content = f"TRAIN = [{PYTHON},\n {PYTHON}\n {PYTHON}]\n"
    found, reading, _ = read(tmp_path / "a.txt", content)
    assert found == ONE
    assert [why for _, why in reading.bad] == [
        "line 2: it is no list of texts and numbers alone; is a comma missing?"
    ]


def test_a_class_that_is_neither_0_nor_1_makes_a_bad_row(tmp_path: Path) -> None:
    rows = "".join(f"text {number},1,0\n" for number in range(1100))
    found, reading, told = read(tmp_path / "a.csv", f"text,toxic,insult\n{rows}bad,-1,-1\n")
    assert len(found) == 1100
    assert [why for _, why in reading.bad] == ["`toxic` is '-1', and in other rows 0 or 1"]
    assert told == "its columns `toxic`, `insult` with 0 and 1 are taken for classes"


def test_columns_behind_the_tenth_and_relations_without_ends_are_counted(tmp_path: Path) -> None:
    row = "1\tAda\tAda\tPROPN\tNNP\t_\t0\troot\t_\tNER=B-PER\t_\tARG0\n"
    found, reading, _ = read(tmp_path / "a.conllu", f"# relations = 1;1;1;3;x\n{row}\n")
    assert found == [{"text": "Ada", "spans": ["Ada:PER"]}]
    assert [what for _, what in reading.remarks] == [
        "its 2 columns behind the tenth are left out",
        "1 relation without two entities is left out",
    ]


def test_marks_in_a_form_that_is_not_read_are_refused(tmp_path: Path) -> None:
    frame = {"span": [1, 1], "label": "Attack", "children": [{"span": [0, 0], "label": "Who"}]}
    rows = [
        {"tokens": ["Bob", "attacks"], "annotations": [frame]},
        {"text": "none", "labels": [0, 1]},
    ]
    found, reading, _ = read(tmp_path / "a.jsonl", lines(*rows))
    assert [each["text"] for each in found] == ["none"]
    assert [why for _, why in reading.bad] == [
        "what `annotations` holds is in no form that is read"
    ]


@pytest.mark.parametrize(
    ("data", "to_name", "chosen"),
    [
        ({"prompt": "Q", "answer1": "a", "answer2": "b"}, "x,y", "b"),
        ({"prompt": "Q", "one": "a", "two": "b"}, "one,two", "b"),
        ({"one": "a", "two": "b"}, "x,y", "b"),
    ],
)
def test_a_comparison_of_label_studio_is_of_the_two_texts_that_it_names(
    tmp_path: Path, data: dict[str, str], to_name: str, chosen: str
) -> None:
    result = {"type": "pairwise", "to_name": to_name, "from_name": "pw",
              "value": {"selected": "right"}}  # fmt: skip
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"id": 1, "data": data, "annotations": [{"result": [result]}]}]))
    row = next(iter(open_answers(path).rows()))
    assert row.data.get("chosen") == chosen  # type: ignore[union-attr]
    assert row.data["pw"] == "right"  # type: ignore[union-attr]


def test_a_comparison_of_two_of_several_texts_that_nothing_tells_is_refused(tmp_path: Path) -> None:
    result = {"type": "pairwise", "to_name": "x,y", "value": {"selected": "right"}}
    data = {"prompt": "Q", "one": "a", "two": "b"}
    element = {"data": data, "annotations": [{"result": [result]}]}
    found, reading, _ = read(tmp_path / "a.json", json.dumps([element]))
    assert (found, reading.bad_count) == ([], 1)


def test_several_notes_and_references_of_one_span_of_brat_are_all_kept(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ada left")
    (tmp_path / "a.ann").write_text(
        "T1\tPER 0 3\tAda\nN1\tReference T1 Wiki:7\tAda\nN2\tReference T1 Mesh:D1\tAda\n"
        "#1\tAnnotatorNotes T1\twho is it?\n#2\tAnnotatorNotes T1\tthe countess\n"
    )
    row = next(iter(open_answers(tmp_path / "a.ann").rows()))
    (span,) = row.data["spans"]  # type: ignore[union-attr]
    assert span["attributes"] == {
        "Reference": "Wiki:7; Mesh:D1", "note": "who is it?; the countess"
    }  # fmt: skip


def test_marks_by_person_or_printed_into_a_text_are_refused(tmp_path: Path) -> None:
    people = {"text": "Hm", "annotations": {"alice": {"sentiment": "good"}}}
    printed = {"text": "Ada", "entities": "[{'start': 0, 'end': 3}]"}
    found, reading, _ = read(tmp_path / "a.jsonl", lines(people, printed))
    assert (found, reading.bad_count) == ([], 2)
    found, reading, _ = read(tmp_path / "a.csv", 'text,spans\nAda,"[0, 1, 2]"\nBo,[]\n')
    assert found == [{"text": "Bo"}]
    assert [why for _, why in reading.bad] == [
        "what `spans` holds is in no form that is read from a table"
    ]


def test_a_table_with_a_row_for_each_span_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a row for each span \(`start`\)"):
        read(tmp_path / "a.csv", "text,entity_text,label,start,end\nAda met,Ada,PER,0,3\n")


@pytest.mark.parametrize(
    "lines",
    [
        [{"a": {"text": "Ada"}, "b": {"text": "Bo"}}, {"text": "Bonn"}],
        [{"llm": {"prompt": "a", "response": "b"}}],
        [{"input": {"text": "x"}, "accept": {"text": "a"}, "reject": {"text": "b"}}],
    ],
)
def test_an_object_of_objects_that_is_a_task_is_no_object_around_rows(
    tmp_path: Path, lines: list[dict[str, Any]]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    rows = list(open_source(path, input_keys=("llm", "input", "a", "text")).rows())
    assert [row.data for row in rows] == lines  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "objects",
    [
        [{"x": {"text": "a"}, "y": {"text": "b"}}, {"text": "c"}],
        [{"data": [{"text": "a"}, {"text": "b"}]}, {"text": "c"}],
        [{"data": [{"text": "a"}]}, {"data": [{"text": "b"}]}, {"text": "c"}],
        [{"data": [{"text": "a"}]}, {"train": [{"text": "b"}, {"text": "c"}]}],
    ],
)
def test_rows_behind_an_object_around_others_are_read(
    tmp_path: Path, objects: list[dict[str, Any]]
) -> None:
    path = tmp_path / "a.json"
    path.write_text("\n".join(map(json.dumps, objects)))
    source = open_answers(path)
    rows = list(source.rows())
    assert [row.data["text"] for row in rows] == ["a", "b", "c"]  # type: ignore[union-attr]
    for number, row in enumerate(rows, 1):
        assert list(source.rows(row.end)) == rows[number:]


@pytest.mark.parametrize(
    "data", [{"image": "/data/a.jpg"}, {"audio": "s3://b/a.wav"}, {"scan": "a.png"}]
)
def test_the_place_of_a_picture_or_sound_is_no_text(tmp_path: Path, data: dict[str, str]) -> None:
    result = {"type": "labels", "from_name": "l", "to_name": "x",
              "value": {"start": 0.5, "end": 1.5, "labels": ["A"]}}  # fmt: skip
    element = {"data": data, "annotations": [{"result": [result]}]}
    found, reading, _ = read(tmp_path / "a.json", json.dumps([element]))
    assert (found, [why for _, why in reading.bad]) == ([], ["no `text`"])


def test_a_relation_in_both_directions_is_two(tmp_path: Path) -> None:
    results = [
        {"type": "labels", "from_name": "l", "to_name": "text", "id": name,
         "value": {"start": start, "end": end, "labels": ["PER"]}}
        for name, start, end in (("a", 0, 3), ("b", 8, 10))
    ]  # fmt: skip
    link = {"type": "relation", "from_id": "a", "to_id": "b", "direction": "bi", "labels": ["met"]}
    element = {"data": {"text": ADA}, "annotations": [{"result": [*results, link]}]}
    found, _, _ = read(tmp_path / "a.json", json.dumps([element]))
    assert found[0]["relations"] == ["Ada met Bo", "Bo met Ada"]
