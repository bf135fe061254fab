"""Which answers a recipe's `update` gets, and when."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from tui_annotate.task.schema import Task


class Updates:
    """Holds answers back until they are likely to stay, then gives them out in batches.

    The newest answers can still be taken back with a key, so they wait in a window. An answer that
    is changed in the window is given once, as it is then; one that is changed after it was given
    is given again, in a later batch, and supersedes the older one.

    Args:
        batch_size: Answers of one batch.
        window: How many of the newest answers are held back.
    """

    def __init__(self, batch_size: int = 10, window: int = 10) -> None:
        self._batch_size = max(1, batch_size)
        self._window = max(0, window)
        self._held: dict[Hashable, Task] = {}

    def __len__(self) -> int:
        return len(self._held)

    def add(self, key: Hashable, answer: Task) -> None:
        """Take an answer; `key` is equal for answers to one task."""
        self._held.pop(key, None)
        self._held[key] = answer

    def due(self) -> list[Task]:
        """Return the next batch, empty while there is none."""
        if len(self._held) - self._window < self._batch_size:
            return []
        return self._take()

    def rest(self) -> Iterator[list[Task]]:
        """Yield everything that is held back, in batches; for the end of the session."""
        while self._held:
            yield self._take()

    def _take(self) -> list[Task]:
        keys = list(self._held)[: self._batch_size]
        return [self._held.pop(key) for key in keys]
