"""SQLite: a file, the gate beside it, and the looks at both before and after each transaction.

The engine itself never looks: after its file was removed, renamed or exchanged it goes on writing
to what it has open, which nobody will find again.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

from tui_annotate.errors import StoreCorrupt, StoreElsewhere, StoreError, StoreMoved
from tui_annotate.store.connect import stoppable
from tui_annotate.store.connection import Connection, Dialect, Parameters
from tui_annotate.store.error_mapping import engine_failure, is_busy, locked, system_failure
from tui_annotate.store.gate_record import FileMark, GateRecord, mark_of
from tui_annotate.store.migrate import content_size, copy_database, is_newer
from tui_annotate.store.schema import MIGRATIONS
from tui_annotate.store.sqlite_binding import sqlite3
from tui_annotate.store.write_lock import Gate, Wait
from tui_annotate.waiting import here, size

_open_paths: Counter[Path] = Counter()
"""How often this process has each database open for writing."""


def is_open(path: Path) -> bool:
    """Return whether this process has the database at `path` open for writing.

    Nothing else may open its file then: closing that again would take the engine's locks.
    """
    return _open_paths[path] > 0


class Sqlite(Dialect):
    """A database file that is open.

    Args:
        db: The open database.
        path: Its file, for messages.
        gate: Its write gate.
        files: The files that it has open; None where it never writes.

    Attributes:
        overwritten: Whether another file was copied over the database while it is open.
    """

    name = "sqlite"
    db: sqlite3.Connection
    errors = (sqlite3.Error,)
    STATE = "PRAGMA data_version"
    PERIODS: ClassVar = {
        name: f"strftime('{form}', a.answered_at, 'unixepoch', 'localtime')"
        for name, form in (
            ("day", "%Y-%m-%d"),
            ("week", "%Y-%W"),
            ("month", "%Y-%m"),
            ("year", "%Y"),
        )
    }
    RIVAL = "another program"

    def __init__(
        self, db: sqlite3.Connection, path: Path, gate: Gate, files: OpenFiles | None
    ) -> None:
        self.db = db
        self.gate = gate
        self.files = files
        self._path = path
        _open_paths[path] += 1
        self.overwritten = False
        self._newest: int | None = None
        self._lost: StoreError | None = None
        self._rescued: tuple[int, str] | None = None

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self.db.in_transaction

    @property
    def own_changes(self) -> int:
        """How many rows were changed here."""
        return self.db.total_changes

    def execute(self, sql: str, parameters: Parameters) -> sqlite3.Cursor:
        """Run one statement."""
        return self.db.execute(sql, parameters)

    def execute_many(self, sql: str, rows: Iterable[Parameters]) -> sqlite3.Cursor:
        """Run one statement for each of `rows`."""
        return self.db.executemany(sql, rows)

    def is_busy(self, error: BaseException) -> bool:
        """Return whether waiting may help."""
        return is_busy(error)

    def failure(self, error: Any) -> StoreError:
        """Return what an error of the engine means."""
        return engine_failure(error, self._path)

    def out_of_time(self, error: BaseException) -> StoreError:
        """Return what it means that the engine was busy for too long."""
        del error
        return locked(self.RIVAL, self._path)

    @contextmanager
    def guard(self, connection: Connection, wait: Wait | None) -> Iterator[None]:
        """Hold the gate around a transaction.

        Before anything is written, and again after the commit, the files are looked for: what is
        written to a file that has lost its name is lost. What can still be read is then copied.

        Raises:
            StoreMoved, StoreElsewhere: The files were taken away, or another host is at work.
            StoreTooNew: A newer version of this program has changed the schema meanwhile.
        """
        if self._lost is not None:
            raise self._lost
        committed = connection.transactions
        try:
            with self._gate(wait, connection.timeout) as gate:
                self._check_version(connection)
                yield
                with suppress(sqlite3.Error):  # only what is compared with later is missing then
                    self._newest = self._newest_answer()
                self.gate.pending = True
                self.gate.marks = self.check_files()
                self.gate.check_host(gate)
            self.taken_away = None
        except (StoreMoved, StoreElsewhere) as error:
            after = connection.transactions > committed
            raise self._taken_away(error, connection, wait, after=after) from error

    def _check_version(self, connection: Connection) -> None:
        """Write no more once a newer version of this program has made the schema another one; asked
        only where somebody else may have been at work since the last transaction.
        """
        if self.gate.in_between and is_newer(self.db, MIGRATIONS):
            connection.too_new = True
            connection.refuse_if_readonly()

    def begin(self, connection: Connection, wait: Wait | None) -> None:
        """Begin a transaction that writes."""
        connection.patiently(lambda: connection.execute("BEGIN IMMEDIATE"), wait)

    def commit(self, connection: Connection, wait: Wait | None) -> None:
        """Make durable what was written."""
        connection.patiently(lambda: connection.execute("COMMIT"), wait, final=True)

    def undo(self, connection: Connection) -> bool:
        """Undo the transaction, and return whether the connection can be used further."""
        for rollback in (lambda: connection.execute("ROLLBACK"), self.db.rollback):
            try:
                rollback()
            except sqlite3.Error:
                continue
            return True
        return False

    def journal_mode(self, connection: Connection) -> str:
        """Return the engine's journal: `wal`, or `truncate` on a network file system."""
        row = connection.first("PRAGMA journal_mode")
        return str(row[0]) if row else ""

    def rewrite(self, connection: Connection, wait: Wait | None) -> None:
        """Write the whole file anew, and empty its journal."""
        with self._gate(wait, connection.timeout) as gate:
            with self._writing_anew():
                connection.patiently(lambda: connection.execute("VACUUM").fetchall(), wait)
            self._empty_journal(connection, wait)
            self.gate.pending = False
            self.gate.marks = self.check_files()
            self.gate.check_host(gate)

    @contextmanager
    def _writing_anew(self) -> Iterator[None]:
        """Count the bytes that are written: once to a file without a name, then to the journal."""
        journal, before = f"{self._path}-wal", _unnamed_bytes()

        def written() -> int:
            found = mark_of(journal)
            return _unnamed_bytes() - before + (found.size if found is not None else 0)

        of = 2 * content_size(self.db)
        said = here().on(f"writing {self._path.name} anew", of=of, unit="bytes")
        with said, stoppable(self.db, written):
            yield

    def _empty_journal(self, connection: Connection, wait: Wait | None) -> None:
        """Move the journal into the file and cut it to nothing, as soon as nobody reads in it."""

        def is_in_use() -> bool:  # without a WAL there is nothing to do
            found = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            return bool(found[0][0])

        deadline = time.monotonic() + connection.timeout
        while connection.patiently(is_in_use, wait):
            if time.monotonic() >= deadline:
                raise locked("another program that reads in it", self._path)
            if wait is not None:
                wait(self.RIVAL)
            time.sleep(0.02)

    @contextmanager
    def _gate(self, wait: Wait | None, timeout: float) -> Iterator[int]:
        """Hold the gate, if the files are still in their place."""
        with ExitStack() as held:
            try:
                file = held.enter_context(self.gate.hold(wait, timeout, self._check_before))
            except StoreError:
                self.check_files()  # the gate's file may be missing because its folder is
                raise
            yield file

    def _check_before(self, before: GateRecord | None, gate: int) -> None:
        """Look whether the files are those that were opened, and hold what was written to them.

        A program that copies another file over the database keeps its inode, but not its size and
        the time of its last change. Those change under the gate only, or because another program
        that knows the engine has written; then all that was saved is still there.

        Raises:
            StoreMoved: They are not.
        """
        marks = self.check_files()
        # A holder that was killed, and the gate of a copied folder, say nothing of these files.
        if marks is None or before is None or before.writing or before.gate != gate:
            return
        then, now = before.database, marks[0]
        # Sizes and times that several hosts see of one file may differ for a while.
        if then is None or now is None or then == now or self.gate.several_hosts:
            return
        if then.inode == now.inode and not self._is_whole():
            self.overwritten = True
            raise StoreMoved(f"{self._path.name} was overwritten", where=str(self._path))

    def _is_whole(self) -> bool:
        """Return whether the database is sound and has the newest answer that was written here."""
        try:
            self.db.execute("PRAGMA shrink_memory").fetchall()  # pages of before are not asked
            if self.db.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
                return False
            newest = self._newest_answer()
            return self._newest is None or (newest is not None and newest >= self._newest)
        except sqlite3.Error as error:
            return is_busy(error)

    def _newest_answer(self) -> int | None:
        row = self.db.execute("SELECT max(id) FROM answers").fetchone()
        return None if row is None or row[0] is None else int(row[0])

    def check_files(self) -> tuple[FileMark | None, FileMark | None] | None:
        """Look whether the files are those that were opened; costs a `stat` for each.

        Returns:
            The marks of the database file and its journal; None where none are watched.

        Raises:
            StoreMoved: They are not.
            StoreError: The file system does not tell.
        """
        return self.files.check() if self.files is not None else None

    def _taken_away(
        self, error: StoreError, connection: Connection, wait: Wait | None, *, after: bool
    ) -> StoreError:
        """Return `error` with the name of a copy of all that was saved, made now.

        Args:
            error: What was found.
            connection: The connection.
            wait: Told while the copy is written.
            after: It was found after the commit: that would have to be made again elsewhere, so
                nothing else is written by this connection.
        """
        if isinstance(error, StoreElsewhere) and not after:
            return error  # the files are in their place, with all that was saved
        told = self._rescue(connection.transactions, wait)
        self.taken_away = type(error)(error.what, where=error.where, hint=told)
        if after or self.overwritten:
            self._lost = self.taken_away
        return self.taken_away

    def _rescue(self, transactions: int, wait: Wait | None) -> str:
        """Copy what can be read, unless that was done since the last commit; say where it is."""
        # Loaded here, because files are taken away in hardly any session.
        from tui_annotate.store.rescue_deleted import is_sound, rescue

        if self._rescued is not None and self._rescued[0] == transactions:
            return self._rescued[1]
        try:
            copy = rescue(self.db, self._path, wait)
        except StoreError as error:
            return f"What was saved could not be copied ({error})"
        beside = copy.parent == self._path.parent
        place = f"beside it in {copy.name}" if beside else f"in {copy}"
        told = f"All that was saved is {place}"
        if self.overwritten:
            told = f"What could still be read is {place}; the newest answers may be missing there"
        elif not is_sound(copy):
            told = f"What could still be read is {place}, which is damaged"
        self._rescued = transactions, told
        return told

    @property
    def gate_refused(self) -> bool:
        """Whether the file system refuses `flock`, so that the engine's own lock has to do."""
        return self.gate.refused

    def check(self, connection: Connection, *, full: bool) -> list[str]:
        """Look for damage and return what was found."""
        pragma = "integrity_check" if full else "quick_check"
        try:
            with stoppable(self.db), here().on(f"looking whether all {self._size()} are sound"):
                found = [str(row[0]) for row in connection.read(f"PRAGMA {pragma}")]
                broken = connection.read("PRAGMA foreign_key_check") if full else []
        except StoreCorrupt as error:
            return [error.what]
        problems = [line for line in found if line != "ok"]
        return problems + [f"row {row[1]} of {row[0]} refers to nothing" for row in broken]

    def _size(self) -> str:
        try:
            return size(content_size(self.db))
        except sqlite3.Error:  # so damaged that it does not say
            return "pages"

    def stoppable(self) -> AbstractContextManager[None]:
        """Return what lets whoever leaves stop a long statement."""
        return stoppable(self.db)

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query in constant memory."""
        return iter(self.db.execute(sql))

    def copy_to(self, target: Path) -> None:
        """Write a consistent copy, durable when this returns."""
        copy_database(self.db, target, self._path, f"copying to {target.name}")

    def leave(self, connection: Connection, is_anybody_in: Callable[[], bool]) -> None:
        """Close the database under the gate, and say whether another host may go on at once.

        Where another host is at work by now, the journal is left alone: what it holds may be older
        than the file.
        """
        if self.overwritten:  # its journal belongs to the file that was there before
            connection.abandon()
            return
        try:
            self.gate.left = not is_anybody_in()
            with self.gate.hold(timeout=min(5.0, connection.timeout), in_all=True):
                connection.close()
        except StoreElsewhere:
            connection.abandon()
        except StoreError:
            connection.close()

    def abandon(self) -> None:
        """Never close the file: that would empty its journal."""
        # Loaded here, because hardly any session ends like this.
        import ctypes

        # One reference too many: the interpreter would close it at its end.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self.db))

    def close(self) -> None:
        """Close the file."""
        _open_paths[self._path] -= 1
        self.db.close()


_MOST_FILES = 64
"""Descriptors that are looked at for the engine's file without a name."""


