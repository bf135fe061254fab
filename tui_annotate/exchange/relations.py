"""Relations as other programs want them: between two spans, by their places in the list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.exchange.document import Document


def ends(document: Document, relation: Mapping[str, Any]) -> tuple[str, int, int]:
    """Return a relation's label and the places of its head and child among the document's spans.

    Tasks name both ends by `head_span` and `child_span`, or by the last token of each in `head`
    and `child`.

    Raises:
        TaskError: `bad-relations`: it has no label, or an end is none of the spans.
    """
    label = relation.get("label")
    if not isinstance(label, str) or not label:
        raise TaskError("a relation has no label", reason="bad-relations")
    return label, _end(document, relation, "head"), _end(document, relation, "child")


def _end(document: Document, relation: Mapping[str, Any], name: str) -> int:
    spans = document.layers.spans or ()
    wanted = relation.get(f"{name}_span")
    if isinstance(wanted, Mapping):
        place = (wanted.get("start"), wanted.get("end"))
        named = (*place, wanted.get("label"))
        exact = [i for i, span in enumerate(spans) if (span.start, span.end, span.label) == named]
        found = exact or [i for i, span in enumerate(spans) if (span.start, span.end) == place]
    else:
        token, tokens = relation.get(name), document.tokens()
        index = tokens.index(token) if type(token) is int else None
        end = tokens.ends[index] if index is not None else -1
        found = [i for i, span in enumerate(spans) if span.end == end]
    if not found:
        what = f"the {name} of a relation ({relation.get('label')}) is none of the spans"
        raise TaskError(what, reason="bad-relations")
    return found[0]
