"""One connection: the single way by which the store's statements reach the engine."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from tui_annotate.errors import (
    StoreElsewhere,
    StoreError,
    StoreMoved,
    StoreReadOnly,
    StoreTooNew,
    StoreUnavailable,
)
from tui_annotate.store.engine import sqlite3
from tui_annotate.store.error_mapping import engine_failure, is_busy, locked
from tui_annotate.store.open_files import OpenFiles
from tui_annotate.store.write_lock import Gate, Wait
from tui_annotate.store.write_lock_record import FileMark, GateRecord

SqlRow: TypeAlias = tuple[Any, ...]
Parameters: TypeAlias = Sequence[Any]
_T = TypeVar("_T")

BUSY_MS = 200
"""How long the engine itself waits before it says that somebody else has the lock."""


_open_paths: Counter[Path] = Counter()
"""How often this process has each database open for writing."""


def is_open(path: Path) -> bool:
    """Return whether this process has the database at `path` open for writing.

    Nothing else may open its file then: closing that again would take the engine's locks.
    """
    return _open_paths[path] > 0


class Connection:
    """A connection with its gate. It belongs to the thread that made it.

    Args:
        db: The open database.
        path: Its file, for messages.
        gate: Its write gate.
        files: The files that it has open; None where it never writes.
        timeout: How long to wait for others, in seconds.
        readonly: Whether writing is refused.
        too_new: Whether a newer version of this program has written the file.

    Attributes:
        transactions: How many it has committed.
        overwritten: Whether another file was copied over the database while it is open.
        taken_away: Why the last transaction found the files gone; None where it did not.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        path: Path,
        gate: Gate,
        files: OpenFiles | None,
        *,
        timeout: float,
        readonly: bool,
        too_new: bool,
    ) -> None:
        self.db = db
        self.path = path
        self.gate = gate
        self.files = files
        self.timeout = timeout
        self.readonly = readonly
        self.too_new = too_new
        self.transactions = 0
        self._dead = False
        _open_paths[path] += 1
        self.taken_away: StoreError | None = None
        self.overwritten = False
        self._newest: int | None = None
        self._lost: StoreError | None = None
        self._rescued: tuple[int, str] | None = None

    @property
    def closed(self) -> bool:
        """Whether it was closed, or given up."""
        return self._dead

    @property
    def writing(self) -> bool:
        """Whether a transaction is open."""
        return not self._dead and self.db.in_transaction

    @property
    def own_changes(self) -> int:
        """A number that grows with every row that this connection changes."""
        return -1 if self._dead else self.db.total_changes

    def others_changes(self) -> int:
        """Return a number that is another one once another connection has changed the database."""
        return int(self.read("PRAGMA data_version")[0][0])

    def execute(
        self, sql: str, parameters: Parameters | Iterable[Parameters] = (), *, many: bool = False
    ) -> sqlite3.Cursor:
        """Run one statement: the seam through which all of the store's own go.

        Args:
            sql: The statement.
            parameters: Its values; with `many` an iterable of such.
            many: Run it once for each.

        Raises:
            sqlite3.Error: As the engine raises it; the callers here translate it.
            StoreUnavailable: The connection was given up.
        """
        if self._dead:
            raise StoreUnavailable(
                "the database is closed, perhaps after a failure",
                where=str(self.path),
                hint="What was saved is safe; start again",
            )
        if many:
            return self.db.executemany(sql, parameters)
        return self.db.execute(sql, tuple(parameters))

    def read(self, sql: str, parameters: Parameters = ()) -> list[SqlRow]:
        """Return all rows of a query; what has no bound must be read in pages.

        Raises:
            StoreError: The database failed.
        """
        try:
            return self.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            if self.writing or not is_busy(error):
                raise self.failure(error) from error
        return self._patiently(lambda: self.execute(sql, parameters).fetchall())

    def first(self, sql: str, parameters: Parameters = ()) -> SqlRow | None:
        """Return the only row of a query, or None."""
        rows = self.read(sql, parameters)
        return rows[0] if rows else None

    def write(self, sql: str, parameters: Parameters = ()) -> int:
        """Run a statement that changes one table, inside a transaction.

        Returns:
            How many rows it touched.
        """
        self.need_transaction()
        try:
            return self.execute(sql, parameters).rowcount
        except (sqlite3.Error, UnicodeEncodeError, OverflowError) as error:
            raise self.failure(error) from error

    def write_many(self, sql: str, rows: Iterable[Parameters]) -> None:
        """Run a statement once for each of `rows`, inside a transaction."""
        self.need_transaction()
        try:
            self.execute(sql, rows, many=True)
        except (sqlite3.Error, UnicodeEncodeError, OverflowError) as error:
            raise self.failure(error) from error

    def insert(self, sql: str, parameters: Parameters = ()) -> int:
        """Insert one row, inside a transaction, and return its id."""
        self.need_transaction()
        try:
            row = self.execute(f"{sql} RETURNING id", parameters).fetchall()[0]
        except (sqlite3.Error, UnicodeEncodeError, OverflowError) as error:
            raise self.failure(error) from error
        return int(row[0])

    def need_transaction(self) -> None:
        """Refuse to change anything outside of `transaction`.

        Raises:
            RuntimeError: No transaction is open: a mistake in the calling code.
        """
        if not self.writing:
            raise RuntimeError("the store is changed inside `with store.write_txn()` only")

    @contextmanager
    def transaction(self, wait: Wait | None = None) -> Iterator[None]:
        """Hold the gate and a write transaction; commit at the end, roll back on an exception.

        Before anything is written, and again after the commit, the files are looked for: what is
        written to a file that has lost its name is lost. What can still be read is then copied.

        Raises:
            StoreMoved, StoreElsewhere: The files were taken away, or another host is at work. The
                message names the copy of what was saved. After the commit it says so too: what was
                written is in that copy, and not where it belongs.
            StoreError: The commit failed; nothing has changed.
            RuntimeError: One is open already.
        """
        if self.writing:
            raise RuntimeError("a write transaction is open already; they do not nest")
        self._refuse_if_readonly()
        if self._lost is not None:
            raise self._lost
        committed = self.transactions
        try:
            with self._gate(wait) as gate:
                self._patiently(lambda: self.execute("BEGIN IMMEDIATE"), wait)
                try:
                    yield
                    self._patiently(lambda: self.execute("COMMIT"), wait, final=True)
                    self.transactions += 1
                except BaseException:
                    self._rollback()
                    raise
                with suppress(sqlite3.Error):  # only what is compared with later is missing then
                    self._newest = self._newest_answer()
                self.gate.pending = True
                self.gate.marks = self.check_files()
                self.gate.check_host(gate)
            self.taken_away = None
        except (StoreMoved, StoreElsewhere) as error:
            raise self._taken_away(error, wait, after=self.transactions > committed) from error

    def rewrite(self, wait: Wait | None = None) -> None:
        """Write the whole file anew, without what was deleted, and empty its journal.

        Raises:
            StoreLocked: Somebody else reads in the database for longer than the time-out.
            StoreMoved, StoreElsewhere: The files were taken away, or another host is at work.
            StoreError: It failed; what the database holds is as it was.
        """
        self._refuse_if_readonly()
        with self._gate(wait) as gate:
            self._patiently(lambda: self.execute("VACUUM").fetchall(), wait)
            self._empty_journal(wait)
            self.gate.pending = False
            self.gate.marks = self.check_files()
            self.gate.check_host(gate)

    def _empty_journal(self, wait: Wait | None) -> None:
        """Move the journal into the file and cut it to nothing, as soon as nobody reads in it."""
        deadline = time.monotonic() + self.timeout
        while self._patiently(self._checkpoint, wait):
            if time.monotonic() >= deadline:
                raise locked("another program that reads in it", self.path)
            if wait is not None:
                wait("another program")
            time.sleep(0.02)

    def _checkpoint(self) -> bool:
        """Return whether somebody was in the way. Without a WAL there is nothing to do."""
        return bool(self.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0])

    @contextmanager
    def _gate(self, wait: Wait | None) -> Iterator[int]:
        """Hold the gate, if the files are still in their place."""
        with ExitStack() as held:
            try:
                gate = self.gate.hold(wait, self.timeout, self._check_before)
                file = held.enter_context(gate)
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
        if marks is None or before is None or before.writing or before.gate != gate:
            return
        then, now = before.database, marks[0]
        if then is None or now is None or then == now or self.gate.several_hosts:
            return
        if then.inode == now.inode and not self._is_whole():
            self.overwritten = True
            raise StoreMoved(f"{self.path.name} was overwritten", where=str(self.path))

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

    def _taken_away(self, error: StoreError, wait: Wait | None, *, after: bool) -> StoreError:
        """Return `error` with the name of a copy of all that was saved, made now.

        Args:
            error: What was found.
            wait: Told while the copy is written.
            after: It was found after the commit: that would have to be made again elsewhere, so
                nothing else is written by this connection.
        """
        if isinstance(error, StoreElsewhere) and not after:
            return error  # the files are in their place, with all that was saved
        self.taken_away = type(error)(error.what, where=error.where, hint=self._rescue(wait))
        if after or self.overwritten:
            self._lost = self.taken_away
        return self.taken_away

    def _rescue(self, wait: Wait | None) -> str:
        """Copy what can be read, unless that was done since the last commit; say where it is."""
        # Loaded here, because files are taken away in hardly any session.
        from tui_annotate.store.rescue import is_sound, rescue

        if self._rescued is not None and self._rescued[0] == self.transactions:
            return self._rescued[1]
        try:
            copy = rescue(self.db, self.path, wait)
        except StoreError as error:
            return f"What was saved could not be copied ({error})"
        beside = copy.parent == self.path.parent
        place = f"beside it in {copy.name}" if beside else f"in {copy}"
        told = f"All that was saved is {place}"
        if self.overwritten:
            told = f"What could still be read is {place}; the newest answers may be missing there"
        elif not is_sound(copy):
            told = f"What could still be read is {place}, which is damaged"
        self._rescued = self.transactions, told
        return told

    def failure(self, error: Exception) -> StoreError:
        """Return `error`, which the engine or its binding raised, as one of the store's own."""
        if isinstance(error, sqlite3.Error):
            return engine_failure(error, self.path)
        return StoreError(f"a value cannot be stored ({error})", where=str(self.path))

    def _refuse_if_readonly(self) -> None:
        if self.too_new:
            raise StoreTooNew(
                "the database was written by a newer version of this program",
                where=str(self.path),
                hint="It can be read, not written; update tui-annotate",
            )
        if self.readonly:
            raise StoreReadOnly("the database was opened for reading only", where=str(self.path))

    def _patiently(
        self, call: Callable[[], _T], wait: Wait | None = None, *, final: bool = False
    ) -> _T:
        """Run `call` until nobody is in its way, or the time is up.

        Inside a transaction a busy engine is final, but for COMMIT, which may be tried again.
        """
        deadline = time.monotonic() + self.timeout
        while True:
            was_writing = self.writing
            try:
                return call()
            except sqlite3.Error as error:
                if not is_busy(error) or (was_writing and not final):
                    raise self.failure(error) from error
                if time.monotonic() >= deadline:
                    raise locked("another program", self.path) from error
            if wait is not None:
                wait("another program")
            time.sleep(random.uniform(0.001, 0.02))  # noqa: S311  jitter, not secrecy

    def _rollback(self) -> None:
        """Undo the transaction. After some failures the engine has done so already."""
        if not self.writing:
            return
        for rollback in (lambda: self.execute("ROLLBACK"), self.db.rollback):
            try:
                rollback()
            except sqlite3.Error:
                continue
            return
        # A transaction that cannot be ended must not catch what is written next.
        self.close()

    def abandon(self) -> None:
        """Give the connection up without closing it: closing would empty its journal into a file
        that another host has written since."""
        if self._dead:
            return
        self._dead = True
        # Loaded here, because hardly any session ends like this.
        import ctypes

        # One reference too many: the interpreter would close it at its end.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self.db))

    def close(self) -> None:
        """Close the connection; an open transaction is undone. May be called twice."""
        if not self._dead:
            self._dead = True
            _open_paths[self.path] -= 1
            self.db.close()
