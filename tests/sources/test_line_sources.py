from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.sources.base import START, BadRow, Limits, Position, Row, Source
from tui_annotate.sources.registry import open_source

pytestmark = pytest.mark.quick


def write(folder: Path, data: bytes, name: str = "data.jsonl") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def texts(source: Source, start: Position = START) -> list[Any]:
    return [
        r.data["text"] if isinstance(r, Row) else (r.reason, r.start.line + 1)
        for r in source.rows(start)
    ]


def test_positions_are_exact_to_the_byte(tmp_path: Path) -> None:
    data = b'\xef\xbb\xbf{"text": "one"}\r\n\n  \n{"text": "tw\xc3\xb6"}\nnonsense\n{"text": "3"}\n'
    rows = list(open_source(write(tmp_path, data)).rows())
    assert [type(r) for r in rows] == [Row, Row, BadRow, Row]
    assert rows[0].start == Position(0, 0, 3)
    assert rows[0].end == Position(1, 1, 20)
    assert rows[1].start == Position(1, 3, 24)
    for row in rows:
        line = data[row.start.offset : row.end.offset].decode()
        assert isinstance(row, BadRow) or json.loads(line) == row.data


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not-json"),
        (b"[1]", "not-object"),
        (b'{"text": "\xff"}', "not-utf8"),
        (b'{"text": "\xed\xa0\x80"}', "not-utf8"),
        (b'{"text": "a", "n": NaN}', "not-finite"),
        (b'{"text": "a", "n": 1e400}', "not-finite"),
        (b'{"text": "a", "n": ' + b"9" * 5000 + b"}", "too-big-number"),
        (b'{"text": ' + b"[" * 100_000 + b"}", "too-deep"),
        (b'{"content": "a"}', "no-input"),
        (b'{"text": ""}', "empty-input"),
        (b'{"text": " \\n"}', "empty-input"),
        (b'{"text": 3}', "not-text"),
        (b'{"text": null}', "not-text"),
        (b"", None),
    ],
)
def test_a_bad_line_is_listed_and_the_rest_goes_on(
    tmp_path: Path, line: bytes, reason: str | None
) -> None:
    source = open_source(write(tmp_path, b'{"text": "a"}\n' + line + b'\n{"text": "b"}\n'))
    expected: list[Any] = ["a", "b"] if reason is None else ["a", (reason, 2), "b"]
    assert texts(source) == expected
    assert source.count() == len(expected)


def test_a_line_past_the_limit_is_bad_and_never_held(tmp_path: Path) -> None:
    long = b'{"text": "' + b"x" * 1000 + b'"}\n'
    path = write(tmp_path, b'{"text": "a"}\n' + long + b'{"text": "b"}\n')
    source = open_source(path, limits=Limits(max_line=100))
    assert texts(source) == ["a", ("too-long", 2), "b"]
    assert source.count() == 3
    assert texts(open_source(path, limits=Limits(max_line=len(long)))) == ["a", "x" * 1000, "b"]


def test_the_last_line_without_a_newline_is_served_and_not_passed(tmp_path: Path) -> None:
    path = write(tmp_path, b'{"text": "a"}\n{"text": "b"}')
    first, last = list(open_source(path).rows())
    assert isinstance(last, Row)
    assert last.end == last.start == first.end
    with path.open("ab") as file:
        file.write(b"\n")
    assert texts(open_source(path), last.end) == ["b"]


def test_the_last_line_waits_until_it_is_whole(tmp_path: Path) -> None:
    path = write(tmp_path, b'{"text": "a"}\n{"text": "b')
    last = list(open_source(path).rows())[-1]
    assert isinstance(last, BadRow)
    assert last.reason == "incomplete"
    assert last.end == last.start


def test_duplicate_keys_are_remarked_on_and_the_last_counts(tmp_path: Path) -> None:
    (row,) = open_source(write(tmp_path, b'{"text": "a", "text": "b"}\n')).rows()
    assert isinstance(row, Row)
    assert row.data["text"] == "b"
    assert "'text'" in row.notices[0]


def test_text_and_id_fields(tmp_path: Path) -> None:
    path = write(tmp_path, b'{"id": 7, "body": "a", "text": "old", "meta": {"x": 1}, "k": [0]}\n')
    (row,) = open_source(path, text_field="body", id_field="id").rows()
    assert isinstance(row, Row)
    meta = {"x": 1, "id": 7, "text": "old"}
    assert row.data == {"id": 7, "text": "a", "meta": meta, "k": [0]}


def test_a_bad_row_names_its_keys_and_the_likely_text(tmp_path: Path) -> None:
    line = b'{"id": "1", "content": "some longer text", "created": "2020"}\n'
    (row,) = open_source(write(tmp_path, line)).rows()
    assert isinstance(row, BadRow)
    assert row.keys == ("id", "content", "created")
    assert row.guess == "content"


def test_only_the_wanted_inputs_count(tmp_path: Path) -> None:
    path = write(tmp_path, b'{"image": "a.png"}\n')
    assert isinstance(next(iter(open_source(path).rows())), Row)
    (row,) = open_source(path, input_keys=("text",)).rows()
    assert isinstance(row, BadRow)


def test_txt_gives_a_task_a_line(tmp_path: Path) -> None:
    path = write(tmp_path, b"\xef\xbb\xbf one \r\n\n\t\ntwo\xff\nthr\x00ee\nfour", "a.txt")
    source = open_source(path)
    assert texts(source) == [" one ", ("not-utf8", 4), "thr\x00ee", "four"]
    assert source.count() == 4
    last = list(source.rows())[-1]
    assert last.end == last.start


_lines = st.one_of(
    st.text(st.characters(exclude_characters="\n", codec="utf-8"), max_size=8).map(str.encode),
    st.binary(max_size=8).map(lambda b: b.replace(b"\n", b"")),
    st.text(max_size=5).map(lambda t: json.dumps({"text": t}).encode()),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(_lines, st.sampled_from([b"\n", b"\r\n"])), min_size=1, max_size=12),
    st.booleans(),
    st.sampled_from(["x.jsonl", "x.txt"]),
    st.sampled_from([5, 1 << 20]),
)
def test_reading_from_any_position_gives_the_rest(
    parts: list[tuple[bytes, bytes]], cut: bool, name: str, limit: int
) -> None:
    data = b"".join(line + end for line, end in parts)
    data = data[:-1] if cut else data
    if not data:
        return
    with tempfile.TemporaryDirectory() as folder:
        # By its loader's name: a file that is no JSON lines at all is refused by its first lines.
        path, loader = write(Path(folder), data, name), name.removeprefix("x.")
        source = open_source(path, loader=loader, limits=Limits(limit))
        rows = list(source.rows())
        assert source.count() == len(rows)
        for index, row in enumerate(rows):
            assert row.start.row == index
            assert row.start.line == data[: row.start.offset].count(b"\n")
            assert list(source.rows(row.start)) == rows[index:]
            if row.end != row.start:
                assert data[: row.end.offset].endswith(b"\n")
                assert list(source.rows(row.end)) == rows[index + 1 :]
            else:
                assert index == len(rows) - 1
                assert not data.endswith(b"\n")


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b'{"text": "a"}\n{"text": "b"}\n')
    os.close(writing)
    source = open_source(f"/dev/fd/{reading}", loader="jsonl")
    os.close(reading)
    assert not source.seekable
    assert source.size() is None
    assert source.count() is None
    assert texts(source) == ["a", "b"]
    with pytest.raises(Exception, match="only once"):
        texts(source)
