"""Two models that work as one: their questions take turns, and both get the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice, zip_longest
from typing import Any, TypeAlias

from tui_annotate.task.schema import Task

Scored: TypeAlias = tuple[float, Task]
Predict: TypeAlias = Callable[[Iterable[Task]], Iterator[Scored]]


def combine_models(
    one: Any, two: Any, batch_size: int = 32
) -> tuple[Predict, Callable[[list[Task]], float]]:
    """Return one function that scores a stream with both models, and one that updates both.

    Args:
        one, two: Called with tasks they yield `(score, task)`; they have `update(answers)`.
        batch_size: How many tasks are given to both before the next ones are read.
    """

    def predict(stream: Iterable[Task]) -> Iterator[Scored]:
        source = iter(stream)
        while batch := list(islice(source, max(1, batch_size))):
            first = one([dict(task) for task in batch])
            second = two([dict(task) for task in batch])
            for pair in zip_longest(first, second):
                yield from (scored for scored in pair if scored is not None)

    def update(answers: list[Task]) -> float:
        return float(one.update(answers) or 0.0) + float(two.update(answers) or 0.0)

    return predict, update
