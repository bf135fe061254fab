"""Questions about datasets that commands ask, and an annotator at work does not."""

from __future__ import annotations

from tui_annotate.store.answer_rows import FROM_CURRENT, SELECT, stored_answer
from tui_annotate.store.connection import Connection
from tui_annotate.store.records import StoredAnswer
from tui_annotate.task.hashing import Identity
from tui_annotate.task.schema import DECISIONS


class Lookup:
    """Reads what no session needs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def answer_of(self, dataset_id: int, session: str, identity: Identity) -> StoredAnswer | None:
        """Return the newest current answer that a session of a dataset has given to a task."""
        same = "c.question_key IS ?" if identity.question_key is not None else "? IS NULL"
        row = self._connection.first(
            f"{SELECT} {FROM_CURRENT} WHERE c.dataset_id = ? AND c.input_key = ?"
            f" AND (c.task_hash = ? OR {same}) AND s.name = ? ORDER BY c.answer_id DESC LIMIT 1",
            (
                dataset_id,
                identity.input_key,
                identity.task_hash,
                identity.question_key,
                session,
            ),
        )
        return stored_answer(row) if row else None

    def answers_of(self, annotator: str) -> int:
        """Return how many current answers an annotator has given, in all datasets."""
        row = self._connection.first(
            "SELECT coalesce(sum(t.n), 0) FROM sessions s JOIN tallies t"
            " ON t.scope = 'session:' || s.id WHERE s.annotator = ? AND t.what IN (?, ?, ?)",
            (annotator, *DECISIONS),
        )
        return int(row[0]) if row else 0

    def counts_by_session(self, dataset_id: int) -> dict[int, dict[str, int]]:
        """Return the current answers by decision for every session of a dataset."""
        rows = self._connection.read(
            "SELECT s.id, t.what, t.n FROM sessions s JOIN tallies t"
            " ON t.scope = 'session:' || s.id WHERE s.dataset_id = ?",
            (dataset_id,),
        )
        found: dict[int, dict[str, int]] = {}
        for session_id, what, n in rows:
            found.setdefault(session_id, {})[what] = n
        return found

    def counts_by_period(self, dataset_id: int, period: str) -> list[tuple[str, int, int]]:
        """Return period, current answers and unique inputs in it, oldest first.

        Args:
            dataset_id: Which dataset.
            period: `day`, `week`, `month` or `year`, in local time.
        """
        rows = self._connection.read(
            f"SELECT {self._connection.dialect.PERIODS[period]} AS period, count(*),"  # noqa: S608
            " count(DISTINCT c.input_key) FROM current c JOIN answers a ON a.id = c.answer_id"
            " WHERE c.dataset_id = ? GROUP BY period ORDER BY min(a.answered_at)",
            (dataset_id,),
        )
        return [(str(row[0]), int(row[1]), int(row[2])) for row in rows]

    def last_answer_at(self, dataset_id: int) -> int | None:
        """Return when the newest current answer of a dataset was given."""
        row = self._connection.first(
            "SELECT answered_at FROM answers WHERE id ="
            " (SELECT max(answer_id) FROM current WHERE dataset_id = ?)",
            (dataset_id,),
        )
        return int(row[0]) if row else None

    def answered_since(self, session_id: int, since: int) -> tuple[int, int | None]:
        """Return how many standing answers a session has given since then, and when the newest."""
        row = self._connection.first(
            "SELECT count(*), max(a.answered_at) FROM current c JOIN answers a ON a.id ="
            " c.answer_id WHERE c.session_id = ? AND a.answered_at >= ?",
            (session_id, since),
        )
        return (int(row[0]), row[1]) if row else (0, None)

    def hashes(self, dataset_id: int, kind: str, session_id: int | None = None) -> set[int]:
        """Return the distinct hashes, signed 32 bit, of a dataset's current answers.

        Args:
            dataset_id: Which dataset.
            kind: `input` or `task`.
            session_id: Of this session's answers only.
        """
        column = {"input": "a.input_hash", "task": "a.task_hash"}[kind]
        rows = self._connection.read(
            f"SELECT DISTINCT {column} {FROM_CURRENT} WHERE c.dataset_id = ?1"
            " AND (?2 IS NULL OR c.session_id = ?2)",
            (dataset_id, session_id),
        )
        return {int(row[0]) for row in rows}

    def meta(self, dataset_id: int) -> str | None:
        """Return the JSON text that a script has kept beside a dataset."""
        sql = "SELECT meta FROM dataset_meta WHERE dataset_id = ?"
        row = self._connection.first(sql, (dataset_id,))
        return str(row[0]) if row else None

    def set_meta(self, dataset_id: int, meta: str) -> None:
        """Keep JSON text beside a dataset. Inside a transaction."""
        sql = (
            "INSERT INTO dataset_meta (dataset_id, meta) VALUES (?, ?)"
            " ON CONFLICT (dataset_id) DO UPDATE SET meta = excluded.meta"
        )
        self._connection.write(sql, (dataset_id, meta))
