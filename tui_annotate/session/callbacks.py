"""The functions that a recipe brings, called in their time; what they raise loses nothing.

`on_load` before the first task; `validate_answer` and `before_db` before an answer is written;
`update` between two tasks, when enough answers have left the undo window; `progress` after it;
`on_exit` at the end, after the rest of the answers went to `update`.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from tui_annotate.errors import RecipeError, TaskError, TuiAnnotateError
from tui_annotate.job import Controller, Job
from tui_annotate.session.incoming import call, excerpt
from tui_annotate.session.live import ask_progress, load
from tui_annotate.session.updates import Updates
from tui_annotate.task.schema import Task

_WINDOW = 10
_BATCH = 10


class Callbacks:
    """Calls a job's callbacks. Used on the session's thread.

    Args:
        job: Whose callbacks.
        ctrl: What they are told.

    Attributes:
        progress: What the recipe's `progress` said last, 0 to 1; None where it said nothing.
    """

    def __init__(self, job: Job, ctrl: Controller) -> None:
        self._job = job
        self._ctrl = ctrl
        self.progress: float | None = None
        self._result: Any = None
        self._loaded = False
        window = 0 if job.config.get("instant_submit") else _number(job, "history_size", _WINDOW)
        self._updates = Updates(_number(job, "batch_size", _BATCH), window)

    @property
    def events(self) -> tuple[str, ...]:
        """The names of the recipe's event hooks."""
        return tuple(self._job.event_hooks)

    def load(self) -> None:
        """Call `on_load`, before the first task; a second call does nothing."""
        if self._loaded:
            return
        self._loaded = True
        load(self._job, self._ctrl)
        self._take_progress(None)

    def validate(self, answer: Task) -> None:
        """Have an answer checked before it is written.

        Raises:
            TaskError: The recipe refuses it; its message is for the annotator.
            RecipeError: The check itself failed.
        """
        check = self._job.validate_answer
        if check is None:
            return
        try:
            check(dict(answer))
        except (ValueError, AssertionError) as error:
            what = str(error) or "the recipe refuses this answer"
            raise TaskError(what, reason="refused") from None
        except TuiAnnotateError:
            raise
        except Exception as error:
            self._failed("validate_answer", error, answer)

    def before_db(self, answer: Task) -> Task:
        """Return the answer as the recipe wants it written."""
        if self._job.before_db is None:
            return answer
        call_it, job = self._job.before_db, self._job
        changed: Any = call(job, "before_db", call_it, [dict(answer)], task=answer)
        fits = isinstance(changed, list) and len(changed) == 1 and isinstance(changed[0], dict)
        if not fits:
            raise RecipeError(
                "before_db must return a list with the one answer that it got",
                where=f"{self._job.recipe}, task {excerpt(answer)!r}",
            )
        found: Task = changed[0]
        return found

    def answered(self, key: Hashable, answer: Task, *, replaced: bool) -> None:
        """Note an answer that is durable; `replaced` where it takes the place of an older one."""
        self._ctrl.session_annotated += 1
        self._ctrl.total_annotated += not replaced
        if "update" in self._job.callbacks:
            self._updates.add(key, answer)

    def run_due(self) -> None:
        """Call `update` if a batch is due, then `progress`."""
        batch = self._updates.due()
        if batch:
            self._result = self._call("update", batch, task=batch[0])
        self._take_progress(self._result)

    def event(self, name: str, task: Task) -> str:
        """Call an event hook with the task at hand and return what it says to the annotator."""
        hook = self._job.event_hooks[name]
        said = call(self._job, f"the event {name}", hook, self._ctrl, dict(task), task=task)
        return said if isinstance(said, str) else f"{name}: done"

    def finish(self) -> None:
        """Give the rest of the answers to `update`, then call `on_exit`, whatever fails.

        Raises:
            RecipeError: The first failure, after everything was called.
        """
        failures: list[TuiAnnotateError] = []
        for batch in self._updates.rest():
            try:
                self._call("update", batch, task=batch[0])
            except TuiAnnotateError as error:
                failures.append(error)
        try:
            if self._job.on_exit is not None:
                said = call(self._job, "on_exit", self._job.on_exit, self._ctrl)
                if isinstance(said, str):
                    self._job.farewell += said.splitlines()
        except TuiAnnotateError as error:
            failures.append(error)
        if failures:
            raise failures[0]

    def _take_progress(self, result: Any) -> None:
        said = ask_progress(self._job, self._ctrl, result)
        if said is None or isinstance(said, bool) or not isinstance(said, (int, float)):
            self.progress = None
        else:
            self.progress = min(1.0, max(0.0, float(said)))
        self._ctrl.progress = self.progress

    def _call(self, name: str, *args: Any, task: Task | None = None) -> Any:
        function = self._job.callbacks.get(name)
        return None if function is None else call(self._job, name, function, *args, task=task)

    def _failed(self, name: str, error: Exception, task: Task) -> None:
        def again() -> None:
            raise error

        call(self._job, name, again, task=task)


def _number(job: Job, key: str, default: int) -> int:
    value = job.config.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise RecipeError(f"config {key!r} is {value!r}, not a whole number", where=job.recipe)
    return value
