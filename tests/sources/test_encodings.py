"""Files in other encodings than UTF-8: found by their mark, or named."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.errors import SourceError
from tui_annotate.sources.base import BadRow, Row, SourceChange
from tui_annotate.sources.registry import open_source

pytestmark = pytest.mark.quick

TEXTS = ["Zoë saß — „hier“", "👍🏽 東京", "plain"]
FORMS = {
    "a.txt": "\r\n".join(TEXTS) + "\r\n",
    "a.csv": "id,text\n" + "".join(f'{n},"{text}"\n' for n, text in enumerate(TEXTS)),
    "a.jsonl": "".join(f'{{"text": "{text}"}}\n' for text in TEXTS),
    "a.json": "[" + ",\n".join(f'{{"text": "{text}"}}' for text in TEXTS) + "]",
}


def texts(path: Path, encoding: str | None = None) -> list[str]:
    rows = list(open_source(path, encoding=encoding).rows())
    assert all(isinstance(row, Row) for row in rows), rows
    return [row.data["text"] for row in rows if isinstance(row, Row)]


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("mark", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-8"])
def test_the_byte_order_mark_decides(tmp_path: Path, name: str, mark: str) -> None:
    path = tmp_path / name
    path.write_bytes(("\ufeff" + FORMS[name]).encode(mark))
    assert texts(path) == TEXTS


def test_reading_goes_on_at_any_row_of_utf_16(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(FORMS["a.jsonl"].encode("utf-16"))
    rows = list(open_source(path).rows())
    for number, row in enumerate(rows):
        assert list(open_source(path).rows(row.end)) == rows[number + 1 :]
    mark = open_source(path).fingerprint(rows[0].end)
    assert open_source(path).compare(mark) is SourceChange.SAME
    with path.open("ab") as file:
        file.write('{"text": "more"}\n'.encode("utf-16-le"))
    assert open_source(path).compare(mark) is SourceChange.GROWN


BESIDE = {
    "brat": {"a.ann": "T1\tPÉR 0 3\tZoë\nT2\tX 10 12\tis\n"},
    "bionlp": {"a.a1": "T1\tPÉR 0 3\tZoë\n", "a.a2": "T2\tX 10 12\tis\n"},
    "slate": {"a.txt.annotations": "(0, 0) - PÉR\n(1, 0) - X\n"},
    "i2b2": {"a.con": 'c="zoë" 1:0 1:0||t="PÉR"\nc="is" 2:0 2:0||t="X"\n'},
}


@pytest.mark.parametrize("loader", BESIDE)
@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", ""])
@pytest.mark.parametrize("end", ["\n", "\r"])
def test_a_text_and_its_marks_have_one_encoding(
    tmp_path: Path, loader: str, encoding: str, end: str
) -> None:
    for name, content in {"a.txt": "Zoë left.\nis\n", **BESIDE[loader]}.items():
        data = content.replace("\n", end).encode(encoding or "utf-8")
        (tmp_path / name).write_bytes(data)
    for name in ("a.txt", next(iter(BESIDE[loader]))):
        (row,) = open_source(tmp_path / name, encoding=encoding).rows()
        assert isinstance(row, Row), row
        # brat's texts come from our exports too, so each is kept as it is.
        kept = end if loader in ("brat", "bionlp") else "\n"
        assert row.data["text"] == f"Zoë left.{kept}is{kept}"
        found = [(each["start"], each["end"], each["label"]) for each in row.data["spans"]]
        assert (found, row.notices) == ([(0, 3, "PÉR"), (10, 12, "X")], ())


def test_marks_in_xml_are_in_what_they_declare(tmp_path: Path) -> None:
    mark = "<mention id='1'/><span start='0' end='3'/><spannedText>Zoë</spannedText>"
    said = "<classMention id='1'><mentionClass id='PÉR'/></classMention>"
    content = f"<annotations textSource='a'><annotation>{mark}</annotation>{said}</annotations>"
    (tmp_path / "a.txt.knowtator.xml").write_bytes(
        f"<?xml version='1.0' encoding='ISO-8859-1'?>{content}".encode("latin-1")
    )
    (tmp_path / "a.txt").write_text("Zoë left.", encoding="cp1252")
    (row,) = open_source(tmp_path / "a.txt", encoding="cp1252").rows()
    assert isinstance(row, Row)
    assert (row.data["spans"][0]["label"], row.notices) == ("PÉR", ())


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_lines_may_end_in_a_carriage_return_alone(tmp_path: Path, name: str, encoding: str) -> None:
    path = tmp_path / name
    path.write_bytes(FORMS[name].replace("\r\n", "\n").replace("\n", "\r").encode(encoding))
    assert texts(path) == TEXTS
    rows = list(open_source(path).rows())
    for number, row in enumerate(rows):
        assert list(open_source(path).rows(row.end)) == rows[number + 1 :]
    mark = open_source(path).fingerprint(rows[0].end)
    assert open_source(path).compare(mark) is SourceChange.SAME


def test_a_tag_does_not_go_on_behind_a_carriage_return(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_bytes(b"Ada B-PER\rleft O\r\rBo B-PER\rstayed O\r")
    rows = [row.data for row in open_source(path).rows() if isinstance(row, Row)]
    assert [row["text"] for row in rows] == ["Ada left", "Bo stayed"]
    assert [row["spans"][0]["label"] for row in rows] == ["PER", "PER"]


def test_carriage_returns_among_newlines_stay_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"10 %\r20 %\nAda left\r\n")
    assert texts(path) == ["10 %\r20 %", "Ada left"]


def test_a_compressed_file_has_a_mark_too(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress(FORMS["a.txt"].encode("utf-16")))
    assert texts(path) == TEXTS


def test_an_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Zoë saß — „hier“\n".encode("cp1252"))
    assert texts(path, encoding="cp1252") == ["Zoë saß — „hier“"]
    with pytest.raises(SourceError, match="there is no encoding 'cp1253x'"):
        open_source(path, encoding="cp1253x")
    with pytest.raises(SourceError, match="there is no encoding 'zip'"):
        open_source(path, encoding="zip")


def test_a_pipe_is_decoded_where_its_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "pipe.txt"
    os.mkfifo(path)
    writer = os.open(path, os.O_RDWR)
    os.write(writer, FORMS["a.txt"].encode("utf-16"))
    source = open_source(path, encoding="utf-16")
    os.close(writer)
    assert [row.data["text"] for row in source.rows() if isinstance(row, Row)] == TEXTS


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", b"one\nZo\xeb\nthree\n"),
        ("a.csv", b"text\none\nZo\xeb\nthree\n"),
        ("a.jsonl", b'{"text": "one"}\n{"text": "Zo\xeb"}\n{"text": "three"}\n'),
    ],
)
def test_the_first_row_that_is_not_utf_8_says_what_would_help(
    tmp_path: Path, name: str, data: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    _, bad, last = open_source(path).rows()
    assert isinstance(bad, BadRow)
    assert bad.reason == "not-utf8"
    assert "--encoding cp1252" in bad.detail
    assert isinstance(last, Row)
    assert texts(path, encoding="cp1252") == ["one", "Zoë", "three"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tsv", "#FORMAT=WebAnno TSV 3.3\n\n\n#Text=Zoë\n1-1\t0-3\tZoë\n"),
        ("a.lu", "# A\n- Zoë\n"),
        ("a.ann", "T1\tX 0 3\tZoë\n"),
    ],
)
def test_a_whole_file_in_another_encoding_says_what_would_help(
    tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / "a.txt").write_bytes(b"Zo\xeb")
    (tmp_path / name).write_bytes(content.encode("cp1252"))
    (bad,) = open_source(tmp_path / name).rows()
    assert isinstance(bad, BadRow)
    assert bad.detail.endswith("if the file comes from Windows, `--encoding cp1252` reads it")
    (bad,) = open_source(tmp_path / name, encoding="ascii").rows()
    assert isinstance(bad, BadRow)
    assert bad.detail.endswith("it holds bytes that are not ascii")


def test_bytes_that_the_encoding_does_not_have_are_one_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\n\x81\nthree\n")
    _, bad, last = open_source(path, encoding="cp1252").rows()
    assert isinstance(bad, BadRow)
    assert bad.detail == "it holds bytes that are not cp1252"
    assert isinstance(last, Row)


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), st.sampled_from(
    ["utf-16", "utf-32", "utf-16-le", "gb18030"]
))  # fmt: skip
def test_whatever_was_encoded_comes_back(
    tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "law.txt"
    line = f"a{text}b"
    path.write_bytes(f"{line}\n".encode(encoding))
    assert texts(path, encoding=encoding) == [line]
