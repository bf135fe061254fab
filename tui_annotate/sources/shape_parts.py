"""What readers of other programs' objects have in common: looking into them, and tasks of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.standoff import scalars
from tui_annotate.task.schema import Task

Row = Mapping[str, Any]
LEFT_OUT = "_left_out"
"""A key of tasks with the names of what had no place in them; whoever reads a file takes it out."""


def objects(value: Any) -> list[Row]:
    """Return those entries of a list that are objects; none of anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def table(value: Any) -> Row:
    """Return an object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def first(row: Row, keys: Iterable[str]) -> Any:
    """Return the value of the first key that an object has; None for none."""
    return next((row[key] for key in keys if key in row), None)


def text_task(
    text: Any, spans: list[dict[str, Any]] | None, classes: list[Any] | None = None
) -> Task:
    """Return a text with its spans and classes as a task; None for what nobody was asked for.

    Raises:
        TaskError: There is no text.
    """
    if not isinstance(text, str):
        raise TaskError("there is no text beside its entities", reason="no-input")
    task: Task = {"text": text}
    if spans is not None:
        task["spans"] = sorted(spans, key=lambda span: (span["start"], -span["end"]))
    if classes is not None:
        task["accept"] = [str(each) for each in classes]
    return task


def place_span(start: Any, end: Any, label: Any, attributes: Row | None = None) -> dict[str, Any]:
    """Return a span from `start` to `end` (exclusive), in the units of its file.

    Raises:
        TaskError: Start and end are no numbers, or there is no label.
    """
    if type(start) is not int or type(end) is not int or not isinstance(label, str):
        what = f"an entity {label!r} goes from {start!r} to {end!r}"
        raise TaskError(what[:120], reason="bad-spans")
    span: dict[str, Any] = {"start": start, "end": end, "label": label}
    said = scalars(attributes or {})
    return {**span, "attributes": said} if said else span
