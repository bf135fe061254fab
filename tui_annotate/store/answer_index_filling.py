"""The tables of the index for searches, and what takes answers into them and out of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.engine import sqlite3

if TYPE_CHECKING:
    from sqlite3 import Connection

VERSION = "2"
"""Of the tables below; an index of another version is made anew."""

QUARTER = 900
"""Seconds of the periods that answers are counted by; days of any place begin with one."""

_TABLES = """
CREATE TABLE state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY, session TEXT NOT NULL UNIQUE, annotator TEXT NOT NULL);
CREATE TABLE entries (
    id INTEGER PRIMARY KEY, input BLOB NOT NULL, question BLOB NOT NULL, said BLOB,
    session INTEGER NOT NULL, decision TEXT NOT NULL, flagged INTEGER NOT NULL,
    quarter INTEGER NOT NULL, working_ms INTEGER, reading_ms INTEGER, quick INTEGER NOT NULL);
CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE labels (
    label TEXT NOT NULL, entry INTEGER NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (label, entry)) WITHOUT ROWID;
CREATE TABLE forms (
    id INTEGER PRIMARY KEY, surface TEXT NOT NULL, form TEXT NOT NULL, label TEXT NOT NULL,
    n INTEGER NOT NULL, UNIQUE (surface, form, label));
CREATE TABLE surfaces (
    form INTEGER NOT NULL, entry INTEGER NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (form, entry)) WITHOUT ROWID;
CREATE TABLE periods (
    session INTEGER NOT NULL, quarter INTEGER NOT NULL, decision TEXT NOT NULL,
    n INTEGER NOT NULL, flagged INTEGER NOT NULL, timed INTEGER NOT NULL,
    working_ms INTEGER NOT NULL, read INTEGER NOT NULL, reading_ms INTEGER NOT NULL,
    quick INTEGER NOT NULL, PRIMARY KEY (session, quarter, decision)) WITHOUT ROWID;
CREATE TABLE label_counts (
    session INTEGER NOT NULL, label TEXT NOT NULL, n INTEGER NOT NULL, answers INTEGER NOT NULL,
    PRIMARY KEY (session, label)) WITHOUT ROWID;
CREATE TABLE pairs (
    one INTEGER NOT NULL, other INTEGER NOT NULL, n INTEGER NOT NULL, same INTEGER NOT NULL,
    PRIMARY KEY (one, other)) WITHOUT ROWID
"""

_LATER = """
CREATE INDEX entries_input ON entries (input);
CREATE INDEX entries_flagged ON entries (id) WHERE flagged;
CREATE INDEX labels_entry ON labels (entry);
CREATE INDEX surfaces_entry ON surfaces (entry);
INSERT INTO pairs
    SELECT a.session, b.session, count(*), sum(a.said = b.said)
    FROM entries a JOIN entries b
    ON a.input = b.input AND a.question = b.question AND a.session < b.session
    WHERE a.said IS NOT NULL AND b.said IS NOT NULL GROUP BY 1, 2;
