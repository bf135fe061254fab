"""Claims: a task handed to one session for a while, on a clock that nobody sets back; and who is at
work in a session, with the signs of life by which it keeps what it holds.

A task is held by those who have a claim on it that is running, and by those who have answered it.
It is handed out while it has fewer holders than annotations are wanted. A claim that has run out
stays until somebody else takes the task, so that whoever was only slow answers as if nothing had
been.

One heartbeat serves the claims of a session and the session itself. It is written every half
minute, within a transaction that is open anyway, or by itself where nothing is written for that
long.

Where a hundred people write, or a server is away, a session may wait for its turn to give one for
longer than a lease. Nobody can tell such a session from one that has died, but everybody who works
knows the own last sign of life: whoever could give none for long judges the claims of others by the
instant at which it was due, because the others may have been kept waiting as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.answer_identity import By, rule_of
from tui_annotate.store.connection import Connection, Parameters, task_key, text
from tui_annotate.store.records import Visit
from tui_annotate.task.hashing import Identity

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

# Bound by number: 1 dataset, 2 pass, 3 key, 4 session, 5 to 7 the clock by which the claims of
# others are judged, 8 to 11 the answers; in CLAIM also 12 job, 13 lease from that clock on,
# 14 people wanted, 15 how far that clock is behind the present.
_ITS_KEY = "dataset_id = ?1 AND pass = ?2 AND key = ?3"
_RUNS = """(CASE WHEN c.boot_id = ?5 AND c.boot_id <> ''
    THEN c.until_boot_ms > ?6 ELSE c.until_wall_ms > ?7 END)"""
_SAME = {
    "input": "a.input_key = ?8",
    "foreign": "a.input_key = ?8 AND a.task_hash = ?10",
    "task": "a.input_key = ?8 AND (a.question_key = ?9"
    " OR (a.question_key IS NULL AND a.task_hash = ?10))",
}


def _answered_by(rule: str) -> str:
    """Return the query for the people beside a session who have answered a task."""
    return f"""
    SELECT s.annotator FROM current a JOIN sessions s ON s.id = a.session_id
    WHERE a.dataset_id = ?1 AND {_SAME[rule]} AND a.session_id <> ?4
        AND (?11 IS NULL OR a.pass = ?11)"""  # noqa: S608


def _others(rule: str) -> str:
    """Return the query for how many people beside a session hold a task."""
    return f"""
SELECT count(*) FROM (
    SELECT s.annotator FROM claims c JOIN sessions s ON s.id = c.session_id
    WHERE c.dataset_id = ?1 AND c.pass = ?2 AND c.key = ?3 AND c.session_id <> ?4 AND {_RUNS}
    UNION {_answered_by(rule)}) AS held"""  # noqa: S608


OTHERS = {rule: _others(rule) for rule in _SAME}
ANSWERED_BY = {
    rule: f"SELECT count(*) FROM (SELECT DISTINCT annotator"  # noqa: S608
    f" FROM ({_answered_by(rule)}) AS answered) AS people"
    for rule in _SAME
}
NEXT_TOKEN = f"SELECT coalesce(max(token), 0) + 1 FROM claims WHERE {_ITS_KEY}"  # noqa: S608
CLAIM = {
    rule: f"""
INSERT INTO claims (dataset_id, pass, key, session_id, job_id, token, claimed_at, boot_id,
    until_boot_ms, until_wall_ms)
SELECT ?1, ?2, ?3, ?4, ?12,
    ({NEXT_TOKEN}),
    (?7 + ?15) / 1000, ?5, ?6 + ?13, ?7 + ?13
