"""doccano: JSON lines for sequence labelling, classification, or both with relations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tui_annotate.exchange.document import Document
from tui_annotate.exchange.relation_ends import RelationEnds
from tui_annotate.exchange.tasks import text_classes, typed_text
from tui_annotate.exchange.writers import FormatSettings, TextWriter
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.offsets import converter


def open_doccano(path: Path, settings: FormatSettings) -> TextWriter:
    """Write an object a line."""
    return TextWriter(path, lambda document: dumps(example(document, settings)) + "\n")


def example(document: Document, settings: FormatSettings) -> dict[str, Any]:
    """Return a document as doccano imports it: `label` with spans or with labels, else
    `entities`, `relations` and `cats`.

    Raises:
        TaskError: A relation's ends are no spans.
    """
    layers, found = document.layers, {"id": document.id, "text": document.text}
    meta = document.answers[0].content.get("meta")
    rest: dict[str, Any] = {"meta": meta} if isinstance(meta, dict) and meta else {}
    if layers.content is not None and layers.spans is None and not layers.cats:
        return {**found, "label": [typed_text(layers.content)], **rest}
    # doccano imports spans, or classes, by the name `label`, and both together by names of theirs.
    if layers.relations is None and not layers.cats:
        return {**found, "label": _triples(document, settings), **rest}
    if layers.relations is None and layers.spans is None:
        # Without any an empty list could as well be one of spans.
        none: dict[str, Any] = {} if text_classes(document) else {"cats": []}
        return {**found, "label": text_classes(document), **none, **rest}
    entities = [
        {"id": number, "label": label, "start_offset": start, "end_offset": end}
        for number, (start, end, label) in enumerate(_triples(document, settings))
    ]
    return {
        **found,
        "entities": entities,
        **_related(document),
        "cats": text_classes(document),
        **rest,
    }


def _triples(document: Document, settings: FormatSettings) -> list[tuple[int, int, str]]:
    at = converter(document.text, settings.offsets)
    spans = document.layers.spans or ()
    return [(at(span.start), at(span.end), span.label) for span in spans]


def _related(document: Document) -> dict[str, Any]:
    return {
        "relations": [
            {"id": number, "from_id": head, "to_id": child, "type": label}
            for number, (label, head, child) in enumerate(RelationEnds(document).all())
        ]
    }
