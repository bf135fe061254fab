"""Files in the shapes in which other programs and public data sets write them: what comes in.

Each row of the table is one small file. It is read as a source, and again as answers; what is said
about it is the text with its spans (`[Ada](PER)`), classes, relations and people.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.support import document
from tui_annotate.errors import SourceError
from tui_annotate.exchange import doccano, label_studio
from tui_annotate.exchange.import_sources import Options, RowReading, from_source, open_answers
from tui_annotate.exchange.writers import FormatSettings
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

TOKENS = {
    "DocRED": (
        "a.json",
        json.dumps([{"vertexSet": [
            [{"pos": [0, 2], "type": "ORG", "sent_id": 0, "name": "Sky TV"},
             {"pos": [0, 1], "type": "ORG", "sent_id": 1, "name": "It"}],
            [{"pos": [3, 4], "type": "LOC", "sent_id": 0, "name": "Bonn"}]],
            "labels": [{"r": "P17", "h": 0, "t": 1, "evidence": [0]}], "title": "Sky",
            "sents": [["Sky", "TV", "left", "Bonn"], ["It", "won"]]}]),
        ["Sky TV left Bonn It won | [Sky TV](ORG) [Bonn](LOC) [It](ORG) Sky TV P17 Bonn"],
    ),
    "TACRED": (
        "a.json",
        json.dumps([{"id": "e1", "relation": "per:title", "token": ["Tom", "Lee", ",", "chairman"],
                     "subj_start": 0, "subj_end": 1, "obj_start": 3, "obj_end": 3,
                     "subj_type": "PERSON", "obj_type": "TITLE", "stanford_pos": ["X"] * 4}]),
        ["Tom Lee , chairman | [Tom Lee](PERSON) [chairman](TITLE) Tom Lee per:title chairman"],
    ),
    "SpERT": (
        "a.json",
        json.dumps([{"tokens": ["John", "Lee", "shot", "Bo"],
                     "entities": [{"type": "Peop", "start": 0, "end": 2},
                                  {"type": "Peop", "start": 3, "end": 4}],
                     "relations": [{"type": "Kill", "head": 0, "tail": 1}], "orig_id": 5}]),
        ["John Lee shot Bo | [John Lee](Peop) [Bo](Peop) John Lee Kill Bo"],
    ),
    "FewRel": (
        "a.json",
        json.dumps({"P1": [{"tokens": ["Merpati", "left", "Jakarta"],
                            "h": ["merpati", "Q1", [[0]]], "t": ["jakarta", "Q2", [[2]]]}]}),
        ["Merpati left Jakarta | [Merpati](head) [Jakarta](tail) Merpati P1 Jakarta"],
    ),
    "SciERC": (
        "a.json",
        lines({"clusters": [], "sentences": [["NLP", "works"], ["It", "parses"]], "doc_key": "d",
               "ner": [[[0, 0, "Method"]], [[2, 2, "Generic"]]],
               "relations": [[], [[2, 2, 0, 0, "USED-FOR"]]]}),
        ["NLP works It parses | [NLP](Method) [It](Generic) It USED-FOR NLP"],
    ),
    "CLUENER": (
        "dev.json",
        lines({"text": "\u53f6\u8001\u6842\u535a",
               "label": {"name": {"\u53f6\u8001\u6842": [[0, 2]]}}}),
        ["\u53f6\u8001\u6842\u535a | [\u53f6\u8001\u6842](name)"],
    ),
    "rows of an API": (
        "rows.json",
        json.dumps({"features": [
            {"feature_idx": 0, "name": "tokens",
             "type": {"feature": {"dtype": "string", "_type": "Value"}, "_type": "Sequence"}},
            {"feature_idx": 1, "name": "ner_tags", "type": {
                "feature": {"names": ["O", "B-PER"], "_type": "ClassLabel"}, "_type": "Sequence"}}],
            "rows": [{"row_idx": 0, "row": {"tokens": ["Ada", "left"], "ner_tags": [1, 0]},
                      "truncated_cells": []}], "num_rows_total": 1}),
        ["Ada left | [Ada](PER)"],
    ),
}  # fmt: skip

TABLES = {
    "label and text": ("a.tsv", "ham\tGo home.\nspam\tWin now\nham\tFine\n", None),
    "text and label": ("a.tsv", "Go home now.\t1\nSo bad\t0\n", None),
    "label, title and text": (
        "a.csv", '"3","Wall St. Bears","Short sellers, again"\n"4","Sci title","More of it"\n',
        None,
    ),
    "lines of text": ("SMSSpam.txt", "ham\tGo home.\nspam\tWin now\nham\tOk then\n", None),
    "SNLI": (
        "a.jsonl",
        lines({"gold_label": "neutral", "sentence1": "A man.", "sentence2": "He.", "pairID": "x",
               "sentence1_parse": "(ROOT)"}),
        ["A man./He. | =neutral"],
    ),
    "MNLI as a table": (
        "a.tsv", "premise\thypothesis\tlabel\nA man.\tHe.\t1\n", ["A man./He. | =1"],
    ),
}  # fmt: skip
UNNAMED = {
    "label and text": ["Go home.", "Win now", "Fine"],
    "text and label": ["Go home now.", "So bad"],
    "label, title and text": ["Wall St. Bears/Short sellers, again", "Sci title/More of it"],
    "lines of text": ["Go home.", "Win now", "Ok then"],
}
LABELS = {
    "label and text": ["ham", "spam", "ham"], "text and label": ["1", "0"],
    "label, title and text": ["3", "4"], "lines of text": ["ham", "spam", "ham"],
}  # fmt: skip

ASSISTANTS = {
    "Rasa's YAML": (
        "nlu.yml",
        'version: "3.1"\n\nnlu:\n- intent: greet\n  examples: |\n    - hey\n'
        "- intent: inform\n  examples: |\n"
        '    - in [Bonn](city)\n    - to [NYC]{"entity": "city", "role": "to"}\n'
        "- synonym: credit\n  examples: |\n    - card\n- intent: ask\n  examples:\n    - text: |\n"
        "        my [savings](account)\n      metadata:\n        x: y\n",
        ["hey | =greet", "in Bonn | [Bonn](city) =inform", "to NYC | [NYC](city) =inform",
         "my savings | [savings](account) =ask"],
    ),
    "Rasa's Markdown": (
        "nlu.md", "## intent:greet\n- hey\n\n## intent:go\n"
        "- to [Bonn](city:bonn)\n\n## synonym:x\n- y\n",
        ["hey | =greet", "to Bonn | [Bonn](city) =go"],
    ),
    "Watson": (
        "a.json",
        json.dumps({"intents": [{"intent": "go", "examples": [
            {"text": "to Bonn", "mentions": [{"entity": "city", "location": [3, 7]}]}]}],
            "entities": [], "language": "en"}),
        ["to Bonn | [Bonn](city) =go"],
    ),
    "Dialogflow": (
        "usersays_en.json",
        json.dumps([{"id": "x", "data": [{"text": "in ", "userDefined": False},
                                         {"text": "Bonn", "alias": "city", "meta": "@sys.city"}],
                     "isTemplate": False, "count": 0}]),
        ["in Bonn | [Bonn](@sys.city)"],
    ),
    "Azure's utterances": (
        "a.json",
        json.dumps({"projectFileVersion": "2022", "stringIndexType": "Utf16CodeUnit",
                    "assets": {"projectKind": "Conversation", "utterances": [
                        {"text": "\U0001f44d to Bonn", "intent": "Go", "dataset": "Train",
                         "entities": [{"category": "city", "offset": 6, "length": 4}]}]}}),
        ["\U0001f44d to Bonn | [Bonn](city) =Go"],
    ),
    "AutoML's table": (
        "a.csv", 'TRAIN,"Go, Ada",neg\nTEST,Bo came too,pos\n', None,
    ),
}  # fmt: skip

MARKED = {
    "GENIA": (
        "a.xml",
        '<?xml version="1.0"?><set><article><articleinfo><bibliomisc>M:1</bibliomisc></articleinfo>'
        '<title><sentence>The <cons sem="G#DNA"><cons sem="G#protein">IL-2</cons> gene</cons>.'
        "</sentence></title></article></set>",
        ["The IL-2 gene. | [IL-2 gene](G#DNA) [IL-2](G#protein)"],
    ),
    "BC5CDR": (
        "a.PubTator",
        "1|t|Naloxone acts.\n1|a|On rats.\n1\t0\t8\tNaloxone\tChemical\tD1\n"
        "1\t18\t22\trats\tSpecies\tD2\n1\tCID\tD1\tD2\n",
        ["Naloxone acts./On rats. | [Naloxone](Chemical) [rats](Species) Naloxone CID rats"],
    ),
}  # fmt: skip


def studio(*results: dict[str, Any], **data: Any) -> str:
    """Return an export of Label Studio's with one annotation."""
    made = {"result": list(results), "completed_by": {"id": 1, "email": "ada@x.org"}}
    return json.dumps([{"id": 1, "data": data or {"text": "Ada left"}, "annotations": [made]}])


