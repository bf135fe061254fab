"""WebAnno TSV 3 as INCEpTION writes it; the shapes are those of its documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tui_annotate.errors import SourceError
from tui_annotate.sources.base import BadRow, Row, told_of
from tui_annotate.sources.registry import open_source

pytestmark = pytest.mark.quick


def read(path: Path, text: str, **options: Any) -> Row | BadRow:
    path.write_bytes(text.encode())
    (row,) = open_source(path, **options).rows()
    return row


def good(path: Path, text: str, **options: Any) -> dict[str, Any]:
    row = read(path, text, **options)
    assert isinstance(row, Row), row
    return row.data


def said(task: dict[str, Any]) -> list[tuple[str, str]]:
    text = task["text"]
    return [(text[each["start"] : each["end"]], each["label"]) for each in task["spans"]]


SUB = (
    "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.Span|value\n\n\n#Text=👍 aaaa bbbbbb cccccc\n"
    "1-1\t0-2\t👍\t_\t\n1-2\t3-7\taaaa\t2a[1]|2\\_b[2]\t\n1-2.1\t5-7\taa\t9a[7]\t\n"
    "1-3\t8-14\tbbbbbb\t2a[1]|2\\_b[2]|9a[7]\t\n1-3.1\t8-8\t\t0\t\n1-3.2\t8-9\tb\t*\t\n"
    "1-4\t15-21\tcccccc\t_\t\n1-4.1\t15-18\tccc\t9a[7]\t\n"
)


def test_spans_of_several_units_and_of_parts_of_tokens(tmp_path: Path) -> None:
    row = read(tmp_path / "a.tsv", SUB)
    assert isinstance(row, Row)
    assert "read as webanno (--loader tsv" in told_of(open_source(tmp_path / "a.tsv"))
    assert row.data["text"] == "👍 aaaa bbbbbb cccccc"
    assert said(row.data) == [
        ("aaaa bbbbbb", "2_b"), ("aaaa bbbbbb", "2a"), ("aa bbbbbb ccc", "9a"), ("b", "Span"),
    ]  # fmt: skip
    assert row.notices == ("1 mark that covers no text is left out",)
    assert [each["text"] for each in row.data["tokens"]] == ["👍", "aaaa", "bbbbbb", "cccccc"]


RELATED = (
    "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.Span|note|value\n#T_SP=x.Lemma|value\n"
    "#T_RL=webanno.custom.Rel|value|sure|BT_webanno.custom.Span\n\n\n"
    "#Text=Ada\n#Text=met Bo \\\\ .\n"
    "1-1\t0-3\tAda\ta\\|b[1]\tPER[1]\tada\t_\t_\t_\t\n"
    "1-2\t4-7\tmet\t*[1]\tPER[1]\tmeet\t_\t_\t_\t\n"
    "1-3\t8-10\tBo\t*|*[3]\tPER|X[3]\tbo\tknows|*\tyes|*\t1-1[1_3]|1-1[1_0]\t\n"
    "1-4\t11-12\t\\\t_\t_\t_\t_\t_\t_\t\n"
    "1-5\t13-14\t.\t_\t_\t_\t_\t_\t_\t\n\n"
    "#Text=She left .\n2-1\t15-18\tShe\t*\tPER\tshe\t_\t_\t_\t\n"
    "2-2\t19-23\tleft\t_\t_\t_\t_\t_\t_\t\n2-3\t24-25\t.\t_\t_\t_\t_\t_\t_\t\n"
)


def test_relations_layers_and_sentences(tmp_path: Path) -> None:
    row = read(tmp_path / "a.tsv", RELATED)
    assert isinstance(row, Row)
    assert row.data["text"] == "Ada\nmet Bo \\ .\nShe left ."
    assert said(row.data) == [("Ada\nmet", "PER"), ("Bo", "PER"), ("Bo", "X"), ("She", "PER")]
    assert row.data["spans"][0]["attributes"] == {"note": "a|b"}
    links = [
        (each["label"], each["head_span"]["start"], each["child_span"]["label"])
        for each in row.data["relations"]
    ]
    assert links == [("knows", 0, "X"), ("Rel", 0, "PER")]
    assert any("Lemma are left out" in each for each in row.notices)
    assert "1 feature of relations is left out" in row.notices
    lemmas = good(tmp_path / "a.tsv", RELATED, tag_column="Lemma")
    assert said(lemmas)[:2] == [("Ada", "ada"), ("met", "meet")]
    assert isinstance(read(tmp_path / "a.tsv", RELATED, tag_column="Nope"), BadRow)


def test_slots_and_chains(tmp_path: Path) -> None:
    slots = (
        "#FORMAT=WebAnno TSV 3.3\n#T_SP=c.Arg|\n"
        "#T_SP=c.Host|value|ROLE_c.Host:links_c.Link|c.Arg\n"
        "#T_CH=d.CoreferenceLink|referenceType|referenceRelation\n\n\n#Text=This is a test\n"
        "1-1\t0-4\tThis\t_\tH\tp1;p2\t1-2;1-3\tnom[1]\tcoref->1-1\t\n"
        "1-2\t5-7\tis\t*\t_\t_\t_\tnom[1]\tcoref->1-1\t\n1-3\t8-9\ta\t*\t_\t_\t_\t_\t_\t\n"
        "1-4\t10-14\ttest\t_\t_\t_\t_\tnom[1]\t*->1-2\t\n"
    )
    task = good(tmp_path / "a.tsv", slots)
    assert related(task) == [
        ("coref", "This is", "test"),
        ("p1", "This", "is"),
        ("p2", "This", "a"),
    ]
    assert sorted(said(task)) == [
        ("This", "H"), ("This is", "nom"), ("a", "Arg"), ("is", "Arg"), ("test", "nom"),
    ]  # fmt: skip


def related(task: dict[str, Any]) -> list[tuple[str, str, str]]:
    text = task["text"]
    ends = [(each["head_span"], each["child_span"]) for each in task["relations"]]
    words = [tuple(text[end["start"] : end["end"]] for end in each) for each in ends]
    labels = [each["label"] for each in task["relations"]]
    return sorted((label, *pair) for label, pair in zip(labels, words, strict=True))


def test_slots_of_any_type_and_stacked_hosts(tmp_path: Path) -> None:
    # Numbers in a column of targets are those of the targets and not of the annotation itself.
    free = (
        "#FORMAT=WebAnno TSV 3.3\n#T_SP=c.Simple|\n"
        "#T_SP=c.Host|ROLE_c.Host:links_c.Link|uima.tcas.Annotation\n\n\n#Text=This is a test\n"
        "1-1\t0-4\tThis\t_\tpr2;pr1\t1-3[1];1-2[2]\t\n1-2\t5-7\tis\t*[2]\t_\t_\t\n"
        "1-3\t8-9\ta\t*[1]\t_\t_\t\n1-4\t10-14\ttest\t_\tx[3]|y;z[4]\t1-2[2]|1-3[1];1-2[2]\t\n"
    )
    task = good(tmp_path / "a.tsv", free)
    assert sorted(said(task)) == [
        ("This", "Host"), ("a", "Simple"), ("is", "Simple"), ("test", "Host"), ("test", "Host"),
    ]  # fmt: skip
    assert related(task) == [
        ("pr1", "This", "is"), ("pr2", "This", "a"),
        ("x", "test", "is"), ("y", "test", "a"), ("z", "test", "is"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        SUB.replace("3-7", "2-6"),
        SUB.replace("TSV 3.3", "TSV 2"),
        SUB.replace("\t2a[1]", "\tx\ty\t2a[1]"),
        SUB.replace("#Text=", "#T="),
        SUB.replace("1-1\t", "no\t"),
        RELATED.replace("1-1[1_3]", "1.1"),
        RELATED.replace("15-18", "99999999-99999999999"),
    ],
    ids=range(7),
)
def test_what_does_not_fit_is_a_bad_row(tmp_path: Path, text: str) -> None:
    assert isinstance(read(tmp_path / "a.tsv", text, loader="webanno"), BadRow)


def test_offsets_in_code_points_are_read_too(tmp_path: Path) -> None:
    head = "#FORMAT=WebAnno TSV 3.3\n#T_SP=l|value\n\n\n#Text=👍 Bo\n"
    text = f"{head}1-1\t0-1\t👍\t_\n1-2\t2-4\tBo\tX\n"
    assert said(good(tmp_path / "a.tsv", text)) == [("Bo", "X")]


def test_relations_between_tokens(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    token = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token"
    path.write_text(
        f"#FORMAT=WebAnno TSV 3.3\n#T_SP=c.S|value\n#T_RL=c.R|value|BT_{token}\n\n\n"
        "#Text=Ada met 👍.\n"
        "1-1\t0-3\tAda\tPER\t_\t_\t\n1-2\t4-7\tmet\t_\t_\t_\t\n1-3\t8-10\t👍\t_\tobj\t1-2\t\n"
        "1-4\t10-11\t.\t_\t_\t_\t\n",
        encoding="utf-8",
    )
    (row,) = open_source(path).rows()
    assert isinstance(row, Row), row
    assert [(each["start"], each["end"]) for each in row.data["spans"]] == [(0, 3)]
    (found,) = row.data["relations"]
    assert (found["head"], found["child"], found["label"]) == (1, 2, "obj")
    assert (found["head_span"]["label"], found["child_span"]["start"]) == (None, 8)
    assert [each["text"] for each in row.data["tokens"]] == ["Ada", "met", "👍", "."]
    assert row.notices == ()


def test_version_2_is_told_from_a_table(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    layers = (
        " # webanno.custom.Span | value # webanno.custom.Rel | r | AttachTo=webanno.custom.Span"
    )
    rows = "1-1\tAda\t{}\t_\t_\n1-2\tmet\tO\t_\t_\n1-3\tBo\tB-PER\tx\t1-1\n"
    path.write_text(f"{layers}\n#id=1\n#text=Ada met Bo\n{rows.format('B-PER')}\n")
    assert told_of(open_source(path)).startswith("read as conll2003")
    (row,) = open_source(path).rows()
    assert isinstance(row, Row), row
    assert [row.data["text"][s["start"] : s["end"]] for s in row.data["spans"]] == ["Ada", "Bo"]
    path.write_text(
        f"{layers}\n#id=1\n#text=Ada met Bo\n{rows.replace('B-PER', 'A').format('A')}\n"
    )
    with pytest.raises(SourceError, match="none of its columns holds tags"):
        open_source(path)
