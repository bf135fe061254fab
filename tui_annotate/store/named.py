"""Datasets by their names, for scripts and recipes that read what was annotated."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from tui_annotate.errors import UsageError
from tui_annotate.store.database import Store
from tui_annotate.store.records import Dataset, StoredAnswer
from tui_annotate.task.jsonio import loads_strict
from tui_annotate.task.schema import INPUT_HASH, TASK_HASH, Decision, Task


class Database:
    """Reads datasets by name; a context manager that closes the store.

    Nothing here writes: answers are given in sessions, and imported by commands.

    Args:
        store: The open store.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def datasets(self) -> list[str]:
        """The names of all datasets, sorted."""
        return sorted(each.name for each in self._store.admin.datasets())

    def sessions(self, dataset: str) -> list[str]:
        """Return the names of a dataset's sessions, sorted."""
        found = self._find(dataset)
        return sorted(each.name for each in self._store.admin.sessions(found.id))

    def iter_dataset_examples(
        self, dataset: str, *, answer: Decision | None = None
    ) -> Iterator[Task]:
        """Yield the answers that stand, oldest first, as dictionaries; in constant memory.

        Raises:
            UsageError: There is no such dataset.
        """
        found = self._find(dataset)
        return map(_content, self._store.answers.iterate(found.id, answer=answer))

    def get_dataset_examples(self, dataset: str) -> list[Task]:
        """Return the answers that stand, oldest first; `UsageError` where there is no such set."""
        return list(self.iter_dataset_examples(dataset))

    def get_input_hashes(self, *datasets: str) -> set[int]:
        """Return the input hashes, signed 32 bit, of all answers in some datasets."""
        return {eg[INPUT_HASH] for name in datasets for eg in self.iter_dataset_examples(name)}

    def get_task_hashes(self, *datasets: str) -> set[int]:
        """Return the task hashes, signed 32 bit, of all answers in some datasets."""
        return {eg[TASK_HASH] for name in datasets for eg in self.iter_dataset_examples(name)}

    def count_dataset(self, dataset: str) -> int:
        """Return how many answers of a dataset stand."""
        return sum(self._store.answers.counts(self._find(dataset).id).values())

    def __contains__(self, dataset: object) -> bool:
        return isinstance(dataset, str) and self._store.admin.find_dataset(dataset) is not None

    def __len__(self) -> int:
        return len(self._store.admin.datasets())

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _find(self, name: str) -> Dataset:
        found = self._store.admin.find_dataset(name)
        if found is None:
            names = ", ".join(self.datasets) or "none yet"
            raise UsageError(f"there is no dataset {name!r}", hint=f"There are: {names}")
        return found


def _content(stored: StoredAnswer) -> dict[str, Any]:
    content = loads_strict(stored.record.content)
    content["answer"] = stored.record.answer
    content[INPUT_HASH] = stored.record.identity.input_hash
    content[TASK_HASH] = stored.record.identity.task_hash
    return content
