"""Lines of JSON that are parsed a block at a time are the rows that they are one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.sources import jsonl
from tui_annotate.sources.base import BadRow, Row
from tui_annotate.sources.jsonl import JsonlSource
from tui_annotate.sources.line_source import LineSource
from tui_annotate.task import jsonio

pytestmark = pytest.mark.quick

AT_FIRST = 2
"""Rows that are read one by one."""
LINES = (
    b'{"text": "Ada met Bo.", "meta": {"id": 1}}',
    b'{"text": "\xe2\x9c\x93 \\u00e9 \\ud83d\\ude00 a: \\"b\\": c", "tokens": [{"text": "a"}]}',
    b'{"text": "x", "text": "y"}',
    b'{"text": "lone \\ud800"}',
    b'{"text": "not UTF-8 \xff"}',
    b'{"text": "a", "n": ' + b"7" * 400 + b"}",
    b'{"text": "a", "n": ' + b"7" * 40 + b', "m": 1e400}',
    b'{"text": "deep", "x": ' + b"[" * 300 + b"]" * 300 + b"}",
    b'{"text": ""}',
    b'{"other": 1}',
    b'{"text": "two"}{"text": "in a line"}',
    b'{"text":\n"over two lines"}',
    b'{"text": {}\n{"text": "b"}',
    b"[1, 2]",
    b"7",
    b"",
    b"  ",
    b'  {"text": "blanks before"}',
    b'{"text": "blanks behind"}  ',
    b'{"text": "long ' + b"x" * 700 + b'"}',
    b'{"text": NaN}',
    b"{",
    b"}",
)


@pytest.fixture(scope="module", autouse=True)
def small() -> Iterator[None]:
    """Blocks of few lines, from the second row on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl, "BLOCK", 400)
        patch.setattr(jsonl, "WORTH_LOADING", AT_FIRST)
        jsonio._bulk._load()
        yield


def compare(content: bytes) -> list[Row | BadRow]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.jsonl")
        path.write_bytes(content)
        source = JsonlSource(path)
        found = list(source.rows())
        one_by_one = list(LineSource.rows(source))
        assert found == one_by_one
        for record in found:
            assert list(source.rows(record.end)) == list(LineSource.rows(source, record.end))
    return found


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(LINES), max_size=14),
    st.sampled_from((b"\n", b"\r\n")),
    st.sampled_from((b"", b"\n", b"\xef\xbb\xbf")),
)
def test_any_lines_are_what_they_are_one_by_one(
    some: list[bytes], newline: bytes, end: bytes
) -> None:
    start = end if end.startswith(b"\xef") else b""
    good = [LINES[0]] * 3
    compare(start + newline.join([*good, *some, *good, *some]) + (b"" if start else end) or b" ")


def test_rows_that_need_no_second_look_are_parsed_together(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []
    parse = JsonlSource.parse

    def listen(self: JsonlSource, data: bytes, notices: list[str]) -> dict[str, object]:
        parsed.append(data)
        return parse(self, data, notices)

    monkeypatch.setattr(JsonlSource, "parse", listen)
    rows = [{"text": f"Ada {n}", "spans": [{"start": 0, "end": 3}]} for n in range(200)]
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.jsonl")
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        found = list(JsonlSource(path).rows())
    assert [each.data for each in found if isinstance(each, Row)] == rows
    assert [each.end.row for each in found] == list(range(1, 201))
    assert len(parsed) == AT_FIRST


def tries(monkeypatch: pytest.MonkeyPatch, lines: list[bytes]) -> list[bool]:
    """Return which blocks of lines were parsed at once, of those that this was tried with."""
    tried: list[bool] = []

    def count(block: bytes) -> list[dict[str, Any]] | None:
        found = jsonio.loads_lines(block)
        tried.append(found is not None)
        return found

    monkeypatch.setattr(jsonl, "loads_lines", count)
    content = b"\n".join(lines) + b"\n"
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.jsonl")
        path.write_bytes(content)
        source = JsonlSource(path)
        assert list(source.rows()) == list(LineSource.rows(source))
    return tried


def test_blocks_are_given_up_where_many_were_read_line_by_line_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad = [*[LINES[0]] * 2, b"{"]
    assert tries(monkeypatch, bad * 100) == [False] * jsonl._IN_VAIN


def test_a_block_that_was_parsed_at_once_counts_the_others_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad = [*[LINES[0]] * 2, b"{"] * 20
    found = tries(monkeypatch, [*bad, *[LINES[0]] * 30, *bad, *bad, *bad])
    assert True in found
    assert found.index(True) < jsonl._IN_VAIN < len(found)
    assert found[-jsonl._IN_VAIN :] == [False] * jsonl._IN_VAIN
