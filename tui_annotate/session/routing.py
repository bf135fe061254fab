"""Tasks that are divided among the sessions of a dataset by a recipe's own router."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tui_annotate.errors import RecipeError, TaskError
from tui_annotate.job import Controller, Job
from tui_annotate.session.recipe_calls import call
from tui_annotate.task.hashing import identify
from tui_annotate.task.schema import WANTED_KEY, Task


class Routed:
    """Asks a session's router about tasks.

    A task is for this session where the router names it, and fewer others than it names have
    answered already: somebody who began alone has done the share of those who came later.

    Args:
        job: The job.
        ctrl: What the router is told.
        router: The router.
    """

    def __init__(self, job: Job, ctrl: Controller, router: Callable[..., Any]) -> None:
        self._job = job
        self._ctrl = ctrl
        self._router = router

    def tasks(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """Yield those that are for this session.

        Raises:
            RecipeError: The router failed, or gave no names.
        """
        job, ctrl = self._job, self._ctrl
        for task in tasks:
            names = call(job, "task_router", self._router, ctrl, ctrl.session_id, task, task=task)
            if not isinstance(names, (list, tuple, set)):
                raise RecipeError("task_router gave no list of session names", where=job.recipe)
            if ctrl.session_id in names and not self._done_by_others(task, len(set(names))):
                task[WANTED_KEY] = len(set(names))
                yield task

    def _done_by_others(self, task: Task, wanted: int) -> bool:
        job, db = self._job, self._ctrl.db
        if db is None or not job.policy.auto_exclude or job.repeat > 1:
            return False
        try:
            identity = identify(dict(task), job.hash_settings)
        except TaskError:
            return False  # it is refused where it comes out of the stream
        own = self._ctrl.session_id
        return len(db.answered_by(job.dataset, identity, job.policy.exclude_by) - {own}) >= wanted
