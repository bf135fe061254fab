"""Waiting tasks: those that the cursor has passed and that are still to be answered."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

from tui_annotate.store.connection import Connection, Parameters, SqlRow, columns
from tui_annotate.store.records import NewWaiting, StoredWaiting, WaitingQueue
from tui_annotate.store.tallies import (
    WAITING,
    Tallies,
    cursor_scope,
    dataset_scope,
    queue_scope,
)
from tui_annotate.task.hashing import Identity
from tui_annotate.task.stored_tokens import content_as_stored

_COLUMNS = (
    "dataset_id, job_id, session_id, pass, kind, cursor_id, row, answer_id, added_at,"
    " input_hash, task_hash, input_key, question_key, digest, content"
)
_INSERT = f"INSERT INTO waiting ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"  # noqa: S608
_SELECT = f"SELECT id, {_COLUMNS} FROM waiting"  # noqa: S608
# IS, not =: the pool has no session.
_IN_QUEUE = "WHERE dataset_id = ? AND job_id = ? AND session_id IS ? AND pass = ?"
_PAGE = 100


class WaitingTasks:
    """The waiting tasks of one store. What writes is called inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tallies = Tallies(connection)

    def waiting_add(self, task: NewWaiting) -> int:
        """Put a task at the end of its queue and return its id."""
        queue = task.queue
        id_ = self._connection.insert(
            _INSERT,
            (
                *_bind(queue),
                task.kind,
                task.cursor_id,
                task.row,
                task.answer_id,
                int(time.time()),
                *columns(task.identity),
                task.digest,
                content_as_stored(task.content),
            ),
        )
        self._tally(queue, task.cursor_id, 1)
        return id_

    def waiting_get(self, waiting_id: int) -> StoredWaiting | None:
        """Return one waiting task, None once it is gone."""
        row = self._connection.first(f"{_SELECT} WHERE id = ?", (waiting_id,))
        return _stored(row) if row else None

    def waiting_next(self, queue: WaitingQueue, after_id: int = 0) -> StoredWaiting | None:
        """Return the task that has waited longest among those added after `after_id`."""
        row = self._connection.first(
            f"{_SELECT} {_IN_QUEUE} AND id > ? ORDER BY id LIMIT 1", (*_bind(queue), after_id)
        )
        return _stored(row) if row else None

    def waiting_all(self, queue: WaitingQueue) -> Iterator[StoredWaiting]:
        """Yield a queue's tasks, the one that has waited longest first, in constant memory."""
        after = 0
        sql = f"{_SELECT} {_IN_QUEUE} AND id > ? ORDER BY id LIMIT {_PAGE}"
        while rows := self._connection.read(sql, (*_bind(queue), after)):
            yield from map(_stored, rows)
            after = rows[-1][0]

    def waiting_remove(self, waiting_id: int) -> bool:
        """Take a task out; False if somebody else has done so already."""
        task = self.waiting_get(waiting_id)
        if task is None:
            return False
        self._connection.write("DELETE FROM waiting WHERE id = ?", (waiting_id,))
        self._tally(task.record.queue, task.record.cursor_id, -1)
        return True

    def waiting_count(self, queue: WaitingQueue) -> int:
        """Return how many tasks wait in a queue."""
        return self._tallies.one(queue_scope(queue), WAITING)

    def _tally(self, queue: WaitingQueue, cursor_id: int | None, n: int) -> None:
        changes = Counter(
            {(queue_scope(queue), WAITING): n, (dataset_scope(queue.dataset_id), WAITING): n}
        )
        if cursor_id is not None:
            changes[cursor_scope(cursor_id), WAITING] = n
        self._tallies.add(changes)


def _bind(queue: WaitingQueue) -> Parameters:
    return queue.dataset_id, queue.job_id, queue.session_id, queue.pass_


def _stored(row: SqlRow) -> StoredWaiting:
    record = NewWaiting(
        queue=WaitingQueue(row[1], row[2], row[3], row[4]),
        kind=row[5],
        cursor_id=row[6],
        row=row[7],
        answer_id=row[8],
        identity=Identity(row[10], row[11], row[12], row[13]),
        digest=row[14],
        content=row[15],
    )
    return StoredWaiting(row[0], record, row[9])
