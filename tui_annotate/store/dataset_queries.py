"""Queries about datasets that commands make and an annotator at work does not; among them answers
to the same input side by side, which exports read.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

from tui_annotate.store.answers import (
    ALL,
    CURRENT,
    FROM_ALL,
    FROM_CURRENT,
    SELECT,
    pages,
    stored_answer,
)
from tui_annotate.store.connection import Connection
from tui_annotate.store.records import GivenAnswer, StoredAnswer
from tui_annotate.task.hashing import Identity
from tui_annotate.task.schema import DECISIONS

_SELECT_GIVEN = """
SELECT a.id, a.kind, a.supersedes, a.answer, a.view_id, a.flagged, a.answered_at, a.elapsed_ms,
    a.reading_ms, a.task_hash, a.input_key, a.question_key, a.content, a.provenance,
    a.guideline_id, s.name, s.annotator"""
"""The columns of a `GivenAnswer`: half of the time that all columns take."""


class DatasetQueries:
    """Queries about datasets that no session at work needs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def answer_of(self, dataset_id: int, session: str, identity: Identity) -> StoredAnswer | None:
        """Return the newest current answer that a session of a dataset has given to a task."""
        same = "c.question_key IS ?" if identity.question_key is not None else "? IS NULL"
        row = self._connection.first(
            f"{SELECT} {FROM_CURRENT} WHERE c.dataset_id = ? AND c.input_key = ?"
            f" AND (c.task_hash = ? OR {same}) AND s.name = ? ORDER BY c.answer_id DESC LIMIT 1",
            (
                dataset_id,
                identity.input_key,
                identity.task_hash,
                identity.question_key,
                session,
            ),
        )
        return stored_answer(row) if row else None

    def given(self, dataset_id: int, answer_id: int) -> GivenAnswer | None:
        """Return what searches need of one row; None where it is not there, or not of a dataset."""
        row = self._connection.first(
            f"{_SELECT_GIVEN} {FROM_ALL} WHERE a.id = ? AND a.dataset_id = ?",
            (answer_id, dataset_id),
        )
        return GivenAnswer._make(row) if row else None

    def given_after(self, dataset_id: int, after_id: int) -> Iterator[GivenAnswer]:
        """Yield what searches need of a dataset's rows that were written after one of them.

        After none (0) these are the current answers; later ones are all there are, with those that
        are superseded by now, and retractions.
        """
        rows = ALL if after_id else CURRENT
        for page in pages(
            self._connection, _SELECT_GIVEN, rows, rows.of_dataset, [dataset_id], after_id or None
        ):
            yield from map(GivenAnswer._make, page)

    def answers_of(self, annotator: str) -> int:
        """Return how many current answers an annotator has given, in all datasets."""
        row = self._connection.first(
            "SELECT coalesce(sum(t.n), 0) FROM sessions s JOIN tallies t"
            " ON t.scope = 'session:' || s.id WHERE s.annotator = ? AND t.what IN (?, ?, ?)",
            (annotator, *DECISIONS),
        )
        return int(row[0]) if row else 0

    def counts_by_session(self, dataset_id: int) -> dict[int, dict[str, int]]:
        """Return the current answers by decision for every session of a dataset."""
        rows = self._connection.read(
            "SELECT s.id, t.what, t.n FROM sessions s JOIN tallies t"
            " ON t.scope = 'session:' || s.id WHERE s.dataset_id = ?",
            (dataset_id,),
        )
        found: dict[int, dict[str, int]] = {}
        for session_id, what, n in rows:
            found.setdefault(session_id, {})[what] = n
        return found

    def counts_by_period(self, dataset_id: int, period: str) -> list[tuple[str, int, int]]:
        """Return period, current answers and unique inputs in it, oldest first.

        Args:
            dataset_id: Which dataset.
            period: `day`, `week`, `month` or `year`, in local time.
        """
        rows = self._connection.read(
            f"SELECT {self._connection.dialect.PERIODS[period]} AS period, count(*),"  # noqa: S608
            " count(DISTINCT c.input_key) FROM current c JOIN answers a ON a.id = c.answer_id"
            " WHERE c.dataset_id = ? GROUP BY period ORDER BY min(a.answered_at)",
            (dataset_id,),
        )
        return [(str(row[0]), int(row[1]), int(row[2])) for row in rows]

    def last_answer_at(self, dataset_id: int) -> int | None:
        """Return when the newest current answer of a dataset was given."""
        row = self._connection.first(
            "SELECT answered_at FROM answers WHERE id ="
            " (SELECT max(answer_id) FROM current WHERE dataset_id = ?)",
            (dataset_id,),
        )
        return int(row[0]) if row else None

    def answered_since(self, session_id: int, since: int) -> tuple[int, int | None]:
        """Return how many standing answers a session has given since then, and when the newest."""
        row = self._connection.first(
            "SELECT count(*), max(a.answered_at) FROM current c JOIN answers a ON a.id ="
            " c.answer_id WHERE c.session_id = ? AND a.answered_at >= ?",
            (session_id, since),
        )
        return (int(row[0]), row[1]) if row else (0, None)

    def hashes(self, dataset_id: int, kind: str, session_id: int | None = None) -> set[int]:
        """Return the distinct hashes, signed 32 bit, of a dataset's current answers.

        Args:
            dataset_id: Which dataset.
            kind: `input` or `task`.
            session_id: Of this session's answers only.
        """
        column = {"input": "a.input_hash", "task": "a.task_hash"}[kind]
        rows = self._connection.read(
            f"SELECT DISTINCT {column} {FROM_CURRENT} WHERE c.dataset_id = ?1"
            " AND (?2 IS NULL OR c.session_id = ?2)",
            (dataset_id, session_id),
        )
        return {int(row[0]) for row in rows}

    def has_passes(self, dataset_id: int) -> bool:
        """Return whether a dataset has current answers of a second pass."""
        sql = "SELECT 1 FROM current WHERE dataset_id = ? AND pass > 1 LIMIT 1"
        return bool(self._connection.read(sql, (dataset_id,)))

    def meta(self, dataset_id: int) -> str | None:
        """Return the JSON text that a script has kept beside a dataset."""
        sql = "SELECT meta FROM dataset_meta WHERE dataset_id = ?"
        row = self._connection.first(sql, (dataset_id,))
        return str(row[0]) if row else None

    def set_meta(self, dataset_id: int, meta: str) -> None:
        """Keep JSON text beside a dataset. Inside a transaction."""
        sql = (
            "INSERT INTO dataset_meta (dataset_id, meta) VALUES (?, ?)"
            " ON CONFLICT (dataset_id) DO UPDATE SET meta = excluded.meta"
        )
        self._connection.write(sql, (dataset_id, meta))


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
