"""What a session stores of the work on its tasks, and how that is opened again: the answer that a
decision makes, what was begun and not yet answered (`SessionDrafts`, one for each task), and the
answers that stand (`AnswerHistory`, newest first).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tui_annotate.session.context import Opened
from tui_annotate.session.types import Draft, Item, Timing
from tui_annotate.store.records import DraftKey, NewAnswer, StoredAnswer, StoredDraft
from tui_annotate.task.hashing import Identity
from tui_annotate.task.jsonio import dumps
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

_NOT_WORDS = r"(?is)<(style|script)(?=[\s/>]).*?(?:</\1\s*>|\Z)|<[^>]*>?"
"""Tags, and what no browser shows as words. What is not closed goes to the end, as there: looking
for an end that is missing, from each of many, would take long."""
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
        task, settled = review_outcome(opened, item, decision, task)
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


def review_outcome(
    opened: Opened, item: Item, decision: Decision, task: Task
) -> tuple[Task, ReviewRecord]:
    """Return a reviewed task with what its answer rests on (`provenance`) and what it settles.

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
    bare = {key: value for key, value in task.items() if key != PROVENANCE}
    content = bare if provenance is None else {**bare, PROVENANCE: provenance}
    return content, ReviewRecord(provenance, sources, _earlier_review(opened, item))


def _earlier_review(opened: Opened, item: Item) -> int | None:
    """Return the number of the review that had settled a task when it was asked; None if there was
    none, or if it does not stand any more."""
    known: int | None = item.task.get(SETTLED)
    if known is None:
        return None
    # Somebody else may have settled it anew, or taken it back, while this one was looked at.
    current = opened.store.answers.reviews(opened.dataset.id, item.identity.input_key)
    return known if any(each.id == known for each in current) else None


def _reopened(item: Item) -> int | None:
    """Return the number of the answer that is given anew, or was taken back; None for a new one."""
    if item.answer is not None:
        return item.answer.id
    return item.waiting.record.answer_id if item.waiting is not None else None


_PUT_DOWN = "_put_down"


class SessionDrafts:
    """Reads and writes the drafts of one session in one job and pass."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._progress = opened.store.progress

    def attach(self, item: Item) -> Item:
        """Return the item with the draft that it has, if any."""
        stored = self._progress.draft(self._key(item))
        answer_id = item.answer.id if item.answer else None
        if stored is None or stored.answer_id != answer_id:
            return item
        state = json.loads(stored.state)
        state.pop(_PUT_DOWN, None)
        return item._replace(draft=Draft(loads_unfolded(stored.content), state))

    def reopened(self) -> int | None:
        """Return the id of the old answer that was open when the session ended, if one was."""
        opened = self._opened
        found = self._progress.drafts(opened.session.id, opened.job_id, opened.pass_)
        ids = [
            draft.answer_id
            for draft in found
            if draft.answer_id is not None and not json.loads(draft.state).get(_PUT_DOWN)
        ]
        return ids[0] if ids else None

    def save(self, item: Item, draft: Draft, *, put_down: bool = False) -> None:
        """Write a draft. Inside a transaction.

        Args:
            item: The task that it belongs to.
            draft: What was begun.
            put_down: The annotator has turned to another task; a restart does not come back here.
        """
        state = {**draft.state, _PUT_DOWN: True} if put_down else draft.state
        self._progress.save_draft(
            StoredDraft(
                key=self._key(item),
                content=dumps_content(draft.content),
                state=dumps(state),
                answer_id=item.answer.id if item.answer else None,
            )
        )

    def delete(self, item: Item) -> None:
        """Delete the draft of a task. Inside a transaction."""
        self._progress.delete_draft(self._key(item))

    def _key(self, item: Item) -> DraftKey:
        opened = self._opened
        pass_ = item.answer.record.pass_ if item.answer else opened.pass_
        return DraftKey(opened.session.id, opened.job_id, item.identity, pass_)


class AnswerHistory:
    """Walks through the answers that stand, across restarts."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._at: int | None = None
        self._depth = 0

    def reset(self) -> None:
        """Stand in front of the newest answer again."""
        self._at, self._depth = None, 0

    @contextmanager
    def kept_on_failure(self) -> Iterator[None]:
        """Stand where one stood before, if what happens inside fails."""
        before = self._at, self._depth
        try:
            yield
        except BaseException:
            self._at, self._depth = before
            raise

    def older(self) -> StoredAnswer | None:
        """Return the answer before the one that is open, None at the first."""
        return self._step(newest_first=True)

    def newer(self) -> StoredAnswer | None:
        """Return the answer after the one that is open, None behind the newest."""
        if self._at is None:
            return None
        found = self._step(newest_first=False)
        if found is None:
            self.reset()
        return found

    def standing(self, answer_id: int) -> StoredAnswer | None:
        """Return an answer of this session if it still stands, and stand at it."""
        found = self._next(answer_id + 1, newest_first=True)
        if found is None or found.id != answer_id:
            return None
        self._at = answer_id
        self._depth = self._position(answer_id)
        return found

    def open(self, answer: StoredAnswer) -> Item:
        """Return an old answer as an item to look at and to answer anew."""
        counts = self._opened.store.answers.counts(self._opened.dataset.id, self._opened.session.id)
        return Item(
            task=reopened(answer, self._opened.job.view_id),
            identity=answer.record.identity,
            kind="answered",
            number=max(1, sum(counts.values()) - self._depth + 1),
            answer=answer,
        )

    def _step(self, *, newest_first: bool) -> StoredAnswer | None:
        found = self._next(self._at, newest_first=newest_first)
        if found is not None:
            self._at = found.id
            self._depth += 1 if newest_first else -1
        return found

    def _next(self, before_id: int | None, *, newest_first: bool) -> StoredAnswer | None:
        answers = self._opened.store.answers.current(
            self._opened.dataset.id,
            session_id=self._opened.session.id,
            newest_first=newest_first,
            before_id=before_id,
            limit=1,
        )
        return next(answers, None)

    def _position(self, answer_id: int) -> int:
        """Count the answers from the newest back to this one."""
        return 1 + self._opened.store.answers.newer(self._opened.session.id, answer_id)
