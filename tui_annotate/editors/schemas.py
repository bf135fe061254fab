"""What a task must have for its view, as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.task.schema import Task
from tui_annotate.views import find_view

_LIST = {"type": "array", "items": {"type": "object"}}
_PROPERTIES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "label": {"type": "string"},
    "image": {"type": "string"},
    "html": {"type": "string"},
    "spans": _LIST,
    "tokens": _LIST,
    "options": _LIST,
    "relations": _LIST,
    "arcs": _LIST,
    "meta": {"type": "object"},
}
_TYPES: dict[str, type] = {"string": str, "array": list, "object": Mapping}


def get_schema(view_id: str, json: bool = True) -> dict[str, Any]:
    """Return the JSON Schema of a view's tasks.

    A key that another may stand for, or a setting, is not among those that are `required`: `anyOf`
    has them.

    Args:
        view_id: The view.
        json: Accepted for calls that say so; the schema always is a dictionary.

    Raises:
        RecipeError: There is no such view.
    """
    del json
    view = find_view(view_id)
    found = {
        "type": "object",
        "properties": {**_PROPERTIES, **view.schema},
        "required": [keys[0] for keys in view.needs if len(keys) == 1],
    }
    choices = [
        {"anyOf": [{"required": [key]} for key in keys]} for keys in view.needs if len(keys) > 1
    ]
    return {**found, "allOf": choices} if choices else found


def validate(task: Task, view_id: str) -> None:
    """Check that a task has what a view needs.

    Raises:
        TaskError: Something is missing, or of another kind.
        RecipeError: There is no such view.
    """
    view = find_view(view_id)
    own = task.get("config")
    missing = view.missing(task, own if isinstance(own, Mapping) else {})
    if missing:
        raise TaskError(f"it has no {missing!r}, which {view_id} needs", reason="incomplete")
    for name, expected in {**_PROPERTIES, **view.schema}.items():
        kinds = _kinds(expected)
        if name in task and not any(isinstance(task[name], _TYPES[kind]) for kind in kinds):
            raise TaskError(f"its {name!r} is no {' or '.join(kinds)}", reason="wrong-type")


def _kinds(expected: Mapping[str, Any]) -> list[str]:
    """Return the types, as JSON Schema calls them, of which a value needs one."""
    return [each["type"] for each in expected.get("anyOf", (expected,))]
