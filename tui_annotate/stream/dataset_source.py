"""A dataset of the store as a source: annotate once more what was answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tui_annotate.errors import SourceError, TaskError
from tui_annotate.sources.base import START, BadRow, Fingerprint, Position, Row, SourceChange
from tui_annotate.sources.text_field import Fields
from tui_annotate.store.database import Store, open_store
from tui_annotate.store.records import Dataset
from tui_annotate.task.schema import (
    ANNOTATOR_ID,
    COMMENT,
    DECISIONS,
    FLAG,
    REASON,
    SESSION_ID,
    TIMESTAMP,
    VIEW_ID,
)
from tui_annotate.task.stored_tokens import loads_content

_GIVEN = ("answer", TIMESTAMP, ANNOTATOR_ID, SESSION_ID, VIEW_ID, FLAG, COMMENT, REASON)


class DatasetSource:
    """Reads the answers that stand, oldest first; positions are their ids.

    The hashes stay, so that an answer in the same dataset counts as one to the same task.

    Args:
        store: The database.
        wanted: `NAME` or `NAME:ANSWER`.
        fields: Which keys make the task.

    Raises:
        SourceError: There is no such dataset, or it has no answers.
        StoreError: The database cannot be opened.
    """

    seekable = True

    def __init__(self, store: Path, wanted: str, fields: Fields) -> None:
        self.name = f"dataset:{wanted}"
        self.identity = f"dataset:{store.absolute()}:{wanted}"
        self.fields = fields
        self._store = store
        name, _, answer = wanted.rpartition(":")
        self._answer = next((each for each in DECISIONS if name and answer == each), None)
        self._dataset_name = name if self._answer else wanted
        with self._open() as opened:
            if not sum(opened.answers.counts(self._dataset(opened).id).values()):
                raise SourceError("the dataset has no answers", where=self.name)

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield the tasks of the answers after the one that `start` names."""
        row = start.row
        with self._open() as store:
            dataset = self._dataset(store)
            found = store.answers.current(
                dataset.id, newest_first=False, before_id=start.offset or None
            )
            before = start
            for stored in found:
                if self._answer is not None and stored.record.answer != self._answer:
                    continue
                row += 1
                after = Position(row, row, stored.id)
                try:
                    task = loads_content(stored.record.content)
                    task = {key: value for key, value in task.items() if key not in _GIVEN}
                    yield Row(self.fields.apply(task), before, after)
                except TaskError as error:
                    yield BadRow(error.reason, error.what, before, after)
                before = after

    def fingerprint(self, at: Position) -> Fingerprint:
        """Return what to remember: which dataset, and how many answers it has."""
        with self._open() as store:
            dataset = self._dataset(store)
            mark = dataset.id.to_bytes(8, "big") + dataset.created_at.to_bytes(8, "big")
            count = sum(store.answers.counts(dataset.id).values())
        return Fingerprint(1, count, 0, mark, mark, at.offset)

    def compare(self, stored: Fingerprint) -> SourceChange:
        """Compare the dataset with what was remembered. Changed answers come as new ones."""
        if not stored.head:
            return SourceChange.UNKNOWN
        now = self.fingerprint(START)
        if now.head != stored.head:
            return SourceChange.CHANGED
        return SourceChange.SAME if now.size == stored.size else SourceChange.GROWN

    def size(self) -> int | None:
        """Return None: ids have gaps, so they say little about how much is to come."""
        return None

    def count(self) -> int | None:
        """Return how many answers there are."""
        with self._open() as store:
            counts = store.answers.counts(self._dataset(store).id)
        return sum(counts.values()) if self._answer is None else counts[self._answer]

    def _open(self) -> Store:
        return open_store(self._store, create=False, readonly=True)

    def _dataset(self, store: Store) -> Dataset:
        found = store.admin.find_dataset(self._dataset_name)
        if found is None:
            names = ", ".join(each.name for each in store.admin.datasets())
            hint = f"There are: {names}" if names else "The store has no datasets yet"
            raise SourceError(f"there is no dataset {self._dataset_name!r}", hint=hint)
        return found
