"""A document as one row of a table, for formats with columns.

CSV is the plainest of them: its lists stand as JSON in their cells.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from tui_annotate.errors import TaskError
from tui_annotate.exchange.document import Document
from tui_annotate.exchange.tasks import as_task, text_classes
from tui_annotate.exchange.writers import FormatSettings, TextWriter, utf8_bytes
from tui_annotate.sources.known_tables import REST
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.offsets import UNIT_KEY, Unit
from tui_annotate.task.schema import (
    ANNOTATOR_ID,
    ANSWER_ID,
    INPUT_HASH,
    SCHEMA,
    SESSION_ID,
    TASK_HASH,
    TIMESTAMP,
    VIEW_ID,
    Task,
)

Row: TypeAlias = dict[str, Any]

COLUMNS = (
    "answer_id", "input_hash", "task_hash", "text", "answer", "label", "labels", "spans", "tokens",
    "relations", "meta", "session", "annotator", "answered_at", "view_id", "offset_unit", REST,
)  # fmt: skip
"""Strings, but for `labels` (a list of strings), `spans` and `tokens` (lists of objects), and the
number of the answer, the hashes and the time (seconds since 1970), which are integers or None.
`sources/known_tables.py` makes tasks of them again."""

_OWN = frozenset({
    "text", "answer", "spans", "tokens", "relations", "meta", UNIT_KEY,
    SESSION_ID, ANNOTATOR_ID, TIMESTAMP, VIEW_ID, INPUT_HASH, TASK_HASH, ANSWER_ID, SCHEMA,
})  # fmt: skip
"""The keys of a task that have columns of their own; all others stand in `rest`."""

_LARGEST = 1 << 63

SPAN_KEYS: dict[str, type] = {
    "start": int, "end": int, "label": str, "token_start": int, "token_end": int,
}  # fmt: skip
TOKEN_KEYS: dict[str, type] = {"text": str, "start": int, "end": int, "id": int, "ws": bool}


def as_row(document: Document, unit: Unit = "codepoints") -> Row:
    """Return a document as one row with the keys of `COLUMNS`.

    Raises:
        TaskError: `surrogate`: its text is nothing that UTF-8 can hold.
    """
    task = as_task(document, unit)
    utf8_bytes(document.text)
    rest = _rest(task)
    label = rest.get("label")
    if isinstance(label, str) and label:
        utf8_bytes(rest.pop("label"))
    else:
        label = None
    annotators = task.get("_annotators") or [task.get("_annotator_id")]
    if not document.has_text and task.get("text") is not None:
        rest["text"] = task["text"]
    return {
        "answer_id": document.id,
        "input_hash": task.get("_input_hash"),
        "task_hash": task.get("_task_hash"),
        "text": document.text if document.has_text else None,
        "answer": task["answer"],
        "label": label,
        "labels": text_classes(document),
        "spans": _objects(task.get("spans"), SPAN_KEYS),
        "tokens": _objects(task.get("tokens"), TOKEN_KEYS),
        "relations": _json(task.get("relations")),
        "meta": _json(task.get("meta")),
        "session": task.get("_session_id"),
        "annotator": ",".join(map(str, annotators)),
        "answered_at": task.get("_timestamp"),
        "view_id": task.get("_view_id"),
        "offset_unit": unit,
        REST: _json(rest or None),
    }


def _rest(task: Task) -> Task:
    """Return what has no column: other keys, and spans and tokens that say more than columns do."""
    rest = {key: value for key, value in task.items() if key not in _OWN}
    for name, keys in (("spans", SPAN_KEYS), ("tokens", TOKEN_KEYS)):
        found = task.get(name) or ()
        if any(isinstance(each, dict) and not each.keys() <= keys.keys() for each in found):
            rest[name] = found
    return rest


def flat(row: Row) -> Row:
    """Return a row with its lists as JSON text: None where there are none."""
    return {
        key: _json([_present(each) for each in value]) if isinstance(value, list) else value
        for key, value in row.items()
    }


def _present(value: Any) -> Any:
    """Return an object without the keys that only columns need."""
    if not isinstance(value, dict):
        return value
    return {key: item for key, item in value.items() if item is not None}


def _objects(value: Any, keys: Mapping[str, type]) -> list[dict[str, Any]] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise TaskError("its spans or tokens are not lists of objects", reason="bad-spans")
    return [_typed(each, keys) for each in value]


def _typed(data: dict[str, Any], keys: Mapping[str, type]) -> dict[str, Any]:
    """Return an object with values that columns of their kinds can hold."""
    found: dict[str, Any] = {}
    for key, kind in keys.items():
        value: Any = data.get(key)
        found[key] = value
        if value is None:
            continue
        exact: Any = type(value)
        if exact is not kind or (kind is int and not -_LARGEST <= value < _LARGEST):
            what = f"a `{key}` in its spans or tokens is no {kind.__name__} that a column can hold"
            raise TaskError(what, reason="bad-value")
        if kind is str and not value.isascii():
            utf8_bytes(value)
    return found


def _json(value: Any) -> str | None:
    return None if value is None else dumps(value)


def open_csv(path: Path, settings: FormatSettings) -> TextWriter:
    """Write rows under a header, with `,` and quotes as RFC 4180 has them."""
    buffer = io.StringIO(newline="")
    lines = csv.DictWriter(buffer, COLUMNS)

    def render(document: Document) -> str:
        row = flat(as_row(document, settings.offsets))
        buffer.seek(0)
        buffer.truncate()
        lines.writerow(row)
        return buffer.getvalue()

    return TextWriter(path, render, header=",".join(COLUMNS) + "\r\n")