WHERE ({OTHERS[rule]}) < ?14
ON CONFLICT (dataset_id, pass, key, session_id) DO UPDATE SET job_id = excluded.job_id,
    boot_id = excluded.boot_id, until_boot_ms = excluded.until_boot_ms,
    until_wall_ms = excluded.until_wall_ms"""
    for rule in _SAME
}
FORGET_RUN_OUT = f"""
DELETE FROM claims AS c WHERE {_ITS_KEY} AND session_id <> ?4 AND NOT {_RUNS}"""  # noqa: S608
_TOKEN = f"SELECT token FROM claims WHERE {_ITS_KEY} AND session_id = ?4"  # noqa: S608
_RELEASE = f"DELETE FROM claims WHERE {_ITS_KEY} AND session_id = ?4"  # noqa: S608
HELD = f"""
SELECT c.key, count(DISTINCT s.annotator) FROM claims c JOIN sessions s ON s.id = c.session_id
WHERE c.dataset_id = ?1 AND c.pass = ?2 AND c.session_id <> ?4 AND {_RUNS} AND ?3 IS NULL
GROUP BY c.key"""  # noqa: S608
_IN_HAND = f"""
SELECT count(*), max(CASE WHEN c.boot_id = ?5 AND c.boot_id <> ''
    THEN c.until_boot_ms - ?6 ELSE c.until_wall_ms - ?7 END)
