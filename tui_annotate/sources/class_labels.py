"""Classes of texts: the fields of a row that hold them, and their names, which data sets of Hugging
Face store as numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.text_field import UNANSWERED

Names = Mapping[str, Any]
"""Column -> the names of its classes, or the same again for the parts of its objects."""
_OF_TEXTS = ("label", "labels")
_LARGEST = 4 * 1024 * 1024


def class_names(features: Mapping[str, Any]) -> Names:
    """Return the names by column, from a data set's features in the form of JSON.

    Args:
        features: Column -> what it holds; classes have `names`, and lists of them a `feature`.
    """
    found = {column: _names_of(feature) for column, feature in features.items()}
    return {column: known for column, known in found.items() if known}


def _names_of(feature: Any) -> Names | list[str]:
    """Return the names of a feature: those of a class, or of the classes in its parts."""
    if isinstance(feature, list):
        return _names_of(feature[0]) if feature else []
    if not isinstance(feature, Mapping):
        return []
    if isinstance(feature.get("names"), list):
        return [str(name) for name in feature["names"]]
    if isinstance(feature.get("feature"), Mapping | list):
        return _names_of(feature["feature"])
    return class_names(feature)


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

    A number without a name, such as the -1 of rows without a class, is left out; without its
    `label` a row is one that nobody has answered.
    """
    for column, known in names.items():
        if record.get(column) is None:
            continue
        named = _named(record[column], known)
        if named is not None:
            record[column] = named
            continue
        del record[column]
        if column in _OF_TEXTS and len(names) == 1:
            record[UNANSWERED] = True
    return record


def _named(value: Any, known: Names | list[str]) -> Any:
    """Return a value with names in the place of numbers; None for a number that has none."""
    if isinstance(value, list):
        return [_named(each, known) for each in value]
    if isinstance(known, Mapping):
        if not isinstance(value, Mapping):
            return value
        return {key: _named(each, known[key]) if key in known else each
                for key, each in value.items()}  # fmt: skip
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    return known[value] if 0 <= value < len(known) else None


def classes_in(row: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """Return the classes that fields of a row hold: as `accept`, and as `cats` where each field
    is a class of its own, with 0 or 1.

    Args:
        row: The row. What a reader has put into its `meta` counts as well.
        fields: Their names. One field holds names of classes, whatever they look like.

    Raises:
        TaskError: `no-label`: there is no such field; `bad-choice`: it holds no name of a class.
    """
    beside = row.get("meta")
    row = {**beside, **row} if isinstance(beside, Mapping) else row
    missing = next((field for field in fields if field not in row), None)
    if missing is not None:
        raise TaskError(f"no `{missing}`, which should hold its class", reason="no-label")
    said = {field: row[field] for field in fields if row[field] not in (None, "", [])}
    # One field alone may hold 0 and 1 as the names of its classes.
    if len(fields) > 1 and said and all(map(_is_yes_or_no, said.values())):
        chosen = {field: _YES_OR_NO[str(value).lower()] for field, value in said.items()}
        return {"accept": [field for field, is_so in chosen.items() if is_so], "cats": chosen}
    found: list[str] = []
    for field, value in said.items():
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, str | int | float):
                what = f"`{field}` holds {str(each)[:40]!r}, which is no name of a class"
                raise TaskError(what, reason="bad-choice")
            found.append(str(each).strip())
    names = [each for each in dict.fromkeys(found) if each]
    return {"accept": names} if names else {}


_YES_OR_NO = {"1": True, "0": False, "1.0": True, "0.0": False, "true": True, "false": False}


def _is_yes_or_no(value: Any) -> bool:
    return isinstance(value, str | int | float) and str(value).lower() in _YES_OR_NO
