"""A sieve in memory: of most inputs it tells that no answer is on them, without the engine.

Reading a source of which little has been answered, row after row, asks the database one and the
same thing millions of times and hears no. Once that has gone on for a while, a table of bits is
made, two to four bytes for each answer and waiting task. One bit stands for its input, and an input
whose bit is not set has not been met: a Bloom filter with one hash, which the input's key is.

The table is dropped when the database changes. This connection's own changes are seen at once,
those of other processes within `FRESH` seconds: tasks are looked up longer ahead than that.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from tui_annotate.store.connection import Connection, Parameters

PATIENCE = 1000
"""Questions without a change after which a table is thought of."""

FRESH = 0.05

_QUESTIONS_EACH = 8
"""Making a table costs as much as one question for each eight tasks in it."""

_BITS_EACH = 16
_SMALLEST, _LARGEST = 1 << 16, 1 << 29
_PAGE = 10_000

AT_MOST = """
SELECT (SELECT coalesce(max(answer_id), 0) FROM current)
    + (SELECT coalesce(max(id), 0) FROM waiting)"""

ANSWERED = """
SELECT answer_id, input_key FROM current
WHERE answer_id > ? AND +dataset_id = ? ORDER BY answer_id LIMIT ?"""

_WAITING = "SELECT id, input_key FROM waiting WHERE id > ? ORDER BY id LIMIT ?"


class SeenFilter:
    """Tells which inputs cannot have been met in a dataset.

    Args:
        connection: The database.
        clock: Gives seconds that only grow.
    """

    def __init__(self, connection: Connection, clock: Callable[[], float] = time.monotonic) -> None:
        self._connection = connection
        self._clock = clock
        self._state = (0, -1)  # the dataset, and our own changes when the table was made
        self._bits = bytearray()  # a Bloom filter of one hash: the first bytes of an input's key
        self._mask = 0
        self._left, self._weighed = PATIENCE, False
        self._others = 0  # changes by other processes, as the engine counts them
        self._until = 0.0  # so long others are not asked about

    def holds_back(self, dataset_id: int, input_key: bytes) -> bool:
        """Return whether it is certain that a dataset has no answer on an input, and that it waits
        in no queue; False says nothing."""
        state = dataset_id, self._connection.own_changes
        if state != self._state:
            self._state = state
            self._drop()
        if not self._mask and not self._make(dataset_id):
            return False
        if self._clock() >= self._until and not self._holds():
            return False
        place = int.from_bytes(input_key[:4], "little") & self._mask
        return not self._bits[place >> 3] & 1 << (place & 7)

    def _drop(self) -> None:
        self._bits, self._mask = bytearray(), 0
        self._left, self._weighed = PATIENCE, False

    def _holds(self) -> bool:
        """Tell whether other processes have changed nothing; drop the table where one has."""
        self._until = self._clock() + FRESH
        if self._connection.others_changes() == self._others:
            return True
        self._drop()
        return False

    def _make(self, dataset_id: int) -> bool:
        """Make the table where that is worth it by now; tell whether it is there."""
        self._left -= 1
        if self._left > 0:
            return False
        at_most = int(self._connection.read(AT_MOST)[0][0])
        if not self._weighed:
            self._weighed = True
            self._left = at_most // _QUESTIONS_EACH - PATIENCE
            if self._left > 0:
                return False
        # Read before the table is filled, so that whatever changes meanwhile drops it.
        self._others = self._connection.others_changes()
        size = _SMALLEST
        while size < min(at_most * _BITS_EACH, _LARGEST):
            size *= 2
        self._bits, self._mask = bytearray(size // 8), size - 1
        self._fill(ANSWERED, (dataset_id,))
        self._fill(_WAITING, ())
        return True

    def _fill(self, sql: str, parameters: Parameters) -> None:
        bits, mask, after = self._bits, self._mask, 0
        while rows := self._connection.read(sql, (after, *parameters, _PAGE)):
            for _, key in rows:
                place = int.from_bytes(key[:4], "little") & mask
                bits[place >> 3] |= 1 << (place & 7)
            after = rows[-1][0]
