"""Values of other systems as values that JSON has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def plain(value: Any) -> Any:
    """Return a value as JSON has it: times and decimals as text, no NaN, no key without a value.

    Columns of a table have every key in every row, so one without a value was not there.
    """
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        pairs = ((str(key), plain(item)) for key, item in value.items())
        return {key: item for key, item in pairs if item is not None}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return None
    isoformat = getattr(value, "isoformat", None)
    if callable(isoformat):
        return isoformat()
    listed = getattr(value, "tolist", None)
    return plain(listed()) if callable(listed) else str(value)


def record(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of one row as a record; those without a value are left out."""
    found = plain(values)
    assert isinstance(found, dict)
    return found
