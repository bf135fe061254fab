"""A whole store from one engine to the other: all tables, row by row, ids as they are.

Whoever moves a store this way goes on where it was: sessions, cursors, drafts, waiting tasks and
claims are rows like answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tui_annotate.errors import StoreCorrupt, StoreError
from tui_annotate.server_path import ServerPath
from tui_annotate.store.connect import connect, guarded
from tui_annotate.store.connection import Connection, SqlRow
from tui_annotate.store.database import Store, open_store
from tui_annotate.store.derived import DerivedTables
from tui_annotate.store.dialect.postgres import Postgres
from tui_annotate.store.dialect.server import open_connection
from tui_annotate.store.dialect.translation import tables
from tui_annotate.store.migrate import check_ours
from tui_annotate.store.recover import unfinished
from tui_annotate.waiting import here

_PAGE = 1000
_NUMBERED = frozenset({"dataset_labels"})
"""Tables whose rows are told apart by their row number."""


def backup_server(path: ServerPath, target: Path) -> None:
    """Write all that a server's store holds to a new SQLite file, as of one moment.

    Args:
        path: The store.
        target: The new file; nothing of it is left after an error.

    Raises:
        StoreError: The server does not answer, or the file cannot be written.
    """
    source = open_connection(path, readonly=True, timeout=30.0)
    try:
        source.refuse_annotators()
        with unfinished(target) as new, open_store(new) as store:
            db = store._connection.db
            db.execute("PRAGMA foreign_keys = OFF")
            with store.write_txn():
                _copy(source, store._connection)
            _check(store)
    finally:
        source.close()


def restore_to_server(source: Path, path: ServerPath) -> int:
    """Write all that a SQLite store holds to a server's store that has no dataset yet.

    Args:
        source: A backup, or a store that nobody works on; it is left as it is.
        path: The store on the server.

    Returns:
        How many answers stand there.

    Raises:
        StoreError: One of them cannot be read or written, or the server's store is in use.
    """
    # Opening brings an older file up to date; a backup stays as it is.
    with _copy_of(source) as old:
        target = open_connection(path, readonly=False, timeout=30.0)
        try:
            target.refuse_annotators()
            with target.transaction():
                if target.read("SELECT 1 FROM datasets LIMIT 1"):
                    raise StoreError(
                        "there are datasets in the server's store already",
                        where=str(path),
                        hint="Name another database or schema, and call `store init` for it first",
                    )
                assert isinstance(target.dialect, Postgres)
                # Jobs and sources outlive the datasets that were dropped, and have their numbers.
                for table in reversed(tables()):
                    target.write(f"DELETE FROM {table}")  # noqa: S608
                _copy(old._connection, target)
                with target.own_errors():
                    target.dialect.number_on(tables())
            _check(Store(target, filesystem="", backup=None))
            return int(target.read("SELECT count(*) FROM current")[0][0])
        finally:
            target.close()


@contextmanager
def _copy_of(source: Path) -> Iterator[Store]:
    """Open a copy of a SQLite store, brought up to date, while the block runs."""
    if not source.is_file():
        raise StoreError("there is no such file", where=str(source), hint="Name a backup")
    with TemporaryDirectory(prefix="tui-annotate-") as folder:
        with guarded(source):
            db = connect(source.absolute(), "mode=ro")
        with guarded(source, db), closing(db):
            if not check_ours(db, source):
                raise StoreError("it holds no answers: it is empty", where=str(source))
            problems = [str(row[0]) for row in db.execute("PRAGMA integrity_check")]
            if problems != ["ok"]:
                raise StoreCorrupt(
                    f"it is damaged ({problems[0]})",
                    where=str(source),
                    hint="Take another backup, or `tui-annotate doctor --recover NEW_FILE`",
                )
            db.execute("VACUUM INTO ?", (str(Path(folder, "copy.db")),))
        with open_store(Path(folder, "copy.db")) as store:
            yield store


def _check(store: Store) -> None:
    problems = DerivedTables(store._connection).problems()
    if problems:
        raise StoreError(
            f"what was copied does not add up ({problems[0]})",
            where=str(store.path),
            hint="Look the old one over with `tui-annotate doctor` first",
        )


def _copy(source: Connection, target: Connection) -> None:
    """Copy every table; the target is empty, and its transaction is open."""
    waiting = here()
    with source.own_errors(), source.dialect.snapshot():
        for table in tables():
            columns = _columns(source, table)
            names = ", ".join(f'"{name}"' for name in columns)
            places = ", ".join("?" * len(columns))
            insert = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608
            select, done = f"SELECT {names} FROM {table} ORDER BY 1", 0  # noqa: S608
            with waiting.on(f"copying {table}"):
                for page in _pages(source, select):
                    target.write_many(insert, page)
                    done += len(page)
                    waiting.at(done)


def _columns(connection: Connection, table: str) -> list[str]:
    with connection.own_errors():
        cursor = connection.execute(f"SELECT * FROM {table} LIMIT 0")  # noqa: S608
    found = [str(column[0]) for column in cursor.description]
    if table in _NUMBERED and "rowid" not in found:
        found.insert(0, "rowid")
    return found


def _pages(connection: Connection, sql: str) -> Iterator[list[SqlRow]]:
    rows: Iterable[SqlRow] = connection.dialect.stream(sql)
    page: list[SqlRow] = []
    for row in rows:
        page.append(row)
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page
