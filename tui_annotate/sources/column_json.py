"""Tables in one object of JSON, by columns: what pandas and `datasets` write of one.

{"text": {"0": "Ada left.", "1": "Bo came."}, "label": {"0": "a", "1": "b"}}
{"text": ["Ada left.", "Bo came."], "label": ["a", "b"]}
{"columns": ["text", "label"], "index": [0, 1], "data": [["Ada left.", "a"], ["Bo came.", "b"]]}
"""

from __future__ import annotations

from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.json_helpers import Row, first
from tui_annotate.sources.surface_json import TEXTS

_HALF = 2


def is_columns(row: Row) -> bool:
    """Return whether an object is a table by columns."""
    if _is_split(row):
        return True
    text = first(row, TEXTS)
    values = [*row.values()]
    if isinstance(text, dict) and text:
        indexed = all(isinstance(each, dict) for each in values)
        return indexed and all(key.isdigit() and _is_text(said) for key, said in text.items())
    if not isinstance(text, list) or not text or not all(map(_is_text, text)):
        return False
    # Words of one text have no blanks in them.
    several = sum(" " in each.strip() for each in text if each)
    lengths = {len(each) if isinstance(each, list) else -1 for each in values}
    return lengths == {len(text)} and _HALF * several > len(text)


def _is_split(row: Row) -> bool:
    data = row.get("data")
    if not isinstance(row.get("columns"), list) or not isinstance(data, list):
        return False
    return bool(data) and all(isinstance(each, list) for each in data)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or value is None


def column_rows(row: Row) -> list[Row]:
    """Return the rows of a table by columns.

    Raises:
        TaskError: Its columns are not equally long.
    """
    if _is_split(row):
        names, lines = row["columns"], row["data"]
        if any(len(each) != len(names) for each in lines):
            raise TaskError(
                "its rows have other numbers of values than columns", reason="bad-columns"
            )
        return [dict(zip(map(str, names), each, strict=True)) for each in lines]
    keys = [*row]
    columns = [[*each.values()] if isinstance(each, dict) else each for each in row.values()]
    if len({len(each) for each in columns}) > 1:
        raise TaskError("its columns are not equally long", reason="bad-columns")
    return [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]
