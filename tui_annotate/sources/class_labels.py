"""Names of the classes that data sets of Hugging Face store as numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Names = Mapping[str, list[str]]
_LARGEST = 4 * 1024 * 1024


def class_names(features: Mapping[str, Any]) -> Names:
    """Return the names by column, from a data set's features in the form of JSON.

    Args:
        features: Column -> what it holds; classes have `names`, and lists of them a `feature`.
    """
    found: dict[str, list[str]] = {}
    for column, feature in features.items():
        inner = feature[0] if isinstance(feature, list) and feature else feature
        if isinstance(inner, Mapping) and isinstance(inner.get("feature"), Mapping):
            inner = inner["feature"]
        if isinstance(inner, Mapping) and isinstance(inner.get("names"), list):
            found[column] = [str(name) for name in inner["names"]]
    return found


def names_in_schema(metadata: Mapping[bytes, bytes] | None) -> Names:
    """Return the names that a Parquet file of `datasets` has in the metadata of its schema."""
    try:
        info = json.loads((metadata or {}).get(b"huggingface", b"{}"))
        return class_names(info["info"]["features"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def names_beside(path: Path) -> Names:
    """Return the names that `dataset_info.json` beside a file of JSON lines has, if it is there."""
    for name in ("dataset_info.json", "dataset_infos.json"):
        file = path.with_name(name)
        try:
            if not file.is_file() or file.stat().st_size > _LARGEST:
                continue
            found = json.loads(file.read_bytes())
            # The second name holds one description for each configuration.
            known = [found, *found.values()] if isinstance(found, dict) else []
            described = [each for each in known if isinstance(each, dict) and "features" in each]
            return class_names(described[0]["features"]) if described else {}
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            return {}
    return {}


def with_names(record: dict[str, Any], names: Names) -> dict[str, Any]:
    """Return a record with the names of its classes in place of their numbers.

    A number without a name, such as the -1 of rows without a class, is left out.
    """
    for column, known in names.items():
        value = record.get(column)
        if isinstance(value, list):
            record[column] = [_name(each, known) for each in value]
        elif value is not None:
            named = _name(value, known)
            if named is None:
                del record[column]
            else:
                record[column] = named
    return record


def _name(value: Any, known: list[str]) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    return known[value] if 0 <= value < len(known) else None
