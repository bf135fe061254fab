"""What can be found out about a database's file and engine: modes, versions, the cost of a
commit."""

from __future__ import annotations

import os
import stat
import statistics
import tempfile
import time
from pathlib import Path

from tui_annotate.private_file import is_shared
from tui_annotate.store.connect import connect, set_journal
from tui_annotate.store.sqlite_binding import sqlite3

COMMITS = 20
"""How many commits are measured."""

_FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))


def engine_version() -> str:
    """Return the version of the SQLite engine in use."""
    return str(sqlite3.sqlite_version)


def engine_has_wal_defect(version: tuple[int, ...] | None = None) -> bool:
    """Return whether the engine can damage a WAL database on its own (3.7.0 to 3.51.2).

    The write gate keeps that from happening here, not in other programs that write to the file.
    """
    found = tuple(version or sqlite3.sqlite_version_info)[:3]
    if found >= _FIXED[0]:
        return False
    return not any(found[:2] == fixed[:2] and found >= fixed for fixed in _FIXED)


def loose_modes(path: Path) -> list[str]:
    """Return which of a database's files others than their owner may read or write; in a folder
    that a group shares, others than the group, and what a member cannot write."""
    found, shared = [], is_shared(path.parent)
    for file in (path, *(Path(f"{path}{end}") for end in ("-wal", "-shm", "-gate"))):
        try:
            mode = stat.S_IMODE(file.stat().st_mode)
        except OSError:
            continue
        if shared:
            if mode & 0o667 != 0o660:
                why = "keeps others out" if mode & 0o007 else "lets all of the group write"
                where = f"{file} has mode {mode:04o} in a folder that a group shares"
                found.append(f"{where}; chmod 660 {why}")
        elif mode & 0o077:
            found.append(f"{file} has mode {mode:04o}; chmod 600 keeps others out")
    return found


def commit_cost(folder: Path, journal: str) -> float:
    """Measure what a durable commit costs in a folder, with a database made for it.

    Returns:
        The median of 20, in milliseconds.

    Raises:
        sqlite3.Error, OSError: Nothing can be written there.
    """
    handle, name = tempfile.mkstemp(suffix=".db", dir=folder)
    os.close(handle)
    file = Path(name)
    try:
        db = connect(file, "mode=rw")
        try:
            set_journal(db, file, journal)
            db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, content TEXT)")
            return statistics.median(_one_commit(db) for _ in range(COMMITS))
        finally:
            db.close()
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            Path(f"{file}{end}").unlink(missing_ok=True)


def _one_commit(connection: sqlite3.Connection) -> float:
    start = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO t (content) VALUES (?)", ("x" * 1000,))
    connection.execute("COMMIT")
    return (time.perf_counter() - start) * 1000
