"""The tables of the index for searches, and what takes answers into them and out of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.answer_pairs import ALL_CONTRADICTED, ALL_PAIRS, AnswerPairs

if TYPE_CHECKING:
    from sqlite3 import Connection

VERSION = "6"
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
    quarter INTEGER NOT NULL, working_ms INTEGER, reading_ms INTEGER, quick INTEGER NOT NULL,
    guideline INTEGER);
CREATE TABLE guidelines (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE parts (id INTEGER PRIMARY KEY, first INTEGER NOT NULL);
CREATE TABLE labels (
    entry INTEGER NOT NULL, label TEXT NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (entry, label)) WITHOUT ROWID;
CREATE TABLE forms (
    id INTEGER PRIMARY KEY, surface TEXT NOT NULL, form TEXT NOT NULL, label TEXT NOT NULL,
    UNIQUE (surface, form, label));
CREATE TABLE form_counts (
    form INTEGER NOT NULL, session INTEGER NOT NULL, decision TEXT NOT NULL,
    flagged INTEGER NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (form, session, decision, flagged)) WITHOUT ROWID;
CREATE TABLE surfaces (
    entry INTEGER NOT NULL, form INTEGER NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (entry, form)) WITHOUT ROWID;
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
    PRIMARY KEY (one, other)) WITHOUT ROWID;
CREATE TABLE contradicted (entry INTEGER PRIMARY KEY)
"""

_LATER = f"""
CREATE INDEX entries_input ON entries (input);
CREATE INDEX entries_session ON entries (session, decision);
CREATE INDEX entries_flagged ON entries (id) WHERE flagged;
CREATE INDEX labels_label ON labels (label, entry);
CREATE INDEX surfaces_form ON surfaces (form, entry);
{ALL_PAIRS};
{ALL_CONTRADICTED};
INSERT INTO state VALUES ('complete', 1)
"""  # noqa: S608
"""What is made once all answers are in, because sorting once costs least."""

_WORDS = """
CREATE VIRTUAL TABLE {} USING fts5(
    text, content='texts', content_rowid='id', columnsize=0,
    tokenize='unicode61 remove_diacritics 0')"""
# Texts come folded, so the engine need not take accents away. Nothing is ranked, so it need not
# keep how long each text is.

_PART = 50_000
"""Texts of one table of words. The engine looks for a word's beginning in a whole table before it
gives the first text, so the newest texts are found at once only where tables are small."""

_AT_ONCE = (("hashsize", 64_000_000), ("automerge", 0), ("crisismerge", 64))
_BY_AND_BY = (("hashsize", 1_000_000), ("automerge", 4), ("crisismerge", 16))
"""How the engine keeps words while all answers come in, and how it does later (its defaults):
merging what will not grow any more costs half of the time."""

_MOST_FORMS = 200_000
"""Numbers of marked texts that are remembered while answers are taken in."""

_NOTE_FORM = """
INSERT INTO forms (surface, form, label) VALUES (?, ?, ?)
ON CONFLICT (surface, form, label) DO UPDATE SET label = label RETURNING id"""
_COUNT_FORM = """
INSERT INTO form_counts VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n"""
_FORGET_FORM = """
DELETE FROM forms
WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM form_counts c WHERE c.form = ?1)"""
_COUNT_PERIOD = """
INSERT INTO periods VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET n = n + excluded.n, flagged = flagged + excluded.flagged,
    timed = timed + excluded.timed, working_ms = working_ms + excluded.working_ms,
    read = read + excluded.read, reading_ms = reading_ms + excluded.reading_ms,
    quick = quick + excluded.quick"""
_COUNT_LABEL = """
INSERT INTO label_counts VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET n = n + excluded.n, answers = answers + excluded.answers"""
_COUNT_GUIDELINE = """
INSERT INTO guidelines VALUES (?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n"""


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
        guideline: The number of the version of the guidelines that was in force; None for none.
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
    guideline: int | None = None


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
    guideline: int | None


_COUNTED_BY = slice(4, 7)
"""Session, decision and flag of a row of `entries`, by which marked texts are counted."""


def _count_period(
    periods: dict[_Period, list[int]],
    period: _Period,
    sign: int,
    flagged: int,
    working_ms: int | None,
    reading_ms: int | None,
    quick: int,
) -> None:
    sums = periods.get(period)
    if sums is None:
        sums = periods[period] = [0] * 7
    # Written out, because it is done for each answer.
    sums[0] += sign
    if flagged:
        sums[1] += sign
    if working_ms is not None:
        sums[2] += sign
        sums[3] += sign * working_ms
    if reading_ms is not None:
        sums[4] += sign
        sums[5] += sign * reading_ms
    if quick:
        sums[6] += sign


