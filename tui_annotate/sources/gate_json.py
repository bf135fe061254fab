"""JSON of GATE and of gatenlp, whose marks lie in lists by label or in named sets."""

from __future__ import annotations

from collections.abc import Iterator

from tui_annotate.sources.json_helpers import (
    Row,
    entries,
    first,
    objects,
    place_span,
    table,
    text_task,
)
from tui_annotate.sources.surface_json import TEXTS
from tui_annotate.task.offsets import UNIT_KEY
from tui_annotate.task.schema import Task

# GATE, and Twitter: lists by label, of objects with `indices`


def is_gate(row: Row) -> bool:
    """Return whether an object is a document of GATE's, or a tweet with its entities."""
    held = table(row.get("entities"))
    found = [each for group in held.values() for each in objects(group)]
    return isinstance(first(row, TEXTS), str) and any("indices" in each for each in found)


def gate(row: Row) -> Iterator[Task]:
    """Yield its text with the entities of every label."""
    spans = []
    for label in row["entities"]:
        for each in entries(row["entities"], label):
            at = each.get("indices")
            start, end = at if isinstance(at, list) and len(at) == 2 else (None, None)
            spans.append(
                place_span(start, end, label, {k: v for k, v in each.items() if k != "id_str"})
            )
    meta = {key: row[key] for key in ("id_str", "id", "documentName") if key in row}
    task = text_task(first(row, TEXTS), spans)
    yield {**task, "meta": meta} if meta else task


# gatenlp's documents, whose sets hold marks with `type`, `start` and `end`


def is_gatenlp(row: Row) -> bool:
    """Return whether an object is a document of gatenlp's."""
    return isinstance(row.get("text"), str) and isinstance(row.get("annotation_sets"), dict)


def gatenlp(row: Row) -> Iterator[Task]:
    """Yield its text with the marks of all its sets."""
    unit = {"p": "codepoints", "j": "utf16"}.get(str(row.get("offset_type")))
    spans = []
    for name, held in row["annotation_sets"].items():
        for each in entries(table(held), "annotations"):
            said = {**table(each.get("features")), **({"annotation_set": name} if name else {})}
            spans.append(place_span(each.get("start"), each.get("end"), each.get("type"), said))
    task = text_task(row["text"], spans)
    if unit is not None:
        task[UNIT_KEY] = unit
    meta = {**table(row.get("features")), **({"id": row["name"]} if row.get("name") else {})}
    yield {**task, "meta": meta} if meta else task
