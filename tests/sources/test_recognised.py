"""Files of other formats under the endings of ours: read for what they are, and that is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from tui_annotate.errors import SourceError
from tui_annotate.sources import recognise
from tui_annotate.sources.base import BadRow, Row, told_of
from tui_annotate.sources.registry import open_source
from tui_annotate.sources.text_field import Fields

pytestmark = pytest.mark.quick

STUDIO = {
    "id": 1,
    "data": {"text": "Ada left."},
    "annotations": [
        {"result": [{"type": "labels", "value": {"start": 0, "end": 3, "labels": ["PER"]}}]}
    ],
}
ANNOTATOR = {
    "classes": ["PER"],
    "annotations": [
        ["Ada left.", {"entities": [[0, 3, "PER"]]}],
        None,
        ["None.", {"entities": []}],
    ],
}
TAGGED = "EU B-ORG\nrejects O\nGerman B-MISC\n\nBo B-PER\nleft O\n"


def read(path: Path, data: str, **options: Any) -> tuple[str, list[dict[str, Any]]]:
    path.write_text(data, encoding="utf-8")
    source = open_source(path, **options)
    rows = list(source.rows())
    assert all(isinstance(row, Row) for row in rows), rows
    return told_of(source), [row.data for row in rows if isinstance(row, Row)]


def covered(task: dict[str, Any]) -> list[tuple[str, str]]:
    return [(task["text"][s["start"] : s["end"]], s["label"]) for s in task["spans"]]


@pytest.mark.parametrize(
    ("name", "data", "loader"),
    [
        ("a.json", json.dumps([STUDIO]), "label-studio"),
        ("a.json", json.dumps([STUDIO], indent=2), "label-studio"),
        ("a.jsonl", json.dumps(STUDIO) + "\n", "label-studio"),
        ("a.json", json.dumps(ANNOTATOR), "ner-annotator"),
        ("a.jsonl", '{"text": "Ada left.", "label": [[0, 3, "PER"]]}\n', "doccano"),
        (
            "a.jsonl",
            '{"text": "Ada left.", "entities": [[0, 3, "PER"]], "cats": ["fly"]}\n',
            "doccano",
        ),
    ],
)
def test_the_first_rows_tell_the_format(tmp_path: Path, name: str, data: str, loader: str) -> None:
    told, tasks = read(tmp_path / name, data)
    usual = name.partition(".")[2]
    assert told == f"read as {loader} (--loader {usual} to read it as it is)"
    assert covered(tasks[0]) == [("Ada", "PER")]


@pytest.mark.parametrize("name", ["a.txt", "a.tsv"])
def test_tokens_with_tags_are_not_read_as_text(tmp_path: Path, name: str) -> None:
    told, tasks = read(tmp_path / name, TAGGED.replace(" ", "\t"))
    assert told.startswith("read as conll2003 (--loader t")
    assert [covered(task) for task in tasks] == [
        [("EU", "ORG"), ("German", "MISC")],
        [("Bo", "PER")],
    ]
    told, tasks = read(tmp_path / "a.txt", TAGGED, loader="txt")
    assert (told, tasks[0]) == ("", {"text": "EU B-ORG"})


@pytest.mark.parametrize(
    "data",
    [
        "Vitamin B-12 helps\nTwo words\n",
        "We met in I-95 B-side\n",
        "a\nb\nc\n",
        "One B-PER\n" * 3 + "x\n" * 3,
    ],
)
def test_prose_stays_prose(tmp_path: Path, data: str) -> None:
    told, tasks = read(tmp_path / "a.txt", data)
    assert told == ""
    assert [task["text"] for task in tasks] == data.splitlines()


def test_rows_of_ours_are_read_as_they_are(tmp_path: Path) -> None:
    row = {"text": "Ada", "label": "PER", "spans": [], "meta": {"data": {}}}
    assert read(tmp_path / "a.jsonl", json.dumps(row) + "\n") == ("", [row])


def test_words_and_tags_in_lists(tmp_path: Path) -> None:
    rows = [
        {"id": "0", "tokens": ["EU", "rejects"], "ner_tags": ["B-ORG", "O"]},
        {"words": ["Ada", "Berg"], "labels": ["PER", "PER"]},
        {"text": "a(b)", "tokens": ["a", "(", "b", ")"], "tags": ["O", "O", "B-X", "O"]},
    ]
    data = "".join(f"{json.dumps(row)}\n" for row in rows)
    _, (first, second, third) = read(tmp_path / "a.jsonl", data)
    assert (first["text"], covered(first), first["id"]) == ("EU rejects", [("EU", "ORG")], "0")
    assert covered(second) == [("Ada Berg", "PER")]
    assert (third["text"], covered(third)) == ("a(b)", [("b", "X")])


def test_numbers_without_names_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"tokens": ["EU"], "ner_tags": [3]}\n{"tokens": ["EU"], "ner_tags": ["O", "O"]}\n'
    )
    first, second = open_source(path).rows()
    assert isinstance(first, BadRow)
    assert "numbers, and what they stand for is not in the file" in first.detail
    assert isinstance(second, BadRow)
    assert second.detail == "2 `ner_tags` for 1 words"


def test_names_of_classes_come_from_the_data_set(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    kind = datasets.ClassLabel(names=["O", "B-ORG", "I-ORG"])
    features = datasets.Features(
        {
            "tokens": datasets.Sequence(datasets.Value("string")),
            "ner_tags": datasets.Sequence(kind),
            "label": datasets.ClassLabel(names=["bad", "good"]),
        }
    )
    made = datasets.Dataset.from_dict(
        {"tokens": [["New", "York"], ["x"]], "ner_tags": [[1, 2], [0]], "label": [1, -1]}, features
    )
    made.save_to_disk(str(tmp_path / "set"))
    made.to_parquet(str(tmp_path / "set.parquet"))
    for path in (tmp_path / "set", tmp_path / "set.parquet"):
        first, second = (row.data for row in open_source(path).rows() if isinstance(row, Row))
        assert covered(first) == [("New York", "ORG")]
        assert first["label"] == "good"
        assert "label" not in second


KAGGLE = (
    "Sentence #,Word,POS,Tag\nSentence: 1,Thousands,NNS,O\n,of,IN,O\n,London,NNP,B-geo\n"
    'Sentence: 2,"""",``,O\n,Iraq,NNP,B-geo\n'
)


