"""Passages with questions about them: MultiRC, ReCoRD and Natural Questions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.base import left_out
from tui_annotate.sources.json_helpers import (
    Row,
    end_behind,
    entries,
    objects,
    place_span,
    remark,
    table,
)
from tui_annotate.sources.squad import ANSWER_LABEL
from tui_annotate.sources.text_field import UNANSWERED
from tui_annotate.task.schema import Task

LONG_ANSWER_LABEL = "LONG_ANSWER"
"""The label of a part of a page that holds the answer to a question of Natural Questions."""


def is_multirc(row: Row) -> bool:
    """Return whether an object is a passage of MultiRC's with its questions and their answers."""
    asked = objects(table(row.get("passage")).get("questions"))
    return bool(asked) and isinstance(asked[0].get("answers"), list)


def multirc(row: Row) -> Iterator[Task]:
    """Yield a task for each question: its answers are options, and those that are right chosen."""
    passage = row["passage"]
    for asked in entries(passage, "questions"):
        answers = entries(asked, "answers")
        text = "\n\n".join((_said(passage, "text"), _said(asked, "question")))
        names = [str(each.get("idx", at)) for at, each in enumerate(answers, 1)]
        task: Task = {
            "text": text,
            "options": [
                {"id": name, "text": _said(each, "text")}
                for name, each in zip(names, answers, strict=True)
            ],
        }
        if all(each.get("label") in (0, 1) for each in answers):
            marked = zip(names, answers, strict=True)
            task["accept"] = [name for name, each in marked if each["label"]]
        else:
            task[UNANSWERED] = True
        yield {**task, "meta": _ids(row, question=_id(asked))}


def is_record(row: Row) -> bool:
    """Return whether an object is a passage of ReCoRD's with its queries."""
    asked = objects(row.get("qas"))
    return isinstance(table(row.get("passage")).get("text"), str) and any(
        "query" in each for each in asked
    )


def record(row: Row) -> Iterator[Task]:
    """Yield a task for each query: its answers are spans, whose ends are those of last
    characters."""
    passage = row["passage"]
    others = len(entries(passage, "entities"))
    for asked in entries(row, "qas"):
        query = _said(asked, "query")
        task: Task = {"text": _said(passage, "text"), "input": query}
        task["meta"] = {"question": query, **_ids(row, query=_id(asked))}
        if "answers" in asked:
            answers = entries(asked, "answers")
            task["spans"] = [
                place_span(each.get("start"), end_behind(each.get("end")), ANSWER_LABEL)
                for each in answers
            ]
            if others > len(answers):
                remark(task, left_out(others - len(answers), "entities beside the answers"))
        else:
            task[UNANSWERED] = True
        yield task


def is_natural_questions(row: Row) -> bool:
    """Return whether an object is a page of Natural Questions with its question."""
    has_page = isinstance(row.get("document_text"), str) or bool(
        objects(row.get("document_tokens"))
    )
    return has_page and isinstance(row.get("question_text"), str)


def natural_questions(row: Row) -> Iterator[Task]:
    """Yield a page with the short answers to its question as spans `ANSWER`, the long ones as
    `LONG_ANSWER`. Answers count the page's words; elements of HTML among these are no text."""
    if "document_text" in row:
        words = _said(row, "document_text").split(" ")
        is_text = [not (word.startswith("<") and word.endswith(">")) for word in words]
    else:
        tokens = entries(row, "document_tokens")
        words = [_said(each, "token") for each in tokens]
        is_text = [each.get("html_token") is not True for each in tokens]
    shown = [f"{word} " if kept else "" for word, kept in zip(words, is_text, strict=True)]
    ends = [0, *accumulate(map(len, shown))]
    task: Task = {"text": "".join(shown).removesuffix(" "), "input": row["question_text"]}
    ids = {key: row[key] for key in ("example_id", "document_title", "document_url") if key in row}
    task["meta"] = {"question": row["question_text"], **ids}
    if not row.get("annotations"):
        yield {**task, UNANSWERED: True}
        return
    found: dict[tuple[int, int, str], dict[str, Any]] = {}
    for said in entries(row, "annotations"):
        answers = [(each, ANSWER_LABEL) for each in entries(said, "short_answers")]
        for each, label in [*answers, (table(said.get("long_answer")), LONG_ANSWER_LABEL)]:
            for span in _on_words(each, label, ends):
                # Several people may have marked the same.
                found.setdefault((span["start"], span["end"], label), span)
        if said.get("yes_no_answer") in ("YES", "NO"):
            task["response"] = said["yes_no_answer"].lower()
    yield {**task, "spans": [found[key] for key in sorted(found)]}


def _on_words(answer: Row, label: str, ends: list[int]) -> Iterator[dict[str, Any]]:
    """Yield the span of an answer, if there is one.

    Args:
        answer: It, with the numbers of its first word and of the one behind its last; -1 for none.
        label: Its label.
        ends: Where each word begins in the text, and where the last one ends with its blank.

    Raises:
        TaskError: There are no such words.
    """
    first, last = answer.get("start_token", -1), answer.get("end_token", -1)
    if first == last == -1:
        return
    if type(first) is not int or type(last) is not int or not 0 <= first < last < len(ends):
        what = f"an answer goes from word {first!r} to {last!r} of {len(ends) - 1}"
        raise TaskError(what[:120], reason="bad-spans")
    if ends[first] < ends[last]:
        yield {"start": ends[first], "end": ends[last] - 1, "label": label}


def _said(row: Row, key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        raise TaskError(f"`{key}` holds no text", reason="no-input")
    return value


def _id(row: Row) -> Any:
    """Return what names an object: `id` where the authors published it, `idx` in SuperGLUE."""
    return row.get("id", row.get("idx"))


def _ids(row: Row, **more: Any) -> dict[str, Any]:
    named = {"id": _id(row), "source": row.get("source"), **more}
    return {key: value for key, value in named.items() if value is not None}
