"""Objects around the rows of a JSON file, found by the first characters of the file.

Rows may lie in one, `{"data": [{"text": ...}]}`, with a part of the data in each of its lists, or
under its names, with an object for each of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tui_annotate.errors import listed
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.views import SHOWN_KEYS

_SEVERAL = 2
_raw = json.JSONDecoder().raw_decode
# Texts as a whole, so that brackets in them count for nothing; the last one may be cut off.
_MARKS = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)|[\[\]{},]', re.DOTALL)
_CLOSING = {"[": "]", "{": "}"}
LISTS_OF_ROWS = frozenset((
    "data", "dataset", "documents", "docs", "examples", "rows", "items", "records", "samples",
    "sentence", "sentences", "texts", "instances", "entries", "tasks", "corpus", "articles",
    "train", "training", "train_data", "training_data", "test", "test_data", "dev", "eval",
    "valid", "validation", "val", "reviews", "tweets", "posts", "results", "questions", "comments",
))  # fmt: skip
"""Names that lists of rows have in an object around them."""
_KEYS_OF_ROWS = frozenset((
    "text", "full_text", "sentence", "content", "document", "source_text", "raw_text",
    "original_text", "query", "utterance", "passage", "abstract", "tokens", "words", "html",
    "form", "fields", "prompt", "messages", "conversations", "premise", "sentence1", "instruction",
    "story", "question", "data",
))  # fmt: skip
"""Keys of which a row has one, and an object around rows has none.

`data` and a few others are names of lists of rows (`LISTS_OF_ROWS`), too: an object with a text
under one of these keys is a row, and one with a list of rows under such a name lies around rows.
"""
_PARTS_OF_TASKS = frozenset(("A", "B", "meta"))
"""Keys of tasks that have objects with texts, beside those that views show."""


class Wrapping(NamedTuple):
    """An object around the rows of a file.

    Attributes:
        lists: The names in it whose lists hold the rows; none where each name has a row itself.
        beside: The names of everything else in it.
    """

    lists: tuple[str, ...]
    beside: tuple[str, ...] = ()

    def told(self) -> str:
        """Return what people should know of how its rows are found."""
        if not self.lists:
            return "each of its names has a row, which gets it as its `id`"
        inside = f"its rows are those of {listed([f'`{name}`' for name in self.lists])}"
        left = listed([f"`{name}`" for name in self.beside])
        verb = "is" if len(self.beside) == 1 else "are"
        return f"{inside}; {left} beside them {verb} left out" if left else inside


def wrapping_of(first: Mapping[str, Any]) -> Wrapping | None:
    """Return in what way an object holds the rows of its file; None for one that is a row itself.

    Args:
        first: The first object of the file, as far as it is known.
    """
    if not first or any(isinstance(first.get(key), str) for key in _KEYS_OF_ROWS):
        return None
    lists = tuple(key for key, value in first.items() if _is_list_of_rows(key, value))
    if lists:
        return Wrapping(lists, tuple(key for key in first if key not in lists))
    return Wrapping(()) if _has_a_row_under_each_name(first) else None


def _is_list_of_rows(name: str, value: Any) -> bool:
    """Return whether rows lie in a list, by its name and its first element."""
    if not isinstance(value, list) or not value or not _is_row(value[0]):
        return False
    return name in LISTS_OF_ROWS or (name == "annotations" and "entities" in value[0])


def _has_a_row_under_each_name(first: Mapping[str, Any]) -> bool:
    if len(first) < _SEVERAL or not all(map(_is_row, first.values())):
        return False
    # A view may show an object, such as `llm`: then this is a row, and its key no name of one.
    if any(key in SHOWN_KEYS or key in _PARTS_OF_TASKS for key in first):
        return False
    return _KEYS_OF_ROWS.isdisjoint(first)


def _is_row(value: Any) -> bool:
    return isinstance(value, dict) and not _KEYS_OF_ROWS.isdisjoint(value)


def rows_within(first: Mapping[str, Any], found: Wrapping) -> list[dict[str, Any]]:
    """Return the rows that an object holds in this way."""
    if not found.lists:
        return list(first.values())
    return [each for key in found.lists for each in first[key] if isinstance(each, dict)]


def closed(start: str) -> str:
    """Return the beginning of a JSON value with what is open closed, without what was cut off."""
    opened: list[str] = []
    kept = 0
    for mark in _MARKS.finditer(start):
        character = mark[0]
        if character == ",":
            kept = mark.start()
        elif character in _CLOSING:
            opened.append(_CLOSING[character])
            kept = mark.end()
        elif character in "]}":
            if opened[-1:] != [character]:
                break
            opened.pop()
            kept = mark.end()
            if not opened:
                break
    return start[:kept] + _ending(start[:kept])


def _ending(kept: str) -> str:
    """Return what closes all that is open at the end of a piece of JSON."""
    opened: list[str] = []
    for mark in _MARKS.finditer(kept):
        if mark[0] in _CLOSING:
            opened.append(_CLOSING[mark[0]])
        elif mark[0] in ("]", "}"):
            opened.pop()
    return "".join(reversed(opened))


def first_object(start: str) -> dict[str, Any]:
    """Return the first object of a file by its first characters, as far as they go; an empty one
    for none."""
    try:
        value = _raw(start)[0]
    except (ValueError, RecursionError):
        try:
            value = _raw(closed(start))[0]
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def rows_in_wrapping(start: str) -> list[dict[str, Any]]:
    """Return the first rows of a file that is an object around them, by its first characters; none
    for any other file, as for JSON lines, of which each object is a row."""
    first = first_object(start)
    around = wrapping_of(first)
    if around is None or _has_another(start):
        return []
    return rows_within(first, around)


def _has_another(start: str) -> bool:
    """Return whether there is another object behind the first one."""
    try:
        end = _raw(start)[1]
    except (ValueError, RecursionError):
        return False
    return start[end:].lstrip().startswith("{")
