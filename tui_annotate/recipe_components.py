"""The components that a recipe may return, and what each has to be."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from tui_annotate.errors import RecipeError, closest, nearest
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.review import REVIEW, VERSIONS, versions_in
from tui_annotate.task.schema import VIEW_ID

_DB = (
    "True or absent (answers are always saved here; use a dataset of its own, and `update` to write"
    " them elsewhere too)"
)


class _Component(NamedTuple):
    """What there is to know about one key of what a recipe returns.

    Attributes:
        kind: What its value has to be, in words; `_CHECKS` has the test.
        given: What its function is called with; None where it is no function, or may take less.
        needed: Whether a recipe has to return it.
        placed: Whether `Job` makes something of it, in a place of its own; the others stand in
            `Job.given` under their names.
    """

    kind: str
    given: tuple[str, ...] | None = None
    needed: bool = False
    placed: bool = False


_FUNCTION = "a function"
_FUNCTIONS = "a dictionary of functions"
_COMPONENTS: dict[str, _Component] = {
    "dataset": _Component("a name", needed=True, placed=True),
    "view_id": _Component("a name", needed=True, placed=True),
    "stream": _Component("an iterable of tasks", needed=True, placed=True),
    "config": _Component("a dictionary", placed=True),
    "exclude": _Component("a list of dataset names", placed=True),
    "before_db": _Component(_FUNCTION, ("answers",)),
    "validate_answer": _Component(_FUNCTION, ("answer",)),
    "update": _Component(_FUNCTION, ("answers",)),
    "progress": _Component(_FUNCTION),
    "on_load": _Component(_FUNCTION, ("ctrl",)),
    "on_exit": _Component(_FUNCTION, ("ctrl",)),
    "get_session_id": _Component(_FUNCTION, ()),
    "task_router": _Component(_FUNCTION, ("ctrl", "session_id", "task")),
    "session_factory": _Component(_FUNCTION, ("ctrl", "session_id")),
    "event_hooks": _Component(_FUNCTIONS),
    "db": _Component(_DB, placed=True),
}
"""Every component. Whatever else depends on a component's name follows from its entry."""

NAMES = tuple(_COMPONENTS)
"""The names of all components."""

CODE = tuple(name for name, each in _COMPONENTS.items() if each.kind in (_FUNCTION, _FUNCTIONS))
"""The names of those that are called while the session runs."""


def _is_ours(value: Any) -> bool:
    from tui_annotate.store.threaded_store import StoreHandle  # the engine, which help may not load

    return isinstance(value, StoreHandle)


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "a name": lambda value: isinstance(value, str) and bool(value.strip()),
    "an iterable of tasks": lambda value: (
        isinstance(value, Iterable) and not isinstance(value, str)
    ),
    "a dictionary": lambda value: isinstance(value, Mapping),
    "a list of dataset names": lambda value: (
        isinstance(value, (list, tuple)) and all(isinstance(name, str) for name in value)
    ),
    _FUNCTION: callable,
    _DB: lambda value: value is True or value == "sqlite" or _is_ours(value),
    _FUNCTIONS: lambda value: (
        isinstance(value, Mapping)
        and all(isinstance(name, str) and callable(hook) for name, hook in value.items())
    ),
}


_NEAR = 0.75
"""How alike an unknown name and a known one are, from 0 to 1, for a typing error."""


def unknown_components(components: Mapping[Any, Any]) -> list[Any]:
    """Return the keys that are no components: recipes for other programs have some."""
    return [name for name in components if name not in _COMPONENTS]


def check_components(recipe: str, components: Any) -> dict[str, Any]:
    """Return the components as a dictionary, or raise `RecipeError` that names what is wrong.

    A key that is like no component is left out, and `unknown_components` has it.
    """
    if not isinstance(components, Mapping):
        raise RecipeError(
            f"it returned {type(components).__name__}, not a dictionary of components",
            where=recipe,
        )
    for name, value in components.items():
        component = _COMPONENTS.get(name)
        if component is None:
            _check_unknown(recipe, name)
            continue
        left_out = value is None and not component.needed
        if not left_out and not _CHECKS[component.kind](value):
            unsaved = name == "dataset" and not value
            hint = "Answers are always saved; `tui-annotate drop` deletes a dataset"
            raise RecipeError(
                f"the component {name!r} must be {component.kind}, not {type(value).__name__}",
                where=recipe,
                hint=hint if unsaved else None,
            )
        given = component.given
        if given is not None and not left_out and not _takes(value, given):
            wanted = ", ".join(given)
            raise RecipeError(
                f"the component {name!r} cannot be called as {name}({wanted})",
                where=recipe,
                hint=f"It is defined as {name}{inspect.signature(value)}",
            )
    for name, component in _COMPONENTS.items():
        if component.needed and name not in components:
            raise RecipeError(f"the component {name!r} is missing", where=recipe)
    return {name: value for name, value in components.items() if name in _COMPONENTS}


