"""The JSON of ner-annotator: one object with labels as `classes`, and texts with their spans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.jsonfile import JsonSource
from tui_annotate.sources.spacy_tuples import pair_task
from tui_annotate.task.schema import Task


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
