"""Tables and saved datasets whose rows have the shape of another program's JSON.

A data set is handed on as Parquet as often as it is as JSON lines, with the same fields. So its
first rows are looked at as those of a file of JSON lines are, and read by the same functions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.doccano import example_task
from tui_annotate.sources.entity_json import entity_tasks
from tui_annotate.sources.recognise import ROWS, loader_of_rows
from tui_annotate.sources.row_signs import is_doccano
from tui_annotate.sources.squad import question_tasks
from tui_annotate.sources.text_field import ANY_ROW, Fields
from tui_annotate.task.schema import Task

Made = Iterable[Task | TaskError]


class ShapedRecords(NamedTuple):
    """What reads such rows.

    Attributes:
        loader: The loader of the same rows in JSON.
        fields: How the table is read.
    """

    loader: str
    fields: Fields

    def expand(self, data: dict[str, Any], notices: list[str]) -> Made:
        """Return the tasks that a row holds, and in place of a bad one what is wrong with it."""
        return _READERS[self.loader](data, self.fields, notices)

    @property
    def told(self) -> str:
        """What people should know of how the rows are read."""
        return f"its rows are read as those of {self.loader}"


def shaped_records(records: Iterator[dict[str, Any]], fields: Fields) -> ShapedRecords | None:
    """Return what reads the rows of a table, if they have such a shape; else None.

    Args:
        records: The rows; the first of them are looked at.
        fields: How the table is read.
    """
    if fields.input_keys == ANY_ROW or fields.text_field is not None:
        return None
    first = list(islice(records, ROWS))
    found = loader_of_rows("\n".join(map(_line, first)), fields)
    if found == "doccano" and not any(map(is_doccano, first)):
        # A list of names alone is a row of classes under any name.
        return None
    return ShapedRecords(found, fields) if found is not None and found in _READERS else None


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, default=str)


def _doccano(data: dict[str, Any], fields: Fields, notices: list[str]) -> Made:
    return [example_task(data, notices, fields.text_field, "spans")]


_READERS: dict[str, Callable[[dict[str, Any], Fields, list[str]], Made]] = {
    "entity-json": entity_tasks,
    "squad": question_tasks,
    "doccano": _doccano,
}
