"""How a connection to a PostgreSQL server is made, with everything that holds for it alone, and
what its errors mean."""

from __future__ import annotations

import logging
import os
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import adapt
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumperUnknown

from tui_annotate.errors import (
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreLost,
    StoreReadOnly,
    StoreUnavailable,
    WriteConflict,
)

if TYPE_CHECKING:
    from tui_annotate.server_path import ServerPath


# What it logs about a broken connection is said by our own errors. Without a handler Python would
# write it to standard error, which is the screen.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

LOCK_SLICE = 0.5
"""Seconds that a writer stands in the server's queue before it tells that it waits."""

CONNECT_SECONDS = 5
"""Seconds that one attempt to reach the server may take."""

_KEEPALIVES = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""A host that went away without a word is noticed within half a minute."""

_SETTINGS = f"""
SET lock_timeout = '{int(LOCK_SLICE * 1000)}ms';
SET idle_in_transaction_session_timeout = '60s';
SET standard_conforming_strings = on;
SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') = 'off'"""


class _Bool(Int8Dumper):  # type: ignore[misc, unused-ignore]
    """The store keeps yes and no as numbers."""

    def dump(self, obj: Any) -> bytes:
        return b"1" if obj else b"0"


class _Text(StrDumperUnknown):  # type: ignore[misc, unused-ignore]
    """Text of PostgreSQL cannot hold U+0000, which is written as an escape."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\\x00") if "\0" in obj else obj)


class _Whole(adapt.Loader):  # type: ignore[misc, unused-ignore]
    """Sums of whole numbers come as decimal numbers."""

    def load(self, data: Any) -> int | float:
        text = bytes(data).decode()
        return int(text) if "." not in text else float(text)


def connect(conninfo: str, *, readonly: bool = False) -> psycopg.Connection[Any]:
    """Connect to a server, with everything set that holds for one connection only.

    Raises:
        psycopg.Error: It does not answer, or refuses.
    """
    link: psycopg.Connection[Any] = psycopg.connect(
        conninfo,
        autocommit=True,
        cursor_factory=psycopg.RawCursor,
        **_defaults(conninfo),
    )
    try:
        adapters = link.adapters
        adapters.register_dumper(int, Int8Dumper)
        adapters.register_dumper(bool, _Bool)
        adapters.register_dumper(str, _Text)
        adapters.register_loader("numeric", _Whole)
        link.execute(_SETTINGS)
        _use_local_time(link)
        if readonly:
            link.execute("SET default_transaction_read_only = on")
    except BaseException:
        link.close()
        raise
    return link


def _use_local_time(link: psycopg.Connection[Any]) -> None:
    """Have days begin and end where this host has them, as they do in a file."""
    zone = os.environ.get("TZ", "").lstrip(":")
    if not zone:
        zone = os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    try:
        if zone:
            link.execute("SELECT set_config('TimeZone', $1, false)", (zone,))
            return
    except psycopg.errors.InvalidParameterValue:
        pass  # the server has no zone of that name
    offset = datetime.now().astimezone().utcoffset()
    link.execute("SELECT set_config('TimeZone', $1, false)", (_fixed_zone(offset),))


def _fixed_zone(offset: timedelta | None) -> str:
    """Return a zone that is always as far from UTC, as POSIX writes it: west is positive."""
    minutes = round((offset or timedelta()).total_seconds() / 60)
    sign = "-" if minutes >= 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"<here>{sign}{hours:02}:{rest:02}"


def _defaults(conninfo: str) -> dict[str, Any]:
    """Return what the name of the server does not say."""
    given = psycopg.conninfo.conninfo_to_dict(conninfo)
    wanted = {
        **_KEEPALIVES,
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "tui-annotate",
    }
    return {key: value for key, value in wanted.items() if key not in given}


RIVAL = "55P03"
"""What the server says to a writer that has stood in its queue for a while."""

# What else it says, by its codes (PostgreSQL's documentation, appendix A).
_RIVALS = frozenset({RIVAL, "40001", "40P01"})  # also: not serializable, a deadlock
_NO_LOGIN = frozenset({"28P01", "28000"})
_NO_DATABASE, _NO_CONNECTION_FREE = "3D000", "53300"
_NOT_REACHED = _NO_LOGIN | {_NO_DATABASE, _NO_CONNECTION_FREE, ""}
_BROKEN_OR_STOPPED = ("08", "57P")  # classes: the connection failed, the server was shut down
_NO_ROOM = frozenset({"53100", "53200"})  # on the disk, in memory
_NOT_ALLOWED = frozenset({"42501", "25006"})  # to this user, in a transaction that only reads
_DAMAGED = frozenset({"XX001", "XX002"})
_DOES_NOT_FIT, _NO_SUCH_VALUE = "23", "22"  # classes: a constraint, a value of its type


def lost(path: ServerPath) -> StoreLost:
    """Return the error for a connection that broke within a transaction."""
    return StoreLost(
        "the connection to the server was lost",
        where=str(path),
        hint="Nothing of this was stored; try again when the server answers",
    )


def server_message(error: BaseException) -> str:
    """Return what the server or the way to it says, in one line."""
    told = getattr(getattr(error, "diag", None), "message_primary", None) or str(error)
    return " ".join(told.split()).rstrip(".")


def unreachable(error: BaseException, path: ServerPath) -> StoreError:
    """Return the error for a server to which no connection is made."""
    state = getattr(error, "sqlstate", None)
    where, text = str(path), server_message(error)
    if path.password:
        text = text.replace(path.password, "…")
    lowered = text.lower()
    words = ("password", "authentication", "pg_hba", "not permitted to log in")
    # An error on the way to a connection has mostly no code, so that the server's words decide.
    is_missing = "does not exist" in lowered
    no_role = "role" in lowered and is_missing
    if state in _NO_LOGIN or no_role or any(each in lowered for each in words):
        return StoreUnavailable(
            "the server refuses the user or the password",
            where=where,
            hint="Check the name, and the password in it, in PGPASSWORD or in ~/.pgpass",
        )
    if state == _NO_DATABASE or ("database" in lowered and is_missing):
        return StoreUnavailable(
            "the server has no such database",
            where=where,
            hint="Make it with `createdb`, then call `tui-annotate store init`",
        )
    if state == _NO_CONNECTION_FREE or "too many" in lowered or "connection slots" in lowered:
        return StoreUnavailable(
            "the server has no free connection",
            where=where,
            hint="Try again when others have left, or raise its max_connections",
        )
    return StoreUnavailable(
        f"the server does not answer ({text})",
        where=where,
        hint="Check that it runs and can be reached from here; nothing was changed",
    )


def failure_of(error: BaseException, path: ServerPath, own_name: str | None = None) -> StoreError:
    """Return what an error of a server that answers means.

    Args:
        error: What it said.
        path: The store.
        own_name: The login, where it is that of an annotator in a store that has roles.
    """
    state, where = getattr(error, "sqlstate", None) or "", str(path)
    if state in _RIVALS:
        return StoreLocked(
            "the database is locked by another session that writes",
            where=where,
            hint="Nothing was changed; try again when it has finished",
        )
    if state in _NOT_REACHED or state.startswith(_BROKEN_OR_STOPPED):
        return unreachable(error, path)
    if state in _NO_ROOM:
        return StoreFull(
            f"the server has no room for it ({server_message(error)})",
            where=where,
            hint="Nothing was changed; make room there and try again",
        )
    if state in _NOT_ALLOWED:
        return StoreReadOnly(
            f"the server does not allow it ({server_message(error)})",
            where=where,
            hint="Ask whoever runs the server for the right; nothing was changed"
            if own_name is None
            else f"{own_name} may annotate; log in to the server as a lead for this",
        )
    if state in _DAMAGED:
        return StoreCorrupt(
            f"the database is damaged ({server_message(error)})",
            where=where,
            hint="Whoever runs the server has its backups; `tui-annotate backup` writes one too",
        )
    if state.startswith(_DOES_NOT_FIT):
        return WriteConflict(
            f"what was to be written no longer fits ({server_message(error)})", where=where
        )
    if state.startswith(_NO_SUCH_VALUE):
        return StoreError(f"a value cannot be stored ({server_message(error)})", where=where)
    return StoreError(f"the database failed ({server_message(error)})", where=where)