@pytest.mark.parametrize(
    "data",
    [
        KAGGLE,
        'sentence_id;token;ner\n1;Thousands;O\n1;of;O\n1;London;B-geo\n2;"""";O\n2;Iraq;B-geo\n',
    ],
)
def test_a_table_with_a_token_a_row_gives_sentences(tmp_path: Path, data: str) -> None:
    path = tmp_path / "a.csv"
    _, (first, second) = read(path, data)
    assert (first["text"], covered(first)) == ("Thousands of London", [("London", "geo")])
    assert (second["text"], covered(second)) == ('" Iraq', [("Iraq", "geo")])
    rows = list(open_source(path).rows())
    assert open_source(path).count() == 2
    assert list(open_source(path).rows(rows[0].end)) == rows[1:]


def test_one_bad_byte_is_one_bad_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(KAGGLE.replace("of", "f\xfcr").encode("cp1252"))
    bad, good = open_source(path).rows()
    assert isinstance(bad, BadRow)
    assert "--encoding cp1252" in bad.detail
    assert isinstance(good, Row)
    first = next(iter(open_source(path, encoding="cp1252").rows()))
    assert isinstance(first, Row)
    assert first.data["text"] == "Thousands f\xfcr London"


def test_a_line_says_the_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    _, tasks = read(path, "sep=;\nID;TEXT\n1;a, b, c\n2;d\n")
    assert tasks == [{"text": "a, b, c", "meta": {"ID": "1"}}, {"text": "d", "meta": {"ID": "2"}}]
    rows = list(open_source(path).rows())
    assert [row.start.line for row in rows] == [2, 3]
    assert list(open_source(path).rows(rows[0].end)) == rows[1:]


