"""Functions that prepare tasks before they are asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tui_annotate.task.hashing import identify
from tui_annotate.task.schema import INPUT_HASH, TASK_HASH, Task
from tui_annotate.task.task_tokens import tokens_of


def add_tokens(tasks: Iterable[Task], nlp: Any) -> Iterator[Task]:
    """Yield the tasks with the tokens of a spaCy pipeline.

    Args:
        tasks: Tasks with `text`; those that carry `tokens` keep them.
        nlp: A spaCy `Language`; only its tokenizer is used.
    """
    for task in tasks:
        text = task.get("text")
        if isinstance(text, str) and "tokens" not in task:
            task["tokens"] = tokens_of(text, nlp)
        yield task


def hashed(scored: Iterable[tuple[float, Task]]) -> Iterator[tuple[float, Task]]:
    """Yield tasks with their scores, and with hashes where they lack them."""
    for score, task in scored:
        _hash(task)
        yield score, task


def add_hashes(tasks: Iterable[Task]) -> Iterator[Task]:
    """Yield the tasks, those that lack hashes with them; the ones that are there stay."""
    for task in tasks:
        _hash(task)
        yield task


def _hash(task: Task) -> None:
    """Give a task the hashes that it lacks."""
    if INPUT_HASH not in task or TASK_HASH not in task:
        identify(task)
