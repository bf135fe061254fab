"""Argilla's records as tables have them: a column for each part of a record.

Argilla 2 (`to_datasets`, `to_list(flatten=True)`) has the parts of a question behind its name:

    {"text": "Ada left", "topic.responses": ["A", "B"], "topic.responses.users": ["u1", "u2"],
     "topic.responses.status": ["submitted", "draft"], "topic.suggestion": "A",
     "topic.suggestion.agent": "model"}

A feedback dataset of Argilla 1 has the responses of a question under its bare name:

    {"text": "Ada left", "topic": [{"user_id": "u1", "value": "A", "status": "submitted"}],
     "topic-suggestion": "A", "topic-suggestion-metadata": {"agent": "model"}}
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from json import loads
from typing import Any

from tui_annotate.errors import TaskError

_PART = re.compile(r"(.+?)\.(responses(?:\.(?:users|status))?|suggestion(?:\.(?:agent|score))?)")
_SUGGESTION = "-suggestion"
_ABOUT_SUGGESTION = "-suggestion-metadata"
_ABOUT_RECORDS = frozenset({"id", "external_id", "status", "_server_id", "score"})


def is_argilla_table(columns: Iterable[str]) -> bool:
    """Return whether keys, or columns, are those of a flat record of Argilla's."""
    names = set(columns)
    responses = [name for name in names if name.endswith(".responses")]
    if any(f"{name}.users" in names or f"{name}.status" in names for name in responses):
        return True
    if any(name.endswith(".suggestion") and f"{name}.agent" in names for name in names):
        return True
    if any(name.endswith(_ABOUT_SUGGESTION) for name in names):
        return True
    return "annotation_agent" in names and not names.isdisjoint(("prediction", "annotation"))


def has_responses_in_columns(row: Mapping[str, Any]) -> bool:
    """Return whether columns of a row hold lists of responses, in either of the two forms."""
    listed = [key for key, value in row.items() if isinstance(value, list) and "." in key]
    if any(_PART.fullmatch(key) and key.endswith(".responses") for key in listed):
        return True
    return any(_old_responses(value) for value in row.values() if isinstance(value, list | dict))


def nested(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a flat record with its fields, responses and suggestions apart.

    Which of its other keys were fields and which metadata does not stand in it: texts, and what is
    made of several parts, are taken for fields, numbers and lists of words for metadata; vectors
    are left out.

    Raises:
        TaskError: There are not as many people as responses.
    """
    responses: dict[str, Any] = {}
    suggestions: dict[str, dict[str, Any]] = {}
    fields: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    for key, value in row.items():
        part = _PART.fullmatch(key)
        if part is not None:
            # Users and states are read with the responses that they belong to.
            if part[2] == "responses":
                responses[part[1]] = _zipped(row, key)
            elif part[2] == "suggestion":
                suggestions[part[1]] = {"value": rows_of(value)}
            continue
        if key.endswith(_SUGGESTION):
            suggestions[key.removesuffix(_SUGGESTION)] = {"value": rows_of(value)}
            continue
        if key.endswith(_ABOUT_SUGGESTION):
            continue
        answers = _old_responses(value)
        # A question that only a model has answered has an empty list, which could be anything.
        if answers or f"{key}{_SUGGESTION}" in row:
            responses[key] = answers
        elif key == "metadata" and (isinstance(value, str | dict) or value is None):
            metadata |= json_object(value)
        elif key not in _ABOUT_RECORDS and value is not None:
            (metadata if _is_metadata(value) else fields)[key] = value
    numbers = {key: row[key] for key in ("id", "external_id") if row.get(key) is not None}
    fields = {key: value for key, value in fields.items() if not _is_vector(value)}
    return {
        **numbers, "fields": fields, "metadata": metadata, "responses": responses,
        "suggestions": suggestions,
    }  # fmt: skip


def _zipped(row: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    if not isinstance(row.get(key), list | None):
        raise TaskError(f"`{key}` is no list of responses", reason="bad-spans")
    values = _listed(row.get(key))
    # Without their names several people are numbered, so that none takes another one's place.
    numbered = [str(number) for number in range(1, len(values) + 1)] if len(values) > 1 else [None]
    people = _listed(row.get(f"{key}.users")) or numbered[: len(values)]
    states = _listed(row.get(f"{key}.status")) or [None] * len(values)
    if not len(values) == len(people) == len(states):
        what = f"`{key}` has {len(values)} responses of {len(people)} people"
        raise TaskError(f"{what}, with {len(states)} states", reason="bad-spans")
    return [
        {"value": rows_of(value), "user_id": person, "status": status}
        for value, person, status in zip(values, people, states, strict=True)
    ]


def _old_responses(value: Any) -> list[dict[str, Any]]:
    """Return the responses that a column of Argilla 1 holds; an empty list for another value."""
    rows = rows_of(value)
    if not isinstance(rows, list) or not rows:
        return []
    wanted = {"user_id", "value", "status"}
    if not all(isinstance(each, dict) and each.keys() <= wanted for each in rows):
        return []
    if not any(each.keys() >= {"value", "status"} for each in rows):
        return []
    return [{**each, "value": rows_of(each.get("value"))} for each in rows]


def rows_of(value: Any) -> Any:
    """Return an object of lists, as Hugging Face has lists of objects, as a list of objects."""
    if not isinstance(value, dict) or not value:
        return value
    lists = list(value.values())
    if not all(isinstance(each, list) and len(each) == len(lists[0]) for each in lists):
        return value
    return [dict(zip(value, each, strict=True)) for each in zip(*lists, strict=True)]


def json_object(value: Any) -> Mapping[str, Any]:
    """Return metadata, which tables hold as the text of an object; empty for none."""
    if not isinstance(value, str):
        return mapping(value)
    try:
        return mapping(loads(value))
    except (ValueError, RecursionError):
        return {"metadata": value}


def _is_metadata(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, str) for each in value)
    return isinstance(value, bool | int | float)


def _is_vector(value: Any) -> bool:
    numbers = isinstance(value, list) and all(isinstance(each, int | float) for each in value)
    return numbers and bool(value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def mapping(value: Any) -> Mapping[str, Any]:
    """Return an object of JSON as it is; empty for any other value."""
    return value if isinstance(value, Mapping) else {}