def _unnamed_bytes() -> int:
    """Return how large the files are that this process has open and that have no name."""
    found = 0
    for file in range(_MOST_FILES):
        with suppress(OSError):
            about = os.fstat(file)
            if stat.S_ISREG(about.st_mode) and not about.st_nlink:
                found += about.st_size
    return found


_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}


class OpenFiles:
    """Device and inode of the database file and, in WAL mode, of its journal, as they were opened.

    While a connection is open in WAL mode, the engine keeps its journal: a checkpoint of another
    process only shortens it, and who closes removes it only when nobody else is left. In the other
    modes it comes and goes with each transaction, and nothing is known of it here.

    Args:
        path: The database file, absolute and without links, just opened.
        journal_mode: The engine's journal.

    Raises:
        StoreMoved: It has gone already.
    """

    def __init__(self, path: Path, journal_mode: str) -> None:
        self._path = path
        self._opened = []
        for ending in ("", "-wal", "-shm") if journal_mode == "wal" else ("",):
            found = _look(f"{path}{ending}", path)
            if found is None:
                raise _moved(path, ending, exchanged=False)
            self._opened.append((ending, f"{path}{ending}", (found.st_dev, found.st_ino)))

    def check(self) -> tuple[FileMark | None, FileMark | None]:
        """Compare what the names lead to with what was opened: one `stat` for each file.

        Returns:
            The marks of the database file and of its journal, None for what is not watched.

        Raises:
            StoreMoved: It is something else, or nothing.
            StoreUnavailable, StoreReadOnly: The file system does not tell.
        """
        marks: list[FileMark | None] = []
        for ending, name, opened in self._opened:
            found = _look(name, self._path)
            if found is None or (found.st_dev, found.st_ino) != opened:
                raise _moved(self._path, ending, exchanged=found is not None)
            marks.append(FileMark(found.st_ino, found.st_size, found.st_mtime_ns))
        return marks[0], marks[1] if len(marks) > 1 else None


def _look(name: str, path: Path) -> os.stat_result | None:
    """Return what the system knows of a file, None where there is none."""
    try:
        return os.stat(name)  # noqa: PTH116  a Path would be made for each of many calls
    except OSError as error:
        if error.errno in _GONE:
            return None
        raise system_failure(error, path) from error


def _moved(path: Path, ending: str, *, exchanged: bool) -> StoreMoved:
    # The two lines that a screen of 80 columns has room for hold this and where the copy is.
    how = "was exchanged" if exchanged else "was removed or moved away"
    return StoreMoved(f"{path.name}{ending} {how}", where=str(path))
