"""Argilla's records: fields, and for each question responses of people and suggestions.

Argilla 2 writes them nested (`records.to_json`, `dataset.to_disk`) or, by `to_datasets` and
`to_list(flatten=True)`, with a column `QUESTION.responses` and others beside it. Argilla 1 has a
column for each question of a feedback dataset, and records of texts and of tokens before that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from json import loads
from pathlib import Path
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.argilla_columns import (
    has_responses_in_columns,
    is_argilla_table,
    json_object,
    mapping,
    nested,
    rows_of,
)
from tui_annotate.sources.jsonfile import JsonSource
from tui_annotate.sources.recognise import first_rows
from tui_annotate.sources.text_field import TEXT, UNANSWERED, Fields
from tui_annotate.task.llm_rows import name_of_answer
from tui_annotate.task.schema import ANNOTATOR_ID, Task

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
    return has_responses_in_columns(row)


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
            kind = mapping(mapping(each).get("settings")).get("type")
            if isinstance(kind, str):
                found[str(mapping(each).get("name"))] = kind
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
            if not record.keys().isdisjoint(("annotation_agent", "prediction", "annotation")):
                yield _old_task(record, self._text_key)
                return
            record = nested(record)
        shown = self._shown(record)
        people, discarded = _people(record.get("responses"), notices)
        suggested = _suggestions(record.get("suggestions"))
        # Before any answer is made of them: that a question has spans is seen in one person's
        # response, and tells what the empty list of another one means.
        self._learn_spans([*people.values(), suggested])
        by_question = self._several_ask_classes(people.values())
        only_discarded = [person for person in discarded if person not in people]
        for person in [*people, *only_discarded]:
            values = people.get(person, {})
            task = {**shown, **self._answers(values, shown, classes_by_question=by_question)}
            if person in discarded:
                task["answer"] = "ignore"
            yield {**task, ANNOTATOR_ID: person} if person else task
        if not people and not discarded:
            yield {**shown, **self._answers(suggested, shown), UNANSWERED: True}

    def _shown(self, record: Mapping[str, Any]) -> Task:
        """Return what a record asks about: its fields, and its metadata with its number."""
        task = _text(record["fields"], self._text_key)
        if "answer" in task:  # there a task has the decision of its annotator
            task[name_of_answer(task)] = task.pop("answer")
        meta = {**mapping(record.get("metadata"))}
        number = record.get("id") or record.get("external_id")
        if number is not None:
            meta.setdefault("id", number)
        if meta:
            task["meta"] = meta
        return task

    def _learn_spans(self, all_values: list[dict[str, Any]]) -> None:
        for values in all_values:
            for question, value in values.items():
                if question not in self._kinds and _are_spans(value):
                    self._kinds[question] = _SPAN

    def _several_ask_classes(self, people: Collection[Mapping[str, Any]]) -> bool:
        """Return whether several questions of a record ask for classes.

        All people must agree in this, also one who left all questions but one open: else their
        answers to one record would have different keys.
        """
        answered = {
            question
            for values in people
            for question, value in values.items()
            if self._kinds.get(question, "") in ("", *_CLASSES) and value and _are_names(value)
        }
        return len(answered | self._classes) > 1

    def _answers(
        self, values: Mapping[str, Any], shown: Task, *, classes_by_question: bool = False
    ) -> Task:
        """Return the answers to all questions as a task has them.

        Args:
            values: Question -> its answer.
            shown: What the record shows; no answer takes a key of it.
            classes_by_question: Keep the classes of each question apart, even if this person has
                chosen some for one of them only.
        """
        task: Task = {}
        classes: dict[str, list[str]] = {}
        typed: dict[str, str] = {}
        for question, value in values.items():
            if value is None:
                continue
            kind = self._kinds.get(question)
            key = _free_key(question, shown)
            if _are_spans(value) or (value == [] and self._has_spans(question)):
                task["spans"] = [*task.get("spans", []), *map(_span, value)]
            elif kind in _LISTED:
                task[key] = value
            elif isinstance(value, str) and kind == _TYPED:
                typed[key] = value
            elif _are_names(value):
                classes[key] = [value] if isinstance(value, str) else list(value)
            else:
                task[key] = value
        if len(typed) == 1:
            task["user_input"] = next(iter(typed.values()))
        else:
            task |= typed
        if len(classes) == 1 and not classes_by_question:
            task["accept"] = next(iter(classes.values()))
        elif classes:
            # Names of classes may be the same in two questions, so `cats` has both together.
            for key, chosen in classes.items():
                task.setdefault(key, chosen)
            task["cats"] = {
                f"{key}: {each}": True for key, chosen in classes.items() for each in chosen
            }
        return task

    def _has_spans(self, question: str) -> bool:
        kind = self._kinds.get(question)
        return kind == _SPAN or (kind is None and "span" in question.lower())


def _free_key(question: str, shown: Task) -> str:
    """Return the key for the answer to a question: its name, or one like it that is free."""
    key = question if question != "answer" else "given_answer"  # `answer` is the decision
    while key in shown:
        key = f"{key}_given"
    return key


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
                yield {**response, "values": {str(question): rows_of(response.get("value"))}}
        return
    for response in responses if isinstance(responses, list) else []:
        if not isinstance(response, Mapping):
            raise TaskError(f"{str(response)[:40]!r} is no response", reason="bad-spans")
        if "question_name" in response:
            yield {**response, "values": {str(response["question_name"]): response.get("value")}}
            continue
        values = mapping(response.get("values"))
        yield {
            **response,
            "values": {str(name): mapping(each).get("value") for name, each in values.items()},
        }


def _suggestions(suggestions: Any) -> dict[str, Any]:
    if isinstance(suggestions, Mapping):
        return {str(name): mapping(each).get("value") for name, each in suggestions.items()}
    found = suggestions if isinstance(suggestions, list) else []
    return {str(mapping(each).get("question_name")): mapping(each).get("value") for each in found}


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
    """Return a record of Argilla 1 as a task.

    There are three kinds of them: classes of a text, spans of tokens, and texts for texts.

        {"inputs": {"text": "Ada left"}, "multi_label": false, "annotation": "good",
         "prediction": [["good", 0.9], ["bad", 0.1]], "status": "Validated"}
        {"text": "Ada left", "tokens": ["Ada", "left"], "annotation": [["PER", 0, 3]]}
        {"text": "Ada left", "annotation": "She went away.", "annotation_agent": "ada"}
    """
    task = _old_text(record, text_key)
    status = str(record.get("status") or "").lower()
    annotation = record.get("annotation")
    # Argilla 1 calls a record edited that was changed and not validated since.
    is_answered = annotation is not None and status != "edited"
    said = _best(record.get("prediction")) if annotation is None else annotation
    task |= _old_answer(said, record.keys())
    meta = {**json_object(record.get("metadata"))}
    if record.get("id") is not None:
        meta.setdefault("id", record["id"])
    if meta:
        task["meta"] = meta
    if status == "discarded":  # which is a decision, also of a record that has no annotation
        task["answer"] = "ignore"
    elif not is_answered:
        return {**task, UNANSWERED: True}
    agent = record.get("annotation_agent")
    return {**task, ANNOTATOR_ID: agent} if isinstance(agent, str) and agent else task


def _old_text(record: Mapping[str, Any], text_key: str) -> Task:
    """Return the text of a record of Argilla 1, or the named texts of its `inputs`."""
    inputs = record.get("inputs")
    for text in (record.get(TEXT), inputs):
        if isinstance(text, str):
            return {text_key: text}
    return _text({key: each for key, each in mapping(inputs).items() if each is not None}, text_key)


def _old_answer(said: Any, keys: Collection[str]) -> Task:
    """Return what a record of Argilla 1 says as a task has it; empty for nothing.

    Args:
        said: Its annotation, or the best prediction.
        keys: The keys of the record, which tell its kind.

    Raises:
        TaskError: It is none of the forms that Argilla writes.
    """
    if isinstance(said, str):
        is_text_for_text = not {"inputs", "multi_label", "tokens"} & set(keys)
        return {"user_input": said} if is_text_for_text else {"accept": [said]}
    if not isinstance(said, list):
        return {}
    # An empty list of a record with tokens says that it has no spans, else that it has no class.
    if all(isinstance(each, str) for each in said) and (said or "tokens" not in keys):
        return {"accept": list(said)}
    spans = [_old_span(each) for each in said]
    if None in spans:
        raise TaskError(f"{str(said)[:40]!r} is no annotation", reason="bad-spans")
    return {"spans": spans}


def _best(prediction: Any) -> Any:
    """Return what a model says: spans as they are, of labels and texts with scores the best."""
    if not isinstance(prediction, list):
        return prediction
    scored = []
    for each in prediction:
        named = mapping(each).get("label", mapping(each).get("text"))
        if _old_span(each) is not None:
            return prediction
        if named is not None:
            scored.append((_number(mapping(each).get("score")), str(named)))
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
