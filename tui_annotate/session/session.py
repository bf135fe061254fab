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
from tui_annotate.session import content as contents
from tui_annotate.session.callbacks import Callbacks
from tui_annotate.session.drafts import Drafts
from tui_annotate.session.history import History
from tui_annotate.session.opening import Opened
from tui_annotate.session.queue import Queue
from tui_annotate.session.records import Counts, Draft, Item, Receipt, Timing
from tui_annotate.store.gate import Wait
from tui_annotate.store.records import NewAnswer
from tui_annotate.stream.resume import sentence
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.schema import COMMENT, FLAG, Decision, Task


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
        self.opened = opened
        self.job = opened.job
        self.item: Item | None = None
        self._store = opened.store
        self._wait = wait
        self._clock = clock
        self._queue = Queue(opened)
        self._drafts = Drafts(opened)
        self._history = History(opened)
        self.callbacks = Callbacks(opened.job, opened.ctrl)

    # -- what is on the table ------------------------------------------------------------------

    def start(self) -> Item | None:
        """Return the task to begin with: the one that was left, with its draft, else the next."""
        self.callbacks.load()
        left_open = self._drafts.reopened()
        answer = self._history.standing(left_open) if left_open is not None else None
        if answer is not None:
            return self._show(self._history.open(answer))
        return self.advance()

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
        self.callbacks.validate({**task, "answer": decision})
        record, answer = self._record(item, decision, task, timing or Timing())
        with self._transaction():
            answer_id = self._store.answers.record(record)
            self._drafts.delete(item)
            self._queue.settle(item)
        self._history.reset()
        self.item = None
        replaced, key = item.kind == "answered", (item.identity.input_key, item.identity.task_hash)
        self.callbacks.answered(key, answer, replaced=replaced)
        return Receipt(decision, answer_id, contents.summary(task), replaced)

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
            It, or None where nothing is left.

        Raises:
            SourceError: The source cannot be read further.
            RecipeError: The recipe failed on its way to the next task.
        """
        self.item = None
        return self._show(self._queue.next())

    def keep_draft(self, draft: Draft) -> None:
        """Store what has been begun on the task at hand. Returns when it is durable."""
        item = self._at_hand()
        with self._store.write_txn(self._wait):
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
        """Look for the task after the one at hand, so that it is there when it is needed; and
        give the recipe its batch of answers, if one is due."""
        self._queue.prefetch()
        self.callbacks.run_due()

    def counts(self) -> Counts:
        """Return where the session stands, from counts that the store keeps."""
        return replace(self._queue.counts(), progress=self.callbacks.progress)

    def close(self) -> None:
        """Write what is still to be written, say that the session ended, close the store."""
        try:
            with self._transaction():
                self._queue.flush()
                self.opened.leave()
            # Whoever reads ahead for the stream stops here.
            self.opened.asked.close()
            self.callbacks.finish()
        finally:
            self._store.close()

    def opening_sentence(self) -> str:
        """Return what is to be said about the source, empty where it is as it was."""
        ledger = self.opened.ledger
        found, name = ledger.counts.found, ledger.source.name
        return sentence(ledger.resume, name, found=found, gone=ledger.gone)

    def count_rows(self) -> int | None:
        """Count the rows of the source by reading it; slow, and safe on any thread."""
        return self.opened.ledger.source.count()

    def keep_count(self, rows: int) -> None:
        """Take the number of rows of the source."""
        self._queue.known_rows(rows)

    # -- within --------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Write all of it or nothing, and let the queue know which."""
        try:
            with self._store.write_txn(self._wait):
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
            with self._store.write_txn(self._wait):
                if draft is not None and draft.edited:
                    self._drafts.save(item, draft, put_down=True)
                else:
                    self._drafts.delete(item)

    def _record(
        self, item: Item, decision: Decision, task: Task, timing: Timing
    ) -> tuple[NewAnswer, Task]:
        opened, at = self.opened, int(self._clock())
        view_id = contents.view_of(task, self.job.view_id)
        answer = contents.answered(
            task,
            decision,
            item.identity,
            session=opened.session.name,
            annotator=opened.session.annotator,
            view_id=view_id,
            at=at,
        )
        content = dumps(self.callbacks.before_db(answer))
        record = NewAnswer(
            dataset_id=opened.dataset.id,
            session_id=opened.session.id,
            identity=item.identity,
            content=content,
            answer=decision,
            view_id=view_id,
            answered_at=at,
            pass_=opened.pass_,
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
        return record, answer
