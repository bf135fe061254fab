"""The session as the screen uses it: off the event loop, one decision at a time, drafts in time.

The `Worker` is the one thread that owns the session, and with it the database connection.

Each step leaves a `SessionSnapshot` before the annotator: the task, the counts, what was done.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from tui_annotate.errors import TuiAnnotateError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.session.types import Draft, Item, Receipt, SessionCounts, Timing
from tui_annotate.task.schema import Decision, Task
from tui_annotate.waiting import LONG, Waiting, use

if TYPE_CHECKING:
    from tui_annotate.session.added_labels import Added
    from tui_annotate.session.session import Session


_P = ParamSpec("_P")
_T = TypeVar("_T")

PATIENCE = 0.02
"""Seconds for which the session's thread waits for a recipe before it takes the next call."""


async def ended(future: Future[Any], seconds: float | None = None) -> bool:
    """Wait until a call has ended, however it ended; False where it takes longer than `seconds`."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()

    def wake(_: Future[Any]) -> None:
        with suppress(RuntimeError):  # the loop has ended by itself meanwhile
            loop.call_soon_threadsafe(event.set)

    future.add_done_callback(wake)
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return future.done()


class Worker:
    """Runs calls one after another, in the order in which they were made, off the event loop."""

    def __init__(self) -> None:
        self.waiting = Waiting()
        """What the thread is at, where it takes long."""
        self._pool = ThreadPoolExecutor(
            max_workers=1,
            thread_name_prefix="session",
            initializer=use,
            initargs=(self.waiting,),
        )

    def begin(self, function: Callable[[], object]) -> None:
        """Have `function` run before everything else; nobody waits for its result."""
        self._pool.submit(function)

    async def call(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run `function` on the thread and return its result, or raise its exception."""
        future = self._pool.submit(function, *args, **kwargs)
        return await asyncio.wrap_future(future)

    def call_now(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run `function` on the thread and wait for it; for the last words of a dying program."""
        return self._pool.submit(function, *args, **kwargs).result()

    async def call_aside(self, function: Callable[[], _T]) -> _T:
        """Run `function` on a thread of its own, for which nobody waits when the program ends."""
        future: Future[_T] = Future()

        def work() -> None:
            try:
                future.set_result(function())
            except Exception as error:
                future.set_exception(error)

        threading.Thread(target=work, name="aside", daemon=True).start()
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Wait for what was asked and end the thread."""
        self._pool.shutdown(wait=True)


LOOK_DELAY = 0.6
"""Seconds until a cursor or scroll position that changed is stored; an edit is stored at once."""

KEPT_SOON = 0.02
"""Seconds until it is looked again whether a draft is written."""


class SessionClient:
    """Calls the session on its thread and sees to it that drafts are written.

    Args:
        worker: The thread.
        open_session: Makes the session; called on the thread.
        draft: Returns what is begun on the task at hand, None where there is none.
        failed: Told when a draft could not be written.
        watch: Watches a step, and shows what it is at where it takes long.
        lay_out: Makes a task ready to be shown; called on the thread before a task is returned.

    Attributes:
        busy: A step is being taken, or the session is being opened: nothing else may begin.
        taken: The session was opened here, so it is ended here.
    """

    def __init__(
        self,
        worker: Worker,
        open_session: Callable[[], Session],
        *,
        draft: Callable[[], Draft | None],
        failed: Callable[[TuiAnnotateError], None],
        watch: Callable[[], AbstractContextManager[None]] = nullcontext,
        lay_out: Callable[[Task], object] = id,
    ) -> None:
        self.busy = True
        self.taken = False
        self._worker = worker
        self._open = open_session
        self._draft = draft
        self._failed = failed
        self._watch = watch
        self._lay_out = lay_out
        self._handed_over = False
        self._session: Session | None = None
        self._saving: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._dirty = False
        self._shown: Item | None = None

    @property
    def waiting(self) -> Waiting:
        """What the session's thread is at."""
        return self._worker.waiting

    @property
    def is_open(self) -> bool:
        """Whether the session is open."""
        return self._session is not None

    @property
    def looks_on(self) -> bool:
        """Whether nothing can be answered, because the annotator is at work elsewhere."""
        return self._session is not None and bool(self._session.opened.looking_on)

    @property
    def session(self) -> Session:
        """The session; open after `start`."""
        assert self._session is not None
        return self._session

    async def start(self) -> SessionSnapshot:
        """Open the session and return the task to begin with."""
        self.busy = True
        with self._watch():
            self._session = await self._worker.call(self._open)
            self.taken = True
            self._session.opened.patience = PATIENCE
            return await self._step(self.session.start)

    def begin(self) -> None:
        """Let no other step begin, from the key on that asks for one until that one is done.

        The step itself runs a little later, and keys that arrive together with its own must not
        change what it is about.
        """
        self.busy = True

    async def submit(self, decision: Decision, task: Task, timing: Timing) -> SessionSnapshot:
        """Answer the task at hand and return the next one; the answer is durable by then."""
        self._forget()
        session = self.session

        def step() -> SessionSnapshot:
            receipt = session.decide(decision, task, timing)
            return snapshot(session, session.advance, receipt)

        return await self._take(step)

    async def later(self) -> SessionSnapshot:
        """Put the task at hand off, with its draft, and return the next one."""
        draft = self._take_draft()
        await self._part(lambda: self.session.later(draft))
        return await self._step(self.session.advance)

    async def reach(self, step: Callable[[Session, Draft | None], bool]) -> SessionSnapshot | None:
        """Have a step put another task on the table, and return it; None where there is none.

        Args:
            step: Given the session and what is begun on the task at hand.
        """
        draft = self._take_draft()
        return await self._moved(lambda: step(self.session, draft))

    async def look_up(self, question: Callable[[Session], _T]) -> _T:
        """Ask the session something, or have it keep something, on its thread."""
        return await self._worker.call(lambda: question(self.session))

    async def follow(self) -> SessionSnapshot | None:
        """Return the next task where the source has grown at the end, or that it is looked for;
        None where the source has not grown."""
        session = self.session
        if self.busy:
            return None
        found = await self._worker.call(session.follow)
        if found is None and not session.looking:
            return None
        return await self._step(lambda: session.item)

    async def look_again(self) -> SessionSnapshot | None:
        """Return the next task where others have given one back at the end, or how many they hold
        if that has changed; None where nothing has.
        """
        session = self.session
        before = session.elsewhere
        if self.busy or not before:
            return None
        found = await self._worker.call(session.look_again)
        if found is None and session.elsewhere == before:
            return None
        return await self._step(lambda: session.item)

    async def take_over(self) -> SessionSnapshot:
        """Write again in a session that was opened to look on, and return the task at hand."""
        return await self._step(self.session.take_over)

    async def count(self) -> SessionCounts:
        """Count the rows of the source, off the session's thread, and return the counts anew."""
        found = await self._worker.call(self.session.known_rows)
        if found is None:
            found = await self._worker.call_aside(self.session.count_rows)
        if found is not None:
            await self._worker.call(self.session.keep_count, found)
        return await self._worker.call(self.session.counts)

    async def event(self, name: str, task: Task, typed: Mapping[str, str]) -> str:
        """Call one of the recipe's events with the task as edited; return what it says."""
        said = await self._worker.call(self.session.callbacks.begin_event, name, task, typed)
        return await asyncio.wrap_future(said)

    async def add_label(self, setting: str, label: str) -> Added:
        """Add a label to the dataset; see `Session.add_label`."""
        return await self._call(lambda: self.session.add_label(setting, label))

    async def prefetch(self) -> None:
        """Have the task after this one looked for, and the recipe given its answers."""
        session = self.session
        while (coming := await self._worker.call(session.prefetch)) is not None:
            await ended(coming)
            if not self.is_open:
                return

    async def arrival(self) -> SessionSnapshot | None:
        """Wait for the task that the recipe is at work on; None where another step is taken."""
        session = self.session
        while (coming := await self._worker.call(session.prefetch)) is session.opened.asked.coming:
            if coming is None or not self.is_open:
                break
            await ended(coming)
        if self.busy or not self.is_open:
            return None
        return await self._step(lambda: arrived(session))

    # -- drafts --------------------------------------------------------------------------------

    def edited(self) -> None:
        """Write a draft now: the annotator has changed something."""
        self._dirty = True
        self._stop_timer()
        self._save()

    def looked(self) -> None:
        """Write a draft soon: the annotator has moved."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(LOOK_DELAY, self.edited)

    async def save(self) -> None:
        """Write the draft now, and return when it is durable."""
        draft = self._take_draft()
        if draft is not None:
            await self._part(lambda: self.session.keep_draft(draft))
        else:
            self.busy = False

    async def save_begun(self) -> None:
        """Write the draft if it has changed since it was written last."""
        draft = self._take_draft()
        if draft is not None and self.session.item is not None:
            await self._part(lambda: self.session.keep_draft(draft))

    async def keep_begun(self, patience: float) -> None:
        """Write what is unsaved of the draft beside the keys, and wait for that, or for the step
        that is being taken and keeps it itself.

        Args:
            patience: Seconds to wait at most.
        """
        until = time.monotonic() + patience
        if self._unsaved and not self.busy:
            self.edited()
        while (self.busy or self._saving is not None) and time.monotonic() < until:
            await asyncio.sleep(KEPT_SOON)

    def hand_over(self) -> None:
        """Let go of the session, which another face goes on with; the draft is stored by then."""
        self._forget()
        self._session = None
        self._handed_over = True

    def last_words(self) -> int | None:
        """Write the draft and end the session, waiting for both; for a program that must go.

        Returns:
            How many answers of the session stand; None where it was never open.

        Raises:
            TuiAnnotateError: The draft could not be written, or the session not ended in order.
        """
        session, self._session = self._session, None
        if not self._handed_over:
            self.waiting.abandon()  # whatever is being looked for or read
        if session is None:
            return None
        session.opened.code.hurry()
        try:
            if (self._unsaved or self.busy) and self._shown is not None:
                draft = self._take_draft()
                if draft is not None:
                    self._worker.call_now(session.keep_draft, draft, self._shown)
            return self._worker.call_now(session.counts).done
        finally:
            self._worker.call_now(session.close)

    def _save(self) -> None:
        if self._saving is None and self._dirty and not self.busy:
            self._saving = asyncio.create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._dirty and not self.busy and self._session is not None:
                self._dirty = False
                draft = self._draft()
                if draft is not None:
                    await self._worker.call(self.session.keep_draft, draft)
        except TuiAnnotateError as error:
            self._dirty = True
            self._failed(error)
        finally:
            self._saving = None

    @property
    def _unsaved(self) -> bool:
        return self._dirty or self._timer is not None

    def _take_draft(self) -> Draft | None:
        self._forget()
        return self._draft()

    def _forget(self) -> None:
        self._dirty = False
        self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- calls ---------------------------------------------------------------------------------

    async def _moved(self, move: Callable[[], bool]) -> SessionSnapshot | None:
        """Go to another task; where there is none, what was begun on this one is unsaved still."""
        if await self._part(move):
            return await self._step(lambda: self.session.item)
        self.looked()
        return None

    async def _part(self, step: Callable[[], _T]) -> _T:
        """Take a step that keeps the draft; where that fails, the draft is unsaved still."""
        try:
            return await self._call(step)
        except TuiAnnotateError:
            self.looked()
            raise

    async def _step(self, find: Callable[[], Item | None]) -> SessionSnapshot:
        """Find the next task."""
        session = self.session
        return await self._take(lambda: snapshot(session, find))

    async def _take(self, step: Callable[[], SessionSnapshot]) -> SessionSnapshot:
        """Take a step in one call: each way to the thread and back costs a part of a frame."""
        with self._watch():
            table = await self._call(lambda: self._laid_out(step()))
            until = time.monotonic() + LOOKS_LONG
            while table.looking and (left := until - time.monotonic()) > 0:
                self.busy = True
                await soon(self.session, left)
                again = await self._call(
                    lambda: self._laid_out(snapshot(self.session, lambda: arrived(self.session)))
                )
                table = again._replace(receipt=table.receipt)
        self._shown = table.item
        return table

    def _laid_out(self, table: SessionSnapshot) -> SessionSnapshot:
        if table.item is not None:
            self._lay_out(table.item.task)
        return table

    async def _call(self, function: Callable[[], _T]) -> _T:
        self.busy = True
        try:
            with self._watch():
                return await self._worker.call(function)
        finally:
            self.busy = False


class SessionSnapshot(NamedTuple):
    """What lies on the table after a step.

    Attributes:
        item: The task at hand; None where nothing is left.
        counts: Where the session stands.
        receipt: What was decided, where something was.
        trouble: Why there is no next task although there may be more, where that is so.
        looking: There is no next task yet: the recipe is at work on it.
    """

    item: Item | None
    counts: SessionCounts
    receipt: Receipt | None = None
    trouble: TuiAnnotateError | None = None
    looking: bool = False


def snapshot(
    session: Session, find: Callable[[], Item | None], receipt: Receipt | None = None
) -> SessionSnapshot:
    """Find the next task, on the session's thread; trouble does not undo what was just decided."""
    trouble: TuiAnnotateError | None = None
    item: Item | None = None
    try:
        item = find()
    except TuiAnnotateError as error:
        trouble = error
    looking = item is None and trouble is None and session.looking
    return SessionSnapshot(item, session.counts(), receipt, trouble, looking)


def arrived(session: Session) -> Item | None:
    """Return the task at hand; where the recipe was looking for one, the next if it has it."""
    return session.advance() if session.item is None and session.looking else session.item


LOOKS_LONG = LONG
"""Seconds for which the last task stays on screen while the next one is looked for."""


async def soon(session: Session, seconds: float) -> None:
    """Wait a moment for the recipe, so that its work is seen only where it takes long."""
    coming = session.opened.asked.coming
    if coming is not None:
        await ended(coming, seconds)
