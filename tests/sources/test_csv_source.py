from __future__ import annotations

import csv
import io
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.test_files_of_others import read as answers_of
from tui_annotate.errors import SourceError
from tui_annotate.sources.base import BadRow, Limits, Row
from tui_annotate.sources.csv import CsvSource
from tui_annotate.sources.registry import open_source
from tui_annotate.sources.unnamed_columns import names_apart

pytestmark = pytest.mark.quick


def write(folder: Path, data: bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_columns_quotes_and_newlines(tmp_path: Path) -> None:
    data = b'\xef\xbb\xbfid,body,lang\r\n1,"He said ""no"",\r\nthen left",en\r\n\r\n2,plain,\r\n'
    source = open_source(write(tmp_path, data), text_field="body", id_field="id")
    first, second = source.rows()
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert first.data == {
        "text": 'He said "no",\r\nthen left',
        "meta": {"id": "1", "lang": "en"},
    }
    assert second.data == {"text": "plain", "meta": {"id": "2"}}
    assert (first.start.line, first.end.line, second.start.line) == (1, 3, 4)
    assert data[second.start.offset :] == b"2,plain,\r\n"
    assert source.count() == 2


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_the_delimiter_is_the_headers(tmp_path: Path, delimiter: str) -> None:
    data = f"text{delimiter}n\na{delimiter}1\n".encode()
    (row,) = open_source(write(tmp_path, data, "data.tsv")).rows()
    assert isinstance(row, Row)
    assert row.data == {"text": "a", "meta": {"n": "1"}}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"a,b,c", "not-csv"),
        (b"a", "not-csv"),
        (b" ,b", "empty-input"),
        (b"\xff,b", "not-utf8"),
        (b'"a,b', "open-quote"),
        (b"x" * 300 + b",b", "too-long"),
        (b"a\rb,c", "not-csv"),
    ],
)
def test_a_bad_record_does_not_swallow_the_rest(tmp_path: Path, line: bytes, reason: str) -> None:
    data = b"text,n\na,1\n" + line + b"\nb,2\n"
    source = open_source(write(tmp_path, data), limits=Limits(200))
    rows = list(source.rows())
    assert [r.reason if isinstance(r, BadRow) else r.data["text"] for r in rows] == [
        "a", reason, "b"
    ]  # fmt: skip
    assert source.count() == 3


def test_a_quote_inside_an_unquoted_field_is_a_character(tmp_path: Path) -> None:
    rows = list(open_source(write(tmp_path, b'text,n\n5" nail,"x" y\nb,2\n')).rows())
    assert [r.data["text"] for r in rows if isinstance(r, Row)] == ['5" nail', "b"]


def test_the_last_record_without_a_newline(tmp_path: Path) -> None:
    served = list(open_source(write(tmp_path, b"text,n\na,1\nb,2")).rows())[-1]
    assert isinstance(served, Row)
    assert served.end == served.start
    waits = list(open_source(write(tmp_path, b'text,n\na,1\n"b')).rows())[-1]
    assert isinstance(waits, BadRow)
    assert waits.reason == "incomplete"
    assert waits.end == waits.start


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (b"field,n\na,1\n", {}, r"no column `text`; columns: field, n.*--text-field"),
        (b"text,n\na,1\n", {"id_field": "id"}, r"no column `id`.*--id-field"),
        (b"text,text\na,1\n", {}, r"2 columns are called `text`"),
        (b"\n\n", {}, r"no header"),
        (b"te\xff\na\n", {}, r"header cannot be read: not valid UTF-8"),
    ],
)
def test_a_wrong_header_is_one_clear_line(
    tmp_path: Path, data: bytes, options: dict[str, str], message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        open_source(write(tmp_path, data), **options)  # type: ignore[arg-type]


_field = st.text(st.sampled_from(list('ab,";\n\r\té😀')), max_size=6)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(_field, _field), min_size=1, max_size=8),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_what_csv_writes_is_read_back_from_any_position(
    records: list[tuple[str, str]], newline: str, everything_quoted: bool
) -> None:
    if not everything_quoted:
        # The standard library's writer leaves a lone carriage return bare, which nothing can read.
        records = [(a.replace("\r", ""), b.replace("\r", "")) for a, b in records]
    with tempfile.TemporaryDirectory() as folder:
        buffer = io.StringIO(newline="")
        if everything_quoted:
            writer = csv.writer(buffer, lineterminator=newline, quoting=csv.QUOTE_ALL)
        else:
            writer = csv.writer(buffer, lineterminator=newline)
        writer.writerow(["text", "other"])
        writer.writerows(records)
        source = open_source(write(Path(folder), buffer.getvalue().encode()))
        rows = list(source.rows())
        assert source.count() == len(rows) == len(records)
        for index, (row, (text, other)) in enumerate(zip(rows, records, strict=True)):
            if isinstance(row, Row):
                assert row.data == {"text": text, **({"meta": {"other": other}} if other else {})}
            else:
                assert row.reason == "empty-input"
                assert not text.strip()
            assert row.start.row == index
            assert list(source.rows(row.end)) == rows[index + 1 :]
            assert row.start.line == buffer.getvalue().encode()[: row.start.offset].count(b"\n")


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from(list('ab,"\n')), max_size=40))
def test_any_bytes_keep_positions_and_lose_no_line(body: str) -> None:
    data = b"text,n\n" + body.encode()
    with tempfile.TemporaryDirectory() as folder:
        source = open_source(write(Path(folder), data))
        rows = list(source.rows())
        at = 7
        for index, row in enumerate(rows):
            assert not data[at : row.start.offset].strip()
            assert list(source.rows(row.start)) == rows[index:]
            at = row.end.offset
            if row.end == row.start:
                assert index == len(rows) - 1
                at = len(data)
        assert not data[at:].strip()


