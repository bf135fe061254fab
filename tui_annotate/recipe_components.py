"""The components that a recipe may return, and what each has to be."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tui_annotate.errors import RecipeError, nearest

_DB = (
    "True or absent (answers are always saved here; use a dataset of its own, and `update` to write"
    " them elsewhere too)"
)
_COMPONENTS: dict[str, str] = {
    "dataset": "a name",
    "view_id": "a name",
    "stream": "an iterable of tasks",
    "config": "a dictionary",
    "exclude": "a list of dataset names",
    "before_db": "a function",
    "validate_answer": "a function",
    "update": "a function",
    "progress": "a function",
    "on_load": "a function",
    "on_exit": "a function",
    "get_session_id": "a function",
    "task_router": "a function",
    "session_factory": "a function",
    "event_hooks": "a dictionary of functions",
    "db": _DB,
}


def _is_ours(value: Any) -> bool:
    from tui_annotate.store.threaded_store import Handle  # the engine, which help may not load

    return isinstance(value, Handle)


CALLBACKS = ("update", "progress", "on_load", "get_session_id", "task_router", "session_factory")
_GIVEN: dict[str, tuple[str, ...]] = {
    "update": ("answers",),
    "before_db": ("answers",),
    "validate_answer": ("answer",),
    "on_load": ("ctrl",),
    "on_exit": ("ctrl",),
    "get_session_id": (),
    "task_router": ("ctrl", "session_id", "task"),
    "session_factory": ("ctrl", "session_id"),
}
"""What functions are called with; those of `progress` and `event_hooks` may differ."""

_CHECKS: dict[str, Callable[[Any], bool]] = {
    "a name": lambda value: isinstance(value, str) and bool(value.strip()),
    "an iterable of tasks": lambda value: (
        isinstance(value, Iterable) and not isinstance(value, str)
    ),
    "a dictionary": lambda value: isinstance(value, Mapping),
    "a list of dataset names": lambda value: (
        isinstance(value, (list, tuple)) and all(isinstance(name, str) for name in value)
    ),
    "a function": callable,
    _DB: lambda value: value is True or value == "sqlite" or _is_ours(value),
    "a dictionary of functions": lambda value: (
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
        kind = _COMPONENTS.get(name)
        if kind is None:
            _check_unknown(recipe, name)
            continue
        optional = name not in ("dataset", "view_id", "stream")
        if not (_CHECKS[kind](value) or (optional and value is None)):
            unsaved = name == "dataset" and not value
            hint = "Answers are always saved; `tui-annotate drop` deletes a dataset"
            raise RecipeError(
                f"the component {name!r} must be {kind}, not {type(value).__name__}",
                where=recipe,
                hint=hint if unsaved else None,
            )
        if name in _GIVEN and value is not None and not _takes(value, _GIVEN[name]):
            wanted = ", ".join(_GIVEN[name])
            raise RecipeError(
                f"the component {name!r} cannot be called as {name}({wanted})",
                where=recipe,
                hint=f"It is defined as {name}{inspect.signature(value)}",
            )
    for name in ("dataset", "view_id", "stream"):
        if name not in components:
            raise RecipeError(f"the component {name!r} is missing", where=recipe)
    return {name: value for name, value in components.items() if name in _COMPONENTS}


def _check_unknown(recipe: str, name: Any) -> None:
    """Raise `RecipeError` where an unknown name is a component's with a typing error."""
    from difflib import get_close_matches  # a mistake may cost its import, a start may not

    if not isinstance(name, str) or get_close_matches(name, _COMPONENTS, n=1, cutoff=_NEAR):
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
