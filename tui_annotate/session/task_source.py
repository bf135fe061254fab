"""The tasks of a job that are to be asked: the recipe gives them, the ledger takes them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from functools import partial
from typing import Any

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.session.recipe_code import RecipeCode
from tui_annotate.stream.ledger import Ledger
from tui_annotate.stream.records import Asked
from tui_annotate.task.schema import Task
from tui_annotate.waiting import here

LOOKING = "looking for the next task"
"""What is said while tasks are passed over."""

_END: Any = object()

_SLICE = 32
"""Tasks that are passed over between two looks at the clock."""

_TOGETHER = 512
"""Tasks at the most that a recipe gives in one call, where all but the last are answered."""

_BUSY = 0.2
"""Seconds after which such a call ends, so that counts go on."""

_AT_ONCE: Future[Any] = Future()
"""Stands for a call where the looking goes on as soon as it is asked for."""

_AT_ONCE.set_result(None)


class NotYet(Exception):
    """The recipe is still at work on the next task."""


class _Failed(NamedTuple):
    """Stands for the task that the recipe failed on, behind those that it had given."""

    error: BaseException


def _copied(value: Any) -> Any:
    """Return a value of JSON that stays as it is whatever a recipe does to its own."""
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_copied(each) for each in value]
    return value


class TaskSource:
    """Gets one task after another from the recipe, and never reads further ahead.

    Tasks that are known to be answered are passed over together: going to the recipe's thread and
    back for each of them would take longer than anything else.

    The recipe's code runs where recipes run; the ledger is used on the caller's thread.

    Args:
        ledger: Accounts for the rows.
        tasks: What the recipe gives.
        code: Where it runs.

    Attributes:
        coming: The call that looks for a task, until that has been taken.
        rows: How many rows the source has, where that is known.
    """

    def __init__(self, ledger: Ledger, tasks: Iterable[Task], code: RecipeCode) -> None:
        self.coming: Future[Any] | None = None
        self.rows: int | None = None
        self._ledger = ledger
        self._tasks = tasks
        self._code = code
        self._direct: Iterator[Task] | None = iter(tasks) if code.direct else None
        self._first: tuple[int, int] | None = None  # rows read and passed when this look began
        self._reading: Iterator[Task] | None = None  # lives on the recipe's thread
        self._given: deque[Any] = deque()  # what one call brought and the ledger has not seen

    def next(self, patience: float | None = None) -> Asked | None:
        """Return the next task that is to be asked, None at the end.

        Args:
            patience: Seconds to wait; None for as long as it takes.

        Raises:
            NotYet: It takes longer. The recipe goes on looking.
            Exception: Whatever the recipe or its source raises.
        """
        until = None if patience is None else time.monotonic() + patience
        if self._direct is not None:
            return self._look(self._direct, until)
        self._begin_looking()
        while not self._ledger.ended:
            task = self._given.popleft() if self._given else self._next(until)
            if isinstance(task, _Failed):
                raise task.error
            if task is _END:
                self._ledger.end()
                break
            asked = self._ledger.take(task)
            if asked is not None:
                self._first = None
                return asked._replace(task=_copied(asked.task))
        self._first = None
        return None

    def is_busy(self, patience: float | None = None) -> bool:
        """Tell whether the recipe is at work on a task, after a while at the most."""
        if self.coming is not None:
            wait([self.coming], patience)
        return self.coming is not None and not self.coming.done()

    def close(self, patience: float | None = None) -> None:
        """Let go of the recipe's stream; a task that was looked for and not taken stays open.

        Args:
            patience: Seconds to wait for a call that is running, which is then given up.
        """
        if self._direct is not None:
            self._direct = iter(())  # what the other one held open is closed
            return
        if self.coming is not None and not self.coming.cancel() and self.is_busy(patience):
            self._code.give_up()
            return
        self.coming = None
        self._code.run(self._let_go)

    def leave(self) -> None:
        """Let go of the stream, within the time that somebody who leaves is asked to wait."""
        self.close(self._code.LEAVING)

    def _look(self, tasks: Iterator[Task], until: float | None) -> Asked | None:
        """Look for a task on this thread, in slices: between two of them others have their turn.

        Raises:
            NotYet: The time is up.
            Abandoned: The session ends.
        """
        waiting, seen = here(), 0
        self._begin_looking()
        with waiting.on(LOOKING, of=self.rows, done=self._ledger.row):
            for task in tasks:
                asked = self._ledger.take(task)
                if asked is not None:
                    self._first = self.coming = None
                    return asked
                seen += 1
                if seen % _SLICE == 0:
                    waiting.at(self._ledger.row, self._note())
                    if until is not None and time.monotonic() > until:
                        self.coming = _AT_ONCE
                        raise NotYet
        self._first = self.coming = None
        if not self._ledger.ended:
            self._ledger.end()
        return None

    def _begin_looking(self) -> None:
        if self._first is None:
            self._first = self._ledger.counts.read, self._ledger.passed

    def _note(self) -> str:
        """Return how many of the rows that were looked at so far are answered."""
        read, passed = self._first or (0, 0)
        rows, answered = self._ledger.counts.read - read, self._ledger.passed - passed
        if not answered:
            return ""
        return "all answered" if answered >= rows - 1 else f"{answered:,} answered"

    def _next(self, until: float | None) -> Any:
        if self.coming is None:
            row, note, passes = self._ledger.row, self._note(), self._ledger.passing()
            self.coming = self._code.begin(partial(self._read, row, note, passes))
        left = None if until is None else max(0.0, until - time.monotonic())
        try:
            error = self.coming.exception(left)
        except TimeoutError:
            raise NotYet from None
        found, self.coming = self.coming, None
        if error is not None:
            raise error
        self._given.extend(found.result())
        return self._given.popleft()

    def _read(self, row: int, note: str, passes: Callable[[Task], bool] | None) -> list[Any]:
        """Return the recipe's next tasks, on its thread: the first that may be asked, behind those
        that are answered.

        Args:
            row: How many rows were read before.
            note: What is said of them.
            passes: Tells of some tasks that they are answered.
        """
        waiting, until = here(), time.monotonic() + _BUSY
        found: list[Any] = []
        with waiting.on(LOOKING, of=self.rows, done=row, note=note):
            if self._reading is None:
                self._reading = iter(self._tasks)
            while True:
                try:
                    task = next(self._reading, _END)
                except BaseException as error:
                    # What came before it is accounted for first, else its rows would be lost.
                    if not found:
                        raise
                    return [*found, _Failed(error)]
                # A recipe may change one dictionary and give it again: each is a task of its own.
                found.append(dict(task) if isinstance(task, dict) else task)
                if task is _END or passes is None or not passes(task):
                    return found
                if len(found) >= _TOGETHER or time.monotonic() > until:
                    return found
                if len(found) % _SLICE == 0:
                    waiting.at(row + len(found), note)

    def _let_go(self) -> None:
        """Drop the iterators where they ran: what they hold open is closed on its own thread."""
        self._reading = None
        self._tasks = ()
