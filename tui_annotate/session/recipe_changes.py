"""What a recipe changes while its session runs: its components after `on_load`, the stream later.

The dictionary that the recipe returned is alive: what it holds after `on_load` counts. Later the
stream is changed by `ctrl.reset_stream`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from tui_annotate.errors import UsageError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.job import Controller, Job
from tui_annotate.recipe_components import CALLBACKS, check_components
from tui_annotate.session.recipe_thread import call
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


MEANS_THE_TASK = frozenset({"task", "example", "eg", "ex", "answer", "content"})
"""Names by which event hooks ask for the whole task."""

_TYPED: dict[str, Callable[[str], Any]] = {"str": str, "int": int, "float": float}
"""Kinds of values that an annotator can type, by the name of their type."""


def ask_hook(
    function: Callable[..., Any],
    ctrl: Controller,
    task: Task,
    typed: Mapping[str, str] | None = None,
) -> Any:
    """Call an event hook with the arguments that it names.

    Arguments after the controller that are called as a task usually is get the task, others that
    are called as a key of it get that value, and what is left gets what the annotator has typed.
    An only argument that says nothing of its type gets the task under any name.

    Args:
        function: The hook.
        ctrl: What the hook gets first.
        task: The task as edited.
        typed: What `asked_of` has named, as the annotator has typed it.

    Raises:
        UsageError: Something that was typed is not of the kind that the hook wants.
    """
    words = dict(typed or {})
    given: dict[str, Any] = {}
    positional: list[Any] = []
    for item in _arguments(function):
        if item.name in words:
            value = _read(item, words[item.name])
        elif _is_task(function, item, task):
            value = task
        elif item.name in task:
            value = task[item.name]
        else:
            continue
        if item.kind is inspect.Parameter.POSITIONAL_ONLY:
            positional.append(value)
        else:
            given[item.name] = value
    if not given and not positional and not _has_signature(function):
        positional.append(task)
    return function(ctrl, *positional, **given)


def asked_of(function: Callable[..., Any], task: Task) -> tuple[str, ...]:
    """Return the names of what the annotator has to type for an event hook, in their order."""
    return tuple(
        item.name
        for item in _arguments(function)
        if item.default is inspect.Parameter.empty
        and item.name not in task
        and not _is_task(function, item, task)
    )


def _is_task(function: Callable[..., Any], item: inspect.Parameter, task: Task) -> bool:
    """Tell whether an argument is to get the whole task."""
    if item.name.strip("_") in MEANS_THE_TASK:
        return True
    kind = item.annotation
    known = getattr(kind, "__name__", str(kind)) in _TYPED
    only = len(_arguments(function)) == 1
    keyword = item.kind is inspect.Parameter.KEYWORD_ONLY
    if only and not keyword and not known and item.name not in task:
        return True
    return getattr(kind, "__name__", str(kind)).lower().startswith(("dict", "tasktype"))


def _read(item: inspect.Parameter, text: str) -> Any:
    """Return what was typed for an argument, as what it says that it is."""
    kind = getattr(item.annotation, "__name__", str(item.annotation))
    try:
        return _TYPED.get(kind, str)(text)
    except ValueError:
        raise UsageError(f"{item.name} is to be a number, not {text!r}") from None


def _arguments(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the arguments of a hook behind the controller."""
    try:
        found = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [item for item in found if item.kind not in several][1:]


def _has_signature(function: Callable[..., Any]) -> bool:
    """Tell whether a function says what it takes, and takes no rest that may be the task."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    return all(item.kind is not inspect.Parameter.VAR_POSITIONAL for item in found)


def _parameters(function: Any) -> dict[str, Any]:
    """Return the names of a function's parameters, each with its kind; none where it tells none."""
    try:
        found = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}
    return {name: item.kind for name, item in found.items()}
