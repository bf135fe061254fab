"""Rows that hold marks in a form that is not read, so that whoever reads them can say so."""

from __future__ import annotations

from typing import Any

from tui_annotate.sources.text_field import TEXT
from tui_annotate.task.schema import INPUT_HASH, VIEW_ID

_OF_TASKS = frozenset((
    "tokens", "meta", "options", "accept", "relations", "arcs", "audio_spans", "versions", "config",
))  # fmt: skip
"""Keys of tasks that hold lists or objects."""
_MAY_BE_MARKS = frozenset(
    ("entities", "ents", "annotations", "labels", "ner", "named_entities", "mentions")
)
_LOOKED_AT = 1000
"""So many rows with values that may be marks are looked into; each takes as long as ten others."""

_SHAPES = 100
"""So many lists of keys are remembered, which in most files are one or two."""


def was_asked(data: dict[str, Any]) -> bool:
    """Return whether a row says itself that it was a task: it names a view, or has hashes."""
    return VIEW_ID in data or INPUT_HASH in data


def key_of_marks(data: dict[str, Any]) -> str:
    """Return the key under which a row with a text has marks in a form that is not read; empty for
    none, and for a row that has spans or was a task."""
    if "spans" in data or not isinstance(data.get(TEXT), str) or not _may_have(data):
        return ""
    if was_asked(data):
        return ""
    # Rows with such values are few.
    from tui_annotate.sources.entity_json import key_of_unread_marks, placed_key

    return key_of_unread_marks(data) or placed_key(data, _OF_TASKS)


def _may_have(data: dict[str, Any]) -> bool:
    held = (key for key, value in data.items() if isinstance(value, dict | list))
    return not _MAY_BE_MARKS.isdisjoint(data) or any(key not in _OF_TASKS for key in held)


class MarksWatch:
    """Looks through the rows of a source for the first one that has such marks.

    Attributes:
        plain: Keys of rows that are not to be asked about: one had a value under each of them, and
            none that may be marks.
    """

    def __init__(self) -> None:
        self.plain: set[tuple[str, ...]] = set()
        self._left = _LOOKED_AT

    def remark(self, data: dict[str, Any]) -> str:
        """Return what is to be said of a row: of the first one with such marks that they are left
        out; empty for every other row."""
        if not self._left:
            return ""
        if not _may_have(data):
            # Where this row has nothing, the next one with these keys may have marks.
            if len(self.plain) < _SHAPES and None not in data.values():
                self.plain.add(tuple(data))
            return ""
        self._left -= 1
        key = key_of_marks(data)
        if not key:
            return ""
        self._left = 0
        return (
            f"`{key}` seems to hold marks in a form that is not read, and rows like this one come"
            " without them: write them as `spans` with `start`, `end` and `label`"
        )
