"""From a decision to the row that is stored."""

from __future__ import annotations

from collections.abc import Callable

from tui_annotate.session import content as contents
from tui_annotate.session.context import Opened
from tui_annotate.session.types import Item, Timing
from tui_annotate.store.records import NewAnswer
from tui_annotate.task.review import REVIEW, ReviewRecord
from tui_annotate.task.schema import COMMENT, FLAG, Decision, Task
from tui_annotate.task.stored_tokens import dumps_content


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
    at, view_id = int(now), contents.view_of(task, opened.job.view_id)
    settled = ReviewRecord()
    if opened.job.reviews:
        from tui_annotate.session.settling import settle  # few jobs review

        task, settled = settle(opened, item, decision, task)
        view_id = REVIEW
    answer = contents.answered(
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
        label=contents.label_of(task),
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
