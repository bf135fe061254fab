"""What a recipe changes while its session runs: its components after `on_load`, the stream later.

The dictionary that the recipe returned is alive: what it holds after `on_load` counts. Later the
stream is changed by `ctrl.reset_stream`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.job import Controller, Job
from tui_annotate.recipe_components import CALLBACKS, check_components
from tui_annotate.session.recipe_calls import call
from tui_annotate.stream.stream import collect_streams
from tui_annotate.task.schema import Task


def load(job: Job, ctrl: Controller) -> None:
    """Call `on_load`, and take up what it has put into the components.

    Raises:
        RecipeError: It failed, or has left wrong components.
    """
    function = job.callbacks.get("on_load")
    if function is None:
        return
    before = dict(job.components or {})
    with collect_streams() as streams:
        call(job, "on_load", function, ctrl)
    job.streams = (*job.streams, *streams)
    now = job.components
    if now is None or all(now.get(key) is before.get(key) for key in {*now, *before}):
        return
    _take(job, ctrl, check_components(job.recipe, now), before)


def _take(job: Job, ctrl: Controller, now: dict[str, Any], before: dict[str, Any]) -> None:
    """Take up what differs. A stream that `on_load` gave the controller wins."""
    if now["stream"] is not before["stream"]:
        ctrl.stream = now["stream"]
    if now.get("exclude") is not before.get("exclude"):
        job.exclude = tuple(now.get("exclude") or ())
    for name in ("before_db", "validate_answer", "on_exit"):
        setattr(job, name, now.get(name))
    job.callbacks = {name: now[name] for name in CALLBACKS if now.get(name)}
    job.event_hooks = dict(now.get("event_hooks") or {})


def is_replaced(job: Job, ctrl: Controller) -> bool:
    """Tell whether the recipe has put another stream in place."""
    return ctrl.stream is not job.stream


def ask_progress(job: Job, ctrl: Controller, result: Any) -> Any:
    """Return what the recipe's `progress` says: `progress(ctrl, update_return_value)`, in the
    older form `progress(session=0, total=0, loss=0)`, or with `ctrl` and `session` by their names,
    where `session` has `id` and `total_annotated`, and perhaps `answers`, of which there are none.
    """
    function = job.callbacks.get("progress")
    if function is None:
        return None
    names = _parameters(function)
    if names.keys().isdisjoint(("session", "total", "loss")):
        return call(job, "progress", function, ctrl, result)
    told: dict[str, Any] = {"session": ctrl.session_annotated, "total": ctrl.total_annotated}
    told["loss"] = result or 0
    if "ctrl" in names:
        session = SessionProgress(ctrl.session_id, ctrl.session_annotated)
        told = {"ctrl": ctrl, "session": session, "answers": [], "update_return_value": result}
    found = {name: value for name, value in told.items() if name in names}
    return call(job, "progress", lambda: function(**found))


class SessionProgress(NamedTuple):
    """The annotator's session, as `progress` is told about it."""

    id: str
    total_annotated: int


def ask_hook(function: Callable[..., Any], ctrl: Controller, task: Task) -> Any:
    """Call an event hook: `hook(ctrl, task)`, or `hook(ctrl, *, task)` with any name for it."""
    kinds = _parameters(function)
    named = [name for name, kind in kinds.items() if kind is inspect.Parameter.KEYWORD_ONLY]
    return function(ctrl, **dict.fromkeys(named, task)) if named else function(ctrl, task)


def _parameters(function: Any) -> dict[str, Any]:
    """Return the names of a function's parameters, each with its kind; none where it tells none."""
    try:
        found = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}
    return {name: item.kind for name, item in found.items()}
