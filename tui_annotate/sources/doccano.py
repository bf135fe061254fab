"""doccano's JSON lines: spans as triples or objects, categories as a list of names."""

from __future__ import annotations

from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.jsonl import JsonlSource

_KEYS = ("label", "labels", "entities", "cats")


class DoccanoSource(JsonlSource):
    """Reads doccano's JSON lines. Its ids and other fields go to `meta`."""

    def parse(self, data: bytes, notices: list[str]) -> dict[str, Any]:
        """Return one line as a task."""
        found = super().parse(data, notices)
        name = self.fields.text_field or ("text" if "text" in found else "data")
        task: dict[str, Any] = {}
        if name in found:
            task[self.fields.text_field or "text"] = found.pop(name)
        if found.pop("relations", None):
            notices.append("its relations are left out")
        for key in _KEYS:
            if isinstance(found.get(key), list):
                _take(task, found.pop(key))
        comments = found.pop("Comments", None) or found.pop("comments", None)
        if comments:
            found["comments"] = comments
        meta = found.pop("meta", None)
        found = {**found, **meta} if isinstance(meta, dict) else found
        return {**task, "meta": found} if found else task


def _take(task: dict[str, Any], labels: list[Any]) -> None:
    spans, names = [], []
    for each in labels:
        if isinstance(each, str):
            names.append(each)
        elif isinstance(each, list) and len(each) == 3:
            spans.append(_span(each[0], each[1], each[2]))
        elif isinstance(each, dict) and "start_offset" in each:
            spans.append(_span(each["start_offset"], each.get("end_offset"), each.get("label")))
        else:
            raise TaskError(f"{str(each)[:40]!r} is no label of doccano", reason="bad-spans")
    if names:
        task["accept"] = [*task.get("accept", []), *names]
    if spans or not names:
        task["spans"] = task.get("spans", []) + sorted(
            spans, key=lambda span: (span["start"], -span["end"])
        )


def _span(start: Any, end: Any, label: Any) -> dict[str, Any]:
    if type(start) is not int or type(end) is not int or not isinstance(label, str):
        raise TaskError(f"a span goes from {start!r} to {end!r}", reason="bad-spans")
    return {"start": start, "end": end, "label": label}
