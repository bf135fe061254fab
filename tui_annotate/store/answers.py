"""Answers: recorded for ever, looked up by identity, listed newest first, read in any number; and
how one is written to the columns of its tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from tui_annotate.errors import WriteConflict
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.answer_identity import ANY, COUNT, By, rule_of
from tui_annotate.store.connection import (
    Connection,
    Parameters,
    SqlRow,
    columns,
    optional_text,
    text,
)
from tui_annotate.store.records import NewAnswer, StoredAnswer
from tui_annotate.store.tallies import Tallies, count_answer, session_scope
from tui_annotate.task.hashing import Identity
from tui_annotate.task.schema import DECISIONS, Decision
from tui_annotate.task.stored_tokens import content_as_stored

INSERT = """
INSERT INTO answers (id, dataset_id, session_id, cursor_id, row, pass, kind, supersedes, answer,
    view_id, label, flagged, comment, answered_at, elapsed_ms, reading_ms, seen, late,
    input_hash, task_hash, input_key, question_key, digest, content, provenance,
    guideline_id)
VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"""

INSERT_CURRENT = """
INSERT INTO current (answer_id, dataset_id, session_id, cursor_id, pass, answer,
    input_key, question_key, task_hash)
VALUES (?,?,?,?,?,?,?,?,?)"""

SELECT = """
SELECT a.id, a.dataset_id, a.session_id, a.cursor_id, a.row, a.pass, a.kind, a.supersedes,
    a.answer, a.view_id, a.label, a.flagged, a.comment, a.answered_at, a.elapsed_ms, a.late,
    a.input_hash, a.task_hash, a.input_key, a.question_key, a.digest, a.content,
    s.name, s.annotator, a.reading_ms, a.seen, a.provenance, a.guideline_id"""

FROM_CURRENT = """
FROM current c JOIN answers a ON a.id = c.answer_id JOIN sessions s ON s.id = a.session_id"""

FROM_ALL = "FROM answers a JOIN sessions s ON s.id = a.session_id"


def bind(id_: int, answer: NewAnswer) -> Parameters:
    """Return the values of `INSERT`."""
    return (
        id_,
        answer.dataset_id,
        answer.session_id,
        answer.cursor_id,
        answer.row,
        answer.pass_,
        answer.kind,
        answer.supersedes,
        answer.answer,
        text(answer.view_id),
        optional_text(answer.label),
        answer.flagged,
        optional_text(answer.comment),
        answer.answered_at,
        answer.elapsed_ms,
        answer.reading_ms,
        text(answer.seen),
        answer.late,
        *columns(answer.identity),
        answer.digest,
        content_as_stored(answer.content),
        optional_text(answer.provenance),
        answer.guideline_id,
    )


def bind_current(id_: int, answer: NewAnswer) -> Parameters:
    """Return the values of `INSERT_CURRENT`."""
    return (
        id_,
        answer.dataset_id,
        answer.session_id,
        answer.cursor_id,
        answer.pass_,
        answer.answer,
        answer.identity.input_key,
        answer.identity.question_key,
        answer.identity.task_hash,
    )


def stored_answer(row: SqlRow) -> StoredAnswer:
    """Read the columns of `SELECT`."""
    record = NewAnswer(
        dataset_id=row[1],
        session_id=row[2],
        cursor_id=row[3],
        row=row[4],
        pass_=row[5],
        kind=row[6],
        supersedes=row[7],
        answer=row[8],
        view_id=row[9],
        label=row[10],
        flagged=bool(row[11]),
        comment=row[12],
        answered_at=row[13],
        elapsed_ms=row[14],
        reading_ms=row[24],
        seen=row[25],
        late=bool(row[15]),
        identity=Identity(row[16], row[17], row[18], row[19]),
        digest=row[20],
        content=row[21],
        provenance=row[26],
        guideline_id=row[27],
    )
    return StoredAnswer(row[0], record, row[22], row[23])


BATCH = 500
"""How many rows are written or read at a time."""

NEWEST_ID = "SELECT coalesce(max(id), 0) FROM answers"


class AnswerRows(NamedTuple):
    """Which rows are read.

    Attributes:
        source: The tables, as SQL.
        key: The column with the number of an answer, by which they are in order.
        of_dataset: The condition that they are of one dataset.
    """

    source: str
    key: str
    of_dataset: str


CURRENT = AnswerRows(FROM_CURRENT, "c.answer_id", "c.dataset_id = ?")
ALL = AnswerRows(FROM_ALL, "a.id", "a.dataset_id = ?")
"""With those that are superseded, and retractions."""


def pages(
    connection: Connection,
    select: str,
    rows: AnswerRows,
    where: str,
    parameters: Sequence[int],
    start: int | None,
    *,
    newest_first: bool = False,
) -> Iterator[Sequence[SqlRow]]:
    """Read by ranges of ids: no statement stays open, so no checkpoint waits for the reader.

    Args:
        connection: The store's.
        select: The columns, the first of which is the number of an answer.
        rows: Which rows.
        where: What they have to be besides.
        parameters: The values of `where`.
        start: Only those behind this number in the order; None for all.
        newest_first: From the newest back, and not from the oldest on.
    """
    sign, order = ("<", "DESC") if newest_first else (">", "ASC")
    at = start if start is not None else ((1 << 63) - 1 if newest_first else 0)
    sql = (
        f"{select} {rows.source} WHERE {where} AND {rows.key} {sign} ?"
        f" ORDER BY {rows.key} {order} LIMIT ?"
    )
    size = 20  # many readers want the first few only
    while page := connection.read(sql, (*parameters, at, size)):
        yield page
        at, size = page[-1][0], BATCH


class Answers:
    """The answers of one store. What writes is called inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tallies = Tallies(connection)

    def record(self, answer: NewAnswer) -> int:
        """Write one answer, or one retraction, and return its id.

        Raises:
            WriteConflict: What it supersedes has been superseded already.
        """
        return self._append([answer], self.last_id())

    def import_(self, dataset_id: int, answers: Iterable[NewAnswer]) -> int:
        """Write any number of answers to one dataset and return how many they were.

        Raises:
            ValueError: One of them names another dataset.
            WriteConflict: One of them supersedes what has been superseded already.
        """
        iterator = iter(answers)
        last = first = self.last_id()
        while batch := list(islice(iterator, BATCH)):
            if any(answer.dataset_id != dataset_id for answer in batch):
                raise ValueError("an answer to be imported belongs to another dataset")
            last = self._append(batch, last)
        return last - first

    def known(
        self,
        dataset_ids: Sequence[int],
        identity: Identity,
        by: By = "task",
        session_id: int | None = None,
        pass_: int | None = None,
        cursor_id: int | None = None,
    ) -> bool:
        """Return whether one of the datasets has a current answer to this task, or input.

        Args:
            dataset_ids: Where to look.
            identity: Who the task is.
            by: `task`: the same question; `input`: any question about the same input.
            session_id: Look at this session's answers only.
            pass_: Look at the answers of this pass only.
            cursor_id: Look at the answers to tasks of this cursor only.
        """
        whose = (dataset_ids, identity, session_id, pass_, cursor_id)
        return self._look_up(ANY[rule_of(identity, by)], *whose) > 0

    def known_count(
        self,
        dataset_ids: Sequence[int],
        identity: Identity,
        by: By = "task",
        session_id: int | None = None,
        pass_: int | None = None,
    ) -> int:
        """Return how many current answers `known` would find; in one pass, where it is given."""
        sql = COUNT[rule_of(identity, by)]
        return self._look_up(sql, dataset_ids, identity, session_id, pass_)

    def _look_up(
        self,
        sql: str,
        dataset_ids: Sequence[int],
        identity: Identity,
        session_id: int | None,
        pass_: int | None = None,
        cursor_id: int | None = None,
    ) -> int:
        who = (identity.input_key, identity.question_key, identity.task_hash)
        where = (session_id, pass_, cursor_id)
        found = (self._connection.read(sql, (each, *who, *where)) for each in dataset_ids)
        return sum(int(rows[0][0]) for rows in found)

    def get(self, answer_id: int) -> StoredAnswer | None:
        """Return one row of `answers`, current or not."""
        row = self._connection.first(f"{SELECT} {FROM_ALL} WHERE a.id = ?", (answer_id,))
        return stored_answer(row) if row else None

    def newest_of(self, answer_id: int) -> StoredAnswer | None:
        """Return the last of the answers that supersede one another from `answer_id` on."""
        row = self._connection.first(
            "WITH RECURSIVE chain(id) AS (VALUES (?) UNION ALL"
            " SELECT a.id FROM answers a JOIN chain ON a.supersedes = chain.id)"
            " SELECT max(id) FROM chain",
            (answer_id,),
        )
        return self.get(row[0]) if row else None

    def newest_on_input(
        self, identity: Identity, annotator: str, *, but: int | None = None
    ) -> StoredAnswer | None:
        """Return the newest current answer of an annotator to any question about an input.

        Args:
            identity: Who the input is; in whatever dataset it was asked.
            annotator: Whose answers.
            but: An answer that is passed over.
        """
        row = self._connection.first(
            "SELECT max(c.answer_id) FROM current c JOIN sessions s ON s.id = c.session_id"
            " WHERE c.dataset_id IN (SELECT id FROM datasets) AND c.input_key = ?"
            " AND s.annotator = ? AND c.answer_id IS NOT ?",
            (identity.input_key, annotator, but),
        )
        return self.get(row[0]) if row and row[0] is not None else None

    def current(
        self,
        dataset_id: int,
        *,
        session_id: int | None = None,
        newest_first: bool = True,
        before_id: int | None = None,
        limit: int | None = None,
    ) -> Iterator[StoredAnswer]:
        """Yield current answers in the order of their ids, in constant memory.

        Args:
            dataset_id: Which dataset.
            session_id: One session's only.
            newest_first: From the newest back, or from the oldest on.
            before_id: Only those before this one in that order: older ones, or with
                `newest_first=False` newer ones.
            limit: At most this many.
        """
        where, parameters = "c.dataset_id = ?", [dataset_id]
        if session_id is not None:
            # The plus sign keeps the engine from using the dataset's index where the session's
            # is the better one.
            where, parameters = "+c.dataset_id = ? AND c.session_id = ?", [dataset_id, session_id]
        found = self._stored(CURRENT, where, parameters, before_id, newest_first=newest_first)
        return islice(found, limit)

    def iterate(
        self,
        dataset_id: int,
        answer: Decision | None = None,
        *,
        revisions: bool = False,
        after_id: int | None = None,
    ) -> Iterator[StoredAnswer]:
        """Yield a dataset's current answers, oldest first, in constant memory.

        Args:
            dataset_id: Which dataset.
            answer: Only these decisions.
            revisions: Superseded ones and retractions too.
            after_id: Only those written after this one.
        """
        rows = ALL if revisions else CURRENT
        for stored in self._stored(rows, rows.of_dataset, [dataset_id], after_id):
            if answer is None or stored.record.answer == answer:
                yield stored

    def counts(self, dataset_id: int, session_id: int | None = None) -> dict[str, int]:
        """Return the number of current answers by decision: of a dataset, or of one session."""
        if session_id is not None:
            found = self._tallies.of(session_scope(session_id))
        else:
            rows = self._connection.read(
                "SELECT t.what, sum(t.n) FROM sessions s"
                " JOIN tallies t ON t.scope = 'session:' || s.id"
                " WHERE s.dataset_id = ? GROUP BY t.what",
                (dataset_id,),
            )
            found = dict(rows)
        return {decision: found.get(decision, 0) for decision in DECISIONS}

    def nth(self, session_id: int, number: int) -> int | None:
        """Return the id of a session's n-th current answer, the oldest being the first."""
        row = self._connection.first(
            "SELECT answer_id FROM current WHERE session_id = ?"
            " ORDER BY answer_id LIMIT 1 OFFSET ?",
            (session_id, max(0, number - 1)),
        )
        return int(row[0]) if row and number > 0 else None

    def newer(self, session_id: int, answer_id: int) -> int:
        """Return how many of a session's current answers are newer than one."""
        sql = "SELECT count(*) FROM current WHERE session_id = ? AND answer_id > ?"
        return int(self._connection.read(sql, (session_id, answer_id))[0][0])

    def sources(self, answer_id: int) -> tuple[int, ...]:
        """Return the ids of the answers that a review settled; none for other answers."""
        sql = "SELECT source_id FROM reviewed WHERE answer_id = ? ORDER BY source_id"
        return tuple(row[0] for row in self._connection.read(sql, (answer_id,)))

    def of_others(self, session_id: int, record: NewAnswer) -> list[StoredAnswer]:
        """Return the current answers of other sessions to the question of an answer.

        Args:
            session_id: The session whose own are left out.
            record: The answer.
        """
        rows = self._connection.read(
            f"{SELECT} {FROM_CURRENT} WHERE c.dataset_id = ? AND c.input_key = ?"
            " AND c.task_hash = ? AND c.session_id <> ? ORDER BY c.answer_id",
            (record.dataset_id, record.identity.input_key, record.identity.task_hash, session_id),
        )
        return [stored_answer(row) for row in rows]

    def reviews(self, dataset_id: int, input_key: bytes) -> list[StoredAnswer]:
        """Return the current answers of a dataset to an input that settle others, oldest first."""
        rows = self._connection.read(
            f"{SELECT} {FROM_CURRENT} WHERE c.dataset_id = ? AND c.input_key = ?"  # noqa: S608
            " AND EXISTS (SELECT 1 FROM reviewed r WHERE r.answer_id = c.answer_id)"
            " ORDER BY c.answer_id",
            (dataset_id, input_key),
        )
        return [stored_answer(row) for row in rows]

    def _stored(
        self,
        rows: AnswerRows,
        where: str,
        parameters: Sequence[int],
        start: int | None,
        *,
        newest_first: bool = False,
    ) -> Iterator[StoredAnswer]:
        for page in pages(
            self._connection, SELECT, rows, where, parameters, start, newest_first=newest_first
        ):
            yield from map(stored_answer, page)

    def last_id(self) -> int:
        """Return the id of the last answer of all datasets, 0 for none; in a transaction."""
        self._connection.need_transaction()
        rows = self._connection.read(NEWEST_ID)
        return int(rows[0][0])

    def _append(self, batch: Sequence[NewAnswer], last: int) -> int:
        """Write `batch` after the row `last`; return the last id. The one way into `answers`."""
        changes: Counter[tuple[str, str]] = Counter()
        numbered = list(enumerate(batch, last + 1))
        self._connection.write_many(INSERT, (bind(id_, answer) for id_, answer in numbered))
        reviewed = [(id_, source) for id_, new in numbered for source in new.sources]
        if reviewed:
            self._connection.write_many(
                "INSERT INTO reviewed (answer_id, source_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
                reviewed,
            )
        for answer in batch:
            if answer.supersedes is not None:
                self._retire(answer.supersedes, answer.dataset_id, changes)
        live = [(id_, answer) for id_, answer in numbered if answer.kind == "answer"]
        self._connection.write_many(INSERT_CURRENT, (bind_current(*each) for each in live))
        given = Counter((new.session_id, new.cursor_id, str(new.answer)) for _, new in live)
        for whose, n in given.items():
            count_answer(changes, *whose, n)
        self._tallies.add(changes)
        return last + len(batch)

    def _retire(self, answer_id: int, dataset_id: int, changes: Counter[tuple[str, str]]) -> None:
        """Take an answer out of the current ones.

        Raises:
            WriteConflict: It is not among them, or not of this dataset.
        """
        row = self._connection.first(
            "SELECT session_id, cursor_id, answer FROM current"
            " WHERE answer_id = ? AND dataset_id = ?",
            (answer_id, dataset_id),
        )
        if row is None:
            raise WriteConflict(
                f"answer {answer_id} is not a current one of this dataset",
                where=str(self._connection.path),
                hint="Look at it again before changing it",
            )
        self._connection.write("DELETE FROM current WHERE answer_id = ?", (answer_id,))
        count_answer(changes, row[0], row[1], row[2], -1)