INSERT INTO state VALUES ('complete', 1)
"""
"""What is made once all answers are in, because sorting once costs least."""

_WORDS = """
CREATE VIRTUAL TABLE words USING fts5(
    text, content='texts', content_rowid='id', tokenize='unicode61 remove_diacritics 0')"""
# Texts come folded, so the engine need not take accents away.

_MOST_FORMS = 200_000
"""Numbers of marked texts that are remembered while answers are taken in."""

_NAMES = frozenset(
    {"entries", "forms", "label_counts", "labels", "pairs", "periods", "sessions", "state",
     "surfaces", "texts", "words"}
)  # fmt: skip

_COUNT_FORM = """
INSERT INTO forms (surface, form, label, n) VALUES (?, ?, ?, ?)
ON CONFLICT (surface, form, label) DO UPDATE SET n = n + excluded.n RETURNING id"""
_COUNT_PERIOD = """
INSERT INTO periods VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET n = n + excluded.n, flagged = flagged + excluded.flagged,
    timed = timed + excluded.timed, working_ms = working_ms + excluded.working_ms,
    read = read + excluded.read, reading_ms = reading_ms + excluded.reading_ms,
    quick = quick + excluded.quick"""
_COUNT_LABEL = """
INSERT INTO label_counts VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET n = n + excluded.n, answers = answers + excluded.answers"""
_COUNT_PAIR = """
INSERT INTO pairs VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET n = n + excluded.n, same = same + excluded.same"""
_PAIRS_OF = """
SELECT min(o.session, e.session), max(o.session, e.session), count(*), sum(o.said = e.said)
FROM entries e JOIN entries o
ON o.input = e.input AND o.question = e.question AND o.session <> e.session
WHERE e.id = ? AND e.said IS NOT NULL AND o.said IS NOT NULL{} GROUP BY 1, 2"""


class Surface(NamedTuple):
    """What one span marks.

    Attributes:
        folded: The marked text as a search sees it.
        label: Its label; empty where it has none.
        form: The marked text as it stands.
    """

    folded: str
    label: str
    form: str


class IndexEntry(NamedTuple):
    """One current answer, as it is searched.

    Attributes:
        id: The number of the answer.
        input: The key of its input.
        question: What tells apart the questions about one input.
        said: A digest of what it says; None where it says nothing, as where it was ignored.
        session, annotator, decision, flagged, answered_at: As the store has them.
        working_ms: Milliseconds from the task's first frame to the decision, without pauses; None
            where nobody took the time.
        reading_ms: Milliseconds from the proof that the frame was seen to the decision; None
            where there is none.
        quick: Whether that was too little to read the text.
        text: What is searched, folded, with blanks around each letter of scripts without any.
        labels: Labels of its spans, and classes that were chosen -> how often.
        surfaces: What its spans mark.
    """

    id: int
    input: bytes
    question: bytes
    said: bytes | None
    session: str
    annotator: str
    decision: str
    flagged: bool
    answered_at: int
    working_ms: int | None
    reading_ms: int | None
    quick: bool
    text: str
    labels: Mapping[str, int]
    surfaces: tuple[Surface, ...]


_Period = tuple[int, int, str]


class _Row(NamedTuple):
    id: int
    input: bytes
    question: bytes
    said: bytes | None
    session: int
    decision: str
    flagged: int
    quarter: int
    working_ms: int | None
    reading_ms: int | None
    quick: int


def _count_period(periods: dict[_Period, list[int]], row: _Row, sign: int) -> None:
    values = (
        1, row.flagged, row.working_ms is not None, row.working_ms or 0,
        row.reading_ms is not None, row.reading_ms or 0, row.quick,
    )  # fmt: skip
    sums = periods.setdefault((row.session, row.quarter, row.decision), [0] * len(values))
    for at, value in enumerate(values):
        sums[at] += sign * value


class Filling:
    """Writes the tables; the caller has begun a transaction.

    Attributes:
        has_words: Whether the engine has FTS5.

    Args:
        db: The open index.
    """

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._ids: dict[str, int] = {}
        self._forms: dict[Surface, int] = {}
        self.has_words = "words" in self._tables()

    def _tables(self) -> set[str]:
        return {row[0] for row in self._db.execute("SELECT name FROM sqlite_master")}

    @property
    def is_current(self) -> bool:
        """Whether the tables are there and those of this version."""
        return "state" in self._tables() and self.state("version") == VERSION

    def state(self, name: str) -> object:
        """Return what was kept under a name; None where nothing was."""
        row = self._db.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def make_tables(self) -> None:
        """Make empty tables, in the place of those that are there."""
        for each in sorted(self._tables() & _NAMES, reverse=True):  # words before its texts
            self._db.execute(f"DROP TABLE {each}")
        for statement in filter(str.strip, _TABLES.split(";")):
            self._db.execute(statement)
        with suppress(sqlite3.OperationalError):  # an engine without FTS5
            self._db.execute(_WORDS)
        self._db.execute("INSERT INTO state VALUES ('version', ?)", (VERSION,))
        self._ids.clear()
        self._forms.clear()
        self.has_words = "words" in self._tables()

    @property
    def is_complete(self) -> bool:
        """Whether `complete` has been called."""
        return bool(self.state("complete"))

    def take(
        self, entries: Sequence[IndexEntry], gone: Sequence[int], last: int, digest: bytes
    ) -> None:
        """Take in what some further rows of `answers` say; see `AnswerIndex.add`."""
        superseded = set(gone)
        if superseded:
            self.complete()
        self._insert([each for each in entries if each.id not in superseded])
        for each in gone:
            self._remove(each)
        if gone:
            self._forms.clear()
            for table in ("forms", "periods", "label_counts", "pairs"):
                self._db.execute(f"DELETE FROM {table} WHERE n = 0")  # noqa: S608
        values = (("last", last), ("digest", digest))
        self._db.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", values)

    def complete(self) -> None:
        """Make what is made once all answers are in; later ones are added to it."""
        if not self.is_complete:
            for statement in filter(str.strip, _LATER.split(";")):
                self._db.execute(statement)

    def _session(self, name: str, annotator: str) -> int:
        found = self._ids.get(name)
        if found is None:
            self._db.execute(
                "INSERT OR IGNORE INTO sessions (session, annotator) VALUES (?, ?)",
                (name, annotator),
            )
            row = self._db.execute("SELECT id FROM sessions WHERE session = ?", (name,)).fetchone()
            found = self._ids[name] = int(row[0])
        return found

    def _insert(self, entries: Sequence[IndexEntry]) -> None:
        rows: list[_Row] = []
        periods: dict[_Period, list[int]] = {}
        labels: list[tuple[str, int, int]] = []
        counts: dict[tuple[int, str], tuple[int, int]] = {}
        for each in entries:
            session = self._session(each.session, each.annotator)
            row = _Row(
                each.id, each.input, each.question, each.said, session, each.decision,
                int(each.flagged), each.answered_at // QUARTER, each.working_ms, each.reading_ms,
                int(each.quick),
            )  # fmt: skip
            rows.append(row)
            _count_period(periods, row, 1)
            for label, n in each.labels.items():
                labels.append((label, each.id, n))
                spans, answers = counts.get((session, label), (0, 0))
                counts[session, label] = spans + n, answers + 1
        # The engine reads tuples twice as fast as what is derived from them.
        plain = [tuple(each) for each in rows]
        self._db.executemany("INSERT INTO entries VALUES (?,?,?,?,?,?,?,?,?,?,?)", plain)
        texts = [(each.id, each.text) for each in entries]
        self._db.executemany("INSERT INTO texts VALUES (?, ?)", texts)
        if self.has_words:
            self._db.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", texts)
        self._db.executemany("INSERT INTO labels VALUES (?, ?, ?)", labels)
        self._insert_surfaces(entries)
        self._add_periods(periods)
        self._db.executemany(_COUNT_LABEL, [(*key, *n) for key, n in counts.items()])
        if self.is_complete:
            for number in (
                each.id for each in rows
            ):  # those after it are counted with it when their turn comes
                self._count_pairs(number, 1, " AND o.id < e.id")

    def _insert_surfaces(self, entries: Sequence[IndexEntry]) -> None:
        counts = Counter(found for each in entries for found in each.surfaces)
        if len(self._forms) > _MOST_FORMS:
            self._forms.clear()
        known = []
        for surface, n in counts.items():
            number = self._forms.get(surface)
            if number is not None:
                known.append((n, number))
                continue
            given = (surface.folded, surface.form, surface.label, n)
            self._forms[surface] = self._db.execute(_COUNT_FORM, given).fetchone()[0]
        self._db.executemany("UPDATE forms SET n = n + ? WHERE id = ?", known)
        marked = Counter(
            (self._forms[found], each.id) for each in entries for found in each.surfaces
        )
        self._db.executemany(
            "INSERT INTO surfaces VALUES (?, ?, ?)", [(*key, n) for key, n in marked.items()]
        )

    def _add_periods(self, periods: Mapping[_Period, Sequence[int]]) -> None:
        self._db.executemany(_COUNT_PERIOD, [(*key, *values) for key, values in periods.items()])

    def _remove(self, entry: int) -> None:
        found = self._db.execute("SELECT * FROM entries WHERE id = ?", (entry,)).fetchone()
        if found is None:
            return
        row = _Row(*found)
        self._count_pairs(entry, -1)
        if self.has_words:
            sql = (
                "INSERT INTO words (words, rowid, text)"
                " SELECT 'delete', id, text FROM texts WHERE id = ?"
            )
            self._db.execute(sql, (entry,))
        self._db.execute(
            "UPDATE forms SET n = n - (SELECT s.n FROM surfaces s WHERE s.form = forms.id"
            " AND s.entry = ?) WHERE id IN (SELECT form FROM surfaces WHERE entry = ?)",
            (entry, entry),
        )
        sql = "SELECT ?, label, -n, -1 FROM labels WHERE entry = ?"
        labels = self._db.execute(sql, (row.session, entry)).fetchall()
        self._db.executemany(_COUNT_LABEL, labels)
        periods: dict[_Period, list[int]] = {}
        _count_period(periods, row, -1)
        self._add_periods(periods)
        for table, key in (("surfaces", "entry"), ("labels", "entry"), ("texts", "id"),
                           ("entries", "id")):  # fmt: skip
            self._db.execute(f"DELETE FROM {table} WHERE {key} = ?", (entry,))  # noqa: S608

    def _count_pairs(self, entry: int, sign: int, condition: str = "") -> None:
        rows = self._db.execute(_PAIRS_OF.format(condition), (entry,)).fetchall()
        given = [(one, other, sign * n, sign * same) for one, other, n, same in rows]
        self._db.executemany(_COUNT_PAIR, given)
