"""The account of every row: what became of those that a session has read."""

from __future__ import annotations

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.connection import Connection
from tui_annotate.store.tallies import DROP, Tallies, cursor_scope
from tui_annotate.waiting import about_rows

_CURSORS = """
SELECT c.id, src.name, src.identity, s.name, j.recipe, c.pass, c.row, c."offset", c.size, src.rows
FROM cursors c JOIN sources src ON src.id = c.source_id JOIN sessions s ON s.id = c.session_id
    JOIN jobs j ON j.id = c.job_id
WHERE s.dataset_id = ? ORDER BY c.id"""

# A row is told by its number and its input: after a source was edited a number may have two.
_ANSWERED = """
SELECT a.row AS row, a.input_key AS input_key FROM current c JOIN answers a ON a.id = c.answer_id
WHERE a.cursor_id = ?1 AND a.row IS NOT NULL"""
_WAITING = """
SELECT row, input_key FROM waiting WHERE cursor_id = ?1 AND row IS NOT NULL"""
_COUNTS = f"""
SELECT count(*), coalesce(sum(CASE WHEN row > ?2 THEN 1 ELSE 0 END), 0)
FROM ({_ANSWERED} UNION {_WAITING}) AS settled
UNION ALL SELECT count(*), 0 FROM (SELECT DISTINCT row, input_key FROM ({_WAITING}) AS each) AS rows
UNION ALL SELECT count(*), 0 FROM current WHERE cursor_id = ?1"""  # noqa: S608


class Account(NamedTuple):
    """What became of the rows of one source in one session, job and pass.

    `read` is the sum of `answered`, `waiting`, `in_hand` and of `dropped`, less `not_met`.

    Attributes:
        source, path: What people call the source, and its absolute path.
        session, recipe, pass_: Whose account it is.
        read: Rows read.
        answered, waiting: Rows all of whose tasks are answered; rows with a task that waits.
        in_hand: Rows read ahead or asked, and neither answered nor waiting.
        dropped: Rows that became no task, by reason.
        not_met: Rows that were settled when the source was read before, and were not met since it
            is read again from its start: they are gone, or still to come.
        tasks: Answers that stand.
        rows: Rows that the source has, None where they have not been counted.
        bytes_left: Bytes of the source behind what was read, None where that is unknown.
        rows_left: About how many rows these are, by the bytes of those that were read; None where
            that is unknown.
    """

    source: str
    path: str
    session: str
    recipe: str
    pass_: int
    read: int
    answered: int
    waiting: int
    in_hand: int
    dropped: dict[str, int]
    not_met: int
    tasks: int
    rows: int | None
    bytes_left: int | None
    rows_left: int | None


class Accounts:
    """Reads accounts; counting a million answers takes a second."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tallies = Tallies(connection)

    def of(self, dataset_id: int) -> list[Account]:
        """Return the accounts of a dataset, the oldest first."""
        found = self._connection.read(_CURSORS, (dataset_id,))
        return [self._account(*row) for row in found]

    def answered_rows(self, dataset_id: int, account: Account) -> int:
        """Return how many rows of an account's source anybody has answered, in recipe and pass."""
        found = self._connection.read(
            "SELECT count(DISTINCT a.row) FROM cursors k JOIN sources src ON src.id = k.source_id"
            " JOIN jobs j ON j.id = k.job_id JOIN sessions s ON s.id = k.session_id"
            " JOIN answers a ON a.cursor_id = k.id JOIN current c ON c.answer_id = a.id"
            " WHERE s.dataset_id = ? AND src.identity = ? AND j.recipe = ? AND k.pass = ?",
            (dataset_id, account.path, account.recipe, account.pass_),
        )
        return int(found[0][0])

    def _account(
        self,
        cursor_id: int,
        source: str,
        path: str,
        session: str,
        recipe: str,
        pass_: int,
        row: int,
        offset: int,
        size: int,
        rows: int | None,
    ) -> Account:
        counts = self._connection.read(_COUNTS, (cursor_id, row))
        (settled, beyond), (waiting, _), (tasks, _) = counts
        found = self._tallies.of(cursor_scope(cursor_id))
        dropped = {w.removeprefix(DROP): n for w, n in found.items() if w.startswith(DROP)}
        read = row + beyond if rows is None else min(row + beyond, max(rows, row))
        known = settled + sum(dropped.values())
        return Account(
            source=source,
            path=path,
            session=session,
            recipe=recipe,
            pass_=pass_,
            read=read,
            answered=settled - waiting,
            waiting=waiting,
            in_hand=max(0, read - known),
            dropped=dropped,
            not_met=max(0, known - read),
            tasks=tasks,
            rows=rows,
            bytes_left=max(0, size - offset) if size else None,
            rows_left=about_rows(size - offset, row, offset) if size else None,
        )
