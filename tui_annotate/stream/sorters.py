"""Sorters: take `(score, task)` pairs, yield tasks in a better order, and drop none.

They look at a window of tasks at a time. What is not asked now waits, and all of it is asked before
the stream ends. A recipe that sorts should say `"scattered": True` in its
configuration where one row may give several tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import TypeAlias

from tui_annotate.task.schema import Task

Scored: TypeAlias = Iterable[tuple[float, Task]]

WINDOW = 64
"""Tasks that are compared with each other."""

_LATER = 4096
"""Tasks that wait until others have been asked: as many as memory has room for."""


def prefer_uncertain(
    scored: Scored, bias: float = 0.0, algorithm: str | None = None, *, window: int = WINDOW
) -> SortedStream:
    """Yield tasks with scores near 0.5 first. Scores are probabilities, 0 to 1.

    Args:
        scored: Scores with tasks.
        bias: From -1 to 1: how far from 0.5 the scores that come first lie towards 0 or 1.
        algorithm: Accepted without effect: `ema` and `probability` name ways to skip tasks, by the
            running mean of scores or by chance, and none is skipped here.
        window: How many tasks are compared.
    """
    del algorithm
    middle = 0.5 + 0.5 * min(1.0, max(-1.0, bias))
    return SortedStream(_sort(scored, lambda score: abs(score - middle), window))


def most_uncertain(groups: Iterable[list[tuple[float, Task]]]) -> SortedStream:
    """Yield the questions about many texts, those with scores near 0.5 first.

    Args:
        groups: For each text its questions with their scores.
    """
    return prefer_uncertain(pair for group in groups for pair in group)


def prefer_high_scores(
    scored: Scored, bias: float = 0.0, algorithm: str | None = None, *, window: int = WINDOW
) -> SortedStream:
    """Yield tasks with high scores first; `bias` and `algorithm` are accepted without effect."""
    del bias, algorithm
    return SortedStream(_sort(scored, lambda score: -score, window))


def Probability(scored: Scored) -> SortedStream:
    """Yield each task with the probability of its score, 0 to 1, at once, and the others later, the
    likeliest first.

    No window is read ahead: recipes use this for streams that go on only as answers come. The same
    scores give the same order every time.
    """
    return SortedStream(_by_chance(scored))


def prefer_low_scores(
    scored: Scored, bias: float = 0.0, algorithm: str | None = None, *, window: int = WINDOW
) -> SortedStream:
    """Yield tasks with low scores first; `bias` and `algorithm` are accepted without effect."""
    del bias, algorithm
    return SortedStream(_sort(scored, lambda score: score, window))


class SortedStream(Iterator[Task]):
    """The tasks of scored ones, in a better order.

    Recipe files set further attributes on what sorters give, such as `first_n`; they have no
    effect.
    """

    def __init__(self, tasks: Iterator[Task]) -> None:
        self._tasks = tasks

    def __next__(self) -> Task:
        """Return the next task."""
        return next(self._tasks)


def _sort(scored: Scored, rank: Callable[[float], float], window: int) -> Iterator[Task]:
    order = count()
    heap: list[tuple[float, int, Task]] = []
    for score, task in scored:
        heappush(heap, (rank(score), next(order), task))
        if len(heap) >= max(1, window):
            yield heappop(heap)[2]
    while heap:
        yield heappop(heap)[2]


def _by_chance(scored: Scored) -> Iterator[Task]:
    order = count()
    later: list[tuple[float, int, Task]] = []
    random = Random(0)  # noqa: S311
    for score, task in scored:
        if random.random() < score:
            yield task
            continue
        heappush(later, (-score, next(order), task))
        if len(later) > _LATER:
            yield heappop(later)[2]
    while later:
        yield heappop(later)[2]
