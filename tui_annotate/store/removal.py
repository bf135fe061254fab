"""Taking a whole dataset, or a session of one, out of the store: the only way that answers go."""

from __future__ import annotations

from tui_annotate.store.connection import Connection
from tui_annotate.store.tallies import WAITING, dataset_scope

_OF_SESSION = "session_id = ?1"
_OF_CURSOR = "cursor_id IN (SELECT id FROM cursors WHERE session_id = ?1)"
_OF_ANSWER = "answer_id IN (SELECT id FROM answers WHERE session_id = ?1)"

# In this order no row refers to one that is gone. The tables of later migrations need no step: what
# refers to a dataset, a session or an answer there says itself what becomes of it (`ON DELETE`).
_STEPS = (
    f"DELETE FROM proposals WHERE {_OF_SESSION}",  # noqa: S608
    f"DELETE FROM drafts WHERE {_OF_SESSION} OR {_OF_ANSWER}",  # noqa: S608
    f"DELETE FROM waiting WHERE {_OF_SESSION} OR {_OF_CURSOR} OR {_OF_ANSWER}",  # noqa: S608
    f"DELETE FROM current WHERE {_OF_SESSION}",  # noqa: S608
    f"DELETE FROM drops WHERE {_OF_CURSOR}",  # noqa: S608
    "DELETE FROM answers WHERE kind = 'retraction' AND session_id <> ?1"
    " AND supersedes IN (SELECT id FROM answers WHERE session_id = ?1)",
    "UPDATE answers SET supersedes = NULL WHERE session_id <> ?1"
    " AND supersedes IN (SELECT id FROM answers WHERE session_id = ?1)",
    f"UPDATE answers SET cursor_id = NULL WHERE session_id <> ?1 AND {_OF_CURSOR}",  # noqa: S608
    "UPDATE current SET cursor_id = NULL WHERE cursor_id IN"
    " (SELECT id FROM cursors WHERE session_id = ?1)",
    f"DELETE FROM answers WHERE {_OF_SESSION}",  # noqa: S608
    "DELETE FROM tallies WHERE scope IN"
    " (SELECT 'cursor:' || id FROM cursors WHERE session_id = ?1)",
    "DELETE FROM tallies WHERE scope = 'session:' || ?1 OR scope LIKE 'queue:%:%:' || ?1 || ':%'",
    "DELETE FROM cursors WHERE session_id = ?1",
    "DELETE FROM sessions WHERE id = ?1",
)


class Removal:
    """Deletes. Called inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def session(self, session_id: int) -> None:
        """Delete a session with its answers, drafts, waiting tasks and cursors.

        Answers of others that took the place of its own stay, and stand.
        """
        row = self._connection.first("SELECT dataset_id FROM sessions WHERE id = ?", (session_id,))
        for statement in _STEPS:
            self._connection.write(statement, (session_id,))
        if row is not None:
            self._count_waiting(int(row[0]))

    def dataset(self, dataset_id: int) -> None:
        """Delete a dataset with all its sessions."""
        for (session_id,) in self._connection.read(
            "SELECT id FROM sessions WHERE dataset_id = ?", (dataset_id,)
        ):
            for statement in _STEPS:
                self._connection.write(statement, (session_id,))
        self._connection.write("DELETE FROM waiting WHERE dataset_id = ?", (dataset_id,))
        self._connection.write("DELETE FROM label_changes WHERE dataset_id = ?", (dataset_id,))
        self._connection.write(
            "DELETE FROM tallies WHERE scope = ? OR scope LIKE ?",
            (dataset_scope(dataset_id), f"queue:{dataset_id}:%"),
        )
        self._connection.write("DELETE FROM datasets WHERE id = ?", (dataset_id,))

    def _count_waiting(self, dataset_id: int) -> None:
        self._connection.write(
            "UPDATE tallies SET n = (SELECT count(*) FROM waiting WHERE dataset_id = ?1)"
            " WHERE scope = ?2 AND what = ?3",
            (dataset_id, dataset_scope(dataset_id), WAITING),
        )
