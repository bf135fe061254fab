"""Counts that are shown all the time, kept in the transaction that changes what they count."""

from __future__ import annotations

from collections import Counter

from tui_annotate.store.connection import Connection
from tui_annotate.store.records import WaitingQueue

WAITING = "waiting"
DROP = "drop:"


def session_scope(session_id: int) -> str:
    """Return the scope that counts a session's current answers by decision."""
    return f"session:{session_id}"


def cursor_scope(cursor_id: int) -> str:
    """Return the scope that counts what became of the rows before a cursor."""
    return f"cursor:{cursor_id}"


def queue_scope(queue: WaitingQueue) -> str:
    """Return the scope that counts a queue's waiting tasks."""
    whose = "pool" if queue.session_id is None else queue.session_id
    return f"queue:{queue.dataset_id}:{queue.job_id}:{whose}:{queue.pass_}"


def dataset_scope(dataset_id: int) -> str:
    """Return the scope that counts all waiting tasks of a dataset."""
    return f"dataset:{dataset_id}"


class Tallies:
    """The table of counts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, changes: Counter[tuple[str, str]]) -> None:
        """Add to several counts, given by scope and by what is counted."""
        for (scope, what), n in changes.items():
            if n:
                self._connection.write(
                    "INSERT INTO tallies (scope, what, n) VALUES (?, ?, ?)"
                    " ON CONFLICT (scope, what) DO UPDATE SET n = tallies.n + excluded.n",
                    (scope, what, n),
                )

    def of(self, scope: str) -> dict[str, int]:
        """Return the counts of one scope that are not zero."""
        rows = self._connection.read(
            "SELECT what, n FROM tallies WHERE scope = ? AND n <> 0 ORDER BY what", (scope,)
        )
        return dict(rows)

    def one(self, scope: str, what: str) -> int:
        """Return one count."""
        row = self._connection.first(
            "SELECT n FROM tallies WHERE scope = ? AND what = ?", (scope, what)
        )
        return int(row[0]) if row else 0


def count_answer(
    changes: Counter[tuple[str, str]], session_id: int, cursor_id: int | None, what: str, n: int
) -> None:
    """Note in `changes` that a session, and a cursor, have `n` more answers of a kind."""
    changes[session_scope(session_id), what] += n
    if cursor_id is not None:
        changes[cursor_scope(cursor_id), what] += n
