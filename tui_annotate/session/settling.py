"""What an answer of a review settles: which answers, on what it rests, and what it takes the place
of."""

from __future__ import annotations

from tui_annotate.session.context import Opened
from tui_annotate.session.types import Item
from tui_annotate.task.review import PROVENANCE, SETTLED, SOURCES, ReviewRecord, provenance_of
from tui_annotate.task.schema import Decision, Task
from tui_annotate.views import find_view


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
