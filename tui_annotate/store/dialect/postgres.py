"""PostgreSQL: a server that may be restarted, may fail over, and may be reached by several hosts.

A writer takes one lock for the whole store before it writes, so ids grow in the order of commits.
Each connection has a row of its own in `writers`, with the number of its newest transaction, which
is written in that transaction: where the reply to a commit is lost, the row tells whether what was
committed is there.
"""

from __future__ import annotations

import secrets
import select
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg
from psycopg import pq

from tui_annotate.errors import (
    StoreCorrupt,
    StoreError,
    StoreUnavailable,
)
from tui_annotate.store.connection import Connection, Dialect, Parameters
from tui_annotate.store.dialect.server_connect import (
    LOCK_SLICE,
    RIVAL,
    connect,
    failure_of,
    lost,
    unreachable,
)
from tui_annotate.store.dialect.translation import tables, translated

if TYPE_CHECKING:
    from pathlib import Path

    from tui_annotate.server_path import ServerPath
    from tui_annotate.store.write_lock import Wait

_STREAMED = 500
"""Rows that are fetched at a time where all are read."""

_QUEUED = 10.0
"""Seconds that a writer stands in the server's queue at the most before it looks at its time. Who
is told for whom it waits, and may give up, keeps the place in the queue for as long as it takes."""

_AGAIN = 0.2
"""Seconds between two attempts."""

STORE_LOCK = 0x74754101
"""The first half of the number of each store's lock; the second is its schema's."""

_GONE = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03", "53300", "55P03"})
"""What the server says when it stops, starts, is full, has lost patience, or lets others first."""

_WHERE_AND_WHO = """
SELECT oid::bigint, to_regclass('answered_tasks') IS NOT NULL,
    CASE WHEN row_security_active(to_regclass('answers')::oid) THEN session_user::text END
FROM pg_namespace WHERE nspname = current_schema()"""

_CLOCK = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"


