"""Moves what commits have left in the journal into the database file, at a time of one's own.

The engine does so within a commit, as soon as the journal is 1,000 pages long: an answer in ten to
a hundred would wait for it, with two more writes to the disk. Whoever has time between answers
calls `tidy`, and the engine's own way remains for when nobody has.
"""

from __future__ import annotations

from tui_annotate.errors import StoreError
from tui_annotate.store.connection import Connection
from tui_annotate.store.dialect.sqlite import Sqlite
from tui_annotate.store.engine import sqlite3

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
