"""Which tasks a session has settled: what a resume needs to know of the rows behind its cursor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from tui_annotate.store.answer_rows import By
from tui_annotate.store.answered_inputs import AnsweredInputs, AnswerOnInput
from tui_annotate.store.connection import Connection, Parameters
from tui_annotate.store.records import WaitingQueue
from tui_annotate.store.seen_filter import SeenFilter
from tui_annotate.task.hashing import Identity

SettledTask: TypeAlias = tuple[Identity, int | None]
"""Who a task is, and the row of its source that it was made from, where that is known."""

_IDENTITY = "input_hash, task_hash, input_key, question_key"
_PAGE = 1000

MET = """
SELECT 1 WHERE EXISTS (SELECT 1 FROM current WHERE dataset_id = ?1 AND input_key = ?2)
    OR EXISTS (SELECT 1 FROM waiting WHERE input_key = ?2)"""


class SettledTasks:
    """Reads the identities of tasks that are answered or waiting; each page is one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._seen_filter = SeenFilter(connection)
        self._inputs = AnsweredInputs(connection)

    def behind(self, cursor_id: int, row: int) -> Iterator[SettledTask]:
        """Yield the tasks of one cursor that were made of rows after `row`, or of no known row."""
        for where in ("t.row > ?", "t.row IS NULL AND ? >= 0"):
            condition = f"t.cursor_id = ? AND {where}"
            yield from self._answers(condition, (cursor_id, row))
            yield from self._waiting(condition, (cursor_id, row))

    def all(self, session_id: int, pass_: int) -> Iterator[SettledTask]:
        """Yield every task of a session in one pass, as often as it is settled."""
        yield from self._answers("c.session_id = ? AND c.pass = ?", (session_id, pass_))
        yield from self._waiting("t.session_id = ? AND t.pass = ?", (session_id, pass_))

    def met(self, dataset_id: int, identity: Identity) -> bool:
        """Return whether a dataset has an answer on an input, or it waits anywhere: of most rows
        neither holds, and one statement tells."""
        if self._inputs.holds(dataset_id, identity.input_key):
            return True
        if self._seen_filter.holds_back(dataset_id, identity.input_key):
            return False
        return bool(self._connection.read(MET, (dataset_id, identity.input_key)))

    def known(
        self,
        dataset_id: int,
        identity: Identity,
        by: By = "task",
        session_id: int | None = None,
        *,
        pass_: int | None = None,
        cursor_id: int | None = None,
    ) -> bool:
        """Return what `Answers.known` does for one dataset, asked for row after row.

        What other processes have written is seen within `sieve.FRESH` seconds.
        """
        for answer in self._inputs.on(dataset_id, identity.input_key):
            if session_id is not None and answer.session_id != session_id:
                continue
            if pass_ is not None and answer.pass_ != pass_:
                continue
            if cursor_id is not None and answer.cursor_id != cursor_id:
                continue
            if by == "input" or answer.is_to(identity):
                return True
        return False

    def at_hand(self) -> tuple[Mapping[bytes, tuple[AnswerOnInput, ...]], ...]:
        """Return the answers that are known without asking the engine, by input."""
        return self._inputs.at_hand()

    def may_wait(self, identity: Identity) -> bool:
        """Return False where it is certain, without the engine, that a task waits in no queue."""
        return self._inputs.may_wait(identity.input_key)

    def is_waiting(self, queue: WaitingQueue, identity: Identity) -> bool:
        """Return whether a task waits in a queue."""
        return self._inputs.waits(queue, identity)

    def _answers(self, condition: str, parameters: Parameters) -> Iterator[SettledTask]:
        table = "current c JOIN answers t ON t.id = c.answer_id"
        return self._pages(table, "c.answer_id", condition, tuple(parameters))

    def _waiting(self, condition: str, parameters: Parameters) -> Iterator[SettledTask]:
        return self._pages("waiting t", "t.id", condition, tuple(parameters))

    def _pages(
        self, table: str, key: str, condition: str, parameters: Parameters
    ) -> Iterator[SettledTask]:
        columns = ", ".join(f"t.{name}" for name in _IDENTITY.split(", "))
        sql = f"SELECT {key}, {columns}, t.row FROM {table} WHERE {condition} AND {key} > ?"  # noqa: S608
        after = 0
        while True:
            rows = self._connection.read(
                f"{sql} ORDER BY {key} LIMIT {_PAGE}", (*parameters, after)
            )
            if not rows:
                return
            for row in rows:
                yield Identity(row[1], row[2], row[3], row[4]), row[5]
            after = rows[-1][0]