def result(kind: str, **value: Any) -> dict[str, Any]:
    return {"id": "a", "from_name": "f", "to_name": "text", "type": kind, "value": value}


STUDIO = {
    "typed texts": (
        "a.json", studio(result("textarea", text=["Ada went", "off"])),
        ["Ada left | >Ada went\noff @ada@x.org"],
    ),
    "a taxonomy": (
        "a.json", studio(result("taxonomy", taxonomy=[["Animal", "Cat"], ["Plant"]])),
        ["Ada left | =Animal/Cat =Plant @ada@x.org"],
    ),
    "a rating": ("a.json", studio(result("rating", rating=4)), ["Ada left | =4 @ada@x.org"]),
    "labels and a choice": (
        "a.json",
        studio(result("labels", start=0, end=3, text="Ada", labels=["PER"]),
               {**result("choices", choices=["good"]), "id": "b", "from_name": "g"}),
        ["Ada left | [Ada](PER) =good @ada@x.org"],
    ),
    "completions of version 0": (
        "a.json",
        json.dumps([{"id": 1, "data": {"text": "Ada left"}, "completions": [
            {"id": 9, "result": [result("labels", start=0, end=3, text="Ada", labels=["PER"])]}]}]),
        ["Ada left | [Ada](PER)"],
    ),
}  # fmt: skip

