"""doccano's exports: spans as triples or objects, categories as a list of names, and target texts.

One list holds all three, by what its project was about: `label` is a list of triples, of names of
classes, or of texts such as translations. What the first rows hold tells for the whole file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import PurePath
from typing import Any, Literal, TypeAlias

from tui_annotate.errors import SourceError, TaskError
from tui_annotate.sources.base import DEFAULT_LIMITS, Limits, Row, left_out
from tui_annotate.sources.compressed import inner_name
from tui_annotate.sources.csv import CsvSource
from tui_annotate.sources.json_wrapping import first_object
from tui_annotate.sources.jsonfile import JsonSource
from tui_annotate.sources.jsonl import JsonlSource
from tui_annotate.sources.line_source import FileSource
from tui_annotate.sources.recognise import beginning, rows_at
from tui_annotate.sources.relation_links import RelationLink, Span, add_relations
from tui_annotate.sources.text_field import Fields
from tui_annotate.task.schema import ANNOTATOR_ID, Task

_KEYS = ("label", "labels", "entities", "cats", "annotations")


Kind: TypeAlias = Literal["spans", "classes", "texts", ""]
"""What the lists of a file hold; empty where all that were looked at are empty."""

TYPED = "user_input"
"""The key of a text that was written for another one, as the view `text_input` has it."""
_WORDS_OF_SENTENCE = 4
_TAKEN_FOR_TEXTS = (
    "its labels are sentences that all differ, so they are taken for texts that people wrote"
    f" (`{TYPED}`) and not for classes"
)
_LOOKED_AT = 20
"""Rows of a table that tell what its labels are."""


class DoccanoSource(JsonlSource):
    """Reads doccano's JSON lines. Its ids and other fields go to `meta`.

    An empty `label` means that there are no spans, or beside an empty `cats`, and in a file of
    classes, that there are no categories.
    """

    kind: Kind = "spans"
    said = ""
    """What people should know of what its lists hold."""

    @property
    def told(self) -> str:
        """What people should know of how it is read; empty for nothing."""
        return self.said

    def parse(self, data: bytes, notices: list[str]) -> dict[str, Any]:
        """Return one line as a task."""
        return example_task(
            super().parse(data, notices), notices, self.fields.text_field, self.kind
        )


class DoccanoListSource(JsonSource):
    """Reads the JSON list that doccano exports, an example for each of its objects."""

    kind: Kind = "spans"
    said = ""
    """What people should know of what its lists hold."""

    @property
    def told(self) -> str:
        """What people should know of how it is read; empty for nothing."""
        return "; ".join(filter(None, (super().told, self.said)))

    def expand(self, data: dict[str, Any], notices: list[str]) -> list[dict[str, Any]]:
        """Return one object as a task; read as answers, one for each of several people."""
        listed = _annotations(data)
        if not self.fields.answered or len(_people(listed)) < 2:
            return [example_task(data, notices, self.fields.text_field, self.kind)]
        return [
            example_task(
                {**data, "annotations": [each for each in listed if _person(each) == person]},
                notices,
                self.fields.text_field,
                self.kind,
            )
            for person in dict.fromkeys(map(_person, listed))
        ]


class DoccanoTableSource(CsvSource):
    """Reads the CSV that doccano exports for classes and texts: `#` stands between several.

    Raises:
        SourceError: It is a table of spans, which has a row for each of them.
    """

    texts = ("data", "text")
    kind: Kind = "classes"

    def __init__(self, path: str, fields: Fields, limits: Limits = DEFAULT_LIMITS) -> None:
        super().__init__(path, fields, limits)
        if "start_offset" in self.columns:
            raise SourceError(
                "it has a row for each span, so that no row says all of its text",
                where=self.name,
                hint="Export it as JSONL, which has a line for each text",
            )

    def make_task(self, row: dict[str, str], notices: list[str]) -> dict[str, Any]:
        """Return a row as a task."""
        said = row.pop("label", "")
        labels = [said] if self.kind == "texts" else said.split("#")
        found: dict[str, Any] = {key: value for key, value in row.items() if value}
        listed: dict[str, Any] = {"label": [each for each in labels if each]}
        if "user" in found:
            user = found.pop("user")
            listed = {"annotations": [{"label": each, "user": user} for each in listed["label"]]}
        return example_task(found | listed, notices, self.fields.text_field, self.kind)


def open_doccano(path: str, fields: Fields, limits: Limits) -> FileSource:
    """Open one of doccano's exports: JSON lines, a JSON list or a CSV, by its first character."""
    if PurePath(inner_name(path)).suffix.lower() == ".csv":
        return _open_table(path, fields, limits)
    source = DoccanoSource(path, fields, limits)
    if not source.seekable:
        return source
    with source.file.reader() as reader:
        start = beginning(reader)
    rows = rows_at(start)
    chosen: DoccanoSource | DoccanoListSource = source
    if _is_no_line_each(start, rows) or (fields.answered and _has_several_people(rows)):
        chosen = DoccanoListSource(path, fields, limits)
    chosen.kind = _kind(rows)
    chosen.said = _remark(chosen.kind, rows)
    return chosen


