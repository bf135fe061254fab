"""Argilla's records: fields, and for each question responses of people and suggestions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.jsonfile import JsonSource
from tui_annotate.sources.text_field import UNANSWERED
from tui_annotate.task.schema import ANNOTATOR_ID, Task

_DISCARDED = ("discarded", "draft")


class ArgillaSource(JsonSource):
    """Reads the JSON of `records.to_json`, and records of Argilla 1; a row for each person.

    Spans are `spans`; one question with labels is `accept`, of several each stays under its own
    name and `cats` has all of them as `QUESTION: LABEL`. A record without responses has what models
    suggest, and counts as no answer.
    """

    @property
    def seekable(self) -> bool:
        """False: the rows of one record share a place, so a session reads it again."""
        return False

    def expand(self, data: dict[str, Any], notices: list[str]) -> Iterator[Task | TaskError]:
        """Yield a task for each person who answered a record."""
        try:
            found = list(record_tasks(data, self.fields.text_field or "text", notices))
        except TaskError as error:
            yield error
            return
        yield from found


def is_argilla(row: Mapping[str, Any]) -> bool:
    """Return whether an object has the form of a record of Argilla's."""
    if isinstance(row.get("fields"), dict):
        return any(isinstance(row.get(key), dict | list) for key in ("responses", "suggestions"))
    return "annotation_agent" in row and not row.keys().isdisjoint(("prediction", "annotation"))


def record_tasks(record: dict[str, Any], text_key: str, notices: list[str]) -> Iterator[Task]:
    """Yield a record's tasks.

    Raises:
        TaskError: It is no record, or an answer has no form that Argilla writes.
    """
    if not isinstance(record.get("fields"), Mapping):
        yield _old_task(record, text_key)
        return
    fields: Mapping[str, Any] = record["fields"]
    base: Task = _text(fields, text_key)
    meta = {**_mapping(record.get("metadata"))}
    if record.get("id") is not None:
        meta.setdefault("id", record["id"])
    people = _people(record.get("responses"), notices)
    suggested = _suggestions(record.get("suggestions"))
    for person, values in people.items():
        task = {**base, **_answers(values), **({"meta": dict(meta)} if meta else {})}
        yield {**task, ANNOTATOR_ID: person} if person else task
    if not people:
        task = {**base, **_answers(suggested), **({"meta": meta} if meta else {})}
        yield {**task, UNANSWERED: True}


def _text(fields: Mapping[str, Any], text_key: str) -> Task:
    strings = {key: value for key, value in fields.items() if isinstance(value, str)}
    if text_key in strings:
        return {**fields}
    if len(strings) == 1:
        (name,) = strings
        rest = {key: value for key, value in fields.items() if key != name}
        return {text_key: strings[name], **rest}
    return {**fields}


def _people(responses: Any, notices: list[str]) -> dict[str, dict[str, Any]]:
    """Return what each person answered: question -> value."""
    found: dict[str, dict[str, Any]] = {}
    unsent = 0
    if isinstance(responses, Mapping):
        for question, each in responses.items():
            for response in each if isinstance(each, list) else []:
                if not isinstance(response, Mapping) or "value" not in response:
                    raise TaskError(f"{str(response)[:40]!r} is no response", reason="bad-spans")
                if response.get("status") in _DISCARDED:
                    unsent += 1
                    continue
                person = str(response.get("user_id") or "")
                found.setdefault(person, {})[str(question)] = response["value"]
    elif isinstance(responses, list):
        for response in responses:
            values = response.get("values") if isinstance(response, Mapping) else None
            if not isinstance(values, Mapping) or response.get("status") in _DISCARDED:
                unsent += 1
                continue
            answers = {str(name): _mapping(each).get("value") for name, each in values.items()}
            found.setdefault(str(response.get("user_id") or ""), {}).update(answers)
    if unsent:
        notices.append(f"{unsent} responses that were discarded or not sent are left out")
    return found