def test_headers_in_any_case_and_columns_of_one_name(tmp_path: Path) -> None:
    told, tasks = read(tmp_path / "a.csv", "tExt,note,note\na,b,c\n", text_field="TEXT")
    assert tasks == [{"text": "a", "meta": {"note": "b", "note 2": "c"}}]
    assert told == "a further column `note` is `note 2`"
    with pytest.raises(SourceError, match="2 columns are called `text`"):
        read(tmp_path / "a.csv", "text,text\na,b\n")


def test_classes_with_their_user_are_answers_of_that_person(tmp_path: Path) -> None:
    row = {"text": "Ada left.", "annotations": [{"label": "good", "user": 1}]}
    _, tasks = read(tmp_path / "a.jsonl", json.dumps(row) + "\n")
    assert tasks[0]["accept"] == ["good"]
    assert tasks[0]["_annotator_id"] == "1"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.tsv", "Ada\tPER-B\nLee\tPER-I\nleft\tO\n\nBo\tPER-B\ncame\tO\n"),
        ("b.tsv", "Ada\tB-PER\tO\t_\nLee\tI-PER\tO\t_\nleft\tO\tO\tEnd\n\nBo\tB-PER\tO\t_\n"),
    ],
    ids=["behind their labels", "before other columns"],
)
def test_tags_are_found_where_they_stand(tmp_path: Path, name: str, data: str) -> None:
    told, tasks = read(tmp_path / name, data)
    assert told.startswith("read as conll2003 (")
    assert [covered(task) for task in tasks] == [[("Ada Lee", "PER")], [("Bo", "PER")]]


def test_a_label_that_ends_like_a_position_is_a_label(tmp_path: Path) -> None:
    _, tasks = read(tmp_path / "a.conll", "Take O\nB12 VITAMIN-B\ndaily O\n\nNo O\nmore O\n")
    assert [covered(task) for task in tasks] == [[("B12", "VITAMIN-B")], []]


def test_two_columns_of_tags_in_a_text_file_are_no_texts(tmp_path: Path) -> None:
    lines = "Ada NNP B-NP B-NP\nBerg NNP I-NP I-NP\nleft VBD B-VP B-VP\n. . O O\n"
    path = tmp_path / "a.txt"
    path.write_text(lines)
    with pytest.raises(SourceError, match="columns 3 and 4 hold mostly the same tags"):
        open_source(path)
    told, tasks = read(path, lines, tag_column="3")
    assert told.startswith("read as conll2003")
    assert covered(tasks[0]) == [("Ada Berg", "NP"), ("left", "VP")]


@pytest.mark.parametrize("name", ["a.txt", "a.tsv", "a.unknown"])
def test_conllu_under_another_ending(tmp_path: Path, name: str) -> None:
    rows = ["1-2\tdon't\t_", "1\tdo\tdo", "2\tn't\tnot", "3\tgo\tgo"]
    blank = "\t".join("_" * 7)
    lines = "".join(f"{row}\t{blank}\n" for row in rows)
    told, tasks = read(tmp_path / name, f"# sent_id = 1\n# text = don't go\n{lines}\n")
    assert told.startswith("read as conllu ")
    assert [(task["text"], len(task["tokens"])) for task in tasks] == [("don't go", 2)]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("row", [STUDIO, {"text": "Ada left.", "user": "x"}])
def test_lists_of_objects_in_a_text_file_are_no_lines(
    tmp_path: Path, row: dict[str, Any], indent: int | None
) -> None:
    for content in ([row, row], row):
        told, tasks = read(tmp_path / "a.txt", json.dumps(content, indent=indent))
        assert told.startswith("read as "), content
        assert [task["text"] for task in tasks] == ["Ada left."] * (1 if content is row else 2)
    told, tasks = read(tmp_path / "a.txt", "[Verse 1]\n{all together}\nLa la\n")
    assert (told, len(tasks)) == ("", 3)


def test_the_first_objects_are_parsed_once_for_all_signs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"title": "Ada", "year": 1815}\n' * 2, encoding="utf-8")
    parse = Mock(wraps=recognise._rows)
    monkeypatch.setattr(recognise, "_rows", parse)
    assert recognise.recognise(str(path), Fields(), "jsonl") is None
    assert parse.call_count == 1
