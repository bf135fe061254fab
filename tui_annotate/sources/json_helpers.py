"""Helpers of the readers of other programs' JSON: they look into objects and make tasks of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.standoff_marks import scalars
from tui_annotate.task.schema import Task

Row = Mapping[str, Any]
REMARKS = "_remarks"
"""A key of tasks with remarks on them; whoever reads a file takes it out."""
LABELS = (
    *("label", "entity_group", "entity", "type", "entity_type", "entityType", "tag", "category"),
    *("entity_label", "entityLabel", "ner_label", "class", "class_name", "label_name", "kind"),
)
"""Keys of the label of an entity, the likeliest first."""
ODD = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
"""What is raised where a value is of another kind than is expected at its place."""


def objects(value: Any) -> list[Row]:
    """Return those entries of a list that are objects; none of anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def dicts(value: Any) -> list[dict[str, Any]]:
    """Return the same, to be changed."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def entries(row: Row, key: str) -> list[Row]:
    """Return a list of objects that a row has under a key; none where it has no such key.

    Raises:
        TaskError: It is no list, or not all of its entries are objects.
    """
    return all_objects(row.get(key), key)


def all_objects(value: Any, name: str) -> list[Row]:
    """Return a list of objects that is called `name`; an empty one for None.

    Raises:
        TaskError: As `entries` does.
    """
    listed = objects(value)
    if value is not None and (not isinstance(value, list) or len(listed) < len(value)):
        raise TaskError(f"`{name}` holds something else than objects", reason="bad-spans")
    return listed


def each_task(make: Callable[[Any], Task], parts: Iterable[Any]) -> Iterator[Task | TaskError]:
    """Yield what is made of each part; of a bad one what is wrong with it, and then the next."""
    for each in parts:
        made: Task | TaskError
        try:
            made = make(each)
        except TaskError as error:
            made = error
        except ODD as error:
            made = odd_value(error)
        yield made


def odd_value(error: Exception) -> TaskError:
    """Return what is said of an object in which a value is of another kind than is expected."""
    what = "a value in it is of another kind than is expected at its place"
    return TaskError(f"{what} ({type(error).__name__})", reason="bad-spans")


def name_of(value: Any, what: str) -> str:
    """Return the name of a class, label or relation, which may be a number.

    Args:
        value: What the file has for it.
        what: What it is the name of, with its article.

    Raises:
        TaskError: There is none.
    """
    if not isinstance(value, str | int | float):
        raise TaskError(f"{what} has no name", reason="bad-choice")
    return str(value)


def remark(task: Task, *sentences: str) -> None:
    """Add remarks to a task, for whoever reads its file."""
    task[REMARKS] = [*task.get(REMARKS, ()), *sentences]


def is_text(value: Any) -> bool:
    """Return whether a value is a text, and not the place of a picture, a sound or another file."""
    return isinstance(value, str) and _FILE.fullmatch(value.strip()) is None


_FILE = re.compile(
    r"(?:\w+://|/|\./|data:)\S+|\S+\.(?:jpe?g|png|gif|webp|tiff?|wav|mp3|ogg|flac|mp4|webm|pdf)",
    re.I,
)


def picture_key(values: Row) -> str:
    """Return the key of the only value that is the place of a picture; empty for none or more."""
    found = [key for key, each in values.items()
             if isinstance(each, str) and _PICTURE.fullmatch(each.strip())]  # fmt: skip
    return found[0] if len(found) == 1 else ""


def without_lost_picture(task: Task) -> Task:
    """Return an answer about a picture; if it says nothing that is held, such as areas alone, then
    without the picture, so that it is refused and not taken for an answer that says nothing."""
    held = task.keys() & {"text", "html", "accept", "cats", "user_input"}
    return task if held else {key: value for key, value in task.items() if key != "image"}


_PICTURE = re.compile(
    r"data:image/\S+|(?:\w+://|/|\./)?\S+\.(?:jpe?g|png|gif|webp|tiff?|bmp)(?:\?\S*)?", re.I
)


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
        TaskError: There is no text, or a class has no name.
    """
    if not isinstance(text, str):
        raise TaskError("there is no text beside its entities", reason="no-input")
    task: Task = {"text": text}
    if spans is not None:
        task["spans"] = sorted(spans, key=lambda span: (span["start"], -span["end"]))
    if classes is not None:
        task["accept"] = [name_of(each, "a class") for each in classes]
    return task


def as_offset(value: Any) -> int | None:
    """Return a place in a text, which may be a number written as text; None for anything else."""
    if type(value) is int:
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None


def end_behind(last: Any) -> Any:
    """Return the end (exclusive) of what ends with the character at `last`. What is no place comes
    back as it is, for `place_span` to refuse."""
    at = as_offset(last)
    return last if at is None else at + 1


def place_span(start: Any, end: Any, label: Any, attributes: Row | None = None) -> dict[str, Any]:
    """Return a span from `start` to `end` (exclusive), in the units of its file.

    Raises:
        TaskError: Start and end are no numbers, or there is no label.
    """
    first, last = as_offset(start), as_offset(end)
    if first is None or last is None or not isinstance(label, str):
        what = f"an entity {label!r} goes from {start!r} to {end!r}"
        raise TaskError(what[:120], reason="bad-spans")
    span: dict[str, Any] = {"start": first, "end": last, "label": label}
    said = scalars(attributes or {})
    return {**span, "attributes": said} if said else span
