"""What comes next: what was put back, then new tasks of the stream, then those that wait.

A task is claimed in the transaction that answers the one before it. What others hold is set aside,
and looked at again before each further task: it comes next once nobody holds it any more, and is
dropped once it is answered. Where others are at work, what was read ahead is compared with what
they have taken meanwhile right before that transaction, outside of it: the first claim mostly
holds then.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from tui_annotate.errors import StoreError, TuiAnnotateError, WriteConflict
from tui_annotate.job import failure
from tui_annotate.session.context import Opened, retried, transaction
from tui_annotate.session.sharing import Claiming
from tui_annotate.session.stored_work import loads_for_view
from tui_annotate.session.task_source import NotYet
from tui_annotate.session.types import Item, SessionCounts
from tui_annotate.store.records import OWN_ANSWER, Drop, NewWaiting, StoredCursor, StoredWaiting
from tui_annotate.store.write_lock import Wait
from tui_annotate.stream.records import Asked
from tui_annotate.task.jsonio import loads_strict
from tui_annotate.task.schema import Task, wanted_of
from tui_annotate.task.stored_tokens import dumps_content
from tui_annotate.waiting import about_rows

FURTHER_AHEAD = 32
"""How many tasks more than one are read ahead at the most, where others take them as well."""


class TaskQueue:
    """Hands out tasks, and keeps cursor, waiting tasks and drops in step with the answers.

    `settle`, `put_off`, `claim_next` and `flush` write inside the caller's transaction; the caller
    calls `committed` after its commit, or `failed` where it failed.

    Args:
        opened: The session.
        claiming: What the session holds.
        wait: Told for whom a transaction waits.

    Attributes:
        ended_by_quota: There was no next task because the annotator has given all the answers that
            are wanted of one person.
    """

    def __init__(self, opened: Opened, claiming: Claiming, wait: Wait | None = None) -> None:
        self._opened = opened
        self._claiming = claiming
        self._wait = wait
        self._store = opened.store
        self._ledger = opened.ledger
        # What was read of the stream: to be asked next, held by others, and refused in the
        # transaction at hand, which may be tried again.
        self._ahead: deque[Asked] = deque()
        self._aside: list[Asked] = []
        self._refused: list[Asked] = []
        self._in_company = False  # others held tasks when it was looked last
        self._waiting_elsewhere = 0  # waiting tasks that others held when one was asked for
        self.ended_by_quota = False
        self._put_back: Item | None = None  # comes next, before all else
        # What the transaction at hand writes: it counts once that is durable.
        self._moved: StoredCursor | None = None
        self._settling: Asked | None = None
        self._drops: list[Drop] = []
        self._unwritten: Asked | None = None  # its answer failed: the cursor must not pass it
        self._broken: TuiAnnotateError | None = None  # the stream has failed for good
        self._rows: int | None = None  # of the source, once they are counted
        # Where reading begins again from the start, rows that were dropped are met again.
        self._dropped_before = sum(self._dropped().values()) if self._begins_within else 0
        # Rows that the annotator had answered before stand among the answers already.
        self._own_before: dict[str, int] = {}
        if self._dropped_before:
            drops_with = opened.store.progress.drops_with
            self._own_before = drops_with(opened.cursor_id, OWN_ANSWER)

    def next(self) -> Item | None:
        """Return the next task, None where nothing is left.

        Raises:
            SourceError, RecipeError: There may be more, but the stream has failed; it says so each
                time, until the session is opened again.
            NotYet: The recipe is still at work on it.
        """
        if self._put_back is not None:
            item, self._put_back = self._put_back, None
            return item
        self.ended_by_quota = self.quota_reached
        if self.ended_by_quota:
            return None
        while True:
            # What the answer before has claimed is ours; anything else others may have taken since.
            if not self._is_first_held():
                self._look_ahead()
            if not self._ahead:
                return self._next_waiting()
            if self._is_first_held() or self._claim_first():
                item = self._new(self._ahead[0])
                self._ahead.popleft()  # only now: where making the item fails, it comes next time
                return item

    @property
    def quota(self) -> int | None:
        """How many answers are wanted of the annotator; None for no limit."""
        return self._claiming.quota

    @property
    def quota_reached(self) -> bool:
        """Whether the annotator has given all the answers that are wanted of one person."""
        quota = self._claiming.quota
        if quota is None:
            return False
        opened = self._opened
        answers = self._store.answers.counts(opened.dataset.id, opened.session.id)
        return sum(answers.values()) >= quota

    @property
    def aside(self) -> list[Asked]:
        """The tasks of the stream that others hold."""
        return list(self._aside)

    @property
    def elsewhere(self) -> int:
        """How many tasks that are still to be answered are in other people's hands."""
        return len(self._aside) + self._waiting_elsewhere

    @property
    def ahead(self) -> list[Task]:
        """Copies of the tasks that were looked for already."""
        return [dict(asked.task) for asked in self._ahead]

    @property
    def coming(self) -> Task | None:
        """The very task that `next` will give, as far as that is known."""
        if self._put_back is not None:
            return self._put_back.task
        return self._ahead[0].task if self._ahead else None

    def put_back(self, item: Item) -> None:
        """Take a task back that is to come next again."""
        self._put_back = item

    def prefetch(self) -> Future[Any] | None:
        """Look for the next new task, where none was looked for yet. What fails, `next` tells.

        Returns what is waited for, where the recipe is still at work on it.
        """
        try:
            self._look_ahead()
        except NotYet:
            return self._opened.asked.coming
        except TuiAnnotateError:
            pass
        return None

    def refresh(self) -> None:
        """Compare what was read ahead with what others have taken since, before one of these tasks
        is claimed: what is refused in a transaction keeps everybody else waiting.

        What fails, `next` tells.
        """
        if not self._in_company or self._put_back is not None or self._is_first_held():
            return
        with suppress(NotYet, TuiAnnotateError):
            self._look_ahead(recheck=True)

    def _look_ahead(self, *, recheck: bool = False) -> None:
        """Read the next task, and a few more where others are about to take the same ones.

        Args:
            recheck: Look also whether those that were read before can still be had.
        """
        held = self._claiming.held_by_others()
        self._in_company = bool(held)
        self._sort_again(held, also_ahead=recheck)
        # Each of the others may take several before the next answer here is given.
        self._read_ahead(1 + min(4 * len(held), FURTHER_AHEAD), held)

    def _sort_again(self, held: dict[bytes, int], *, also_ahead: bool) -> None:
        """Compare what was set aside with what others hold and have answered by now: what has come
        free stands behind what is ahead, and what is answered is dropped."""
        unchecked = [] if also_ahead else list(self._ahead)
        checked = [*self._ahead, *self._aside] if also_ahead else self._aside
        free: list[Asked] = []
        aside: list[Asked] = []
        for asked in checked:
            if not self._claiming.is_free(asked, held):
                aside.append(asked)
            elif self._claiming.is_answered(asked.identity, asked.wanted):
                self._ledger.drop_answered(asked)
            else:
                free.append(asked)
        # At last: a look that fails in between leaves both as they were, and loses no task.
        self._ahead, self._aside = deque([*unchecked, *free]), aside

    def _read_ahead(self, wanted: int, held: dict[bytes, int]) -> None:
        """Read until so many tasks are ahead that nobody else holds."""
        patience = self._opened.patience
        until = None if patience is None else time.monotonic() + patience
        while len(self._ahead) < wanted:
            if self._ahead and until is not None and time.monotonic() > until:
                return  # one is enough where reading takes long
            read = self._read()
            if read is None:
                return
            # The stream gives each task once. Where looking whether it is free fails, it must
            # stand somewhere: what is aside is looked at again later.
            self._aside.append(read)
            if self._claiming.is_free(read, held):
                self._aside.remove(read)
                self._ahead.append(read)

    def _is_first_held(self) -> bool:
        """Return whether the first task that was read ahead is the session's already."""
        return bool(self._ahead) and self._claiming.has(self._ahead[0].identity)

    def _claim_first(self) -> bool:
        """Claim one of the tasks that were read ahead, in a transaction of its own, and tell
        whether there was one: at the start, and where others were faster with all of them.

        A database that cannot be written keeps no task from the screen; the answer says what
        becomes of it.
        """

        def write() -> None:
            with transaction(self._opened, self, self._claiming, self._wait):
                self._claim_any()

        try:
            retried(write)
        except StoreError:
            self._claiming.owe(self._ahead[0].identity, self._ahead[0].wanted)
            return True
        return self._is_first_held()

    def _claim_any(self) -> bool:
        """Claim the first of the tasks that were read ahead that can be had; note the others."""
        for asked in self._ahead:
            has = self._claiming.has(asked.identity)
            if has or self._claiming.take(asked.identity, asked.wanted):
                return True
            self._refused.append(asked)
        return False

    def claim_next(self) -> None:
        """Claim the task that comes next, as far as it has been read."""
        if self._put_back is not None or not self._claiming.active or self.quota_reached:
            return
        if self._claim_any():
            return
        # Waiting tasks come only when the stream has nothing more to give.
        waiting = self._store.progress.waiting_next(self._opened.queue)
        if waiting is not None and self._ledger.ended:
            self._claiming.take(waiting.record.identity, _wanted_of(waiting))

    def settle(self, item: Item) -> None:
        """Note that a task is answered: the cursor moves, or the queue loses it.

        Raises:
            WriteConflict: Another session of this annotator has answered it, or moved the cursor.
        """
        if item.waiting is not None:
            if not self._store.progress.waiting_remove(item.waiting.id):
                raise WriteConflict(
                    "another session of the same annotator has answered this task meanwhile",
                    where=str(self._store.path),
                    hint="Leave one of the two; what is saved is safe",
                )
        elif item.asked is not None:
            self._settling = item.asked
            self._ledger.settle(item.asked)
            self.flush()

    def put_off(self, item: Item) -> None:
        """Note that a task waits: it goes to the end of the queue."""
        record = NewWaiting(
            queue=self._opened.queue,
            kind="later",
            identity=item.identity,
            content=dumps_content(item.task),
            cursor_id=self._opened.cursor_id if item.kind == "new" else item.cursor_id,
            row=item.row,
            digest=item.digest,
        )
        self.settle(item)
        self._store.progress.waiting_add(record)

    def flush(self) -> None:
        """Write the cursor where it has moved, and the drops that it has passed.

        While an answer could not be written, nothing is: the cursor would pass its task.
        """
        if self._unwritten is not None and self._unwritten is not self._settling:
            return
        cursor = self._opened.cursor
        moved = self._has_moved()
        self._drops = self._ledger.take_drops()
        # A cursor of version 0 was never written: then it is, even where it stands at the start.
        if cursor.version and not moved and not self._drops:
            return
        new = self._ledger.state()
        version = self._store.progress.move_cursor(cursor.id, new, cursor.version)
        self._store.progress.add_drops(cursor.id, self._drops)
        self._moved = cursor._replace(version=version, state=new)

    @property
    def is_written(self) -> bool:
        """Whether `flush` would find nothing to write."""
        drops = self._ledger.take_drops()
        self._ledger.give_back_drops(drops)
        return bool(self._opened.cursor.version) and not drops and not self._has_moved()

    def _has_moved(self) -> bool:
        """Return whether the cursor is elsewhere than the database has it."""
        position, state = self._ledger.cursor(), self._opened.cursor.state
        before = (state.row, state.line, state.offset)
        return before != (position.row, position.line, position.offset)

    def committed(self) -> None:
        """The transaction is durable: what it wrote is where the session stands now."""
        if self._moved is not None:
            self._opened.cursor, self._moved = self._moved, None
        if self._settling is not None:
            self._settling = self._unwritten = None
        self._drops = []
        # Only now: a transaction that is tried again has to find all of them ahead.
        for asked in self._refused:
            self._ahead.remove(asked)
        self._aside += self._refused
        self._refused = []

    def failed(self) -> None:
        """The transaction failed: what it would have written is written with the next one."""
        self._ledger.give_back_drops(self._drops)
        self._moved, self._drops, self._refused = None, [], []
        if self._settling is not None:
            self._unwritten, self._settling = self._settling, None

    def counts(self) -> SessionCounts:
        """Return where the session stands, from counts that the store keeps."""
        opened, store, ledger = self._opened, self._store, self._ledger
        own = Counter(self._own_before)
        own.update(ledger.counts.own)
        dropped = {reason: n - own[reason] for reason, n in self._dropped().items()}
        return SessionCounts(
            answered=store.answers.counts(opened.dataset.id, opened.session.id),
            waiting=store.progress.waiting_count(opened.queue),
            dropped={reason: n for reason, n in dropped.items() if n > 0},
            not_asked=self._dropped_before + ledger.counts.dropped - sum(own.values()),
            to_go=None if self._rows is None else self._to_go(self._rows),
            to_go_about=self._to_go_about(),
        )

    def _to_go(self, rows: int) -> int | None:
        """Return how many of the source's rows are neither settled nor dropped.

        None where a recipe's tasks do not tell of which rows they are: none of those would be
        settled before the end.
        """
        left = max(0, rows - self._rows_done)
        if left and self._ledger.tasks_done is not None:
            return None
        # What was settled beyond the cursor is met later, unless the source has changed.
        unmet = self._ledger.unmet
        return left - unmet if unmet < left else left

    def _to_go_about(self) -> int | None:
        """Return an estimate of the same where rows are not counted, or tasks do not name them."""
        done = self._ledger.tasks_done
        if self._rows is not None:
            # As if each row were one task; where they are more, nobody knows how many.
            left = 0 if done is None else self._rows - self._ledger.counts.dropped - done
            return left if left > 0 else None
        size, end = self._ledger.source.size(), self._ledger.read_to
        if size is None:
            return None
        return about_rows(size - end.offset, end.row, end.offset, self._ledger.counts.open)

    @property
    def _begins_within(self) -> bool:
        return self._ledger.resume.start.row > 0

    @property
    def _rows_done(self) -> int:
        counts = self._ledger.counts
        return self._ledger.resume.start.row + counts.read - counts.open

    def known_rows(self, rows: int) -> None:
        """Take the number of rows that the source has."""
        self._rows = self._opened.asked.rows = rows

    def _dropped(self) -> dict[str, int]:
        return self._store.progress.drop_counts(self._opened.cursor_id)

    def _read(self) -> Asked | None:
        """Return the next task of the stream. A generator that has failed would only seem to end.

        Raises:
            TuiAnnotateError: Source or recipe fail, or have failed.
            NotYet: The recipe is still at work on it.
        """
        if self._broken is None:
            try:
                return self._opened.asked.next(self._opened.patience)
            except NotYet:
                raise
            except TuiAnnotateError as error:
                self._broken = error
            except (Exception, SystemExit) as error:
                self._broken = failure(self._opened.job.recipe, "the stream", error)
        raise self._broken

    def _new(self, asked: Asked) -> Item:
        return Item(asked.task, asked.identity, "new", self._number(), asked=asked)

    def _next_waiting(self) -> Item | None:
        """Return the task that has waited longest among those that others do not hold."""
        self._waiting_elsewhere = 0
        first = self._store.progress.waiting_next(self._opened.queue)
        if first is None:
            return None
        if self._claiming.has(first.record.identity):
            return self._waiting(first)
        found = self._claim_waiting(first)
        return self._waiting(found) if found is not None else None

    def _claim_waiting(self, first: StoredWaiting) -> StoredWaiting | None:
        """Claim the first task that was put off and that others do not hold, in one transaction;
        what they have answered meanwhile is dropped.

        Returns:
            The task; None where all of them are in other hands. The first one where the database
            cannot be written.
        """
        found: StoredWaiting | None = None
        elsewhere = 0

        def write() -> None:
            nonlocal found, elsewhere
            found, elsewhere = None, 0
            with transaction(self._opened, self, self._claiming, self._wait):
                for stored in self._store.progress.waiting_all(self._opened.queue):
                    identity, wanted = stored.record.identity, _wanted_of(stored)
                    if self._claiming.has(identity) or self._claiming.take(identity, wanted):
                        found = stored
                        return
                    if self._claiming.is_answered(identity, wanted):
                        self._drop_waiting(stored)
                    else:
                        elsewhere += 1

        try:
            retried(write)
        except StoreError:
            self._claiming.owe(first.record.identity, _wanted_of(first))
            return first
        self._waiting_elsewhere = elsewhere
        return found

    def _drop_waiting(self, stored: StoredWaiting) -> None:
        record, progress = stored.record, self._store.progress
        progress.waiting_remove(stored.id)
        if record.cursor_id is not None and record.row is not None:
            detail = f"answered in {self._opened.dataset.name} while it waited"
            drop = Drop("policy", "answered", record.row, record.row, detail=detail)
            progress.add_drops(record.cursor_id, [drop])

    def _waiting(self, stored: StoredWaiting) -> Item:
        record = stored.record
        task = loads_for_view(record.content, self._opened.job.view_id)
        return Item(task, record.identity, "waiting", self._number(), waiting=stored)

    def _number(self) -> int:
        answers = self._store.answers.counts(self._opened.dataset.id, self._opened.session.id)
        return sum(answers.values()) + 1


def _wanted_of(stored: StoredWaiting) -> int | None:
    """Return how many people the row of a waiting task wants for it."""
    return wanted_of(loads_strict(stored.record.content))
