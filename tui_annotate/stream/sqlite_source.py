"""Tables and queries of SQLite files as sources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from tui_annotate.errors import SourceError, TaskError
from tui_annotate.sources.base import START, BadRow, Fingerprint, Position, Row, SourceChange
from tui_annotate.sources.files import SourceFile
from tui_annotate.sources.known_tables import as_task, is_export
from tui_annotate.sources.numbered_source import compare_whole, whole_fingerprint
from tui_annotate.sources.text_field import TEXT, Fields
from tui_annotate.store.other_sqlite import ForeignDatabase, quoted

_EXPORT = "documents"
"""The table with the tasks in a file that `export --to sqlite` wrote."""

_FORM = "Write sqlite:FILE?table=NAME or sqlite:FILE?sql=SELECT..."


def open_table(rest: str, fields: Fields) -> TableSource:
    """Open `FILE?table=NAME` or `FILE?sql=SELECT...`; without either, the only table.

    Raises:
        SourceError: There is no such file, table or query.
    """
    file, _, query = rest.partition("?")
    if query.startswith("sql="):
        # Taken as it is: a statement is full of what a query string would unescape.
        return TableSource(file, fields, sql=query.removeprefix("sql="))
    given = parse_qs(query)
    if set(given) - {"table"} or len(given.get("table", ())) > 1:
        raise SourceError(f"{query!r} is not understood", where=f"sqlite:{rest}", hint=_FORM)
    return TableSource(file, fields, table=given["table"][0] if given else None)


class TableSource:
    """Reads the rows of a table, or of a query.

    A table is read in the order of its row ids, which are the positions. A query, or a view, has no
    positions, so a session reads it again from the start.

    Args:
        file: The SQLite file.
        fields: Which columns make the task.
        table: The table or view.
        sql: A query.

    Raises:
        SourceError: There is no such file, table or column, or the query is none.
    """

    def __init__(
        self, file: str, fields: Fields, *, table: str | None = None, sql: str | None = None
    ) -> None:
        self._file = SourceFile(file)
        self.fields = fields
        with ForeignDatabase(file) as database:
            if sql is None:
                table = _choose(database, table, file)
            self._from = f"({sql})" if sql is not None else quoted(str(table))
            self.seekable = sql is None and _has_rowid(database, self._from, str(table))
            self._columns = database.columns(f"SELECT * FROM {self._from}")  # noqa: S608
        what = f"sql={sql}" if sql is not None else f"table={table}"
        self.name = f"sqlite:{file}?{what}"
        self.identity = f"sqlite:{self._file.identity}?{what}"
        self._exported = fields.text_field is None and is_export(self._columns)
        text = fields.text_field or TEXT
        if text not in self._columns:
            raise SourceError(
                f"no column `{text}`; columns: {', '.join(self._columns)}",
                where=self.name,
                hint="Name one with `--text-field`",
            )

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield the rows from `start` on, in constant memory."""
        # The result of a query has no numbers of rows, and is read in the order that it has.
        key, order = ("rowid", " ORDER BY rowid") if self.seekable else ("0", "")
        is_resumed = self.seekable and start.row > 0
        where = " WHERE rowid > ?" if is_resumed else ""
        after_id = (start.offset,) if is_resumed else ()
        before, number = start, start.row
        with ForeignDatabase(Path(self._file.name)) as database:
            sql = f"SELECT {key}, * FROM {self._from}{where}{order}"  # noqa: S608
            for values in database.rows(sql, after_id):
                number += 1
                after = Position(number, number, int(values[0]) if self.seekable else number)
                yield self._record(dict(zip(self._columns, values[1:], strict=True)), before, after)
                before = after

    def _record(self, values: dict[str, Any], before: Position, after: Position) -> Row | BadRow:
        try:
            notices: list[str] = []
            return Row(self._task(values, notices), before, after, tuple(notices))
        except TaskError as error:
            return BadRow(error.reason, error.what, before, after, tuple(values))

    def _task(self, values: dict[str, Any], notices: list[str]) -> dict[str, Any]:
        if self._exported:
            return self.fields.apply(as_task(values), notices)
        kept = {
            key: value
            for key, value in values.items()
            if value is not None and not isinstance(value, bytes)
        }
        name = self.fields.text_field or TEXT
        task = {name: kept.pop(name)} if name in kept else {}
        if self.fields.id_field in kept:
            kept["id"] = kept.pop(self.fields.id_field)
        return self.fields.apply({**task, "meta": kept} if kept else task)

    def fingerprint(self, at: Position) -> Fingerprint:
        """Return what to remember of the file: its size, time, and both ends."""
        return whole_fingerprint(self._file, at)

    def compare(self, stored: Fingerprint) -> SourceChange:
        """Compare the file with what was remembered; any write to it is a change."""
        return compare_whole(self.fingerprint(Position(offset=stored.offset)), stored)

    def size(self) -> int | None:
        """Return None: row ids have gaps, so they say little about how much is to come."""
        return None

    def count(self) -> int | None:
        """Count the rows."""
        with ForeignDatabase(Path(self._file.name)) as database:
            return int(next(database.rows(f"SELECT count(*) FROM {self._from}"))[0])  # noqa: S608


def _choose(database: ForeignDatabase, table: str | None, file: str) -> str:
    tables = [each for each in database.tables() if not each.startswith("sqlite_")]
    if table is None and len(tables) == 1:
        return tables[0]
    if table is None and _EXPORT in tables:
        columns = database.columns(f"SELECT * FROM {quoted(_EXPORT)}")  # noqa: S608
        if is_export(columns):
            return _EXPORT
    if table in tables:
        return str(table)
    what = f"there is no table {table!r}" if table else "it has several tables"
    raise SourceError(what, where=file, hint=f"There are: {', '.join(tables) or 'none'}. {_FORM}")


def _has_rowid(database: ForeignDatabase, source: str, table: str) -> bool:
    """Tell whether it is a table with row ids; older engines give views some that mean nothing."""
    sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    if not list(database.rows(sql, (table,))):
        return False
    try:
        low = next(database.rows(f"SELECT min(rowid) FROM {source}"))[0]  # noqa: S608
    except SourceError:
        return False
    # Positions are not negative, and 0 means the start.
    return low is None or (isinstance(low, int) and low > 0)
