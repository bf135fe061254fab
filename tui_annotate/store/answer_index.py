"""An index of what answers say, for searches: a file of its own in the cache folder.

It holds texts of a dataset's current answers, what they mark, and who gave them. It can be deleted
at any time and is then made anew. Nothing of it is in the store, so no search writes there.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from types import TracebackType

from tui_annotate.data_paths import cache_folder
from tui_annotate.errors import StoreUnavailable
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.engine import sqlite3

_VERSION = "1"
"""Of the tables below; an index of another version is made anew."""

_BUSY_SECONDS = 30.0

_TABLES = """
CREATE TABLE state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE entries (
    id INTEGER PRIMARY KEY, input BLOB NOT NULL, question BLOB NOT NULL, said BLOB,
    session TEXT NOT NULL, annotator TEXT NOT NULL, decision TEXT NOT NULL,
    flagged INTEGER NOT NULL, text TEXT NOT NULL);
CREATE INDEX entries_input ON entries (input);
CREATE INDEX entries_flagged ON entries (id) WHERE flagged;
CREATE TABLE labels (
    label TEXT NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (label, entry)) WITHOUT ROWID;
CREATE INDEX labels_entry ON labels (entry);
CREATE TABLE surfaces (
    surface TEXT NOT NULL, entry INTEGER NOT NULL, label TEXT NOT NULL, form TEXT NOT NULL);
CREATE INDEX surfaces_surface ON surfaces (surface, entry);
CREATE INDEX surfaces_entry ON surfaces (entry);
CREATE TABLE forms (
    surface TEXT NOT NULL, form TEXT NOT NULL, label TEXT NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (surface, form, label)) WITHOUT ROWID;
