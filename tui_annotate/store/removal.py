"""Taking datasets and sessions out of the store, the only way that answers go; and taking a dataset
out so that no bytes of it remain in the database file or its journal.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tui_annotate.data_paths import state_folder
from tui_annotate.store.connection import Connection
from tui_annotate.store.migrate import HEAD
from tui_annotate.store.schema import APPLICATION_ID
from tui_annotate.store.tallies import WAITING, dataset_scope
from tui_annotate.store.write_lock import Wait
from tui_annotate.unfinished_files import remove_stale
from tui_annotate.waiting import here

_OF_SESSION = "session_id = ?1"
_OF_CURSOR = "cursor_id IN (SELECT id FROM cursors WHERE session_id = ?1)"
_OF_ANSWER = "answer_id IN (SELECT id FROM answers WHERE session_id = ?1)"

# In this order no row refers to one that is gone. The tables of later migrations need no step: what
# refers to a dataset, a session or an answer there says itself what becomes of it (`ON DELETE`).
# A pair is a table that may have millions of rows of one session, and its key.
_STEPS: tuple[str | tuple[str, str], ...] = (
    f"DELETE FROM proposals WHERE {_OF_SESSION}",  # noqa: S608
    f"DELETE FROM drafts WHERE {_OF_SESSION} OR {_OF_ANSWER}",  # noqa: S608
    f"DELETE FROM waiting WHERE {_OF_SESSION} OR {_OF_CURSOR} OR {_OF_ANSWER}",  # noqa: S608
    ("current", "answer_id"),
    f"DELETE FROM drops WHERE {_OF_CURSOR}",  # noqa: S608
    "DELETE FROM answers WHERE kind = 'retraction' AND session_id <> ?1"
    " AND supersedes IN (SELECT id FROM answers WHERE session_id = ?1)",
    "UPDATE answers SET supersedes = NULL WHERE session_id <> ?1"
    " AND supersedes IN (SELECT id FROM answers WHERE session_id = ?1)",
    f"UPDATE answers SET cursor_id = NULL WHERE session_id <> ?1 AND {_OF_CURSOR}",  # noqa: S608
    "UPDATE current SET cursor_id = NULL WHERE cursor_id IN"
    " (SELECT id FROM cursors WHERE session_id = ?1)",
    ("answers", "id"),
    "DELETE FROM tallies WHERE scope IN"
    " (SELECT 'cursor:' || id FROM cursors WHERE session_id = ?1)",
    "DELETE FROM tallies WHERE scope = 'session:' || ?1 OR scope LIKE 'queue:%:%:' || ?1 || ':%'",
    "DELETE FROM cursors WHERE session_id = ?1",
    "DELETE FROM sessions WHERE id = ?1",
)


_PIECE = 10_000
"""Rows that one statement deletes, so that it can be said how far a removal is."""


class Removal:
    """Deletes. Called inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def session(self, session_id: int) -> None:
        """Delete a session with its answers, drafts, waiting tasks and cursors.

        Answers of others that took the place of its own stay, and stand.
        """
        row = self._connection.first("SELECT dataset_id FROM sessions WHERE id = ?", (session_id,))
        self._delete(session_id)
        if row is not None:
            self._count_waiting(int(row[0]))

    def dataset(self, dataset_id: int) -> None:
        """Delete a dataset with all its sessions."""
        for (session_id,) in self._connection.read(
            "SELECT id FROM sessions WHERE dataset_id = ?", (dataset_id,)
        ):
            self._delete(int(session_id))
        self._connection.write("DELETE FROM waiting WHERE dataset_id = ?", (dataset_id,))
        self._connection.write("DELETE FROM label_changes WHERE dataset_id = ?", (dataset_id,))
        self._connection.write(
            "DELETE FROM tallies WHERE scope = ? OR scope LIKE ?",
            (dataset_scope(dataset_id), f"queue:{dataset_id}:%"),
        )
        self._connection.write("DELETE FROM datasets WHERE id = ?", (dataset_id,))

    def _delete(self, session_id: int) -> None:
        with self._connection.dialect.stoppable():
            for step in _STEPS:
                if isinstance(step, str):
                    self._connection.write(step, (session_id,))
                else:
                    self._delete_in_pieces(session_id, *step)

    def _delete_in_pieces(self, session_id: int, table: str, key: str) -> None:
        """Delete the rows of a session, the newest first: answers refer to older ones.

        Rows are found by their keys: the plus sign keeps the engine from an index on sessions, by
        which each piece would look at all rows of the session.
        """
        waiting = here()
        rows = self._connection.read(
            f"SELECT count(*), max({key}) FROM {table} WHERE session_id = ?",  # noqa: S608
            (session_id,),
        )
        total, last = rows[0]
        what = "deleting answers" if table == "answers" else "deleting the list of current answers"
        with waiting.on(what, of=total, unit="answers"):
            done = 0
            while done < total:
                piece = self._connection.read(
                    f"SELECT min({key}), count(*) FROM (SELECT {key} FROM {table}"  # noqa: S608
                    f" WHERE +session_id = ? AND {key} <= ? ORDER BY {key} DESC LIMIT ?) AS piece",
                    (session_id, last, _PIECE),
                )
                first, count = piece[0]
                if not count:
                    return
                self._connection.write(
                    f"DELETE FROM {table} WHERE +session_id = ? AND {key} BETWEEN ? AND ?",  # noqa: S608
                    (session_id, first, last),
                )
                last, done = first - 1, done + count
                waiting.at(done)

    def _count_waiting(self, dataset_id: int) -> None:
        self._connection.write(
            "UPDATE tallies SET n = (SELECT count(*) FROM waiting WHERE dataset_id = ?1)"
            " WHERE scope = ?2 AND what = ?3",
            (dataset_id, dataset_scope(dataset_id), WAITING),
        )


