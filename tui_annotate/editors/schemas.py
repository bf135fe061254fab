"""What a view needs of a task, as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui_annotate.editors.registry import find_view
from tui_annotate.errors import TaskError
from tui_annotate.task.schema import Task

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
    "pages": _LIST,
    "meta": {"type": "object"},
    "llm": {"type": "object"},
}
_NEEDS: dict[str, tuple[str, ...]] = {
    "text": ("text",),
    "ner": ("text",),
    "ner_manual": ("text",),
    "spans": ("text",),
    "spans_manual": ("text",),
    "pos": ("text",),
    "pos_manual": ("text",),
    "dep": ("text", "arcs"),
    "relations": ("text",),
    "coref": ("text",),
    "classification": ("label",),
    "choice": ("options",),
    "compare": ("accept", "reject"),
    "image": ("image",),
    "pages": ("pages",),
    "llm_io": ("llm",),
}
_TYPES: dict[str, type] = {"string": str, "array": list, "object": Mapping}


def get_schema(view_id: str, json: bool = True) -> dict[str, Any]:
    """Return the JSON Schema of a view's tasks.

    Args:
        view_id: The view.
        json: Accepted for calls that say so; the schema always is a dictionary.

    Raises:
        RecipeError: There is no such view.
    """
    del json
    find_view(view_id)
    needs = list(_NEEDS.get(view_id, ()))
    return {"type": "object", "properties": _PROPERTIES, "required": needs}


def validate(task: Task, view_id: str) -> None:
    """Check that a task has what a view needs.

    Raises:
        TaskError: Something is missing, or of another kind.
        RecipeError: There is no such view.
    """
    schema = get_schema(view_id)
    for name in schema["required"]:
        other = {"accept": "chosen", "reject": "rejected"}.get(name, name)
        if name not in task and other not in task:
            raise TaskError(f"it has no {name!r}, which {view_id} needs", reason="incomplete")
    for name, expected in _PROPERTIES.items():
        if name in task and not isinstance(task[name], _TYPES[expected["type"]]):
            raise TaskError(f"its {name!r} is no {expected['type']}", reason="wrong-type")
