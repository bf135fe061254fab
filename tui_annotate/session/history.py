"""The answers of a session, newest first, and the one that is open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tui_annotate.session.answer_content import reopened
from tui_annotate.session.context import Opened
from tui_annotate.session.types import Item
from tui_annotate.store.records import StoredAnswer


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