_KINDS = ("before", "replaced", "rescued", "journal", "restoring")
"""What stands behind the database's name in those of its copies and of what was set aside."""

PURGING = "purging"
"""What stands behind the database's name in that of the file that names purges until their end.

Between the deletion and the end of a purge no row is left that says so, and who is killed then must
be able to go on."""

# What datasets share goes with the last one that refers to it.
_UNUSED = (
    "DELETE FROM sources WHERE id NOT IN (SELECT source_id FROM cursors)",
    "DELETE FROM jobs WHERE id NOT IN (SELECT job_id FROM cursors)"
    " AND id NOT IN (SELECT job_id FROM waiting) AND id NOT IN (SELECT job_id FROM drafts)"
    " AND id NOT IN (SELECT job_id FROM claims)",
    "DELETE FROM guidelines WHERE id NOT IN"
    " (SELECT guideline_id FROM answers WHERE guideline_id IS NOT NULL)"
    " AND id NOT IN (SELECT guideline_seen FROM sessions WHERE guideline_seen IS NOT NULL)",
)

_SHARING = """
SELECT d.name FROM datasets d WHERE d.id <> ?1 AND EXISTS (
    SELECT 1 FROM current mine JOIN current other
    ON other.dataset_id = d.id AND other.input_key = mine.input_key
    WHERE mine.dataset_id = ?1)
ORDER BY d.name"""


class Purge:
    """Removes a dataset for good.

    Args:
        connection: The database, open for writing.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def remove(self, dataset_id: int, name: str) -> None:
        """Delete a dataset, what only it referred to, and the record of who opened its tasks.

        Called inside `store.write_txn()`; the bytes are still there until `wipe`.

        Args:
            dataset_id: The dataset.
            name: Its name: the record of who opened its tasks is kept by name as well.
        """
        self._connection.write(
            "DELETE FROM audit_log WHERE dataset_id = ? OR dataset = ?", (dataset_id, name)
        )
        Removal(self._connection).dataset(dataset_id)
        self.remove_unused()

    def remove_unused(self) -> None:
        """Delete the guidelines, settings of jobs and names of sources that nothing has any more:
        they are left where a dataset is dropped.

        Called inside `store.write_txn()`; the bytes are still there until `wipe`.
        """
        for statement in _UNUSED:
            self._connection.write(statement)

    def forget(self, name: str) -> None:
        """Delete the record of who opened tasks of a dataset that was dropped.

        Called inside `store.write_txn()`; the bytes are still there until `wipe`.
        """
        self._connection.write("DELETE FROM audit_log WHERE dataset = ?", (name,))

    def wipe(self, wait: Wait | None = None) -> None:
        """Write the database file anew without what was deleted, and empty its journal.

        Raises:
            StoreLocked: Somebody else reads in the database all the time.
            StoreFull: There is no room for the copy that the engine makes meanwhile.
            StoreError: It failed in another way. What was deleted stays deleted, but its bytes may
                still be in the file.
        """
        self._connection.rewrite(wait)

    def sharing(self, dataset_id: int) -> list[str]:
        """Return the names of other datasets that have answers about the same inputs."""
        return [str(row[0]) for row in self._connection.read(_SHARING, (dataset_id,))]


def copies(database: Path) -> list[Path]:
    """Return the copies of a database that lie where this program puts such.

    These are files beside it that are databases of this program or have the name of a part of it
    that was set aside, and copies that were rescued to the folder for crash files, the home folder
    or the one for temporary files.

    Args:
        database: The database file.
    """
    own = {f"{database.name}{ending}" for ending in ("", "-wal", "-shm", "-journal", "-gate")}
    found = {
        each
        for each in _files(database.parent)
        if each.name not in own
        and not _is_same(each, database)
        and (_is_aside(each, database) or _is_ours(each))
    }
    short = os.fsdecode(os.fsencode(database.name)[:150])
    for folder in (state_folder(), Path.home(), Path(tempfile.gettempdir())):
        found |= {each for each in _files(folder) if each.name.startswith(f"{short}.rescued-")}
    return sorted(found)


def remove_unfinished(database: Path) -> None:
    """Remove what copies of a database that were killed have left: it holds the texts as well."""
    for kind in _KINDS:
        for start in (".", ".."):  # what is copied to such a name has one more point
            remove_stale(database.parent, f"{start}{database.name}.{kind}-")


def unfinished_copies(database: Path) -> list[Path]:
    """Return what copies of a database that were killed have left beside it; `remove_unfinished`
    and the next one of the same name remove it."""
    starts = tuple(f"{points}{database.name}.{kind}-" for points in (".", "..") for kind in _KINDS)
    return sorted(each for each in _files(database.parent) if each.name.startswith(starts))


def _files(folder: Path) -> Iterator[Path]:
    try:
        yield from (each for each in folder.iterdir() if each.is_file() and not each.is_symlink())
    except OSError:
        return


def _is_same(file: Path, database: Path) -> bool:
    # Never opened: closing a second descriptor of the database takes the engine's locks from it.
    try:
        return file.samefile(database)
    except OSError:
        return True


def _is_aside(file: Path, database: Path) -> bool:
    return file.name.startswith(tuple(f"{database.name}.{kind}-" for kind in _KINDS))


def _is_ours(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            head = opened.read(HEAD)
    except OSError:
        return False
    return head.startswith(b"SQLite format 3\0") and int.from_bytes(head[68:72]) == APPLICATION_ID
