"""The store's schema on a server: made, brought up to date and looked at; and how it is opened."""

from __future__ import annotations

import re
import time
from typing import Any

import psycopg

from tui_annotate.errors import StoreError
from tui_annotate.server_path import ServerPath
from tui_annotate.store import schema
from tui_annotate.store.connection import Connection
from tui_annotate.store.dialect.postgres import Postgres
from tui_annotate.store.dialect.server_connect import (
    connect,
    failure_of,
    server_message,
    unreachable,
)
from tui_annotate.store.dialect.translation import tables, translated_table

_OWN_TABLES = (
    # Which migrations the store has had, and the oldest schema that may write, as `user_version`.
    "CREATE TABLE store_migrations (name TEXT PRIMARY KEY, applied_at BIGINT NOT NULL)",
    "CREATE TABLE store_version (oldest_writer BIGINT NOT NULL)",
    "INSERT INTO store_version (oldest_writer) VALUES (0)",
    # The newest transaction of each connection; see `dialect/postgres.py`.
    "CREATE TABLE writers (id TEXT PRIMARY KEY, number BIGINT NOT NULL, at BIGINT NOT NULL)",
)

_STALE_WRITERS = 90 * 24 * 3600
"""Seconds after which nobody asks any more what became of a transaction."""

_INIT_LOCK = 0x74754102


class _Migrating:
    """What a migration is given in place of a database of sqlite-utils: it can run statements."""

    def __init__(self, link: psycopg.Connection[Any]) -> None:
        self._link = link

    def execute(self, statement: str) -> None:
        """Run a statement that makes or changes tables.

        Raises:
            psycopg.Error: The server refuses it.
        """
        setting = re.fullmatch(r"PRAGMA (\w+) = (\d+)", statement.strip())
        if setting is None:
            self._link.execute(translated_table(statement))
        elif setting[1] == "user_version":
            self._link.execute(f"UPDATE store_version SET oldest_writer = {int(setting[2])}")  # noqa: S608


def initialise(path: ServerPath) -> list[str]:
    """Make the store's schema on a server, or bring it up to date; in one transaction.

    Returns:
        The names of the migrations that were carried out.

    Raises:
        StoreError: The server does not answer, refuses, or has another program's tables.
    """
    try:
        link = connect(path.conninfo)
    except psycopg.Error as error:
        raise unreachable(error, path) from None
    try:
        with link.transaction():
            # Two that begin at once: the second one waits, and finds all done.
            link.execute(f"SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({_INIT_LOCK})")
            return _initialise(link, path)
    except psycopg.Error as error:
        if getattr(error, "sqlstate", None) == "42501":
            raise StoreError(
                f"the server does not let this user make tables ({server_message(error)})",
                where=str(path),
                hint="Call it as the owner of the database, or GRANT CREATE ON SCHEMA to the user",
            ) from None
        raise failure_of(error, path) from error
    finally:
        link.close()


def _initialise(link: psycopg.Connection[Any], path: ServerPath) -> list[str]:
    _check_encoding(link, path)
    _make_schema(link)
    had = applied(link)
    if had is None:
        _check_names_are_free(link, path)
        for statement in _OWN_TABLES:
            link.execute(translated_table(statement))
        had = []
    if _is_newer(link):
        return []
    made = [name for name in schema.MIGRATIONS if name not in had]
    migrating: Any = _Migrating(link)
    for name in made:
        schema.MIGRATIONS[name](migrating)
        link.execute(
            "INSERT INTO store_migrations (name, applied_at) VALUES ($1, $2)",
            (name, int(time.time())),
        )
    # New tables have no rights yet. In a new database nobody has a role yet whose rights these are.
    if made and had:
        from tui_annotate.store.dialect import roles  # which knows this module

        roles.renew(link)
    link.execute("DELETE FROM writers WHERE at < $1", (int(time.time()) - _STALE_WRITERS,))
    return made


def _check_encoding(link: psycopg.Connection[Any], path: ServerPath) -> None:
    encoding = _one(link, "SHOW server_encoding")
    if encoding != "UTF8":
        raise StoreError(
            f"the database has the encoding {encoding}, which cannot hold every text",
            where=str(path),
            hint="Make one with `createdb --encoding UTF8 --template template0`",
        )


def _make_schema(link: psycopg.Connection[Any]) -> None:
    """Make the schema that the search path names first, where none of them is there."""
    if _one(link, "SELECT current_schema()") is not None:
        return
    first = str(_one(link, "SHOW search_path")).split(",")[0].strip().strip('"')
    # `"$user"` stands for a schema with the user's name, which nobody has asked for.
    if first and first != "$user":
        link.execute(f'CREATE SCHEMA "{first}"')


def _check_names_are_free(link: psycopg.Connection[Any], path: ServerPath) -> None:
    taken = _one(
        link,
        "SELECT string_agg(relname, ', ') FROM pg_class WHERE relname = ANY($1)"
        " AND relnamespace = current_schema()::regnamespace",
        ([*tables(), "store_migrations", "store_version", "writers"],),
    )
    if taken:
        raise StoreError(
            f"the database has tables of another program with these names: {taken}",
            where=str(path),
            hint="Name another database, or a schema by ?options=-csearch_path%3DNAME",
        )


def applied(link: psycopg.Connection[Any]) -> list[str] | None:
    """Return the names of the migrations that a store has had; None where there is no store."""
    if _one(link, "SELECT to_regclass('store_migrations')") is None:
        return None
    rows = link.execute("SELECT name FROM store_migrations ORDER BY applied_at, name")
    return [str(row[0]) for row in rows.fetchall()]


def _is_newer(link: psycopg.Connection[Any]) -> bool:
    oldest = _one(link, "SELECT max(oldest_writer) FROM store_version")
    return int(oldest or 0) > len(schema.MIGRATIONS)


def _one(link: psycopg.Connection[Any], sql: str, values: tuple[Any, ...] = ()) -> Any:
    row = link.execute(sql, values or None).fetchone()
    return row[0] if row is not None else None


def open_connection(path: ServerPath, *, readonly: bool, timeout: float) -> Connection:
    """Open a store on a server.

    Args:
        path: Its name.
        readonly: Write nothing.
        timeout: Seconds to wait for other writers, and for a server that went away.

    Raises:
        StoreError: The server does not answer or refuses, or the store is not there.
    """
    try:
        link = connect(path.conninfo, readonly=readonly)
    except psycopg.Error as error:
        raise unreachable(error, path) from None
    try:
        had = applied(link)
        if had is None:
            raise StoreError(
                "there is no store in this database yet",
                where=str(path),
                hint="Call `tui-annotate store init` once, with the same TUI_ANNOTATE_DB",
            )
        too_new = _is_newer(link)
        missing = [name for name in schema.MIGRATIONS if name not in had]
        if missing and not too_new:
            raise StoreError(
                "an older version of this program has made the store",
                where=str(path),
                hint="Make a backup, then call `tui-annotate store init` to bring it up to date",
            )
        dialect = Postgres(path, link, readonly=readonly or too_new)
    except psycopg.Error as error:
        link.close()
        raise failure_of(error, path) from error
    except BaseException:
        link.close()
        raise
    return Connection(dialect, path, timeout=timeout, readonly=readonly or too_new, too_new=too_new)
