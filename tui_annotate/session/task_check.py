"""Checks whether the view of a job can show a row that its loader has not made a task of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.job import Job
from tui_annotate.sources.tagged_words import has_words, take_words
from tui_annotate.task.schema import Task
from tui_annotate.views import View, known_view

TEXT = "text"


def task_check(job: Job) -> Callable[[Task], None]:
    """Return a function that checks whether the view of a job can show a task.

    It changes the task in place: one that has words and tags instead of a text gets the text.

    Returns:
        A function that raises `TaskError` with the reason `no-input`, `not-text` or `empty-input`.
    """

    def check(task: Task) -> None:
        if not isinstance(task.get(TEXT), str) and has_words(task):
            take_words(task, TEXT)
        own = task.get("config")
        settings = {**job.config, **(own if isinstance(own, Mapping) else {})}
        view_id = str(task.get("view_id") or job.view_id)
        view = known_view(view_id)
        if view is not None and not view.parts:
            _check(task, view, settings)
        elif view is not None:
            _check_parts(task, settings)

    return check


def _check_parts(task: Task, settings: Mapping[str, Any]) -> None:
    """Raise the error of the first part if none of the parts can show the task."""
    errors: list[TaskError] = []
    parts = task.get("blocks") or task.get("pages") or settings.get("blocks")
    for part in parts if isinstance(parts, list) else ():
        view = known_view(str(part.get("view_id"))) if isinstance(part, Mapping) else None
        if view is None:
            return
        try:
            _check({**task, **part}, view, {**settings, **part})
        except TaskError as error:
            errors.append(error)
        else:
            return
    if errors:
        raise errors[0]


def _check(task: Mapping[str, Any], view: View, settings: Mapping[str, Any]) -> None:
    missing = view.missing(task, settings)
    if missing:
        raise TaskError(f"no `{missing}`, which the view {view.id} shows", reason="no-input")
    others = (key for key in view.inputs if key != TEXT)
    if settings.get("html_template") or any(task.get(key) for key in others):
        return
    text = task.get(TEXT, "-")
    if not isinstance(text, str):
        raise TaskError(f"`{TEXT}` is not a string", reason="not-text")
    if not text or text.isspace():
        raise TaskError(f"`{TEXT}` is empty", reason="empty-input")
