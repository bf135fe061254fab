"""The books of the ledger: rows in flight, each with who its tasks are, and of the others numbers;
tasks that are being asked, and those that were settled in earlier sessions.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeGuard

from tui_annotate.sources.base import Position, Row
from tui_annotate.store.records import OWN_ANSWER, DropKind
from tui_annotate.stream.drops import DropList, RowPlace
from tui_annotate.stream.records import RowCounts
from tui_annotate.task.hash_body import HashSettings
from tui_annotate.task.hashing import Identity, blake2b, has_input, identify, input_key_of
from tui_annotate.task.schema import ADDED_TO_SPANS, INPUT_HASH, TASK_HASH, Task, check_options
from tui_annotate.waiting import here

Notice = tuple[str, str]


@dataclass(eq=False, repr=False, slots=True)
class RowEntry:
    """A row that was read and is not settled.

    Attributes:
        start: The position before it.
        place: Its number and lines.
        identity: Taken when it entered, before the recipe changed anything.
        asked: How many of its tasks were asked, now or in an earlier session.
        pending: Ordinals of those that are not settled.
        inputs: Input keys of the tasks asked.
        refusals: Kind, reason and detail of its tasks that are not asked.
        closed: The recipe gives no more tasks of it.
        remarks: What its loader and its entering have to say of it.
    """

    start: Position
    place: RowPlace
    identity: Identity
    asked: int = 0
    pending: set[int] = field(default_factory=set)
    inputs: tuple[bytes, ...] = ()
    refusals: list[tuple[DropKind, str, str]] = field(default_factory=list)
    closed: bool = False
    remarks: tuple[str, ...] = ()

    @property
    def given(self) -> int:
        """How many tasks the recipe has made of it."""
        return self.asked + len(self.refusals)

    def ask(self, identity: Identity, *, settled: bool = False) -> int:
        """Note one task that is asked, or was in an earlier session; return its ordinal."""
        ordinal = self.given
        self.asked += 1
        if identity.input_key not in self.inputs:
            self.inputs = (*self.inputs, identity.input_key)
        if not settled:
            self.pending.add(ordinal)
        return ordinal


def enter(
    record: Row, settings: HashSettings, *, rehash: bool = False, by_input: bool = False
) -> tuple[RowEntry, Task, list[Notice]]:
    """Return the entry of a row, its task with hashes, and remarks as (reason, detail).

    An input hash that does not fit the input is taken anew, and the task hash beside it goes; but a
    row that code has made keeps what the code has set.

    Args:
        record: The row.
        settings: What hashes are taken of.
        rehash: Take the hashes anew, whatever the row carries.
        by_input: Whether an input is asked about only once.

    Raises:
        TaskError: Where the row cannot be hashed.
    """
    task, start, end, remarks, _file, made_by_code = record
    carried_input, carried_task = task.pop(INPUT_HASH, None), task.pop(TASK_HASH, None)
    identity = identify(task, settings)
    notices = [("remark", text) for text in remarks] if remarks else []
    if made_by_code and not rehash:
        identity = _as_set(task, identity, (carried_input, carried_task), settings, by_input)
    elif carried_input is None or rehash:
        pass  # the hashes that were taken just now are those of the row
    elif carried_input == identity.input_hash:
        identity = _with_carried(task, identity, carried_task)
    else:
        notices.append(("foreign-hash", "its hashes are not those of its input; taken anew"))
    first_line = start.line + 1
    is_held = end == start
    place = RowPlace(start.row + 1, first_line, max(end.line, first_line), is_held)
    entry = RowEntry(start, place, identity)
    if notices:
        entry.remarks = tuple(detail for _, detail in notices)
    return entry, task, notices


def identity_of(
    task: Task, entry: RowEntry | None, settings: HashSettings, *, by_input: bool = False
) -> Identity:
    """Return who a task is that came out of a recipe, and set its hashes.

    The identity taken at entry holds, whatever was added since, unless the recipe has set other
    hashes. Further tasks of one row that still carry the row's hashes are told apart by content.

    Args:
        task: The task; its hashes are set.
        entry: The row that it was made from, if that is known.
        settings: What hashes are taken of.
        by_input: Whether an input is asked about only once.

    Raises:
        TaskError: Where the task cannot be hashed, or not be answered.
    """
    if "options" in task:
        check_options(task)
    carried = task.get(INPUT_HASH), task.get(TASK_HASH)
    if entry is not None and carried == (entry.identity.input_hash, entry.identity.task_hash):
        if not entry.asked and not entry.refusals:
            return entry.identity
        carried = (None, None)
    task.pop(INPUT_HASH, None)
    task.pop(TASK_HASH, None)
    return _as_set(task, identify(task, settings), carried, settings, by_input)


def _as_set(
    task: Task,
    own: Identity,
    carried: tuple[object, object],
    settings: HashSettings,
    by_input: bool,
) -> Identity:
    """Return the identity of a task whose hashes code has set.

    An input hash of another kind says what the code takes for one input. If an input is asked about
    only once, it makes the input's key, so that equal texts with two such hashes are both asked.
    """
    if _is_hash(carried[1]) and carried[1] != own.task_hash:
        own = _before_tokens(task, carried[1], own, settings)
    if _is_hash(carried[0]) and carried[0] != own.input_hash:
        task[INPUT_HASH] = carried[0]
        key = own.input_key
        if not has_input(task, settings):
            key = _key_as_set(carried[0])
        elif by_input:
            key = blake2b(b"%b%d" % (key, carried[0]), digest_size=16).digest()
        own = Identity(carried[0], own.task_hash, key, own.question_key)
    return _with_carried(task, own, carried[1])


def _key_as_set(input_hash: int) -> bytes:
    return blake2b(b"as set %d" % input_hash, digest_size=16).digest()


def former_identity(
    task: Task, identity: Identity, settings: HashSettings, *, by_input: bool = False
) -> Identity | None:
    """Return who else a task may have been when it was answered, where an input hash that code has
    set makes its key now; None for every other task.

    Without any key of an input the whole task was the key in earlier versions, so that a time in
    it, or another order of its options, made it another task in every session. Where an input is
    asked about only once, imported answers, and those of a job that asks by task, have the key of
    the text itself.
    """
    if has_input(task, settings):
        if not by_input:
            return None
    elif identity.input_key != _key_as_set(identity.input_hash):
        return None
    own = input_key_of(task, settings)
    return None if own == identity.input_key else identity._replace(input_key=own)


def _before_tokens(task: Task, task_hash: int, own: Identity, settings: HashSettings) -> Identity:
    """Return the identity that a task had before its spans got their text and token numbers, where
    its task hash was taken then; `own` otherwise.

    What was answered before a recipe gave them is then still known by all that it was known by.
    """
    spans = task.get("spans")
    if not isinstance(spans, list) or not all(isinstance(each, dict) for each in spans):
        return own
    bare = {key: value for key, value in task.items() if key not in (INPUT_HASH, TASK_HASH)}
    for added in (ADDED_TO_SPANS, ("text",)):
        before = [{k: v for k, v in each.items() if k not in added} for each in spans]
        found = identify({**bare, "spans": before}, settings)
        if found.task_hash == task_hash:
            task[TASK_HASH] = task_hash
            return found
    return own


def _with_carried(task: Task, own: Identity, task_hash: object) -> Identity:
    """Keep a task hash that the task came with; what it was taken of is not known."""
    if not _is_hash(task_hash) or task_hash == own.task_hash:
        return own
    task[TASK_HASH] = task_hash
    return Identity(own.input_hash, task_hash, own.input_key, None)


def _is_hash(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31


class RowAccounts:
    """Rows in flight in their order, drops that are not written yet, and counts.

    Args:
        start: Where reading starts.
    """

    def __init__(self, start: Position) -> None:
        self.counts = RowCounts()
        self.drops = DropList(lambda: self._entries)
        self._entries: OrderedDict[int, RowEntry] = OrderedDict()
        self._end = start
        self._closed_to = start.row

    @property
    def here(self) -> RowPlace:
        """Where reading stands: the place for remarks that belong to no row in particular."""
        return RowPlace(self._end.row, self._end.line, self._end.line)

    @property
    def read_to(self) -> Position:
        """The end of what was read."""
        return self._end

    def cursor(self) -> Position:
        """Return the position before the first row in flight, or the end of what was read."""
        if self._entries:
            return next(iter(self._entries.values())).start
        return self._end

    def get(self, row: int | None) -> RowEntry | None:
        """Return the entry of a row in flight."""
        return None if row is None else self._entries.get(row)

    def open(self, entry: RowEntry, end: Position) -> None:
        """A row was read; it ends at `end`."""
        self._end = end
        self.counts.read += 1
        self.counts.open += 1
        self._entries[entry.place.row] = entry

    def bad(self, place: RowPlace, end: Position, reason: str, detail: str) -> None:
        """A row was read that cannot become a task, or several were; they end at `end`."""
        self._end = end
        self.counts.read += place.rows
        self._count_drop(reason, place.rows)
        self.drops.add("bad", reason, place, detail)

    def close(self, row: int) -> None:
        """A row gets no more tasks."""
        entry = self._entries.get(row)
        if entry is not None:
            entry.closed = True
            self.retire(entry)

    def close_before(self, row: int) -> None:
        """No row before this one gets more tasks."""
        if row == self._closed_to + 2:  # row after row, as most sources are read
            self.close(row - 1)
            self._closed_to = row - 1
        elif row > self._closed_to + 1:
            for lower in range(self._closed_to + 1, row):
                self.close(lower)
            self._closed_to = row - 1

    def close_all(self, *, without_tasks: bool) -> None:
        """No row gets more tasks; those that had none are dropped if `without_tasks`."""
        for row, entry in list(self._entries.items()):
            # Of a row without tasks nobody knows whether the recipe left it out, or has made tasks
            # of it that do not name it.
            if entry.given or without_tasks:
                self.close(row)

    def retire(self, entry: RowEntry) -> None:
        """Forget a row if its tasks have all come and are all settled."""
        if not entry.closed or entry.pending:
            return
        del self._entries[entry.place.row]
        counts = self.counts
        counts.open -= 1
        # A row of which something was asked is done, whatever else was refused of it. A row of
        # which nothing was asked is dropped for the last reason that one of its tasks had.
        if entry.asked:
            counts.settled += 1
            for _, reason, detail in entry.refusals:
                self.drops.add("notice", reason, entry.place, detail)
            return
        kind, reason, detail = entry.refusals[-1] if entry.refusals else ("policy", "filtered", "")
        self._count_drop(reason)
        if detail == OWN_ANSWER:
            self.counts.own[reason] = self.counts.own.get(reason, 0) + 1
        self.drops.add(kind, reason, entry.place, detail)

    def release_untracked(self) -> None:
        """Forget the rows without tasks: they are settled by tasks that do not name them."""
        for row, entry in list(self._entries.items()):
            if not entry.given:
                del self._entries[row]
                self.counts.open -= 1
                self.counts.untracked += 1

    def _count_drop(self, reason: str, count: int = 1) -> None:
        self.counts.dropped += count
        self.counts.reasons[reason] = self.counts.reasons.get(reason, 0) + count


_REMEMBERED = 1024
_PART_SHIFT = 56
_OFTEN = 1023
_PARTS = 1 << (64 - _PART_SHIFT)
_32, _64 = 2**32 - 1, 2**64 - 1
_ODD, _OTHER_ODD = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
"""Multiplied with one of these, small numbers differ in their highest bits too."""


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
