"""One connection: the single way by which the store's statements reach the engine; and what an
engine has to say for that.

Values that SQLite or its binding would refuse or change are bound by the functions at its end.
"""

from __future__ import annotations

import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar

from tui_annotate.errors import StoreError, StoreReadOnly, StoreTooNew, StoreUnavailable
from tui_annotate.task.hashing import Identity
from tui_annotate.waiting import here

if TYPE_CHECKING:
    from tui_annotate.store.write_lock import Wait

SqlRow: TypeAlias = tuple[Any, ...]
Parameters: TypeAlias = Sequence[Any]
_T = TypeVar("_T")
_jitter = random.Random()  # noqa: S311  no secret; recipes count on the module's own sequence


class Dialect(ABC):
    """An open engine, and all in which it differs from others.

    Attributes:
        name: The engine's name.
        db: Its own connection.
        errors: What it raises.
        STATE: Asks for what changes with what other connections write.
        PERIODS: Which period an answer was given in, in local time: SQL by the period's name.
        RIVAL: Who is in the way where the engine is busy.
        AWAY: Who does not answer where there is a server.
        is_shared: Whether it is a server, for which whoever can give up waits without end.
        has_roles: Whether the store has a lead and an annotator role.
        own_name: The login of an annotator, whom the server shows no rows of others; None for a
            lead, and where there is no server.
        taken_away: Why the last transaction found the files gone; None where it did not.
    """

    name: str
    db: Any
    errors: tuple[type[Exception], ...]
    STATE: str
    PERIODS: ClassVar[Mapping[str, str]]
    RIVAL: str
    AWAY = ""
    is_shared = False
    has_roles = False
    own_name: str | None = None
    taken_away: StoreError | None = None

    @property
    def refusals(self) -> tuple[type[Exception], ...]:
        """What the engine raises, and what its binding does of values that cannot be stored."""
        return (*self.errors, UnicodeEncodeError, OverflowError)

    @property
    @abstractmethod
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""

    @property
    @abstractmethod
    def own_changes(self) -> int:
        """How many rows were changed here."""

    @property
    def gate_refused(self) -> bool:
        """Whether the file system refuses `flock`, so that the engine's own lock has to do."""
        return False

    @abstractmethod
    def execute(self, sql: str, parameters: Parameters) -> Any:
        """Run one statement, and return its cursor."""

    @abstractmethod
    def execute_many(self, sql: str, rows: Iterable[Parameters]) -> Any:
        """Run one statement for each of `rows`."""

    @abstractmethod
    def is_busy(self, error: BaseException) -> bool:
        """Return whether waiting may help."""

    def is_away(self, error: BaseException) -> bool:
        """Return whether it is a server that is not there, and no other writer in the way."""
        del error
        return False

    @abstractmethod
    def failure(self, error: Any) -> StoreError:
        """Return what an error of the engine means."""

    @abstractmethod
    def out_of_time(self, error: BaseException) -> StoreError:
        """Return what it means that somebody was in the way for too long."""

    def guard(self, connection: Connection, wait: Wait | None) -> AbstractContextManager[None]:
        """Hold what keeps writers apart around a transaction, where the engine does not do it."""
        del connection, wait
        return nullcontext()

    @abstractmethod
    def begin(self, connection: Connection, wait: Wait | None) -> None:
        """Begin a transaction that writes."""

    @abstractmethod
    def commit(self, connection: Connection, wait: Wait | None) -> None:
        """Make durable what was written."""

    @abstractmethod
    def undo(self, connection: Connection) -> bool:
        """Undo the transaction, and return whether the connection can be used further."""

    def server_ms(self) -> int | None:
        """Return a server's time in milliseconds since 1970; None where there is no server."""
        return None

    @abstractmethod
    def journal_mode(self, connection: Connection) -> str:
        """Return the engine's journal, in a word."""

    @abstractmethod
    def rewrite(self, connection: Connection, wait: Wait | None) -> None:
        """Write all that is stored anew, without what was deleted."""

    @abstractmethod
    def check(self, connection: Connection, *, full: bool) -> list[str]:
        """Look for damage and return what was found."""

    def stoppable(self) -> AbstractContextManager[None]:
        """Return what lets whoever leaves stop a long statement; nothing where an interrupt does
        it."""
        return nullcontext()

    def snapshot(self) -> AbstractContextManager[None]:
        """Return what keeps all reads at one moment; nothing where nobody else writes."""
        return nullcontext()

    @abstractmethod
    def stream(self, sql: str) -> Iterator[SqlRow]:
        """Yield the rows of a query in constant memory; inside `snapshot`."""

    @abstractmethod
    def copy_to(self, target: Path) -> None:
        """Write a consistent copy to an SQLite file, durable when this returns."""

    @abstractmethod
    def leave(self, connection: Connection, is_anybody_in: Callable[[], bool]) -> None:
        """Close the database in such a way that whoever is next can go on at once."""

    def abandon(self) -> None:
        """Give the database up without writing to it."""
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Close the database; an open transaction is undone."""


class Connection:
    """A connection that speaks to its engine through a dialect. It belongs to the thread that made
    it.

    Args:
        dialect: The open engine, and all in which engines differ.
        path: The database, for messages.
        timeout: How long to wait for others, in seconds.
        readonly: Whether writing is refused.
        too_new: Whether a newer version of this program has written the database.

    Attributes:
        transactions: How many it has committed.
    """

    def __init__(
        self, dialect: Dialect, path: Path, *, timeout: float, readonly: bool, too_new: bool
    ) -> None:
        self.dialect = dialect
        self.path = path
        self.timeout = timeout
        self.readonly = readonly
        self.too_new = too_new
        self.transactions = 0
        self._dead = False
        self._wait: Wait | None = None

    @property
    def db(self) -> Any:
        """The engine's own connection."""
        return self.dialect.db

    @property
    def closed(self) -> bool:
        """Whether it was closed, or given up."""
        return self._dead

    @property
    def writing(self) -> bool:
        """Whether a transaction is open."""
        return not self._dead and self.dialect.in_transaction

    @property
    def own_changes(self) -> int:
        """A number that grows with every row that this connection changes."""
        return -1 if self._dead else self.dialect.own_changes

    def others_changes(self) -> int:
        """Return a number that is another one once another connection has changed the database."""
        return hash(self.read(self.dialect.STATE)[0][0])

    def execute(
        self, sql: str, parameters: Parameters | Iterable[Parameters] = (), *, many: bool = False
    ) -> Any:
        """Run one statement: the seam through which all of the store's own go.

        Args:
            sql: The statement, as SQLite has it.
            parameters: Its values; with `many` an iterable of such.
            many: Run it once for each.

        Returns:
            A cursor of the engine, with `fetchall` and `rowcount`.

        Raises:
            Exception: One of the dialect's `errors`; the callers here translate it.
            StoreUnavailable: The connection was given up.
        """
        if self._dead:
            raise StoreUnavailable(
                "the database is closed, perhaps after a failure",
                where=str(self.path),
                hint="What was saved is safe; start again",
            )
        if many:
            return self.dialect.execute_many(sql, parameters)
        return self.dialect.execute(sql, tuple(parameters))

    def read(self, sql: str, parameters: Parameters = ()) -> list[SqlRow]:
        """Return all rows of a query; what has no bound must be read in pages.

        Raises:
            StoreError: The database failed.
        """
        try:
            found: list[SqlRow] = self.execute(sql, parameters).fetchall()
            return found
        except self.dialect.errors as error:
            if self.writing or not self.dialect.is_busy(error):
                raise self.failure(error) from error
            wait = self._wait if self.dialect.is_away(error) else None
        return self.patiently(lambda: self.execute(sql, parameters).fetchall(), wait)

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
            return int(self.execute(sql, parameters).rowcount)
        except self.dialect.refusals as error:
            raise self.failure(error) from error

    def write_many(self, sql: str, rows: Iterable[Parameters]) -> None:
        """Run a statement once for each of `rows`, inside a transaction."""
        self.need_transaction()
        try:
            self.execute(sql, rows, many=True)
        except self.dialect.refusals as error:
            raise self.failure(error) from error

    def insert(self, sql: str, parameters: Parameters = ()) -> int:
        """Insert one row, inside a transaction, and return its id."""
        self.need_transaction()
        try:
            row = self.execute(f"{sql} RETURNING id", parameters).fetchall()[0]
        except self.dialect.refusals as error:
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
        """Hold the dialect's guard and a write transaction; commit at the end, roll back on an
        exception: all that is written inside is durable then, or none of it.

        Args:
            wait: Called with a description of the process in the way, every fraction of a second
                while there is one; may raise to give up.

        Raises:
            StoreLocked: Somebody was in the way for longer than the time-out.
            StoreReadOnly, StoreTooNew: Writing is refused.
            StoreMoved, StoreElsewhere: The files were taken away, or another host is at work. The
                message names the copy of what was saved. After the commit it says so too: what was
                written is in that copy, and not where it belongs.
            StoreFull, StoreUnavailable, StoreCorrupt: It failed; nothing was changed.
            RuntimeError: One is open already.
        """
        if self.writing:
            raise RuntimeError("a write transaction is open already; they do not nest")
        self.refuse_if_readonly()
        self._wait = wait or self._wait
        with self.dialect.guard(self, wait):
            self.dialect.begin(self, wait)
            try:
                yield
                self.dialect.commit(self, wait)
                self.transactions += 1
            except BaseException:
                self._rollback()
                raise

    def rewrite(self, wait: Wait | None = None) -> None:
        """Write all that is stored anew, without what was deleted.

        Raises:
            StoreLocked: Somebody else reads in the database for longer than the time-out.
            StoreMoved, StoreElsewhere: The files were taken away, or another host is at work.
            StoreError: It failed; what the database holds is as it was.
        """
        self.refuse_if_readonly()
        self.dialect.rewrite(self, wait)

    def seconds(self) -> int:
        """Return the time in seconds since 1970, by the clock that all who share the store see."""
        shared = self.dialect.server_ms()
        return int(time.time()) if shared is None else shared // 1000

    def failure(self, error: Exception) -> StoreError:
        """Return `error`, which the engine or its binding raised, as one of the store's own."""
        if isinstance(error, self.dialect.errors):
            return self.dialect.failure(error)
        return StoreError(f"a value cannot be stored ({error})", where=str(self.path))

    def refuse_if_readonly(self) -> None:
        """Refuse to write where that is not allowed.

        Raises:
            StoreTooNew, StoreReadOnly: So it is.
        """
        if self.too_new:
            raise StoreTooNew(
                "the database was written by a newer version of this program",
                where=str(self.path),
                hint="It can be read, not written, and what was saved is safe; update tui-annotate",
            )
        if self.readonly:
            raise StoreReadOnly("the database was opened for reading only", where=str(self.path))

    def refuse_annotators(self) -> None:
        """Refuse what needs all rows, where the server shows an annotator the own ones alone.

        Raises:
            StoreReadOnly: So it does.
        """
        login = self.dialect.own_name
        if login is not None:
            raise StoreReadOnly(
                f"the server shows {login} no rows but the own ones, and this needs all of them",
                where=str(self.path),
                hint="Log in to the server as a lead",
            )

    def patiently(
        self, call: Callable[[], _T], wait: Wait | None = None, *, final: bool = False
    ) -> _T:
        """Run `call` until nobody is in its way, or the time is up.

        For a server, and for those who write there, one waits as long as `wait` lets one.

        Args:
            call: Works with the engine; may be run again.
            wait: Told who is in the way, again and again; may raise to give up.
            final: It is a COMMIT, which may be tried again: inside a transaction a busy engine is
                final else.
        """
        deadline = time.monotonic() + self.timeout
        watched = wait is not None and self.dialect.is_shared
        with ExitStack() as saying:
            while True:
                was_writing = self.writing
                try:
                    return call()
                except self.dialect.errors as error:
                    # Within a transaction a busy engine has made what was read before out of date:
                    # the transaction as a whole has to be tried again, which only its caller can.
                    may_try_again = final or not was_writing
                    if not self.dialect.is_busy(error) or not may_try_again:
                        raise self.failure(error) from error
                    who = self.dialect.AWAY if self.dialect.is_away(error) else self.dialect.RIVAL
                    if time.monotonic() >= deadline and not watched:
                        raise self.dialect.out_of_time(error) from error
                if wait is not None:
                    wait(who)
                else:
                    saying.close()
                    saying.enter_context(here().on(f"waiting for {who}"))
                    here().check()
                time.sleep(_jitter.uniform(0.001, 0.02))

    @contextmanager
    def own_errors(self) -> Iterator[None]:
        """Raise what the engine raises inside the block as the store's own errors.

        Raises:
            StoreError: The database failed.
        """
        try:
            yield
        except self.dialect.errors as error:
            raise self.failure(error) from error

    def _rollback(self) -> None:
        """Undo the transaction. After some failures the engine has done so already."""
        if self.writing and not self.dialect.undo(self):
            # A transaction that cannot be ended must not catch what is written next.
            self.close()

    def abandon(self) -> None:
        """Give the connection up without closing it: closing would empty its journal into a file
        that another host has written since."""
        if self._dead:
            return
        self._dead = True
        self.dialect.abandon()

    def close(self) -> None:
        """Close the connection; an open transaction is undone. May be called twice."""
        if not self._dead:
            self._dead = True
            self.dialect.close()


_SIGN = 1 << 63
_WRAP = 1 << 64


def text(value: str) -> str:
    """Return `value` with lone surrogates, which cannot be stored, written as escapes."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


def optional_text(value: str | None) -> str | None:
    """Return `text(value)`, or None."""
    return None if value is None else text(value)


def signed(value: int) -> int:
    """Return an unsigned 64-bit value, such as an inode, as SQLite's signed one."""
    return value - _WRAP if value >= _SIGN else value


def unsigned(value: int) -> int:
    """Undo `signed`."""
    return value + _WRAP if value < 0 else value


def columns(identity: Identity) -> tuple[int, int, bytes, bytes | None]:
    """Return an identity as the four columns input_hash, task_hash, input_key, question_key."""
    return identity.input_hash, identity.task_hash, identity.input_key, identity.question_key


def task_key(identity: Identity) -> bytes:
    """Return one unique key for a task: of the input and the question, or of the task hash."""
    if identity.question_key is not None:
        return identity.input_key + identity.question_key
    return identity.input_key + identity.task_hash.to_bytes(4, "big", signed=True)