def _suggestions(suggestions: Any) -> dict[str, Any]:
    if isinstance(suggestions, Mapping):
        return {str(name): _mapping(each).get("value") for name, each in suggestions.items()}
    found = suggestions if isinstance(suggestions, list) else []
    return {str(_mapping(each).get("question_name")): _mapping(each).get("value") for each in found}


def _answers(values: Mapping[str, Any]) -> Task:
    """Return the answers to all questions as a task has them."""
    task: Task = {}
    labels: dict[str, list[str]] = {}
    for question, value in values.items():
        if value is None:
            continue
        if _are_spans(value) or (value == [] and "span" in question.lower()):
            task["spans"] = [*task.get("spans", []), *map(_span, value)]
        elif isinstance(value, str):
            labels[question] = [value]
        elif isinstance(value, list) and all(isinstance(each, str) for each in value):
            labels[question] = list(value)
        else:
            task[question] = value
    if len(labels) == 1:
        task["accept"] = next(iter(labels.values()))
    elif labels:
        for question, chosen in labels.items():
            task.setdefault(question, chosen)
        task["cats"] = {f"{name}: {each}": True for name, all_ in labels.items() for each in all_}
    return task


def _are_spans(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(each, dict) and "start" in each and "end" in each for each in value)
    )


def _span(each: Mapping[str, Any]) -> dict[str, Any]:
    start, end = each.get("start"), each.get("end")
    if type(start) is not int or type(end) is not int:
        raise TaskError(f"a span goes from {start!r} to {end!r}", reason="bad-spans")
    span: dict[str, Any] = {"start": start, "end": end, "label": str(each.get("label", ""))}
    if isinstance(each.get("text"), str):
        span["text"] = each["text"]
    return span


def _old_task(record: dict[str, Any], text_key: str) -> Task:
    """Return a record of Argilla 1, of tokens or of a text, as a task."""
    inputs = record.get("inputs")
    text = record.get("text")
    if text is None and isinstance(inputs, Mapping):
        text = inputs.get("text", next(iter(inputs.values()), None))
    task: Task = {} if text is None else {text_key: text}
    answer = record.get("annotation")
    answered = answer is not None
    if not answered:
        answer = record.get("prediction")
    if isinstance(answer, str) and record.keys().isdisjoint(("inputs", "multi_label", "tokens")):
        # A record of texts for texts has none of these keys.
        task["user_input"] = answer
    elif isinstance(answer, str):
        task["accept"] = [answer]
    elif isinstance(answer, list):
        spans = [_old_span(each) for each in answer]
        if all(isinstance(each, str) for each in answer) and (answer or "tokens" not in record):
            task["accept"] = list(answer)
        elif all(each is not None for each in spans):
            task["spans"] = spans
        elif answered:
            raise TaskError(f"{str(answer)[:40]!r} is no annotation", reason="bad-spans")
        else:
            # Labels with their scores: the best one is what an annotator begins with.
            scored = [each for each in answer if isinstance(each, list) and len(each) == 2]
            task["accept"] = [str(max(scored, key=lambda each: each[1])[0])] if scored else []
    meta = {**_mapping(record.get("metadata"))}
    if record.get("id") is not None:
        meta.setdefault("id", record["id"])
    if meta:
        task["meta"] = meta
    if not answered:
        task[UNANSWERED] = True
    elif isinstance(record.get("annotation_agent"), str) and record["annotation_agent"]:
        task[ANNOTATOR_ID] = record["annotation_agent"]
    return task


def _old_span(each: Any) -> dict[str, Any] | None:
    if isinstance(each, dict) and "start" in each and "end" in each:
        return _span(each)
    if isinstance(each, list) and len(each) >= 3 and type(each[1]) is type(each[2]) is int:
        return {"start": each[1], "end": each[2], "label": str(each[0])}
    return None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
