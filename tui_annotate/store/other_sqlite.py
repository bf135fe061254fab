"""Other programs' SQLite files, opened for reading only; nothing is ever written to them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from tui_annotate.errors import SourceError
from tui_annotate.store.engine import sqlite3

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
