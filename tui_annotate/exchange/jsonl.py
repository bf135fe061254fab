"""Answers as JSON lines: one object for each answer, as Prodigy's exports have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tui_annotate.store.records import StoredAnswer
from tui_annotate.task.jsonio import dumps, loads_strict
from tui_annotate.task.schema import (
    ANNOTATOR_ID,
    COMMENT,
    FLAG,
    INPUT_HASH,
    SESSION_ID,
    TASK_HASH,
    TIMES_OVER,
    TIMESTAMP,
    VIEW_ID,
    Task,
)


def answer_to_dict(stored: StoredAnswer, *, passes: bool = False) -> Task:
    """Return an answer as its exported object; with `passes` it says which time over it was.

    The content comes first, then what the store knows for certain: the decision, the hashes, who
    answered, in which view and when (whole seconds since 1970, UTC).
    """
    return with_record(loads_strict(stored.record.content), stored)


def with_record(content: Task, stored: StoredAnswer) -> Task:
    """Add to an answer's content, in place, what the store knows for certain, and return it."""
    record = stored.record
    content.update(
        {
            INPUT_HASH: record.identity.input_hash,
            TASK_HASH: record.identity.task_hash,
            VIEW_ID: record.view_id,
            "answer": record.answer,
            TIMESTAMP: record.answered_at,
            ANNOTATOR_ID: stored.annotator,
            SESSION_ID: stored.session,
        }
    )
    if passes:
        content[TIMES_OVER] = record.pass_
    if not record.view_id:
        del content[VIEW_ID]
    if record.flagged:
        content[FLAG] = True
    if record.comment:
        content[COMMENT] = record.comment
    return content


def lines(answers: Iterable[StoredAnswer], *, passes: bool = False) -> Iterator[str]:
    """Yield one JSON line, with its newline, for each answer; in constant memory."""
    for stored in answers:
        yield dumps(answer_to_dict(stored, passes=passes)) + "\n"