OTHERS = {
    "LightTag": (
        "a.json",
        json.dumps({"examples": [{"content": "Ada left", "annotations": [
            {"tag": "PER", "start": 0, "end": 3, "value": "Ada",
             "annotated_by": [{"annotator": "bo"}, {"annotator": "cy"}]}]}], "relations": []}),
        ["Ada left | [Ada](PER) @bo", "Ada left | [Ada](PER) @cy"],
    ),
    "UBIAI": (
        "a.json",
        json.dumps([{"document": "Ada left", "relations": [], "tokens": [
            {"text": "Ada", "start": 0, "end": 3, "entityLabel": "PER"}]}]),
        ["Ada left | [Ada](PER)"],
    ),
    "triples": (
        "a.jsonl", lines({"text": "Ada left", "spans": [[0, 3, "PER"]]}), ["Ada left | [Ada](PER)"],
    ),
    "pairs by label": (
        "a.jsonl", lines({"text": "Ada left", "entities": {"PER": [[0, 3]]}}),
        ["Ada left | [Ada](PER)"],
    ),
    "spans with a type": (
        "a.jsonl", lines({"text": "Ada left", "spans": [{"start": 0, "end": 3, "type": "PER"}]}),
        ["Ada left | [Ada](PER)"],
    ),
    "spaCy's Doc as JSON": (
        "a.jsonl",
        lines({"text": "Ada left", "ents": [{"start": 0, "end": 3, "label": "PER"}],
               "tokens": [{"id": 0, "start": 0, "end": 3}, {"id": 1, "start": 4, "end": 8}]}),
        ["Ada left | [Ada](PER)"],
    ),
    "NYT": (
        "a.json",
        lines({"sentText": "In Queens , near Nassau in Queens .", "articleId": "a", "sentId": "2",
               "relationMentions": [
                   {"em1Text": "Nassau", "em2Text": "Queens", "label": "/contains"},
                   {"em1Text": "Queens", "em2Text": "Nassau", "label": "None"}],
               "entityMentions": [{"start": 0, "label": "LOC", "text": "Queens"},
                                  {"start": 1, "label": "LOC", "text": "Nassau"}]}),
        ["In Queens , near Nassau in Queens . | [Queens](LOC) [Nassau](LOC)"
         " Nassau /contains Queens"],
    ),
    "NYT in Chinese, with places": (
        "a.json",
        lines({"articleId": 2, "sentText": "甲甲卖给甲甲",
               "entityMentions": [{"start": 4, "end": 6, "text": "甲甲", "label": "Nh"}],
               "relationMentions": []}),
        ["甲甲卖给甲甲 | [甲甲](Nh)"],
    ),
    "SciREX": (
        "a.jsonl",
        lines({"doc_id": "d", "words": ["We", "use", "BERT", "on", "it", "."],
               "sentences": [[0, 6]],
               "sections": [[0, 6]], "ner": [[2, 3, "Method"]], "coref": {"BERT": [[2, 3]]},
               "n_ary_relations": []}),
        ["We use BERT on it . | [BERT](Method)"],
    ),
    "Argilla 1, texts for texts": (
        "a.jsonl",
        lines({"text": "Hello", "prediction": None, "annotation": "Hallo", "status": "Validated",
               "annotation_agent": "ada"}),
        ["Hello | >Hallo @ada"],
    ),
}  # fmt: skip

