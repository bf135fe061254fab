"""Sorters and filters: a better order, and nothing that is dropped in silence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate import (
    filter_by,
    filter_duplicates,
    filter_empty,
    filter_inputs,
    filter_tasks,
    prefer_high_scores,
    prefer_low_scores,
    prefer_uncertain,
    set_hashes,
)

pytestmark = pytest.mark.quick


def scored(*scores: float) -> list[tuple[float, dict[str, Any]]]:
    return [(score, {"score": score}) for score in scores]


def test_the_least_sure_come_first() -> None:
    found = prefer_uncertain(scored(0.9, 0.45, 0.1, 0.6))
    assert [task["score"] for task in found] == [0.45, 0.6, 0.9, 0.1]
    assert [t["score"] for t in prefer_high_scores(scored(0.1, 0.9))] == [0.9, 0.1]
    assert [t["score"] for t in prefer_low_scores(scored(0.9, 0.1))] == [0.1, 0.9]


def test_only_a_window_is_read_ahead() -> None:
    read: list[float] = []

    def source() -> Any:
        for number in range(100):
            read.append(number)
            yield number / 100, {"n": number}

    next(prefer_uncertain(source(), window=10))
    assert len(read) == 10


@settings(max_examples=80, deadline=None)
@given(scores=st.lists(st.floats(0, 1), max_size=60), window=st.integers(1, 70))
def test_no_task_is_dropped_or_doubled(scores: list[float], window: int) -> None:
    tasks = [(score, {"n": number}) for number, score in enumerate(scores)]
    found = [task["n"] for task in prefer_uncertain(tasks, window=window)]
    assert sorted(found) == list(range(len(scores)))


def test_what_recipes_set_on_a_sorter_has_no_effect() -> None:
    found: Any = prefer_uncertain([(0.1, {"text": "a"}), (0.5, {"text": "b"})])
    found.first_n = 1
    assert [task["text"] for task in found] == ["b", "a"]


def test_filters_leave_out_what_they_say() -> None:
    rows = [{"text": "a"}, {"text": "a", "label": "X"}, {"text": "a"}, {"text": " "}]
    tasks = [set_hashes(row) for row in rows]
    first, labelled, _, blank = tasks
    assert list(filter_duplicates(tasks)) == [first, labelled, blank]
    assert list(filter_duplicates(tasks, by_input=True)) == [first, blank]
    assert list(filter_empty(tasks)) == tasks[:3]
    assert list(filter_inputs(tasks, {first["_input_hash"]})) == [blank]
    assert list(filter_tasks(tasks, {first["_task_hash"]})) == [labelled, blank]
    assert list(filter_by(tasks, lambda task: "label" in task)) == [labelled]
