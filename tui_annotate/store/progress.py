"""How far a session is and what it has in hand: cursors, waiting tasks, drafts, drops, proposals.

In this order: cursors, waiting tasks, drafts, drops, and the strings that are proposed; claims are
in `claims.py`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tui_annotate.errors import WriteConflict
from tui_annotate.store.claims import Claims
from tui_annotate.store.connection import (
    Connection,
    Parameters,
    SqlRow,
    columns,
    signed,
    task_key,
    unsigned,
)
from tui_annotate.store.connection import text as as_text
from tui_annotate.store.records import (
    CursorKey,
    CursorState,
    DraftKey,
    Drop,
    NewWaiting,
    StoredCursor,
    StoredDraft,
    StoredDrop,
    StoredWaiting,
    WaitingQueue,
)
from tui_annotate.store.tallies import (
    DROP,
    WAITING,
    Tallies,
    cursor_scope,
    dataset_scope,
    queue_scope,
)
from tui_annotate.task.hashing import Identity
from tui_annotate.task.stored_tokens import content_as_stored

_SELECT_CURSOR = """
SELECT id, source_id, job_id, session_id, pass, version, row, line, "offset", inode, size,
    mtime_ns, head, tail, last_key, updated_at
FROM cursors"""

_INSERT_CURSOR = """
INSERT INTO cursors (source_id, job_id, session_id, pass, version, row, line, "offset", inode,
    size, mtime_ns, head, tail, last_key, updated_at)
VALUES (?,?,?,?,0,?,?,?,?,?,?,?,?,?,?)"""

_UPDATE_CURSOR = """
UPDATE cursors SET version = version + 1, row = ?, line = ?, "offset" = ?, inode = ?, size = ?,
    mtime_ns = ?, head = ?, tail = ?, last_key = ?, updated_at = ?
WHERE id = ? AND version = ?"""


class Cursors:
    """The cursors of one store. What writes is called inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tallies = Tallies(connection)

    def cursor(self, key: CursorKey) -> StoredCursor | None:
        """Return the cursor of one session in one source, job and pass."""
        row = self._connection.first(
            f"{_SELECT_CURSOR} WHERE session_id = ? AND job_id = ? AND source_id = ? AND pass = ?",
            (key.session_id, key.job_id, key.source_id, key.pass_),
        )
        return _stored_cursor(row) if row else None

    def open_cursor(self, key: CursorKey) -> StoredCursor:
        """Return the cursor, made at the source's start with version 0 where there is none."""
        found = self.cursor(key)
        if found is not None:
            return found
        now = int(time.time())
        values = (key.source_id, key.job_id, key.session_id, key.pass_)
        id_ = self._connection.insert(_INSERT_CURSOR, (*values, *_state_values(CursorState()), now))
        return StoredCursor(id_, key, 0, CursorState(), now)

    def cursors(self, session_id: int, job_id: int | None = None) -> list[StoredCursor]:
        """Return a session's cursors, the one moved last in front: a moved file may be one's."""
        sql, parameters = f"{_SELECT_CURSOR} WHERE session_id = ?", [session_id]
        if job_id is not None:
            sql, parameters = f"{sql} AND job_id = ?", [session_id, job_id]
        rows = self._connection.read(f"{sql} ORDER BY updated_at DESC, id DESC", parameters)
        return [_stored_cursor(row) for row in rows]

    def move_cursor(self, cursor_id: int, state: CursorState, expected_version: int) -> int:
        """Move a cursor that nobody else has moved meanwhile; return its new version.

        Raises:
            WriteConflict: It has another version than `expected_version`; nothing may be written.
        """
        values = (*_state_values(state), int(time.time()), cursor_id, expected_version)
        if self._connection.write(_UPDATE_CURSOR, values) != 1:
            raise WriteConflict(
                "another session of the same annotator has answered meanwhile",
                where=str(self._connection.path),
                hint="Leave one of the two; what is saved is safe",
            )
        return expected_version + 1

    def cursor_counts(self, cursor_id: int) -> dict[str, int]:
        """Return what became of the tasks before a cursor.

        Keys: `accept`, `reject`, `ignore` (current answers), `waiting`, and `drop:REASON`. Those
        that are zero are left out.
        """
        return self._tallies.of(cursor_scope(cursor_id))

    def drop_counts(self, cursor_id: int) -> dict[str, int]:
        """Return how many tasks were dropped before a cursor, by reason; notices do not count."""
        counts = self._tallies.of(cursor_scope(cursor_id))
        return {what.removeprefix(DROP): n for what, n in counts.items() if what.startswith(DROP)}


