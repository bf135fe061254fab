"""The one thread that owns the session, and with it the database connection."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

from tui_annotate.waiting import Waiting, use

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
