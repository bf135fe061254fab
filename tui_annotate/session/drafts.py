"""Drafts of one session: what was begun and not yet answered, one for each task."""

from __future__ import annotations

import json

from tui_annotate.session.context import Opened
from tui_annotate.session.types import Draft, Item
from tui_annotate.store import records
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.stored_tokens import dumps_content, loads_unfolded

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
