"""One annotator at work on one dataset.

Synchronous, and used on one thread. Every method that changes something is one transaction, and
returns only after it is durable; the next task is looked for after that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from tui_annotate.errors import TaskError
from tui_annotate.session import around
from tui_annotate.session import content as contents
from tui_annotate.session.drafts import Drafts
from tui_annotate.session.follow import Watch
from tui_annotate.session.history import History
from tui_annotate.session.opening import Opened, open_again, take_over
from tui_annotate.session.queue import Queue
from tui_annotate.session.recording import new_answer, validate
from tui_annotate.session.records import Counts, Draft, Ending, Item, Receipt, Timing
from tui_annotate.store.gate import Wait
from tui_annotate.task.schema import Decision, Task


class Session:
    """What a face needs: the task at hand, and what can be done with it.

    Args:
        opened: The store, the job and where it stands, from `open_session`.
        wait: Told for whom a transaction waits; may raise to give up.
        clock: Seconds since 1970.

    Attributes:
        item: The task at hand; None where nothing is left.
    """

    def __init__(
        self,
        opened: Opened,
        *,
        wait: Wait | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.item: Item | None = None
        self._store = opened.store
        self._wait = wait
        self._clock = clock
        self._take_up(opened)

    # -- what is on the table ------------------------------------------------------------------

    def start(self) -> Item | None:
        """Return the task to begin with: the one that was left, with its draft, else the next."""
        while True:
            left_open = self._drafts.reopened()
            answer = self._history.standing(left_open) if left_open is not None else None
            if answer is not None:
                return self._show(self._history.open(answer))
            item = self._show(self._queue.next())
            if item is not None or not self._next_pass():
                return item

    def decide(self, decision: Decision, task: Task, timing: Timing | None = None) -> Receipt:
        """Answer the task at hand, durably. Nothing is at hand then, until `advance`.

        Args:
            decision: The answer.
            task: The task as edited.
            timing: How long it was looked at.

        Raises:
            TaskError: The recipe's validation refuses the answer; nothing was written.
            Conflict: Another session of this annotator was faster; nothing was written.
            StoreError: It could not be written; the task stays at hand and can be answered again.
        """
        item = self._at_hand()
        if self.job.validate_answer is not None:
            validate(self.job.validate_answer, task)
        record = new_answer(self.opened, item, decision, task, timing or Timing(), self._clock())
        with self._transaction():
            answer_id = self._store.answers.record(record)
            self._drafts.delete(item)
            self._queue.settle(item)
        self._history.reset()
        self.item = None
        return Receipt(decision, answer_id, contents.summary(task), item.kind == "answered")

    def later(self, draft: Draft | None) -> None:
        """Put the task at hand at the end of the queue, with its draft. Then `advance`.

        An old answer that was opened is left as it is.
        """
        item = self._at_hand()
        if item.kind == "answered":
            self._put_down(draft)
            self._history.reset()
            self.item = None
            return
        with self._transaction():
            self._queue.put_off(item)
            if draft is not None:
                self._drafts.save(item, draft)
        self.item = None

    def advance(self) -> Item | None:
        """Put the next task on the table: one that was put back, a new one, then waiting ones.

        Returns:
            It, or None where nothing is left, in the last pass.

        Raises:
            SourceError: The source cannot be read further.
            RecipeError: The recipe failed on its way to the next task.
        """
        self.item = None
        item = self._queue.next()
        while item is None and self._next_pass():
            item = self._queue.next()
        return self._show(item)

    def follow(self) -> Item | None:
        """Return the next task where the source has grown since nothing was left, else None."""
        if self.item is None and self._watch.changed():
            self._go_on(lambda: open_again(self.opened, pass_=1, wait=self._wait))
            return self.advance()
        return None

    def take_over(self) -> Item | None:
        """Write again in a session that was opened to look on; return the task at hand."""
        self._go_on(lambda: take_over(self.opened, self._wait))
        return self.start()

    def keep_draft(self, draft: Draft) -> None:
        """Store what has been begun on the task at hand, unless one only looks on.

        Returns when it is durable.
        """
        item = self._at_hand()
        if self.opened.looking_on:
            return
        with self._writing():
            self._drafts.save(item, draft)
        self.item = replace(item, draft=draft)

    # -- older answers -------------------------------------------------------------------------

    def back(self, draft: Draft | None = None) -> bool:
        """Open the answer before the one at hand; it stands until a new decision is made.

        Args:
            draft: What was begun on the task at hand; kept for when it comes back.

        Returns:
            Whether there was one.
        """
        answer = self._history.older()
        if answer is None:
            return False
        self._put_down(draft)
        self._show(self._history.open(answer))
        return True

    def forward(self, draft: Draft | None = None) -> bool:
        """Open the answer after the one at hand, or return to the task that waits to be answered.

        Returns:
            Whether an old answer was open.
        """
        if self.item is None or self.item.kind != "answered":
            return False
        self._put_down(draft)
        answer = self._history.newer()
        if answer is not None:
            self._show(self._history.open(answer))
        else:
            self.advance()
        return True

    # -- around it -----------------------------------------------------------------------------

    def prefetch(self) -> None:
        """Look for the task after the one at hand, so that it is there when it is needed."""
        self._queue.prefetch()

    def counts(self) -> Counts:
        """Return where the session stands, from counts that the store keeps."""
        return self._queue.counts()

    def close(self) -> None:
        """Write what is still to be written, say that the session ended, close the store."""
        try:
            if self.opened.is_own:
                if self.opened.ledger.source_ended:
                    around.keep_rows(self.opened, self.known_rows() or 0)
                with self._transaction():
                    self._queue.flush()
                    self.opened.leave()
        finally:
            self._store.close()

    def opening_sentence(self) -> str:
        """Return what is to be said at the start, empty where all is as it was."""
        return around.opening_sentence(self.opened, in_task=self.item is not None)

    def ending(self) -> Ending:
        """Return what is said where nothing is left."""
        return around.ending(self.opened)

    def known_rows(self) -> int | None:
        """Return how many rows the source has, where they were counted as it is now."""
        return around.known_rows(self.opened)

    def count_rows(self) -> int | None:
        """Count the rows of the source by reading it; slow, and safe on any thread."""
        return around.count_rows(self.opened)

    def keep_count(self, rows: int) -> None:
        """Take the number of rows of the source, and keep it for later sessions."""
        self._queue.known_rows(rows)
        around.keep_rows(self.opened, rows)

    # -- within --------------------------------------------------------------------------------

    def _take_up(self, opened: Opened) -> None:
        """Work on a session as it stands now."""
        self.opened, self.job, self.item = opened, opened.job, None
        self._queue = Queue(opened)
        self._drafts = Drafts(opened)
        self._history = History(opened)
        self._watch = Watch(opened.source.identity)
        rows = around.known_rows(opened)
        if rows is not None:
            self._queue.known_rows(rows)

    def _go_on(self, reopen: Callable[[], Opened]) -> None:
        """Write what is still to be written, and take up the session as `reopen` gives it."""
        if not self.opened.looking_on:
            with self._transaction():
                self._queue.flush()
        self._take_up(reopen())

    def _next_pass(self) -> bool:
        """Go on with the next pass, if there is one."""
        if self.opened.pass_ >= self.job.repeat:
            return False
        pass_ = self.opened.pass_ + 1
        self._go_on(lambda: open_again(self.opened, pass_=pass_, wait=self._wait))
        return True

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction, in a session that is this process's."""
        with self._store.write_txn(self._wait):
            self.opened.check_own()
            yield

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Write all of it or nothing, and let the queue know which."""
        try:
            with self._writing():
                yield
        except BaseException:
            self._queue.failed()
            raise
        self._queue.committed()

    def _at_hand(self) -> Item:
        if self.item is None:
            raise TaskError("there is no task at hand", reason="no-task")
        return self.item

    def _show(self, item: Item | None) -> Item | None:
        self.item = self._drafts.attach(item) if item is not None else None
        return self.item

    def _put_down(self, draft: Draft | None) -> None:
        """Keep the draft of the task at hand; an opened answer without edits leaves none."""
        item = self.item
        if item is None:
            return
        if item.kind != "answered":
            if draft is not None:
                self.keep_draft(draft)
                item = self._at_hand()
            self._queue.put_back(item)
        else:
            if self.opened.looking_on:
                return
            with self._writing():
                if draft is not None and draft.edited:
                    self._drafts.save(item, draft, put_down=True)
                else:
                    self._drafts.delete(item)
