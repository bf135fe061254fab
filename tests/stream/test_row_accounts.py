from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.stream.row_accounts import InFlight, TaskMultiset, same_task
from tui_annotate.task.hashing import Identity

pytestmark = pytest.mark.quick

identities = st.builds(
    lambda a, b, foreign: Identity(a, b, bytes([a]) * 16, None if foreign else bytes([b]) * 16),
    st.integers(0, 3),
    st.integers(0, 3),
    st.booleans(),
)


tasks = st.tuples(identities, st.one_of(st.none(), st.integers(1, 3)))


@settings(max_examples=150)
@given(st.lists(tasks, max_size=20), st.lists(tasks, max_size=30), st.booleans())
def test_a_pool_is_a_multiset(
    settled: list[tuple[Identity, int | None]],
    wanted: list[tuple[Identity, int | None]],
    by_row: bool,
) -> None:
    def name(identity: Identity, row: int | None) -> tuple[bytes, int, int | None]:
        return identity.input_key, identity.task_hash, row if by_row else None

    tasks = TaskMultiset(iter(settled), by_row=by_row)
    model = Counter(name(*task) for task in settled)
    for task in wanted:
        place = tasks.find(*task)
        assert (place is not None) == (model[name(*task)] > 0)
        if place is not None:
            model[name(*task)] -= 1
            tasks.take(place)
        assert len(tasks) == sum(model.values())


def test_a_foreign_task_hash_decides_where_a_question_key_is_missing() -> None:
    own = Identity(1, 2, b"a" * 16, b"b" * 16)
    assert same_task(own, Identity(1, 2, b"a" * 16, None))
    assert not same_task(own, Identity(1, 3, b"a" * 16, None))
    assert not same_task(own, Identity(1, 2, b"a" * 16, b"c" * 16))
    assert not same_task(own, Identity(1, 2, b"x" * 16, b"b" * 16))


def test_what_was_settled_is_remembered_for_a_while_only() -> None:
    flight = InFlight()
    tasks = [Identity(n, n, n.to_bytes(16, "big"), None) for n in range(3000)]
    for row, identity in enumerate(tasks):
        flight.add(identity, row)
        assert flight.has_task(identity)
        assert not flight.has_input(identity, row)
        assert flight.has_input(identity, row + 1)
        flight.settle(identity, row)
        assert flight.has_task(identity)
    assert not flight.has_task(tasks[0])
    assert sum(map(flight.has_task, tasks)) == 1024
