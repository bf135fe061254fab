"""Repairs a damaged database into a new file: every row that can still be read is copied."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tui_annotate.errors import StoreError
from tui_annotate.store.connect import connect
from tui_annotate.store.database import open_store
from tui_annotate.store.derived import Derived
from tui_annotate.store.engine import sqlite3

_TABLES = (
    *("datasets", "sessions", "jobs", "sources", "cursors", "answers", "waiting", "drafts"),
    *("claims", "drops", "proposals"),
)
_PAGE = 256


@dataclass(slots=True)
class Recovered:
    """What was copied.

    Attributes:
        rows: Rows by table.
        lost: How many could not be read, or refer to something that could not, by table; of those
            whose number is not known a range counts as one.
    """

    rows: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)


def recover(damaged: Path, target: Path) -> Recovered:
    """Copy what can be read of a damaged database to a new one; the old file is left as it is.

    Args:
        damaged: The database. Nobody may be writing to it.
        target: The new file.

    Raises:
        StoreError: There is such a file, or the damaged one has no schema that can be read.
    """
    if target.exists():
        raise StoreError("there is such a file already", where=str(target), hint="Name another")
    try:
        old = connect(damaged, "mode=ro")
    except sqlite3.Error as error:
        raise StoreError(
            f"nothing of it can be read ({error})",
            where=str(damaged),
            hint="Take the newest backup: FILE.before-NAME, or what `backup` wrote",
        ) from None
    found = Recovered()
    try:
        old.execute("PRAGMA cell_size_check = OFF")
        with open_store(target) as store:
            db = store._connection.db
            db.execute("PRAGMA foreign_keys = OFF")
            with store.write_txn():
                for table in _TABLES:
                    _copy(old, db, table, found)
                _drop_orphans(db, found)
                Derived(store._connection).rebuild()
    finally:
        old.close()
    return found


def _copy(old: sqlite3.Connection, new: sqlite3.Connection, table: str, found: Recovered) -> None:
    columns = [row[1] for row in new.execute(f"PRAGMA table_info({table})").fetchall()]
    try:
        there = {row[1] for row in old.execute(f"PRAGMA table_info({table})").fetchall()}
        columns = [name for name in columns if name in there]
    except sqlite3.Error:
        columns = []
    if not columns:
        found.lost[table] = 1
        return
    names = ", ".join(f'"{name}"' for name in columns)
    insert = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
    if table == "claims":
        _copy_all(old, new, f"SELECT {names} FROM claims", insert, found)  # noqa: S608
        return
    select = f"SELECT {names} FROM {table} WHERE rowid BETWEEN ? AND ?"  # noqa: S608
    _copy_range(old, new, table, (select, insert), 1, _highest(old, table), found)


def _copy_all(
    old: sqlite3.Connection, new: sqlite3.Connection, select: str, insert: str, found: Recovered
) -> None:
    """Copy a table without row numbers; claims are only for a while, so their loss is no harm."""
    try:
        rows = old.execute(select).fetchall()
    except sqlite3.Error:
        return
    new.executemany(insert, rows)
    found.rows["claims"] = len(rows)


def _highest(old: sqlite3.Connection, table: str) -> int:
    """Return the highest row number that can be found by going up in steps and halving them."""
    try:
        row = old.execute(f"SELECT max(rowid) FROM {table}").fetchone()  # noqa: S608
        return int(row[0] or 0)
    except sqlite3.Error:
        return 1 << 24


def _copy_range(
    old: sqlite3.Connection,
    new: sqlite3.Connection,
    table: str,
    sql: tuple[str, str],
    first: int,
    last: int,
    found: Recovered,
) -> None:
    """Copy the rows of a range; where they cannot be read, its halves."""
    ranges = [(first, last)]
    while ranges:
        low, high = ranges.pop()
        if low > high:
            continue
        try:
            rows = old.execute(sql[0], (low, high)).fetchmany(_PAGE + 1)
        except sqlite3.Error:
            if low == high:
                found.lost[table] = found.lost.get(table, 0) + 1
                continue
            middle = (low + high) // 2
            ranges += [(middle + 1, high), (low, middle)]
            continue
        if len(rows) > _PAGE and low < high:
            middle = (low + high) // 2
            ranges += [(middle + 1, high), (low, middle)]
            continue
        new.executemany(sql[1], rows)
        found.rows[table] = found.rows.get(table, 0) + len(rows)


def _drop_orphans(db: sqlite3.Connection, found: Recovered) -> None:
    """Leave out what refers to rows that could not be read, until nothing does."""
    while broken := db.execute("PRAGMA foreign_key_check").fetchall():
        for table, rowid, *_ in broken:
            db.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,))  # noqa: S608
            found.lost[table] = found.lost.get(table, 0) + 1
            found.rows[table] = found.rows.get(table, 0) - 1
