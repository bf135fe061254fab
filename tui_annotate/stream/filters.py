"""Filters: take tasks, yield those that pass. A task that does not is listed as `filtered`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from tui_annotate.stream.preprocess import add_hashes
from tui_annotate.task.hash_body import INPUT_KEYS
from tui_annotate.task.schema import INPUT_HASH, TASK_HASH, Task


def filter_duplicates(
    tasks: Iterable[Task], *, by_input: bool = False, by_task: bool = True
) -> Iterator[Task]:
    """Yield the tasks whose hashes have not been seen in this stream.

    Args:
        tasks: Tasks; those that lack hashes get them.
        by_input: Of tasks with equal inputs only the first passes.
        by_task: Of equal tasks only the first passes.
    """
    inputs: set[int] = set()
    seen: set[int] = set()
    for task in add_hashes(tasks):
        again = (by_input and task[INPUT_HASH] in inputs) or (by_task and task[TASK_HASH] in seen)
        inputs.add(task[INPUT_HASH])
        seen.add(task[TASK_HASH])
        if not again:
            yield task


def filter_inputs(tasks: Iterable[Task], input_ids: Collection[int]) -> Iterator[Task]:
    """Yield the tasks whose input hash is not among `input_ids` (signed 32 bit)."""
    return (task for task in add_hashes(tasks) if task[INPUT_HASH] not in input_ids)


def filter_tasks(tasks: Iterable[Task], task_ids: Collection[int]) -> Iterator[Task]:
    """Yield the tasks whose task hash is not among `task_ids` (signed 32 bit)."""
    return (task for task in add_hashes(tasks) if task[TASK_HASH] not in task_ids)


def filter_seen_before(tasks: Iterable[Task], seen: Iterable[Task]) -> Iterator[Task]:
    """Yield the tasks whose inputs are in none of the tasks `seen`."""
    return filter_inputs(tasks, {task[INPUT_HASH] for task in add_hashes(seen)})


def filter_empty(tasks: Iterable[Task], keys: Iterable[str] = INPUT_KEYS) -> Iterator[Task]:
    """Yield the tasks in which at least one of `keys` holds more than white space."""
    names = tuple(keys)
    return (task for task in tasks if any(str(task.get(name) or "").strip() for name in names))


def filter_by(tasks: Iterable[Task], keep: Callable[[Task], bool]) -> Iterator[Task]:
    """Yield the tasks for which `keep` says True."""
    return (task for task in tasks if keep(task))
