"""A document as one task: what JSON lines hold, and the tables of other programs are made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.exchange.annotation_layers import view_of
from tui_annotate.exchange.document import Answer, Document
from tui_annotate.exchange.jsonl import with_record
from tui_annotate.exchange.writers import FormatSettings, TextWriter
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.offsets import UNIT_KEY, Unit, converter, move
from tui_annotate.task.schema import (
    ANNOTATOR_ID,
    ANSWER_ID,
    SCHEMA,
    SCHEMA_VERSION,
    SESSION_ID,
    TIMESTAMP,
    VIEW_ID,
    Task,
    without_export_keys,
)
from tui_annotate.task.span_verdicts import ANSWER
from tui_annotate.views import says

PERSONAL = (
    *(SESSION_ID, ANNOTATOR_ID, TIMESTAMP, "flagged"),
    *("_comment", "_reason", "comment", "score"),
)
"""Keys that belong to one answer, and not to what several come to."""


def as_task(document: Document, unit: Unit = "codepoints") -> Task:
    """Return a document as one task.

    Its number comes first, and the version of what the keys mean. A single answer stays what it is,
    unknown keys included. Several become one task with the keys
    of all of them, the first one's where they differ; `spans` and `relations` are what counts,
    `cats` has label -> whether the text has it, `_annotators` who answered.

    Args:
        document: The document.
        unit: What offsets count. Where it is not code points, `offset_unit` names it.
    """
    answers = document.answers
    task = _single(answers[0]) if len(answers) == 1 else _joined(document)
    task = {ANSWER_ID: document.id, SCHEMA: SCHEMA_VERSION, **without_export_keys(task)}
    if unit == "codepoints" or not document.has_text:
        return task
    return _with_unit(task, document.text, unit)


def spans_of(document: Document, unit: Unit = "codepoints") -> list[dict[str, Any]]:
    """Return the spans that count, as tasks hold them."""
    at = converter(document.text, unit)
    tokens = document.tokens() if "tokens" in document.answers[0].content else None
    found = [span.to_dict(tokens) for span in document.layers.spans or ()]
    return [{**each, "start": at(each["start"]), "end": at(each["end"])} for each in found]


def text_classes(document: Document) -> list[str]:
    """Return the labels that the whole text has."""
    return [label for label, value in document.layers.cats.items() if value]


def _single(answer: Answer) -> Task:
    return with_record(dict(answer.content), answer.stored)


def _joined(document: Document) -> Task:
    """Return several answers to one input as one task: its layers have what counts, and the answers
    all that is no layer."""
    answers, layers = document.answers, document.layers
    task: Task = {}
    # Backwards, so that the first answer has the last word on keys that are no layer.
    for answer in reversed(answers):
        task.update(_single(answer))
    people = list(dict.fromkeys(answer.stored.annotator for answer in answers))
    for key in (*PERSONAL, "versions", VIEW_ID):
        task.pop(key, None)
    if view := _view(document):
        task[VIEW_ID] = view
    if layers.content is not None:
        task |= {"answer": "accept", **json.loads(layers.content)}
    else:
        task["answer"] = "accept"
    if layers.spans is not None:
        task["spans"] = _judged_spans(document)
    if layers.relations is not None:
        task["relations"] = list(layers.relations)
    if layers.cats:
        task["cats"] = dict(layers.cats)
        task.pop("label", None)
        if "options" in task:
            # Layers have ids as text; one that is a number in the task has to stay one.
            ids = {str(each.get("id")): each.get("id") for each in task["options"]}
            task["accept"] = [ids[label] for label in text_classes(document) if label in ids]
        elif "accept" in task and "reject" not in task:  # and no version of a comparison
            task["accept"] = text_classes(document)
    task["_annotators"] = people
    return task


def _judged_spans(document: Document) -> list[dict[str, Any]]:
    """Return the spans that count; where others were said to be wrong, each with its decision."""
    right = spans_of(document)
    refused = document.layers.refused
    if not refused or document.layers.complete:
        return right
    wrong = [{"start": start, "end": end, "label": label} for start, end, label in refused]
    judged = [{**each, ANSWER: "accept"} for each in right]
    judged += [{**each, ANSWER: "reject"} for each in wrong]
    return sorted(judged, key=lambda span: (span["start"], -span["end"], span.get("label", "")))


def _view(document: Document) -> str:
    """Return the view that says what a task of several answers holds; empty where none does."""
    views = {view_of(each.stored.record.view_id, each.content) for each in document.answers}
    if len(views) > 1 and document.layers.spans is not None and not document.layers.complete:
        views = {view for view in views if says(view) == "one span"}
    return min(views) if len(views) == 1 else ""


def _with_unit(task: Task, text: str, unit: Unit) -> Task:
    move(task, converter(text, unit))
    task[UNIT_KEY] = unit
    return task


def open_jsonl(path: Path, settings: FormatSettings) -> TextWriter:
    """Return what writes documents as JSON lines."""
    return TextWriter(path, lambda document: dumps(as_task(document, settings.offsets)) + "\n")


def open_json(path: Path, settings: FormatSettings) -> TextWriter:
    """Return what writes documents as one JSON list."""
    return TextWriter(
        path,
        lambda document: dumps(as_task(document, settings.offsets)),
        header="[\n",
        separator=",\n",
        footer="\n]\n",
    )


def typed_text(content: str) -> str:
    """Return the text that was typed in, from the content of an answer as JSON text.

    Raises:
        TaskError: `no-labels`: something else was answered.
    """
    typed = json.loads(content).get("user_input")
    if not isinstance(typed, str):
        raise TaskError("its answer is none that the format has", reason="no-labels")
    return typed