FAMILIES: dict[str, dict[str, Any]] = {
    "doccano": DOCCANO,
    "columns": COLUMNS,
    "tokens": TOKENS,
    "tables": TABLES,
    "assistants": ASSISTANTS,
    "marked": MARKED,
    "Label Studio": STUDIO,
    "others": OTHERS,
}
SHAPES: dict[str, Any] = {
    f"{family}: {name}": row
    for family, table in FAMILIES.items()
    for name, row in table.items()
    if row[2] is not None
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


@pytest.mark.parametrize("name", UNNAMED)
def test_a_table_without_a_header_has_a_label_and_a_text(tmp_path: Path, name: str) -> None:
    file, content, _ = TABLES[name]
    path = tmp_path / file
    path.write_text(content)
    source = open_source(path)
    assert "it has no header: column" in told_of(source)
    rows = [row for row in source.rows() if isinstance(row, Row)]
    wanted = list(zip(UNNAMED[name], LABELS[name], strict=True))
    assert [(r.data["text"].replace("\n", "/"), r.data["label"]) for r in rows] == wanted
    assert list(open_source(path).rows(rows[0].end)) == rows[1:]
    arrivals = [
        json.loads(e.body) for e in from_source(open_answers(path), Options(), RowReading())
    ]
    assert [each["accept"] for each in arrivals] == [[label] for label in LABELS[name]]


@pytest.mark.parametrize(
    "content",
    [
        "id,said\n1,Hello there all\n2,Good day\n",
        "Timestamp,What is your name?,Comments please\n1,Bo Lee,Fine by me\n2,Al Lee,Not so\n",
        "label,said\npos,I like it\nneg,I do not\n",
    ],
)
def test_names_of_columns_are_no_record(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(SourceError, match="no column `text`"):
        open_source(path)


def test_a_comparison_of_label_studio_has_both_texts(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(studio(result("pairwise", selected="right"), one="first", two="second"))
    (row,) = open_source(path).rows()
    assert isinstance(row, Row)
    assert (row.data["chosen"], row.data["rejected"]) == ("second", "first")


@pytest.mark.parametrize("name", ["doccano", "label-studio"])
def test_a_typed_text_is_written_and_comes_back(tmp_path: Path, name: str) -> None:
    writers = {"doccano": doccano.example, "label-studio": label_studio.task}
    found = document({"text": "Hello!", "user_input": "Hallo, du!"}, "text_input")
    path = tmp_path / "a.json"
    path.write_text(json.dumps([writers[name](found, FormatSettings())]))
    (row,) = open_source(path).rows()
    assert isinstance(row, Row)
    assert (row.data["text"], row.data["user_input"]) == ("Hello!", "Hallo, du!")


@pytest.mark.parametrize(
    "row",
    [
        {"Entities": [{"BeginOffset": 0, "EndOffset": 3, "Text": "Ada", "Type": "P"}], "Line": 0},
        {"annotatable": {"parts": ["s1v1"]}, "anncomplete": True, "entities": [], "metas": {}},
        {"_id": "1", "documentId": "d", "begin": 0, "end": 3, "value": "Ada", "type": "P"},
    ],
    ids=["Comprehend", "tagtog", "re3d"],
)
def test_places_in_the_text_of_another_file_are_refused(
    tmp_path: Path, row: dict[str, Any]
) -> None:
    path = tmp_path / "a.json"
    path.write_text(lines(row, row))
    reading = RowReading()
    assert list(from_source(open_answers(path), Options(), reading)) == []
    assert all("its text lies in another file" in why for _, why in reading.bad)


def rasa(path: Path, content: str) -> list[str]:
    path.write_text(content)
    return [
        said(row.data) if isinstance(row, Row) else row.detail
        for row in open_source(path, loader="rasa").rows()
    ]


def test_examples_that_read_like_sections_stay_examples(tmp_path: Path) -> None:
    lines = ["story: tell me one", "rule: a", "intent: b", "text: c", "synonym: d"]
    examples = "".join(f"    - {line}\n" for line in lines)
    yaml = (
        f"nlu:\n- intent: ask\n  examples: |\n{examples}    ## e\n- synonym: x\n  examples: |\n"
        "    - y\n- examples: |\n    - z\n  intent: last\nstories:\n- story: s\n  steps:\n"
        "  - intent: ask\n"
    )
    expected = [f"{line} | =ask" for line in lines]
    assert rasa(tmp_path / "a.yml", yaml) == [*expected, "z | =last"]
    markdown = "## intent:ask\n" + "".join(f"- {line}\n" for line in lines) + "## regex:x\n- y\n"
    assert rasa(tmp_path / "a.md", markdown) == expected


def test_examples_of_rasa_that_are_none_are_bad_rows(tmp_path: Path) -> None:
    content = "nlu:\n- intent: a\n  examples: |\n    - b\n    c\n- intent: d\n  examples: [e]\n"
    none = ["an example of 'a' is no line that begins with `-`"]
    assert rasa(tmp_path / "a.yml", content) == ["b | =a", *none, none[0].replace("'a'", "'d'")]


def test_a_list_of_examples_has_texts_of_several_lines_and_other_keys(tmp_path: Path) -> None:
    content = (
        "nlu:\n  - intent: a\n    examples:\n    - text: |\n        b\n        [c](d)\n"
        "      metadata:\n        text: no\n        list:\n        - no\n    - e: f\n    - 'g'\n"
        "    - metadata: {}\n      text: h\n"
    )
    expected = ["b/[c](d) | [c](d) =a", "e: f | =a", "g | =a", "h | =a"]
    found = [each.replace("b/c", "b/[c](d)") for each in rasa(tmp_path / "a.yml", content)]
    assert found == expected


@pytest.mark.parametrize(
    "content",
    [
        "What did the customer say to us\tanswer\nI like it very much indeed.\tgood\nBad\tpoor\n",
        "good\tI like it very much indeed.\npoor\tI do not.\n",
    ],
)
def test_a_short_table_without_names_is_asked_about(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(content)
    with pytest.raises(SourceError, match="too short to tell") as caught:
        open_source(path)
    assert "--text-field" in str(caught.value.hint)


@pytest.mark.parametrize("ending", [".jsonl", ".json", ".csv"])
def test_labels_that_are_taken_for_texts_are_told(tmp_path: Path, ending: str) -> None:
    labels = ["wants to cancel a contract", "asks for the next bill"]
    rows = [{"id": 1, "text": "a", "label": [each], "Comments": []} for each in labels]
    path = tmp_path / f"a{ending}"
    table = "id,data,label\n" + "".join(f"1,a,{each}\n" for each in labels)
    path.write_text({".jsonl": lines(*rows), ".json": json.dumps(rows)}.get(ending, table))
    source = open_source(path)
    assert "(`user_input`) and not for classes" in told_of(source)
    assert [row.data["user_input"] for row in source.rows() if isinstance(row, Row)] == labels