def _state_values(state: CursorState) -> Parameters:
    return (
        state.row,
        state.line,
        state.offset,
        signed(state.inode),
        state.size,
        state.mtime_ns,
        state.head,
        state.tail,
        state.last_key,
    )


def _stored_cursor(row: SqlRow) -> StoredCursor:
    state = CursorState(
        row=row[6],
        line=row[7],
        offset=row[8],
        inode=unsigned(row[9]),
        size=row[10],
        mtime_ns=row[11],
        head=row[12],
        tail=row[13],
        last_key=row[14],
    )
    key = CursorKey(row[1], row[2], row[3], row[4])
    return StoredCursor(row[0], key, row[5], state, row[15])


_COLUMNS_WAITING = (
    "dataset_id, job_id, session_id, pass, kind, cursor_id, row, answer_id, added_at,"
    " input_hash, task_hash, input_key, question_key, digest, content"
)
_INSERT_WAITING = f"INSERT INTO waiting ({_COLUMNS_WAITING}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"  # noqa: S608
_SELECT_WAITING = f"SELECT id, {_COLUMNS_WAITING} FROM waiting"  # noqa: S608
# IS, not =: the pool has no session.
_IN_QUEUE = "WHERE dataset_id = ? AND job_id = ? AND session_id IS ? AND pass = ?"
_WAITING_AT_ONCE = 100


class WaitingTasks:
    """The waiting tasks of one store. What writes is called inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tallies = Tallies(connection)

    def waiting_add(self, task: NewWaiting) -> int:
        """Put a task at the end of its queue and return its id."""
        queue = task.queue
        id_ = self._connection.insert(
            _INSERT_WAITING,
            (
                *_queue_values(queue),
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
        row = self._connection.first(f"{_SELECT_WAITING} WHERE id = ?", (waiting_id,))
        return _stored_waiting(row) if row else None

    def waiting_next(self, queue: WaitingQueue, after_id: int = 0) -> StoredWaiting | None:
        """Return the task that has waited longest among those added after `after_id`."""
        row = self._connection.first(
            f"{_SELECT_WAITING} {_IN_QUEUE} AND id > ? ORDER BY id LIMIT 1",
            (*_queue_values(queue), after_id),
        )
        return _stored_waiting(row) if row else None

    def waiting_all(self, queue: WaitingQueue) -> Iterator[StoredWaiting]:
        """Yield a queue's tasks, the one that has waited longest first, in constant memory."""
        after = 0
        sql = f"{_SELECT_WAITING} {_IN_QUEUE} AND id > ? ORDER BY id LIMIT {_WAITING_AT_ONCE}"
        while rows := self._connection.read(sql, (*_queue_values(queue), after)):
            yield from map(_stored_waiting, rows)
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


def _queue_values(queue: WaitingQueue) -> Parameters:
    return queue.dataset_id, queue.job_id, queue.session_id, queue.pass_


def _stored_waiting(row: SqlRow) -> StoredWaiting:
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


_SELECT_DRAFT = """
SELECT session_id, job_id, input_hash, task_hash, input_key, question_key, pass, content, state,
    elapsed_ms, answer_id, updated_at
FROM drafts"""

_UPSERT_DRAFT = """
INSERT INTO drafts (session_id, job_id, pass, key, input_hash, task_hash, input_key, question_key,
    answer_id, elapsed_ms, updated_at, state, content)
VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT (session_id, job_id, pass, key) DO UPDATE SET answer_id = excluded.answer_id,
    elapsed_ms = excluded.elapsed_ms, updated_at = excluded.updated_at, state = excluded.state,
    content = excluded.content"""

