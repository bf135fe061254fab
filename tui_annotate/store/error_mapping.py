"""Translates errors of the engine and the system into this program's own."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from tui_annotate.errors import (
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreReadOnly,
    StoreUnavailable,
    WriteConflict,
)
from tui_annotate.store.sqlite_binding import sqlite3

BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL = 5, 6, 8, 10, 11, 13, 14, 15
CONSTRAINT, NOLFS, PERM, NOTADB = 19, 22, 3, 26

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_ACCESS = {errno.EACCES, errno.EPERM, errno.EROFS}
_PROBE_BYTES = 65_536
_ENGINE_FILES = 5
"""Files that the engine has open at once: the database, its journal, both folders, a copy."""

_WORDS = (
    ("locked", BUSY),
    ("readonly", READONLY),
    ("full", FULL),
    ("malformed", CORRUPT),
    ("not a database", NOTADB),
    ("unable to open", CANTOPEN),
    ("i/o error", IOERR),
    ("constraint", CONSTRAINT),
)


def primary_code(error: BaseException) -> int:
    """Return SQLite's primary result code of `error`, 0 where it has none."""
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(code, int):
        return code & 0xFF
    text = str(error).lower()
    return next((code for word, code in _WORDS if word in text), 0)


def is_busy(error: BaseException) -> bool:
    """Return whether waiting may help."""
    return primary_code(error) in {BUSY, LOCKED, PROTOCOL}


def system_failure(error: OSError, path: Path) -> StoreError:
    """Return what `error`, met at `path`, means for the store."""
    what = (error.strerror or str(error)).lower()
    where = str(path)
    if error.errno in _NO_SPACE:
        return _full(where)
    if error.errno in _NO_ACCESS:
        return StoreReadOnly(
            f"cannot be written ({what})",
            where=where,
            hint="Check the owner and the mode of the file and its folder, or name another file",
        )
    if error.errno == errno.ENAMETOOLONG:
        return StoreError(what, where=where, hint="Name a shorter one")
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return StoreUnavailable(
            f"too many files are open ({what})",
            where=where,
            hint="Raise the limit (`ulimit -n 256`) and try again; nothing was changed",
        )
    return StoreUnavailable(
        f"the file system answered: {what}", where=where, hint="Try again; nothing was changed"
    )


def engine_failure(error: sqlite3.Error, path: Path) -> StoreError:
    """Return what `error`, raised by the engine working on the database at `path`, means."""
    code = primary_code(error)
    where = str(path)
    if code in {BUSY, LOCKED, PROTOCOL}:
        return locked("another program", path)
    if code in {READONLY, PERM}:
        return StoreReadOnly(
            "the database is read-only",
            where=where,
            hint="Check the owner and the mode of the file and its folder",
        )
    if code in {FULL, NOLFS}:
        return _full(where)
    if code in {CORRUPT, NOTADB}:
        return _corrupt(code, where)
    if code in {IOERR, CANTOPEN}:
        return _input_output(error, path)
    if code == CONSTRAINT:
        return WriteConflict(f"what was to be written no longer fits ({error})", where=where)
    return StoreError(f"the database failed ({error})", where=where)


def not_a_database(path: Path) -> StoreCorrupt:
    """Return the error for a file that is no database at all."""
    return StoreCorrupt("it is not an SQLite database", where=str(path), hint="Name another file")


def locked(owner: str, path: Path) -> StoreLocked:
    """Return the error for a lock that `owner` has kept for too long."""
    return StoreLocked(
        f"the database is locked by {owner}",
        where=str(path),
        hint="Nothing was changed; try again when it has finished",
    )


def _full(where: str) -> StoreFull:
    return StoreFull(
        "no space is left for it, or the quota is used up",
        where=where,
        hint="Nothing was changed; make room and try again",
    )


def _corrupt(code: int, where: str) -> StoreCorrupt:
    if code == NOTADB:
        return not_a_database(Path(where))
    return StoreCorrupt(
        "the database is damaged",
        where=where,
        hint="Keep the file as it is; `tui-annotate doctor --recover NEW_FILE` copies what it can",
    )


def _input_output(error: sqlite3.Error, path: Path) -> StoreError:
    """Tell a full disk, a quota and a vanished file from other I/O errors.

    The engine reports EDQUOT, EFBIG and a shared-memory file that cannot grow as I/O errors.
    """
    if path.is_dir():
        return StoreError("this is a folder", where=str(path), hint="Name a file in it")
    cause = _probe(path)
    if cause is None and path.exists() and not os.access(path, os.R_OK):
        cause = PermissionError(errno.EACCES, "no permission to read")
    if cause is not None:
        return system_failure(cause, path)
    name = getattr(error, "sqlite_errorname", "")
    return StoreUnavailable(
        f"{error}{f' ({name})' if name else ''}",
        where=str(path),
        hint="Nothing was changed; check the file system and try again",
    )


def _probe_descriptors(file: int) -> None:
    """Raise the system's error where the engine could not open all the files that it works on."""
    copies: list[int] = []
    try:
        for _ in range(_ENGINE_FILES):
            copies.append(os.dup(file))
    finally:
        for copy in copies:
            os.close(copy)


def _probe(path: Path) -> OSError | None:
    """Return the error that the system gives for writing beside `path` where the engine would."""
    try:
        sizes = [path.stat().st_size]
        log = Path(f"{path}-wal")
        if log.exists():
            sizes.append(log.stat().st_size)
        with tempfile.TemporaryFile(dir=path.parent) as file:
            os.pwrite(file.fileno(), b"\0" * _PROBE_BYTES, max(sizes))
            os.fsync(file.fileno())
            _probe_descriptors(file.fileno())
    except OSError as error:
        return error
    return None
