"""From a decision to the row that is stored."""

from __future__ import annotations

from collections.abc import Callable

from tui_annotate.errors import TaskError
from tui_annotate.session import content as contents
from tui_annotate.session.opening import Opened
from tui_annotate.session.records import Item, Timing
from tui_annotate.store.records import NewAnswer
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.schema import COMMENT, FLAG, Decision, Task


def new_answer(
    opened: Opened, item: Item, decision: Decision, task: Task, timing: Timing, now: float
) -> NewAnswer:
    """Return the answer to a task at hand.

    Args:
        opened: The session.
        item: The task as it was asked.
        decision: The answer.
        task: The task as edited.
        timing: How long it was looked at.
        now: Seconds since 1970.
    """
    job, at = opened.job, int(now)
    answer = contents.answered(
        task,
        decision,
        item.identity,
        session=opened.session.name,
        annotator=opened.session.annotator,
        view_id=job.view_id,
        at=at,
    )
    if job.before_db is not None:
        answer = job.before_db([answer])[0]
    return NewAnswer(
        dataset_id=opened.dataset.id,
        session_id=opened.session.id,
        identity=item.identity,
        content=dumps(answer),
        answer=decision,
        view_id=job.view_id,
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
        supersedes=item.answer.id if item.answer else None,
    )


def validate(check: Callable[[Task], None], task: Task) -> None:
    """Have the recipe check an answer.

    Raises:
        TaskError: It refuses the answer.
    """
    try:
        check(dict(task))
    except (ValueError, AssertionError) as error:
        what = str(error) or "the recipe refuses this answer"
        raise TaskError(what, reason="refused") from None
