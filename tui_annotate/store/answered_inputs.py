"""What is answered on an input, and what a session has settled: asked of the rows of a source.

Whoever reads a source again asks row after row, mostly in the order in which the rows were
answered, and of a new source hears no. So the database is asked seldom, in two ways.

`AnsweredInputs` reads a batch: where an input has an answer, the inputs that were answered after it
are read with it, each with everything that is known of it, so the next rows cost no question.

`SeenFilter` tells of most inputs that no answer is on them, without the engine. Once a thousand
questions were answered with no, a table of bits is made, two to four bytes for each answer and
waiting task. One bit stands for its input, and an input whose bit is not set has not been met: a
Bloom filter with one hash, which the input's key is.

What was read is thrown away when the database changes. This connection's own changes are seen at
once, those of other processes within `FRESH` seconds: tasks are looked up longer ahead than that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.answer_identity import By
from tui_annotate.store.connection import Connection, Parameters
from tui_annotate.store.records import WaitingQueue
from tui_annotate.task.hashing import WHOLE_MARK, Identity

PATIENCE = 1000
"""Questions without a change after which a table is thought of."""

FRESH = 0.05

_QUESTIONS_EACH = 20
"""Making a table costs as much as two questions for each twenty tasks in it. Whoever has asked half
of these without a change is reading a source through, and asks on."""

_BITS_EACH = 16
_SMALLEST, _LARGEST = 1 << 16, 1 << 29
_FILTERED_AT_ONCE = 10_000

AT_MOST = """
SELECT (SELECT coalesce(max(answer_id), 0) FROM current)
    + (SELECT coalesce(max(id), 0) FROM waiting)"""

# Both from an index alone, in its order; equal keys give the same bit.
ANSWERED = """
SELECT input_key FROM current
WHERE dataset_id = ? AND input_key > ? ORDER BY input_key LIMIT ?"""

_WAITING_INPUTS = "SELECT input_key FROM waiting WHERE input_key > ? ORDER BY input_key LIMIT ?"


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
        self._fill(_WAITING_INPUTS, ())
        return True

    def _fill(self, sql: str, parameters: Parameters) -> None:
        bits, mask, after = self._bits, self._mask, b""
        while rows := self._connection.read(sql, (*parameters, after, _FILTERED_AT_ONCE)):
            for (key,) in rows:
                place = int.from_bytes(key[:4], "little") & mask
                bits[place >> 3] |= 1 << (place & 7)
            after = rows[-1][0]


BATCH = 500
"""Inputs that are read together."""

_HELD = 4
"""Batches that are held, so that several annotators may have answered the rows in turns."""

_USEFUL = 64
"""Inputs of a batch that must have been asked for, or fewer batches are read: reading one takes as
long as fifty questions."""

_SELDOM = 8
"""Questions that are asked one by one behind a batch that was of no use; twice as many after the
next one."""

_RARELY = 256
"""The most questions that are asked one by one before a batch is tried again."""

_FACTS = "c.input_key, c.question_key, c.task_hash, c.session_id, c.pass, c.cursor_id, c.answer_id"

ONE = f"SELECT {_FACTS} FROM current c WHERE c.dataset_id = ?1 AND c.input_key = ?2"  # noqa: S608

# The inputs first: all that is known of an input is read, whenever it was answered.
AFTER = f"""
WITH wanted AS (SELECT DISTINCT input_key FROM (SELECT input_key FROM current
    WHERE answer_id >= ?2 AND +dataset_id = ?1 ORDER BY answer_id LIMIT {BATCH}) AS newer)
