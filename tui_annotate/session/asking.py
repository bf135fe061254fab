"""The tasks of a job that are to be asked: the recipe gives them, the ledger takes them."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, wait
from typing import Any

from tui_annotate.session.code import RecipeCode
from tui_annotate.stream.ledger import Ledger
from tui_annotate.stream.records import Asked
from tui_annotate.task.schema import Task

_END: Any = object()


class NotYet(Exception):
    """The recipe is still at work on the next task."""


class Asking:
    """Gets one task after another from the recipe, and never reads further ahead.

    The recipe's code runs where recipes run; the ledger is used on the caller's thread.

    Args:
        ledger: Accounts for the rows.
        tasks: What the recipe gives.
        code: Where it runs.

    Attributes:
        coming: The call that looks for a task, until that has been taken.
    """

    def __init__(self, ledger: Ledger, tasks: Iterable[Task], code: RecipeCode) -> None:
        self.coming: Future[Any] | None = None
        self._ledger = ledger
        self._tasks = tasks
        self._code = code
        self._direct: Generator[Asked, None, None] | None = None
        if code.direct:
            self._direct = ledger.outgoing(tasks)
        self._reading: Iterator[Task] | None = None

    def next(self, patience: float | None = None) -> Asked | None:
        """Return the next task that is to be asked, None at the end.

        Args:
            patience: Seconds to wait; None for as long as it takes.

        Raises:
            NotYet: It takes longer. The recipe goes on looking.
            Exception: Whatever the recipe or its source raises.
        """
        if self._direct is not None:
            return next(self._direct, None)
        until = None if patience is None else time.monotonic() + patience
        while not self._ledger.ended:
            task = self._next(until)
            if task is _END:
                self._ledger.end()
                break
            asked = self._ledger.take(task)
            if asked is not None:
                return asked
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
            self._direct.close()
            return
        if self.coming is not None and not self.coming.cancel() and self.is_busy(patience):
            self._code.give_up()
            return
        self.coming = None
        self._code.run(self._let_go)

    def leave(self) -> None:
        """Let go of the stream, within the time that somebody who leaves is asked to wait."""
        self.close(self._code.LEAVING)

    def _next(self, until: float | None) -> Any:
        if self.coming is None:
            self.coming = self._code.begin(self._read)
        left = None if until is None else max(0.0, until - time.monotonic())
        try:
            error = self.coming.exception(left)
        except TimeoutError:
            raise NotYet from None
        found, self.coming = self.coming, None
        if error is not None:
            raise error
        return found.result()

    def _read(self) -> Any:
        if self._reading is None:
            self._reading = iter(self._tasks)
        return next(self._reading, _END)

    def _let_go(self) -> None:
        """Drop the iterators where they ran: what they hold open is closed on its own thread."""
        self._reading = None
        self._tasks = ()
