"""Connections to the engine, with the settings on which the promises rest, and on which file system
a database lies: WAL needs one host's shared memory."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tui_annotate.errors import StoreError, StoreLocked
from tui_annotate.store.error_mapping import CANTOPEN, READONLY, engine_failure, primary_code
from tui_annotate.store.sqlite_binding import sqlite3
from tui_annotate.waiting import here

MOUNTS = Path("/proc/self/mountinfo")

_NETWORK = frozenset(
    {
        *("9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "drvfs", "gfs2", "glusterfs"),
        *("gpfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "panfs", "pvfs2"),
        *("smb3", "smbfs", "vboxsf", "virtiofs"),
    }
)
_LOCAL_FUSE = frozenset({"fuseblk", "fuse.ntfs", "fuse.ntfs-3g", "fuse.fuse-overlayfs"})


def filesystem_of(path: Path, mounts: Path = MOUNTS) -> str:
    """Return the type of the file system that `path` lies on; "" where it cannot be told.

    Args:
        path: An absolute path without symbolic links; it need not exist.
        mounts: The kernel's table of mounts.
    """
    try:
        table = mounts.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return ""
    best, kind = -1, ""
    for line in table.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        point = _unescape(fields[4])
        if len(point) >= best and path.is_relative_to(point):
            best, kind = len(point), right.split(" ")[0]
    return kind


def is_network(kind: str) -> bool:
    """Return whether several hosts may share a file system of type `kind`."""
    return kind in _NETWORK or (kind.startswith("fuse") and kind not in _LOCAL_FUSE)


def _unescape(field: str) -> str:
    """Undo the octal escapes of the table of mounts."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), field)


BUSY_MS = 200
"""How long the engine itself waits before it says that somebody else has the lock."""

_STEPS = 10_000
"""Steps of the engine between two looks at whether anybody still waits for what it does."""

_PRAGMAS = (
    f"busy_timeout = {BUSY_MS}",
    "synchronous = FULL",
    "foreign_keys = ON",
    "trusted_schema = OFF",
    "cell_size_check = ON",
)


@contextmanager
def guarded(file: Path, db: sqlite3.Connection | None = None) -> Iterator[None]:
    """Translate the engine's errors, and on any error close `db`."""
    try:
        yield
    except BaseException as error:
        if db is not None:
            db.close()
        if isinstance(error, sqlite3.Error):
            raise engine_failure(error, file) from error
        raise


@contextmanager
def stoppable(db: sqlite3.Connection, count: Callable[[], int] | None = None) -> Iterator[None]:
    """Let whoever leaves stop what the engine is at inside the block, and count how far it is.

    Args:
        db: The connection that is at work.
        count: Tells how far it is, as `Waiting.at` takes it; None where that cannot be told.

    Raises:
        Abandoned: Nobody waits for it any more.
        BaseException: What the handler of a signal has raised.
    """
    waiting, raised = here(), list[BaseException]()

    def look() -> Iterator[bool]:
        # Handlers of signals run where Python code is entered. Of a function that is before any
        # `try`, and the binding drops what is raised there; a generator is entered within its own.
        while True:
            try:
                if count is not None and not waiting.abandoned:
                    waiting.at(count())
                yield bool(raised) or waiting.stops()
            except GeneratorExit:
                return
            except BaseException as error:
                raised.append(error)

    looking = look()
    next(looking)
    db.set_progress_handler(partial(next, looking), _STEPS)
    try:
        yield
    except (sqlite3.Error, StoreError):
        if not raised:
            waiting.check()
            raise
    finally:
        db.set_progress_handler(None, 0)
    if raised:
        raise raised[0]


def connect_readonly(file: Path) -> sqlite3.Connection:
    """Connect for reading only.

    Where no log can be made (a read-only folder) and none is there, nobody is writing, and the
    file may be taken as it is.

    Raises:
        sqlite3.Error: As the engine raises it.
    """
    try:
        return connect(file, "mode=ro")
    except sqlite3.Error as error:
        log = Path(f"{file}-wal")
        unread = log.exists() and log.stat().st_size > 0
        if primary_code(error) not in {CANTOPEN, READONLY} or unread:
            raise
        return connect(file, "mode=ro&immutable=1")


def connect(file: Path, mode: str) -> sqlite3.Connection:
    """Connect, with everything set that holds for one connection only.

    The connection may go from one thread to another, as a session does from face to face; two
    must never use it at once, which is for its owner to see to.

    Raises:
        sqlite3.Error: As the engine raises it.
    """
    link = sqlite3.connect(
        f"{file.as_uri()}?{mode}",
        uri=True,
        isolation_level=None,
        timeout=BUSY_MS / 1000,
        check_same_thread=False,
    )
    try:
        for pragma in _PRAGMAS:
            link.execute(f"PRAGMA {pragma}")
        link.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        link.close()
        raise
    return link


def set_journal(db: sqlite3.Connection, file: Path, mode: str) -> None:
    """Set the journal that the file system allows; nothing is written where it is set already.

    Raises:
        StoreLocked: Others have the database open with another journal.
    """
    now = str(db.execute("PRAGMA journal_mode").fetchone()[0])
    if now == mode:
        return
    got = str(db.execute(f"PRAGMA journal_mode = {mode}").fetchone()[0])
    if got != mode:
        raise StoreLocked(
            f"the journal cannot be changed from {now} to {mode} while others have it open",
            where=str(file),
            hint="Close the other programs that have this database open",
        )


def check_links(path: str | os.PathLike[str]) -> None:
    """Refuse a path with a link to what is not there, such as a disk that is not mounted.

    Making what is missing would put answers where nobody looks for them: the folder in which a disk
    is mounted is there without the disk, too.

    Raises:
        StoreError: It has one.
    """
    given = Path(path).absolute()
    for each in (given, *given.parents):
        # Unlike those of a Path, these take a name that is too long for one that is not there.
        if not os.path.islink(each) or os.path.exists(each):  # noqa: PTH110, PTH114
            continue
        target = os.path.realpath(each)
        hint = "Mount the disk that it lies on; or, for a new database, name that file itself"
        raise StoreError(
            f"it is a link to {target}, which is not there", where=str(each), hint=hint
        )
