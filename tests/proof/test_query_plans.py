"""What a resume reads of the store is found by indexes: its cost does not grow with the answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.store.support import World, identity, new_world
from tui_annotate.store.records import NewWaiting
from tui_annotate.task.hashing import Identity

pytestmark = pytest.mark.quick

ANSWERS = 3000
READ_THROUGH = re.compile(r"^SCAN (?!CONSTANT)|INTEGER PRIMARY KEY \(rowid[<>]\?\)")
"""The plan of a statement that looks at every row of a table."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with new_world(tmp_path / "a.db") as made:
        with made.store.write_txn():
            answers = (made.answer(identity(n), row=n) for n in range(1, ANSWERS + 1))
            made.store.answers.import_(made.dataset.id, answers)
            task = NewWaiting(made.queue, "later", identity(0), "{}", made.cursor.id, 5)
            made.store.progress.waiting_add(task)
        yield made


def plans_of(world: World, call: Callable[[], object]) -> list[str]:
    """Run something and return the plan of each statement that it has run."""
    connection = world.store._connection
    execute = connection.execute
    statements: list[tuple[str, tuple[Any, ...]]] = []

    def listen(sql: str, parameters: Any = (), *, many: bool = False) -> Any:
        statements.append((sql, tuple(parameters)))
        return execute(sql, parameters, many=many)

    connection.execute = listen  # type: ignore[method-assign]
    call()
    connection.execute = execute  # type: ignore[method-assign]
    return [
        str(row[3])
        for sql, parameters in statements
        for row in connection.read(f"EXPLAIN QUERY PLAN {sql}", parameters)
    ]


def steps(world: World) -> dict[str, Callable[[], object]]:
    store, cursor, session = world.store, world.cursor.id, world.session.id
    waiting = Identity(0, 0, identity(0).input_key, None)
    return {
        "behind": lambda: list(store.settled.behind(cursor, ANSWERS - 10)),
        "all": lambda: list(store.settled.all(session, 1)),
        "is_waiting": lambda: store.settled.is_waiting(world.queue, waiting),
        "met": lambda: store.settled.met(world.dataset.id, waiting),
        "known": lambda: store.answers.known([world.dataset.id], identity(5), "input"),
        "waiting_next": lambda: store.progress.waiting_next(world.queue),
        "older": lambda: list(
            store.answers.current(world.dataset.id, session_id=session, before_id=50, limit=1)
        ),
    }


@pytest.mark.parametrize(
    "name", ["behind", "all", "is_waiting", "met", "known", "waiting_next", "older"]
)
def test_no_table_is_read_through(world: World, name: str) -> None:
    plans = plans_of(world, steps(world)[name])
    assert plans
    through = [plan for plan in plans if READ_THROUGH.search(plan)]
    # When everything is skipped by key, all that waits is read; that is never much.
    assert through == (
        ["SEARCH t USING INTEGER PRIMARY KEY (rowid>?)"] * 2 if name == "all" else []
    )


def test_behind_starts_at_the_row(world: World) -> None:
    plans = plans_of(world, steps(world)["behind"])
    assert any("answers_cursor (cursor_id=? AND row>?)" in plan for plan in plans)
    assert any("waiting_cursor (cursor_id=? AND row>?)" in plan for plan in plans)


def test_all_needs_no_sorting(world: World) -> None:
    """Each page is read in the order of an index, so that all pages together read it once."""
    plans = plans_of(world, steps(world)["all"])
    assert any("current_session (session_id=? AND rowid>?)" in plan for plan in plans)
    assert not [plan for plan in plans if "TEMP B-TREE" in plan]
