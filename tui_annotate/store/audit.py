"""The record of who opened which task, and when: keys and hashes of tasks, never their texts.

It outlives the dataset and the session that it is about, until `purge` removes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.connection import Connection, text

_PAGE = 500


class Opening(NamedTuple):
    """A task that was shown to somebody.

    Attributes:
        key: The key of the question; that of its input, where no question is known. 16 bytes.
        input_hash, task_hash: As exports have them.
        pass_: Which time over.
        opened_at: Seconds since 1970.
    """

    key: bytes
    input_hash: int
    task_hash: int
    pass_: int
    opened_at: int


class StoredOpening(NamedTuple):
    """The same as it is stored.

    Attributes:
        dataset: The name of the dataset when it was opened.
        session: The name of the session; None where it has been removed since.
        annotator: Who saw it.
        opening: Which task, and when.
    """

    dataset: str
    session: str | None
    annotator: str
    opening: Opening


class AuditLog:
    """The record of one store. What writes is called inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        dataset_id: int,
        dataset: str,
        session_id: int,
        annotator: str,
        openings: Iterable[Opening],
    ) -> None:
        """Note what a session has shown."""
        self._connection.write_many(
            "INSERT INTO audit_log (dataset_id, session_id, dataset, annotator, pass, key,"
            " input_hash, task_hash, opened_at) VALUES (?,?,?,?,?,?,?,?,?)",
            (
                (
                    dataset_id,
                    session_id,
                    text(dataset),
                    text(annotator),
                    each.pass_,
                    each.key,
                    each.input_hash,
                    each.task_hash,
                    each.opened_at,
                )
                for each in openings
            ),
        )

    def of(self, dataset: str) -> Iterator[StoredOpening]:
        """Yield what was opened of a dataset of this name, oldest first, in constant memory."""
        after = 0
        while rows := self._connection.read(
            "SELECT a.id, a.dataset, s.name, a.annotator, a.key, a.input_hash, a.task_hash, a.pass,"
            " a.opened_at FROM audit_log a LEFT JOIN sessions s ON s.id = a.session_id"
            " WHERE a.dataset = ? AND a.id > ? ORDER BY a.id LIMIT ?",
            (text(dataset), after, _PAGE),
        ):
            for row in rows:
                yield StoredOpening(row[1], row[2], row[3], Opening(*row[4:]))
            after = rows[-1][0]

    def datasets(self) -> list[str]:
        """Return the names of the datasets of which something was opened."""
        rows = self._connection.read("SELECT DISTINCT dataset FROM audit_log ORDER BY dataset")
        return [str(row[0]) for row in rows]
