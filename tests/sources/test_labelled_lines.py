"""Texts behind their class, trees in brackets, and SLATE's marks beside a text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.sources.test_files_of_others import read
from tests.sources.test_shapes import said
from tui_annotate.errors import SourceError
from tui_annotate.sources.base import BadRow, Row, told_of
from tui_annotate.sources.registry import open_source

pytestmark = pytest.mark.quick

FILES: dict[str, tuple[str, str, list[tuple[str, list[str] | None]]]] = {
    "questions of TREC": (
        "a.txt", "DESC:manner How did it begin ?\nHUM:ind Who was Ada ?\n",
        [("How did it begin ?", ["DESC:manner"]), ("Who was Ada ?", ["HUM:ind"])]),
    "their coarse classes": (
        "a.txt", "DESC How did it begin ?\nHUM Who was Ada ?\n",
        [("How did it begin ?", ["DESC"]), ("Who was Ada ?", ["HUM"])]),
    "questions of one class under their ending": (
        "train.label", "NUM:date When ?\n", [("When ?", ["NUM:date"])]),
    "trees of SST": (
        "a.txt", "(3 (2 (2 The) (2 Rock)) (4 (3 (2 is) (2 good)) (2 .)))\n(2 (2 It) (2 -LRB-) )\n",
        [("The Rock is good .", ["3"]), ("It -LRB-", ["2"])]),
    "trees of the Penn Treebank": (
        "a.txt", "( (S (NP (NNP Ada)) (VP (VBD left)) (. .)))\n( (NP (NNP Bo) (NN 東)))\n",
        [("Ada left .", None), ("Bo 東", None)]),
    "notes that begin like classes": (
        "a.txt", "NOTE:this is so\nDESC:no\n", [("NOTE:this is so", None), ("DESC:no", None)]),
    "remarks in brackets": (
        "a.txt", "(see below)\n(a (b) c\n", [("(see below)", None), ("(a (b) c", None)]),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_lines_are_read_for_what_they_are(tmp_path: Path, name: str) -> None:
    file, content, wanted = FILES[name]
    found, reading, _ = read(tmp_path / file, content)
    assert [(each["text"], each.get("accept")) for each in found] == wanted
    assert reading.bad == []


def test_what_trees_say_of_their_phrases_is_said_to_be_left_out(tmp_path: Path) -> None:
    _, _, told = read(tmp_path / "a.txt", "(3 (2 Good) (2 fun))\n")
    assert told.endswith("and the class of a whole tree, none of its phrases")
    path = tmp_path / "b.txt"
    path.write_text("(3 (2 Good) (2 fun))\n(3 (2 Good)\n")
    rows = list(open_source(path, loader="trees").rows())
    assert [row.detail for row in rows if isinstance(row, BadRow)] == [
        "it is no whole tree in brackets"
    ]


@pytest.mark.parametrize(
    ("content", "sign"),
    [
        ("the food####[['food', 'good']]\nbad####[['NULL', 'bad']]\n", "`####` and a list"),
        ("I like $T$ .\nAda\n1\n$T$ left\nBo\n0\n", "`$T$`"),
        ("The price is $T$.\nNo\n", ""),
        ("[PER Ada] met [PER Bo]\n[ORG Acme] grew\n", "`[PER Ada]`"),
        ("[Ada](PER) met Bo\n[Acme](ORG) grew\n", "`[Ada](PER)`"),
        ("Ada <B-PER> met <O>\nAcme <B-ORG> grew\n", "`Ada <B-PER>`"),
        ("no\tfirst turn\tnext turn\n0\tI am\tYou are\n", "has 3 columns"),
        ("a b ||| c d\ne f ||| g h\n", "`|||`"),
        ("The/DT dog/NN ./.\nA/DT cat/NN\n", "has a tag behind it"),
        ("one\ttab\nno tab\n", ""),
        ("See [here](http://a.b)\nand [there](http://c.d)\n", ""),
    ],
)
def test_what_stays_in_the_text_of_a_line_is_said(tmp_path: Path, content: str, sign: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(content)
    told = told_of(open_source(path))
    assert sign in told
    assert bool(sign) == bool(told)


TEXT = "👍 Ada Lovelace met Bo .\r\n\r\n  She left Bonn\n"
MARKS = "((0, 1), (0, 2)) - PER\n(0, 4) - PER name\n(2, 2, 0) - X\n2 - line\n() - letter\n# note\n"


def slate(folder: Path, marks: str) -> dict[str, Any]:
    (folder / "a.txt").write_bytes(TEXT.encode())
    (folder / "a.txt.annotations").write_text(marks)
    (row,) = open_source(folder / "a.txt").rows()
    assert isinstance(row, Row), row
    return {**row.data, "notices": row.notices}


def test_marks_of_slate_lie_where_its_lines_and_tokens_are(tmp_path: Path) -> None:
    task = slate(tmp_path, MARKS)
    text = task["text"]
    assert text == TEXT
    assert [(text[each["start"] : each["end"]], each["label"]) for each in task["spans"]] == [
        ("Ada Lovelace", "PER"), ("Bo", "PER"), ("Bo", "name"), ("She left Bonn", "line"),
        ("B", "X"),
    ]  # fmt: skip
    assert task["accept"] == ["letter"]
    # A folder has the text with its marks once, and either file may be named.
    assert len(list(open_source(tmp_path).rows())) == 1
    named = next(iter(open_source(tmp_path / "a.txt.annotations").rows()))
    assert named.data["spans"] == task["spans"]  # type: ignore[union-attr]


def test_links_of_slate_are_relations_and_marks_without_a_label_are_counted(
    tmp_path: Path,
) -> None:
    task = slate(tmp_path, "(0, 4) - PER\n(2, 0) (0, 4) - same\n0 2 -\n(2, 2) -\n")
    ends = [(each["head_span"], each["label"], each["child_span"]) for each in task["relations"]]
    said = [
        (TEXT[one["start"] : one["end"]], label, TEXT[other["start"] : other["end"]])
        for one, label, other in ends
    ]
    assert said == [
        ("She", "same", "Bo"), ("👍 Ada Lovelace met Bo .", "link", "She left Bonn"),
    ]  # fmt: skip
    assert task["notices"] == ("1 mark without a label is left out",)


@pytest.mark.parametrize(
    "mark", ["(9, 0) - PER", "(0, 99) - PER", "nonsense", "(0, 1) PER", "1 - X"]
)
def test_a_mark_that_is_none_makes_its_text_a_bad_row(tmp_path: Path, mark: str) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode())
    (tmp_path / "a.txt.annotations").write_text(f"{mark}\n")
    (row,) = open_source(tmp_path / "a.txt").rows()
    assert isinstance(row, BadRow)
    assert "of its marks" in row.detail


def test_a_link_may_stand_before_the_marks_that_it_links(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Ada met Bo .\n")
    (tmp_path / "a.txt.annotations").write_text(
        "(0, 0) (0, 2) - same\n(0, 0) - PER\n(0, 2) - PER\n"
    )
    (row,) = open_source(path).rows()
    assert isinstance(row, Row)
    assert [each["label"] for each in row.data["spans"]] == ["PER", "PER"]
    assert len(row.data["relations"]) == 1


def test_the_whole_text_may_be_an_end_of_a_link(tmp_path: Path) -> None:
    task = slate(tmp_path, "() (0, 4) - about\n((), ()) - X\n")
    text = task["text"]
    whole = text.strip()
    assert [text[each["start"] : each["end"]] for each in task["spans"]] == [whole, whole, "Bo"]
    assert [each["label"] for each in task["relations"]] == ["about"]


def test_further_marks_of_slate_are_named_with_the_loader(tmp_path: Path) -> None:
    slate(tmp_path, "")
    more = tmp_path / "a.txt.category.annotations2"
    more.write_text("(0, 4) - PER\n")
    (row,) = open_source(more, loader="slate").rows()
    assert [each["label"] for each in row.data["spans"]] == ["PER"]  # type: ignore[union-attr]
    alone = tmp_path / "b.txt.annotations"
    alone.write_text("(0, 4) - PER\n")
    with pytest.raises(SourceError, match="the text that it marks is not beside it"):
        open_source(alone)


def test_labels_behind_words_may_lack_their_beginnings(tmp_path: Path) -> None:
    found, _, told = read(tmp_path / "a.txt", "Ada/PER Lee/PER met/O Bo/PER ./O\nAcme/ORG grew/O\n")
    assert [each["spans"] for each in found] == [["Ada Lee:PER", "Bo:PER"], ["Acme:ORG"]]
    assert told.startswith("read as tagged-text")
    prose, _, told = read(tmp_path / "b.txt", "The/A dog/B barks\nhe/she and/or\n")
    assert (told, len(prose)) == ("", 2)


def test_lines_without_tags_are_no_texts_without_spans(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Ada met Bo\nBo left\n")
    rows = list(open_source(path, loader="tagged-text").rows())
    assert [row.detail for row in rows if isinstance(row, BadRow)] == [
        "its words have no tags behind them"
    ] * 2


OPINIONS: dict[str, tuple[str, list[str]]] = {
    "ASTE": (
        "The food was great but dull .####[([1], [3], 'POS'), ([1], [5], 'NEG')]\nOk .####[]\n",
        ["The food was great but dull . | [food](ASPECT) [great](OPINION) [dull](OPINION)"
         " food POS great food NEG dull", "Ok . |"]),
    "ASTE with tags": (
        "The food is good , dull menu .####The=O food=T-POS is=O good=O ,=O dull=O menu=TT-NEG .=O"
        "####The=O food=O is=O good=S ,=O dull=SS menu=O .=O\n"
        "a = b works .####a=O ==O b=O works=T-POS .=O####a=O ==O b=O works=O .=O\n",
        ["The food is good , dull menu . | [food](ASPECT) [good](OPINION) [dull](OPINION)"
         " [menu](ASPECT) food POS good menu NEG dull", "a = b works . | [works](ASPECT)"]),
    "ASQP": (
        "Great wine list .####[['wine list', 'drinks style', 'positive', 'Great']]\n"
        "Fine .####[['NULL', 'food', 'positive', 'Fine'], ['NULL', 'x', 'neutral', 'NULL']]\n",
        ["Great wine list . | [Great](OPINION) [wine list](ASPECT) wine list positive Great",
         "Fine . | [Fine](OPINION)"]),
    "TASD": (
        "Great wine .####[['wine', 'drinks', 'positive']]\nNo .####[['NULL', 'x', 'negative']]\n",
        ["Great wine . | [wine](ASPECT)", "No . |"]),
}  # fmt: skip


@pytest.mark.parametrize("name", OPINIONS)
def test_aspects_and_opinions_behind_their_text(tmp_path: Path, name: str) -> None:
    content, expected = OPINIONS[name]
    path = tmp_path / "a.txt"
    path.write_text(content)
    source = open_source(path)
    assert told_of(source).startswith("read as opinion-tuples (--loader txt")
    rows = [row for row in source.rows() if isinstance(row, Row)]
    assert [said(row.data) for row in rows] == expected
    about = [span.get("attributes") for row in rows for span in row.data["spans"]]
    assert [each for each in about if each] == {
        "ASTE": [],
        "ASTE with tags": [{"sentiment": "POS"}],
        "ASQP": [{"category": "drinks style"}, {"sentiment": "positive", "category": "food"}],
        "TASD": [{"sentiment": "positive", "category": "drinks"}],
    }[name]
    remarks = [remark for row in rows for remark in row.notices]
    assert len(remarks) == (0 if name.startswith("ASTE") else 1)


def test_opinions_on_words_that_are_not_there_are_a_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("One two .####[([7], [1], 'POS')]\nOne .####[['x', 'y', 'positive', 'z']]\n")
    assert [getattr(row, "reason", None) for row in open_source(path).rows()] == ["bad-spans"] * 2


def test_labels_of_fasttext_that_are_scores_are_no_classes(tmp_path: Path) -> None:
    lines = "".join(f"__label__0.{number}7\tsome text {number}\n" for number in range(1, 30))
    found, reading, _ = read(tmp_path / "train.txt", lines)
    assert found == []
    assert "numbers with decimals" in reading.bad[0][1]
