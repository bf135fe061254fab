"""Who is asked a task, where a recipe leaves that to one of these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tui_annotate.job import Controller
from tui_annotate.task.schema import TASK_HASH, Task

Router = Callable[[Controller, str, Task], list[str]]


def full_overlap(ctrl: Controller, session_id: str, item: Task) -> list[str]:
    """Give every task to every session."""
    del item
    return sorted({*ctrl.session_ids, session_id})


def no_overlap(ctrl: Controller, session_id: str, item: Task) -> list[str]:
    """Give every task to one session, by its hash."""
    return AveragePerTask(1)(ctrl, session_id, item)


class AveragePerTask:
    """A router that gives tasks to `count` sessions on average.

    Called by itself, it decides by the task's hash and the sessions that there are. As the router
    of a job it is not called: claims keep to the number, whoever comes and goes.
    """

    def __init__(self, count: float) -> None:
        self.count = count

    def __call__(self, ctrl: Controller, session_id: str, item: Task) -> list[str]:
        """Return the sessions for a task."""
        pool = sorted({*ctrl.session_ids, session_id})
        number = _number(item)
        count = int(self.count) + ((number >> 16) % 1000 < (self.count - int(self.count)) * 1000)
        first = number % len(pool)
        return [pool[(first + step) % len(pool)] for step in range(min(count, len(pool)))]


def route_average_per_task(n: float) -> Router:
    """Return a router that gives tasks to `n` sessions on average; 1.5 is one or two, by halves."""
    return AveragePerTask(n)


def _number(item: Task) -> int:
    value: Any = item.get(TASK_HASH)
    return (value if isinstance(value, int) else 0) & 0xFFFFFFFF