FROM claims c WHERE c.session_id = ?4 AND {_RUNS} AND ?1 IS NULL AND ?2 IS NULL AND ?3 IS NULL"""  # noqa: S608
_RUNNING = f"""
SELECT s.annotator, c.claimed_at, c.key FROM claims c JOIN sessions s ON s.id = c.session_id
WHERE c.dataset_id = ?1 AND {_RUNS} AND ?2 IS NULL AND ?3 IS NULL AND ?4 IS NULL
ORDER BY c.claimed_at, s.annotator"""  # noqa: S608
_RENEW = f"""
UPDATE claims SET boot_id = ?5, until_boot_ms = ?6, until_wall_ms = ?7
WHERE {_ITS_KEY} AND session_id = ?4"""  # noqa: S608

LEASE_MS = 150_000
"""How long a claim runs without a sign of life: longer than a connection needs to be given up."""


class Claimed(NamedTuple):
    """What can be claimed: one task of a dataset, in one pass.

    Attributes:
        identity: Who the task is.
        by: Whether the claim is on the task, or on its input with every question about it.
        counted_pass: The pass whose answers count as holders; None for all of them.
    """

    dataset_id: int
    identity: Identity
    by: By = "task"
    pass_: int = 1
    counted_pass: int | None = None

    @property
    def key(self) -> bytes:
        """The bytes by which the task, or the input, is claimed."""
        return self.identity.input_key if self.by == "input" else task_key(self.identity)


class InProgress(NamedTuple):
    """A task in somebody's hand.

    Attributes:
        annotator: Whose.
        claimed_at: Since when, in seconds since 1970.
        key: The key of the task, or of its input; 16 bytes or more.
    """

    annotator: str
    claimed_at: int
    key: bytes


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

    def before(self, milliseconds: int) -> Clock:
        """Return the instant so long before."""
        return self._replace(
            boot_ms=self.boot_ms - milliseconds, wall_ms=self.wall_ms - milliseconds
        )


_NEVER = Clock("", 0, 0)
"""For questions in which time has no part."""


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
        self,
        task: Claimed,
        session_id: int,
        job_id: int,
        *,
        wanted: int = 1,
        lease_ms: int = LEASE_MS,
        clock: Clock | None = None,
        overdue_ms: int = 0,
    ) -> int | None:
        """Hand a task to a session, or renew its claim, unless enough others hold it.

        Args:
            task: The task.
            session_id, job_id: Who claims it, and in which job.
            wanted: How many people are to annotate it.
            lease_ms: How long the claim runs, in milliseconds.
            clock: The present instant.
            overdue_ms: How far back the claims of others are judged, in milliseconds
                (`Heartbeat.overdue_ms`).

        Returns:
            A number that is greater than that of each claim that the task has, or has had until
            it was claimed last; None where enough others hold the task.
        """
        judged = (clock or self._now()).before(overdue_ms)
        more = (job_id, lease_ms + overdue_ms, wanted, overdue_ms)
        values = (*_bind(task, session_id, judged), *more)
        if self._connection.write(CLAIM[rule_of(task.identity, task.by)], values) != 1:
            return None
        self._connection.write(FORGET_RUN_OUT, values[:7])
        return self.token(task, session_id)

    def token(self, task: Claimed, session_id: int) -> int | None:
        """Return the number of a session's claim on a task; None once somebody took the task."""
        row = self._connection.first(_TOKEN, _bind(task, session_id, _NEVER)[:4])
        return int(row[0]) if row else None

    def _now(self) -> Clock:
        """Return the present instant: that of the server, where several hosts share one."""
        shared = self._connection.dialect.server_ms()
        return now() if shared is None else Clock("", 0, shared)

    def holders(
        self,
        task: Claimed,
        session_id: int,
        clock: Clock | None = None,
        *,
        overdue_ms: int = 0,
    ) -> int:
        """Return how many people beside a session hold a task: by a claim, or by an answer."""
        sql, at = OTHERS[rule_of(task.identity, task.by)], clock or self._now()
        judged = _bind(task, session_id, at.before(overdue_ms))
        return int(self._connection.read(sql, judged)[0][0])

    def answered_by(self, task: Claimed, session_id: int) -> int:
        """Return how many people beside those of a session have answered a task."""
        sql = ANSWERED_BY[rule_of(task.identity, task.by)]
        return int(self._connection.read(sql, _bind(task, session_id, _NEVER))[0][0])

    def held(
        self,
        dataset_id: int,
        pass_: int,
        session_id: int,
        clock: Clock | None = None,
        *,
        overdue_ms: int = 0,
    ) -> dict[bytes, int]:
        """Return how many people beside a session have a claim on each key that others claim."""
        at = (clock or self._now()).before(overdue_ms)
        rows = self._connection.read(HELD, (dataset_id, pass_, None, session_id, *at))
        return {bytes(key): int(n) for key, n in rows}

    def in_hand(self, session_id: int, clock: Clock | None = None) -> tuple[int, int]:
        """Return how many claims of a session run, and the seconds until all of them have run out
        if it gives no sign of life; 0 where there is none."""
        at = clock or self._now()
        count, left = self._connection.read(_IN_HAND, (None, None, None, session_id, *at))[0]
        return int(count), int(left or 0) // 1000

    def in_progress(self, dataset_id: int, clock: Clock | None = None) -> list[InProgress]:
        """Return the tasks of a dataset that are in somebody's hand, the oldest first."""
        at = clock or self._now()
        rows = self._connection.read(_RUNNING, (dataset_id, None, None, None, *at))
        return [InProgress(str(row[0]), int(row[1]), bytes(row[2])) for row in rows]

    def release(self, task: Claimed, session_id: int) -> bool:
        """Give a task back; False if it was the session's no longer."""
        return self._connection.write(_RELEASE, _bind(task, session_id, _NEVER)[:4]) == 1

    def release_all(self, session_id: int) -> int:
        """Give back all that a session holds, and return how much that was."""
        return self._connection.write("DELETE FROM claims WHERE session_id = ?", (session_id,))

    def renew(
        self,
        tasks: Iterable[Claimed],
        session_id: int,
        lease_ms: int = LEASE_MS,
        clock: Clock | None = None,
    ) -> None:
        """Let claims of a session, as far as it has them still, run for `lease_ms` from now.

        Those of an earlier visit that it does not name run out.
        """
        at = clock or self._now()
        until = (at.boot_id, at.boot_ms + lease_ms, at.wall_ms + lease_ms)
        rows = ((*_bind(task, session_id, at)[:4], *until) for task in tasks)
        self._connection.write_many(_RENEW, rows)


