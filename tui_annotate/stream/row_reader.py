"""Reads rows when the recipe asks for them and enters them in the ledger. A source that gives
nothing but one kind of failure is stopped, with a hint at what would help.

A recipe's code may run on a thread of its own, and the rows are read there. What was read is noted
in order, and the ledger, on the session's thread, takes it up before it looks at a task.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from copy import deepcopy
from pathlib import PurePath
from typing import Any

from tui_annotate.errors import RecipeError, SourceError, TaskError
from tui_annotate.sources.base import BadRow, Position, Row, Source
from tui_annotate.sources.unread_marks import MarksWatch
from tui_annotate.stream.drops import LISTED, RowPlace, joined_detail
from tui_annotate.stream.records import Policy
from tui_annotate.stream.row_accounts import Notice, RowAccounts, RowEntry, enter
from tui_annotate.task.hash_body import HashSettings
from tui_annotate.task.hashing import Identity, has_input
from tui_annotate.task.schema import INPUT_HASH, ROW_KEY, TASK_HASH, Task
from tui_annotate.text.safe import shell_command
from tui_annotate.waiting import here

LOOKED_AT = 100
_SHOWN_KEYS = 8

_HINTS = {
    "not-utf8": "Name what it is in, such as `--encoding cp1252` or `--encoding utf-16`",
    "not-json": "Lists, objects over several lines and commas behind them are read by"
    " `--loader json`",
    "json5": "Take comments, single quotes and commas before closing brackets out: JSON has none",
    "not-finite": "Write null in the place of NaN and Infinity, which are no JSON",
    "not-object": 'Each row must be a JSON object such as {"text": "..."}; lines of lists are read'
    " by `--loader json`",
    "too-long": "Cut it into several rows, or see whether each row ends in a newline",
    "not-csv": "Is the delimiter the one of the header? Else name another loader with `--loader`",
    "open-quote": "Quotes inside a quoted field must be doubled",
}


class FirstRows:
    """Watches the first rows of a source.

    Args:
        name: What people call the source.
        active: False where reading does not start at the first row; nothing is watched then.
    """

    def __init__(self, name: str, *, active: bool = True) -> None:
        self._name = name
        self._active = active
        self._bad = 0
        self._last: BadRow | None = None

    def good(self) -> None:
        """A row is good: the source is what it should be."""
        self._active = False

    def bad(self, row: BadRow) -> None:
        """A row is bad.

        Raises:
            SourceError: Where it is the hundredth, and all were bad for one reason.
        """
        if not self._active:
            return
        if self._last is not None and self._last.reason != row.reason:
            self._active = False
            return
        self._bad += 1
        self._last = row
        if self._bad == LOOKED_AT:
            raise self._error(f"{LOOKED_AT} rows")

    def ended(self) -> None:
        """The source is at its end.

        Raises:
            SourceError: Where it had no rows at all, or all were bad for one reason.
        """
        if not self._active:
            return
        if self._last is None:
            raise SourceError("there are no rows in it", where=self._name)
        raise self._error("the only row" if self._bad == 1 else f"all {self._bad} rows")

    def ended_badly(self) -> None:
        """There are no more tasks; there may have been none.

        Raises:
            SourceError: There were some, and all were bad for one reason.
        """
        if self._last is not None:
            self.ended()

    def incomplete(self, row: BadRow) -> None:
        """The last record is not whole.

        Raises:
            SourceError: Where it is the only one.
        """
        if self._active and self._last is None:
            raise SourceError(row.detail, where=self._name, hint=hint_for(row))

    def _error(self, rows: str) -> SourceError:
        assert self._last is not None
        what = f"{self._last.detail} in {rows}"
        if self._last.reason not in ("no-input", "empty-input", "not-text"):
            what = f"{rows[0].upper()}{rows[1:]} cannot be read: {self._last.detail}"
        if self._last.keys:
            shown = ", ".join(self._last.keys[:_SHOWN_KEYS])
            what += f"; keys: {shown}{', …' if len(self._last.keys) > _SHOWN_KEYS else ''}"
        return SourceError(what, where=self._name, hint=hint_for(self._last))


def hint_for(row: BadRow) -> str | None:
    """Return what would help with a row that is bad for a reason that many rows may share."""
    if "pattern" in row.keys and {*row.keys} <= {"label", "pattern", "id"}:
        return "These are patterns, and no texts: a recipe takes them with `--patterns`"
    if row.guess and row.reason in ("no-input", "empty-input", "not-text"):
        named = shell_command(("--text-field", row.guess))
        return f"Try `{named}`" if named else "Try `--text-field` with the name of the field"
    if row.keys and row.reason == "no-input" and row.detail.endswith("`"):
        return 'Write a row for each text, such as {"text": "..."}, or name the format: `--loader`'
    return _HINTS.get(row.reason)


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
    """Reads the rows of a source once, as tasks with a private reference.

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
        hands_hashes: Rows have the hashes that were taken when they were read; else, of rows that
            `takes_any` is about, only those that stand in the file.
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
        self.hands_hashes = True
        self.incomplete: BadRow | None = None
        self._source, self._start = source, start
        self._policy, self._settings = policy, settings
        self._rehash, self._by_input = policy.rehash, policy.exclude_by == "input"
        self._first_rows = FirstRows(source.name, active=start.row == 0)
        self._marks = MarksWatch()
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
        while self._noted:
            try:
                noted = self._noted.popleft()
            except IndexError:  # the reader has the last one in hand
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
        # Code that takes any row knows what it reads, and what code has made is no file's.
        own = self.takes_any or record.made
        known = own or tuple(record.data) in self._marks.plain
        said = "" if known else self._marks.remark(record.data)
        if said:
            where = f"{PurePath(record.file or self._source.name).name}:{record.start.line + 1}"
            record = record._replace(notices=(*record.notices, f"{where}: {said}"))
        bare = not self.hands_hashes and TASK_HASH not in record.data
        try:
            entry, task, notices = enter(
                record, self._settings, rehash=self._rehash, by_input=self._by_input
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
        if self.takes_any and (bare or not has_input(task, self._settings)):
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