_ITS_KEY = "WHERE session_id = ? AND job_id = ? AND pass = ? AND key = ?"
_DELETE_DRAFT = f"DELETE FROM drafts {_ITS_KEY}"  # noqa: S608


class Drafts:
    """The drafts of one store. What writes is called inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save_draft(self, draft: StoredDraft) -> None:
        """Write a draft, in place of the one that its task had. `updated_at` is set to now."""
        self._connection.write(
            _UPSERT_DRAFT,
            (
                *_key_values(draft.key),
                *columns(draft.key.identity),
                draft.answer_id,
                draft.elapsed_ms,
                int(time.time()),
                draft.state,
                content_as_stored(draft.content),
            ),
        )

    def draft(self, key: DraftKey) -> StoredDraft | None:
        """Return the draft of one task."""
        row = self._connection.first(f"{_SELECT_DRAFT} {_ITS_KEY}", _key_values(key))
        return _stored_draft(row) if row else None

    def drafts(self, session_id: int, job_id: int, pass_: int = 1) -> list[StoredDraft]:
        """Return a session's drafts in one job and pass, the one saved last in front."""
        rows = self._connection.read(
            f"{_SELECT_DRAFT} WHERE session_id = ? AND job_id = ? AND pass = ?"
            " ORDER BY updated_at DESC, id DESC",
            (session_id, job_id, pass_),
        )
        return [_stored_draft(row) for row in rows]

    def delete_draft(self, key: DraftKey) -> bool:
        """Delete the draft of one task; False if it had none."""
        return self._connection.write(_DELETE_DRAFT, _key_values(key)) > 0


def _key_values(key: DraftKey) -> Parameters:
    return key.session_id, key.job_id, key.pass_, task_key(key.identity)


def _stored_draft(row: SqlRow) -> StoredDraft:
    key = DraftKey(row[0], row[1], Identity(row[2], row[3], row[4], row[5]), row[6])
    return StoredDraft(
        key, row[7], row[8], elapsed_ms=row[9], answer_id=row[10], updated_at=row[11]
    )


_INSERT_DROPS = """
INSERT INTO drops (cursor_id, kind, reason, first_row, last_row, first_line, last_line, count,
    detail)
VALUES (?,?,?,?,?,?,?,?,?)"""

_SELECT_DROPS = """
SELECT d.id, d.cursor_id, src.name, s.name, d.kind, d.reason, d.first_row, d.last_row,
    d.first_line, d.last_line, d.count, d.detail
FROM drops d JOIN cursors c ON c.id = d.cursor_id JOIN sources src ON src.id = c.source_id
    JOIN sessions s ON s.id = c.session_id"""

_DROPS_AT_ONCE = 500