def kept(components: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a job keeps of checked components under their names; what is absent is left out.

    A dictionary is copied, so that what a recipe changes in it later has no effect.
    """
    found: dict[str, Any] = {}
    for name, value in components.items():
        if isinstance(value, Mapping):
            value = dict(value) or None
        if value is not None and not _COMPONENTS[name].placed:
            found[name] = value
    return found


def _check_unknown(recipe: str, name: Any) -> None:
    """Raise `RecipeError` where an unknown name is a component's with a typing error."""
    if not isinstance(name, str) or closest(name, _COMPONENTS, least=_NEAR):
        hint = nearest(str(name), _COMPONENTS)
        raise RecipeError(f"there is no component {name!r}", where=recipe, hint=hint)


def _takes(function: Callable[..., Any], names: tuple[str, ...]) -> bool:
    """Tell whether a function can be called with so many arguments, as far as can be known."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some that are not written in Python do not say
        return True
    try:
        signature.bind(*names)
    except TypeError:
        return False
    return True


_VIEWS_BY_KEY = (
    *(("relations", "relations"), ("options", "choice"), ("spans", "ner_manual")),
    *(("label", "classification"), ("image", "image"), ("html", "html")),
)
"""What a task is shown in that names no view: the view of the first key that it has."""

_LOOKED_AT = 1000
"""Tasks of a list that are looked at for the labels of a review."""


def with_view_of_review(given: dict[str, Any]) -> dict[str, Any]:
    """Return the components with the view that the answers were given in, where a recipe has the
    view `review`, alone or as a block.

    `review` shows what several people said, the `versions` of a task, in the view that the first
    task names (`view_id`); the labels are those of its versions, unless the recipe has some.
    """
    config = dict(given.get("config") or {})
    blocks = config.get("blocks")
    blocks = list(blocks) if given["view_id"] == "blocks" and isinstance(blocks, Iterable) else []
    named = [isinstance(each, Mapping) and each.get("view_id") == REVIEW for each in blocks]
    if given["view_id"] != REVIEW and not any(named):
        return given
    tasks, stream = _first_tasks(given["stream"])
    view = getattr(stream, "view_id", None) or _view_of(tasks[0] if tasks else {})
    config[REVIEW] = True
    if not config.get("labels") and (labels := _labels_of(tasks)):
        config["labels"] = labels
    if blocks:
        config["blocks"] = [
            {**block, "view_id": view} if is_review else block
            for block, is_review in zip(blocks, named, strict=True)
        ]
    shown = "blocks" if blocks else view
    return {**given, "view_id": shown, "config": config, "stream": stream}


def _first_tasks(stream: Any) -> tuple[list[Any], Any]:
    """Return tasks from the beginning of a stream, and a stream that still begins with them."""
    if not isinstance(stream, Iterator):
        return list(islice(stream, _LOOKED_AT)), stream
    first = list(islice(stream, 1))
    return first, chain(first, stream)


def _view_of(task: Any) -> str:
    """Return the view that a task of a review is shown in."""
    if not isinstance(task, Mapping):
        return "text"
    for each in (task, *versions_in(task)):
        for key in ("view_id", VIEW_ID):
            name = each.get(key)
            if isinstance(name, str) and name not in ("", REVIEW, "blocks"):
                return name
    for each in (*versions_in(task), task):
        for key, view in _VIEWS_BY_KEY:
            if key in each:
                return view
    return "ner_manual" if "tokens" in task else "text"


def _labels_of(tasks: list[Any]) -> list[str]:
    """Return the labels of the spans and relations in the versions of some tasks, sorted."""
    found = {
        str(each["label"])
        for task in tasks
        if isinstance(task, Mapping) and VERSIONS in task
        for version in versions_in(task)
        for key in ("spans", "relations")
        for each in version.get(key) or ()
        if isinstance(each, Mapping) and each.get("label")
    }
    return sorted(found)
