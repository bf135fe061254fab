"""JSON comes in strictly and always goes out."""

import json
from collections import UserDict, deque
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.errors import TaskError
from tui_annotate.task import jsonio
from tui_annotate.task.jsonio import (
    MAX_DEPTH,
    UNREAD,
    BulkParser,
    bulk_encoder,
    dumps,
    is_json,
    loads_strict,
    loads_value,
    plain,
)

pytestmark = pytest.mark.quick

BAD = {
    b'{"x":NaN}': "not-finite",
    b'{"x":-Infinity}': "not-finite",
    b'{"x":1e400}': "not-finite",
    b'{"x":' + b"9" * 5000 + b"}": "too-big-number",
    b"[" * 100_000 + b"]" * 100_000: "too-deep",
    b'{"a":' * 900 + b"1" + b"}" * 900: "too-deep",
    b'{"a":"' + b"[" * 900: "not-json",
    b'{"text":"\xff\xfe"}': "not-utf8",
    b'{"text":"\xc0\xaf"}': "not-utf8",
    b'{"text":"\xed\xa0\x80"}': "not-utf8",
    b'{"text":"a\x1bb"}': "not-json",
    b'{"a":1,}': "not-json",
    b'{"text":"abc': "not-json",
    b'{"a":1}{"b":2}': "not-json",
    b"": "not-json",
    b"[1,2]": "not-object",
    b'"hello"': "not-object",
    b"null": "not-object",
}


IN_BULK = pytest.mark.parametrize("after", [10**9, 0], ids=["few", "bulk"])
"""Whether the standard library reads, or the parser for many records."""


@IN_BULK
@pytest.mark.parametrize(("data", "reason"), BAD.items(), ids=range(len(BAD)))
def test_bad_records_have_a_reason(
    data: Any, reason: Any, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonio, "_bulk", BulkParser(after))
    with pytest.raises(TaskError) as caught:
        loads_strict(data)
    assert caught.value.reason == reason


def test_brackets_in_strings_are_not_nesting() -> None:
    text = "[" * (MAX_DEPTH * 3) + '\\"{'
    assert loads_strict(json.dumps({"text": text}).encode())["text"] == text


def test_the_deepest_that_is_allowed() -> None:
    data = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert isinstance(loads_value(data), list)
    with pytest.raises(TaskError):
        loads_value(b"[" + data + b"]")


@IN_BULK
def test_duplicate_keys_are_told(after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonio, "_bulk", BulkParser(after))
    seen: list[str] = []
    value = loads_strict(b'{"text":"a","text":"b","m":{"k":1,"k":2}}', on_duplicate=seen.append)
    assert value == {"text": "b", "m": {"k": 2}}
    assert sorted(seen) == ["k", "text"]


@given(st.dictionaries(st.text(st.characters(), max_size=5), st.text(st.characters(), max_size=9)))
@settings(max_examples=150, deadline=None)
def test_what_goes_out_comes_back(value: Any) -> None:
    written = dumps(value)
    assert loads_strict(written.encode("utf-8")) == value


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=8,
)


@given(VALUES, st.booleans())
@settings(max_examples=300, deadline=None)
def test_in_bulk_the_same_is_read_as_elsewhere(value: Any, ascii_: bool) -> None:
    """Equal to the last bit: `1` is not `1.0`, and `0.0` is not `-0.0`."""
    written = json.dumps(value, ensure_ascii=ascii_)
    found = BulkParser(after=0)(written)
    assert found is UNREAD or repr(found) == repr(json.loads(written))
    if "NaN" not in written and "Infinity" not in written and "\\ud" not in written:
        assert found is not UNREAD or not written.isascii()


@given(VALUES)
@settings(max_examples=300, deadline=None)
def test_in_bulk_the_same_is_written_as_elsewhere(value: Any) -> None:
    write = bulk_encoder(dumps)
    try:
        expected = json.loads(dumps(value))
    except TaskError:
        with pytest.raises(TaskError):
            write(value)
    else:
        assert repr(json.loads(write(value))) == repr(expected)


def test_the_parser_for_many_is_loaded_for_many() -> None:
    parser = BulkParser(after=2)
    assert [parser("1"), parser("2"), parser("3")] == [UNREAD, UNREAD, 3]


def test_what_cannot_go_out_is_an_error() -> None:
    with pytest.raises(TaskError):
        dumps({"x": float("nan")})


class Colour(Enum):
    RED = "red"


class Number:
    """Stands for a scalar or an array of numpy, which are known by their `tolist`."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def tolist(self) -> Any:
        return self.value


MEANT: list[tuple[Any, Any]] = [
    ({"b", "a"}, ["a", "b"]),
    (frozenset((2, 1)), [1, 2]),
    ({"k": 1}.keys(), ["k"]),
    ({"k": 1}.values(), [1]),
    (deque([1]), [1]),
    (range(2), [0, 1]),
    (UserDict(a=1), {"a": 1}),
    (date(2024, 5, 1), "2024-05-01"),
    (datetime(2024, 5, 1, tzinfo=UTC), "2024-05-01T00:00:00+00:00"),
    (Decimal("1.5"), 1.5),
    (PurePosixPath("a/b"), "a/b"),
    (Colour.RED, "red"),
    (Number(3), 3),
    (Number([1.5, 2.5]), [1.5, 2.5]),
    ({"deep": [Number(1), {"x"}]}, {"deep": [1, ["x"]]}),
]


@pytest.mark.parametrize(("value", "meant"), MEANT, ids=range(len(MEANT)))
def test_what_code_means_as_json_is_written_as_json(value: Any, meant: Any) -> None:
    assert json.loads(dumps({"x": value})) == {"x": meant}
    assert not is_json({"x": value})
    found = plain({"x": value})
    assert found == {"x": meant}
    assert is_json(found)


@pytest.mark.parametrize("value", [b"bytes", object(), iter([])], ids=["bytes", "object", "once"])
def test_what_means_nothing_in_json_is_refused(value: Any) -> None:
    for write in (dumps, plain):
        with pytest.raises(TaskError) as caught:
            write({"x": value})
        assert caught.value.reason == "not-json"


def test_keys_of_numpy_are_text_like_those_of_python() -> None:
    assert plain({Number(3): 1, 4: 2}) == {"3": 1, 4: 2}