class Drops:
    """The drops of one store. What writes is called inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tallies = Tallies(connection)

    def add_drops(self, cursor_id: int, drops: Iterable[Drop]) -> None:
        """List rows that were dropped before a cursor."""
        rows = list(drops)
        if not rows:
            return
        self._connection.write_many(_INSERT_DROPS, (_drop_values(cursor_id, drop) for drop in rows))
        changes: Counter[tuple[str, str]] = Counter()
        for drop in rows:
            if drop.kind != "notice":
                changes[cursor_scope(cursor_id), DROP + as_text(drop.reason)] += drop.count
        self._tallies.add(changes)

    def clear_drops(self, cursor_id: int) -> None:
        """Forget a cursor's drops, because its source is read again from the start."""
        self._connection.write("DELETE FROM drops WHERE cursor_id = ?", (cursor_id,))
        scope = cursor_scope(cursor_id)
        counts = self._tallies.of(scope)
        self._tallies.add(
            Counter({(scope, what): -n for what, n in counts.items() if what.startswith(DROP)})
        )

    def drops(self, cursor_id: int) -> Iterator[StoredDrop]:
        """Yield a cursor's drops in the order in which they were met, in constant memory."""
        after = 0
        page = f"ORDER BY d.id LIMIT {_DROPS_AT_ONCE}"
        sql = f"{_SELECT_DROPS} WHERE d.cursor_id = ? AND d.id > ? {page}"
        while rows := self._connection.read(sql, (cursor_id, after)):
            yield from map(_stored_drop, rows)
            after = rows[-1][0]

    def drop_details(self, cursor_id: int, reasons: Sequence[str]) -> list[str]:
        """Return what is said of a cursor's drops with one of these reasons, each once."""
        places = ", ".join("?" * len(reasons))
        rows = self._connection.read(
            "SELECT DISTINCT detail FROM drops WHERE cursor_id = ?"  # noqa: S608
            f" AND reason IN ({places})",
            (cursor_id, *reasons),
        )
        return [str(row[0]) for row in rows]

    def drops_with(self, cursor_id: int, detail: str) -> dict[str, int]:
        """Return how many rows of a cursor were dropped with this said of them, by reason."""
        rows = self._connection.read(
            "SELECT reason, sum(count) FROM drops"
            " WHERE cursor_id = ? AND kind <> 'notice' AND detail = ? GROUP BY reason",
            (cursor_id, detail),
        )
        return {str(reason): int(n) for reason, n in rows}

    def remark_count(self, cursor_id: int) -> int:
        """Return how many remarks there are on rows before a cursor that were asked."""
        rows = self._connection.read(
            "SELECT coalesce(sum(count), 0) FROM drops"
            " WHERE cursor_id = ? AND kind = 'notice' AND reason = 'remark'",
            (cursor_id,),
        )
        return int(rows[0][0])

    def dataset_drops(self, dataset_id: int) -> Iterator[StoredDrop]:
        """Yield the drops of a dataset, cursor by cursor, each as `drops` does."""
        for (cursor_id,) in self._connection.read(
            "SELECT c.id FROM cursors c JOIN sessions s ON s.id = c.session_id"
            " WHERE s.dataset_id = ? ORDER BY c.id",
            (dataset_id,),
        ):
            yield from self.drops(cursor_id)


def _drop_values(cursor_id: int, drop: Drop) -> tuple[int | str, ...]:
    return (
        cursor_id,
        drop.kind,
        as_text(drop.reason),
        drop.first_row,
        drop.last_row,
        drop.first_line,
        drop.last_line,
        drop.count,
        as_text(drop.detail),
    )


def _stored_drop(row: SqlRow) -> StoredDrop:
    return StoredDrop(row[0], row[1], row[2], row[3], Drop(*row[4:]))


_UPSERT_PROPOSAL = """
INSERT INTO proposals (session_id, text, label, asked_at) VALUES (?,?,?,?)
ON CONFLICT (session_id, text) DO UPDATE SET label = excluded.label, asked_at = excluded.asked_at"""

_DELETE_PROPOSAL = "DELETE FROM proposals WHERE session_id = ? AND text = ?"


class Proposals:
    """What is proposed in the sessions of one store. Writing is done inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def propose(self, session_id: int, text: str, label: str) -> None:
        """Have a string proposed with a label, in place of any it had; without one no longer."""
        if not label:
            self._connection.write(_DELETE_PROPOSAL, (session_id, as_text(text)))
            return
        row = (session_id, as_text(text), as_text(label), int(time.time()))
        self._connection.write(_UPSERT_PROPOSAL, row)

    def proposed(self, session_id: int) -> dict[str, str]:
        """Return what is proposed in a session: labels by string, the oldest first."""
        rows = self._connection.read(
            "SELECT text, label FROM proposals WHERE session_id = ? ORDER BY id", (session_id,)
        )
        return {str(row[0]): str(row[1]) for row in rows}


class Progress(Cursors, WaitingTasks, Drafts, Drops, Claims, Proposals):
    """Cursors, waiting tasks, drafts, drops, claims and proposals of one store, as one object."""

    def __init__(self, connection: Connection) -> None:
        Cursors.__init__(self, connection)
