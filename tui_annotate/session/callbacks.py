"""The functions that a recipe brings, called in their time; what they raise loses nothing.

`on_load` before the first task; `validate_answer` and `before_db` before an answer is written;
`update` between two tasks, when enough answers have left the undo window; `progress` after it;
`on_exit` at the end, after the rest of the answers went to `update`. All run where the stream
does, so never two at a time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import Future
from copy import deepcopy
from functools import partial
from typing import Any

from tui_annotate.errors import RecipeError, TaskError, TuiAnnotateError
from tui_annotate.job import Controller, Job, failure
from tui_annotate.session.recipe_code import (
    RecipeCode,
    ask_hook,
    ask_progress,
    asked_of,
    call_recipe,
    excerpt,
    run_on_load,
)
from tui_annotate.task.schema import Task
from tui_annotate.task.stored_tokens import with_tokens

_WINDOW = 10
_BATCH = 10


class Callbacks:
    """Calls a job's callbacks. Used on the session's thread.

    Args:
        job: Whose callbacks.
        ctrl: What they are told.
        code: Where they run.

    Attributes:
        progress: What the recipe's `progress` said last, 0 to 1; None where it said nothing.
    """

    def __init__(self, job: Job, ctrl: Controller, code: RecipeCode) -> None:
        self._job = job
        self._ctrl = ctrl
        self._code = code
        self.progress: float | None = None
        self._result: Any = None
        self._loaded = False
        self._was_updated = False
        self._is_update_first = False
        window = 0 if job.config.get("instant_submit") else _number(job, "history_size", _WINDOW)
        self._updates = Updates(_number(job, "batch_size", _BATCH), window)
        self._due: deque[list[Task]] = deque()
        self._under_way: list[Future[None]] = []

    @property
    def events(self) -> tuple[str, ...]:
        """The names of the recipe's event hooks."""
        return tuple(self._job.event_hooks)

    def load(self) -> None:
        """Call `on_load`, before the first task; a second call does nothing."""
        if self._loaded:
            return
        self._loaded = True

        def step() -> None:
            run_on_load(self._job, self._ctrl)
            self._take_progress(None)

        self._code.run(step)

    def validate(self, answer: Task) -> None:
        """Have an answer checked before it is written.

        Raises:
            TaskError: The recipe refuses it; its message is for the annotator.
            RecipeError: The check itself failed.
        """
        check = self._job.given.get("validate_answer")
        if check is None:
            return
        try:
            self._code.run(lambda: check(dict(with_tokens(answer))))
        except (ValueError, AssertionError) as error:
            what = str(error) or "the recipe refuses this answer"
            raise TaskError(what, reason="refused") from None
        except TuiAnnotateError:
            raise
        except (Exception, SystemExit) as error:
            about = f" on the task {excerpt(answer)!r}"
            raise failure(self._job.recipe, "validate_answer", error, about) from error

    def before_db(self, answer: Task) -> Task:
        """Return the answer as the recipe wants it written.

        Prodigy calls `update` with a batch and then `before_db` with the same one, and some recipes
        leave the one what the other takes. Where `before_db` fails before `update` was ever called,
        it is tried behind it; if that is what it needs, each answer goes to `update` first from
        there on, and not again later.
        """
        if "before_db" not in self._job.given:
            return answer
        if self._is_update_first:
            changed = self._code.run(lambda: self._update_and_change(answer))
        else:
            changed = self._changed(answer)
        fits = isinstance(changed, list) and len(changed) == 1 and isinstance(changed[0], dict)
        if not fits:
            raise RecipeError(
                "before_db must return a list with the one answer that it got",
                where=f"{self._job.recipe}, task {excerpt(answer)!r}",
            )
        found: Task = changed[0]
        return found

    def _changed(self, answer: Task) -> Any:
        try:
            given = [dict(with_tokens(answer))]
            return self._code.run(self._calling("before_db", given, task=answer))
        except RecipeError:
            if "update" not in self._job.given or self._was_updated:
                raise
            try:
                changed = self._code.run(lambda: self._update_and_change(answer))
            except RecipeError:
                changed = None
            if changed is None:
                raise
            self._is_update_first = True
            return changed

    def _update_and_change(self, answer: Task) -> Any:
        given = [deepcopy(dict(with_tokens(answer))) for _ in ("update", "before_db")]
        self._result = self._calling("update", given[:1], task=answer)()
        return self._calling("before_db", given[1:], task=answer)()

    def answered(self, key: Hashable, answer: Task, *, replaced: bool) -> None:
        """Note an answer that is durable; `replaced` where it takes the place of an older one."""
        self._ctrl.session_annotated += 1
        self._ctrl.total_annotated += not replaced
        if "update" in self._job.given and not self._is_update_first:
            self._updates.add(key, with_tokens(answer))
        batch = self._updates.due()
        if batch or "progress" in self._job.given:
            self._due.append(batch)

    def give(self) -> None:
        """Have `update` called with the batches that are due, then `progress`; wait for nothing.

        Called when the next task is there: which tasks the stream makes before an update, and which
        after it, does not depend on who was faster.
        """
        while self._due:
            step = partial(self._update, self._due.popleft())
            self._under_way.append(self._code.begin(step, patient=True))

    def given(self, *, wait: bool) -> Future[None] | None:
        """Return the first call of `update` that is under way; None where there is none.

        Args:
            wait: Wait for all of them.

        Raises:
            RecipeError: One that has ended failed.
        """
        while self._under_way and (wait or self._under_way[0].done()):
            self._under_way.pop(0).result()
        return self._under_way[0] if self._under_way else None

    def asked_of_event(self, name: str, task: Task) -> tuple[str, ...]:
        """Return the names of what the annotator has to type for an event hook."""
        return asked_of(self._job.event_hooks[name], task)

    def begin_event(
        self, name: str, task: Task, typed: Mapping[str, str] | None = None
    ) -> Future[str]:
        """Call an event hook with the task at hand; the result is what it says to the annotator.

        Args:
            name: The event.
            task: The task as edited.
            typed: What `asked_of_event` has named, as it was typed.
        """
        hook = self._job.event_hooks[name]

        def step() -> str:
            given = (hook, self._ctrl, dict(with_tokens(task)), typed)
            said = call_recipe(self._job, f"the event {name}", ask_hook, *given, task=task)
            return said if isinstance(said, str) else f"{name}: done"

        return self._code.begin(step)

    def finish(self) -> None:
        """Give the rest of the answers to `update`, then call `on_exit`, whatever fails.

        Raises:
            RecipeError: The first failure, after everything was called.
        """
        self._due += self._updates.rest()
        self.give()
        if "on_exit" in self._job.given:
            self._under_way.append(self._code.begin(self._say_farewell, patient=True))
        failures = [each.exception() for each in self._under_way]
        self._code.begin(self._ctrl.disconnect).exception()
        for failed in filter(None, failures):
            raise failed

    def _update(self, batch: list[Task]) -> None:
        if batch:
            self._was_updated = True
            self._result = self._calling("update", batch, task=batch[0])()
        self._take_progress(self._result)

    def _say_farewell(self) -> None:
        said = self._calling("on_exit", self._ctrl)()
        if isinstance(said, str):
            self._job.farewell += said.splitlines()

    def _take_progress(self, result: Any) -> None:
        said = ask_progress(self._job, self._ctrl, result)
        if said is None or isinstance(said, bool) or not isinstance(said, (int, float)):
            self.progress = None
        else:
            self.progress = min(1.0, max(0.0, float(said)))
        self._ctrl.progress = self.progress

    def _calling(self, name: str, *args: Any, task: Task | None = None) -> Callable[[], Any]:
        function = self._job.given[name]
        return partial(call_recipe, self._job, name, function, *args, task=task)