SELECT {_FACTS} FROM wanted CROSS JOIN current c
WHERE c.dataset_id = ?1 AND c.input_key = wanted.input_key"""  # noqa: S608

_WAITS = """
SELECT input_key, question_key, task_hash, dataset_id, job_id, session_id, pass FROM waiting
WHERE input_key = ?"""

_MANY_WAITING = 10_000
"""Waiting tasks up to which their inputs are held; of more, each is asked for."""

_OFTEN = 50
"""Questions about what waits, without a change, after which all its inputs are read."""

_WAITING_KEYS = f"SELECT input_key FROM waiting LIMIT {_MANY_WAITING + 1}"  # noqa: S608


class AnswerOnInput(NamedTuple):
    """One current answer on an input, as far as telling tasks apart needs it."""

    question_key: bytes | None
    task_hash: int
    session_id: int
    pass_: int
    cursor_id: int | None

    def is_to(self, identity: Identity) -> bool:
        """Tell whether it answers a task whose input is this one."""
        own = self.question_key
        if identity.question_key is None or own is None:
            return self.task_hash == identity.task_hash
        if own == identity.question_key:
            return True
        # An imported answer to "all spans of this text" is one to the row that it was given on.
        return own.startswith(WHOLE_MARK) and self.task_hash == identity.task_hash


_Facts = tuple[AnswerOnInput, ...]


class AnsweredInputs:
    """Tells what a dataset has on an input, and what waits of it.

    Args:
        connection: The database.
        clock: Gives seconds that only grow.
    """

    def __init__(self, connection: Connection, clock: Callable[[], float] = time.monotonic) -> None:
        self._connection = connection
        self._clock = clock
        self._state = (0, -1)
        self._others = 0
        self._until = 0.0
        self._batches: list[dict[bytes, _Facts]] = []  # the newest first
        self._used = _USEFUL  # hits since the last batch was read: whether batches pay
        self._left = self._pause = 0  # single questions until a batch is tried again
        self._last: tuple[bytes, _Facts] | None = None
        self._waiting: frozenset[bytes] | None = None
        self._waits_asked = 0

    def on(self, dataset_id: int, input_key: bytes) -> tuple[AnswerOnInput, ...]:
        """Return the current answers of a dataset on an input, to whatever question."""
        last = self._last
        if last is not None and last[0] is input_key and self._state == self._now(dataset_id):
            return last[1]  # asked for in several ways, one after another
        if self.holds(dataset_id, input_key):
            assert self._last is not None
            return self._last[1]
        found = self._read(dataset_id, input_key)
        self._last = (input_key, found)
        return found

    def holds(self, dataset_id: int, input_key: bytes) -> bool:
        """Tell whether what is known of an input is at hand without asking the engine."""
        if not self._batches:
            return False
        self._check(dataset_id)
        for batch in self._batches:
            found = batch.get(input_key)
            if found is not None:
                self._used += 1
                self._last = (input_key, found)
                return True
        return False

    def at_hand(self) -> tuple[Mapping[bytes, tuple[AnswerOnInput, ...]], ...]:
        """Return what was read by now and still holds, by input; another thread may look at it."""
        self._check(self._state[0])
        return tuple(self._batches)  # what is in one never changes

    def may_wait(self, input_key: bytes) -> bool:
        """Return False where it is certain, without the engine, that an input waits in no queue."""
        self._check(self._state[0])
        if self._waiting is None:
            self._waits_asked += 1
            if self._waits_asked <= _OFTEN:
                return True
            keys = self._connection.read(_WAITING_KEYS)
            self._waiting = frozenset(row[0] for row in keys)
        return input_key in self._waiting or len(self._waiting) > _MANY_WAITING

    def waits(self, queue: WaitingQueue, identity: Identity) -> bool:
        """Tell whether a task waits in a queue."""
        if not self.may_wait(identity.input_key):
            return False
        rows = self._connection.read(_WAITS, (identity.input_key,))
        return any(_is_waiting(row, queue, identity) for row in rows)

    def _now(self, dataset_id: int) -> tuple[int, int]:
        return dataset_id, self._connection.own_changes

    def _check(self, dataset_id: int) -> None:
        """Throw away what was read where the database has changed since."""
        state = self._now(dataset_id)
        if state == self._state and self._clock() < self._until:
            return
        others = self._connection.others_changes()
        if state != self._state or others != self._others:
            self._batches.clear()
            self._last = self._waiting = None
            self._waits_asked = 0
        self._state, self._others, self._until = state, others, self._clock() + FRESH

    def _read(self, dataset_id: int, input_key: bytes) -> _Facts:
        """Read what is known of an input, and of those answered after it where that is useful."""
        rows = self._connection.read(ONE, (dataset_id, input_key))
        if not rows:
            return ()
        if self._left > 0:
            self._left -= 1
            return _facts(rows)[input_key]
        if self._used < _USEFUL:
            # Rows come in another order than answers: each time it is tried again half as often.
            self._pause = min(_RARELY, max(2 * self._pause, _SELDOM))
            self._left, self._used = self._pause, _USEFUL
            return _facts(rows)[input_key]
        if self._used >= BATCH // 2:
            self._pause = 0
        batch = _facts(self._connection.read(AFTER, (dataset_id, rows[-1][-1])))
        self._batches.insert(0, batch)
        del self._batches[_HELD:]
        self._used = 0
        return batch.get(input_key) or _facts(rows)[input_key]


def _facts(rows: Sequence[tuple[Any, ...]]) -> dict[bytes, _Facts]:
    found: dict[bytes, _Facts] = {}
    for row in rows:
        key, answer = row[0], AnswerOnInput._make(row[1:-1])
        others = found.get(key)
        found[key] = (answer,) if others is None else (*others, answer)
    return found


def _is_waiting(row: tuple[Any, ...], queue: WaitingQueue, identity: Identity) -> bool:
    _, question_key, task_hash, *where = row
    if identity.question_key is not None:
        same = question_key == identity.question_key
    else:
        same = task_hash == identity.task_hash
    return same and tuple(where) == (
        queue.dataset_id,
        queue.job_id,
        queue.session_id,
        queue.pass_,
    )


SettledTask: TypeAlias = tuple[Identity, int | None]
"""Who a task is, and the row of its source that it was made from, where that is known."""

_IDENTITY = "input_hash, task_hash, input_key, question_key"
_TASKS_AT_ONCE = 1000

MET = """
SELECT 1 WHERE EXISTS (SELECT 1 FROM current WHERE dataset_id = ?1 AND input_key = ?2)
    OR EXISTS (SELECT 1 FROM waiting WHERE input_key = ?2)"""


class SettledTasks:
    """Reads the identities of tasks that are answered or waiting; each page is one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._seen_filter = SeenFilter(connection)
        self._inputs = AnsweredInputs(connection)

    def behind(self, cursor_id: int, row: int) -> Iterator[SettledTask]:
        """Yield the tasks of one cursor that were made of rows after `row`, or of no known row."""
        for where in ("t.row > ?", "t.row IS NULL AND ? >= 0"):
            condition = f"t.cursor_id = ? AND {where}"
            yield from self._answers(condition, (cursor_id, row))
            yield from self._waiting(condition, (cursor_id, row))

    def all(self, session_id: int, pass_: int) -> Iterator[SettledTask]:
        """Yield every task of a session in one pass, as often as it is settled."""
        yield from self._answers("c.session_id = ? AND c.pass = ?", (session_id, pass_))
        yield from self._waiting("t.session_id = ? AND t.pass = ?", (session_id, pass_))

    def met(self, dataset_id: int, identity: Identity) -> bool:
        """Return whether a dataset has an answer on an input, or it waits anywhere: of most rows
        neither holds, and one statement tells."""
        if self._inputs.holds(dataset_id, identity.input_key):
            return True
        if self._seen_filter.holds_back(dataset_id, identity.input_key):
            return False
        return bool(self._connection.read(MET, (dataset_id, identity.input_key)))

    def known(
        self,
        dataset_id: int,
        identity: Identity,
        by: By = "task",
        session_id: int | None = None,
        *,
        pass_: int | None = None,
        cursor_id: int | None = None,
    ) -> bool:
        """Return what `Answers.known` does for one dataset, asked for row after row.

        What other processes have written is seen within `FRESH` seconds.
        """
        for answer in self._inputs.on(dataset_id, identity.input_key):
            if session_id is not None and answer.session_id != session_id:
                continue
            if pass_ is not None and answer.pass_ != pass_:
                continue
            if cursor_id is not None and answer.cursor_id != cursor_id:
                continue
            if by == "input" or answer.is_to(identity):
                return True
        return False

    def at_hand(self) -> tuple[Mapping[bytes, tuple[AnswerOnInput, ...]], ...]:
        """Return the answers that are known without asking the engine, by input."""
        return self._inputs.at_hand()

    def may_wait(self, identity: Identity) -> bool:
        """Return False where it is certain, without the engine, that a task waits in no queue."""
        return self._inputs.may_wait(identity.input_key)

    def is_waiting(self, queue: WaitingQueue, identity: Identity) -> bool:
        """Return whether a task waits in a queue."""
        return self._inputs.waits(queue, identity)

    def _answers(self, condition: str, parameters: Parameters) -> Iterator[SettledTask]:
        table = "current c JOIN answers t ON t.id = c.answer_id"
        return self._pages(table, "c.answer_id", condition, tuple(parameters))

    def _waiting(self, condition: str, parameters: Parameters) -> Iterator[SettledTask]:
        return self._pages("waiting t", "t.id", condition, tuple(parameters))

    def _pages(
        self, table: str, key: str, condition: str, parameters: Parameters
    ) -> Iterator[SettledTask]:
        columns = ", ".join(f"t.{name}" for name in _IDENTITY.split(", "))
        sql = f"SELECT {key}, {columns}, t.row FROM {table} WHERE {condition} AND {key} > ?"  # noqa: S608
        after = 0
        while True:
            rows = self._connection.read(
                f"{sql} ORDER BY {key} LIMIT {_TASKS_AT_ONCE}", (*parameters, after)
            )
            if not rows:
                return
            for row in rows:
                yield Identity(row[1], row[2], row[3], row[4]), row[5]
            after = rows[-1][0]