def _open_table(path: str, fields: Fields, limits: Limits) -> DoccanoTableSource:
    table = DoccanoTableSource(path, fields, limits)
    if not table.seekable:
        return table
    tasks = [row.data for row in islice(table.rows(), _LOOKED_AT) if isinstance(row, Row)]
    if _are_texts({"data": task["text"], "label": task.get("accept", [])} for task in tasks):
        table.kind = "texts"
        table.told = "; ".join(filter(None, (table.told, _TAKEN_FOR_TEXTS)))
    return table


def _is_no_line_each(start: str, rows: Sequence[dict[str, Any]]) -> bool:
    """Return whether a file is anything else than an example in each line."""
    is_wrapped = bool(rows) and rows[0] != first_object(start)
    # Objects that go over several lines are read one after the other, too.
    goes_over_lines = re.match(r"\{[ \t]*\r?\n", start) is not None
    return start.startswith("[") or is_wrapped or goes_over_lines


def _has_several_people(rows: Sequence[dict[str, Any]]) -> bool:
    """Return whether an example has annotations of several people."""
    return any(len(_people(_annotations(row))) > 1 for row in rows)


def _remark(kind: Kind, rows: Sequence[dict[str, Any]]) -> str:
    """Return what people should know of how labels are taken; empty for nothing."""
    if not kind and not any(row.get("entities") == [] for row in rows):
        return "its labels are all empty, which is taken for no spans"
    if kind == "texts" and _are_texts(rows):
        return _TAKEN_FOR_TEXTS
    if any(type(each) is int for row in rows for each in _said(row, "label")):
        return "its labels are numbers, whose names doccano exports with its labels"
    return ""


def _kind(rows: Sequence[dict[str, Any]]) -> Kind:
    """Return what the lists of a file hold."""
    objects = [each for row in rows for each in _listed(row) if isinstance(each, dict)]
    triples = any(isinstance(each, list) for row in rows for each in _listed(row))
    if triples or any("start_offset" in each for each in objects):
        return "spans"
    if any("text" in each and "label" not in each for each in objects) or _are_texts(rows):
        return "texts"
    return "classes" if any(True for row in rows for _ in _listed(row)) else ""


def _listed(row: dict[str, Any]) -> Iterator[Any]:
    for key in _KEYS:
        if isinstance(row.get(key), list):
            yield from row[key]


def _said(row: dict[str, Any], key: str) -> Iterator[Any]:
    for each in _listed(row):
        yield each.get(key) if isinstance(each, dict) else each


def _are_texts(rows: Iterable[dict[str, Any]]) -> bool:
    """Return whether labels are texts of their own: most are sentences, and none occurs twice."""
    found = [each for row in rows for each in _said(row, "label") if isinstance(each, str)]
    sentences = sum(map(_is_sentence, found))
    return bool(found) and len(set(found)) == len(found) and sentences > len(found) / 2


def _is_sentence(text: str) -> bool:
    ended = text.rstrip().endswith((".", "!", "?", "\u3002", "\uff01", "\uff1f", "\u2026"))
    return ended or len(text.split()) >= _WORDS_OF_SENTENCE


def example_task(
    found: dict[str, Any], notices: list[str], text_field: str | None, kind: Kind = "spans"
) -> Task:
    """Return an example of doccano's as a task.

    Its versions write the same things in several forms:

        {"id": 7, "text": "Ada left", "label": [[0, 3, "PER"]], "Comments": []}
        {"id": 7, "text": "Ada left", "relations": [], "entities":
         [{"id": 1, "label": "PER", "start_offset": 0, "end_offset": 3}]}
        {"id": 7, "text": "Ada left", "annotations":
         [{"label": 2, "start_offset": 0, "end_offset": 3, "user": 1}]}
        {"id": 7, "data": "Ada left", "label": ["good"]}

    Args:
        found: The example; changed.
        notices: Gets remarks for people.
        text_field: The field that holds the text, if it is neither `text` nor `data`.
        kind: What the lists of its file hold.

    Raises:
        TaskError: It has no text, or a label or relation has no form that doccano writes.
    """
    name = text_field or ("text" if "text" in found else "data")
    text = found.get(name)
    if text is None:
        raise TaskError(f"no `{text_field or 'text'}`", reason="no-input")
    del found[name]
    task: Task = {text_field or "text": text}
    relations = found.pop("relations", None)
    labels = {key: found.pop(key) for key in _KEYS if isinstance(found.get(key), list)}
    if isinstance(found.get("label"), str) and found["label"]:
        labels["label"] = [found.pop("label")]
    spans_by_id: dict[Any, Span] = {}
    if kind == "texts":
        _take_texts(task, labels, notices)
    else:
        # In a file of classes an empty list says that nobody chose one, not that there is no span.
        if kind == "classes":
            labels.setdefault("cats", [])
        spans_by_id = _take_marks(task, labels, notices)
    if isinstance(relations, list) and relations and isinstance(text, str):
        lost = add_relations(task, text, spans_by_id, map(_link, relations))
        if lost:
            notices.append(left_out(lost, "relations between other things than spans"))
    meta = _left_over(found)
    return {**task, "meta": meta} if meta else task