"""

_WORDS = """
CREATE VIRTUAL TABLE words USING fts5(
    text, content='entries', content_rowid='id', tokenize='unicode61 remove_diacritics 0')"""
# Texts come folded, so the engine need not take accents away.


_COUNT = """
INSERT INTO forms VALUES (?, ?, ?, ?)
ON CONFLICT (surface, form, label) DO UPDATE SET n = n + excluded.n"""


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
        session, annotator, decision, flagged: As the store has them.
        text: What is searched, folded, with blanks around each letter of scripts without any.
        labels: Labels of its spans, and classes that were chosen.
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
    text: str
    labels: frozenset[str]
    surfaces: tuple[Surface, ...]


class Wanted(NamedTuple):
    """What is looked for; every condition that is given has to hold.

    Attributes:
        text: As `IndexEntry.text` is made; empty for any.
        words: Whether `text` has a word or number at all; marks alone are looked for one by one.
        surface: A marked text, folded; None for any.
        labels, sessions, decisions: One of these; empty for any.
        flagged: Only flagged ones.
        disagree: Only those that another session contradicts.
    """

    text: str = ""
    words: bool = True
    surface: str | None = None
    labels: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    flagged: bool = False
    disagree: bool = False


def index_file(database: Path, dataset: str) -> Path:
    """Return where the index of a dataset lies; the file may not be there."""
    name = f"{os.path.realpath(database)}\0{dataset}".encode("utf-8", "surrogatepass")
    return cache_folder() / "find" / f"{blake2b(name, digest_size=16).hexdigest()}.db"


def forget_index(database: Path, dataset: str) -> bool:
    """Remove the index of a dataset and its journal.

    Returns:
        Whether there was one.

    Raises:
        OSError: It cannot be removed.
    """
    file = index_file(database, dataset)
    found = False
    for each in (file, *(Path(f"{file}{end}") for end in ("-journal", "-wal", "-shm"))):
        with suppress(FileNotFoundError):
            each.unlink()
            found = True
    return found


class AnswerIndex:
    """An open index. Make it, use it and close it on one thread.

    Attributes:
        has_words: Whether the engine has FTS5; without it every text is looked at.
        kept: Whether it is kept in a file; else it is made for this one search.
    """

    def __init__(self, database: Path, dataset: str) -> None:
        self._file = index_file(database, dataset)
        self.kept = _make_file(self._file)
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                raise self._failure(error) from error
            # It is no database, or a damaged one: whatever it held can be made anew.
            self.kept = self.kept and forget_index(database, dataset) and _make_file(self._file)
            self._open()

    def _open(self) -> None:
        name = str(self._file) if self.kept else ":memory:"
        self._db = sqlite3.connect(name, isolation_level=None, timeout=_BUSY_SECONDS)
        try:
            # Deleted texts are overwritten. What a crash of the machine costs is made anew.
            for pragma in ("secure_delete = ON", "synchronous = NORMAL", "trusted_schema = OFF"):
                self._db.execute(f"PRAGMA {pragma}")
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def _prepare(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        tables = {row[0] for row in self._db.execute("SELECT name FROM sqlite_master")}
        if "state" not in tables or self._state("version") != _VERSION:
            self._make_tables(tables)
            tables = {row[0] for row in self._db.execute("SELECT name FROM sqlite_master")}
        self.has_words = "words" in tables
        self._db.execute("COMMIT")

    def _make_tables(self, old: set[str]) -> None:
        for each in ("words", "state", "entries", "labels", "surfaces", "forms"):
            if each in old:
                self._db.execute(f"DROP TABLE {each}")
        for statement in filter(str.strip, _TABLES.split(";")):
            self._db.execute(statement)
        with suppress(sqlite3.OperationalError):  # an engine without FTS5
            self._db.execute(_WORDS)
        self._db.execute("INSERT INTO state VALUES ('version', ?)", (_VERSION,))

    def _state(self, name: str) -> object:
        row = self._db.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    @property
    def last(self) -> tuple[int, object]:
        """The number of the last row of `answers` that was looked at, and a digest of that row."""
        found = self._state("last")
        return (found if isinstance(found, int) else 0), self._state("digest")

    @property
    def is_empty(self) -> bool:
        """Whether no row was looked at yet."""
        return self.last[0] == 0

    def clear(self) -> None:
        """Forget everything: the rows that it was made from are not there any more."""
        with self._transaction():
            names = {row[0] for row in self._db.execute("SELECT name FROM sqlite_master")}
            self._make_tables(names)

    def add(
        self, entries: Sequence[IndexEntry], gone: Sequence[int], last: int, digest: bytes
    ) -> None:
        """Take in what some further rows of `answers` say, in one transaction.

        Args:
            entries: Answers that were given.
            gone: Numbers of answers that were superseded or taken back. Those of `entries` too.
            last: The number of the last row that was looked at.
            digest: Of that row.
        """
        with self._transaction():
            if self.last[0] >= last:
                return  # another search has done it meanwhile
            self._insert([each for each in entries if each.id not in set(gone)])
            for each in gone:
                self._remove(each)
            if gone:
                self._db.execute("DELETE FROM forms WHERE n = 0")
            values = (("last", last), ("digest", digest))
            self._db.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", values)

    def _insert(self, entries: Sequence[IndexEntry]) -> None:
        rows = [(*each[:9],) for each in entries]
        self._db.executemany("INSERT INTO entries VALUES (?,?,?,?,?,?,?,?,?)", rows)
        if self.has_words:
            texts = [(each.id, each.text) for each in entries]
            self._db.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", texts)
        labels = [(label, each.id) for each in entries for label in each.labels]
        self._db.executemany("INSERT INTO labels VALUES (?, ?)", labels)
        surfaces = [
            (found.folded, each.id, found.label, found.form)
            for each in entries
            for found in each.surfaces
        ]
        self._db.executemany("INSERT INTO surfaces VALUES (?, ?, ?, ?)", surfaces)
        counts = Counter((surface, form, label) for surface, _, label, form in surfaces)
        self._db.executemany(_COUNT, [(*each, n) for each, n in counts.items()])

    def _remove(self, entry: int) -> None:
        row = self._db.execute("SELECT text FROM entries WHERE id = ?", (entry,)).fetchone()
        if row is None:
            return
        if self.has_words:
            sql = "INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)"
            self._db.execute(sql, (entry, row[0]))
        sql = (
            "SELECT surface, form, label, -count(*) FROM surfaces WHERE entry = ? GROUP BY 1, 2, 3"
        )
        self._db.executemany(_COUNT, self._db.execute(sql, (entry,)).fetchall())
        self._db.execute("DELETE FROM surfaces WHERE entry = ?", (entry,))
        self._db.execute("DELETE FROM labels WHERE entry = ?", (entry,))
        self._db.execute("DELETE FROM entries WHERE id = ?", (entry,))

    def search(self, wanted: Wanted) -> Iterator[int]:
        """Yield the numbers of the answers that may be meant, newest first.

        Whether a text has what is looked for at the beginning of a word is for the caller to see.
        """
        source, conditions, values = "entries e", ["1"], list[object]()
        if wanted.text and self.has_words and wanted.words:
            source = "words w JOIN entries e ON e.id = w.rowid"
            conditions.append("words MATCH ?")
            values.append(_phrase(wanted.text))
        elif wanted.text:
            conditions.append("instr(e.text, ?) > 0")
            values.append(wanted.text)
        for sql, given in _conditions(wanted):
            conditions.append(sql)
            values += given
        order = "w.rowid" if source.startswith("words") else "e.id"
        sql = f"SELECT e.id FROM {source} WHERE {' AND '.join(conditions)} ORDER BY {order} DESC"  # noqa: S608
        for row in self._db.execute(sql, values):
            yield row[0]

    def labels(self) -> list[str]:
        """Return the labels that answers have, sorted."""
        return [row[0] for row in self._db.execute("SELECT DISTINCT label FROM labels ORDER BY 1")]

    def surface(self, folded: str) -> list[tuple[str, str, int]]:
        """Return form, label and count for one marked text, the most frequent first."""
        sql = "SELECT form, label, n FROM forms WHERE surface = ? ORDER BY n DESC, form, label"
        return [(row[0], row[1], row[2]) for row in self._db.execute(sql, (folded,))]

    def surfaces(self) -> Iterator[tuple[str, str, str, int]]:
        """Yield folded text, form, label and count of everything that is marked, by folded text."""
        sql = "SELECT surface, form, label, n FROM forms ORDER BY surface, n DESC, form, label"
        for row in self._db.execute(sql):
            yield row[0], row[1], row[2], row[3]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All that is written inside, or nothing of it."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise self._failure(error) from error
            raise

    def _failure(self, error: Exception) -> StoreUnavailable:
        return StoreUnavailable(
            f"the index for searches cannot be used ({error})",
            where=str(self._file),
            hint="Make room, or delete that file, and search again; the answers are not touched",
        )

    def close(self) -> None:
        """Close it."""
        self._db.close()

    def __enter__(self) -> AnswerIndex:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _conditions(wanted: Wanted) -> Iterator[tuple[str, Iterable[object]]]:
    if wanted.surface is not None:
        yield "e.id IN (SELECT entry FROM surfaces WHERE surface = ?)", (wanted.surface,)
    if wanted.labels:
        places = _places(wanted.labels)
        sql = f"e.id IN (SELECT entry FROM labels WHERE label IN ({places}))"  # noqa: S608
        if wanted.text:  # which finds few, or so many that the first of them are soon together
            sql = f"EXISTS (SELECT 1 FROM labels WHERE label IN ({places}) AND entry = e.id)"  # noqa: S608
        yield sql, wanted.labels
    for column, values in (("session", wanted.sessions), ("decision", wanted.decisions)):
        if values:
            yield f"e.{column} IN ({_places(values)})", values
    if wanted.flagged:
        yield "e.flagged", ()
    if wanted.disagree:
        yield (
            "e.said IS NOT NULL AND EXISTS (SELECT 1 FROM entries o WHERE o.input = e.input"
            " AND o.question = e.question AND o.session <> e.session AND o.said <> e.said)",
            (),
        )


def _places(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _phrase(text: str) -> str:
    """Return what FTS5 is asked for: these words one after another, the last one perhaps begun."""
    return '"' + text.replace('"', " ").replace("\0", " ") + '" *'


def _make_file(file: Path) -> bool:
    """Make an empty file that only its owner can read, before the engine opens it.

    Returns:
        Whether it is there; not where the cache folder cannot be written.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            found = os.lstat(file)
            if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid():
                file.unlink()
            elif stat.S_IMODE(found.st_mode) != 0o600:
                file.chmod(0o600)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        os.close(os.open(file, flags, 0o600))
    except OSError:
        return False
    return True
