"""Files of one token a line in the shapes that public corpora have."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exchange.support import document
from tui_annotate.errors import SourceError
from tui_annotate.exchange.conll import DOCSTART, columns
from tui_annotate.sources.base import BadRow, Row, told_of
from tui_annotate.sources.registry import open_source

pytestmark = pytest.mark.quick

Marks = list[tuple[str, str]]


def read(path: Path, text: str, tag_column: str | None = None) -> list[dict[str, Any]]:
    path.write_text(text, encoding="utf-8")
    rows = list(open_source(path, tag_column=tag_column).rows())
    assert not [row for row in rows if isinstance(row, BadRow)], rows
    return [row.data for row in rows if isinstance(row, Row)]


def covered(task: dict[str, Any]) -> Marks:
    return [(task["text"][s["start"] : s["end"]], s["label"]) for s in task["spans"]]


LAYERS = "an index, two layers of tags, sources as comments"
ROLES = "a/b 0 {n} {word} NN (NP{paren} x - - S {name} {roles}\n"

SHAPES: dict[str, tuple[str, list[Marks]]] = {
    "tweets with tags of topics": (
        "#NFL\tB-org\nhits\tO\nNew York\tB-loc\n\n@you\tO\n#ok\tO\n",
        [[("#NFL", "org"), ("New York", "loc")], []],
    ),
    LAYERS: (
        "#\thttp://example.org/1 [2009-10-17]\n1\tFC\tB-ORG\tO\n2\tKickers\tI-ORG\tO\n"
        "3\tDarmstadt\tI-ORG\tB-LOC\n4\t.\tO\tO\n\n"
        "#\thttp://example.org/2 [2009-10-18]\n1\tAuch\tO\tO\n2\tRonaldo\tB-PER\tO\n3\t#\tO\tO\n",
        [[("FC Kickers Darmstadt", "ORG"), ("Darmstadt", "LOC")], [("Ronaldo", "PER")]],
    ),
    "four columns with phrases, marks of documents": (
        "-DOCSTART- -X- -X- O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\nGerman JJ I-NP I-MISC\n\n"
        "-DOCSTART- (2) -X- O\n\nPeter NNP I-NP I-PER\n# SYM O O\n",
        [[("EU", "ORG"), ("German", "MISC")], [("Peter", "PER")]],
    ),
    "two columns with part of speech between": (
        "Melbourne NP B-LOC\n( Fpa O\nAustralia NP B-LOC\n) Fpt O\n",
        [[("Melbourne", "LOC"), ("Australia", "LOC")]],
    ),
    "comments as wide as the rest": (
        "# id 5239d808\tdomain=en\nhis _ _ O\nplaystation _ _ B-CW\n3 _ _ I-CW\n\n\n"
        "# id 7239d809\tdomain=en\nit _ _ O\n",
        [[("playstation 3", "CW")], []],
    ),
    "columns behind the tags": (
        "# sent_id = 1\n# text = Ada left.\n"
        "1\tAda\tB-PER\t-\tann1\n2\tleft\tO\t-\t-\n3\t.\tO\t-\t-\n",
        [[("Ada", "PER")]],
    ),
    "an index from 0": (
        "0\tThis\tO\n1\tis\tO\n2\tBonn\tB-LOC\n\n0\tBo\tB-PER\n",
        [[("Bonn", "LOC")], [("Bo", "PER")]],
    ),
    "bare labels with hyphens": (
        "Ada\tperson-artist/author\nand\tO\nBo\tperson-other\nBerg\tperson-other\nsang\tO\n.\tO\n",
        [[("Ada", "person-artist/author"), ("Bo Berg", "person-other")]],
    ),
    "positions without labels": (
        "Selegiline\tB\n-\tO\ninduced\tO\npostural\tB\nhypotension\tI\n",
        [[("Selegiline", "ENTITY"), ("postural hypotension", "ENTITY")]],
    ),
    "the tag first": (
        "O\twhat\nO\tmovies\nB-GENRE\taction\nI-GENRE\tfilms\n",
        [[("action films", "GENRE")]],
    ),
    "blanks and tabs behind the tag": (
        "Ada B-PER \nleft O\t\nBonn B-LOC\t \n",
        [[("Ada", "PER"), ("Bonn", "LOC")]],
    ),
    "tabs behind some tags": (
        "Ada\tB-PER\t\nleft\tO\nBonn\tB-LOC \n",
        [[("Ada", "PER"), ("Bonn", "LOC")]],
    ),
    "an empty cell for outside": (
        "Ada\tB-PER\nleft\t\nthe\t\ntown\t\n",
        [[("Ada", "PER")]],
    ),
    "a header with names": (
        "TOKEN\tNE-COARSE\tNE-FINE\tNEL\tMISC\n# language = fr\nOn\tO\tO\t_\t_\n"
        "Bonn\tB-loc\tB-loc.adm\tQ586\tNoSpaceAfter\n# line = 2\n.\tO\tO\t_\tEndOfLine\n",
        [[("Bonn", "loc"), ("Bonn", "loc.adm")]],
    ),
    "columns named by CoNLL-U Plus": (
        "# global.columns = FORM LEMMA UPOS CONLL:NER\n# text = Budapest szép\n"
        "Budapest\tBudapest\tPROPN\tB-LOC\nszép\tszép\tADJ\tO\n\nszép\tszép\tADJ\tO\n",
        [[("Budapest", "LOC")], []],
    ),
    "CoNLL-U Plus with bare labels": (
        "# global.columns = FORM NE\n\nThis _\nis _\nBonn PLACE\n",
        [[("Bonn", "PLACE")]],
    ),
    "names in brackets, as many columns as verbs": (
        "#begin document (a/b); part 000\n"
        + ROLES.format(n=0, word="Bank", paren="*", name="(ORG*", roles="(ARG0* (1")
        + ROLES.format(n=1, word="Rome", paren="*)", name="(GPE))", roles="*) 1)").replace(
            "(GPE))", "(GPE*))"
        )
        + "\n"
        + ROLES.format(n=0, word="Bo", paren="*)", name="*", roles="-")
        + "\n#end document\n",
        [[("Bank Rome", "ORG"), ("Rome", "GPE")], []],
    ),
    "names in brackets without asterisks": (
        "1\tCarles\t_\t(person\n2\tPuig\t_\tperson)\n3\tva\t_\t_\n4\tRoma\t_\t(place)\n",
        [[("Carles Puig", "person"), ("Roma", "place")]],
    ),
    "a column of sentence numbers": (
        "7\tAda\tNNP\tB-PER\n7\tleft\tVBD\tO\n7\tBonn\tNNP\tB-LOC\n",
        [[("Ada", "PER"), ("Bonn", "LOC")]],
    ),
    "begin, middle, end and single": (
        "王 B-NAME\n小 M-NAME\n明 E-NAME\n去 O\n京 S-LOC\n",
        [[("王小明", "NAME"), ("京", "LOC")]],
    ),
    "an underscore in the tag": (
        "Ada B_PER\nBerg I_PER\nleft O\n",
        [[("Ada Berg", "PER")]],
    ),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_shape_of_a_file_is_found(tmp_path: Path, name: str, ending: str) -> None:
    text, expected = SHAPES[name]
    tasks = read(tmp_path / "a.conll", text.replace("\n", ending))
    assert [sorted(covered(task)) for task in tasks] == [sorted(each) for each in expected]


@pytest.mark.parametrize("name", SHAPES)
def test_reading_goes_on_at_any_sentence(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.conll"
    path.write_text(SHAPES[name][0])
    rows = list(open_source(path).rows())
    for number, row in enumerate(rows):
        assert list(open_source(path).rows(row.end)) == rows[number + 1 :] or row.end == row.start


def test_what_comments_say_is_kept(tmp_path: Path) -> None:
    [first, _] = read(tmp_path / "a.conll", SHAPES[LAYERS][0])
    assert first["meta"] == {"comment": "http://example.org/1 [2009-10-17]"}
    [first, _] = read(tmp_path / "a.conll", SHAPES["comments as wide as the rest"][0])
    assert first["meta"] == {"id": "5239d808", "domain": "en"}


def test_a_word_without_a_space_behind_it(tmp_path: Path) -> None:
    [task] = read(tmp_path / "a.conll", SHAPES["a header with names"][0])
    assert task["text"] == "On Bonn."
    assert task["meta"] == {"language": "fr", "line": "2"}


@pytest.mark.parametrize("asked", ["3", "4", "3,4", "NE-FINE", "ne-fine"])
def test_a_tag_column_is_asked_for(tmp_path: Path, asked: str) -> None:
    text = SHAPES["a header with names"][0].replace("TOKEN\tNE-COARSE", "TOKEN\tPOS\tNE-COARSE", 1)
    text = (
        text.replace("On\t", "On\tIN\t").replace("Bonn\t", "Bonn\tNNP\t").replace(".\tO", ".\t.\tO")
    )
    [task] = read(tmp_path / "a.conll", text, asked)
    expected = {"3": ["loc"], "3,4": ["loc", "loc.adm"]}.get(asked, ["loc.adm"])
    assert sorted(label for _, label in covered(task)) == expected


def test_bare_labels_of_every_token_are_read_where_they_are_asked_for(tmp_path: Path) -> None:
    text = "the DET\ndog NOUN\nruns VERB\n"
    with pytest.raises(SourceError, match=r"none of its columns holds tags .*'the DET'") as error:
        read(tmp_path / "a.conll", text)
    assert "--tag-column" in str(error.value.hint)
    [task] = read(tmp_path / "a.conll", text, "2")
    assert covered(task) == [("the", "DET"), ("dog", "NOUN"), ("runs", "VERB")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Ada left.\n\nBo came back home.\n", "different numbers of columns"),
        ("one\ntwo\n", "one column"),
        ("Ada NNP\nleft VBD\n", "none of its columns holds tags"),
        ("a B-X B-X\nb O O\nc B-Y B-Y\n", "columns 2 and 3 hold mostly the same tags"),
        ("# only a comment\n", "one column|different|no column|none of its columns"),
    ],
)
def test_an_unknown_shape_is_refused_with_what_was_seen(
    tmp_path: Path, text: str, why: str
) -> None:
    with pytest.raises(SourceError, match=why):
        read(tmp_path / "a.conll", text)


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no column '7' among its 2"):
        read(tmp_path / "a.conll", "a B-X\nb O\n", "7")


def test_a_line_of_another_width_is_a_bad_row_and_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text("a B-X\nb O\n\nNew York B-LOC\nc O\n\nd O\n#x y z\n\ne O\n")
    rows = list(open_source(path).rows())
    assert [row.reason for row in rows if isinstance(row, BadRow)] == ["bad-columns"] * 2
    assert [row.data["text"] for row in rows if isinstance(row, Row)] == ["a b", "e"]


def test_several_layers_are_said(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text(SHAPES[LAYERS][0])
    source: Any = open_source(path)
    assert source.told == (
        "the tags of its columns 3 and 4 are read together; --tag-column says which"
    )


def test_a_pipe_has_a_shape_too(tmp_path: Path) -> None:
    path = tmp_path / "pipe.conll"
    os.mkfifo(path)
    writer = os.open(path, os.O_RDWR)
    os.write(writer, SHAPES["tweets with tags of topics"][0].encode())
    source = open_source(path)
    os.close(writer)
    rows = [row.data for row in source.rows() if isinstance(row, Row)]
    assert [covered(task) for task in rows] == SHAPES["tweets with tags of topics"][1]


def test_tags_in_misc_by_any_name_and_words_inside_a_range(tmp_path: Path) -> None:
    rest = "\t_" * 7
    text = (
        f"1\tAda\t_\t_\t_\t_\t_\t_\t_\tner=B-PER\n2-3\tdel\t_\t_\t_\t_\t_\t_\t_\t_\n"
        f"2\tde{rest}\tner=B-LOC\n3\tel{rest}\tner=I-LOC\n\n1\tBo{rest}\tName=x\n"
    )
    first, second = read(tmp_path / "a.conllu", text)
    assert covered(first) == [("Ada", "PER"), ("del", "LOC")]
    assert "spans" not in second


WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Z", "Cf"]), min_size=1, max_size=6
).filter(lambda word: word.split() == [word] and word != DOCSTART) | st.sampled_from(
    ["#", "#NFL", "O", "B-X", "-", "_", "*", "#begin", "1", "(", "👍🏽", "é"]
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(WORDS, min_size=1, max_size=12), st.data())
@pytest.mark.parametrize("name", ["conll2003", "iob2", "bilou"])
def test_our_own_columns_come_back_whatever_the_tokens(
    tmp_path_factory: pytest.TempPathFactory, name: str, words: list[str], data: st.DataObject
) -> None:
    tokens, at = [], 0
    for number, word in enumerate(words):
        end = at + len(word)
        tokens.append({"text": word, "start": at, "end": end, "id": number, "ws": True})
        at = end + 1
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    span = {
        "start": tokens[first]["start"],
        "end": tokens[last]["end"],
        "token_start": first,
        "token_end": last,
        "label": "B-B",
    }
    one = document({"text": " ".join(words), "tokens": tokens, "spans": [span]})
    scheme: Any = "bilou" if name == "bilou" else "iob2"
    between = " -X- _ " if name == "conll2003" else "\t"
    path = tmp_path_factory.getbasetemp() / f"law.{name}"
    [task] = read(path, columns(one, between, scheme))
    # Words of Chinese and Japanese are joined without a space.
    assert [token["text"] for token in task["tokens"]] == words
    assert task["text"].split() == task["text"].split(" ")
    assert task["text"].replace(" ", "") == "".join(words)
    assert [(s["token_start"], s["token_end"], s["label"]) for s in task["spans"]] == [
        (first, last, "B-B")
    ]


def test_lines_without_a_token_are_bad_rows_and_no_error_of_the_program(tmp_path: Path) -> None:
    path = tmp_path / "a.iob"
    path.write_text("Ada\tB-PER\n\tO\nmet\tO\nBo\tB-PER\n\nCy\tB-PER\ncame\tO\nhome\tO\n")
    assert list(open_source(path).rows())


def test_mentions_of_conll_2012_are_read_or_said_to_be_left_out(tmp_path: Path) -> None:
    words = [("Ada", "(0)", "(PER)"), ("met", "-", "*"), ("her", "(3|(0)", "*"), ("cat", "3)", "*")]
    lines = [f"a/b 0 {n} {word} NN * - - - S {{}} (V*) {chain}"
             for n, (word, chain, _) in enumerate(words)]  # fmt: skip
    file = tmp_path / "a.gold_conll"
    mentions = [("Ada", {"entity": "0"}), ("her cat", {"entity": "3"}), ("her", {"entity": "0"})]
    for names, column, told in (
        (["*"] * 4, None, "its last column is read, with the mentions of each entity; roles"),
        ([name for _, _, name in words], "coref", ""),
        ([name for _, _, name in words], None, "its names are read; roles of its verbs, mentions"),
    ):
        rows = [line.format(name) for line, name in zip(lines, names, strict=True)]
        (task,) = read(file, "\n".join(rows) + "\n", column)
        found = [(task["text"][s["start"] : s["end"]], s.get("attributes")) for s in task["spans"]]
        assert found == ([("Ada", None)] if told.startswith("its names") else mentions)
        assert told_of(open_source(file, tag_column=column)).startswith(told)
