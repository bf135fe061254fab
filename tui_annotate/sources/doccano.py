"""doccano's JSON lines: spans as triples or objects, categories as a list of names."""

from __future__ import annotations

from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.jsonl import JsonlSource
from tui_annotate.sources.links import Link, Span, add_relations

_KEYS = ("label", "labels", "entities", "cats")


class DoccanoSource(JsonlSource):
    """Reads doccano's JSON lines. Its ids and other fields go to `meta`.

    An empty `label` means that there are no spans, or beside an empty `cats` that there are no
    categories.
    """

    def parse(self, data: bytes, notices: list[str]) -> dict[str, Any]:
        """Return one line as a task."""
        found = super().parse(data, notices)
        name = self.fields.text_field or ("text" if "text" in found else "data")
        text = found.pop(name, None)
        task: dict[str, Any] = {} if text is None else {self.fields.text_field or "text": text}
        relations = found.pop("relations", None)
        labels = {key: found.pop(key) for key in _KEYS if isinstance(found.get(key), list)}
        named = _take(task, labels)
        if isinstance(relations, list) and relations and isinstance(text, str):
            lost = add_relations(task, text, named, map(_link, relations))
            if lost:
                notices.append(f"{lost} relations between other things than spans are left out")
        comments = found.pop("Comments", None) or found.pop("comments", None)
        if comments:
            found["comments"] = comments
        meta = found.pop("meta", None)
        found = {**found, **meta} if isinstance(meta, dict) else found
        return {**task, "meta": found} if found else task


def _take(task: dict[str, Any], labels: dict[str, list[Any]]) -> dict[Any, Span]:
    """Put spans and categories into a task, and return the spans by their ids."""
    spans: list[Span] = []
    names: list[str] = []
    named: dict[Any, Span] = {}
    for each in (each for group in labels.values() for each in group):
        if isinstance(each, str):
            names.append(each)
        elif isinstance(each, list) and len(each) == 3:
            spans.append(_span(each[0], each[1], each[2]))
        elif isinstance(each, dict) and "start_offset" in each:
            span = _span(each["start_offset"], each.get("end_offset"), each.get("label"))
            spans.append(span)
            named[str(each.get("id"))] = span
        else:
            raise TaskError(f"{str(each)[:40]!r} is no label of doccano", reason="bad-spans")
    if names or "cats" in labels:
        task["accept"] = names
    if spans or "entities" in labels or (labels and "accept" not in task):
        task["spans"] = sorted(spans, key=lambda span: (span["start"], -span["end"]))
    return named


def _link(relation: Any) -> Link:
    if not isinstance(relation, dict) or not isinstance(relation.get("type"), str):
        raise TaskError(f"{str(relation)[:40]!r} is no relation of doccano", reason="bad-relations")
    return Link(str(relation.get("from_id")), str(relation.get("to_id")), relation["type"])


def _span(start: Any, end: Any, label: Any) -> Span:
    if type(start) is not int or type(end) is not int or not isinstance(label, str):
        raise TaskError(f"a span goes from {start!r} to {end!r}", reason="bad-spans")
    return {"start": start, "end": end, "label": label}
