"""Tasks that a recipe makes itself: a list, or a generator, without a file behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Any

from tui_annotate.sources.base import (
    NOTHING,
    START,
    BadRow,
    Fingerprint,
    Position,
    Row,
    SourceChange,
)


def no_task(value: Any) -> str:
    """Return a sentence on what a recipe's stream gave in the place of a task."""
    sentence = f"the stream gave {type(value).__name__}, not a task"
    if isinstance(value, tuple):
        sentence += ": pairs of a score and a task go through a sorter first"
    return sentence


class IterableSource:
    """Rows from any iterable of tasks. Nothing can be known about it but what it yields, so it is
    resumed by key: read from its start again, skipping what is answered.

    Args:
        tasks: A list, which can be read again, or a generator, which is read once.
        name: What people call it.
        identity: What the store calls it.
    """

    def __init__(self, tasks: Iterable[Any], name: str, identity: str) -> None:
        self._tasks = tasks
        self._name = name
        self._identity = identity

    @property
    def name(self) -> str:
        """What people call it."""
        return self._name

    @property
    def identity(self) -> str:
        """What the store calls it."""
        return self._identity

    @property
    def seekable(self) -> bool:
        """It is always read from its start."""
        return False

    @property
    def once(self) -> bool:
        """Whether it is a generator, of which nothing is left after it was read."""
        return isinstance(self._tasks, Iterator)

    def has_news(self) -> bool:
        """Whether the iterable would give other tasks by now than when it was read last; it says so
        by a method of the same name, and of what has none that is unknown."""
        asks: Callable[[], bool] | None = getattr(self._tasks, "has_news", None)
        return asks is not None and asks()

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield what the iterable gives behind `start`; what is no dictionary is a bad row."""
        for number, task in enumerate(self._tasks):
            if number < start.row:
                continue
            before, after = Position(number, number, number), Position(*[number + 1] * 3)
            if isinstance(task, dict):
                yield Row(dict(task), before, after, made=True)
            else:
                yield BadRow("not-object", no_task(task), before, after)

    def fingerprint(self, _at: Position) -> Fingerprint:
        """Nothing can be remembered of it."""
        return NOTHING

    def compare(self, _stored: Fingerprint) -> SourceChange:
        """It cannot be compared."""
        return SourceChange.UNKNOWN

    def size(self) -> int | None:
        """Its size in bytes is unknown."""
        return None

    def count(self) -> int | None:
        """Return the length of a list, or what the iterable itself says by `row_count`; None for
        what can be read only once."""
        counts: Callable[[], int] | None = getattr(self._tasks, "row_count", None)
        if counts is not None:
            return counts()
        return len(self._tasks) if isinstance(self._tasks, Sized) else None
