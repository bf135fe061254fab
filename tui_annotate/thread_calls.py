"""Calls one after another on a thread of their own, for which no program waits when it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

_T = TypeVar("_T")
_Call = tuple["Future[Any]", Callable[[], Any]]


class CallThread:
    """Runs calls in the order in which they were made. The thread starts with the first.

    Args:
        name: The thread's name.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._open: set[Future[Any]] = set()
        self._started = False
        self._lost: Exception | None = None

    def submit(self, function: Callable[[], _T]) -> Future[_T]:
        """Have `function` called; the future gets its result, or what it raises."""
        future: Future[_T] = Future()
        with self._lock:
            if self._lost is not None:
                future.set_exception(self._lost)
                return future
            self._open.add(future)
            started, self._started = self._started, True
        self._calls.put((future, function))
        if not started:
            threading.Thread(target=self._work, name=self._name, daemon=True).start()
        return future

    def give_up(self, error: Exception) -> None:
        """Wait no longer: calls that have not returned, and all later ones, fail with `error`.

        One that is running goes on until it returns, to no effect. Safe on any thread.
        """
        with self._lock:
            self._lost = self._lost or error
            for future in self._open:
                if not future.done():
                    future.set_exception(error)
            self._open.clear()

    def close(self) -> None:
        """End the thread when it has done what was asked; returns at once."""
        self._calls.put(None)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            future, function = call
            with self._lock:
                wanted = future in self._open and future.set_running_or_notify_cancel()
                if not wanted:
                    self._open.discard(future)
            if wanted:
                self._run(future, function)
            del call, future, function  # what a call holds on to is let go on this thread

    def _run(self, future: Future[Any], function: Callable[[], Any]) -> None:
        result: Any = None
        failure: BaseException | None = None
        try:
            result = function()
        except BaseException as error:
            failure = error
        with self._lock:
            if future not in self._open:
                return
            self._open.remove(future)
        if failure is not None:
            future.set_exception(failure)
        else:
            future.set_result(result)
