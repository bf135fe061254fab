"""Opening the store: the file, its modes, its schema; and the object that the rest works with."""

from __future__ import annotations

import os
from functools import cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any

from tui_annotate.data_paths import is_server_name, store_path
from tui_annotate.errors import MissingExtra, StoreError, StoreReadOnly
from tui_annotate.private_file import open_private
from tui_annotate.store import schema
from tui_annotate.store.answered_inputs import SettledTasks
from tui_annotate.store.answers import Answers
from tui_annotate.store.catalog import Catalog
from tui_annotate.store.claims import Heartbeat, Visits
from tui_annotate.store.connect import (
    check_links,
    connect,
    connect_readonly,
    filesystem_of,
    guarded,
    is_network,
    set_journal,
)
from tui_annotate.store.connection import Connection
from tui_annotate.store.dialect.sqlite import OpenFiles, Sqlite, is_open
from tui_annotate.store.error_mapping import system_failure
from tui_annotate.store.gate_record import GateRecord
from tui_annotate.store.journal import Journal, check_pair
from tui_annotate.store.migrate import (
    HEAD,
    apply_pending,
    check_head,
    check_ours,
    is_newer,
    pending,
)
from tui_annotate.store.progress import Progress
from tui_annotate.store.sqlite_binding import sqlite3
from tui_annotate.store.write_lock import Gate, Wait

if TYPE_CHECKING:
    from tui_annotate.store.audit import AuditLog
    from tui_annotate.store.dataset_labels import DatasetLabels
    from tui_annotate.store.dataset_queries import DatasetQueries, GroupedAnswers
    from tui_annotate.store.derived import DerivedTables
    from tui_annotate.store.guidelines import Guidelines
    from tui_annotate.store.people import People
    from tui_annotate.store.relabel import Relabel
    from tui_annotate.store.removal import Purge, Removal
    from tui_annotate.store.row_outcomes import Accounts

_OPEN_VISIT = "SELECT 1 FROM sessions WHERE opened_at IS NOT NULL AND closed_at IS NULL LIMIT 1"

LOCK_TIMEOUT = 30.0
"""Seconds to wait for one other process that does not let go before `StoreLocked`."""


def _loaded(place: str) -> Any:
    """Return an attribute of the store whose module is loaded when it is first asked for.

    Args:
        place: `module:class`, of a module beside this one.
    """
    return cached_property(
        lambda store: resolve_name(f"tui_annotate.store.{place}")(store._connection)
    )