def _number(job: Job, key: str, default: int) -> int:
    value = job.config.get(key, default)
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise RecipeError(f"config {key!r} is {value!r}, not a whole number", where=job.recipe)
    return value


class Updates:
    """Holds answers back until they are likely to stay, then gives them out in batches.

    The newest answers can still be taken back with a key, so they wait in a window. An answer that
    is changed in the window is given once, as it is then; one that is changed after it was given
    is given again, in a later batch, and supersedes the older one.

    Args:
        batch_size: Answers of one batch.
        window: How many of the newest answers are held back.
    """

    def __init__(self, batch_size: int = 10, window: int = 10) -> None:
        self._batch_size = max(1, batch_size)
        self._window = max(0, window)
        self._held: dict[Hashable, Task] = {}

    def __len__(self) -> int:
        return len(self._held)

    def add(self, key: Hashable, answer: Task) -> None:
        """Take an answer; `key` is equal for answers to one task."""
        self._held.pop(key, None)
        self._held[key] = answer

    def due(self) -> list[Task]:
        """Return the next batch, empty while there is none."""
        if len(self._held) - self._window < self._batch_size:
            return []
        return self._take()

    def rest(self) -> Iterator[list[Task]]:
        """Yield everything that is held back, in batches; for the end of the session."""
        while self._held:
            yield self._take()

    def _take(self) -> list[Task]:
        keys = list(self._held)[: self._batch_size]
        return [self._held.pop(key) for key in keys]
