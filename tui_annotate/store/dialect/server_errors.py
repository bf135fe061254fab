"""What a PostgreSQL server says, or the way to it, as this program's own errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

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

RIVAL = "55P03"
"""What the server says to a writer that has stood in its queue for a while."""


def lost(path: ServerPath) -> StoreLost:
    """Return the error for a connection that broke within a transaction."""
    return StoreLost(
        "the connection to the server was lost",
        where=str(path),
        hint="Nothing of this was stored; try again when the server answers",
    )


def said(error: BaseException) -> str:
    """Return what the server or the way to it says, in one line."""
    told = getattr(getattr(error, "diag", None), "message_primary", None) or str(error)
    return " ".join(told.split()).rstrip(".")


def unreachable(error: BaseException, path: ServerPath) -> StoreError:
    """Return the error for a server to which no connection is made."""
    state = getattr(error, "sqlstate", None)
    where, text = str(path), said(error)
    if path.password:
        text = text.replace(path.password, "…")
    lowered = text.lower()
    words = ("password", "authentication", "pg_hba", "not permitted to log in")
    no_role = "role" in lowered and "does not exist" in lowered
    if state in ("28P01", "28000") or no_role or any(each in lowered for each in words):
        return StoreUnavailable(
            "the server refuses the user or the password",
            where=where,
            hint="Check the name, and the password in it, in PGPASSWORD or in ~/.pgpass",
        )
    if state == "3D000" or ("database" in lowered and "does not exist" in lowered):
        return StoreUnavailable(
            "the server has no such database",
            where=where,
            hint="Make it with `createdb`, then call `tui-annotate store init`",
        )
    if state == "53300" or "too many" in lowered or "connection slots" in lowered:
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
    if state in (RIVAL, "40001", "40P01"):
        return StoreLocked(
            "the database is locked by another session that writes",
            where=where,
            hint="Nothing was changed; try again when it has finished",
        )
    if state in ("28P01", "28000", "3D000", "53300", "") or state.startswith(("08", "57P")):
        return unreachable(error, path)
    if state in ("53100", "53200"):
        return StoreFull(
            f"the server has no room for it ({said(error)})",
            where=where,
            hint="Nothing was changed; make room there and try again",
        )
    if state in ("42501", "25006"):
        return StoreReadOnly(
            f"the server does not allow it ({said(error)})",
            where=where,
            hint="Ask whoever runs the server for the right; nothing was changed"
            if own_name is None
            else f"{own_name} may annotate; log in to the server as a lead for this",
        )
    if state in ("XX001", "XX002"):
        return StoreCorrupt(
            f"the database is damaged ({said(error)})",
            where=where,
            hint="Whoever runs the server has its backups; `tui-annotate backup` writes one too",
        )
    if state.startswith("23"):
        return WriteConflict(f"what was to be written no longer fits ({said(error)})", where=where)
    if state.startswith("22"):
        return StoreError(f"a value cannot be stored ({said(error)})", where=where)
    return StoreError(f"the database failed ({said(error)})", where=where)