class Store:
    """One open database. Make it, use it and close it on one thread.

    Everything that changes something is called inside `with store.write_txn():`; what is read
    inside sees what was written there.

    Attributes:
        write_txn: Begins one transaction; all that is written inside of it is durable at its end,
            or none of it (`Connection.transaction`).
        path: The file, absolute, links followed.
        answers: Record, look up, list, import.
        progress: Cursors, waiting tasks, drafts, drops, claims.
        admin: Datasets, sessions, jobs, sources; statistics, check, backup.
        settled: Which tasks a session has settled, for resuming.
        journal: To be emptied between answers.
        visits: Who is at work in which session.
        heartbeat: The sign of life that keeps what a session holds its own.
        readonly: Whether writing is refused.
        too_new: Whether that is because a newer version of this program has written the file.
        filesystem: Type of the file system that the file lies on, "" where it cannot be told.
        backup: The copy that was made because opening upgraded the schema, or None.
    """

    # What few sessions or only commands need is loaded by them.
    accounts: Accounts = _loaded("row_outcomes:Accounts")
    """What became of every row that was read."""
    lookup: DatasetQueries = _loaded("dataset_queries:DatasetQueries")
    """What commands ask of datasets."""
    grouped: GroupedAnswers = _loaded("dataset_queries:GroupedAnswers")
    """Answers side by side that are about the same input, for exports."""
    audit: AuditLog = _loaded("audit:AuditLog")
    """Who opened which task, where jobs ask for that."""
    dataset_labels: DatasetLabels = _loaded("dataset_labels:DatasetLabels")
    """Labels that annotators have added to datasets."""
    guidelines: Guidelines = _loaded("guidelines:Guidelines")
    """Versions of guidelines, and who has seen which."""
    people: People = _loaded("people:People")
    """What leads ask and change about people."""
    relabel: Relabel = _loaded("relabel:Relabel")
    """Changes of labels over a whole dataset, and their undoing."""
    removal: Removal = _loaded("removal:Removal")
    """Takes datasets and sessions out."""
    purge: Purge = _loaded("removal:Purge")
    """Takes datasets out so that no bytes of them remain."""
    derived: DerivedTables = _loaded("derived:DerivedTables")
    """The tables that can be built anew from the others."""

    def __init__(self, connection: Connection, *, filesystem: str, backup: Path | None) -> None:
        self._connection = connection
        self.write_txn = connection.transaction
        self.path = connection.path
        self.filesystem = filesystem
        self.backup = backup
        self.readonly = connection.readonly
        self.too_new = connection.too_new
        self.answers = Answers(connection)
        self.progress = Progress(connection)
        self.admin = Catalog(connection)
        self.settled = SettledTasks(connection)
        self.journal = Journal(connection)
        self.visits = Visits(connection)
        self.heartbeat = Heartbeat(connection)

    @property
    def gate_refused(self) -> bool:
        """Whether the file system refuses `flock`, so that the engine's own lock has to do."""
        return self._connection.dialect.gate_refused

    @property
    def taken_away(self) -> StoreError | None:
        """Why the last transaction found the files gone, and where a copy is; None if it did not.

        While there is such a reason, what was saved is not where it belongs.
        """
        return self._connection.dialect.taken_away

    @property
    def several_hosts(self) -> bool:
        """Whether the file system is one that several hosts may share, perhaps without locks."""
        return is_network(self.filesystem)

    @property
    def journal_mode(self) -> str:
        """The engine's journal: `wal`, or `truncate` on a network file system; a server's own."""
        return self._connection.dialect.journal_mode(self._connection)

    @property
    def engine(self) -> str:
        """The engine's name: `sqlite` or `postgresql`."""
        return self._connection.dialect.name

    @property
    def has_roles(self) -> bool:
        """Whether a server keeps annotators to their own rows, whatever program they use."""
        return self._connection.dialect.has_roles

    @property
    def only_of(self) -> str | None:
        """The annotator whose rows alone a server shows here; None where all can be seen."""
        return self._connection.dialect.own_name

    def need_all_rows(self) -> None:
        """Refuse to go on where a server shows an annotator the own rows alone.

        Raises:
            StoreReadOnly: So it does.
        """
        self._connection.refuse_annotators()

    def time(self) -> int:
        """Return the time in seconds since 1970, by the clock that all who share the store see."""
        return self._connection.seconds()

    def close(self) -> None:
        """Close the database, under the gate. May be called twice.

        Where no session is open any more, another host may go on at once. Where another host is at
        work by now, the journal is left alone: what it holds may be older than the file.
        """
        if self._connection.readonly or self._connection.closed:
            self._connection.close()
            return
        self._connection.dialect.leave(self._connection, self._is_anybody_in)

    def _is_anybody_in(self) -> bool:
        """Return whether a session is open, or was never ended; True where that cannot be read."""
        try:
            return self._connection.first(_OPEN_VISIT) is not None
        except StoreError:
            return True

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_store(
    path: str | os.PathLike[str],
    *,
    create: bool = True,
    readonly: bool = False,
    timeout: float = LOCK_TIMEOUT,
    wait: Wait | None = None,
) -> Store:
    """Open the database at `path`.

    Args:
        path: The file, or the name of a server, whose store is not made here.
        create: Make the file (0600) and its folder (0700) if they are missing.
        readonly: Write nothing but an upgrade of the schema, which an older file needs to be read.
        timeout: Seconds to wait for one other process that does not let go, here and later.
        wait: As for `Store.write_txn`.

    Returns:
        The store; read-only if a newer version of this program has written the file.

    Raises:
        StoreError: It cannot be opened; one of its subclasses says why.
        MissingExtra: It is on a server, and psycopg is not installed.
    """
    if is_server_name(path):
        return _open_server(path, readonly=readonly, timeout=timeout)
    _check_engine()
    check_links(path)
    file = Path(os.path.realpath(path))
    filesystem = filesystem_of(file)
    gate = Gate(Path(f"{file}-gate"), several_hosts=is_network(filesystem))
    if readonly:
        return _open_readonly(file, gate, filesystem, timeout, wait)
    if create:
        _make_folder(file.parent)
    elif not _exists(file):
        raise _missing(file)
    _check_ours_before(file)

    def check(before: GateRecord | None, inode: int) -> None:
        check_pair(file, before, inode)

    with gate.hold(wait, timeout, check):
        if create:
            _make_file(file)
        return _open(file, gate, filesystem, timeout)


def _open_server(path: str | os.PathLike[str], *, readonly: bool, timeout: float) -> Store:
    """Open a store on a server."""
    place: Any = store_path(path)
    opened = server_module(place).open_connection(place, readonly=readonly, timeout=timeout)
    return Store(opened, filesystem="", backup=None)


def server_module(path: Path) -> ModuleType:
    """Return the module that works with servers.

    Nothing of a server is loaded for a store in a file.

    Raises:
        MissingExtra: psycopg is not installed.
    """
    try:
        return import_module("tui_annotate.store.dialect.server")
    except ImportError as error:
        if (error.name or "").startswith("tui_annotate"):
            raise
        raise MissingExtra(
            "a store on a PostgreSQL server needs psycopg, which is not installed",
            where=str(path),
            hint="pip install 'tui-annotate[postgres]'",
        ) from None


