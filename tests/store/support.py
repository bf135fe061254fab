"""A small world for store tests: one dataset, session, job, source and cursor."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.engines import is_on_files, open_store
from tui_annotate.store.database import Store
from tui_annotate.store.records import (
    CursorKey,
    Dataset,
    NewAnswer,
    StoredCursor,
    StoredSession,
    WaitingQueue,
)
from tui_annotate.store.sqlite_binding import sqlite3
from tui_annotate.task.hashing import Identity


def identity(number: int, question: int | None = 0) -> Identity:
    """Return an identity of input `number`; with `question` None as imported rows have it."""
    key = None if question is None else question.to_bytes(16, "big")
    return Identity(number, number * 31 + (question or 0), number.to_bytes(16, "big"), key)


@dataclass(frozen=True)
class World:
    """What most tests need to exist."""

    store: Store
    dataset: Dataset
    session: StoredSession
    cursor: StoredCursor

    @property
    def queue(self) -> WaitingQueue:
        return WaitingQueue(self.dataset.id, self.cursor.key.job_id, self.session.id)

    def answer(self, who: Identity, **changes: Any) -> NewAnswer:
        """Return an accepted answer of this world's session."""
        answer = NewAnswer(
            dataset_id=self.dataset.id,
            session_id=self.session.id,
            identity=who,
            content='{"text":"Anna"}',
            answer="accept",
            view_id="ner_manual",
            answered_at=1_700_000_000,
            cursor_id=self.cursor.id,
        )
        return answer._replace(**changes)


def make_world(store: Store) -> World:
    """Make, or find again, the dataset `set` with the session `set-anna`."""
    with store.write_txn():
        dataset = store.admin.dataset("set")
        session = store.admin.session(dataset.id, "set-anna", "anna")
        job = store.admin.job(b"job", "ner.manual", "{}")
        source = store.admin.source("/data/rows.jsonl", "rows.jsonl")
        cursor = store.progress.open_cursor(CursorKey(source.id, job.id, session.id))
    return World(store, dataset, session, cursor)


@contextmanager
def new_world(path: Path) -> Iterator[World]:
    """Open a store at `path` with a world in it."""
    with open_store(path, timeout=5.0) as store:
        yield make_world(store)


def kept(text: str) -> str:
    """Return a name or comment as the engine of this run keeps it."""
    return text if is_on_files() else text.replace("\0", "\\x00")


class Failing:
    """Makes the n-th statement of a store fail, as a full disk does.

    Args:
        store: The store.
        nth: Which statement fails, counted from 1; all later ones work again.

    Attributes:
        statements: All that were carried out, in order.
    """

    def __init__(self, store: Store, nth: int) -> None:
        connection = store._connection
        self._numbers: Iterator[int] = itertools.count(1)
        self._execute = connection.execute
        self._full: Exception = sqlite3.OperationalError("database or disk is full")
        if not is_on_files():
            from psycopg.errors import DiskFull

            self._full = DiskFull("could not extend file: No space left on device")
        self.failed = ""
        self.nth = nth
        self.statements: list[str] = []
        connection.execute = self.execute  # type: ignore[method-assign]

    def execute(self, sql: str, parameters: Any = (), *, many: bool = False) -> Any:
        if next(self._numbers) == self.nth:
            self.failed = sql
            raise self._full
        self.statements.append(sql)
        return self._execute(sql, parameters, many=many)

    def stop(self) -> None:
        """Count no further statements."""
        self._numbers = itertools.repeat(0)
