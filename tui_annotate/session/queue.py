"""What comes next: what was put back, then new tasks of the stream, then those that wait."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from tui_annotate.errors import Conflict, RecipeError, TuiAnnotateError
from tui_annotate.job import place
from tui_annotate.session.asking import NotYet
from tui_annotate.session.opened import Opened
from tui_annotate.session.place import cursor_state
from tui_annotate.session.records import Counts, Item
from tui_annotate.store.records import Drop, NewWaiting, StoredCursor, StoredWaiting
from tui_annotate.stream.records import Asked
from tui_annotate.task.jsonio import dumps, loads_strict
from tui_annotate.task.schema import Task


class Queue:
    """Hands out tasks, and keeps cursor, waiting tasks and drops in step with the answers.

    `settle`, `put_off` and `flush` write inside the caller's transaction; the caller calls
    `committed` after its commit, or `failed` where it failed.
    """

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._store = opened.store
        self._ledger = opened.ledger
        self._ahead: list[Asked] = []
        self._put_back: Item | None = None
        self._moved: StoredCursor | None = None
        self._settling: Asked | None = None
        self._unwritten: Asked | None = None
        self._broken: TuiAnnotateError | None = None
        self._drops: list[Drop] = []
        self._rows: int | None = None

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
        self._look_ahead()
        if self._ahead:
            item = self._new(self._ahead[-1])
            self._ahead.pop()
            return item
        waiting = self._store.progress.waiting_next(self._opened.queue)
        return self._waiting(waiting) if waiting is not None else None

    @property
    def ahead(self) -> list[Task]:
        """Copies of the tasks that were looked for already."""
        return [dict(asked.task) for asked in self._ahead]

    @property
    def coming(self) -> Task | None:
        """The very task that `next` will give, as far as that is known."""
        if self._put_back is not None:
            return self._put_back.task
        return self._ahead[-1].task if self._ahead else None

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

    def _look_ahead(self) -> None:
        if not self._ahead:
            asked = self._read()
            if asked is not None:
                self._ahead.append(asked)

    def settle(self, item: Item) -> None:
        """Note that a task is answered: the cursor moves, or the queue loses it.

        Raises:
            Conflict: Another session of this annotator has answered it, or moved the cursor.
        """
        if item.waiting is not None:
            if not self._store.progress.waiting_remove(item.waiting.id):
                raise Conflict(
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
            content=dumps(item.task),
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
        cursor, position = self._opened.cursor, self._ledger.cursor()
        self._drops = self._ledger.take_drops()
        state = cursor.state
        before = (state.row, state.line, state.offset)
        moved = before != (position.row, position.line, position.offset)
        if cursor.version and not moved and not self._drops:
            return
        new = cursor_state(self._ledger)
        version = self._store.progress.move_cursor(cursor.id, new, cursor.version)
        self._store.progress.add_drops(cursor.id, self._drops)
        self._moved = cursor._replace(version=version, state=new)

    def committed(self) -> None:
        """The transaction is durable: what it wrote is where the session stands now."""
        if self._moved is not None:
            self._opened.cursor, self._moved = self._moved, None
        if self._settling is not None:
            self._settling = self._unwritten = None
        self._drops = []

    def failed(self) -> None:
        """The transaction failed: what it would have written is written with the next one."""
        self._ledger.give_back_drops(self._drops)
        self._moved, self._drops = None, []
        if self._settling is not None:
            self._unwritten, self._settling = self._settling, None

    def counts(self) -> Counts:
        """Return where the session stands, from counts that the store keeps."""
        opened, store, ledger = self._opened, self._store, self._ledger
        size = ledger.source.size()
        return Counts(
            answered=store.answers.counts(opened.dataset.id, opened.session.id),
            waiting=store.progress.waiting_count(opened.queue),
            dropped=self._dropped(),
            to_go=None if self._rows is None else max(0, self._rows - self._rows_done),
            bytes_to_go=None if size is None else max(0, size - ledger.cursor().offset),
        )

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
            except Exception as error:
                why = f"{type(error).__name__}: {error}{place(error)}"
                what = f"the stream failed with {why}"
                self._broken = RecipeError(what, where=self._opened.job.recipe)
        raise self._broken

    def _new(self, asked: Asked) -> Item:
        return Item(asked.task, asked.identity, "new", self._number(), asked=asked)

    def _waiting(self, stored: StoredWaiting) -> Item:
        record = stored.record
        task = loads_strict(record.content)
        return Item(task, record.identity, "waiting", self._number(), waiting=stored)

    def _number(self) -> int:
        answers = self._store.answers.counts(self._opened.dataset.id, self._opened.session.id)
        return sum(answers.values()) + 1
