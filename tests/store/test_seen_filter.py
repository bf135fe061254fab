"""The sieve never says no to what has been met, whoever answered it, and asks the engine seldom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.store.support import World, identity, make_world, new_world
from tests.support.engines import open_store
from tui_annotate.store.answered_inputs import FRESH, PATIENCE, SeenFilter
from tui_annotate.store.records import NewWaiting

pytestmark = pytest.mark.quick


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with new_world(tmp_path / "a.db") as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sieve(world: World, clock: Clock) -> SeenFilter:
    return SeenFilter(world.store._connection, clock)


def answer(world: World, *numbers: int) -> None:
    with world.store.write_txn():
        world.store.answers.import_(world.dataset.id, [world.answer(identity(n)) for n in numbers])


def fill(sieve: SeenFilter, world: World) -> None:
    """Ask until there is a table."""
    for _ in range(2 * PATIENCE):
        if sieve.holds_back(world.dataset.id, b"\xff" * 16):
            return
    raise AssertionError("no table was made")


def met_key(world: World, key: bytes) -> None:
    """Answer a task on an input of a given key."""
    who = identity(1)._replace(input_key=key)
    with world.store.write_txn():
        world.store.answers.import_(world.dataset.id, [world.answer(who)])


class TestTrue:
    def test_what_is_answered_passes(self, world: World, sieve: SeenFilter) -> None:
        keys = [bytes([n, 7]) * 8 for n in range(200)]
        for key in keys[::2]:
            met_key(world, key)
        fill(sieve, world)
        assert not any(sieve.holds_back(world.dataset.id, key) for key in keys[::2])
        held = sum(sieve.holds_back(world.dataset.id, key) for key in keys[1::2])
        assert held > 90

    def test_what_waits_passes(self, world: World, sieve: SeenFilter) -> None:
        who = identity(1)._replace(input_key=b"\x05" * 16)
        with world.store.write_txn():
            task = NewWaiting(world.queue, "later", who, "{}", world.cursor.id, 5)
            world.store.progress.waiting_add(task)
        fill(sieve, world)
        assert not sieve.holds_back(world.dataset.id, who.input_key)

    def test_another_dataset_has_a_table_of_its_own(self, world: World, sieve: SeenFilter) -> None:
        met_key(world, b"\x05" * 16)
        with world.store.write_txn():
            other = world.store.admin.dataset("other")
        fill(sieve, world)
        assert not sieve.holds_back(other.id, b"\x06" * 16), "nothing is known of it yet"
        for _ in range(2 * PATIENCE):
            sieve.holds_back(other.id, b"\x06" * 16)
        assert sieve.holds_back(other.id, b"\x05" * 16)


class TestChanges:
    def test_own_answers_count_at_once(self, world: World, sieve: SeenFilter) -> None:
        fill(sieve, world)
        assert sieve.holds_back(world.dataset.id, b"\x05" * 16)
        met_key(world, b"\x05" * 16)
        fill(sieve, world)
        assert not sieve.holds_back(world.dataset.id, b"\x05" * 16)

    def test_others_answers_count_after_a_while(
        self, world: World, sieve: SeenFilter, clock: Clock, tmp_path: Path
    ) -> None:
        fill(sieve, world)
        with open_store(tmp_path / "a.db") as store:
            met_key(make_world(store), b"\x05" * 16)
        clock.now += FRESH
        assert not sieve.holds_back(world.dataset.id, b"\x05" * 16)
        fill(sieve, world)
        assert not sieve.holds_back(world.dataset.id, b"\x05" * 16)

    @pytest.mark.server_on_request
    def test_settled_asks_it(self, world: World) -> None:
        who = identity(1)._replace(input_key=b"\x05" * 16)
        settled = world.store.settled
        for _ in range(2 * PATIENCE):
            assert not settled.met(world.dataset.id, who)
        met_key(world, who.input_key)
        for _ in range(2 * PATIENCE):
            assert settled.met(world.dataset.id, who)


class TestStatements:
    def test_many_questions_are_few_statements(self, world: World) -> None:
        answer(world, *range(100))
        connection = world.store._connection
        execute, statements = connection.execute, []

        def listen(sql: str, *rest: Any, **named: Any) -> Any:
            statements.append(sql)
            return execute(sql, *rest, **named)

        connection.execute = listen  # type: ignore[method-assign]
        clock = Clock()
        world.store.settled._seen_filter = SeenFilter(connection, clock)
        for n in range(50 * PATIENCE):
            who = identity(n)._replace(input_key=n.to_bytes(4, "little") * 4)
            world.store.settled.met(world.dataset.id, who)
        connection.execute = execute  # type: ignore[method-assign]
        assert len(statements) < 2 * PATIENCE

    @pytest.mark.server_on_request
    def test_a_large_dataset_is_read_when_that_is_worth_it(
        self, world: World, sieve: SeenFilter
    ) -> None:
        answer(world, *range(30 * PATIENCE))
        asked = 1
        while not sieve.holds_back(world.dataset.id, b"\xff" * 16):
            asked += 1
            assert asked < 30 * PATIENCE
        assert asked >= 30 * PATIENCE // 20