class IndexTables:
    """Writes the tables; the caller has begun a transaction.

    Attributes:
        has_words: Whether the engine has FTS5.

    Args:
        db: The open index.
    """

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._pairs = AnswerPairs(db)
        self._ids: dict[str, int] = {}
        self._forms: dict[Surface, int] = {}
        self.has_words = self._has_fts5()

    def _has_fts5(self) -> bool:
        return "fts5" in {row[0] for row in self._db.execute("PRAGMA module_list")}

    def _tables(self, kind: str = "%") -> list[str]:
        sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE ?"
        return [row[0] for row in self._db.execute(sql, (f"CREATE {kind}",))]

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
        # Tables of words have some of their own, which go with them.
        for kind in ("VIRTUAL TABLE %", "TABLE %"):
            for each in self._tables(kind):
                self._db.execute(f'DROP TABLE "{each}"')
        for statement in filter(str.strip, _TABLES.split(";")):
            self._db.execute(statement)
        self._db.execute("INSERT INTO state VALUES ('version', ?)", (VERSION,))
        self.forget()

    def forget(self) -> None:
        """Forget the numbers of sessions and forms: they may be others now."""
        self._ids.clear()
        self._forms.clear()

    def word_tables(self) -> list[tuple[str, int]]:
        """Return the tables of words with the first number in each, the newest first; none where
        the engine has no FTS5."""
        rows = self._db.execute("SELECT id, first FROM parts ORDER BY id DESC")
        return [(f"words_{number}", first) for number, first in rows]

    def _word_table(self, first: int) -> str:
        """Return the table that takes the words of new texts, from the number `first` on."""
        tables = self.word_tables()
        if tables:
            name, begins = tables[0]
            sql = "SELECT count(*) FROM texts WHERE id >= ?"
            if self._db.execute(sql, (begins,)).fetchone()[0] < _PART:
                return name
        number = len(tables) + 1
        name = f"words_{number}"
        self._db.execute(_WORDS.format(name))
        self._db.execute("INSERT INTO parts VALUES (?, ?)", (number, first))
        if not self.is_complete:
            self._set_up(name, _AT_ONCE)
        return name

    def _set_up(self, table: str, values: Sequence[tuple[str, int]]) -> None:
        self._db.executemany(f"INSERT INTO {table} ({table}, rank) VALUES (?, ?)", values)  # noqa: S608

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
        rarer = {form for each in gone for form in self._remove(each)}
        if gone:
            self._forms.clear()
            for table in ("form_counts", "periods", "label_counts", "guidelines", "pairs"):
                self._db.execute(f"DELETE FROM {table} WHERE n = 0")  # noqa: S608
            self._db.executemany(_FORGET_FORM, [(form,) for form in rarer])
        values = (("last", last), ("digest", digest))
        self._db.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", values)

    def complete(self) -> None:
        """Make what is made once all answers are in; later ones are added to it."""
        if not self.is_complete:
            for statement in filter(str.strip, _LATER.split(";")):
                self._db.execute(statement)
            for name, _ in self.word_tables()[:1]:
                self._set_up(name, _BY_AND_BY)

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
        if not entries:
            return
        rows: list[tuple[object, ...]] = []
        texts: list[tuple[int, str]] = []
        periods: dict[_Period, list[int]] = {}
        labels: list[tuple[int, str, int]] = []
        counts: dict[tuple[int, str], list[int]] = {}
        guidelines: dict[int, int] = {}
        for each in entries:
            (number, input_key, question, said, name, annotator, decision, flagged, at, working,
             reading, quick, text, marks, _, guideline) = each  # fmt: skip
            session = self._ids.get(name) or self._session(name, annotator)
            quarter = at // QUARTER
            # The engine reads plain tuples twice as fast as what is derived from them.
            rows.append(
                (number, input_key, question, said, session, decision, flagged, quarter, working,
                 reading, quick, guideline)
            )  # fmt: skip
            texts.append((number, text))
            _count_period(
                periods, (session, quarter, decision), 1, flagged, working, reading, quick
            )
            if guideline is not None:
                guidelines[guideline] = guidelines.get(guideline, 0) + 1
            for label, n in marks.items():
                labels.append((number, label, n))
                sums = counts.get((session, label))
                if sums is None:
                    sums = counts[session, label] = [0, 0]
                sums[0] += n
                sums[1] += 1
        # Before the texts are there: by their number it tells whether a new table is begun.
        words = self._word_table(entries[0].id) if self.has_words else None
        self._db.executemany("INSERT INTO entries VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", rows)
        self._db.executemany("INSERT INTO texts VALUES (?, ?)", texts)
        if words is not None:
            sql = f"INSERT INTO {words} (rowid, text) VALUES (?, ?)"  # noqa: S608
            self._db.executemany(sql, texts)
        self._db.executemany("INSERT INTO labels VALUES (?, ?, ?)", labels)
        self._insert_surfaces(entries, rows)
        self._add_periods(periods)
        self._db.executemany(_COUNT_GUIDELINE, guidelines.items())
        self._db.executemany(_COUNT_LABEL, [(*key, *n) for key, n in counts.items()])
        # While the index is made from nothing, pairs are counted once at its end, all together.
        if self.is_complete:
            for each in entries:
                # Those after it are counted with it when their turn comes.
                self._pairs.came(each.id, each.input, each.question)

    def _insert_surfaces(
        self, entries: Sequence[IndexEntry], rows: Sequence[tuple[object, ...]]
    ) -> None:
        """Take in what is marked; `rows` are those of the entries in their table."""
        if len(self._forms) > _MOST_FORMS:
            self._forms.clear()
        counts: dict[tuple[object, ...], int] = {}
        marked: list[tuple[int, int, int]] = []
        for each, row in zip(entries, rows, strict=True):
            given: dict[int, int] = {}
            for surface in each.surfaces:
                form = self._forms.get(surface) or self._form(surface)
                given[form] = given.get(form, 0) + 1
            for form, n in given.items():
                marked.append((each.id, form, n))
                key = (form, *row[_COUNTED_BY])
                counts[key] = counts.get(key, 0) + n
        self._db.executemany(_COUNT_FORM, [(*key, n) for key, n in counts.items()])
        self._db.executemany("INSERT INTO surfaces VALUES (?, ?, ?)", marked)

    def _form(self, surface: Surface) -> int:
        """Return the number of something that is marked, which is noted if it is new."""
        given = (surface.folded, surface.form, surface.label)
        number = int(self._db.execute(_NOTE_FORM, given).fetchone()[0])
        self._forms[surface] = number
        return number

    def _add_periods(self, periods: Mapping[_Period, Sequence[int]]) -> None:
        self._db.executemany(_COUNT_PERIOD, [(*key, *values) for key, values in periods.items()])

    def _remove(self, entry: int) -> list[int]:
        """Take an answer out; return what was marked in it, by number."""
        found = self._db.execute("SELECT * FROM entries WHERE id = ?", (entry,)).fetchone()
        if found is None:
            return []
        row = _Row(*found)
        self._pairs.goes(entry)
        differs = self._pairs.is_contradicted(entry)
        for name, first in self.word_tables():
            if first <= entry:
                sql = (
                    f"INSERT INTO {name} ({name}, rowid, text)"  # noqa: S608
                    " SELECT 'delete', id, text FROM texts WHERE id = ?"
                )
                self._db.execute(sql, (entry,))
                break
        sql = "SELECT form, ?, ?, ?, -n FROM surfaces WHERE entry = ?"
        forms = self._db.execute(sql, (*found[_COUNTED_BY], entry)).fetchall()
        self._db.executemany(_COUNT_FORM, forms)
        sql = "SELECT ?, label, -n, -1 FROM labels WHERE entry = ?"
        labels = self._db.execute(sql, (row.session, entry)).fetchall()
        self._db.executemany(_COUNT_LABEL, labels)
        if row.guideline is not None:
            self._db.execute(_COUNT_GUIDELINE, (row.guideline, -1))
        periods: dict[_Period, list[int]] = {}
        _count_period(
            periods,
            (row.session, row.quarter, row.decision),
            -1,
            row.flagged,
            row.working_ms,
            row.reading_ms,
            row.quick,
        )
        self._add_periods(periods)
        for table, key in (("surfaces", "entry"), ("labels", "entry"), ("texts", "id"),
                           ("entries", "id")):  # fmt: skip
            self._db.execute(f"DELETE FROM {table} WHERE {key} = ?", (entry,))  # noqa: S608
        if differs:
            self._db.execute("DELETE FROM contradicted WHERE entry = ?", (entry,))
            self._pairs.note_contradicted(row.input, row.question)
        return [form[0] for form in forms]
