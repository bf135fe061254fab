"""Argilla's records: fields, and for each question responses of people and suggestions.

Argilla 2 writes them nested (`records.to_json`, `dataset.to_disk`) or, by `to_datasets` and
`to_list(flatten=True)`, with a column `QUESTION.responses` and others beside it. Argilla 1 has a
column for each question of a feedback dataset, and records of texts and of tokens before that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from json import loads
from pathlib import Path
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.jsonfile import JsonSource
from tui_annotate.sources.recognise import first_rows
from tui_annotate.sources.text_field import TEXT, UNANSWERED, Fields
from tui_annotate.task.llm_rows import name_of_answer
from tui_annotate.task.schema import ANNOTATOR_ID, Task

_FLAT = re.compile(r"(.+?)\.(responses(?:\.(?:users|status))?|suggestion(?:\.(?:agent|score))?)")
_SUGGESTED = "-suggestion"
_SUGGESTION_OF_ARGILLA_1 = "-suggestion-metadata"
_ABOUT_RECORDS = frozenset({"id", "external_id", "status", "_server_id", "score"})
_SETTINGS = ("settings.json", ".argilla/settings.json")
_SPAN, _TYPED = "span", "text"
_LISTED = frozenset({"ranking"})
_CLASSES = frozenset({"label_selection", "multi_label_selection"})


class ArgillaSource(JsonSource):
    """Reads Argilla's records as JSON, nested or flat; a row for each person.

    Spans are `spans`; one question with labels is `accept`, of several each stays under its own
    name and `cats` has all of them as `QUESTION: LABEL`. A response that its person discarded is
    ignored, a draft is left out with a remark. A record without responses has what models suggest,
    and counts as no answer. What kind a question is, is said by `settings.json` beside the file,
    as `to_disk` leaves it, else by its values.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._reader = RecordReader(self.fields, kinds_beside(self.name))
        for each in first_rows(self.file):
            self._reader.look_at(each)

    @property
    def seekable(self) -> bool:
        """False: the rows of one record share a place, so a session reads it again."""
        return False

    def expand(self, data: dict[str, Any], notices: list[str]) -> Iterator[Task | TaskError]:
        """Yield a task for each person who answered a record."""
        yield from self._reader.expand(data, notices)


def is_argilla(row: Mapping[str, Any]) -> bool:
    """Return whether an object has the form of a record of Argilla's."""
    if isinstance(row.get("fields"), dict):
        return any(isinstance(row.get(key), dict | list) for key in ("responses", "suggestions"))
    if is_argilla_table(row):
        return True
    listed = [key for key, value in row.items() if isinstance(value, list) and "." in key]
    if any(_FLAT.fullmatch(key) and key.endswith(".responses") for key in listed):
        return True
    return any(_old_responses(value) for value in row.values() if isinstance(value, list | dict))


def is_argilla_table(columns: Iterable[str]) -> bool:
    """Return whether keys, or columns, are those of a flat record of Argilla's."""
    names = set(columns)
    responses = [name for name in names if name.endswith(".responses")]
    if any(f"{name}.users" in names or f"{name}.status" in names for name in responses):
        return True
    if any(name.endswith(".suggestion") and f"{name}.agent" in names for name in names):
        return True
    if any(name.endswith(_SUGGESTION_OF_ARGILLA_1) for name in names):
        return True
    return "annotation_agent" in names and not names.isdisjoint(("prediction", "annotation"))


