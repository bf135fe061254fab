"""JSON that is brought along is the JSON that would have been made."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.errors import TaskError
from tui_annotate.task import jsonio
from tui_annotate.task.jsonio import Encoded, dumps, dumps_with, loads_strict

pytestmark = pytest.mark.quick

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.tuples(st.text(), VALUES | st.lists(VALUES).map(Encoded))))
@settings(max_examples=150)
def test_texts_that_are_brought_along_make_the_same_json(items: list[tuple[str, Any]]) -> None:
    value = dict(items)
    assert dumps_with(value) == dumps(value)
    assert loads_strict(dumps_with(value)) == value


def test_lone_surrogates_and_odd_keys_come_back() -> None:
    tokens = [{"text": "a\ud800", "start": 0}]
    value = {"text": "é", "tokens": Encoded(tokens), "answer": "accept"}
    assert loads_strict(dumps_with(value)) == {**value, "tokens": tokens}
    odd: Any = {1: "one", "tokens": Encoded(tokens)}
    assert dumps_with(odd) == dumps({1: "one", "tokens": tokens})
    with pytest.raises(TaskError):
        Encoded([object()])


def test_a_list_with_very_many_items_is_encoded_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    value = {"text": "é", "spans": [{"start": at} for at in range(20_001)], "answer": "accept"}
    wanted, pieces = dumps(value), list[int]()

    def counting(value: Any) -> str:
        pieces.append(len(value))
        return dumps(value)

    monkeypatch.setattr(jsonio, "dumps", counting)
    assert dumps_with(value) == wanted
    assert max(pieces) <= 5_000, "other threads stand still while one is encoded"
