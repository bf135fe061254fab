"""A plain SQLite file for other programs: written once, row by row, and never opened again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tui_annotate.errors import StoreError
from tui_annotate.store.connection import optional_text
from tui_annotate.store.engine import loading_sqlite_utils, sqlite3
from tui_annotate.store.error_mapping import engine_failure

with loading_sqlite_utils():
    from sqlite_utils import Database


class PlainDatabase:
    """A new database file; not durable before it is closed.

    Args:
        path: An empty file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = sqlite3.connect(str(path), isolation_level=None)
        self._database = Database(self._connection)
        self._inserts: dict[str, str] = {}
        # The file is thrown away after a failure, so nothing has to be undone.
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute("PRAGMA synchronous = OFF")

    def create(self, table: str, columns: Mapping[str, type], key: str | None = None) -> None:
        """Create a table.

        Args:
            table: Its name.
            columns: Name -> `int` or `str`.
            key: The primary key.
        """
        if not self._inserts:
            self._connection.execute("BEGIN")
        self._database.table(table).create(dict(columns), pk=key)
        names = ", ".join(f'"{name}"' for name in columns)
        places = ", ".join(f":{name}" for name in columns)
        self._inserts[table] = f'INSERT INTO "{table}" ({names}) VALUES ({places})'  # noqa: S608

    def insert(self, table: str, row: Mapping[str, Any]) -> None:
        """Insert one row with a value for each column.

        Raises:
            StoreError: The disk is full, or a value cannot be stored.
        """
        values = {
            name: optional_text(value) if isinstance(value, str) else value
            for name, value in row.items()
        }
        try:
            self._connection.execute(self._inserts[table], values)
        except (sqlite3.Error, OverflowError) as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Commit and close.

        Raises:
            StoreError: The disk is full.
        """
        try:
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._failure(error) from error
        finally:
            self._connection.close()

    def _failure(self, error: Exception) -> StoreError:
        if isinstance(error, sqlite3.Error):
            return engine_failure(error, self._path)
        return StoreError(f"a value cannot be stored ({error})", where=str(self._path))
