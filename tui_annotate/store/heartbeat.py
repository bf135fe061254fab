"""Signs of life: what a session holds stays its own while it gives one every half minute.

One heartbeat serves the claims of a session and the session itself. It is written within a
transaction that is open anyway, or by itself where nothing is written for that long.

Where a hundred people write, or a server is away, a session may wait for its turn to give one for
longer than a lease. Nobody can tell such a session from one that has died, but everybody who works
knows the own last sign of life: whoever could give none for long judges the claims of others by the
instant at which it was due, because the others may have been kept waiting as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from tui_annotate.store.claims import Claimed, Claims
from tui_annotate.store.connection import Connection

EVERY = 30.0
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
        return self._durable is None or self._clock() - self._durable >= EVERY

    @property
    def overdue_ms(self) -> int:
        """For how long a sign of life has been due, in milliseconds: that far back the claims of
        others are judged. One who has just come is as if one had been given then."""
        last = self._began if self._durable is None else self._durable
        return max(0, int(1000 * (self._clock() - last - EVERY)))

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
