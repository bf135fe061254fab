"""Bring a database to the schema of this program, in one transaction, after a backup."""

from __future__ import annotations

import os
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from tui_annotate.errors import StoreError
from tui_annotate.store.engine import sqlite3
from tui_annotate.store.failures import engine_failure, system_failure
from tui_annotate.store.schema import APPLICATION_ID


def check_ours(db: Database, path: Path) -> bool:
    """Return whether the database has a schema of ours; False for an empty one.

    Raises:
        StoreCorrupt: It is not a database, or a damaged one.
        StoreError: It is another program's.
    """
    try:
        mark = int(db.execute("PRAGMA application_id").fetchone()[0])
        tables = int(db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    except sqlite3.Error as error:
        raise engine_failure(error, path) from error
    if mark != APPLICATION_ID and tables:
        raise StoreError(
            "this is another program's SQLite database",
            where=str(path),
            hint="Name a new file, or one that tui-annotate has made",
        )
    return tables > 0


def is_newer(db: Database, migrations: Migrations) -> bool:
    """Return whether a migration has been applied that this program does not know."""
    with Database(memory=True, execute_plugins=False) as empty:
        known = {migration.name for migration in migrations.pending(empty)}
    return any(migration.name not in known for migration in migrations.applied(db))


def apply_pending(db: Database, path: Path, migrations: Migrations) -> Path | None:
    """Apply what is missing: all of it or, whatever happens, nothing.

    The write gate must be held.

    Returns:
        The backup that was made first; None for a new database, or if nothing was missing.

    Raises:
        StoreError: It failed; the database is as it was.
    """
    pending = migrations.pending(db)
    if not pending:
        return None
    try:
        backup = _backup_before(db, path, pending[0].name) if migrations.applied(db) else None
        db.execute("BEGIN IMMEDIATE")
        try:
            migrations.apply(db)
            db.execute("COMMIT")
        except BaseException:
            db.rollback()
            raise
    except sqlite3.Error as error:
        raise engine_failure(error, path) from error
    return backup


def copy_database(db: Database, target: Path) -> None:
    """Write a consistent copy of a live database to `target`, durable when this returns.

    An older file of that name is replaced at the very end.

    Raises:
        StoreError: `target` cannot be written; then it is as it was.
    """
    part = target.with_name(f"{target.name}.part-{os.getpid()}")
    try:
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
        db.execute("VACUUM INTO ?", (str(part),))
        _sync(part)
        part.rename(target)
        _sync(target.parent)
    except sqlite3.Error as error:
        raise engine_failure(error, target) from error
    except OSError as error:
        raise system_failure(error, target) from error
    finally:
        part.unlink(missing_ok=True)


def _backup_before(db: Database, path: Path, name: str) -> Path:
    """Copy the database beside itself; the copy of an earlier, failed attempt is replaced."""
    target = path.with_name(f"{path.name}.before-{name}")
    copy_database(db, target)
    return target


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