def _left_over(found: dict[str, Any]) -> dict[str, Any]:
    """Return what an example says beside its text and its labels; `found` is changed."""
    comments = found.pop("Comments", None) or found.pop("comments", None)  # as versions differ
    if comments:
        found["comments"] = comments
    meta = found.pop("meta", None)
    left = {**found, **meta} if isinstance(meta, dict) else found
    return {key: value for key, value in left.items() if value is not None}


def _annotations(row: dict[str, Any]) -> list[Any]:
    found = row.get("annotations")
    return found if isinstance(found, list) else []


def _people(annotations: Sequence[Any]) -> list[Any]:
    return [each for each in dict.fromkeys(map(_person, annotations)) if each is not None]


def _person(annotation: Any) -> Any:
    if not isinstance(annotation, dict):
        return None
    name = annotation.get("user_name") or annotation.get("user")
    return name if isinstance(name, str | int) else None


def _take_people(task: Task, labels: dict[str, list[Any]], notices: list[str]) -> None:
    """Put the only annotator into a task, or remark on several."""
    people = _people(labels.get("annotations", ()))
    if len(people) == 1:
        task[ANNOTATOR_ID] = str(people[0])
    elif people:
        notices.append(f"{len(people)} people's annotations stand together, as in the file")


def _take_texts(task: Task, labels: dict[str, list[Any]], notices: list[str]) -> None:
    """Put the texts that were written for a text into a task, several below each other."""
    _take_people(task, labels, notices)
    given = [each for group in labels.values() for each in group]
    texts = [
        each.get("text", each.get("label")) if isinstance(each, dict) else each for each in given
    ]
    written = [each for each in texts if isinstance(each, str)]
    if len(written) < len(texts):
        raise TaskError(f"{str(texts)[:40]!r} are no texts of doccano", reason="bad-field")
    if len(written) > 1:
        notices.append(f"its {len(written)} texts stand below each other")
    task[TYPED] = "\n".join(written)


def _take_marks(task: Task, labels: dict[str, list[Any]], notices: list[str]) -> dict[Any, Span]:
    """Put spans and categories into a task, and return the spans by their ids.

    Args:
        task: Gets `spans` and `accept`.
        labels: Key -> its labels: a name, `[start, end, name]`, or an object with `start_offset`,
            or with a label alone.
        notices: Gets remarks for people.
    """
    _take_people(task, labels, notices)
    spans: list[Span] = []
    classes: list[str] = []
    by_id: dict[Any, Span] = {}
    for each in (each for group in labels.values() for each in group):
        if isinstance(each, str):
            classes.append(each)
        elif isinstance(each, list) and len(each) == 3:
            spans.append(_span(*each))
        elif isinstance(each, dict) and "start_offset" in each:
            label = each.get("label_name") or each.get("label")
            span = _span(each["start_offset"], each.get("end_offset"), label)
            spans.append(span)
            if each.get("id") is not None:
                by_id[str(each["id"])] = span
        elif isinstance(each, dict) and type(each.get("label")) in (int, str):
            classes.append(str(each.get("label_name") or each["label"]))
        else:
            raise TaskError(f"{str(each)[:40]!r} is no label of doccano", reason="bad-spans")
    if classes or "cats" in labels:
        task["accept"] = classes
    # An empty list that is not of classes says that somebody found no span.
    says_no_span = bool(labels) and "accept" not in task
    if spans or "entities" in labels or says_no_span:
        task["spans"] = sorted(spans, key=lambda span: (span["start"], -span["end"]))
    return by_id


def _link(relation: Any) -> RelationLink:
    if not isinstance(relation, dict) or not isinstance(relation.get("type"), str):
        raise TaskError(f"{str(relation)[:40]!r} is no relation of doccano", reason="bad-relations")
    return RelationLink(str(relation.get("from_id")), str(relation.get("to_id")), relation["type"])


def _span(start: Any, end: Any, label: Any) -> Span:
    # Old exports name a label by its number, and the names are in another file.
    label = str(label) if type(label) is int else label
    if type(start) is not int or type(end) is not int:
        raise TaskError(f"a span goes from {start!r} to {end!r}", reason="bad-spans")
    if not isinstance(label, str):
        raise TaskError(f"a span has {label!r} for its label", reason="bad-spans")
    return {"start": start, "end": end, "label": label}
