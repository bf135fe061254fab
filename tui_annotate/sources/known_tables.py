"""Tables that are known by their columns: those that `export`, Label Studio and Argilla write.

Rows of the first become the tasks that they were made from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.task.jsonio import loads_value
from tui_annotate.task.offsets import UNIT_KEY, to_codepoints
from tui_annotate.task.schema import (
    ANNOTATOR_ID,
    INPUT_HASH,
    SESSION_ID,
    TASK_HASH,
    TIMESTAMP,
    VIEW_ID,
    Task,
)

REST = "rest"
"""The column with all keys of a task that have no column of their own."""

ARGILLA_COLUMN = re.compile(
    r"\.(?:responses|suggestion)$|-suggestion(?:-metadata)?$|^annotation_agent$|^external_id$"
)
"""Names of columns that tables of Argilla's have; what tells is in `argilla.py`."""

_MARKS = frozenset({"text", "answer", UNIT_KEY, REST})
_LABEL_STUDIO = frozenset({"annotation_id", "lead_time"})
_SAME = ("text", "answer", "label", UNIT_KEY)
_STRUCTURED: dict[str, type] = {"spans": list, "tokens": list, "relations": list, "meta": object}
_NAMES = {
    "view_id": VIEW_ID, "annotator": ANNOTATOR_ID, "session": SESSION_ID,
    "answered_at": TIMESTAMP, "input_hash": INPUT_HASH, "task_hash": TASK_HASH,
}  # fmt: skip
_NUMBERS = frozenset({TIMESTAMP, INPUT_HASH, TASK_HASH})


def is_export(columns: Iterable[str]) -> bool:
    """Tell whether columns are those of a table that `export` wrote."""
    return set(columns) >= _MARKS


def is_label_studio_row(columns: Iterable[str]) -> bool:
    """Tell whether keys, or columns, are those of a JSON_MIN or CSV export of Label Studio."""
    return set(columns) >= _LABEL_STUDIO


def as_task(values: Mapping[str, Any]) -> Task:
    """Return a row of such a table as a task; cells that are empty give no key.

    Args:
        values: Column -> value; lists and objects may be JSON text, numbers may be text.

    Raises:
        TaskError: `bad-cell`: a cell does not hold what its column should.
    """
    found = {key: value for key, value in values.items() if value is not None and value != ""}
    task: Task = {key: found[key] for key in _SAME if key in found}
    for key, kind in _STRUCTURED.items():
        if key in found:
            task[key] = _structured(key, found[key], kind)
    for column, key in _NAMES.items():
        if column in found:
            task[key] = _number(column, found[column]) if key in _NUMBERS else str(found[column])
    if SESSION_ID not in task:
        # Several people's names; they stand in the rest one by one.
        task.pop(ANNOTATOR_ID, None)
    task |= _structured(REST, found.get(REST, {}), dict)
    if UNIT_KEY in task:
        to_codepoints(task)
        # So that nobody moves them once more.
        task[UNIT_KEY] = "codepoints"
    return task


def _structured(column: str, value: Any, kind: type) -> Any:
    if isinstance(value, str):
        value = loads_value(value)
    if not isinstance(value, kind):
        what = f"the column `{column}` holds {type(value).__name__}, not {kind.__name__}"
        raise TaskError(what, reason="bad-cell")
    return value


def _number(column: str, value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        what = f"the column `{column}` holds {str(value)[:40]!r}, no integer"
        raise TaskError(what, reason="bad-cell") from None
