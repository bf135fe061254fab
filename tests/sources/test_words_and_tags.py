"""Words and their tags side by side: in lists, texts, cells of tables, and columns of CoNLL-U."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tui_annotate.errors import SourceError
from tui_annotate.exchange.import_sources import open_answers
from tui_annotate.sources.base import BadRow, Row, told_of
from tui_annotate.sources.registry import open_source
from tui_annotate.sources.tagged_words import printed_list

pytestmark = pytest.mark.quick

ADA = [("Ada", "PER"), ("Bonn", "LOC")]
TAGS = ["B-PER", "O", "B-LOC"]


def rows(path: Path, content: str, loader: str | None = None) -> list[Row | BadRow]:
    path.write_text(content, encoding="utf-8")
    return list(open_source(path, loader=loader).rows())


def tasks(path: Path, content: str) -> list[dict[str, Any]]:
    found = rows(path, content)
    assert all(isinstance(row, Row) for row in found), found
    answers = list(open_answers(path).rows())
    assert [row.data["spans"] for row in answers if isinstance(row, Row)] == [
        row.data["spans"] for row in found if isinstance(row, Row)
    ]
    return [row.data for row in found if isinstance(row, Row)]


def covered(task: dict[str, Any]) -> list[tuple[str, str]]:
    return [(task["text"][s["start"] : s["end"]], s["label"]) for s in task["spans"]]


@pytest.mark.parametrize(
    "row",
    [
        {"tokens": ["Ada", "left", "Bonn"], "ner_tags": TAGS},
        {"str_words": ["Ada", "left", "Bonn"], "tags": TAGS},
        {"sentence": ["Ada", "left", "Bonn"], "labels": TAGS},
        {"text": ["Ada", "left", "Bonn"], "labels": TAGS},
        {"tokens": ["Ada", "left", "Bonn"], "gold_iob": TAGS, "upos": ["X", "Y", "X"]},
        {"text": "Ada left Bonn", "ner_tags": TAGS},
        {"text": "Ada left Bonn", "labels": TAGS},
        {"text": "Ada left Bonn", "slots": " ".join(TAGS), "intent": "go"},
        {"sentence": "Ada left Bonn", "tags": TAGS},
    ],
)
def test_a_row_has_a_tag_for_each_word(tmp_path: Path, row: dict[str, Any]) -> None:
    (task,) = tasks(tmp_path / "a.jsonl", json.dumps(row) + "\n")
    assert (task["text"], covered(task)) == ("Ada left Bonn", ADA)
    assert [token["text"] for token in task["tokens"]] == ["Ada", "left", "Bonn"]


def test_the_text_beside_the_words_keeps_its_line_breaks(tmp_path: Path) -> None:
    row = {
        "full_text": "Ada met\n\nBo.",
        "tokens": ["Ada", "met", "\n\n", "Bo", "."],
        "trailing_whitespace": [True, False, False, False, False],
        "labels": ["B-PER", "O", "O", "B-PER", "O"],
    }
    (task,) = tasks(tmp_path / "a.jsonl", json.dumps(row) + "\n")
    assert (task["text"], covered(task)) == ("Ada met\n\nBo.", [("Ada", "PER"), ("Bo", "PER")])


@pytest.mark.parametrize(
    "row",
    [
        {"text": "no way", "label": "B-52 O"},
        {"text": "B-52 is a plane", "tags": ["B-52"]},
        {"text": "one two", "labels": ["a", "b"]},
        {"text": "one two", "tag": "first second"},
    ],
)
def test_classes_are_no_tags(tmp_path: Path, row: dict[str, Any]) -> None:
    found = rows(tmp_path / "a.jsonl", json.dumps(row) + "\n", "jsonl")
    if row.get("label"):
        assert isinstance(found[0], Row)
        assert covered(found[0].data) == [("no", "52")]
        return
    assert [each.data for each in found if isinstance(each, Row)] == [row]


def test_tags_that_do_not_fit_their_text_are_told(tmp_path: Path) -> None:
    (row,) = rows(tmp_path / "a.jsonl", '{"text": "Ada left.", "ner_tags": ["B-PER", "O", "O"]}\n')
    assert isinstance(row, BadRow)
    assert (row.reason, row.detail) == ("bad-tag", "3 `ner_tags` for 2 words")


def test_an_answer_has_a_text_that_is_one(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": ["Ada", "left"]}\n{"text": "a", "label": "X"}\n', encoding="utf-8")
    bad, good = open_answers(path).rows()
    assert isinstance(bad, BadRow)
    assert bad.detail == "`text` is not a string"
    assert isinstance(good, Row)


@pytest.mark.parametrize(
    "table",
    [
        "text,labels\nAda left Bonn,B-PER O B-LOC\nno one here,O O O\n",
        "Sentence #,Sentence,POS,Tag\n1,Ada left Bonn,\"['N', 'V', 'N']\",\"['B-PER', 'O', 'B-LOC']"
        "\"\n2,no one here,\"['R', 'N', 'R']\",\"['O', 'O', 'O']\"\n",
        'tokens,ner_tags\n"[""Ada"", ""left"", ""Bonn""]","[""B-PER"", ""O"", ""B-LOC""]"\n'
        "\"['no' 'one' 'here']\",\"['O' 'O' 'O']\"\n",
        "word,tag\nAda,B-PER\nleft,O\nBonn,B-LOC\n,\nno,O\none,O\nhere,O\n",
        "word,tag\nAda,B-PER\nleft,O\nBonn,B-LOC\n\nno,O\none,O\nhere,O\n",
        "Ada,B-PER\nleft,O\nBonn,B-LOC\n\nno,O\none,O\nhere,O\n",
        "token;pos;ner\nAda;N;B-PER\nleft;V;O\nBonn;N;B-LOC\n\nno;R;O\none;N;O\nhere;R;O\n",
    ],
)
def test_tables_of_words_and_tags(tmp_path: Path, table: str) -> None:
    one, two = tasks(tmp_path / "a.csv", table)
    assert (one["text"], covered(one)) == ("Ada left Bonn", ADA)
    assert (two["text"], covered(two)) == ("no one here", [])
    source = open_source(tmp_path / "a.csv")
    first, last = list(source.rows())
    assert list(source.rows(last.start)) == [last]
    assert list(source.rows(first.end)) == [last]
    assert source.count() == 2


def test_a_column_of_tags_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    tasks(path, "id,Text,Tags\n1,Ada left,B-PER O\n2,no one,O O\n")
    told = told_of(open_source(path))
    assert told == "its column `Tags` holds a tag for each word of `Text`"


def test_a_table_without_any_break_ends_sentences_at_their_marks(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    found = tasks(path, "word,tag\nAda,B-PER\nleft,O\n.,O\nBo,B-PER\nsang,O\n!,O\n")
    assert [task["text"] for task in found] == ["Ada left .", "Bo sang !"]
    assert told_of(open_source(path)) == (
        "nothing separates its sentences, so each ends at `.`, `!` or `?`"
    )


@pytest.mark.parametrize("tag", ["I-PER", "B-PER"])
def test_a_first_record_whose_word_is_a_name_of_columns_is_no_header(
    tmp_path: Path, tag: str
) -> None:
    found = tasks(tmp_path / "a.csv", f"Word,{tag}\nleft,O\nRome,I-LOC\n\nno,O\none,O\n")
    assert [task["text"] for task in found] == ["Word left Rome", "no one"]
    assert covered(found[0]) == [("Word", "PER"), ("Rome", "LOC")]


def test_a_list_of_words_and_their_classes_is_no_table_of_tags(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no column `text`"):
        rows(tmp_path / "a.csv", "good,positive\nbad,negative\nugly,negative\n")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("['O', 'B-PER']", ["O", "B-PER"]),
        ('["O", "it\'s"]', ["O", "it's"]),
        ("['O' 'B-PER'\n 'O']", ["O", "B-PER", "O"]),
        (r"['it\'s', 'a, b']", ["it's", "a, b"]),
        ("[O, B-PER]", ["O", "B-PER"]),
        ("[]", []),
        ("O B-PER", None),
        ("['O'", None),
    ],
)
def test_lists_that_other_programs_print(cell: str, expected: list[str] | None) -> None:
    assert printed_list(cell) == expected


def conllu(*cells: str) -> str:
    """Return a sentence of `Ada left Bonn` with the columns from the fourth on for each word."""
    lines = [
        f"{n}\t{word}\t_\t{cells[n - 1]}\n" for n, word in enumerate(("Ada", "left", "Bonn"), 1)
    ]
    return "".join([*lines, "\n"])


@pytest.mark.parametrize(
    "content",
    [
        conllu(*(f"X\tX\t_\t0\t_\t_\tname={tag}|SpaceAfter=Yes" for tag in TAGS)),
        conllu(*(f"X\tX\t_\t0\t_\t_\tgold={tag}|x=y" for tag in TAGS)),
        conllu(*(f"X\tX\t_\t0\t_\t_\t{tag}" for tag in TAGS)),
        conllu(*(f"X\t{tag}\t_\t0\t_\t_\t_" for tag in TAGS)),
        "0\tAda\tB-PER\n1\tleft\tO\n2\tBonn\tB-LOC\n\n",
    ],
)
def test_tags_anywhere_in_conllu(tmp_path: Path, content: str) -> None:
    (task,) = tasks(tmp_path / "a.conllu", content)
    assert (task["text"], covered(task)) == ("Ada left Bonn", ADA)


def test_mentions_of_entities_in_conllu(tmp_path: Path) -> None:
    tail = "X\tX\t_\t0\t_\t_\t"
    content = "# global.Entity = eid-etype-head-other\n" + conllu(
        f"{tail}Entity=(e1-person-1-x(e2[1/2]-place-1-)",
        f"{tail}_",
        f"{tail}Entity=(e2[2/2]-place-1-)e1)|SpaceAfter=No",
    )
    one, two = tasks(tmp_path / "a.conllu", content + conllu(*[f"{tail}_"] * 3))
    assert covered(one) == [("Ada left Bonn", "person"), ("Ada left Bonn", "place")]
    assert [span["attributes"] for span in one["spans"]] == [{"entity": "e1"}, {"entity": "e2"}]
    assert one["spans"][1]["pieces"] == [[0, 3], [9, 13]]
    assert two["spans"] == []
    (bad,) = rows(tmp_path / "b.conllu", conllu(f"{tail}Entity=(e1-x-1", f"{tail}_", f"{tail}_"))
    assert isinstance(bad, BadRow)
    assert bad.detail == "the mention 'e1' is not closed"


@pytest.mark.parametrize(
    ("name", "content", "labels"),
    [
        ("a.txt", "Ada|NNP|B-PER left|VBD|O\nBonn|NNP|I-LOC\n", [["PER"], ["LOC"]]),
        ("a.txt", "Ada/B-PER and/or/O\nBonn/B-LOC it/O\n", [["PER"], ["LOC"]]),
        ("a.txt", "<START:x> Ada <END> and/or\n<START> Bonn <END> .\n", [["x"], ["ENTITY"]]),
        ("a.tagged", "Ada_B-PER left_O\nBonn_B-LOC is_O\n", [["PER"], ["LOC"]]),
    ],
)
def test_a_sentence_a_line_with_its_tags(
    tmp_path: Path, name: str, content: str, labels: list[list[str]]
) -> None:
    one, two = tasks(tmp_path / name, content)
    assert [[label for _, label in covered(task)] for task in (one, two)] == labels
    assert (one["text"].split()[0], two["text"].split()[0]) == ("Ada", "Bonn")
    assert "tagged-text" in told_of(open_source(tmp_path / name))


def test_a_word_without_a_tag_and_an_open_mark_are_told(tmp_path: Path) -> None:
    lines = "Ada|B-PER left|O\n" * 20
    *_, bad, _ = rows(tmp_path / "a.txt", f"{lines}Bo|B-PER sang\n{lines.splitlines()[0]}\n")
    assert isinstance(bad, BadRow)
    assert bad.detail == "not every word has a tag behind it"
    bad, _, other = rows(tmp_path / "b.txt", "<START:x> Ada\n<START:x> Bo <END>\n<END> Cy\n")
    assert isinstance(bad, BadRow)
    assert isinstance(other, BadRow)
    assert bad.detail == "a mark in it is not closed"


def test_prose_with_slashes_stays_prose(tmp_path: Path) -> None:
    found = rows(tmp_path / "a.txt", "He/she and/or it.\nSee http://a/O or B-52.\n")
    assert [each.data for each in found if isinstance(each, Row)] == [
        {"text": "He/she and/or it."},
        {"text": "See http://a/O or B-52."},
    ]


def test_webanno_2_counts_its_tokens_by_sentence(tmp_path: Path) -> None:
    content = (
        " # webanno.custom.NE | value # x.Dependency | DependencyType\n#id=1\n"
        "#text=Ada left New York.\n1-1\tAda\tB-PER\tnsubj\t1-2\n1-2\tleft\tO\t_\t_\n"
        "1-3\tNew\tB-LOC\t_\t_\n1-4\tYork\tI-LOC\t_\t_\n1-5\t.\tO\t_\t_\n\n"
        "#id=2\n#text=Bo.\n2-1\tBo\tB-PER\t_\t_\n2-2\t.\tO\t_\t_\n\n"
    )
    one, two = tasks(tmp_path / "a.tsv", content)
    assert (one["text"], covered(one)) == (
        "Ada left New York.",
        [("Ada", "PER"), ("New York", "LOC")],
    )
    assert (two["text"], covered(two), two["meta"]) == ("Bo.", [("Bo", "PER")], {"id": "2"})


def test_a_class_beside_words_is_no_tag(tmp_path: Path) -> None:
    row = {"tokens": ["Ada", "left"], "label": ["news"]}
    (found,) = rows(tmp_path / "a.jsonl", json.dumps(row) + "\n")
    assert isinstance(found, Row)
    assert (found.data["text"], found.data["label"]) == ("Ada left", ["news"])


def test_a_word_of_a_sentence_that_looks_like_a_tag_is_none(tmp_path: Path) -> None:
    tail = "X\tX\t_\t0\t_\t_\t"
    content = conllu(f"{tail}Gloss=S-PL", f"{tail}_", f"{tail}SpaceAfter=No")
    (found,) = rows(tmp_path / "a.conllu", content)
    assert isinstance(found, Row)
    assert "spans" not in found.data


def test_a_bar_before_what_is_no_tag_belongs_to_the_label(tmp_path: Path) -> None:
    lines = "Bank\tB-ORG\nof\tI-ORG\nIra\tL-ORG|O-GPE\n.\tO\n\nBo\tO\n"
    first, _ = tasks(tmp_path / "a.conll", lines)
    assert covered(first) == [("Bank of", "ORG"), ("Ira", "ORG|O-GPE")]