def _open(file: Path, gate: Gate, filesystem: str, timeout: float) -> Store:
    """Open for writing; the gate is held."""
    with guarded(file):
        db = connect(file, "mode=rw")
    with guarded(file, db):
        ours = check_ours(db, file)
        too_new = ours and is_newer(db, schema.MIGRATIONS)
        backup = None
        if too_new:
            db.execute("PRAGMA query_only = ON")
        else:
            set_journal(db, file, "truncate" if is_network(filesystem) else "wal")
            backup = apply_pending(db, file, schema.MIGRATIONS)
        journal = str(db.execute("PRAGMA journal_mode").fetchone()[0])
        files = OpenFiles(file, journal)
    connection = Connection(
        Sqlite(db, file, gate, files),
        file,
        timeout=timeout,
        readonly=too_new,
        too_new=too_new,
    )
    return Store(connection, filesystem=filesystem, backup=backup)


def _open_readonly(
    file: Path, gate: Gate, filesystem: str, timeout: float, wait: Wait | None
) -> Store:
    """Open for reading. Nothing is written, so no gate is needed, unless the file is an old one."""
    if not _exists(file):
        raise _missing(file)
    gate.look(lambda before, inode: check_pair(file, before, inode))
    db, is_behind = _connect_checked(file)
    if is_behind:
        db.close()
        _upgrade(file, gate, filesystem, timeout, wait)
        db, _ = _connect_checked(file)
    with guarded(file, db):
        newer = is_newer(db, schema.MIGRATIONS)
    opened = Sqlite(db, file, gate, None)
    connection = Connection(opened, file, timeout=timeout, readonly=True, too_new=newer)
    return Store(connection, filesystem=filesystem, backup=None)


def _connect_checked(file: Path) -> tuple[sqlite3.Connection, bool]:
    """Connect for reading, and tell whether the database lacks a migration."""
    with guarded(file):
        db = connect_readonly(file)
    with guarded(file, db):
        if not check_ours(db, file):
            raise StoreError("the database is empty", where=str(file))
        return db, bool(pending(db, schema.MIGRATIONS))


def _upgrade(file: Path, gate: Gate, filesystem: str, timeout: float, wait: Wait | None) -> None:
    """Upgrade the schema of a database that is only to be read.

    Raises:
        StoreReadOnly: It cannot be written.
    """
    try:
        with gate.hold(wait, timeout):
            store = _open(file, gate, filesystem, timeout)
        store.close()
    except StoreError as error:
        raise StoreReadOnly(
            f"an older version of this program has written it, and it cannot be upgraded here"
            f" ({error.what})",
            where=str(file),
            hint="Copy it to where you may write; opening it there upgrades it, after a backup",
        ) from error


def _check_ours_before(file: Path) -> None:
    """Refuse another program's file before anything is made beside it.

    A file that has a gate is one of ours, or was refused when it got it; it is not looked into,
    because this process may have it open, and closing it here would take the engine's locks.

    Raises:
        StoreCorrupt: It is not a database.
        StoreError: It is no plain file, or another program's database.
    """
    if file.is_dir():
        raise StoreError("this is a folder", where=str(file), hint="Name a file in it")
    if not _exists(file) or _exists(Path(f"{file}-gate")) or is_open(file):
        return
    if not file.is_file():
        raise StoreError("it is no plain file", where=str(file), hint="Name a plain file")
    try:
        with file.open("rb") as opened:
            head = opened.read(HEAD)
    except OSError as error:
        raise system_failure(error, file) from error
    check_head(head, file)


def _make_folder(folder: Path) -> None:
    """Make the missing folders, each with mode 0700; those that exist are left as they are."""
    missing = [folder]
    while not _exists(missing[-1]) and missing[-1].parent != missing[-1]:
        missing.append(missing[-1].parent)
    try:
        for path in reversed(missing):
            path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise system_failure(error, folder) from error


def _make_file(file: Path) -> None:
    """Make an empty file that only its owner, or a group that shares its folder, may read, before
    the engine opens it."""
    try:
        os.close(open_private(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC))
    except FileExistsError:
        return
    except OSError as error:
        raise system_failure(error, file) from error


def _exists(path: Path) -> bool:
    """Return whether `path` is there; a folder that may not be entered is an error, not a no."""
    try:
        return path.exists()
    except OSError as error:
        raise system_failure(error, path) from error


def _missing(file: Path) -> StoreError:
    return StoreError(
        "there is no such database", where=str(file), hint="A first annotation job makes one"
    )


def _check_engine() -> None:
    if sqlite3.sqlite_version_info < schema.MINIMUM_SQLITE:
        needed = ".".join(map(str, schema.MINIMUM_SQLITE))
        raise StoreError(
            f"this Python has SQLite {sqlite3.sqlite_version}; {needed} or newer is needed",
            hint="Install pysqlite3 from PyPI, or use a newer Python",
        )
