"""From a decision to the row that is stored."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tui_annotate.session.context import Opened
from tui_annotate.session.types import Item, Timing
from tui_annotate.store.records import NewAnswer, StoredAnswer
from tui_annotate.task.hashing import Identity
from tui_annotate.task.review import (
    PROVENANCE,
    REVIEW,
    SETTLED,
    SOURCES,
    ReviewRecord,
    provenance_of,
)
from tui_annotate.task.schema import (
    ANNOTATOR_ID,
    COMMENT,
    FLAG,
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
from tui_annotate.task.stored_tokens import dumps_content, loads_unfolded, with_tokens
from tui_annotate.views import find_view, known_view, line_of

_NOT_WORDS = r"(?is)<(style|script)\b.*?</\1\s*>|<[^>]*>?"
_LONGEST_HTML = 20_000
"""Characters of HTML in which the words that name a task are looked for."""


def new_answer(
    opened: Opened,
    item: Item,
    decision: Decision,
    task: Task,
    timing: Timing,
    now: float,
    before_db: Callable[[Task], Task],
) -> tuple[NewAnswer, Task]:
    """Return the answer to a task at hand: as it is stored, and as the recipe's `update` gets it.

    Args:
        opened: The session.
        item: The task as it was asked.
        decision: The answer.
        task: The task as edited.
        timing: How long it was looked at.
        now: Seconds since 1970.
        before_db: The recipe's last change to what is written.
    """
    at, view_id = int(now), view_id_of(task, opened.job.view_id)
    settled = ReviewRecord()
    if opened.job.reviews:
        task, settled = settle(opened, item, decision, task)
        view_id = REVIEW
    answer = answered(
        task,
        decision,
        item.identity,
        session=opened.session.name,
        annotator=opened.session.annotator,
        view_id=view_id,
        at=at,
    )
    record = NewAnswer(
        dataset_id=opened.dataset.id,
        session_id=opened.session.id,
        identity=item.identity,
        content=dumps_content(before_db(answer)),
        answer=decision,
        view_id=view_id,
        answered_at=at,
        pass_=item.answer.record.pass_ if item.answer else opened.pass_,
        cursor_id=opened.cursor_id if item.kind == "new" else item.cursor_id,
        row=item.row,
        digest=item.digest,
        label=label_of(task),
        elapsed_ms=timing.elapsed_ms,
        reading_ms=timing.reading_ms,
        seen=timing.seen,
        flagged=bool(task.get(FLAG)),
        comment=task.get(COMMENT) or None,
        supersedes=item.answer.id if item.answer else settled.before,
        provenance=settled.provenance,
        guideline_id=opened.guideline_id,
        sources=settled.sources,
    )
    return record, answer


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


def loads_for_view(text: str, view_id: str) -> Task:
    """Return a task or its draft from what is stored of it, as its view is to show it: a view of
    one text with spans needs no object for each token.

    Args:
        text: What is stored.
        view_id: The view, which the task may name itself.

    Raises:
        TaskError: It is no JSON object.
    """
    task = loads_unfolded(text)
    view = known_view(view_id_of(task, view_id))
    return task if view is not None and view.one_text else with_tokens(task)


def reopened(answer: StoredAnswer, view_id: str) -> Task:
    """Return the task of an old answer, with its edits, as it can be edited again in a view."""
    given = {"answer", TIMESTAMP, ANNOTATOR_ID, SESSION_ID, VIEW_ID}
    content = loads_for_view(answer.record.content, view_id)
    return {key: value for key, value in content.items() if key not in given}


def view_id_of(task: Task, default: str) -> str:
    """Return the view of a task: its own `view_id`, where it has one, else the job's."""
    own = task.get("view_id")
    return own if isinstance(own, str) and own else default


def summary(task: Task, view_id: str, length: int = SUMMARY_LENGTH) -> str:
    """Return the beginning of what names a task in its view, raw, on one line of at most so many
    characters; of HTML its words."""
    line = line_of(task, view_id)
    if line.startswith("<") and line == task.get("html"):
        from html import unescape  # its table of names is of no use to other tasks

        line = unescape(re.sub(_NOT_WORDS, " ", line[:_LONGEST_HTML])).strip() or line
    words = " ".join(line[: length * 4].split())
    return words if len(words) <= length else words[: length - 1] + "…"


def label_of(task: Task) -> str | None:
    """Return the task's own label, where it has one."""
    label: Any = task.get("label")
    return label if isinstance(label, str) else None


def settle(opened: Opened, item: Item, decision: Decision, task: Task) -> tuple[Task, ReviewRecord]:
    """Return the task with its `provenance`, and what its answer settles.

    Args:
        opened: The session of a job that reviews.
        item: The task as it was asked.
        decision: The answer.
        task: The task as edited.
    """
    keys = find_view(opened.job.view_id).written(opened.job.config)
    provenance = provenance_of({**task, "answer": decision}, keys)
    sources = tuple(item.task.get(SOURCES) or ())
    reopened = _reopened(item)
    if not sources and reopened is not None:
        sources = opened.store.answers.sources(reopened)
    before = item.task.get(SETTLED)
    if before is not None:
        # Somebody else may have settled it anew, or taken it back, while this one was looked at.
        current = opened.store.answers.reviews(opened.dataset.id, item.identity.input_key)
        before = before if any(each.id == before for each in current) else None
    bare = {key: value for key, value in task.items() if key != PROVENANCE}
    content = bare if provenance is None else {**bare, PROVENANCE: provenance}
    return content, ReviewRecord(provenance, sources, before)


def _reopened(item: Item) -> int | None:
    """Return the number of the answer that is given anew, or was taken back; None for a new one."""
    if item.answer is not None:
        return item.answer.id
    return item.waiting.record.answer_id if item.waiting is not None else None
