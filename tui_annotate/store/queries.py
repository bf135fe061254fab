"""Answers side by side that are about the same input: what an export goes through."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

from tui_annotate.store.answer_rows import FROM_ALL, FROM_CURRENT, SELECT, stored_answer
from tui_annotate.store.connection import Connection
from tui_annotate.store.records import StoredAnswer

BATCH = 500
"""How many answers are read at a time."""


class GroupedAnswers:
    """Reads the answers of one or more datasets input by input."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ids(self, dataset_ids: Sequence[int], *, revisions: bool = False) -> array[int]:
        """Return the ids of answers, 8 bytes each: those about one input side by side.

        Inputs come in the order of their first answer, the answers of one in the order of their
        ids. Rows of `answers` never change, so what is read by these ids later is what stood at
        this moment, whatever annotators do meanwhile.

        Args:
            dataset_ids: Which datasets.
            revisions: Superseded answers and retractions too, instead of those that stand.
        """
        table, key = ("answers", "id") if revisions else ("current", "answer_id")
        places = ",".join("?" * len(dataset_ids))
        rows = self._connection.read(
            f"SELECT {key} FROM (SELECT {key}, min({key}) OVER (PARTITION BY input_key) AS first"  # noqa: S608
            f" FROM {table} WHERE dataset_id IN ({places})) AS numbered ORDER BY first, {key}",
            tuple(dataset_ids),
        )
        return array("q", (row[0] for row in rows))

    def read(self, ids: Sequence[int]) -> Iterator[StoredAnswer]:
        """Yield the answers with these ids, in the order given, in constant memory."""
        for at in range(0, len(ids), BATCH):
            batch = ids[at : at + BATCH]
            places = ",".join("?" * len(batch))
            rows = self._connection.read(
                f"{SELECT} {FROM_ALL} WHERE a.id IN ({places})", tuple(batch)
            )
            found = {row[0]: row for row in rows}
            yield from (stored_answer(found[each]) for each in batch)

    def on_input(self, dataset_ids: Sequence[int], input_key: bytes) -> list[StoredAnswer]:
        """Return the answers of datasets to one input that stand now, oldest first."""
        places = ",".join("?" * len(dataset_ids))
        rows = self._connection.read(
            f"{SELECT} {FROM_CURRENT} WHERE c.dataset_id IN ({places}) AND c.input_key = ?"
            " ORDER BY c.answer_id",
            (*dataset_ids, input_key),
        )
        return [stored_answer(row) for row in rows]

    def newest(self, dataset_ids: Sequence[int]) -> tuple[int, ...]:
        """Return the id of each dataset's newest answer or retraction, 0 for none: other ids where
        anything has been said, or taken back, since."""
        sql = "SELECT coalesce(max(id), 0) FROM answers WHERE dataset_id = ?"
        return tuple(int(self._connection.read(sql, (each,))[0][0]) for each in dataset_ids)

    def inputs(self, ids: Sequence[int]) -> Iterator[list[StoredAnswer]]:
        """Yield the answers with these ids, as `ids` gives them, one list for each input."""
        group: list[StoredAnswer] = []
        for stored in self.read(ids):
            if group and group[0].record.identity.input_key != stored.record.identity.input_key:
                yield group
                group = []
            group.append(stored)
        if group:
            yield group