def kinds_beside(path: str) -> dict[str, str]:
    """Return the types of the questions that `settings.json` beside a file says; none without."""
    if path == "-" or "://" in path:
        return {}
    found: dict[str, str] = {}
    for name in _SETTINGS:
        try:
            data = loads((Path(path).expanduser().parent / name).read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            continue
        questions = data.get("questions") if isinstance(data, dict) else None
        for each in questions if isinstance(questions, list) else ():
            kind = _mapping(_mapping(each).get("settings")).get("type")
            if isinstance(kind, str):
                found[str(_mapping(each).get("name"))] = kind
    return found


class RecordReader:
    """Makes tasks of records, and remembers which questions have spans for an answer.

    Args:
        fields: Which field makes the text.
        kinds: Question -> its type, as far as it is known.
    """

    def __init__(self, fields: Fields, kinds: Mapping[str, str] | None = None) -> None:
        self._text_key = fields.text_field or TEXT
        self._kinds = dict(kinds or {})
        self._classes = {name for name, kind in self._kinds.items() if kind in _CLASSES}

    def look_at(self, data: Mapping[str, Any]) -> None:
        """Find out from a record what its questions are about, before the first one is read."""
        list(self.expand(data, []))

    def expand(self, data: Mapping[str, Any], notices: list[str]) -> Iterator[Task | TaskError]:
        """Yield a task for each person who answered a record; in place of a bad record its error.

        Args:
            data: The record, nested or flat.
            notices: Gets remarks for people.
        """
        try:
            found = list(self._tasks(data, notices))
        except TaskError as error:
            yield error
            return
        yield from found

    def _tasks(self, record: Mapping[str, Any], notices: list[str]) -> Iterator[Task]:
        """Yield a task for each person who answered a record; without any, one of suggestions."""
        if not isinstance(record.get("fields"), Mapping):
            if "annotation_agent" in record or not record.keys().isdisjoint(
                ("prediction", "annotation")
            ):
                yield _old_task(record, self._text_key)
                return
            record = _nested(record)
        base = _text(record["fields"], self._text_key)
        if "answer" in base:  # there a task has the decision of its annotator
            base[name_of_answer(base)] = base.pop("answer")
        meta = {**_mapping(record.get("metadata"))}
        number = record.get("id") or record.get("external_id")
        if number is not None:
            meta.setdefault("id", number)
        if meta:
            base["meta"] = meta
        people, discarded = _people(record.get("responses"), notices)
        suggested = _suggestions(record.get("suggestions"))
        self._learn([*people.values(), suggested])
        # All people of a record must agree whether one or several questions ask for classes, also
        # one who left all but one open: else their answers would have different keys.
        named = {
            question
            for values in people.values()
            for question, value in values.items()
            if self._kinds.get(question, "") in ("", *_CLASSES) and value and _are_names(value)
        }
        several = len(named | self._classes) > 1
        for person in [*people, *(each for each in discarded if each not in people)]:
            task = {**base, **self._answers(people.get(person, {}), base, several)}
            if person in discarded:
                task["answer"] = "ignore"
            yield {**task, ANNOTATOR_ID: person} if person else task
        if not people and not discarded:
            yield {**base, **self._answers(suggested, base), UNANSWERED: True}

    def _learn(self, all_values: list[dict[str, Any]]) -> None:
        for values in all_values:
            for question, value in values.items():
                if question in self._kinds:
                    continue
                if _are_spans(value):
                    self._kinds[question] = _SPAN

    def _answers(
        self, values: Mapping[str, Any], base: Mapping[str, Any], several: bool = False
    ) -> Task:
        """Return the answers to all questions as a task has them, none under the name of a field in
        `base`; `several` of them ask for classes."""
        task: Task = {}
        labels: dict[str, list[str]] = {}
        typed: dict[str, str] = {}
        for asked, value in values.items():
            kind = self._kinds.get(asked)
            question = asked if asked != "answer" else "given_answer"
            while question in base:
                question = f"{question}_given"
            if value is None:
                continue
            if _are_spans(value) or (value == [] and self._has_spans(asked)):
                task["spans"] = [*task.get("spans", []), *map(_span, value)]
            elif kind in _LISTED:
                task[question] = value
            elif isinstance(value, str) and kind == _TYPED:
                typed[question] = value
            elif _are_names(value):
                labels[question] = [value] if isinstance(value, str) else list(value)
            else:
                task[question] = value
        if len(typed) == 1:
            task["user_input"] = next(iter(typed.values()))
        else:
            task |= typed
        if len(labels) == 1 and not several:
            task["accept"] = next(iter(labels.values()))
        elif labels:
            for question, chosen in labels.items():
                task.setdefault(question, chosen)
            task["cats"] = {
                f"{name}: {each}": True for name, all_ in labels.items() for each in all_
            }
        return task

    def _has_spans(self, question: str) -> bool:
        kind = self._kinds.get(question)
        return kind == _SPAN or (kind is None and "span" in question.lower())


def _nested(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a flat record with its fields, responses and suggestions apart.

    Which of its other keys were fields and which metadata does not stand in it: texts, and what is
    made of several parts, are taken for fields, numbers and lists of words for metadata; vectors
    are left out.

    Raises:
        TaskError: There are not as many people as responses.
    """
    responses: dict[str, Any] = {}
    suggestions: dict[str, dict[str, Any]] = {}
    fields: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    for key, value in row.items():
        flat = _FLAT.fullmatch(key)
        if flat is not None:
            question, part = flat[1], flat[2]
            if part == "responses":
                responses[question] = _zipped(row, key)
            elif part == "suggestion":
                suggestions[question] = {"value": _rows_of(value)}
        elif key.endswith((_SUGGESTED, _SUGGESTION_OF_ARGILLA_1)):
            question = key.removesuffix(_SUGGESTION_OF_ARGILLA_1).removesuffix(_SUGGESTED)
            if key.endswith(_SUGGESTED):
                suggestions[question] = {"value": _rows_of(value)}
        elif (old := _old_responses(value)) or f"{key}{_SUGGESTED}" in row:
            responses[key] = old  # none, where only a model has answered the question
        elif key == "metadata" and (isinstance(value, str | dict) or value is None):
            metadata |= _json_object(value)
        elif key not in _ABOUT_RECORDS and value is not None:
            (metadata if _is_metadata(value) else fields)[key] = value
    numbers = {key: row[key] for key in ("id", "external_id") if row.get(key) is not None}
    fields = {key: value for key, value in fields.items() if not _is_vector(value)}
    return {
        **numbers, "fields": fields, "metadata": metadata, "responses": responses,
        "suggestions": suggestions,
    }  # fmt: skip


def _zipped(row: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    if not isinstance(row.get(key), list | None):
        raise TaskError(f"`{key}` is no list of responses", reason="bad-spans")
    values = _listed(row.get(key))
    # Without their names several people are numbered, so that none takes another one's place.
    numbered = [str(number) for number in range(1, len(values) + 1)] if len(values) > 1 else [None]
    people = _listed(row.get(f"{key}.users")) or numbered[: len(values)]
    states = _listed(row.get(f"{key}.status")) or [None] * len(values)
    if not len(values) == len(people) == len(states):
        what = f"`{key}` has {len(values)} responses of {len(people)} people"
        raise TaskError(f"{what}, with {len(states)} states", reason="bad-spans")
    return [
        {"value": _rows_of(value), "user_id": person, "status": status}
        for value, person, status in zip(values, people, states, strict=True)
    ]


def _old_responses(value: Any) -> list[dict[str, Any]]:
    """Return the responses that a column of Argilla 1 holds; an empty list for another value."""
    rows = _rows_of(value)
    if not isinstance(rows, list) or not rows:
        return []
    wanted = {"user_id", "value", "status"}
    if not all(isinstance(each, dict) and each.keys() <= wanted for each in rows):
        return []
    if not any(each.keys() >= {"value", "status"} for each in rows):
        return []
    return [{**each, "value": _rows_of(each.get("value"))} for each in rows]


def _rows_of(value: Any) -> Any:
    """Return an object of lists, as Hugging Face has lists of objects, as a list of objects."""
    if not isinstance(value, dict) or not value:
        return value
    lists = list(value.values())
    if not all(isinstance(each, list) and len(each) == len(lists[0]) for each in lists):
        return value
    return [dict(zip(value, each, strict=True)) for each in zip(*lists, strict=True)]


def _json_object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, str):
        return _mapping(value)
    try:
        return _mapping(loads(value))
    except (ValueError, RecursionError):
        return {"metadata": value}


def _is_metadata(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, str) for each in value)
    return isinstance(value, bool | int | float)


def _is_vector(value: Any) -> bool:
    numbers = isinstance(value, list) and all(isinstance(each, int | float) for each in value)
    return numbers and bool(value)


def _text(fields: Mapping[str, Any], text_key: str) -> Task:
    strings = {key: value for key, value in fields.items() if isinstance(value, str)}
    if text_key in strings:
        return {**fields}
    if len(strings) == 1:
        (name,) = strings
        rest = {key: value for key, value in fields.items() if key != name}
        return {text_key: strings[name], **rest}
    return {**fields}


def _people(
    responses: Any, notices: list[str]
) -> tuple[dict[str, dict[str, Any]], dict[str, None]]:
    """Return what each person answered (question -> value), and who discarded the record."""
    found: dict[str, dict[str, Any]] = {}
    discarded: dict[str, None] = {}
    drafts: set[str] = set()
    for response in _each_response(responses):
        person = str(response.get("user_id") or "")
        status = response.get("status")
        if status == "draft":
            drafts.add(person)
            continue
        if status == "discarded":
            discarded[person] = None
        values = {key: value for key, value in response["values"].items() if value is not None}
        if values or status != "discarded":
            found.setdefault(person, {}).update(values)
    if drafts:
        people = "1 person" if len(drafts) == 1 else f"{len(drafts)} people"
        notices.append(f"the drafts of {people}, which were never sent, are left out")
    return found, discarded


def _each_response(responses: Any) -> Iterator[dict[str, Any]]:
    """Yield each response as `user_id`, `status` and `values`, in whichever form they stand.

    Raises:
        TaskError: One has no form that Argilla writes.
    """
    if isinstance(responses, Mapping):
        for question, each in responses.items():
            for response in each if isinstance(each, list) else []:
                if not isinstance(response, Mapping) or not (
                    "value" in response or response.get("status") == "discarded"
                ):
                    raise TaskError(f"{str(response)[:40]!r} is no response", reason="bad-spans")
                yield {**response, "values": {str(question): _rows_of(response.get("value"))}}
        return
    for response in responses if isinstance(responses, list) else []:
        if not isinstance(response, Mapping):
            raise TaskError(f"{str(response)[:40]!r} is no response", reason="bad-spans")
        if "question_name" in response:
            yield {**response, "values": {str(response["question_name"]): response.get("value")}}
            continue
        values = _mapping(response.get("values"))
        yield {
            **response,
            "values": {str(name): _mapping(each).get("value") for name, each in values.items()},
        }


def _suggestions(suggestions: Any) -> dict[str, Any]:
    if isinstance(suggestions, Mapping):
        return {str(name): _mapping(each).get("value") for name, each in suggestions.items()}
    found = suggestions if isinstance(suggestions, list) else []
    return {str(_mapping(each).get("question_name")): _mapping(each).get("value") for each in found}


def _are_names(value: Any) -> bool:
    """Return whether a value is a class or several."""
    listed = value if isinstance(value, list) else [value]
    return all(isinstance(each, str) for each in listed)


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
    span: dict[str, Any] = {"start": start, "end": end, "label": _label(each.get("label"))}
    if isinstance(each.get("text"), str):
        span["text"] = each["text"]
    return span


def _old_task(record: Mapping[str, Any], text_key: str) -> Task:
    """Return a record of Argilla 1, of tokens or of a text, as a task."""
    inputs = record.get("inputs")
    if isinstance(record.get(TEXT), str):
        task: Task = {text_key: record[TEXT]}
    elif isinstance(inputs, str):
        task = {text_key: inputs}
    else:
        said = {key: value for key, value in _mapping(inputs).items() if value is not None}
        task = _text(said, text_key)
    status = str(record.get("status") or "").lower()
    answer = record.get("annotation")
    # Argilla 1 calls a record edited that was changed and not validated since.
    answered = answer is not None and status != "edited"
    if answer is None:
        answer = _best(record.get("prediction"))
    is_typed = record.keys().isdisjoint(("inputs", "multi_label", "tokens"))
    if isinstance(answer, str):
        # A record of texts for texts has none of these keys.
        task |= {"user_input": answer} if is_typed else {"accept": [answer]}
    elif isinstance(answer, list):
        spans = [_old_span(each) for each in answer]
        # An empty list is no class of a text, or no span of tokens.
        if all(isinstance(each, str) for each in answer) and (answer or "tokens" not in record):
            task["accept"] = list(answer)
        elif all(each is not None for each in spans):
            task["spans"] = spans
        else:
            raise TaskError(f"{str(answer)[:40]!r} is no annotation", reason="bad-spans")
    meta = {**_json_object(record.get("metadata"))}
    if record.get("id") is not None:
        meta.setdefault("id", record["id"])
    if meta:
        task["meta"] = meta
    if status == "discarded":
        task["answer"] = "ignore"
    elif not answered:
        return {**task, UNANSWERED: True}
    agent = record.get("annotation_agent")
    return {**task, ANNOTATOR_ID: agent} if isinstance(agent, str) and agent else task


def _best(prediction: Any) -> Any:
    """Return what a model says: spans as they are, of labels and texts with scores the best."""
    if not isinstance(prediction, list):
        return prediction
    scored = []
    for each in prediction:
        named = _mapping(each).get("label", _mapping(each).get("text"))
        if _old_span(each) is not None:
            return prediction
        if named is not None:
            scored.append((_number(_mapping(each).get("score")), str(named)))
        elif isinstance(each, list) and len(each) == 2:
            scored.append((_number(each[1]), str(each[0])))
        elif isinstance(each, str):
            scored.append((0.0, each))
    return max(scored, key=lambda pair: pair[0])[1] if scored else None


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _old_span(each: Any) -> dict[str, Any] | None:
    if isinstance(each, dict) and "start" in each and "end" in each:
        return _span(each)
    if isinstance(each, list) and len(each) >= 3 and type(each[1]) is type(each[2]) is int:
        return {"start": each[1], "end": each[2], "label": _label(each[0])}
    return None


def _label(value: Any) -> str:
    """Return the label of a span; empty for none."""
    return "" if value is None else str(value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
