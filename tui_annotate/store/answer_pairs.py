"""Which answers of the index for searches are to one question: how many of them two people have in
common and how many alike, and which ones somebody contradicts.

An answer that is replaced by one to the same task is out of the index. One that stands beside a
later one of the same session, as after a second pass or where other answers were brought along, is
in it: then the later one counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite3 import Connection

_SAME_QUESTION = "o.input = e.input AND o.question = e.question"
_NONE_IS_LATER = 2**62
_IS_LATEST = """NOT EXISTS (SELECT 1 FROM entries n WHERE n.input = {0}.input
    AND n.question = {0}.question AND n.session = {0}.session AND n.said IS NOT NULL
    AND n.id > {0}.id AND n.id < {1})"""

ALL_PAIRS = f"""
INSERT INTO pairs
    SELECT e.session, o.session, count(*), sum(e.said = o.said)
    FROM entries e JOIN entries o ON {_SAME_QUESTION} AND e.session < o.session
    WHERE e.said IS NOT NULL AND o.said IS NOT NULL
    AND {_IS_LATEST.format("e", _NONE_IS_LATER)} AND {_IS_LATEST.format("o", _NONE_IS_LATER)}
    GROUP BY 1, 2"""  # noqa: S608
"""Counts all pairs together, which costs less than one by one."""

_CONTRADICTED = f"""
INSERT INTO contradicted
    SELECT e.id FROM entries e JOIN sessions own ON own.id = e.session
    WHERE {{}} AND e.said IS NOT NULL AND EXISTS (
        SELECT 1 FROM entries o JOIN sessions other ON other.id = o.session
        WHERE {_SAME_QUESTION} AND o.said <> e.said AND other.annotator <> own.annotator)"""  # noqa: S608
"""Somebody may have several sessions, and change a mind from one to the next."""

ALL_CONTRADICTED = _CONTRADICTED.format("EXISTS (SELECT 1 FROM pairs)")

_OF_QUESTION = "e.input = ?1 AND e.question = ?2"
_NO_MORE_CONTRADICTED = f"""
DELETE FROM contradicted WHERE entry IN (SELECT e.id FROM entries e WHERE {_OF_QUESTION})"""  # noqa: S608
_COUNT_PAIR = """
INSERT INTO pairs VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET n = n + excluded.n, same = same + excluded.same"""
_PAIRS_OF = f"""
SELECT min(o.session, e.session), max(o.session, e.session), count(*), sum(o.said = e.said)
FROM entries e JOIN entries o ON {_SAME_QUESTION} AND o.session <> e.session
WHERE e.id = ?1 AND e.said IS NOT NULL AND o.said IS NOT NULL AND o.id < ?2
    AND {_IS_LATEST.format("o", "?2")} GROUP BY 1, 2"""  # noqa: S608
_LATEST_AND_EARLIER = f"""
SELECT max(o.id), max(CASE WHEN o.id < e.id THEN o.id END)
FROM entries e JOIN entries o ON {_SAME_QUESTION} AND o.session = e.session
WHERE e.id = ?1 AND o.said IS NOT NULL AND o.id < ?2"""  # noqa: S608
_DIFFERS = f"""
SELECT 1 FROM entries e JOIN entries o ON {_SAME_QUESTION} AND o.session <> e.session
WHERE e.id = ? AND o.said <> e.said LIMIT 1"""  # noqa: S608


class AnswerPairs:
    """Keeps the counts of pairs, and the list of contradicted answers, as answers come and go.

    Args:
        db: The database of the index.
    """

    def __init__(self, db: Connection) -> None:
        self._db = db

    def came(self, entry: int, input_key: bytes, question: bytes) -> None:
        """Take in an answer that has been added to a question; those with higher numbers have their
        turn yet."""
        self._count_entry(entry, 1, entry + 1)
        if self.is_contradicted(entry):
            self.note_contradicted(input_key, question)

    def goes(self, entry: int) -> None:
        """Take out an answer that is about to be removed."""
        self._count_entry(entry, -1, _NONE_IS_LATER)

    def is_contradicted(self, entry: int) -> bool:
        """Return whether another session has said something else to an answer's question."""
        return self._db.execute(_DIFFERS, (entry,)).fetchone() is not None

    def note_contradicted(self, input_key: bytes, question: bytes) -> None:
        """Note anew which answers to a question another annotator contradicts."""
        self._db.execute(_NO_MORE_CONTRADICTED, (input_key, question))
        self._db.execute(_CONTRADICTED.format(_OF_QUESTION), (input_key, question))

    def _count_entry(self, entry: int, sign: int, before: int) -> None:
        """Count an answer with others to its question, in the place of the one before it.

        Args:
            entry: The answer.
            sign: 1 where it comes, -1 where it goes.
            before: Only answers with lower numbers are there.
        """
        latest, earlier = self._db.execute(_LATEST_AND_EARLIER, (entry, before)).fetchone()
        if latest != entry:
            return  # it says nothing, or a later one counts
        if earlier is not None:
            self._count_pairs(earlier, -sign, before)
        self._count_pairs(entry, sign, before)

    def _count_pairs(self, entry: int, sign: int, before: int) -> None:
        rows = self._db.execute(_PAIRS_OF, (entry, before)).fetchall()
        given = [(one, other, sign * n, sign * same) for one, other, n, same in rows]
        self._db.executemany(_COUNT_PAIR, given)
