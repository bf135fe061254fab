"""Model calls on a thread of their own, ahead of the annotator, so that no key waits for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from tui_annotate.task.schema import Task
from tui_annotate.thread_calls import CallThread
from tui_annotate.waiting import here

_T = TypeVar("_T")

_LOOK = 0.1
"""Seconds between two looks whether anybody waits for a model still."""

FIRST, LARGEST = 2, 32
"""Tasks of the first batch, which somebody waits for, and of the largest."""


class ModelThread:
    """Runs calls one after another; predictions and updates never meet in the model.

    Args:
        depth: Batches that are under way beside the one that is being given out.
        largest: Tasks of the largest batch.
        what: What is said while somebody waits for it.
    """

    def __init__(
        self, depth: int = 2, largest: int = LARGEST, what: str = "the model is at work"
    ) -> None:
        self._thread = CallThread("model")
        self._depth = depth
        self._largest = largest
        self._what = what
        self._updates: list[Future[Any]] = []

    def ahead(
        self, tasks: Iterable[Task], predict: Callable[[list[Task]], list[_T]]
    ) -> Iterator[_T]:
        """Yield what `predict` makes of batches of tasks, in order.

        Tasks are read on the caller's thread, and only as far ahead as batches are under way.
        """
        source, size = iter(tasks), min(FIRST, self._largest)
        under_way: deque[Future[list[_T]]] = deque()
        try:
            while True:
                while len(under_way) <= self._depth:
                    batch = list(islice(source, size))
                    if not batch:
                        break
                    under_way.append(self._thread.submit(partial(predict, batch)))
                    size = min(2 * size, self._largest)
                if not under_way:
                    return
                yield from self._result(under_way.popleft())
        finally:
            for future in under_way:
                future.cancel()

    def _result(self, future: Future[list[_T]]) -> list[_T]:
        """Wait for a batch, for as long as somebody waits for the stream."""
        if not future.done():
            waiting = here()
            with waiting.on(self._what):
                while not future.done():
                    wait([future], timeout=_LOOK)
                    waiting.check()
        return future.result()

    def update(self, function: Callable[[list[Task]], Any], answers: list[Task]) -> None:
        """Have the model updated with answers, after what is under way; returns at once.

        Raises:
            Exception: What an earlier update raised.
        """
        done = [each for each in self._updates if each.done()]
        self._updates = [each for each in self._updates if not each.done()]
        self._updates.append(self._thread.submit(partial(function, answers)))
        for future in done:
            future.result()

    def learning(self, function: Callable[[list[Task]], Any]) -> dict[str, Any]:
        """Return the components of a recipe whose model learns: `update` and `on_exit`."""
        return {"update": partial(self.update, function), "on_exit": lambda _: self.finish()}

    def finish(self) -> None:
        """Let go of the updates that have not begun: nobody asks the model any more.

        Raises:
            Exception: What an earlier update raised.
        """
        pending, self._updates = self._updates, []
        for future in pending:
            if not future.cancel():
                future.result()
        self._thread.close()
