"""An index of what answers say, for searches: a file of its own in the cache folder.

It holds texts of a dataset's current answers, what they mark, and who gave them. It can be deleted
at any time and is then made anew. Nothing of it is in the store, so no search writes there.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from types import TracebackType

from tui_annotate.data_paths import cache_folder
from tui_annotate.errors import StoreUnavailable
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.answer_index_filling import QUARTER, IndexEntry, IndexTables
from tui_annotate.store.sqlite_binding import sqlite3

_BUSY_SECONDS = 30.0
_FEW, _FEW_OF = 1000, 50
"""Looking at so many answers, or at one of fifty, costs less than looking through all of them."""
_CACHE_KB = 64_000
"""What the engine may keep in memory, so that it writes no page of a batch twice."""


class PeriodCounts(NamedTuple):
    """The answers of one session and decision in a quarter of an hour.

    Attributes:
        session, annotator: Whose.
        begins: When the quarter begins, in seconds since 1970.
        decision: Which.
        n, flagged: How many, and how many of them are flagged.
        timed, working_ms: Of how many the time is known, and how much it is, without pauses.
        read, reading_ms: Of how many it is known when they were seen, and the time from then on.
        quick: How many were given faster than their text can be read.
    """

    session: str
    annotator: str
    begins: int
    decision: str
    n: int
    flagged: int
    timed: int
    working_ms: int
    read: int
    reading_ms: int
    quick: int


class IndexQuery(NamedTuple):
    """What is looked for; every condition that is given has to hold.

    Attributes:
        text: As `IndexEntry.text` is made; empty for any.
        words: Whether `text` has a word or number at all; marks alone are looked for one by one.
        surface: A marked text, folded; None for any.
        labels, sessions, decisions: One of these; empty for any.
        flagged: Only flagged ones.
        disagree: Only those that another annotator contradicts.
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
            # No database, a damaged one, or a full disk: whatever it held can be made anew, in
            # memory where it cannot be kept.
            try:
                self.kept = self.kept and forget_index(database, dataset) and _make_file(self._file)
                self._open()
            except (OSError, sqlite3.DatabaseError):
                self.kept = False
                self._open()

    def _open(self) -> None:
        name = str(self._file) if self.kept else ":memory:"
        self._db = sqlite3.connect(name, isolation_level=None, timeout=_BUSY_SECONDS)
        try:
            # Deleted texts are overwritten. What a crash of the machine costs is made anew.
            for pragma in (
                "secure_delete = ON",
                "synchronous = NORMAL",
                "trusted_schema = OFF",
                f"cache_size = -{_CACHE_KB}",
            ):
                self._db.execute(f"PRAGMA {pragma}")
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def _prepare(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        self._filling = IndexTables(self._db)
        self._version: object = None
        if not self._filling.is_current:
            self._filling.make_tables()
        self._db.execute("COMMIT")

    @property
    def has_words(self) -> bool:
        """Whether the engine has FTS5; without it every text is looked at."""
        return self._filling.has_words

    @property
    def last(self) -> tuple[int, object]:
        """The number of the last row of `answers` that was looked at, and a digest of that row."""
        found = self._filling.state("last")
        return (found if isinstance(found, int) else 0), self._filling.state("digest")

    @property
    def is_empty(self) -> bool:
        """Whether no row was looked at yet."""
        return self.last[0] == 0

    def clear(self) -> None:
        """Forget everything: the rows that it was made from are not there any more."""
        with self._transaction():
            self._filling.make_tables()

    def add(
        self,
        entries: Sequence[IndexEntry],
        gone: Sequence[int],
        last: int,
        digest: bytes,
        *,
        after: int,
    ) -> bool:
        """Take in what some further rows of `answers` say, in one transaction.

        Args:
            entries: Answers that were given.
            gone: Numbers of answers that were superseded or taken back. Those of `entries` too.
            last: The number of the last row that was looked at.
            digest: Of that row.
            after: The number of the last row that had been looked at before these.

        Returns:
            Whether that was so; else another search has taken in some of them meanwhile, and
            nothing was done.
        """
        with self._transaction():
            fits = self.last[0] == after
            if fits:
                self._filling.take(entries, gone, last, digest)
        return fits

    def complete(self) -> None:
        """Make what is made once all answers are in; later ones are added to it."""
        if not self._filling.is_complete:
            with self._transaction():
                self._filling.complete()

    def search(self, wanted: IndexQuery) -> Iterator[int]:
        """Yield the numbers of the answers that may be meant, newest first.

        Whether a text has what is looked for at the beginning of a word is for the caller to see.
        """
        conditions = list(_conditions(wanted))
        counts = [self._number_of(each.counting, each.counting_values) for each in conditions]
        if 0 in counts:
            return
        every = self._number_of(_EVERY)
        fewest = min(range(len(counts)), key=counts.__getitem__, default=None)
        few = max(_FEW, every // _FEW_OF)
        is_rare = fewest is not None and counts[fewest] <= few
        if fewest is not None and is_rare:
            # So few have this that each of them is looked at, and none of the others.
            rare = conditions[fewest]
            conditions[fewest] = rare._replace(test=f"e.id IN ({rare.among})")
        walks_words = not is_rare and bool(wanted.text) and wanted.words and self.has_words
        # By number, the newest first, as far as somebody reads: no index gives them in that order.
        rest = _joined([each.test for each in conditions])
        values = [value for each in conditions for value in each.values]
        if walks_words:
            values.insert(0, _phrase(wanted.text))
            for name, _ in self._filling.word_tables():
                sql = (
                    f"SELECT e.id FROM {name} w CROSS JOIN entries e ON e.id = w.rowid"  # noqa: S608
                    f" WHERE {name} MATCH ? AND {rest} ORDER BY w.rowid DESC"
                )
                yield from self._numbers(sql, values)
        elif wanted.text:
            sql = (
                "SELECT e.id FROM entries e NOT INDEXED JOIN texts t ON t.id = e.id"  # noqa: S608
                f" WHERE {rest} AND instr(t.text, ?) > 0 ORDER BY e.id DESC"
            )
            yield from self._numbers(sql, [*values, wanted.text])
        else:
            yield from self._numbers(
                f"SELECT e.id FROM entries e NOT INDEXED WHERE {rest} ORDER BY e.id DESC",  # noqa: S608
                values,
            )

    def _number_of(self, counting: str, values: Sequence[object] = ()) -> int:
        return int(self._db.execute(f"SELECT coalesce(({counting}), 0)", values).fetchone()[0])

    def _numbers(self, sql: str, values: Sequence[object]) -> Iterator[int]:
        for row in self._db.execute(sql, values):
            yield row[0]

    def labels(self) -> list[str]:
        """Return the labels that answers have, sorted."""
        sql = "SELECT DISTINCT label FROM label_counts ORDER BY 1"
        return [row[0] for row in self._db.execute(sql)]

    def surfaces(self, wanted: IndexQuery) -> Iterator[tuple[str, str, str, int]]:
        """Yield folded text, form, label and count of everything that is marked, by folded text.

        Args:
            wanted: Only what is marked in answers of these people and decisions, with this flag,
                or contradicted; and only this marked text. Labels and searched text do not count.
        """
        tests, values = _of_answers(wanted)
        if wanted.surface is not None:
            tests.append("f.surface = ?")
            values = (*values, wanted.surface)
        tables, count = "forms f JOIN form_counts e ON e.form = f.id", "sum(e.n)"
        if wanted.disagree:  # which marked texts are not counted by
            tables = (
                "contradicted c CROSS JOIN entries e ON e.id = c.entry"
                " CROSS JOIN surfaces s ON s.entry = e.id JOIN forms f ON f.id = s.form"
            )
            count = "sum(s.n)"
        sql = (
            f"SELECT f.surface, f.form, f.label, {count} FROM {tables}"  # noqa: S608
            f" WHERE {_joined(tests)} GROUP BY f.id"
        )
        for row in self._db.execute(f"{sql} ORDER BY 1, 4 DESC, 2, 3", values):
            yield row[0], row[1], row[2], row[3]

    def periods(self) -> Iterator[PeriodCounts]:
        """Yield the counts of answers by person, quarter of an hour and decision."""
        sql = (
            "SELECT s.session, s.annotator, p.* FROM periods p JOIN sessions s ON s.id = p.session"
        )
        for row in self._db.execute(sql):
            yield PeriodCounts(row[0], row[1], row[3] * QUARTER, *row[4:])

    def label_counts(self) -> list[tuple[str, str, int, int]]:
        """Return session, label, how often it was given, and in how many answers."""
        sql = (
            "SELECT s.session, c.label, c.n, c.answers FROM label_counts c"
            " JOIN sessions s ON s.id = c.session ORDER BY c.n DESC, c.label, s.session"
        )
        return [tuple(row) for row in self._db.execute(sql)]

    def guidelines(self) -> dict[int, int]:
        """Return how many answers were given under which version of the guidelines, by number."""
        return dict(self._db.execute("SELECT id, n FROM guidelines ORDER BY id").fetchall())

    def most_forms(self) -> int:
        """Return how many marked texts there may be at the most."""
        return int(self._db.execute("SELECT coalesce(max(id), 0) FROM forms").fetchone()[0])

    def pairs(self) -> list[tuple[str, str, int, int]]:
        """Return two annotators, how many questions both answered, and how many alike."""
        sql = (
            "SELECT min(a.annotator, b.annotator), max(a.annotator, b.annotator), sum(p.n),"
            " sum(p.same) FROM pairs p JOIN sessions a ON a.id = p.one"
            " JOIN sessions b ON b.id = p.other WHERE a.annotator <> b.annotator"
            " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
        )
        return [tuple(row) for row in self._db.execute(sql)]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All that is written inside, or nothing of it."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            version = self._db.execute("PRAGMA data_version").fetchone()
            if version != self._version:
                self._filling.forget()  # another search has written
                self._version = version
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            self._filling.forget()
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
        if isinstance(error, sqlite3.DatabaseError):
            raise self._failure(error) from error


class IndexCondition(NamedTuple):
    """One thing that answers have to be.

    Attributes:
        among: A query for the numbers of all of them.
        test: SQL that says of an entry `e` whether it is one.
        values: What both of these are given.
        counting: A query for about how many there are; 0 only where there is none.
        counting_values: What that is given.
    """

    among: str
    test: str
    values: tuple[object, ...]
    counting: str
    counting_values: tuple[object, ...]


def _conditions(wanted: IndexQuery) -> Iterator[IndexCondition]:
    """Yield what answers have to be, one thing each, so that the rarest can be looked up first."""
    if wanted.surface is not None:
        yield _of_surface(wanted, wanted.surface)
    elif wanted.labels:
        yield _of_labels(wanted)
    if wanted.sessions or wanted.decisions or wanted.flagged:
        yield _of_given(wanted)
    if wanted.disagree:
        yield IndexCondition(
            among="SELECT entry FROM contradicted",
            test="EXISTS (SELECT 1 FROM contradicted WHERE entry = e.id)",
            values=(),
            counting="SELECT count(*) FROM contradicted",
            counting_values=(),
        )


def _of_surface(wanted: IndexQuery, surface: str) -> IndexCondition:
    """Return that a text is marked, with one of the labels where they are named."""
    form, values = "f.surface = ?", (surface, *wanted.labels)
    if wanted.labels:  # that this text has, and no other in the same answer
        form += f" AND f.label IN ({_places(wanted.labels)})"
    # What is marked is counted by session, decision and flag, so that all of these count.
    tests, given = _of_answers(wanted)
    return IndexCondition(
        among=f"SELECT s.entry FROM forms f JOIN surfaces s ON s.form = f.id WHERE {form}",  # noqa: S608
        test="EXISTS (SELECT 1 FROM surfaces s JOIN forms f ON f.id = s.form"  # noqa: S608
        f" WHERE s.entry = e.id AND {form})",
        values=values,
        counting="SELECT sum(e.n) FROM forms f JOIN form_counts e ON e.form = f.id"  # noqa: S608
        f" WHERE {form} AND {_joined(tests)}",
        counting_values=(*values, *given),
    )


def _of_labels(wanted: IndexQuery) -> IndexCondition:
    """Return that something has one of the labels."""
    label = f"label IN ({_places(wanted.labels)})"
    # Labels are counted by session only: of fewer decisions there are at the most as many.
    tests, given = _of_answers(wanted._replace(decisions=(), flagged=False))
    return IndexCondition(
        among=f"SELECT entry FROM labels WHERE {label}",  # noqa: S608
        test=f"EXISTS (SELECT 1 FROM labels WHERE {label} AND entry = e.id)",  # noqa: S608
        values=wanted.labels,
        counting=f"SELECT sum(e.answers) FROM label_counts e WHERE {label} AND {_joined(tests)}",  # noqa: S608
        counting_values=(*wanted.labels, *given),
    )


def _of_given(wanted: IndexQuery) -> IndexCondition:
    """Return who gave an answer, what was decided, and that it is flagged."""
    tests, values = _of_answers(wanted)
    # A period counts its flagged answers in a column of their own, and has no flag itself.
    count = "SELECT sum(e.flagged) FROM periods e" if wanted.flagged else _EVERY
    of_period, given = _of_answers(wanted._replace(flagged=False))
    return IndexCondition(
        among=f"SELECT e.id FROM entries e WHERE {_joined(tests)}",  # noqa: S608
        test=_joined(tests),
        values=values,
        counting=f"{count} WHERE {_joined(of_period)}",
        counting_values=given,
    )


_EVERY = "SELECT sum(e.n) FROM periods e"
"""Counts all answers."""


def _of_answers(wanted: IndexQuery) -> tuple[list[str], tuple[object, ...]]:
    """Return what an answer has to be, whatever it says, and the values that these tests take."""
    tests: list[str] = []
    if wanted.sessions:
        sql = f"SELECT id FROM sessions WHERE session IN ({_places(wanted.sessions)})"  # noqa: S608
        tests.append(f"e.session IN ({sql})")
    if wanted.decisions:
        tests.append(f"e.decision IN ({_places(wanted.decisions)})")
    if wanted.flagged:
        tests.append("e.flagged")
    return tests, (*wanted.sessions, *wanted.decisions)


def _joined(tests: Sequence[str]) -> str:
    return " AND ".join(tests) or "1"


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
