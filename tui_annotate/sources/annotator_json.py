"""The JSON of ner-annotator: one object with labels as `classes`, and texts with their spans."""

from __future__ import annotations

from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.jsonfile import JsonSource


class AnnotatorSource(JsonSource):
    """Reads `{"classes": [...], "annotations": [["text", {"entities": [[0, 4, "PER"]]}], ...]}`.

    A text without annotation, which stands there as `null`, gives nothing.
    """

    @property
    def seekable(self) -> bool:
        """False: all rows share one place, so a session reads it again from the start."""
        return False

    def expand(self, data: dict[str, Any], notices: list[str]) -> list[dict[str, Any]]:  # noqa: ARG002
        """Return a task for each text."""
        found = data.get("annotations")
        if not isinstance(found, list):
            raise TaskError("no `annotations`: this is not ner-annotator's", reason="no-input")
        return [self._task(each) for each in found if each is not None]

    def _task(self, pair: Any) -> dict[str, Any]:
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[1], dict):
            shown = str(pair)[:40]
            raise TaskError(f"{shown!r} is no text with its entities", reason="bad-spans")
        spans = [_span(each) for each in pair[1].get("entities") or []]
        spans.sort(key=lambda span: (span["start"], -span["end"]))
        return {(self.fields.text_field or "text"): pair[0], "spans": spans}


def _span(entity: Any) -> dict[str, Any]:
    fits = isinstance(entity, list) and len(entity) >= 3
    if not fits or type(entity[0]) is not int or type(entity[1]) is not int:
        raise TaskError(f"{str(entity)[:40]!r} is no entity", reason="bad-spans")
    return {"start": entity[0], "end": entity[1], "label": str(entity[2])}
