"""What a session can open again: what was begun and not yet answered (`SessionDrafts`, one for each
task), and the answers that stand (`AnswerHistory`, newest first).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from tui_annotate.session.answer_content import reopened
from tui_annotate.session.context import Opened
from tui_annotate.session.types import Draft, Item
from tui_annotate.store import records
from tui_annotate.store.records import StoredAnswer
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.stored_tokens import dumps_content, loads_unfolded


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
            records.StoredDraft(
                key=self._key(item),
                content=dumps_content(draft.content),
                state=dumps(state),
                answer_id=item.answer.id if item.answer else None,
            )
        )

    def delete(self, item: Item) -> None:
        """Delete the draft of a task. Inside a transaction."""
        self._progress.delete_draft(self._key(item))

    def _key(self, item: Item) -> records.DraftKey:
        opened = self._opened
        pass_ = item.answer.record.pass_ if item.answer else opened.pass_
        return records.DraftKey(opened.session.id, opened.job_id, item.identity, pass_)
