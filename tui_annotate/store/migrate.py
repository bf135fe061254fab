"""Bring a database to the schema of this program, in one transaction, after a backup."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from tui_annotate.errors import StoreError
from tui_annotate.private_file import open_private
from tui_annotate.store.connect import stoppable
from tui_annotate.store.error_mapping import engine_failure, not_a_database, system_failure
from tui_annotate.store.schema import APPLICATION_ID, SET
from tui_annotate.store.sqlite_binding import loading_sqlite_utils, sqlite3
from tui_annotate.unfinished_files import hold, part_start, remove_stale
from tui_annotate.waiting import here

if TYPE_CHECKING:
    from sqlite_utils import Database

    Steps: TypeAlias = Mapping[str, Callable[[Database], None]]


_LONGEST, _SHORT = 255, 200
"""Bytes that a file's name may have, and how many of them an unfinished copy has in its own."""

HEAD = 100
"""Bytes at the start of a database file that say what it is."""


def check_head(head: bytes, path: Path) -> None:
    """Refuse a file that cannot be ours by its first bytes; an empty one may become ours.

    Args:
        head: The first `HEAD` bytes of the file.
        path: Its place, for messages.

    Raises:
        StoreCorrupt: It is not a database.
        StoreError: It is another program's.
    """
    if not head:
        return
    if len(head) < HEAD or not head.startswith(b"SQLite format 3\0"):
        raise not_a_database(path)
    has_tables, mark = head[40:44] != bytes(4), int.from_bytes(head[68:72])
    if has_tables and mark != APPLICATION_ID:
        raise _not_ours(path)


def check_ours(db: sqlite3.Connection, path: Path) -> bool:
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
        raise _not_ours(path)
    return tables > 0


def _not_ours(path: Path) -> StoreError:
    return StoreError(
        "this is another program's SQLite database",
        where=str(path),
        hint="Name a new file, or one that tui-annotate has made",
    )


def applied(db: sqlite3.Connection) -> list[str]:
    """Return the names of our migrations that a database has had, in order."""
    table = "SELECT count(*) FROM sqlite_master WHERE name = '_sqlite_migrations'"
    if not db.execute(table).fetchone()[0]:
        return []
    sql = "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY rowid"
    return [str(row[0]) for row in db.execute(sql, (SET,)).fetchall()]


def is_newer(db: sqlite3.Connection, steps: Steps) -> bool:
    """Return whether the database needs a newer program than this one to write to it.

    The file says so itself: migrations that only add to it leave older programs writing.
    """
    return int(db.execute("PRAGMA user_version").fetchone()[0]) > len(steps)


def pending(db: sqlite3.Connection, steps: Steps) -> list[str]:
    """Return the names of the migrations that a database has not had, in order."""
    had = set(applied(db))
    return [name for name in steps if name not in had]


def apply_pending(db: sqlite3.Connection, path: Path, steps: Steps) -> Path | None:
    """Apply what is missing: all of it or, whatever happens, nothing.

    The write gate must be held.

    Returns:
        The backup that was made first; None for a new database, or if nothing was missing.

    Raises:
        StoreError: It failed; the database is as it was.
    """
    missing = pending(db, steps)
    if not missing:
        return None
    waiting = here()
    try:
        backup = _backup_before(db, path, missing[0]) if applied(db) else None
        db.execute("BEGIN IMMEDIATE")
        try:
            with waiting.on("bringing the database up to date"), stoppable(db):
                _apply(db, steps)
            db.execute("COMMIT")
        except BaseException:
            db.rollback()
            raise
    except sqlite3.Error as error:
        raise engine_failure(error, path) from error
    return backup


def _apply(db: sqlite3.Connection, steps: Steps) -> None:
    with loading_sqlite_utils():
        from sqlite_utils import Database, migrations  # only where a file lacks a migration

    pending_steps = migrations.Migrations(SET)
    for name, step in steps.items():
        pending_steps(name=name)(step)
    pending_steps.apply(Database(db, execute_plugins=False))


def copy_database(
    db: sqlite3.Connection, target: Path, like: Path | None, what: str | None = "copying it"
) -> None:
    """Write a consistent copy of a live database to `target`, durable when this returns.

    An older file of that name is replaced at the very end.

    Args:
        db: The database.
        target: The new file.
        like: The file whose readers may read the copy; see `open_private`.
        what: What is said while it takes long; None for a caller who watches the engine itself.

    Raises:
        Abandoned: Nobody waits for it any more; then `target` is as it was, too.
        StoreError: `target` cannot be written; then it is as it was.
    """
    start = part_start(target.name, _SHORT)
    part = target.with_name(f"{start}{os.getpid()}")
    try:
        if len(os.fsencode(target.name)) > _LONGEST:
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
        remove_stale(target.parent, start)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        held = open_private(part, flags, like)
        hold(held)
        try:
            with _copying(db, held, what) if what is not None else nullcontext():
                db.execute("VACUUM INTO ?", (str(part),))
            os.fsync(held)
            part.rename(target)
            sync_folder(target.parent)
        except sqlite3.Error as error:
            found = engine_failure(error, part)
            found.where = str(target)
            raise found from error
        finally:
            os.close(held)
    except OSError as error:
        raise system_failure(error, target) from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _copying(db: sqlite3.Connection, file: int, what: str) -> Iterator[None]:
    """Count the bytes that are in the copy by now."""

    def written() -> int:
        return os.fstat(file).st_size

    with here().on(what, of=content_size(db), unit="bytes"), stoppable(db, written):
        yield


def content_size(db: sqlite3.Connection) -> int:
    """Return how many bytes the pages of a database have that are in use."""
    pages, free, size = (
        int(db.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _backup_before(db: sqlite3.Connection, path: Path, name: str) -> Path:
    """Copy the database beside itself; the copy of an earlier, failed attempt is replaced."""
    target = path.with_name(f"{path.name}.before-{name}")
    copy_database(db, target, path, "copying the database before it is brought up to date")
    return target


def sync_folder(path: Path) -> None:
    """Have the names of the files in a folder survive a power cut."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
