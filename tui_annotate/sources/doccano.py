"""doccano's exports: spans as triples or objects, categories as a list of names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.base import Limits
from tui_annotate.sources.compressed import inner_name
from tui_annotate.sources.csv import CsvSource
from tui_annotate.sources.jsonfile import JsonSource
from tui_annotate.sources.jsonl import JsonlSource
from tui_annotate.sources.line_source import FileSource
from tui_annotate.sources.recognise import beginning, has_classes_only
from tui_annotate.sources.relation_links import RelationLink, Span, add_relations
from tui_annotate.sources.text_field import Fields
from tui_annotate.task.schema import ANNOTATOR_ID, Task

_KEYS = ("label", "labels", "entities", "cats", "annotations")


class DoccanoSource(JsonlSource):
    """Reads doccano's JSON lines. Its ids and other fields go to `meta`.

    An empty `label` means that there are no spans, or beside an empty `cats`, and in a file of
    classes, that there are no categories.
    """

    classes = False
    """Whether the file is one of classes."""

    def parse(self, data: bytes, notices: list[str]) -> dict[str, Any]:
        """Return one line as a task."""
        found = super().parse(data, notices)
        return example_task(_of_classes(found, self.classes), notices, self.fields.text_field)


class DoccanoListSource(JsonSource):
    """Reads the JSON list that doccano exports, an example for each of its objects."""

    classes = False
    """Whether the file is one of classes."""

    def expand(self, data: dict[str, Any], notices: list[str]) -> list[dict[str, Any]]:
        """Return one object as a task."""
        found = _of_classes(data, self.classes)
        return [example_task(found, notices, self.fields.text_field)]


class DoccanoTableSource(CsvSource):
    """Reads the CSV that doccano exports for classes: `#` stands between a text's labels."""

    texts = ("data", "text")

    def make_task(self, row: dict[str, str], notices: list[str]) -> dict[str, Any]:
        """Return a row as a task."""
        labels = row.pop("label", "")
        found = {**row, "label": [each for each in labels.split("#") if each], "cats": []}
        return example_task(found, notices, self.fields.text_field)


def open_doccano(path: str, fields: Fields, limits: Limits) -> FileSource:
    """Open one of doccano's exports: JSON lines, a JSON list or a CSV, by its first character."""
    if PurePath(inner_name(path)).suffix.lower() == ".csv":
        return DoccanoTableSource(path, fields, limits)
    source = DoccanoSource(path, fields, limits)
    if not source.seekable:
        return source
    with source.file.reader() as reader:
        start = beginning(reader)
    classes = has_classes_only(start)
    if not start.startswith("["):
        source.classes = classes
        return source
    listed = DoccanoListSource(path, fields, limits)
    listed.classes = classes
    return listed


def _of_classes(found: dict[str, Any], classes: bool) -> dict[str, Any]:
    """Return an example, with empty categories where its file is one of classes."""
    return {**found, "cats": found.get("cats", [])} if classes else found


def example_task(found: dict[str, Any], notices: list[str], text_field: str | None) -> Task:
    """Return an example of doccano's as a task.

    Args:
        found: The example; changed.
        notices: Gets remarks for people.
        text_field: The field that holds the text, if it is neither `text` nor `data`.

    Raises:
        TaskError: A label or relation has no form that doccano writes.
    """
    name = text_field or ("text" if "text" in found else "data")
    text = found.pop(name, None)
    task: Task = {} if text is None else {text_field or "text": text}
    relations = found.pop("relations", None)
    labels = {key: found.pop(key) for key in _KEYS if isinstance(found.get(key), list)}
    if isinstance(found.get("label"), str) and found["label"]:
        labels["label"] = [found.pop("label")]
    named = _take(task, labels, notices)
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


def _people(annotations: Sequence[Any]) -> set[Any]:
    return {each.get("user") for each in annotations if isinstance(each, dict)} - {None}


def _take(task: Task, labels: dict[str, list[Any]], notices: list[str]) -> dict[Any, Span]:
    """Put spans and categories into a task, and return the spans by their ids."""
    people = _people(labels.get("annotations", ()))
    if len(people) == 1:
        task[ANNOTATOR_ID] = str(people.pop())
    elif people:
        notices.append(f"{len(people)} people's annotations stand together, as in the file")
    spans: list[Span] = []
    names: list[str] = []
    named: dict[Any, Span] = {}
    for each in (each for group in labels.values() for each in group):
        if isinstance(each, str):
            names.append(each)
        elif isinstance(each, list) and len(each) == 3:
            spans.append(_span(each[0], each[1], each[2]))
        elif isinstance(each, dict) and "start_offset" in each:
            # Old exports name a label by its number, and the names are in another file.
            label = each.get("label")
            label = str(label) if type(label) is int else label
            span = _span(each["start_offset"], each.get("end_offset"), label)
            spans.append(span)
            named[str(each.get("id"))] = span
        elif isinstance(each, dict) and type(each.get("label")) in (int, str):
            names.append(str(each["label"]))
        else:
            raise TaskError(f"{str(each)[:40]!r} is no label of doccano", reason="bad-spans")
    if names or "cats" in labels:
        task["accept"] = names
    if spans or "entities" in labels or (labels and "accept" not in task):
        task["spans"] = sorted(spans, key=lambda span: (span["start"], -span["end"]))
    return named


def _link(relation: Any) -> RelationLink:
    if not isinstance(relation, dict) or not isinstance(relation.get("type"), str):
        raise TaskError(f"{str(relation)[:40]!r} is no relation of doccano", reason="bad-relations")
    return RelationLink(str(relation.get("from_id")), str(relation.get("to_id")), relation["type"])


def _span(start: Any, end: Any, label: Any) -> Span:
    if type(start) is not int or type(end) is not int or not isinstance(label, str):
        raise TaskError(f"a span goes from {start!r} to {end!r}", reason="bad-spans")
    return {"start": start, "end": end, "label": label}
