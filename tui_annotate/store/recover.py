"""Repairs a damaged database into a new file: every row that can still be read is copied.

Which tables there are is read from the new file, so that none is forgotten.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tui_annotate.errors import StoreError
from tui_annotate.private_file import give_rights
from tui_annotate.store.connect import check_links, connect
from tui_annotate.store.database import open_store
from tui_annotate.store.derived import DerivedTables
from tui_annotate.store.error_mapping import system_failure
from tui_annotate.store.restore import put
from tui_annotate.store.schema import DERIVED
from tui_annotate.store.sqlite_binding import sqlite3
from tui_annotate.unfinished_files import hold, part_start, remove_stale
from tui_annotate.waiting import here

_TABLES = """
SELECT name, sql FROM sqlite_master
WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> '_sqlite_migrations'
ORDER BY rowid"""
_WITHOUT_ROWID = "WITHOUT ROWID"
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
        StoreError: There is such a file, the damaged one is no plain file or has no schema that can
            be read, or one of them lies behind a link to what is not there.
    """
    check_links(damaged)
    check_links(target.parent)
    damaged = Path(os.path.realpath(damaged))
    if not damaged.is_file():  # opening a pipe would wait for ever
        what = "it is no plain file" if damaged.exists() else "there is no such database"
        raise StoreError(what, where=str(damaged), hint="Name the database by TUI_ANNOTATE_DB")
    if os.path.lexists(target):
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
        with unfinished(target, damaged) as new, open_store(new) as store:
            db = store._connection.db
            db.execute("PRAGMA foreign_keys = OFF")
            with store.write_txn():
                for table, sql in db.execute(_TABLES).fetchall():
                    if table not in DERIVED:
                        numbered = not sql.rstrip().endswith(_WITHOUT_ROWID)
                        with here().on(f"copying {table}"):
                            _copy(old, db, table, found, numbered=numbered)
                _drop_orphans(db, found)
                DerivedTables(store._connection).rebuild()
    finally:
        old.close()
    return found


@contextmanager
def unfinished(target: Path, like: Path | None = None) -> Iterator[Path]:
    """Give a name to write to; at the end it becomes `target`, after an exception nothing is left.

    What is killed leaves a folder that the next one to the same name removes: half a database
    would look like a whole one.

    Args:
        target: The new file.
        like: The file whose readers may read it; see `open_private`.
    """
    start = part_start(target.name)
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        remove_stale(target.parent, start)
        folder = Path(tempfile.mkdtemp(prefix=start, dir=target.parent))
    except (FileExistsError, NotADirectoryError):
        where = str(target.parent)
        raise StoreError("it is no folder", where=where, hint="Name another file") from None
    except OSError as error:
        raise system_failure(error, target) from error
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    hold(held)
    try:
        yield folder / "new.db"
        with (folder / "new.db").open("rb") as made:
            give_rights(made.fileno(), target, like)
        put(folder / "new.db", target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _copy(
    old: sqlite3.Connection,
    new: sqlite3.Connection,
    table: str,
    found: Recovered,
    *,
    numbered: bool,
) -> None:
    """Copy one table.

    Args:
        old: The damaged database.
        new: The new one.
        table: The table's name.
        found: Counts what is copied and what is lost.
        numbered: Whether its rows have numbers, by which single ones can be read.
    """
    columns = [row[1] for row in new.execute(f"PRAGMA table_info({table})").fetchall()]
    try:
        there = {row[1] for row in old.execute(f"PRAGMA table_info({table})").fetchall()}
    except sqlite3.Error:
        found.lost[table] = 1
        return
    if not there:  # the damaged file is older than this table
        return
    names = ", ".join(f'"{name}"' for name in columns if name in there)
    places = ", ".join("?" for name in columns if name in there)
    insert = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})"  # noqa: S608
    select = f"SELECT {names} FROM {table}"  # noqa: S608
    if numbered:
        by_range = (f"{select} WHERE rowid BETWEEN ? AND ?", insert)
        _copy_range(old, new, table, by_range, 1, _highest(old, table), found)
    else:
        _copy_from_both_ends(old, new, table, (select, insert), found)


def _copy_from_both_ends(
    old: sqlite3.Connection,
    new: sqlite3.Connection,
    table: str,
    sql: tuple[str, str],
    found: Recovered,
) -> None:
    """Copy a table whose rows have no numbers: up to where it is damaged, from either end."""
    info = old.execute(f"PRAGMA table_info({table})").fetchall()
    key = [f'"{row[1]}"' for row in sorted(info, key=lambda row: row[5]) if row[5]]
    for order in ("ASC", "DESC"):
        by_key = ", ".join(f"{name} {order}" for name in key)
        try:
            for row in old.execute(f"{sql[0]} ORDER BY {by_key}"):
                copied = new.execute(sql[1], row).rowcount
                found.rows[table] = found.rows.get(table, 0) + max(0, copied)
        except sqlite3.Error:
            found.lost[table] = 1
            continue
        found.rows.setdefault(table, 0)
        return


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
        here().at(found.rows[table])


def _drop_orphans(db: sqlite3.Connection, found: Recovered) -> None:
    """Leave out what refers to rows that could not be read, until nothing does.

    Where a row need not refer to anything, it is kept and refers to nothing: an answer is worth
    more than the cursor, the guidelines or the earlier answer that it names.
    """
    while broken := db.execute("PRAGMA foreign_key_check").fetchall():
        for table, key_id in dict.fromkeys((row[0], row[3]) for row in broken):
            _drop_orphans_of(db, table, key_id, found)


def _drop_orphans_of(db: sqlite3.Connection, table: str, key_id: int, found: Recovered) -> None:
    keys = db.execute(f"PRAGMA foreign_key_list({table})").fetchall()
    parent, column, target = next(row[2:5] for row in keys if row[0] == key_id)
    is_orphan = f"{column} IS NOT NULL AND {column} NOT IN (SELECT {target} FROM {parent})"  # noqa: S608
    columns = db.execute(f"PRAGMA table_info({table})").fetchall()
    if not next(row[3] for row in columns if row[1] == column):
        # A row that its table's checks do not allow without the reference stays an orphan.
        db.execute(f"UPDATE OR IGNORE {table} SET {column} = NULL WHERE {is_orphan}")  # noqa: S608
    lost = db.execute(f"DELETE FROM {table} WHERE {is_orphan}").rowcount  # noqa: S608
    if lost > 0:
        found.lost[table] = found.lost.get(table, 0) + lost
        found.rows[table] = found.rows.get(table, 0) - lost
