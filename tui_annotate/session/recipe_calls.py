"""A recipe's callbacks called: what they raise names the callback, the task and the line."""

from __future__ import annotations

from typing import Any

from tui_annotate.errors import TuiAnnotateError
from tui_annotate.job import Job, failure
from tui_annotate.task.schema import Task


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