def _bind(task: Claimed, session_id: int, clock: Clock) -> Parameters:
    identity = task.identity
    return (
        task.dataset_id,
        task.pass_,
        task.key,
        session_id,
        *clock,
        identity.input_key,
        identity.question_key,
        identity.task_hash,
        task.counted_pass,
    )


class Visits:
    """Who is at work in the sessions of one store. What writes is called inside
    `store.write_txn()`.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def enter(self, session_id: int, owner: str) -> Visit | None:
        """Note who is at work in a session now, and return the visit before.

        Args:
            session_id: Which session.
            owner: Who: host, process and when it started, say.

        Returns:
            The visit before, None for the first. One without an end was killed, or goes on.
        """
        before = self.newest(session_id)
        self._connection.write(
            "UPDATE sessions SET owner = ?1, opened_at = ?2, beat_at = ?2, closed_at = NULL"
            " WHERE id = ?3",
            (text(owner), self._connection.seconds(), session_id),
        )
        return before

    def newest(self, session_id: int) -> Visit | None:
        """Return the newest visit to a session; None before the first."""
        row = self._connection.first(
            "SELECT owner, opened_at, closed_at, beat_at FROM sessions WHERE id = ?", (session_id,)
        )
        return Visit(*row) if row and row[0] is not None else None

    def at_work(self, dataset_id: int, but: int, since: int) -> list[str]:
        """Return the annotators, sorted, who are at work in sessions of a dataset.

        Args:
            dataset_id: Which dataset.
            but: A session that does not count.
            since: Those who have given no sign of life since then are taken for gone.
        """
        rows = self._connection.read(
            "SELECT DISTINCT annotator FROM sessions WHERE dataset_id = ? AND id <> ?"
            " AND owner IS NOT NULL AND closed_at IS NULL AND beat_at >= ? ORDER BY annotator",
            (dataset_id, but, since),
        )
        return [str(row[0]) for row in rows]

    def leave(self, session_id: int, owner: str) -> bool:
        """Note a visit's end; False if somebody else has entered since."""
        changed = self._connection.write(
            "UPDATE sessions SET closed_at = ? WHERE id = ? AND owner = ?",
            (self._connection.seconds(), session_id, text(owner)),
        )
        return changed == 1


BEAT_EVERY = 30.0
"""Seconds between two signs of life."""


def _since_start() -> float:
    """Return the seconds since the machine started, sleep included where the system tells."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Heartbeat:
    """The heartbeat of one connection. `write` is called inside `store.write_txn()`.

    Args:
        connection: The database.
        clock: Seconds that only grow, also while the machine sleeps: after that a sign of life is
            due at once, because claims have run out by then.
    """

    def __init__(self, connection: Connection, clock: Callable[[], float] = _since_start) -> None:
        self._connection = connection
        self._claims = Claims(connection)
        self._clock = clock
        self._began = clock()
        self._written: float | None = None
        self._durable: float | None = None

    @property
    def is_due(self) -> bool:
        """Whether the last sign of life is half a minute old, or there was none."""
        return self._durable is None or self._clock() - self._durable >= BEAT_EVERY

    @property
    def overdue_ms(self) -> int:
        """For how long a sign of life has been due, in milliseconds: that far back the claims of
        others are judged. One who has just come is as if one had been given then."""
        last = self._began if self._durable is None else self._durable
        return max(0, int(1000 * (self._clock() - last - BEAT_EVERY)))

    def write(self, session_id: int, claims: Iterable[Claimed]) -> None:
        """Note that a session lives, and let what it holds run for a whole lease from now."""
        self._connection.write(
            "UPDATE sessions SET beat_at = ? WHERE id = ?", (self._connection.seconds(), session_id)
        )
        self._claims.renew(claims, session_id)
        self._written = self._clock()

    def committed(self) -> None:
        """The transaction is durable; one that fails leaves the sign of life due."""
        if self._written is not None:
            self._durable, self._written = self._written, None
