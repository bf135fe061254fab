"""What is held of many inputs says what the engine says, and asks it seldom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.support import World, identity, make_world, new_world
from tests.support.engines import open_store
from tui_annotate.store.answered_inputs import FRESH, AnsweredInputs
from tui_annotate.store.records import NewWaiting

pytestmark = pytest.mark.quick

ROWS = 10_000


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with new_world(tmp_path / "a.db") as made:
        yield made


def statements_of(world: World) -> list[str]:
    connection = world.store._connection
    execute, found = connection.execute, []

    def listen(sql: str, *rest: Any, **named: Any) -> Any:
        found.append(sql)
        return execute(sql, *rest, **named)

    connection.execute = listen  # type: ignore[method-assign]
    return found


def answer_all(world: World, order: list[int]) -> None:
    with world.store.write_txn():
        answers = (world.answer(identity(n)) for n in order)
        world.store.answers.import_(world.dataset.id, answers)


def test_answered_rows_cost_few_statements(world: World) -> None:
    answer_all(world, list(range(ROWS)))
    statements = statements_of(world)
    settled, dataset, session = world.store.settled, world.dataset.id, world.session.id
    for n in range(ROWS):
        assert settled.met(dataset, identity(n))
        assert settled.known(dataset, identity(n), "task", session)
        assert settled.known(dataset, identity(n), "input")
        assert not settled.is_waiting(world.queue, identity(n))
    pragmas = [sql for sql in statements if sql.startswith("PRAGMA")]
    assert len(statements) - len(pragmas) < ROWS / 50


@pytest.mark.server_on_request
def test_rows_in_no_order_cost_little_more_than_one_statement_each(world: World) -> None:
    answer_all(world, [n * 7919 % ROWS for n in range(ROWS)])
    statements = statements_of(world)
    for n in range(2000):
        assert world.store.settled.known(world.dataset.id, identity(n), "task")
    batches = [sql for sql in statements if "WITH some" in sql]
    assert len(batches) < 50


moves = st.lists(
    st.tuples(
        st.sampled_from(["answer", "retract", "wait", "ask", "other"]),
        st.integers(0, 12),
        st.sampled_from([0, 1, None]),
    ),
    max_size=40,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves)
@pytest.mark.server_on_request
def test_it_says_what_the_engine_says(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[str, int, int | None]]
) -> None:
    folder = tmp_path_factory.mktemp("answered")
    with new_world(folder / "a.db") as world, open_store(folder / "a.db") as beside:
        other, now = make_world(beside), [0.0]
        settled, dataset = world.store.settled, world.dataset.id
        settled._inputs = AnsweredInputs(world.store._connection, lambda: now[0])
        ids: list[int] = []
        for kind, number, question in moves:
            who = identity(number, question)
            if kind in ("answer", "other"):
                made = other if kind == "other" else world
                now[0] += FRESH if kind == "other" else 0
                with made.store.write_txn():
                    ids.append(made.store.answers.record(made.answer(who)))
            elif kind == "retract" and ids:
                with world.store.write_txn():
                    old = world.answer(who, kind="retraction", answer=None, supersedes=ids.pop())
                    world.store.answers.record(old)
            elif kind == "wait":
                with world.store.write_txn():
                    world.store.progress.waiting_add(NewWaiting(world.queue, "later", who, "{}"))
            for asked in (who, identity(number, 0), identity((number + 1) % 13, 1)):
                for by in ("task", "input"):
                    for session in (None, world.session.id, world.session.id + 1):
                        found = settled.known(dataset, asked, by, session)
                        known = world.store.answers.known([dataset], asked, by, session)
                        assert found == known


def test_what_waits_is_found_in_its_own_queue_only(world: World) -> None:
    settled = world.store.settled
    assert not settled.is_waiting(world.queue, identity(1))
    with world.store.write_txn():
        world.store.progress.waiting_add(NewWaiting(world.queue, "later", identity(1), "{}"))
    assert settled.is_waiting(world.queue, identity(1))
    assert not settled.is_waiting(world.queue._replace(pass_=2), identity(1))
