"""The training data of spaCy 2: pairs of a text and its `entities` or `cats`.

The JSON of ner-annotator holds the same pairs: one object with labels as `classes`, and texts with
their spans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.jsonfile import JsonSource
from tui_annotate.sources.shape_parts import name_of
from tui_annotate.task.jsonio import loads_value
from tui_annotate.task.schema import Task

_HALF = 0.5
_PAIR = 2


class SpacyTuplesSource(JsonSource):
    """Reads `[["text", {"entities": [[0, 4, "PER"]]}], ...]`, or one such pair a line."""

    def opens_list(self, start: str) -> bool:
        """Return whether a file is one list; a pair begins with a bracket, too."""
        return re.match(r"\[\s*(?:\[|\])", start) is not None

    def load(self, text: str, notices: list[str]) -> dict[str, Any]:
        """Return one pair under the key `pair`; the key of a list that holds all is left out."""
        twice: list[str] = []
        found = loads_value(text, on_duplicate=twice.append)
        notices += [f"the key {key!r} occurs twice" for key in twice]
        if isinstance(found, dict):
            lists = [each for each in found.values() if isinstance(each, list)]
            if len(lists) == 1:
                return {"pairs": lists[0]}
        return {"pairs": [found]}

    def expand(self, data: dict[str, Any], notices: list[str]) -> Iterator[Task | TaskError]:
        """Yield each pair as a task."""
        for each in data["pairs"]:
            try:
                yield pair_task(each, notices, self.fields.text_field or "text")
            except TaskError as error:
                yield error


def is_pair(value: Any) -> bool:
    """Return whether a value has the form of a text with its annotations."""
    return (
        isinstance(value, list)
        and len(value) == _PAIR
        and isinstance(value[0], str)
        and isinstance(value[1], dict)
    )


def pair_task(pair: Any, notices: list[str], text_key: str = "text") -> Task:
    """Return a pair of a text and its annotations as a task.

    Raises:
        TaskError: It is no such pair, or an entity is none.
    """
    if not is_pair(pair):
        raise TaskError(f"{str(pair)[:40]!r} is no text with its entities", reason="bad-spans")
    text, said = pair
    task: Task = {text_key: text}
    if "entities" in said or "cats" not in said:
        entities = said.get("entities") or []
        if not isinstance(entities, list):
            raise TaskError("its `entities` are no list", reason="bad-spans")
        spans = [_span(each) for each in entities]
        task["spans"] = sorted(spans, key=lambda span: (span["start"], -span["end"]))
    if isinstance(said.get("cats"), dict):
        cats = {str(key): value for key, value in said["cats"].items()}
        if not all(isinstance(value, bool | int | float) for value in cats.values()):
            raise TaskError("its `cats` hold something else than numbers", reason="bad-choice")
        task["cats"] = {label: value >= _HALF for label, value in cats.items()}
        task["accept"] = [label for label, chosen in task["cats"].items() if chosen]
    lost = sorted(said.keys() - {"entities", "cats"})
    if lost:
        notices.append(f"{', '.join(lost)[:80]} of the text is left out")
    return task


def _span(entity: Any) -> dict[str, Any]:
    fits = isinstance(entity, list) and len(entity) >= 3
    if not fits or type(entity[0]) is not int or type(entity[1]) is not int:
        raise TaskError(f"{str(entity)[:40]!r} is no entity", reason="bad-spans")
    label = name_of(entity[2], "an entity")
    return {"start": entity[0], "end": entity[1], "label": label}


class AnnotatorSource(JsonSource):
    """Reads `{"classes": [...], "annotations": [["text", {"entities": [[0, 4, "PER"]]}], ...]}`.

    A text without annotation, which stands there as `null`, gives nothing.
    """

    @property
    def seekable(self) -> bool:
        """False: all rows share one place, so a session reads it again from the start."""
        return False

    def expand(self, data: dict[str, Any], notices: list[str]) -> Iterator[Task | TaskError]:
        """Yield a task for each text."""
        found = data.get("annotations")
        if not isinstance(found, list):
            yield TaskError("no `annotations`: this is not ner-annotator's", reason="no-input")
            return
        for each in found:
            if each is None:
                continue
            try:
                yield pair_task(each, notices, self.fields.text_field or "text")
            except TaskError as error:
                yield error