class Postgres(Dialect):
    """A store on a server.

    Args:
        path: Its name.
        link: The open connection.
        readonly: Whether only reading is asked for.
    """

    name = "postgresql"
    db: psycopg.Connection[Any]
    errors = (psycopg.Error,)
    STATE = "SELECT pg_current_snapshot()::text"
    PERIODS: ClassVar = {
        name: form.replace("AT", "to_timestamp(a.answered_at)")
        for name, form in (
            ("day", "to_char(AT, 'YYYY-MM-DD')"),
            # Weeks as SQLite has them: they begin on Monday, those before the first are number 0.
            (
                "week",
                "to_char(AT, 'YYYY-') || lpad(((extract(doy FROM AT)::int + 7"
                " - extract(isodow FROM AT)::int) / 7)::text, 2, '0')",
            ),
            ("month", "to_char(AT, 'YYYY-MM')"),
            ("year", "to_char(AT, 'YYYY')"),
        )
    }
    RIVAL = "another session that writes"
    AWAY = "the server, which does not answer"
    is_shared = True

    def __init__(self, path: ServerPath, link: psycopg.Connection[Any], *, readonly: bool) -> None:
        self.db = link
        self._own_changes = 0
        self._path = path
        self._readonly = readonly
        self._open = False
        self._process = link.info.backend_pid
        self._writer, self._number = secrets.token_hex(16), 0
        self._at = (0, 0.0)
        self._tried = 0.0
        found = self.db.execute(_WHERE_AND_WHO).fetchone()
        oid, has_roles, login = found or (0, False, None)
        self.has_roles = bool(has_roles)
        self.own_name = login if has_roles else None
        self._lock = STORE_LOCK << 32 | int(oid)
        self._translated = translated
        if self.own_name is not None:
            # Loaded here: only annotators of stores that have roles need it.
            from tui_annotate.store.dialect.roles import translated_for_annotator

            self._translated = translated_for_annotator

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open; it is until it was undone, also where the server went."""
        return self._open

    @property
    def own_changes(self) -> int:
        """How many rows were changed here."""
        return self._own_changes

    def execute(self, sql: str, parameters: Parameters) -> psycopg.Cursor[Any]:
        """Run one statement; outside of transactions on a new connection where the old one broke.

        Raises:
            psycopg.Error: The server does not answer, or refuses.
        """
        self._need()
        statement = self._translated(sql)
        values = [parameters[index] for index in statement.order]
        cursor = self.db.execute(statement.sql, values or None)
        if statement.changes:
            self._own_changes += max(0, cursor.rowcount)
        return cursor

    def execute_many(self, sql: str, rows: Iterable[Parameters]) -> psycopg.Cursor[Any]:
        """Run one statement for each of `rows`, without waiting for the answer to each."""
        self._need()
        statement = self._translated(sql)
        cursor = self.db.cursor()
        cursor.executemany(
            statement.sql, ([row[index] for index in statement.order] for row in rows)
        )
        self._own_changes += max(0, cursor.rowcount)
        return cursor

    def _need(self) -> None:
        """Connect again where the connection is gone; not within a transaction."""
        if not self.db.closed:
            return
        if self._open:
            raise psycopg.OperationalError("the connection to the server was lost")
        pause = self._tried + _AGAIN - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        self._tried = time.monotonic()
        self.db = connect(self._path.conninfo, readonly=self._readonly)
        # What is left of the old connection may hold the lock until the server notices.
        self.db.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1"
            " AND usename = current_user AND datname = current_database()"
            " AND pid <> pg_backend_pid() AND application_name LIKE 'tui-annotate%'",
            (self._process,),
        )
        self._process = self.db.info.backend_pid

    def is_busy(self, error: BaseException) -> bool:
        """Return whether waiting may help: others write, or the server is not there just now."""
        state = getattr(error, "sqlstate", None)
        if state is None:
            return isinstance(error, psycopg.OperationalError) and not _is_refused(error)
        return state in _GONE or state.startswith("08")

    def is_away(self, error: BaseException) -> bool:
        """Return whether it is the server that is not there, and no other writer in the way."""
        if getattr(error, "sqlstate", None) == RIVAL:
            return False
        return self.is_busy(error)

    def _is_lost(self, error: BaseException) -> bool:
        return self.db.closed or self.is_away(error)

    def failure(self, error: Any) -> StoreError:
        """Return what an error of the server, or of the way to it, means."""
        if self._is_lost(error):
            return lost(self._path)
        return failure_of(error, self._path, self.own_name)

    def out_of_time(self, error: BaseException) -> StoreError:
        """Return what it means that the server, or another writer, was in the way for too long."""
        return unreachable(error, self._path) if self.is_away(error) else self.failure(error)

    def begin(self, connection: Connection, wait: Wait | None) -> None:
        """Begin a transaction, in the order of all who write to the store.

        One message to the server: the lock, the number of the transaction, and the time there.
        Where the server does not answer, it is tried again as long as `wait` lets it.
        """
        self._number += 1
        # To the server 0 is no limit, for those who can give up by themselves.
        limit_ms = max(1, int(1000 * min(connection.timeout, _QUEUED)))
        if wait is not None:
            limit_ms = 0

        def tell() -> None:
            if wait is not None:
                wait(self.RIVAL)

        connection.patiently(lambda: self._begin(limit_ms, tell), wait)
        self._open = True

    def _begin(self, limit_ms: int, tell: Callable[[], None]) -> None:
        self._need()
        try:
            told = self._queue(
                "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"  # noqa: S608
                f"SET LOCAL lock_timeout = {limit_ms};"
                f"SELECT pg_advisory_xact_lock({self._lock});"
                f"SET LOCAL lock_timeout = {int(_QUEUED * 1000)};"
                f"INSERT INTO writers (id, number, at) VALUES ('{self._writer}', {self._number},"
                " extract(epoch FROM now())::bigint) ON CONFLICT (id)"
                f" DO UPDATE SET number = excluded.number, at = excluded.at; {_CLOCK}",
                tell,
            )
            self._at = int(told), time.monotonic()
        except BaseException:
            self._end()
            raise

    def commit(self, connection: Connection, wait: Wait | None) -> None:
        """Make durable what was written; where the reply is lost, find out what became of it.

        Raises:
            StoreLost: Nothing of it is there.
            StoreError: The server refuses it, or it cannot be found out what became of it.
        """
        try:
            self._need()
            done = self.db.execute("COMMIT").statusmessage
        except psycopg.Error as error:
            if not self._is_lost(error):
                raise self.failure(error) from error
            self._end()
            if not self._is_committed(connection, wait):
                raise lost(self._path) from error
            return
        self._open = False
        if done != "COMMIT":
            raise StoreError(
                "the server undid what was to be written, after an error in it",
                where=str(self._path),
                hint="Nothing was changed; try again",
            )

    def _is_committed(self, connection: Connection, wait: Wait | None) -> bool:
        """Return whether the newest transaction is there, as soon as the server tells."""

        def look() -> bool:
            self._need()
            try:
                self._run(f"BEGIN; SELECT pg_advisory_xact_lock({self._lock});")
                row = self.db.execute(
                    "SELECT number FROM writers WHERE id = $1", (self._writer,)
                ).fetchone()
                return row is not None and int(row[0]) == self._number
            finally:
                self._end()

        try:
            return connection.patiently(look, wait)
        except StoreError as error:
            raise StoreUnavailable(
                f"the server has not said whether the newest answer is stored ({error.what})",
                where=str(self._path),
                hint="It is stored once or not at all; opening the session again shows which",
            ) from error

    def undo(self, connection: Connection) -> bool:
        """Undo the transaction, and return whether the connection can be used further."""
        del connection
        self._end()
        return True

    def _end(self) -> None:
        """Undo what is open; what was lost with its connection the server undoes by itself."""
        self._open = False
        if self.db.closed:
            return
        if self.db.info.transaction_status == pq.TransactionStatus.IDLE:
            return
        try:
            self.db.execute("ROLLBACK")
        except psycopg.Error:
            self.db.close()

    def _run(self, statements: str) -> Sequence[Any]:
        """Run several statements with one message; return the only row of the last one."""
        cursor = self.db.execute(statements)
        while cursor.nextset():
            pass
        row: Sequence[Any] | None = cursor.fetchone()
        assert row is not None
        return row

    def _queue(self, statements: str, tell: Callable[[], None]) -> bytes:
        """Run several statements with one message, as `_run` does, and tell that one waits.

        Whoever asked again and again instead would lose the place in the server's queue each time,
        and a hundred who do so keep the server from its work.
        """
        link = self.db.pgconn
        value, failure = b"", None
        link.send_query(statements.encode())
        link.flush()
        ready = select.poll()
        ready.register(link.socket, select.POLLIN)
        try:
            while True:
                while link.is_busy():
                    if ready.poll(1000 * LOCK_SLICE):
                        link.consume_input()
                    else:
                        tell()
                result = link.get_result()
                if result is None:
                    break
                if result.status == pq.ExecStatus.FATAL_ERROR:
                    failure = psycopg.errors.error_from_result(result)
                elif result.status == pq.ExecStatus.TUPLES_OK:
                    value = result.get_value(0, 0) or b""
        except BaseException:
            # Nobody waits any more: the server undoes what it has begun.
            self.db.close()
            raise
        if failure is not None:
            raise failure
        return value

    def server_ms(self) -> int:
        """Return the server's time in milliseconds since 1970, as of the last look at its clock
        and counted on from there."""
        told, at = self._at
        if not told or time.monotonic() - at > 60:
            with suppress(psycopg.Error):
                self._need()
                self._at = int(self._run(_CLOCK)[0]), time.monotonic()
            told, at = self._at
        if not told:
            return time.time_ns() // 1_000_000
        return told + int((time.monotonic() - at) * 1000)

    def journal_mode(self, connection: Connection) -> str:
        """Return which server keeps the journal, and what keeps it safe."""
        asked = "SELECT current_setting('server_version'), current_setting('synchronous_commit')"
        version, commits = connection.read(asked)[0]
        fsync = connection.read("SELECT current_setting('fsync')")[0][0]
        return f"PostgreSQL {version}, synchronous_commit {commits}, fsync {fsync}"

    def rewrite(self, connection: Connection, wait: Wait | None) -> None:
        """Write the tables anew, without what was deleted."""
        for table in tables():
            connection.patiently(partial(self.execute, f'VACUUM FULL "{table}"', ()), wait)

    def check(self, connection: Connection, *, full: bool) -> list[str]:
        """Look for damage and return what was found: the server looks after its own files, so all
        rows are read where that is asked for."""
        if not full:
            return []
        found = []
        for table in tables():
            try:
                connection.read(f"SELECT count(*), max(md5(t::text)) FROM {table} t")  # noqa: S608
            except StoreCorrupt as error:
                found.append(f"{table}: {error.what}")
        return found

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all reads inside see what was there at one moment."""
        self.db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            self._end()

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query in constant memory; inside `snapshot`."""
        with psycopg.RawServerCursor(self.db, "store_rows") as cursor:
            cursor.itersize = _STREAMED
            cursor.execute(sql)
            yield from cursor

    def number_on(self, tables: Iterable[str]) -> None:
        """Let new rows have numbers after those that rows were copied with."""
        for table in tables:
            for column in ("id", "rowid"):
                found = self.db.execute(
                    "SELECT pg_get_serial_sequence($1, $2) FROM pg_attribute WHERE attrelid ="
                    " to_regclass($1) AND attname = $2",
                    (f'"{table}"', column),
                ).fetchone()
                if found is not None and found[0] is not None:
                    self.db.execute(
                        "SELECT setval($1::regclass, coalesce(max(" + column + "), 0) + 1, false)"  # noqa: S608
                        f" FROM {table}",
                        (found[0],),
                    )

    def copy_to(self, target: Path) -> None:
        """Write a consistent copy to a new SQLite file."""
        from tui_annotate.store.transfer import backup_server  # which imports this module

        backup_server(self._path, target)

    def leave(self, connection: Connection, is_anybody_in: Callable[[], bool]) -> None:
        """Close the connection; its row in `writers` is of no use any more."""
        del is_anybody_in
        if not self.db.closed and self._number:
            with suppress(psycopg.Error):
                self.db.execute("DELETE FROM writers WHERE id = $1", (self._writer,))
        connection.close()

    def close(self) -> None:
        """Close the connection; an open transaction is undone."""
        self._open = False
        self.db.close()


def _is_refused(error: BaseException) -> bool:
    """Return whether the way to the server is open, and it will not let this user in."""
    text = str(error).lower()
    return any(word in text for word in ("password", "authentication", "does not exist", "pg_hba"))
