"""Drafts: annotations that have been begun and not yet answered; several in one session."""

from __future__ import annotations

import time

from tui_annotate.store.connection import Connection, Parameters, SqlRow, columns, task_key
from tui_annotate.store.records import DraftKey, StoredDraft
from tui_annotate.task.hashing import Identity
from tui_annotate.task.stored_tokens import content_as_stored

_SELECT = """
SELECT session_id, job_id, input_hash, task_hash, input_key, question_key, pass, content, state,
    elapsed_ms, answer_id, updated_at
FROM drafts"""

_UPSERT = """
INSERT INTO drafts (session_id, job_id, pass, key, input_hash, task_hash, input_key, question_key,
    answer_id, elapsed_ms, updated_at, state, content)
VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT (session_id, job_id, pass, key) DO UPDATE SET answer_id = excluded.answer_id,
    elapsed_ms = excluded.elapsed_ms, updated_at = excluded.updated_at, state = excluded.state,
    content = excluded.content"""

_ITS_KEY = "WHERE session_id = ? AND job_id = ? AND pass = ? AND key = ?"
_DELETE = f"DELETE FROM drafts {_ITS_KEY}"  # noqa: S608


class Drafts:
    """The drafts of one store. What writes is called inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save_draft(self, draft: StoredDraft) -> None:
        """Write a draft, in place of the one that its task had. `updated_at` is set to now."""
        self._connection.write(
            _UPSERT,
            (
                *_bind(draft.key),
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
        row = self._connection.first(f"{_SELECT} {_ITS_KEY}", _bind(key))
        return _stored(row) if row else None

    def drafts(self, session_id: int, job_id: int, pass_: int = 1) -> list[StoredDraft]:
        """Return a session's drafts in one job and pass, the one saved last in front."""
        rows = self._connection.read(
            f"{_SELECT} WHERE session_id = ? AND job_id = ? AND pass = ?"
            " ORDER BY updated_at DESC, id DESC",
            (session_id, job_id, pass_),
        )
        return [_stored(row) for row in rows]

    def delete_draft(self, key: DraftKey) -> bool:
        """Delete the draft of one task; False if it had none."""
        return self._connection.write(_DELETE, _bind(key)) > 0


def _bind(key: DraftKey) -> Parameters:
    return key.session_id, key.job_id, key.pass_, task_key(key.identity)


def _stored(row: SqlRow) -> StoredDraft:
    key = DraftKey(row[0], row[1], Identity(row[2], row[3], row[4], row[5]), row[6])
    return StoredDraft(
        key, row[7], row[8], elapsed_ms=row[9], answer_id=row[10], updated_at=row[11]
    )
