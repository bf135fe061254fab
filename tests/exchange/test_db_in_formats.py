"""What `db-in` takes of files in other formats, and what it says about the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.support import document, task
from tui_annotate.errors import SourceError, TaskError
from tui_annotate.exchange.import_sources import (
    Options,
    RowReading,
    from_source,
    open_answers,
)
from tui_annotate.sources.text_field import Fields
from tui_annotate.stream.stream import get_stream
from tui_annotate.waiting import Waiting, use

pytestmark = pytest.mark.quick


def taken(
    path: Path, data: str, loader: str | None = None, **fields: Any
) -> tuple[list[dict[str, Any]], RowReading]:
    path.write_text(data, encoding="utf-8")
    reading = RowReading()
    source = open_answers(path, loader, Fields(**fields))
    found = [json.loads(each.body) for each in from_source(source, Options(), reading)]
    return found, reading


def test_an_object_that_nothing_can_show_is_no_answer(tmp_path: Path) -> None:
    data = '{"words": "Ada"}\n{"content": "Ada left"}\n{"_view_id": "blocks", "own": 1}\n'
    found, reading = taken(tmp_path / "a.jsonl", data + '{"html": "<b>x</b>"}\n{"options": []}\n')
    assert found == [{"own": 1}, {"html": "<b>x</b>"}, {"options": []}]
    assert [why for _, why in reading.bad] == ["no `text`"] * 2
    assert reading.hint == "Try `--text-field words`"


@pytest.mark.parametrize(
    "row",
    [
        {"version": "1.0", "data": [{"tale": "Once upon a time there was a kitten."}]},
        {"source": "mail", "qas": [], "about": {"text": "The stories of women."}},
    ],
)
def test_a_name_beside_longer_texts_is_not_proposed_as_the_text(
    tmp_path: Path, row: dict[str, Any]
) -> None:
    found, reading = taken(tmp_path / "a.jsonl", json.dumps(row) + "\n")
    assert found == []
    assert reading.hint.startswith("Write a row for each text")


def test_patterns_are_said_to_be_patterns(tmp_path: Path) -> None:
    rows = '{"label": "A", "pattern": "Apple"}\n{"label": "B", "pattern": [{"LOWER": "san"}]}\n'
    found, reading = taken(tmp_path / "a.jsonl", rows)
    assert (found, reading.bad_count) == ([], 2)
    assert reading.hint.endswith("takes them with `--patterns`")


def test_marks_under_any_key_are_read_or_their_row_is_refused(tmp_path: Path) -> None:
    place = {"text": "Ada", "entity-type": "PER", "start": 0, "end": 1}
    rows = [
        {"text": "Ada met Bo", "golden-entity-mentions": [place]},
        {"text": "Ada met Bo", "about": {"inner": [{"begin": 0, "end": 3}]}},
        {"text": "Ada met Bo", "user": {"name": "x", "seen": [1, 2]}, "sizes": [3, 4]},
    ]
    found, reading = taken(tmp_path / "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert [each["text"] for each in found] == ["Ada met Bo"]
    assert [why for _, why in reading.bad] == [
        "what `golden-entity-mentions` holds is in no form that is read",
        "what `about` holds is in no form that is read",
    ]


def test_documents_of_gatenlp_and_spacy(tmp_path: Path) -> None:
    held = [{"type": "Person", "start": 3, "end": 6, "id": 0, "features": {"sex": "f"}}]
    row = {"annotation_sets": {"": {"name": "", "annotations": held}}, "text": "👍 Ada met",
           "features": {"from": "x"}, "offset_type": "j", "name": "d"}  # fmt: skip
    (one,), _ = taken(tmp_path / "a.json", json.dumps(row))
    (span,) = one["spans"]
    assert one["text"][span["start"] : span["end"]] == "Ada"
    assert (span["label"], span["attributes"]) == ("Person", {"sex": "f"})
    assert one["meta"] == {"from": "x", "id": "d"}
    doc = {"text": "Ada met", "ents": [{"start": 0, "end": 3, "label": "PER"}], "sents": [],
           "tokens": [], "cats": {"A": 0.9, "B": 0.1}, "spans": {"sc": [{"start": 0}]}}  # fmt: skip
    (other,), reading = taken(tmp_path / "b.jsonl", json.dumps(doc) + "\n")
    assert (other["accept"], other["cats"]) == (["A"], {"A": True, "B": False})
    assert [what for _, what in reading.remarks] == ["its groups of spans are left out: sc"]


def test_numbers_of_tags_are_refused_in_a_table_too(tmp_path: Path) -> None:
    content = "id,tokens,ner_tags\n0,['Ada' 'L' 'left'],[1 2 0]\n1,['x' 'y'],[0 0]\n"
    found, reading = taken(tmp_path / "a.csv", content)
    assert found == []
    assert "are numbers, and what they stand for is not in the file" in reading.bad[0][1]


def test_labels_of_several_people_in_one_list_are_answers_of_each(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "text": "Bad.", "annotations": [
            {"label": 1, "user": 1}, {"label": 2, "user": 2}, {"label": 3, "user": 1}]},
        {"id": 2, "text": "Good.", "annotations": [{"label": 1, "user": 2}]},
    ]  # fmt: skip
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    reading = RowReading()
    found = list(from_source(open_answers(path), Options(), reading))
    said = [(each.annotator, json.loads(each.body)["accept"]) for each in found]
    assert said == [("1", ["1", "3"]), ("2", ["2"]), ("2", ["1"])]
    assert reading.remarks == []


def test_labels_without_a_text_and_texts_without_labels(tmp_path: Path) -> None:
    content = '{"entities": [[0, 1, "LOC"]], "cats": ["a"]}\n{"text": "Bo", "cats": ["a"]}\n'
    found, reading = taken(tmp_path / "a.jsonl", content)
    assert [each["text"] for each in found] == ["Bo"]
    assert [why for _, why in reading.bad] == ["no `text`"]
    found, _ = taken(tmp_path / "a.txt", "Bo left __label__A __label__B\nnone\n")
    assert [(each["text"], each["accept"]) for each in found] == [
        ("Bo left", ["A", "B"]), ("none", []),
    ]  # fmt: skip


def test_the_text_and_the_id_are_in_other_fields(tmp_path: Path) -> None:
    found, _ = taken(
        tmp_path / "a.jsonl", '{"nr": 7, "content": "Ada"}\n', text_field="content", id_field="nr"
    )
    assert found == [{"nr": 7, "text": "Ada", "meta": {"id": 7}}]


@pytest.mark.parametrize(
    "data", ['[\n{"text": "a"}\n]\n', '{"text": "a"},\n{"text": "b"},\n', '[{"text": "a"}]\n']
)
def test_json_that_is_not_lines_names_the_loader(tmp_path: Path, data: str) -> None:
    with pytest.raises(SourceError, match=r"line 1 .*--loader json"):
        taken(tmp_path / "a.jsonl", data)
    found, _ = taken(tmp_path / "a.jsonl", data, loader="json")
    assert found[0] == {"text": "a"}


@pytest.mark.parametrize(
    ("data", "line", "part"),
    [
        ('[\n{"text": "a",},\n{"text": "b"}]', 2, "a comma before a closing bracket"),
        ('// mine\n[{"text": "a"}]', 1, "a comment"),
        ('[{"text": "a"}, # b\n{"text": "b"}]', 1, "a comment"),
        ('[{"text": "a"},\n/* b */\n{"text": "b"}]', 2, "a comment"),
        ("[{'text': 'a'}]", 1, "a single quote"),
        ('[{text: "a"}]', 1, "'text' without quotes"),
    ],
)
def test_other_notations_than_json_are_said_once(
    tmp_path: Path, data: str, line: int, part: str
) -> None:
    _, reading = taken(tmp_path / "a.json", data)
    ((_, why),) = reading.bad
    assert why.startswith(f"line {line} has {part}, which JSON does not have")
    assert "Take comments" in reading.hint
    lines = "{'text': 'a'}\n{'text': 'b'}\n"
    with pytest.raises(SourceError, match="line 1 has a single quote"):
        taken(tmp_path / "a.jsonl", lines)


def test_utf_16_without_its_mark_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("text,label\nZo\u00eb left the room,x\n".encode("utf-16-le"))
    with pytest.raises(SourceError, match="--encoding utf-16-le"):
        open_answers(path)


def test_objects_over_several_lines_are_no_json_lines(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="--loader json"):
        taken(tmp_path / "a.jsonl", '{\n  "text": "a"\n}\n')


def test_words_and_tags_come_in_as_spans(tmp_path: Path) -> None:
    found, reading = taken(tmp_path / "a.jsonl", '{"tokens": ["Bo"], "ner_tags": ["B-PER"]}\n')
    assert not reading.bad
    assert [(s["start"], s["end"], s["label"]) for s in found[0]["spans"]] == [(0, 2, "PER")]


def test_numbers_in_cats_are_labels() -> None:
    content = {"text": "a", "cats": {"POS": 1.0, "NEG": 0, "SURE": True, "x": "y"}}
    assert document(content).layers.cats == {"POS": True, "NEG": False, "SURE": True}


def test_white_space_at_the_ends_of_an_entity_does_not_reach_spacy() -> None:
    spacy = pytest.importorskip("spacy")
    from tui_annotate.exchange.spacy import make_doc

    vocab = spacy.blank("en").vocab
    content = task("Ada \n left")
    content["tokens"] = [
        {"text": text, "start": start, "end": start + len(text), "id": number, "ws": ws}
        for number, (text, start, ws) in enumerate(
            [("Ada", 0, True), ("\n ", 4, False), ("left", 6, False)]
        )
    ]
    content["spans"] = [{"start": 0, "end": 6, "token_start": 0, "token_end": 1, "label": "PER"}]
    [found] = make_doc(vocab, document(content), None).ents
    assert (found.text, found.label_) == ("Ada", "PER")
    content["spans"] = [{"start": 4, "end": 6, "token_start": 1, "token_end": 1, "label": "PER"}]
    with pytest.raises(TaskError, match="holds nothing but white space"):
        make_doc(vocab, document(content), None)


UNIT_OF_OTHERS: dict[str, tuple[str, str]] = {
    "brat's own texts tell": ("d.ann", "T1\tPER 3 6\tAda\n"),
    "inline marks have no offsets": ("d.xml", "👍 <PER>Ada</PER> left\n"),
    "tokens have no offsets": ("d.conll", "👍 O\nAda B-PER\nleft O\n"),
    "our own say what they count": (
        "d.jsonl",
        '{"text": "👍 Ada left", "spans": [{"start": 3, "end": 6, "label": "PER"}],'
        ' "offset_unit": "utf16"}\n',
    ),
    "others count as was said": (
        "d.jsonl", '{"text": "👍 Ada left", "spans": [{"start": 3, "end": 6, "label": "PER"}]}\n',
    ),
    "places alone": ("d.json", '{"text": "👍 Ada left", "denotations":'
             ' [{"span": {"begin": 3, "end": 6}, "obj": "PER"}]}'),
}  # fmt: skip


@pytest.mark.parametrize("name", UNIT_OF_OTHERS)
def test_offsets_are_moved_once_whatever_is_said_of_their_unit(tmp_path: Path, name: str) -> None:
    file, content = UNIT_OF_OTHERS[name]
    path = tmp_path / file
    path.write_text(content)
    (tmp_path / "d.txt").write_text("👍 Ada left")
    fields = Fields(offset_unit="utf16")
    found, *_ = from_source(open_answers(path, None, fields), Options(), RowReading())
    body = json.loads(found.body)
    (span,) = body["spans"]
    assert body["text"][span["start"] : span["end"]] == "Ada"
    assert set(span) <= {"start", "end", "label", "token_start", "token_end"}


@pytest.mark.parametrize("reader", ["db-in", "a recipe"])
def test_what_is_read_of_many_rows_is_not_said_to_be_of_one(tmp_path: Path, reader: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(100 * (json.dumps({"text": 50_000 * "a", "answer": "accept"}) + "\n"))
    waiting = Waiting()
    use(waiting)
    try:
        if reader == "db-in":
            rows = sum(1 for _ in from_source(open_answers(path), Options(), RowReading()))
        else:
            rows = sum(1 for _ in get_stream(path))
    finally:
        use(Waiting())
    assert rows == 100
    assert "of one row" not in waiting.sentence()


def test_spans_on_no_text_are_no_answers(tmp_path: Path) -> None:
    spans = [{"start": at, "end": end, "label": "A"} for at, end in ((0, 3), (3, 3), (99, 99))]
    found, reading = taken(tmp_path / "a.jsonl", json.dumps({"text": "Ada", "spans": spans}) + "\n")
    assert [each["spans"] for each in found] == [spans[:1]]
    assert [why for _, why in reading.remarks] == ["2 spans on no text are left out"]


def test_spans_of_another_program_count_more_than_its_tokens_and_tags(tmp_path: Path) -> None:
    row = {"full_text": "Ada left ", "masked": None, "template_id": 3,
           "spans": [{"entity_type": "PER", "start_position": 0, "end_position": 3}],
           "tokens": [{"text": "Ada", "idx": 0}, {"text": "left", "idx": 4},
                      {"text": " ", "idx": 8}], "tags": ["U-PER", "O", "O"]}  # fmt: skip
    (one,), reading = taken(tmp_path / "a.json", json.dumps([row]))
    assert one["spans"] == [{"start": 0, "end": 3, "label": "PER"}]
    assert one["meta"] == {"template_id": 3}
    assert [why for _, why in reading.remarks] == ["`tags`, `tokens` beside them are left out"]
