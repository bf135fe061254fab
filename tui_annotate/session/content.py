"""From an edited task to the answer that is stored, and back."""

from __future__ import annotations

from typing import Any

from tui_annotate.store.records import StoredAnswer
from tui_annotate.task.hashing import Identity
from tui_annotate.task.review import SETTLED, SOURCES
from tui_annotate.task.schema import (
    ANNOTATOR_ID,
    INPUT_HASH,
    ROW_KEY,
    SESSION_ID,
    TASK_HASH,
    TIMESTAMP,
    VIEW_ID,
    WANTED_KEY,
    Decision,
    Task,
)
from tui_annotate.task.stored_tokens import loads_content
from tui_annotate.views import line_of

SUMMARY_LENGTH = 40

_OWN = {
    ROW_KEY,
    WANTED_KEY,
    INPUT_HASH,
    TASK_HASH,
    VIEW_ID,
    "answer",
    TIMESTAMP,
    ANNOTATOR_ID,
    SESSION_ID,
    SOURCES,
    SETTLED,
}


def answered(
    task: Task,
    decision: Decision,
    identity: Identity,
    *,
    session: str,
    annotator: str,
    view_id: str,
    at: int,
) -> Task:
    """Return the answer's content: the task as edited, who answered what, in which view, when."""
    content = {key: value for key, value in task.items() if key not in _OWN}
    # Last, and in the order of exports, so that an export need not take the content apart.
    content.update(
        {
            INPUT_HASH: identity.input_hash,
            TASK_HASH: identity.task_hash,
            VIEW_ID: view_id,
            "answer": decision,
            TIMESTAMP: at,
            ANNOTATOR_ID: annotator,
            SESSION_ID: session,
        }
    )
    return content


def reopened(answer: StoredAnswer) -> Task:
    """Return the task of an old answer, with its edits, as it can be edited again."""
    given = {"answer", TIMESTAMP, ANNOTATOR_ID, SESSION_ID, VIEW_ID}
    content = loads_content(answer.record.content)
    return {key: value for key, value in content.items() if key not in given}


def view_of(task: Task, default: str) -> str:
    """Return the view of a task: its own `view_id`, where it has one, else the job's."""
    own = task.get("view_id")
    return own if isinstance(own, str) and own else default


def summary(task: Task, view_id: str) -> str:
    """Return the beginning of what names a task in its view, raw, on one line."""
    words = " ".join(line_of(task, view_id)[: SUMMARY_LENGTH * 4].split())
    return words if len(words) <= SUMMARY_LENGTH else words[: SUMMARY_LENGTH - 1] + "…"


def label_of(task: Task) -> str | None:
    """Return the task's own label, where it has one."""
    label: Any = task.get("label")
    return label if isinstance(label, str) else None
