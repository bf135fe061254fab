"""Where a recipe's code runs: on a thread of its own, one call at a time, so that no key waits.

What it raises comes back as a `RecipeError` that says where.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, ClassVar, TypeVar

from tui_annotate.errors import RecipeError, TuiAnnotateError
from tui_annotate.job import Job, failure
from tui_annotate.task.schema import Task
from tui_annotate.thread_calls import CallThread
from tui_annotate.waiting import here, use


def call(job: Job, name: str, function: Any, *args: Any, task: Task | None = None) -> Any:
    """Call a recipe's callback; what it raises becomes a `RecipeError` that names it and the task.

    Args:
        job: Whose callback it is.
        name: The component's name.
        function: The callback.
        args: What it gets.
        task: The task that it is about, if it is about one.
    """
    try:
        return function(*args)
    except TuiAnnotateError:
        raise
    except (Exception, SystemExit) as error:
        about = f" on the task {excerpt(task)!r}" if task is not None else ""
        raise failure(job.recipe, name, error, about) from error


def excerpt(task: Task, length: int = 40) -> str:
    """Return the beginning of what a task is about, on one line."""
    shown = task.get("text") or task.get("html") or task.get("label") or task.get("_task_hash")
    words = " ".join(str(shown)[: 4 * length].split())
    return words if len(words) <= length else words[: length - 1] + "…"


_T = TypeVar("_T")


class RecipeCode:
    """Runs a recipe's stream and its callbacks, in the order in which they are asked for.

    Args:
        recipe: The recipe's name.
        direct: Run everything where it is asked for: for recipes that never make anybody wait.
    """

    LEAVING: ClassVar[float] = 2.0
    """Seconds for which a session that ends waits for a stream."""

    def __init__(self, recipe: str, *, direct: bool) -> None:
        self.direct = direct
        self._recipe = recipe
        self._thread = CallThread("recipe")
        self._waiting = here()
        self._patient = False
        self._timer: threading.Timer | None = None

    def begin(self, function: Callable[[], _T], *, patient: bool = False) -> Future[_T]:
        """Have `function` run when its turn comes.

        Args:
            function: What to run.
            patient: Who leaves waits for it, however long it takes.
        """
        if not self.direct:
            return self._thread.submit(lambda: self._run(function, patient))
        future: Future[_T] = Future()
        try:
            future.set_result(function())
        except (Exception, SystemExit) as error:
            future.set_exception(error)
        return future

    def run(self, function: Callable[[], _T], *, patient: bool = False) -> _T:
        """Run `function` when its turn comes, and return its result or raise what it raises.

        Raises:
            RecipeError: The session ends, and what runs before it does not.
        """
        if self.direct:
            return function()
        return self.begin(function, patient=patient).result()

    def hurry(self) -> None:
        """The session is about to end: whatever runs by then is given up. Safe on any thread."""
        if self._timer is None and not self.direct:
            self._timer = threading.Timer(self.LEAVING, self._lose_patience)
            self._timer.daemon = True
            self._timer.start()

    def give_up(self) -> None:
        """Wait for nothing any more."""
        self._thread.give_up(
            RecipeError(
                f"its stream did not return within {self.LEAVING:.0f} s, so the end of the session"
                " was not told to it (`update`, `on_exit`)",
                where=self._recipe,
                hint="Every answer is saved",
            )
        )

    def close(self) -> None:
        """Nothing more will be asked."""
        if self._timer is not None:
            self._timer.cancel()
        self._thread.close()

    def _run(self, function: Callable[[], _T], patient: bool) -> _T:
        self._patient = patient
        use(self._waiting)
        try:
            return function()
        except (Exception, SystemExit):
            raise
        except BaseException as error:
            # Nobody presses ctrl-c on this thread: a recipe has raised `KeyboardInterrupt`,
            # `CancelledError` or their like, which would end the program that gets it.
            raise failure(self._recipe, "its code", error) from error
        finally:
            self._patient = False

    def _lose_patience(self) -> None:
        if not self._patient:
            self.give_up()
