"""Label Studio's JSON export: a task for each annotation of an element."""

from __future__ import annotations

from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.jsonfile import JsonSource

_TEXT = "text"


class LabelStudioSource(JsonSource):
    """Reads Label Studio's JSON. Elements with several annotations give a row for each.

    Region labels become `spans`, choices `accept`, and a cancelled annotation is ignored. Other
    results (relations, ratings, areas of pictures) are left out, with a remark on the row.
    """

    @property
    def seekable(self) -> bool:
        """False: several rows may share one place, so a session reads it again from the start."""
        return False

    def expand(self, data: dict[str, Any], notices: list[str]) -> list[dict[str, Any]]:
        """Return a task for each annotation, or one without where there is none."""
        fields = data.get("data")
        if not isinstance(fields, dict):
            raise TaskError("no `data`: this is not Label Studio's JSON", reason="no-input")
        base = self._base(fields, data.get("id"))
        annotations = data.get("annotations", data.get("completions"))
        found = [each for each in annotations or [] if isinstance(each, dict)]
        if not found:
            return [base]
        return [{**base, **_answer(each, notices)} for each in found]

    def _base(self, fields: dict[str, Any], number: Any) -> dict[str, Any]:
        name = self.fields.text_field or _TEXT
        if name not in fields and self.fields.text_field is None:
            texts = [key for key, value in fields.items() if isinstance(value, str)]
            name = texts[0] if len(texts) == 1 else name
        task: dict[str, Any] = {}
        if name in fields:
            task[self.fields.text_field or _TEXT] = fields[name]
        meta = {key: value for key, value in fields.items() if key != name}
        if number is not None:
            meta.setdefault("id", number)
        return {**task, "meta": meta} if meta else task


def _answer(annotation: dict[str, Any], notices: list[str]) -> dict[str, Any]:
    spans, chosen, others = [], [], 0
    results = annotation.get("result")
    for result in results if isinstance(results, list) else []:
        value = result.get("value") if isinstance(result, dict) else None
        if isinstance(value, dict) and isinstance(value.get("choices"), list):
            chosen += value["choices"]
        elif isinstance(value, dict) and isinstance(value.get("labels"), list):
            start, end = value.get("start"), value.get("end")
            if type(start) is not int or type(end) is not int:
                others += 1
                continue
            spans += [{"start": start, "end": end, "label": str(each)} for each in value["labels"]]
        else:
            others += 1
    if others:
        notices.append(f"{others} results that are neither labels nor choices are left out")
    found: dict[str, Any] = {"spans": sorted(spans, key=lambda each: (each["start"], -each["end"]))}
    if chosen:
        found["accept"] = chosen
    found["answer"] = "ignore" if annotation.get("was_cancelled") else "accept"
    return found | _who(annotation.get("completed_by"))


def _who(person: Any) -> dict[str, Any]:
    name = person.get("email") or person.get("id") if isinstance(person, dict) else person
    return {} if name is None else {"_annotator_id": str(name)}
