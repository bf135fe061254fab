"""What a session tells about its source: how it was found, how many rows it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_annotate.session import source_status
from tui_annotate.session.context import Opened
from tui_annotate.session.queue import TaskQueue
from tui_annotate.session.types import Ending, Item
from tui_annotate.task.schema import Task

if TYPE_CHECKING:
    from tui_annotate.session.guideline_changes import GuidelineChange


class Telling:
    """The part of a session that only tells.

    Attributes:
        opened: Where the session stands.
        item: The task at hand.
    """

    opened: Opened
    item: Item | None
    _queue: TaskQueue
    _has_told_of_company = False

    def answers_elsewhere(self) -> int:
        """Return how many answers the annotator has given in other sessions of this store."""
        opened = self.opened
        given = opened.store.lookup.answers_of(opened.session.annotator)
        return max(0, given - self._queue.counts().done)

    def opening_sentence(self) -> str:
        """Return what is to be said at the start, empty where all is as it was."""
        item = self.item
        # Of a task that nobody has begun it is not known whether it was the one that was shown.
        begun = item is not None and (item.draft is not None or item.answer is not None)
        sentence = source_status.opening_sentence(self.opened, in_task=begun)
        return ". ".join(part for part in (sentence, self.company()) if part)

    def company(self) -> str:
        """Return who else works on the dataset, and what each of them gets; once in a session."""
        if self._has_told_of_company or self.opened.looking_on:
            return ""
        sentence = source_status.company(self.opened)
        self._has_told_of_company = bool(sentence)
        return sentence

    def unseen_guidelines(self) -> GuidelineChange | None:
        """Return the guidelines where the annotator has not seen them as they are, else None."""
        if self.opened.guideline_id is None:
            return None
        from tui_annotate.session.guideline_changes import unseen  # few jobs have them

        return unseen(self.opened)

    def ending(self) -> Ending:
        """Return what is said where nothing is left."""
        quota = self._queue.quota if self._queue.quota_reached else None
        return source_status.ending(self.opened, self.elsewhere, quota)

    @property
    def elsewhere(self) -> int:
        """How many tasks that are still to be answered are in other people's hands."""
        return self._queue.elsewhere

    def coming(self) -> Task | None:
        """Return the very task that `advance` will give, where that is known and is final."""
        return self._queue.coming if self.opened.code.direct else None

    def known_rows(self) -> int | None:
        """Return how many rows the source has, where they were counted as it is now."""
        return source_status.known_rows(self.opened)

    def count_rows(self) -> int | None:
        """Count the rows of the source by reading it; slow, and safe on any thread."""
        return self.opened.ledger.source.count()

    def keep_count(self, rows: int) -> None:
        """Take the number of rows of the source, and keep it for later sessions."""
        self._queue.known_rows(rows)
        source_status.keep_rows(self.opened, rows)
