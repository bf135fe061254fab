"""Potato's annotations as JSON: a text with what one person chose and marked.

{"id": "1", "displayed_text": "Ada left", "label_annotations": {"mood": {"good": "true"}},
 "span_annotations": [{"schema": "ner", "name": "PER", "start": 0, "end": 3, "span": "Ada"}]}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tui_annotate.sources.json_helpers import Row, entries, first, place_span, table, text_task
from tui_annotate.task.schema import ANNOTATOR_ID, Task

_ANSWERS = ("label_annotations", "annotation")
_TEXTS = ("displayed_text", "text")
_PEOPLE = ("user", "user_id", "annotator")
_CHOSEN = ("true", "1", "on")
SEVERAL = "_several"
"""A key that a reader adds: whether the rows of the file answer several questions."""


def is_potato(row: Row) -> bool:
    """Return whether an object has the form of Potato's annotations."""
    answers = first(row, _ANSWERS)
    if not isinstance(answers, dict) or not isinstance(first(row, _TEXTS), str):
        return False
    own = "displayed_text" in row or "label_annotations" in row
    return own and all(isinstance(each, dict) for each in answers.values())


def potato(row: Row) -> Iterator[Task]:
    """Yield the text with its spans and classes; what was typed goes to `meta`."""
    answers = table(first(row, _ANSWERS))
    chosen = [
        (schema, str(name))
        for schema, said in answers.items()
        for name, value in table(said).items()
        if _is_chosen(name, value)
    ]
    several = row.get(SEVERAL, len(answers) > 1)
    classes = [f"{schema}: {name}" if several else name for schema, name in chosen]
    spans = [_span(each) for each in entries(row, "span_annotations")]
    task = text_task(
        first(row, _TEXTS), spans if spans or not answers else None, classes if answers else None
    )
    person = first(row, _PEOPLE)
    if isinstance(person, str | int):
        task[ANNOTATOR_ID] = str(person)
    meta: dict[str, Any] = {} if row.get("id") is None else {"id": row["id"]}
    for schema, said in answers.items():
        typed = [value for name, value in table(said).items() if not _is_chosen(name, value)]
        if typed:
            meta[str(schema)] = typed[0] if len(typed) == 1 else typed
    yield {**task, "meta": meta} if meta else task


def has_several(rows: Iterable[Row]) -> bool:
    """Return whether rows answer several questions, so that a class needs that of its own."""
    return len({schema for row in rows for schema in table(first(row, _ANSWERS))}) > 1


def _is_chosen(name: Any, value: Any) -> bool:
    return str(value).lower() in (*_CHOSEN, str(name).lower())


def _span(each: Mapping[str, Any]) -> dict[str, Any]:
    span = place_span(
        each.get("start"), each.get("end"), first(each, ("name", "annotation", "label"))
    )
    return {**span, "text": each["span"]} if isinstance(each.get("span"), str) else span
