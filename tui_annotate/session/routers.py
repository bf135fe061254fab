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
    return route_average_per_task(1)(ctrl, session_id, item)


def route_average_per_task(n: float) -> Router:
    """Return a router that gives tasks to `n` sessions on average; 1.5 is half to one, half to two.

    It decides by the task's hash and the sessions that there are, so each session, a process of its
    own, comes to the same result. Sessions that begin later change it.
    """

    def route(ctrl: Controller, session_id: str, item: Task) -> list[str]:
        pool = sorted({*ctrl.session_ids, session_id})
        number = _number(item)
        count = int(n) + ((number >> 16) % 1000 < (n - int(n)) * 1000)
        first = number % len(pool)
        return [pool[(first + step) % len(pool)] for step in range(min(count, len(pool)))]

    return route


def _number(item: Task) -> int:
    value: Any = item.get(TASK_HASH)
    return (value if isinstance(value, int) else 0) & 0xFFFFFFFF
