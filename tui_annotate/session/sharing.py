"""How the tasks of a dataset are shared: how many people annotate each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tui_annotate.errors import RecipeError
from tui_annotate.job import Job
from tui_annotate.task.hashing import Identity

EVERYONE = float("inf")
"""How many people annotate a task where all of them do."""


class Sharing:
    """How many people a job wants for each task.

    Args:
        job: The job.

    Attributes:
        router: The recipe's own `task_router`, which names the sessions for each task.
        leaves_out: Some tasks are asked of nobody: on average fewer than one person is wanted.
        everyone: Everybody is asked everything, so nobody's tasks keep another one from them.

    Raises:
        RecipeError: `annotations_per_task` is no number above 0.
    """

    def __init__(self, job: Job) -> None:
        self._config = job.config
        router = job.callbacks.get("task_router")
        count = 1.0 if router is None else _count_of(router)
        if router is None and job.config.get("annotations_per_task") is not None:
            count = _setting(job)
        elif router is None and job.config.get("feed_overlap"):
            count = EVERYONE
        self.router: Callable[..., Any] | None = router if count is None else None
        self.everyone = count == EVERYONE or not job.policy.auto_exclude
        self._count = count or 0.0
        self._silent = job.silent
        self.leaves_out = not self.everyone and 0 < self._count < 1

    def wanted(self, identity: Identity, named: int | None = None) -> int | None:
        """Return how many people are to annotate a task; None where names or nothing limits it, as
        with tasks whose answers are known.

        With 1.5 for each task it is 1 for one half of them and 2 for the other, by the task's hash.

        Args:
            identity: Who the task is.
            named: How many its row, or a router, wants for it; None where neither says.
        """
        if self.everyone or identity.input_key in self._silent:
            return None
        if named is not None or self.router is not None:
            return named
        return wanted_of_average(self._count, identity.task_hash)

    def quota(self, annotator: str) -> int | None:
        """Return how many answers an annotator is to give in the dataset; None for no limit."""
        quotas = self._config.get("quotas")
        if isinstance(quotas, Mapping) and annotator in quotas:
            return int(quotas[annotator])
        every = self._config.get("quota")
        return every if isinstance(every, int) else None

    @property
    def sentence(self) -> str:
        """What people who work on one dataset at once are told."""
        if self.router is not None:
            return "the recipe says who of you gets which tasks"
        if self.everyone:
            return "each of you gets every task"
        if self._count == 1:
            return "each task goes to one of you"
        average = "" if self._count == int(self._count) else " on average"
        return f"each task goes to {self._count:g} of you{average}"


def wanted_of_average(average: float, task_hash: int) -> int:
    """Return how many people are wanted for a task, where so many are on average for each."""
    whole = int(average)
    number = task_hash & 0xFFFFFFFF
    return whole + ((number >> 16) % 1000 < (average - whole) * 1000)


def _setting(job: Job) -> float:
    """Return how many people are to annotate each task, as the job's configuration says."""
    count = job.config["annotations_per_task"]
    if isinstance(count, bool) or not isinstance(count, (int, float)) or count <= 0:
        raise RecipeError(
            f"config 'annotations_per_task' is {count!r}, not a number above 0", where=job.recipe
        )
    return float(count)


def _count_of(router: Callable[..., Any]) -> float | None:
    """Return how many people a router wants for each task; None where only its names tell.

    Of the routers that come with the program that is known. They are not called: which sessions
    there are changes while people work, and a share that was given to somebody by name waits for
    ever once that person has left.
    """
    # Most jobs have no router.
    from tui_annotate.session import routers

    if router is routers.full_overlap:
        return EVERYONE
    if router is routers.no_overlap:
        return 1.0
    return router.count if isinstance(router, routers.AveragePerTask) else None
