"""Rows in: read where the recipe asks for them, entered in the ledger's book where that is kept.

A recipe's code may run on a thread of its own, and the rows are read there. What was read is noted
in order, and the ledger, on the session's thread, takes it up before it looks at a task.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from tui_annotate.errors import RecipeError, SourceError, TaskError
from tui_annotate.sources.base import BadRow, Position, Row, Source
from tui_annotate.stream.drops import LISTED, RowPlace, joined_detail
from tui_annotate.stream.early_failure import FirstRows
from tui_annotate.stream.records import Policy
from tui_annotate.stream.row_accounts import Notice, RowAccounts, RowEntry, enter
from tui_annotate.task.hashing import HashSettings, Identity, has_input
from tui_annotate.task.schema import INPUT_HASH, ROW_KEY, TASK_HASH, Task
from tui_annotate.waiting import here

_Good = tuple[RowEntry, Position, list[Notice]]

_REMEMBERED = 2048
"""Rows whose identities are kept for tasks that the recipe has not given yet."""

_TELL_EVERY = 500
"""Rows without a task after which it is said how many they are, and whoever leaves is heard."""


class ReferencedTask(dict[str, Any]):
    """A row as a task whose `keys()` are those of the row, without the reference to it.

    All copies, those of `items()` too, have the reference, so that a task made of a row is still
    known by it.
    """

    def keys(self) -> Any:
        """Return the keys of the row."""
        return {key: None for key in self if key != ROW_KEY}.keys()

    def __copy__(self) -> Task:
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Task:
        return {key: deepcopy(self[key], memo) for key in self}

    def __reduce__(self) -> Any:
        return dict, (dict(self),)


class RowReader:
    """Reads the rows of a source once, as hashed tasks with a private reference.

    Args:
        source: Where the rows come from.
        start: The first row to read.
        policy: Whether a bad row stops the reading, and which hashes are kept.
        settings: What the hashes are taken of.
        remembers: Whether `identity_of` is to be asked.

    Attributes:
        ended: The source has been read to its end, and all of it is in the book.
        takes_any: Rows are what lies in the file: one without an input has no hashes yet, because
            they are taken of what the recipe makes of it.
        incomplete: The last record, where it is not whole yet.
    """

    def __init__(
        self,
        source: Source,
        start: Position,
        policy: Policy,
        settings: HashSettings,
        *,
        remembers: bool = False,
    ) -> None:
        self.ended = False
        self.takes_any = False
        self.incomplete: BadRow | None = None
        self._source, self._start = source, start
        self._policy, self._settings = policy, settings
        self._first_rows = FirstRows(source.name, active=start.row == 0)
        self._started = False
        self._read_to_end = False
        self._noted: deque[_Good | BadRow] = deque()
        self._bad = 0
        self._identities: dict[int, Identity] | None = {} if remembers else None

    def rows(self) -> Iterator[Task]:
        """Yield the rows as tasks, reading only when asked to.

        Raises:
            Abandoned: The session ends.
            SourceError: Where the source cannot be read, the first 100 rows are bad for one
                reason, or any is under `policy.strict`.
            RecipeError: When called a second time.
        """
        if self._started:
            raise RecipeError("the stream was started twice", hint="Iterate over it only once")
        self._started = True
        waiting, bad = here(), 0
        for record in self._source.rows(self._start):
            waiting.record_read()
            if isinstance(record, BadRow):
                self._read_bad(record)
                task = None
            else:
                task = self._read(record)
            if task is not None:
                yield task
                continue
            bad += 1
            if bad % _TELL_EVERY == 0:  # what yields nothing is not counted elsewhere
                waiting.at(record.start.row + 1, f"{bad:,} of them no tasks")
        self._read_to_end = True
        self._first_rows.ended()

    def enter_into(self, book: RowAccounts) -> None:
        """Enter in the book what was read since the last time."""
        # In this order: what is noted before the end is in the queue once the end is seen.
        ended = self._read_to_end
        while True:
            try:
                noted = self._noted.popleft()
            except IndexError:  # also where the reader has the last one in hand
                break
            if isinstance(noted, BadRow):
                start, end = noted.start, noted.end
                count = end.row - start.row
                place = RowPlace(start.row + 1, start.line + 1, end.line, rows=count)
                book.bad(place, end, noted.reason, noted.detail)
                continue
            entry, end, notices = noted
            book.open(entry, end)
            for reason, detail in notices:
                book.drops.add("notice", reason, entry.place, detail)
        self.ended = ended

    def _read(self, record: Row) -> Task | None:
        try:
            by_input = self._policy.exclude_by == "input"
            entry, task, notices = enter(
                record, self._settings, rehash=self._policy.rehash, by_input=by_input
            )
        except TaskError as error:
            keys = tuple(record.data)
            self._read_bad(BadRow(error.reason, error.what, record.start, record.end, keys))
            return None
        self._first_rows.good()
        self._noted.append((entry, record.end, notices))
        row = task[ROW_KEY] = entry.place.row
        if self._identities is not None:
            self._identities[row] = entry.identity
            if len(self._identities) > _REMEMBERED:
                del self._identities[next(iter(self._identities))]
        if self.takes_any and not has_input(task, self._settings):
            task.pop(INPUT_HASH, None)
            task.pop(TASK_HASH, None)
        return task if self._identities is None else ReferencedTask(task)

    def identity_of(self, task: Task) -> Identity | None:
        """Return who a task is that came out of a recipe, on the recipe's thread and at no cost.

        None where that takes more: for all tasks of a row but the first, and where the recipe has
        set other hashes.
        """
        if self._identities is None or not isinstance(task, dict):
            return None
        row = task.get(ROW_KEY)
        found = self._identities.pop(row, None) if isinstance(row, int) else None
        if found is None:
            return None
        carried = task.get(INPUT_HASH), task.get(TASK_HASH)
        return found if carried == (found.input_hash, found.task_hash) else None

    def _read_bad(self, record: BadRow) -> None:
        if record.end == record.start:
            self.incomplete = record
            self._first_rows.incomplete(record)
            return
        if self._policy.strict:
            where = f"{self._source.name}:{record.start.line + 1}"
            raise SourceError(record.detail, where=where, hint="Without --strict it is left out")
        self._first_rows.bad(record)
        self._bad += 1
        if self._bad > LISTED:
            record = self._joined(record)
        self._noted.append(record)

    def _joined(self, record: BadRow) -> BadRow:
        """Return a bad row together with those of one reason that were noted right before it: no
        memory holds millions of them."""
        try:
            last = self._noted.pop()
        except IndexError:  # the session has taken up all of them meanwhile
            return record
        if isinstance(last, BadRow) and (last.reason, last.end) == (record.reason, record.start):
            detail = joined_detail(last.detail, record.detail)
            return BadRow(record.reason, detail, last.start, record.end)
        self._noted.append(last)
        return record
