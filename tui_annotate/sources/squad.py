"""SQuAD and data sets in its form: contexts, questions about them, and answers within them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.jsonfile import JsonSource
from tui_annotate.sources.text_field import UNANSWERED, Fields
from tui_annotate.task.schema import Task

ANSWER_LABEL = "ANSWER"
"""The label of spans that answer a question."""


class SquadSource(JsonSource):
    """Reads SQuAD 1 and 2, and rows of one question each as Hugging Face has them.

    Each question is a task: its context is `text`, and the question is `input`, so that questions
    about one context are different inputs; it stands in `meta` as well, where it is seen. The
    answers are spans labelled `ANSWER`, those of several people once each. A question without
    an answer has no spans, and one of a test set, which holds no answers, counts as not answered.
    """

    @property
    def seekable(self) -> bool:
        """False: all questions share one place, so a session reads the file again."""
        return False

    def expand(self, data: dict[str, Any], notices: list[str]) -> Iterator[Task | TaskError]:
        """Yield a task for each question."""
        return question_tasks(data, self.fields, notices)


def question_tasks(
    data: Mapping[str, Any], fields: Fields, notices: list[str]
) -> Iterator[Task | TaskError]:
    """Yield a task for each question of an object, and in place of a bad one what is wrong."""
    for context, question, more in _questions(data):
        try:
            yield question_task(context, question, more, notices, fields.text_field)
        except TaskError as error:
            yield error


def is_squad(row: Mapping[str, Any]) -> bool:
    """Return whether an object is a file of SQuAD's, an article of it, or a row of one question."""
    data = row.get("data")
    if isinstance(data, list) and data and isinstance(data[0], Mapping):
        return _is_article(data[0]) or _is_question(data[0])
    return _is_article(row) or _is_question(row)


def _is_article(row: Mapping[str, Any]) -> bool:
    paragraphs = row.get("paragraphs")
    return isinstance(paragraphs, list) and any(
        isinstance(each, Mapping) and "context" in each and isinstance(each.get("qas"), list)
        for each in paragraphs[:1]
    )


def _is_question(row: Mapping[str, Any]) -> bool:
    if not isinstance(row.get("context"), str) or not isinstance(row.get("question"), str):
        return False
    answers = row.get("answers")
    if isinstance(answers, list):
        return all(isinstance(each, Mapping) and "answer_start" in each for each in answers)
    return isinstance(answers, Mapping) and {"text", "answer_start"} <= answers.keys()


def _questions(
    row: Mapping[str, Any], title: Any = None
) -> Iterator[tuple[Any, Mapping[str, Any], dict[str, Any]]]:
    """Yield context, question and what is known besides of all questions in an object.

    It is a whole file, an article of one, or a row as Hugging Face has them:

        {"data": [{"title": "Ada", "paragraphs": [...]}]}
        {"title": "Ada", "paragraphs": [{"context": "Ada left.", "qas": [{"question": "Who?"}]}]}
        {"title": "Ada", "context": "Ada left.", "question": "Who?"}
    """
    if isinstance(row.get("data"), list):
        for article in row["data"]:
            if isinstance(article, Mapping):
                yield from _questions(article)
        return
    title = row.get("title", title)
    known = {"title": title} if isinstance(title, str) else {}
    if not isinstance(row.get("paragraphs"), list):
        yield row.get("context"), row, known
        return
    for paragraph in row["paragraphs"]:
        found = paragraph if isinstance(paragraph, Mapping) else {}
        questions = found.get("qas")
        for question in questions if isinstance(questions, list) else [None]:
            asked = question if isinstance(question, Mapping) else {}
            yield found.get("context"), asked, known


def question_task(
    context: Any,
    question: Mapping[str, Any],
    known: Mapping[str, Any],
    notices: list[str],
    text_field: str | None = None,
) -> Task:
    """Return one question about a context as a task.

    Args:
        context: The text.
        question: The question, with its `id` and `answers`.
        known: What goes to `meta` besides.
        notices: Gets remarks for people.
        text_field: The key of the text, if it is not `text`.

    Raises:
        TaskError: There is no context or question, or an answer has no place.
    """
    asked = question.get("question")
    if not isinstance(context, str) or not isinstance(asked, str):
        raise TaskError("no question with a `context`", reason="no-input")
    task: Task = {text_field or "text": context, "input": asked}
    if "answers" in question:
        task["spans"] = _spans(question["answers"])
    else:
        task[UNANSWERED] = True
    plausible = question.get("plausible_answers")
    if isinstance(plausible, list) and plausible:
        notices.append(f"{len(plausible)} plausible answers, which are wrong, are left out")
    meta = {"question": asked, **known}
    meta |= {key: question[key] for key in ("id", "is_impossible") if key in question}
    return {**task, "meta": meta}


def _spans(answers: Any) -> list[dict[str, Any]]:
    """Return the answers as spans, those of several people once each."""
    if isinstance(answers, Mapping):
        texts, starts = answers.get("text"), answers.get("answer_start")
        if not isinstance(texts, list) or not isinstance(starts, list) or len(texts) != len(starts):
            raise TaskError("its answers have no places", reason="bad-spans")
        pairs = list(zip(texts, starts, strict=True))
    elif isinstance(answers, list) and all(isinstance(each, Mapping) for each in answers):
        pairs = [(each.get("text"), each.get("answer_start")) for each in answers]
    else:
        raise TaskError("its answers are no list", reason="bad-spans")
    spans: list[dict[str, Any]] = []
    known: set[tuple[int, str]] = set()
    for text, start in pairs:
        if not isinstance(text, str) or type(start) is not int:
            raise TaskError(f"{str(text)[:40]!r} is no answer with its place", reason="bad-spans")
        span = {"start": start, "end": start + len(text), "label": ANSWER_LABEL, "text": text}
        if text and (start, text) not in known:
            known.add((start, text))
            spans.append(span)
    return sorted(spans, key=lambda span: (span["start"], -span["end"]))
