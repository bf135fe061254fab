"""Which answers `update` gets: in batches, after the undo window, the superseding ones again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.session.callbacks import Updates

pytestmark = pytest.mark.quick


def test_an_answer_in_the_window_is_held_back() -> None:
    updates = Updates(batch_size=2, window=3)
    for number in range(4):
        updates.add(number, {"n": number})
        assert updates.due() == []
    updates.add(4, {"n": 4})
    assert [each["n"] for each in updates.due()] == [0, 1]
    assert updates.due() == []
    assert [[each["n"] for each in batch] for batch in updates.rest()] == [[2, 3], [4]]


def test_an_answer_changed_in_the_window_is_given_once() -> None:
    updates = Updates(batch_size=1, window=2)
    updates.add("a", {"answer": "accept"})
    updates.add("a", {"answer": "reject"})
    updates.add("b", {"answer": "accept"})
    updates.add("c", {"answer": "accept"})
    assert updates.due() == [{"answer": "reject"}]


def test_an_answer_changed_after_it_was_given_is_given_again() -> None:
    updates = Updates(batch_size=1, window=0)
    updates.add("a", {"answer": "accept"})
    assert updates.due() == [{"answer": "accept"}]
    updates.add("a", {"answer": "reject"})
    assert updates.due() == [{"answer": "reject"}]


@settings(max_examples=80, deadline=None)
@given(
    keys=st.lists(st.integers(0, 9), max_size=60),
    batch=st.integers(1, 5),
    window=st.integers(0, 5),
)
def test_the_newest_answer_of_every_task_arrives_last(
    keys: list[int], batch: int, window: int
) -> None:
    updates = Updates(batch, window)
    given_out: list[list[dict[str, int]]] = []
    for time, key in enumerate(keys):
        updates.add(key, {"key": key, "time": time})
        due = updates.due()
        if due:
            given_out.append(due)
    given_out += updates.rest()
    assert all(0 < len(each) <= batch for each in given_out)
    last: dict[int, int] = {}
    for answer in (answer for each in given_out for answer in each):
        assert last.get(answer["key"], -1) < answer["time"]
        last[answer["key"]] = answer["time"]
    newest = {key: time for time, key in enumerate(keys)}
    assert last == newest
