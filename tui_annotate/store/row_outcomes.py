"""Counts what became of the rows that a session has read."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.connection import Connection, Parameters, SqlRow
from tui_annotate.store.records import OF_ANOTHER_COHORT, OF_OTHERS, OWN_ANSWER
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


_GROUP = """
FROM cursors k JOIN sources src ON src.id = k.source_id JOIN jobs j ON j.id = k.job_id
    JOIN sessions s ON s.id = k.session_id"""
_OF_GROUP = "s.dataset_id = ?1 AND src.identity = ?2 AND j.recipe = ?3 AND k.pass = ?4"
_GROUP_ANSWERED = f"""
SELECT a.row AS row {_GROUP} JOIN answers a ON a.cursor_id = k.id
    JOIN current c ON c.answer_id = a.id WHERE {_OF_GROUP}"""
_ROWS_ANSWERED = f"""
SELECT DISTINCT row FROM ({_GROUP_ANSWERED} AND a.row BETWEEN ?5 AND ?6) AS answered
ORDER BY row"""  # noqa: S608
_FURTHEST = f"""
SELECT k.id, k.row {_GROUP} WHERE {_OF_GROUP} ORDER BY k.row DESC, k.id LIMIT 1"""
_IS_KNOWN = "reason IN ('same-task', 'same-input', 'answered') AND detail <> ''"
"""Rows that were dropped because the dataset has an answer to them. A row that is there twice has
the same reason, and nothing is said of where the answer stands."""
_NOBODYS = f"""
SELECT coalesce(sum(count), 0) FROM drops WHERE cursor_id = ? AND kind <> 'notice'
    AND NOT ({_IS_KNOWN}) AND detail NOT LIKE '%{OF_ANOTHER_COHORT}%'
    AND detail NOT LIKE '%{OF_OTHERS}%'"""  # noqa: S608
_KNOWN = f"""
SELECT d.first_row, d.last_row, d.count {_GROUP} JOIN drops d ON d.cursor_id = k.id
WHERE {_OF_GROUP} AND d.kind <> 'notice' AND {_IS_KNOWN}
ORDER BY d.first_row, d.last_row"""
_OWN = f"""
SELECT coalesce(sum(d.count), 0) {_GROUP} JOIN drops d ON d.cursor_id = k.id
WHERE {_OF_GROUP} AND s.name = ?5 AND d.kind <> 'notice' AND d.detail = ?6"""


class AskedRows(NamedTuple):
    """What there is to be asked of the sources of a dataset, by all people together.

    Attributes:
        rows: Rows that become tasks; a source that several people read counts once. None where a
            source was not counted, or there is none.
        answered: How many of them somebody has answered in such a job.
        known: How many others there was an answer to when they were met, as to imported ones.
    """

    rows: int | None
    answered: int
    known: int = 0


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

    def asked(self, dataset_id: int, accounts: Sequence[Account]) -> AskedRows:
        """Return how many rows the sources of these accounts ask, and how many are answered."""
        sources: dict[tuple[str, str, int], list[Account]] = defaultdict(list)
        for each in accounts:
            sources[each.path, each.recipe, each.pass_].append(each)
        rows, answered, known = 0, 0, 0
        for several in sources.values():
            counted = [each.rows for each in several if each.rows is not None]
            if not counted:
                return AskedRows(None, 0)
            done = several[0].answered
            if len(several) > 1:
                done = self.answered_rows(dataset_id, several[0])
            dropped, met = self._dropped(dataset_id, several)
            asked = max(0, max(counted) - dropped)
            rows += asked
            answered += min(asked, done)
            known += min(max(0, asked - done), met)
        return AskedRows(rows, answered, known) if rows else AskedRows(None, 0)

    def asked_of_session(self, dataset_id: int, accounts: Sequence[Account]) -> AskedRows:
        """Return how many rows the sources of a session's accounts ask of it, and how many it has
        answered, also before; what it was not asked is none of its rows."""
        rows, answered = 0, 0
        for each in accounts:
            if each.rows is None:
                return AskedRows(None, 0)
            whose = (*_group(dataset_id, each), each.session, OWN_ANSWER)
            own = int(self._connection.read(_OWN, whose)[0][0])
            rows += max(0, each.rows - sum(each.dropped.values()) + own)
            answered += each.answered + own
        return AskedRows(rows, answered) if rows else AskedRows(None, 0)

    def answered_rows(self, dataset_id: int, account: Account) -> int:
        """Return how many rows of an account's source anybody has answered, in recipe and pass."""
        sql = f"SELECT count(DISTINCT row) FROM ({_GROUP_ANSWERED}) AS answered"  # noqa: S608
        return int(self._connection.read(sql, _group(dataset_id, account))[0][0])

    def _dropped(self, dataset_id: int, accounts: Sequence[Account]) -> tuple[int, int]:
        """Return how many rows of a source became no task for anybody, and how many had an answer
        already that was not given in these accounts.

        Whoever has read furthest has met the most rows that are nobody's. What has an answer, only
        those met whom it is for. What one person is not asked because another one of these has
        answered it is dropped as well, for that one.
        """
        if not any(each.dropped for each in accounts):
            return 0, 0
        group = _group(dataset_id, accounts[0])
        cursor_id = self._connection.read(_FURTHEST, group)[0][0]
        nobodys = int(self._connection.read(_NOBODYS, (cursor_id,))[0][0])
        drops = self._connection.read(_KNOWN, group)
        if not drops:
            return nobodys, 0
        ends = drops[0][0], max(each[1] for each in drops)
        answered = [int(row) for (row,) in self._connection.read(_ROWS_ANSWERED, (*group, *ends))]
        return nobodys, _count_but(drops, answered)

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


def _group(dataset_id: int, account: Account) -> Parameters:
    return (dataset_id, account.path, account.recipe, account.pass_)


def _count_but(ranges: Iterable[SqlRow], answered: Sequence[int]) -> int:
    """Return how many rows some ranges have together, without those that are answered.

    Args:
        ranges: First row, last row, and how many rows of these, in the order of the first rows;
            they may overlap. Of two that do and that leave out rows, the one with more counts.
        answered: The numbers of answered rows, in order.
    """
    joined: list[list[int]] = []
    for first, last, count in ranges:
        before = joined[-1] if joined else None
        if before is None or first > before[1]:
            joined.append([first, last, count])
            continue
        are_whole = before[2] == before[1] - before[0] + 1 and count == last - first + 1
        before[1] = max(before[1], last)
        before[2] = before[1] - before[0] + 1 if are_whole else max(before[2], count)
    found = 0
    for first, last, count in joined:
        inside = bisect_right(answered, last) - bisect_left(answered, first)
        found += max(0, count - inside)
    return found