def test_a_pipe_with_a_header() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"text,n\na,1\nb,2\n")
    os.close(writing)
    source = open_source(f"/dev/fd/{reading}", loader="csv")
    os.close(reading)
    assert [r.data["text"] for r in source.rows() if isinstance(r, Row)] == ["a", "b"]


@pytest.mark.parametrize("name", ["c{}", "same"])
def test_a_hundred_thousand_columns_are_told_apart_in_one_go(tmp_path: Path, name: str) -> None:
    columns = [name.format(number) for number in range(100_000)]
    names, told = names_apart(tuple(columns))
    assert len(set(names)) == len(names)
    assert len(told) < 2000
    path = tmp_path / "wide.csv"
    path.write_text(",".join(columns) + "\n", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        CsvSource(path)
    assert len(str(caught.value)) < 1000


def test_a_table_of_nothing_but_tags_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "tags.csv"
    path.write_text("B-PER\nO\nB-LOC\nI-LOC\n", encoding="utf-8")
    with pytest.raises(SourceError, match="no column `text`"):
        CsvSource(path)


def test_words_beside_columns_of_0_and_1_are_not_left_out_without_a_word(tmp_path: Path) -> None:
    rows = "".join(f"text {number},{number % 2},0,true\n" for number in range(20))
    found, _, told = answers_of(tmp_path / "a.csv", f"text,toxic,insult,checked\n{rows}")
    assert found[1]["accept"] == ["toxic"]
    assert told == (
        "its columns `toxic`, `insult` with 0 and 1 are taken for classes, and `checked` with words"
        " such as `true` is not (--label-field names all)"
    )


def test_scores_with_decimals_are_no_classes(tmp_path: Path) -> None:
    rows = "".join(f'{n},{n / 7 - 2:.2f},"text {n}"\n' for n in range(30))
    found, _, told = answers_of(tmp_path / "a.csv", f"id,sentiment,text\n{rows}")
    assert "accept" not in found[0]
    assert told == (
        "its column `sentiment` holds numbers with decimals, which are no classes"
        " (--label-field takes them)"
    )
    grades = "".join(f'{n},{n % 5 + 0.5},"text {n}"\n' for n in range(30))
    found, _, _ = answers_of(tmp_path / "b.csv", f"id,sentiment,text\n{grades}")
    assert found[0]["accept"] == ["0.5"]


LETTERS = (
    "index\tsentence1\tsentence2\tlabel\n"
    '0\tAda left .\t" Ada has gone .\tnone\n'
    '1\tBo said " 100 percent .\tBo said a number .\tsome\n'
    '2\t"Yes" , said Cy .\t"Cy agreed ."\tsome\n'
)
PROTECTING = 'text\tlabel\n"She said ""no"""\ta\n"one\ttab"\tb\n"two\nlines"\ta\n"plain"\tb\n'


def test_quotes_in_a_table_with_tabs_are_letters_where_they_hold_no_cell(tmp_path: Path) -> None:
    found, _, _ = answers_of(tmp_path / "dev.tsv", LETTERS)
    assert [each["text"].split("\n") for each in found] == [
        ["Ada left .", '" Ada has gone .'],
        ['Bo said " 100 percent .', "Bo said a number ."],
        ['"Yes" , said Cy .', '"Cy agreed ."'],
    ]
    assert [each["accept"] for each in found] == [["none"], ["some"], ["some"]]


def test_quotes_in_a_table_with_tabs_hold_cells_where_they_do(tmp_path: Path) -> None:
    found, _, _ = answers_of(tmp_path / "a.tsv", PROTECTING)
    assert [each["text"] for each in found] == ['She said "no"', "one\ttab", "two\nlines", "plain"]


def test_a_quote_far_behind_the_first_lines_swallows_no_row(tmp_path: Path) -> None:
    rows = [f"{number}\tsentence number {number} .\tyes" for number in range(1500)]
    rows[1200] = '1200\t" a quote .\tyes'
    rows[1201] = '1201\tand " another one .\tno'
    path = write(tmp_path, "\n".join(["id\ttext\tlabel", *rows, ""]).encode(), "a.tsv")
    source = open_source(path)
    found = [row for row in source.rows() if isinstance(row, Row)]
    assert len(found) == source.count() == 1500
    assert found[1200].data["text"] == '" a quote .'
    behind = next(iter(open_source(path).rows(found[1201].start)))
    assert behind == found[1201]


def test_a_quote_in_the_first_line_of_a_table_without_a_header_is_a_letter(tmp_path: Path) -> None:
    lines = (
        'x1\t1\t\t" Ada left the house .\n'
        'x1\t0\t*\tLeft " the Ada house .\n'
        "x2\t1\t\tBo came home .\n"
    )
    found, _, told = answers_of(tmp_path / "in_domain_train.tsv", lines)
    assert [(each["text"], each["accept"]) for each in found] == [
        ('" Ada left the house .', ["1"]),
        ('Left " the Ada house .', ["0"]),
        ("Bo came home .", ["1"]),
    ]
    assert "column 2 is its label" in told
