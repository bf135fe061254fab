"""SQLite files of other programs: theirs are opened for reading only, and nothing is ever written
to them; one for them is written once, row by row, and never opened again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from tui_annotate.errors import SourceError, StoreError
from tui_annotate.store.connection import optional_text
from tui_annotate.store.error_mapping import engine_failure
from tui_annotate.store.sqlite_binding import loading_sqlite_utils, sqlite3

PAGE = 1000
"""How many rows are fetched at a time."""


class ForeignDatabase:
    """One SQLite file of another program. Use it on one thread; close it.

    Args:
        path: The file.

    Raises:
        SourceError: It is not there, or not an SQLite database.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).expanduser().absolute()
        if not self.path.is_file():
            raise SourceError("there is no such file", where=str(path), hint="Check the path")
        try:
            # Any thread may read: a count in the background has a connection of its own anyway.
            self._connection = sqlite3.connect(
                f"file:{quote(str(self.path))}?mode=ro", uri=True, check_same_thread=False
            )
            self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error as error:
            raise self._failure(error) from None

    def tables(self) -> list[str]:
        """Return the names of its tables and views."""
        sql = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
        return [str(row[0]) for row in self.rows(sql)]

    def columns(self, sql: str) -> list[str]:
        """Return the names of the columns of a query.

        Raises:
            SourceError: It is not one query, or names what is not there.
        """
        try:
            cursor = self._connection.execute(f"SELECT * FROM ({sql}) LIMIT 0")  # noqa: S608
        except sqlite3.Error as error:
            raise self._failure(error) from None
        return [str(column[0]) for column in cursor.description]

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query, in constant memory.

        Raises:
            SourceError: The query fails.
        """
        try:
            cursor = self._connection.execute(sql, tuple(parameters))
            while found := cursor.fetchmany(PAGE):
                yield from found
        except sqlite3.Error as error:
            raise self._failure(error) from None

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    def __enter__(self) -> ForeignDatabase:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _failure(self, error: Exception) -> SourceError:
        return SourceError(f"SQLite cannot read it ({error})", where=str(self.path))


def quoted(name: str) -> str:
    """Return the name of a table or column as it stands in a statement."""
    return '"' + name.replace('"', '""') + '"'


class PlainDatabase:
    """A new database file; not durable before it is closed.

    Args:
        path: An empty file.
    """

    def __init__(self, path: Path) -> None:
        with loading_sqlite_utils():  # which takes a tenth of a second, also where files are read
            from sqlite_utils import Database

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
