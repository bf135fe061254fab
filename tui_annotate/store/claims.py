"""Claims: a task handed to one session for a while, on a clock that nobody sets back."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

from tui_annotate.records import NamedTuple
from tui_annotate.store.connection import Connection, Parameters
from tui_annotate.store.values import task_key
from tui_annotate.task.hashing import Identity

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

_FREE = """(claims.session_id IS NULL OR claims.session_id = excluded.session_id
    OR CASE WHEN claims.boot_id = excluded.boot_id AND claims.boot_id <> ''
        THEN claims.until_boot_ms <= ? ELSE claims.until_wall_ms <= ? END)"""

_CLAIM = f"""
INSERT INTO claims (dataset_id, job_id, pass, key, session_id, token, boot_id, until_boot_ms,
    until_wall_ms)
VALUES (?,?,?,?,?,1,?,?,?)
ON CONFLICT (dataset_id, job_id, pass, key) DO UPDATE SET
    token = claims.token + (claims.session_id IS NOT excluded.session_id),
    session_id = excluded.session_id, boot_id = excluded.boot_id,
    until_boot_ms = excluded.until_boot_ms, until_wall_ms = excluded.until_wall_ms
WHERE {_FREE}"""  # noqa: S608

_ITS_KEY = "dataset_id = ? AND job_id = ? AND pass = ? AND key = ?"
_ITS_CLAIM = f"{_ITS_KEY} AND session_id = ? AND token = ?"
_TOKEN = f"SELECT token FROM claims WHERE {_ITS_KEY}"  # noqa: S608
_HELD = f"SELECT 1 FROM claims WHERE {_ITS_CLAIM}"  # noqa: S608
_RELEASE = f"UPDATE claims SET session_id = NULL WHERE {_ITS_CLAIM}"  # noqa: S608


class ClaimKey(NamedTuple):
    """What can be claimed: one task of a job on a dataset, in one pass."""

    dataset_id: int
    job_id: int
    identity: Identity
    pass_: int = 1


class Claim(NamedTuple):
    """A task handed to one session for a while.

    Attributes:
        token: Grows each time the task changes hands; an answer with an older one came late.
    """

    key: ClaimKey
    session_id: int
    token: int


class Clock(NamedTuple):
    """An instant on both clocks, in milliseconds.

    Attributes:
        boot_id: Which run of the machine `boot_ms` belongs to; "" where that cannot be told.
        boot_ms: Since the machine started, sleep included.
        wall_ms: Since 1970; only used between different runs or machines.
    """

    boot_id: str
    boot_ms: int
    wall_ms: int


def now() -> Clock:
    """Return the present instant."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    boot_ms = time.clock_gettime_ns(clock) // 1_000_000
    return Clock(_boot_id(), boot_ms, time.time_ns() // 1_000_000)


@cache
def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""


class Claims:
    """The claims of one store. What writes is called inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(
        self, key: ClaimKey, session_id: int, lease_ms: int, clock: Clock | None = None
    ) -> Claim | None:
        """Hand a task to a session for `lease_ms`, or renew its claim.

        Returns:
            None while another session's claim is running.
        """
        at = clock or now()
        lease = (at.boot_id, at.boot_ms + lease_ms, at.wall_ms + lease_ms)
        values = (*_bind(key), session_id, *lease, at.boot_ms, at.wall_ms)
        if self._connection.write(_CLAIM, values) != 1:
            return None
        row = self._connection.first(_TOKEN, _bind(key))
        return Claim(key, session_id, int(row[0]) if row else 1)

    def holds(self, claim: Claim) -> bool:
        """Return whether nobody else has had the task since, and it was not given back."""
        return self._connection.first(_HELD, _bind_claim(claim)) is not None

    def release(self, claim: Claim) -> bool:
        """Give a task back; False if it was the session's no longer. Tokens keep growing."""
        return self._connection.write(_RELEASE, _bind_claim(claim)) == 1


def _bind(key: ClaimKey) -> Parameters:
    return key.dataset_id, key.job_id, key.pass_, task_key(key.identity)


def _bind_claim(claim: Claim) -> Parameters:
    return *_bind(claim.key), claim.session_id, claim.token
