"""Label Studio's JSON export: a task for each annotation of an element."""

from __future__ import annotations

from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.records import NamedTuple
from tui_annotate.sources.jsonfile import JsonSource
from tui_annotate.sources.links import Link, Span, add_relations
from tui_annotate.task.offsets import Unit, reader

_TEXT = "text"


class LabelStudioSource(JsonSource):
    """Reads Label Studio's JSON. Elements with several annotations give a row for each.

    Region labels become `spans`, choices `accept`, relations between regions `relations`, and a
    cancelled annotation is ignored. Other results (ratings, areas of pictures) are left out, with a
    remark on the row.
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
        text = base.get(self.fields.text_field or _TEXT)
        return [{**base, **_answer(each, text, notices)} for each in found]

    def _base(self, fields: dict[str, Any], number: Any) -> dict[str, Any]:
        name = self.fields.text_field or _TEXT
        if name not in fields and self.fields.text_field is None:
            texts = [key for key, value in fields.items() if isinstance(value, str)]
            name = texts[0] if len(texts) == 1 else name
        task: dict[str, Any] = {}
        if name in fields:
            task[self.fields.text_field or _TEXT] = fields[name]
        meta = {key: value for key, value in fields.items() if key != name}
        if isinstance(meta.get("meta"), dict):
            meta = {**meta, **meta.pop("meta")}
        if number is not None:
            meta.setdefault("id", number)
        return {**task, "meta": meta} if meta else task


def _answer(annotation: dict[str, Any], text: Any, notices: list[str]) -> dict[str, Any]:
    results = annotation.get("result")
    regions: list[_Region] = []
    chosen: list[Any] | None = None
    links, others = [], 0
    for result in results if isinstance(results, list) else []:
        value = result.get("value") if isinstance(result, dict) else None
        if isinstance(value, dict) and isinstance(value.get("choices"), list):
            chosen = [*(chosen or ()), *value["choices"]]
        elif isinstance(value, dict) and isinstance(value.get("labels"), list):
            regions.append(_Region(result.get("id"), value))
        elif isinstance(result, dict) and result.get("type") == "relation":
            links += _links(result)
        else:
            others += 1
    flat = [each for each in regions if each.is_text]
    others += len(regions) - len(flat)
    spans = _spans(flat, text)
    found: dict[str, Any] = {}
    if spans or _is_asked("spans", annotation, chosen is None):
        found["spans"] = sorted(spans, key=lambda each: (each["start"], -each["end"]))
    if links and isinstance(text, str):
        named = {each.name: span for each, span in zip(flat, spans, strict=False) if each.name}
        others += add_relations(found, text, named, links)
    elif _is_asked("relations", annotation, False):
        found["relations"] = []
    if others:
        what = "neither labels, choices nor relations between labels are left out"
        notices.append(f"{others} results that are {what}")
    if chosen is not None:
        found["accept"] = chosen
    found["answer"] = "ignore" if annotation.get("was_cancelled") else "accept"
    return found | _who(annotation.get("completed_by", annotation.get("annotator")))


class _Region(NamedTuple):
    """A result with labels; of a text, or of something else."""

    name: Any
    value: dict[str, Any]

    @property
    def is_text(self) -> bool:
        return type(self.value.get("start")) is int and type(self.value.get("end")) is int


def _spans(regions: list[_Region], text: Any) -> list[Span]:
    """Return the spans of regions, those of several labels behind the others.

    Label Studio runs in a browser, which counts UTF-16 units. What a region says it covers tells
    which unit it is.
    """
    at = reader(text, _unit(regions, text)) if isinstance(text, str) else int
    first, more = [], []
    for _, value in regions:
        places = {"start": at(value["start"]), "end": at(value["end"])}
        labelled = [{**places, "label": str(each)} for each in value["labels"]]
        first += labelled[:1] or [{**places, "label": ""}]
        more += labelled[1:]
    return first + more


def _unit(regions: list[_Region], text: str) -> Unit:
    told = [value for _, value in regions if isinstance(value.get("text"), str)]
    if text.isascii() or not told:
        return "codepoints"
    data = {"utf16": (text.encode("utf-16-le", "surrogatepass"), 2, "utf-16-le"),
            "utf8": (text.encode("utf-8", "surrogatepass"), 1, "utf-8")}  # fmt: skip
    last = max(each["end"] for each in told)
    # An end behind the text's would be cut off, and a text that ends there seem to be right.
    if last <= len(text) and all(text[e["start"] : e["end"]] == e["text"] for e in told):
        return "codepoints"
    units: tuple[Unit, ...] = ("utf16", "utf8")
    for unit in units:
        code, width, name = data[unit]
        cuts = (code[each["start"] * width : each["end"] * width] for each in told)
        wanted = (each["text"].encode(name, "surrogatepass") for each in told)
        whole = last * width <= len(code)
        if whole and all(cut == each for cut, each in zip(cuts, wanted, strict=True)):
            return unit
    return "codepoints"


def _links(relation: dict[str, Any]) -> list[Link]:
    """Return a relation in its direction, for each of its labels."""
    head, child = relation.get("from_id"), relation.get("to_id")
    if relation.get("direction") == "left":
        head, child = child, head
    labels = relation.get("labels")
    named = [str(each) for each in labels] if isinstance(labels, list) and labels else [""]
    return [Link(head, child, label) for label in named]


def _is_asked(layer: str, annotation: dict[str, Any], otherwise: bool) -> bool:
    """Tell whether a layer was asked for, of which nothing was found: our own files say so."""
    asked = annotation.get("asked")
    return layer in asked if isinstance(asked, list) else otherwise


def _who(person: Any) -> dict[str, Any]:
    name = person.get("email") or person.get("id") if isinstance(person, dict) else person
    return {} if name is None else {"_annotator_id": str(name)}
