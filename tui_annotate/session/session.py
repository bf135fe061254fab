"""One annotator at work on one dataset.

Synchronous, and used on one thread. Every method that changes something is one transaction, and
returns only after it is durable; the next task is looked for after that.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_annotate.errors import StoreError, TaskError
from tui_annotate.job import Job
from tui_annotate.session import source_status
from tui_annotate.session.callbacks import Callbacks
from tui_annotate.session.context import retried, transaction
from tui_annotate.session.opening import (
    Opened,
    SourceReading,
    open_again,
    open_replaced,
    open_session,
    take_over,
)
from tui_annotate.session.queue import TaskQueue
from tui_annotate.session.sharing import Claiming, WantedTask
from tui_annotate.session.source_position import FileWatch
from tui_annotate.session.source_status import SessionSentences
from tui_annotate.session.stored_work import AnswerHistory, SessionDrafts, new_answer, summary
from tui_annotate.session.task_source import NotYet
from tui_annotate.session.types import Draft, Item, Receipt, SessionCounts, Timing
from tui_annotate.sources.iterable_source import IterableSource
from tui_annotate.store.database import open_store
from tui_annotate.store.write_lock import Wait
from tui_annotate.task.schema import Decision, Task
from tui_annotate.task.stored_tokens import with_tokens
from tui_annotate.waiting import uninterrupted

if TYPE_CHECKING:
    from tui_annotate.session.added_labels import Added


class Session(SessionSentences):
    """What a face needs: the task at hand, and what can be done with it.

    Args:
        opened: The store, the job and where it stands, from `open_session`.
        wait: Told for whom a transaction waits; may raise to give up.
        clock: Seconds since 1970.

    Attributes:
        looking: The recipe is still at work on the next task; `advance` asks again.
    """

    def __init__(
        self,
        opened: Opened,
        *,
        wait: Wait | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._item: Item | None = None
        self._store = opened.store
        self._wait = wait
        self._clock = clock
        self.looking = False
        self._earlier: list[WantedTask] = []
        self.callbacks = Callbacks(opened.job, opened.ctrl, opened.code)
        self._take_up(opened)

    @property
    def item(self) -> Item | None:
        """The task at hand, which the face shows; None where nothing is left, or `looking`."""
        return self._item

    @item.setter
    def item(self, item: Item | None) -> None:
        before, self._item = self._item, item
        audit = self.opened.audit
        if audit is None or item is None:
            return
        # A draft that is kept makes another object of the same task.
        if before is None or not item.is_same(before):
            record = item.answer.record if item.answer is not None else None
            audit.shown(item.identity, record.pass_ if record else self.opened.pass_)

    def start(self) -> Item | None:
        """Return the task to begin with: the one that was left, with its draft, else the next."""
        if self.item is not None:  # another face had it
            return self.item
        self.callbacks.load()
        return self._begin()

    def decide(self, decision: Decision, task: Task, timing: Timing | None = None) -> Receipt:
        """Answer the task at hand, durably. Nothing is at hand then, until `advance`.

        Args:
            decision: The answer.
            task: The task as edited.
            timing: How long it was looked at.

        Raises:
            TaskError, RecipeError: The recipe refuses the answer, or failed; nothing was written.
            WriteConflict: Another session of this annotator was faster; nothing was written.
            StoreError: It could not be written; the task stays at hand and can be answered again.
        """
        item = self._at_hand()
        if decision != "ignore":  # a task that cannot be answered here can always be passed over
            self.callbacks.validate({**task, "answer": decision})
        facts = (item, decision, task, timing or Timing(), self._clock())
        record, answer = new_answer(self.opened, *facts, self.callbacks.before_db)
        self._queue.refresh()

        def write() -> tuple[int, bool]:
            with self.transaction():
                late = self._claiming.settle(item)
                answer_id = self._store.answers.record(record._replace(late=late))
                self._drafts.delete(item)
                self._queue.settle(item)
                self._queue.claim_next()
            return answer_id, late

        answer_id, late = retried(write)
        self._history.reset()
        self.item = None
        self.callbacks.answered(item.identity, answer, replaced=item.answer is not None)
        replaced = item.answer is not None
        teach = self.opened.job.teach
        lesson = () if teach is None else teach(item.identity, answer)
        told = summary(task, record.view_id)
        return Receipt(decision, answer_id, told, replaced, late, lesson)

    def later(self, draft: Draft | None) -> None:
        """Put the task at hand, but no old answer, behind the others, with its draft."""
        item = self._at_hand()
        if item.kind == "answered":
            self._put_down(draft)
            self._history.reset()
            self.item = None
            return
        self._queue.refresh()

        def write() -> None:
            with self.transaction():
                self._queue.put_off(item)
                if draft is not None:
                    self._drafts.save(item, draft)
                self._queue.claim_next()

        retried(write)
        self.item = None

    def advance(self) -> Item | None:
        """Put the next task on the table: one that was put back, a new one, then waiting ones.

        None is returned where nothing is left, in the last pass, or where the recipe is `looking`.

        Raises:
            SourceError, RecipeError: The source, or the recipe, failed on the way to it.
        """
        self.item, self.looking = None, False
        try:
            self._take_stream()
            item = self._queue.next()
            # A pass may have no task for this session: then the one after it may.
            while item is None and self._next_pass():
                item = self._left_open() or self._queue.next()
            if item is None and self._read_anew():
                item = self._queue.next()
        except NotYet:
            self.looking = True
            return None
        self.callbacks.give()
        if item is None and not self._queue.is_written:
            retried(self._flush)  # the drops behind the last answer are counted too
        return self._show(item)

    def follow(self) -> Item | None:
        """Return the next task where the source has grown since nothing was left, else None: there
        is none, or the recipe is `looking`.
        """
        if self.item is not None or self.looking:
            return None
        if self._has_news():  # which `advance` reads
            return self.advance()
        if self._watch.changed():
            self._go_on(lambda: open_again(self.opened, pass_=1, wait=self._wait))
            return self.advance()
        return None

    def look_again(self) -> Item | None:
        """Return the next task where others have given one back since nothing was left, else None.

        Where other people hold tasks of an earlier pass, that pass is gone through again.
        """
        if self.item is not None or self.looking or not self.elsewhere:
            return None
        if self._claiming.any_free(self._earlier):
            self._earlier = []
            self._go_on(lambda: open_again(self.opened, pass_=1, wait=self._wait))
        return self.advance()

    def beat(self) -> None:
        """Give a sign of life where nothing has been written for half a minute, so that the tasks
        in hand stay this session's; write which tasks were shown, where that has waited for a few
        seconds; pass over what others have answered meanwhile. Faces call it while the annotator is
        there.
        """
        if self.item is not None:  # else what is free is for `look_again` to find
            self._queue.refresh()
        audit = self.opened.audit
        shown = audit is not None and audit.is_due
        if self.opened.looking_on:
            if shown:
                with suppress(StoreError):
                    self._write_openings()
            return
        if not (shown or self._claiming.is_due):
            return
        # What is wrong with the database the next answer says, which must not be lost.
        with suppress(StoreError), self.transaction():
            pass

    @property
    def elsewhere(self) -> int:
        """How many tasks that are still to be answered are in other people's hands and may come
        back to this annotator; 0 where that one has given all the answers that are wanted."""
        if self._queue.ended_by_quota:
            return 0
        return self._queue.elsewhere + len(self._earlier)

    def take_over(self) -> Item | None:
        """Write again in a session that was opened to look on; return the task at hand."""
        self._go_on(lambda: take_over(self.opened, self._wait))
        return self._begin()

    def keep_draft(self, draft: Draft, of: Item | None = None) -> None:
        """Store what has been begun on the task at hand, durably, unless one only looks on.

        Nothing is stored where it was begun on another task, `of`, than the one at hand by now.
        """
        if of is not None and not (self.item is not None and self.item.is_same(of)):
            return
        item = self._at_hand()
        if self.opened.looking_on:
            return

        def write() -> None:
            with self.transaction():  # a sign of life that is due goes with it
                self._drafts.save(item, draft)

        retried(write)
        self.item = item._replace(draft=draft)
        self._queue.refresh()

    def add_label(self, setting: str, label: str) -> Added:
        """Add a label to the dataset, durably, in a transaction of its own; see `adding`.

        Args:
            setting: The key of the configuration that it adds to, such as `labels`.
            label: Its name.

        Raises:
            UsageError: The job allows no new labels, or the name can be none.
            StoreError: It could not be written; nothing was added.
        """
        from tui_annotate.session.added_labels import add_label  # few jobs allow it

        return add_label(self.opened, setting, label, self._wait)

    def back(self, draft: Draft | None = None) -> bool:
        """Open the answer before the one at hand, which stands until it is decided anew.

        Returns:
            Whether there was one. The `draft` of the task at hand is kept for when it comes back.
        """
        with self._history.kept_on_failure():
            answer = self._history.older()
            if answer is None:
                return False
            opened = self._drafts.attach(self._history.open(answer))
            self._put_down(draft)
        self.item = opened
        return True

    def forward(self, draft: Draft | None = None) -> bool:
        """Open the answer after the one at hand, or return to the task that waits to be answered.

        Returns whether an old answer was open.
        """
        if self.item is None or self.item.kind != "answered":
            return False
        with self._history.kept_on_failure():
            answer = self._history.newer()
            opened = self._drafts.attach(self._history.open(answer)) if answer else None
            self._put_down(draft)
        if opened is not None:
            self.item = opened
        else:
            self.advance()
        return True

    def prefetch(self) -> Future[Any] | None:
        """Look for the task after the one at hand; give the recipe its answers, if they are due.

        Returns what the recipe is still at work on, None where all is done.
        """
        coming = self._queue.prefetch()
        if coming is not None:
            return coming
        self.callbacks.give()
        return self.callbacks.given(wait=self.opened.patience is None)

    def coming(self) -> Task | None:
        """Return the very task that `advance` will give, where that is known and is final."""
        return self._queue.coming if self.opened.code.direct else None

    def counts(self) -> SessionCounts:
        """Return where the session stands, from counts that the store keeps."""
        counts = self._queue.counts()._replace(progress=self.callbacks.progress)
        if self.item is None and not self.looking:
            return counts._replace(remarks=self._store.progress.remark_count(self.opened.cursor_id))
        return counts

    def guidelines_seen(self) -> None:
        """Note that the annotator has seen the guidelines; what fails is shown again next time."""
        from tui_annotate.session.guideline_changes import mark_seen  # few jobs have guidelines

        with suppress(StoreError):
            mark_seen(self.opened, self._wait)

    def close(self) -> None:
        """Write what is still to be written, say that the session ended, close the store."""
        try:
            if self.opened.holds_session:
                # A folder's files may have to be opened again, to say which rows were reached.
                with uninterrupted():
                    source_status.keep_if_read(self.opened)
                    retried(self._leave)
            self._write_openings()
            self.opened.asked.leave()  # whoever reads ahead for the stream stops here
            self.callbacks.finish()
        finally:
            self._store.close()
            self.opened.code.close()

    def _leave(self) -> None:
        with self.transaction():
            self._queue.flush()
            self._claiming.give_back()
            self.opened.leave()

    def _give_back(self) -> None:
        with self.transaction():
            self._queue.flush()
            self._claiming.give_back()

    def _write_openings(self) -> None:
        """Write which tasks were shown in a session that is no longer one's own, or never was."""
        audit = self.opened.audit
        if audit is not None and audit.is_pending:
            with self._store.write_txn(self._wait):
                audit.write()
            audit.committed()

    def _flush(self) -> None:
        with self.transaction():
            self._queue.flush()

    def _begin(self) -> Item | None:
        return self._show(self._left_open()) or self.advance()

    def _left_open(self) -> Item | None:
        """Return the old answer that was open when the session ended, if one was."""
        answer_id = self._drafts.reopened()
        answer = self._history.standing(answer_id) if answer_id is not None else None
        return self._history.open(answer) if answer is not None else None

    def _take_up(self, opened: Opened) -> None:
        """Work on a session as it stands now."""
        self.opened, self.job = opened, opened.job
        self.item = None
        self._claiming = Claiming(opened)
        self._queue = TaskQueue(opened, self._claiming, self._wait)
        opened.ctrl.upcoming = self._upcoming
        self._drafts = SessionDrafts(opened)
        self._history = AnswerHistory(opened)
        self._watch = FileWatch(opened.source.identity)
        rows = source_status.known_rows(opened)
        if rows is not None:
            self._queue.known_rows(rows)

    def _go_on(self, reopen: Callable[[], Opened]) -> None:
        """Write what is still to be written, and take up the session as `reopen` gives it."""
        if not self.opened.looking_on:
            retried(self._give_back)
        self.opened.asked.close()
        self._take_up(reopen())

    def _upcoming(self) -> list[Task]:
        return [*([dict(with_tokens(self.item.task))] if self.item else []), *self._queue.ahead]

    def _take_stream(self) -> None:
        if self.opened.ctrl.stream is not self.job.stream:  # the recipe has put another in place
            if self.opened.asked.is_busy(self.opened.patience):
                raise NotYet
            self._go_on(lambda: open_replaced(self.opened, self._wait))

    def _next_pass(self) -> bool:
        """Go on with the next pass, if there is one."""
        if self.opened.pass_ >= self.job.repeat or self._queue.quota_reached:
            return False
        pass_ = self.opened.pass_ + 1
        self._earlier += self._claiming.claimed(self._queue.aside)
        self._go_on(lambda: open_again(self.opened, pass_=pass_, wait=self._wait))
        return True

    def _has_news(self) -> bool:
        """Tell whether a source that others write to would give other tasks by now."""
        source = self.opened.ledger.source
        return isinstance(source, IterableSource) and source.has_news()

    def _read_anew(self) -> bool:
        """Read such a source again, if there is anything new in it."""
        if not self._has_news():
            return False
        self._go_on(lambda: open_again(self.opened, wait=self._wait))
        return True

    def transaction(self) -> AbstractContextManager[None]:
        """One transaction that may move the cursor, for what works on this session."""
        return transaction(self.opened, self._queue, self._claiming, self._wait)

    def _at_hand(self) -> Item:
        if self.item is None:
            raise TaskError("there is no task at hand", reason="no-task")
        return self.item

    def _show(self, item: Item | None) -> Item | None:
        try:
            self.item = self._drafts.attach(item) if item is not None else None
        except BaseException:
            if item is not None and item.kind != "answered":
                self._queue.put_back(item)
            raise
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
        elif not self.opened.looking_on:

            def write() -> None:
                with self.transaction():
                    if draft is not None and draft.edited:
                        self._drafts.save(item, draft, put_down=True)
                    else:
                        self._drafts.delete(item)

            retried(write)


def begin_session(
    path: Path, job: Job, annotator: str, *, reading: SourceReading, wait: Wait
) -> Session:
    """Open a database, and the session of an annotator in it.

    Args:
        path: The database.
        job: What is annotated.
        annotator: Who annotates.
        reading: How the source is read.
        wait: Told for whom it waits.

    Raises:
        TuiAnnotateError: It cannot be opened.
    """
    store = open_store(path, wait=wait)
    return Session(open_session(store, job, annotator, reading=reading, wait=wait), wait=wait)
