"""Label Studio: a list of tasks with annotations, several people's side by side."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from tui_annotate.exchange.document import Document, Layers, Version
from tui_annotate.exchange.relation_ends import RelationEnds
from tui_annotate.exchange.tasks import typed_text
from tui_annotate.exchange.writers import FormatSettings, TextWriter
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.offsets import UNIT_KEY, converter

SPANS, CHOICE, TEXT = "label", "choice", "text"
META = "meta"
"""The names of the tags in the labeling configuration (docs/export.md has it)."""


def open_label_studio(path: Path, settings: FormatSettings) -> TextWriter:
    """Write a JSON list with a task a line."""
    numbers = count(1)
    return TextWriter(
        path,
        lambda document: dumps({"id": next(numbers), **task(document, settings)}),
        header="[\n",
        separator=",\n",
        footer="\n]\n",
    )


def task(document: Document, settings: FormatSettings) -> dict[str, Any]:
    """Return a document as Label Studio imports it.

    Raises:
        TaskError: A relation's ends are no spans.
    """
    meta = document.answers[0].content.get("meta")
    data: dict[str, Any] = dict(meta) if isinstance(meta, dict) else {}
    if not data.keys().isdisjoint((TEXT, META)):
        data = {META: data}
    data[TEXT] = document.text
    versions = document.versions or (Version("", document.layers),)
    at = converter(document.text, settings.offsets)
    # In another unit the same words may stand there by chance, so what offsets count is said.
    unit = {} if settings.offsets == "codepoints" else {UNIT_KEY: settings.offsets}
    return {
        "data": data,
        "annotations": [
            {
                "annotator": each.annotator,
                "asked": _asked(each.layers),
                **unit,
                "result": _results(document, each.layers, at),
            }
            for each in versions
        ],
    }


def _asked(layers: Layers) -> list[str]:
    """Return the layers that somebody was asked for; the results only have what was found."""
    layered = {"spans": layers.spans, "labels": layers.cats or None, "relations": layers.relations}
    return [name for name, found in layered.items() if found is not None]


def _results(document: Document, layers: Layers, at: Callable[[int], int]) -> list[dict[str, Any]]:
    results = []
    for number, span in enumerate(layers.spans or ()):
        value = {
            "start": at(span.start),
            "end": at(span.end),
            "text": document.text[span.start : span.end],
            "labels": [span.label],
        }
        tags = {"from_name": SPANS, "to_name": TEXT, "type": "labels"}
        results.append({"id": f"s{number}", **tags, "value": value})
    chosen = [label for label, value in layers.cats.items() if value]
    if layers.cats:
        tags = {"from_name": CHOICE, "to_name": TEXT, "type": "choices"}
        results.append({"id": "c0", **tags, "value": {"choices": chosen}})
    if layers.content is not None:
        tags = {"from_name": "typed", "to_name": TEXT, "type": "textarea"}
        results.append({"id": "t0", **tags, "value": {"text": [typed_text(layers.content)]}})
    results += _relations(document, layers)
    return results


def _relations(document: Document, layers: Layers) -> list[dict[str, Any]]:
    whose = Document(document.text, layers, document.answers)
    return [
        {
            "type": "relation",
            "from_id": f"s{head}",
            "to_id": f"s{child}",
            "direction": "right",
            "labels": [label],
        }
        for label, head, child in RelationEnds(whose).all()
    ]
