"""The session as the screen uses it: off the event loop, one decision at a time, drafts in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from tui_annotate.errors import TuiAnnotateError
from tui_annotate.session.records import Counts, Draft, Item, Receipt, Timing
from tui_annotate.task.schema import Decision, Task
from tui_annotate.tui.worker import Worker

if TYPE_CHECKING:
    from tui_annotate.session.session import Session

_T = TypeVar("_T")

LOOK_DELAY = 0.6
"""Seconds until a cursor or scroll position that changed is stored; an edit is stored at once."""


@dataclass(frozen=True, slots=True)
class Table:
    """What lies on the table after a step.

    Attributes:
        item: The task at hand; None where nothing is left.
        counts: Where the session stands.
        receipt: What was decided, where something was.
        trouble: Why there is no next task although there may be more, where that is so.
    """

    item: Item | None
    counts: Counts
    receipt: Receipt | None = None
    trouble: TuiAnnotateError | None = None


class Desk:
    """Calls the session on its thread and sees to it that drafts are written.

    Args:
        worker: The thread.
        open_session: Makes the session; called on the thread.
        draft: Returns what is begun on the task at hand, None where there is none.
        failed: Told when a draft could not be written.
    """

    def __init__(
        self,
        worker: Worker,
        open_session: Callable[[], Session],
        *,
        draft: Callable[[], Draft | None],
        failed: Callable[[TuiAnnotateError], None],
    ) -> None:
        self.busy = False
        self._worker = worker
        self._open = open_session
        self._draft = draft
        self._failed = failed
        self._session: Session | None = None
        self._saving: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._dirty = False

    @property
    def session(self) -> Session:
        """The session; open after `start`."""
        assert self._session is not None
        return self._session

    async def start(self) -> Table:
        """Open the session and return the task to begin with."""
        self._session = await self._worker.call(self._open)
        return await self._step(self.session.start)

    async def decide(self, decision: Decision, task: Task, timing: Timing) -> Table:
        """Answer the task at hand and return the next one; the answer is durable by then."""
        self._forget()
        receipt = await self._call(lambda: self.session.decide(decision, task, timing))
        return await self._step(self.session.advance, receipt)

    async def later(self) -> Table:
        """Put the task at hand off, with its draft, and return the next one."""
        draft = self._take_draft()
        await self._call(lambda: self.session.later(draft))
        return await self._step(self.session.advance)

    async def back(self) -> Table | None:
        """Open the answer before the one at hand; None where there is none."""
        draft = self._take_draft()
        moved = await self._call(lambda: self.session.back(draft))
        return await self._step(lambda: self.session.item) if moved else None

    async def forward(self) -> Table | None:
        """Open the answer after the one at hand, or the task that waits; None if none was open."""
        draft = self._take_draft()
        moved = await self._call(lambda: self.session.forward(draft))
        return await self._step(lambda: self.session.item) if moved else None

    async def count(self) -> Counts:
        """Count the rows of the source, off the session's thread, and return the counts anew."""
        found = await asyncio.to_thread(self.session.count_rows)
        if found is not None:
            await self._worker.call(self.session.keep_count, found)
        return await self._worker.call(self.session.counts)

    async def prefetch(self) -> None:
        """Have the task after this one looked for."""
        await self._worker.call(self.session.prefetch)

    # -- drafts --------------------------------------------------------------------------------

    def edited(self) -> None:
        """Write a draft now: the annotator has changed something."""
        self._dirty = True
        self._stop_timer()
        self._save()

    def looked(self) -> None:
        """Write a draft soon: the annotator has moved."""
        if self._timer is None and not self._dirty:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(LOOK_DELAY, self.edited)

    async def save(self) -> None:
        """Write the draft now, and return when it is durable."""
        draft = self._draft()
        self._forget()
        if draft is not None:
            await self._call(lambda: self.session.keep_draft(draft))

    def last_words(self) -> None:
        """Write the draft and end the session, waiting for both; for a program that must go."""
        if self._session is None:
            return
        draft = self._take_draft()
        try:
            if draft is not None and self.session.item is not None:
                self._worker.call_now(self.session.keep_draft, draft)
        finally:
            self._worker.call_now(self.session.close)
            self._session = None

    def _save(self) -> None:
        if self._saving is None and self._dirty and not self.busy:
            self._saving = asyncio.create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._dirty and not self.busy:
                self._dirty = False
                draft = self._draft()
                if draft is not None:
                    await self._worker.call(self.session.keep_draft, draft)
        except TuiAnnotateError as error:
            self._failed(error)
        finally:
            self._saving = None

    def _take_draft(self) -> Draft | None:
        unsaved = self._dirty or self._timer is not None
        self._forget()
        return self._draft() if unsaved else None

    def _forget(self) -> None:
        self._dirty = False
        self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- calls ---------------------------------------------------------------------------------

    async def _step(self, find: Callable[[], Item | None], receipt: Receipt | None = None) -> Table:
        """Find the next task; trouble on the way does not undo what was just decided."""
        trouble: TuiAnnotateError | None = None
        item: Item | None = None
        try:
            item = await self._call(find)
        except TuiAnnotateError as error:
            trouble = error
        return Table(item, await self._call(self.session.counts), receipt, trouble)

    async def _call(self, function: Callable[[], _T]) -> _T:
        self.busy = True
        try:
            return await self._worker.call(function)
        finally:
            self.busy = False
