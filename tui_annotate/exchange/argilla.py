"""Argilla: records as `records.from_json` reads them, several people's responses side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tui_annotate.exchange.document import Document, Layers, Version
from tui_annotate.exchange.writers import FormatSettings, TextWriter
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.offsets import converter

SPANS, LABELS = "spans", "labels"
"""The names of the questions: a SpanQuestion and a MultiLabelQuestion on the field `text`."""


def open_argilla(path: Path, settings: FormatSettings) -> TextWriter:
    """Write a JSON list with a record a line."""
    return TextWriter(
        path,
        lambda document: dumps(record(document, settings)),
        header="[\n",
        separator=",\n",
        footer="\n]\n",
    )


def record(document: Document, settings: FormatSettings) -> dict[str, Any]:
    """Return a document as a record, with a response of each person to each question."""
    versions = document.versions or (Version("", document.layers),)
    responses: dict[str, list[dict[str, Any]]] = {}
    for each in versions:
        for question, value in _values(document, each.layers, settings).items():
            response = {"value": value, "user_id": each.annotator}
            responses.setdefault(question, []).append(response)
    meta = document.answers[0].content.get("meta")
    known = meta.items() if isinstance(meta, dict) else ()
    # Argilla's metadata are words and numbers.
    metadata = {str(key): value for key, value in known if isinstance(value, str | int | float)}
    return {
        "id": document.key.hex(),
        "fields": {"text": document.text},
        "metadata": metadata,
        "suggestions": {},
        "responses": responses,
        "vectors": {},
    }


def _values(document: Document, layers: Layers, settings: FormatSettings) -> dict[str, Any]:
    values: dict[str, Any] = {}
    at = converter(document.text, settings.offsets)
    if layers.spans is not None:
        values[SPANS] = [
            {"start": at(span.start), "end": at(span.end), "label": span.label}
            for span in layers.spans
        ]
    if layers.cats:
        values[LABELS] = [label for label, chosen in layers.cats.items() if chosen]
    return values
