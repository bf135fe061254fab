"""Sets of tasks: those that were settled in earlier sessions, and those that are being asked."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable

from tui_annotate.task.hashing import Identity
from tui_annotate.waiting import here

_REMEMBERED = 1024
_PART_SHIFT = 56
_OFTEN = 1023
_PARTS = 1 << (64 - _PART_SHIFT)
_32, _64 = 2**32 - 1, 2**64 - 1
_ODD, _OTHER_ODD = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F


def same_task(one: Identity, other: Identity) -> bool:
    """Tell whether two tasks are one: equal inputs and questions.

    Where only a foreign task hash is known of one of them, the task hashes decide.
    """
    if one.input_key != other.input_key:
        return False
    if one.question_key is None or other.question_key is None:
        return one.task_hash == other.task_hash
    return one.question_key == other.question_key


class TaskMultiset:
    """A multiset of tasks that can only shrink: 9 bytes for each of them.

    It keeps 64 bits of a task, which may collide; the caller confirms what it takes. The keys are
    kept in parts, by their highest bits, so that sorting them takes little beside what is kept.

    Args:
        settled: The tasks, each as often as it was settled, with the rows they were made from.
        by_row: Tell equal tasks apart by their rows; a task of no known row counts for none.
    """

    def __init__(
        self, settled: Iterable[tuple[Identity, int | None]] = (), *, by_row: bool = False
    ) -> None:
        self._by_row = by_row
        self._parts = [array("Q") for _ in range(_PARTS)]
        self._left = 0
        waiting = here()
        with waiting.on("reading what is answered", unit="answers"):
            for identity, row in settled:
                key = self._key(identity, row)
                self._parts[key >> _PART_SHIFT].append(key)
                self._left += 1
                if not self._left & _OFTEN:
                    waiting.at(self._left)
        self._parts = [array("Q", sorted(part)) for part in self._parts]
        self._taken = [bytearray(len(part)) for part in self._parts]

    def __len__(self) -> int:
        return self._left

    def find(self, identity: Identity, row: int | None) -> tuple[int, int] | None:
        """Return where such a task is in it, for `take`; None where none is."""
        if not self._left:
            return None
        key = self._key(identity, row)
        number = key >> _PART_SHIFT
        part, taken = self._parts[number], self._taken[number]
        at = bisect_left(part, key)
        while at < len(part) and part[at] == key:
            if not taken[at]:
                return number, at
            at += 1
        return None

    def take(self, place: tuple[int, int]) -> None:
        """Take the task out that `find` has found."""
        self._taken[place[0]][place[1]] = 1
        self._left -= 1

    def _key(self, identity: Identity, row: int | None) -> int:
        # Equal tasks have equal task hashes even where one of them has no question key.
        mixed = (identity.task_hash & _32) * _ODD
        if self._by_row and row:
            mixed ^= row * _OTHER_ODD
        return int.from_bytes(identity.input_key[:8], "little") ^ (mixed & _64)


class InFlight:
    """Tasks that were asked and not settled, and the last ones that were.

    A settled task is remembered for a while, so that it counts as asked even before the
    transaction that stores it is visible to lookups.
    """

    def __init__(self) -> None:
        self._tasks: dict[bytes, list[tuple[Identity, int | None]]] = {}
        self._settled: deque[tuple[Identity, int | None]] = deque()

    def add(self, identity: Identity, row: int | None) -> None:
        """A task made from `row` is asked."""
        self._tasks.setdefault(identity.input_key, []).append((identity, row))

    def settle(self, identity: Identity, row: int | None) -> None:
        """A task is settled."""
        self._settled.append((identity, row))
        if len(self._settled) > _REMEMBERED:
            oldest = self._settled.popleft()
            found = self._tasks[oldest[0].input_key]
            found.remove(oldest)
            if not found:
                del self._tasks[oldest[0].input_key]

    def has_task(self, identity: Identity) -> bool:
        """Tell whether this question is being asked."""
        asked = self._tasks.get(identity.input_key)
        return asked is not None and any(same_task(other, identity) for other, _ in asked)

    def has_input(self, identity: Identity, row: int | None) -> bool:
        """Tell whether a task of another row asks about this input."""
        asked = self._tasks.get(identity.input_key, ())
        return any(row is None or other != row for _, other in asked)
