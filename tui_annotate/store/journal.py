"""The engine's journal: whether the one beside a database file belongs to it, and moving what
commits have left in it into the file at a time of one's own.

The engine believes every journal that has the right name, and plays it back into a file that was
put there since: both are lost then. So whoever held the gate last has noted which file and which
journal belong together, and this is looked at before the engine sees either of them.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tui_annotate.errors import StoreError, StoreMoved
from tui_annotate.store.connect import connect
from tui_annotate.store.connection import Connection
from tui_annotate.store.dialect.sqlite import Sqlite
from tui_annotate.store.error_mapping import CORRUPT, NOTADB, primary_code
from tui_annotate.store.gate_record import FileMark, GateRecord, mark_of
from tui_annotate.store.sqlite_binding import sqlite3
from tui_annotate.text.safe import shell_command

EVERY = 16
"""Transactions after which the journal is emptied."""

LONGEST = 16_000
"""Pages after which a commit empties it all the same."""

_CHECKPOINT = "PRAGMA wal_checkpoint(PASSIVE)"


class Journal:
    """The journal of one connection.

    Args:
        connection: The connection.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._emptied = 0
        self._spares_commits = False

    def tidy(self) -> None:
        """Empty the journal if it has grown, and nobody else is writing. Never fails.

        What it holds is durable where it is, so whatever comes in between loses nothing.
        """
        connection = self._connection
        if connection.readonly or connection.writing:
            return
        dialect = connection.dialect
        if not isinstance(dialect, Sqlite):
            return
        try:
            if not self._spares_commits:
                connection.execute(f"PRAGMA wal_autocheckpoint = {LONGEST}")
                self._spares_commits = True
            if connection.transactions - self._emptied < EVERY:
                return
            dialect.check_files()
            with dialect.gate.hold(timeout=0):
                busy, pages, moved = connection.execute(_CHECKPOINT).fetchall()[0]
                if not busy and pages == moved:
                    dialect.gate.pending = False
            self._emptied = connection.transactions
        except (StoreError, sqlite3.Error):
            return


_RESTORE = "`tui-annotate restore FILE` puts a backup in its place safely"


def check_pair(path: Path, before: GateRecord | None, gate: int) -> None:
    """Refuse a database file whose journal is another one's, or whose journal is gone.

    Where nobody has noted it (a database of an earlier version, or one that was copied without its
    gate file), and where the file was written since, both are read through first.

    Args:
        path: The database file, which need not exist.
        before: What the gate's last holder has left.
        gate: The inode of the gate's file now.

    Raises:
        StoreMoved: They do not belong together; nothing was touched.
    """
    database = mark_of(str(path))
    for ending in ("-wal", "-journal"):
        journal = mark_of(f"{path}{ending}")
        if journal is None or not journal.size:
            continue  # there is nothing in it that could be played back
        if database is None or not database.size:
            raise _foreign(path, ending, "the database file is missing, but its journal is there")
        if before is not None and _is_foreign(before, gate, database, journal, ending):
            raise _foreign(path, ending, "the journal beside it belongs to another database file")
        # What was noted cannot tell of a file that was written since, or of one without a note.
        # Reading both through takes long, and is spared where the file is as it was left. A
        # `-journal` is there only within a transaction, in which the file need not be sound.
        may_not_fit = ending == "-wal" and not _is_as_left(before, gate, database)
        if may_not_fit and not _fits(path):
            raise _foreign(path, ending, "the journal beside it does not fit the database file")
    if before is not None and database is not None:
        _check_kept(path, before, gate, database)


def _is_foreign(
    before: GateRecord, gate: int, database: FileMark, journal: FileMark, ending: str
) -> bool:
    """Return whether the file was exchanged, and the journal is still that of the file before.

    In a copy of the folder all inodes are new, that of the gate's file too, and nothing can be
    told from them. Where both files are new, they were put there together.
    """
    is_copy_of_folder = before.gate != gate
    if is_copy_of_folder or before.database is None:
        return False
    is_exchanged = before.database.inode != database.inode
    if not is_exchanged:
        return False
    if ending == "-wal":
        return before.journal == journal.inode
    return before.writing  # it is there only within a transaction, and that was cut short


def _is_as_left(before: GateRecord | None, gate: int, database: FileMark) -> bool:
    """Return whether a file has not been written, or exchanged, since the gate was held last."""
    if before is None or before.gate != gate:
        return False
    # A holder that was killed could not note what it wrote. Its journal is the engine's to play
    # back, and the note before it says nothing about the file.
    return before.writing or before.database == database


def _fits(path: Path) -> bool:
    """Return whether the file is sound with what its journal holds. The engine is let read only, so
    that nothing is played back, and both stay as they are."""
    try:
        with closing(connect(path, "mode=ro")) as db:
            return db.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]
    except sqlite3.Error as error:
        return primary_code(error) not in {CORRUPT, NOTADB}


def _check_kept(path: Path, before: GateRecord, gate: int, database: FileMark) -> None:
    """Refuse a file whose journal was removed, or cut short, with answers in it.

    Another program that closes the file last moves them into it first, which changes the file.
    """
    held_answers = before.journal is not None and before.pending > 0
    # Of a copy, and of a writer that was killed, the note says nothing about the files here.
    is_note_of_these = before.gate == gate and not before.writing
    if not held_answers or not is_note_of_these:
        return
    journal = mark_of(f"{path}-wal")
    # Nobody shortens a journal but whoever has moved it into the file, which changes that.
    kept = 0 if journal is None else journal.size
    if kept < before.pending and before.database == database:
        restore = shell_command(("tui-annotate", "restore"), (str(path),))
        raise StoreMoved(
            f"its journal {path.name}-wal, which held the newest answers, was removed or cut short",
            where=str(path),
            hint="Put that file back; or, if it is lost for good,"
            f" `{restore or 'tui-annotate restore FILE'}` goes on without those answers",
        )


def _foreign(path: Path, ending: str, what: str) -> StoreMoved:
    return StoreMoved(
        f"{what} ({path.name}{ending}), so nothing was opened",
        where=str(path),
        hint=f"Put the file back that it belongs to; or {_RESTORE}, and sets that journal aside",
    )
