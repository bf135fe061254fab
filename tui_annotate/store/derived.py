"""Compares tables that are derived from others with what they should be, and builds them anew."""

from __future__ import annotations

from tui_annotate.store.connection import Connection
from tui_annotate.waiting import here

_LIVE = """
SELECT a.id, a.dataset_id, a.session_id, a.cursor_id, a.pass, a.answer, a.input_key,
    a.question_key, a.task_hash
FROM answers a WHERE a.kind = 'answer'
    AND NOT EXISTS (SELECT 1 FROM answers b WHERE b.supersedes = a.id)"""
_CURRENT = """
SELECT answer_id, dataset_id, session_id, cursor_id, pass, answer, input_key, question_key,
    task_hash
FROM current"""
_TALLIES = """
SELECT 'session:' || session_id AS scope, answer AS what, count(*) AS n FROM current GROUP BY 1, 2
UNION ALL SELECT 'cursor:' || cursor_id, answer, count(*) FROM current
    WHERE cursor_id IS NOT NULL GROUP BY 1, 2
UNION ALL SELECT 'cursor:' || cursor_id, 'waiting', count(*) FROM waiting
    WHERE cursor_id IS NOT NULL GROUP BY 1
UNION ALL SELECT 'dataset:' || dataset_id, 'waiting', count(*) FROM waiting GROUP BY 1
UNION ALL SELECT 'queue:' || dataset_id || ':' || job_id || ':'
    || coalesce(CAST(session_id AS TEXT), 'pool') || ':' || pass,
    'waiting', count(*) FROM waiting GROUP BY 1
UNION ALL SELECT 'cursor:' || cursor_id, 'drop:' || reason, sum(count) FROM drops
    WHERE kind <> 'notice' GROUP BY 1, 2"""


class DerivedTables:
    """The tables `current` and `tallies`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def problems(self) -> list[str]:
        """Return what is not as it should be; nothing where all is."""
        with here().on("comparing counts with answers"), self._connection.dialect.stoppable():
            return self._differences()

    def _differences(self) -> list[str]:
        found = []
        for name, should, has in (
            ("current answers", _LIVE, _CURRENT),
            ("counts", _TALLIES, "SELECT scope, what, n FROM tallies WHERE n <> 0"),
        ):
            missing = self._count(f"SELECT * FROM ({should}) AS should EXCEPT {has}")  # noqa: S608
            extra = self._count(f"{has} EXCEPT SELECT * FROM ({should}) AS should")  # noqa: S608
            if missing or extra:
                found.append(f"{name}: {missing} missing or wrong, {extra} too many or wrong")
        return found

    def rebuild(self) -> None:
        """Build both tables anew. Inside a transaction."""
        with here().on("counting anew"), self._connection.dialect.stoppable():
            self._rebuild()

    def _rebuild(self) -> None:
        for sql in (
            "DELETE FROM current",
            f"INSERT INTO current (answer_id, dataset_id, session_id, cursor_id, pass, answer,"
            f" input_key, question_key, task_hash) {_LIVE}",
            "DELETE FROM tallies",
            f"INSERT INTO tallies (scope, what, n) SELECT * FROM ({_TALLIES}) AS counted",  # noqa: S608
        ):
            self._connection.write(sql)

    def _count(self, sql: str) -> int:
        return int(self._connection.read(f"SELECT count(*) FROM ({sql}) AS found")[0][0])  # noqa: S608
