"""Cursors: how far a session is through a source, moved by compare-and-set."""

from __future__ import annotations

import time

from tui_annotate.errors import WriteConflict
from tui_annotate.store.connection import Connection, Parameters, SqlRow, signed, unsigned
from tui_annotate.store.records import CursorKey, CursorState, StoredCursor
from tui_annotate.store.tallies import DROP, Tallies, cursor_scope

_SELECT = """
SELECT id, source_id, job_id, session_id, pass, version, row, line, "offset", inode, size,
    mtime_ns, head, tail, last_key, updated_at
FROM cursors"""

_INSERT = """
INSERT INTO cursors (source_id, job_id, session_id, pass, version, row, line, "offset", inode,
    size, mtime_ns, head, tail, last_key, updated_at)
VALUES (?,?,?,?,0,?,?,?,?,?,?,?,?,?,?)"""

_UPDATE = """
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
            f"{_SELECT} WHERE session_id = ? AND job_id = ? AND source_id = ? AND pass = ?",
            (key.session_id, key.job_id, key.source_id, key.pass_),
        )
        return _stored(row) if row else None

    def open_cursor(self, key: CursorKey) -> StoredCursor:
        """Return the cursor, made at the source's start with version 0 where there is none."""
        found = self.cursor(key)
        if found is not None:
            return found
        now = int(time.time())
        values = (key.source_id, key.job_id, key.session_id, key.pass_)
        id_ = self._connection.insert(_INSERT, (*values, *_bind(CursorState()), now))
        return StoredCursor(id_, key, 0, CursorState(), now)

    def cursors(self, session_id: int, job_id: int | None = None) -> list[StoredCursor]:
        """Return a session's cursors, the one moved last in front: a moved file may be one's."""
        sql, parameters = f"{_SELECT} WHERE session_id = ?", [session_id]
        if job_id is not None:
            sql, parameters = f"{sql} AND job_id = ?", [session_id, job_id]
        rows = self._connection.read(f"{sql} ORDER BY updated_at DESC, id DESC", parameters)
        return [_stored(row) for row in rows]

    def move_cursor(self, cursor_id: int, state: CursorState, expected_version: int) -> int:
        """Move a cursor that nobody else has moved meanwhile; return its new version.

        Raises:
            WriteConflict: It has another version than `expected_version`; nothing may be written.
        """
        values = (*_bind(state), int(time.time()), cursor_id, expected_version)
        if self._connection.write(_UPDATE, values) != 1:
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


def _bind(state: CursorState) -> Parameters:
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


def _stored(row: SqlRow) -> StoredCursor:
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
