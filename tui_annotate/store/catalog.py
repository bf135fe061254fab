"""Datasets, sessions, jobs and sources; statistics, integrity, copies."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tui_annotate.errors import ConfigError, StoreError, UsageError, nearest
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.answers import Answers
from tui_annotate.store.connection import Connection, SqlRow, text
from tui_annotate.store.records import (
    Dataset,
    StoredJob,
    StoredSession,
    StoredSource,
)
from tui_annotate.store.tallies import DROP, WAITING, Tallies, cursor_scope, dataset_scope
from tui_annotate.task.hash_body import HashSettings

_SOURCE = (
    "SELECT id, identity, name, rows, counted_size, counted_mtime_ns, digest_size, digest"
    " FROM sources"
)
_SESSION = "SELECT id, dataset_id, name, annotator, created_at FROM sessions"
_DATASET = "SELECT id, name, hash_settings, created_at FROM datasets"


class DatasetStats(NamedTuple):
    """What a dataset holds: current answers by decision, waiting tasks, drops by reason."""

    dataset: Dataset
    sessions: int
    answers: dict[str, int]
    waiting: int
    drops: dict[str, int]


class Catalog:
    """What exists in one store. What writes is called inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tallies = Tallies(connection)
        self._answers = Answers(connection)

    def dataset(self, name: str, settings: HashSettings | None = None) -> Dataset:
        """Return the dataset `name`, made where it is missing; that needs a transaction.

        Args:
            name: Its name.
            settings: The hash keys to be in force. None takes what the dataset has, or the
                defaults for a new one.

        Raises:
            ConfigError: The dataset has other hash keys.
            UsageError: The name of a new one is empty, or holds control characters.
        """
        found = self.find_dataset(name)
        if found is None:
            if not name.strip():
                raise UsageError("the dataset's name is empty", hint="Name one, such as my_set")
            if not name.isprintable():
                what = f"the dataset's name {name!r} holds control characters"
                raise UsageError(what, hint="Name one without, such as my_set")
            now, made = int(time.time()), settings or HashSettings()
            id_ = self._connection.insert(
                "INSERT INTO datasets (name, hash_settings, created_at) VALUES (?, ?, ?)",
                (text(name), _settings_to_json(made), now),
            )
            return Dataset(id_, text(name), made, now)
        if settings is not None and settings != found.settings:
            raise ConfigError(
                f"the dataset was made with other hash keys: {_difference(found, settings)}",
                where=name,
                hint="Use those keys, or another dataset name",
            )
        return found

    def find_dataset(self, name: str) -> Dataset | None:
        """Return the dataset `name`, if there is one."""
        row = self._connection.first(f"{_DATASET} WHERE name = ?", (text(name),))
        return _dataset(row) if row else None

    def dataset_named(self, name: str, where: str | None = None) -> Dataset:
        """Return the dataset `name`.

        Args:
            name: What it is called.
            where: What the message names as the place, such as the database's path.

        Raises:
            UsageError: There is no such dataset; the message has the nearest name.
        """
        found = self.find_dataset(name)
        if found is not None:
            return found
        known = self.datasets()
        # The dataset that a session was begun in, before those that it was merged into.
        for each in sorted(known, key=lambda each: not name.startswith(f"{each.name}-")):
            if any(session.name == name for session in self.sessions(each.id)):
                hint = f"Name {each.name}, and the session with --session if the command has it"
                what = f"{name!r} is a session, and only whole datasets can be named here"
                raise UsageError(what, where=where, hint=hint)
        raise no_dataset(name, (each.name for each in known), where)

    def datasets(self) -> list[Dataset]:
        """Return all datasets by name."""
        return [_dataset(row) for row in self._connection.read(f"{_DATASET} ORDER BY name")]

    def session(self, dataset_id: int, name: str, annotator: str) -> StoredSession:
        """Return the session `name` of a dataset, made where it is missing."""
        row = self._connection.first(
            f"{_SESSION} WHERE dataset_id = ? AND name = ?", (dataset_id, text(name))
        )
        if row:
            return StoredSession(*row)
        login = self._connection.dialect.own_name
        if login is not None and annotator != login:
            raise UsageError(
                f"the server lets {login} annotate under that name alone, not as {annotator!r}",
                where=str(self._connection.path),
                hint=f"Write `--as {login}`, or log in there as {annotator} (PGUSER)",
            )
        now = int(time.time())
        id_ = self._connection.insert(
            "INSERT INTO sessions (dataset_id, name, annotator, created_at) VALUES (?, ?, ?, ?)",
            (dataset_id, text(name), text(annotator), now),
        )
        return StoredSession(id_, dataset_id, text(name), text(annotator), now)

    def sessions(self, dataset_id: int) -> list[StoredSession]:
        """Return the sessions of a dataset, oldest first."""
        rows = self._connection.read(f"{_SESSION} WHERE dataset_id = ? ORDER BY id", (dataset_id,))
        return [StoredSession(*row) for row in rows]

    def sessions_of(self, annotator: str) -> list[StoredSession]:
        """Return the sessions of one person in all datasets, oldest first."""
        rows = self._connection.read(
            f"{_SESSION} WHERE annotator = ? ORDER BY id", (text(annotator),)
        )
        return [StoredSession(*row) for row in rows]

    def annotators(self) -> list[str]:
        """Return the names of all who have a session, sorted."""
        rows = self._connection.read("SELECT DISTINCT annotator FROM sessions ORDER BY annotator")
        return [str(row[0]) for row in rows]

    def job(self, digest: bytes, recipe: str, settings: str) -> StoredJob:
        """Return the job with this digest, made where it is missing."""
        row = self._connection.first(
            "SELECT id, digest, recipe, settings FROM jobs WHERE digest = ?", (digest,)
        )
        if row:
            return StoredJob(*row)
        id_ = self._connection.insert(
            "INSERT INTO jobs (digest, recipe, settings, created_at) VALUES (?, ?, ?, ?)",
            (digest, text(recipe), settings, int(time.time())),
        )
        return StoredJob(id_, digest, text(recipe), settings)

    def begun(self, dataset_id: int, recipe: str) -> list[tuple[str, int]]:
        """Return how a recipe was begun on a dataset, the newest first: the settings of the job,
        and when its session was made.

        Args:
            dataset_id: Which dataset.
            recipe: The recipe's name.
        """
        rows = self._connection.read(
            "SELECT j.settings, s.created_at FROM cursors c JOIN jobs j ON j.id = c.job_id"
            " JOIN sessions s ON s.id = c.session_id WHERE s.dataset_id = ? AND j.recipe = ?"
            " ORDER BY c.id DESC",
            (dataset_id, text(recipe)),
        )
        return [(str(row[0]), int(row[1])) for row in rows]

    def source(self, identity: str, name: str) -> StoredSource:
        """Return the source with this identity, made where it is missing."""
        found = self.find_source(identity)
        if found is not None:
            return found
        id_ = self._connection.insert(
            "INSERT INTO sources (identity, name, created_at) VALUES (?, ?, ?)",
            (text(identity), text(name), int(time.time())),
        )
        return StoredSource(id_, text(identity), text(name))

    def find_source(self, identity: str) -> StoredSource | None:
        """Return the source with this identity, if there is one."""
        row = self._connection.first(f"{_SOURCE} WHERE identity = ?", (text(identity),))
        return StoredSource(*row) if row else None

    def get_source(self, source_id: int) -> StoredSource | None:
        """Return a source by its id."""
        row = self._connection.first(f"{_SOURCE} WHERE id = ?", (source_id,))
        return StoredSource(*row) if row else None

    def set_source_rows(self, source_id: int, rows: int, size: int, mtime_ns: int) -> None:
        """Keep how many records a source had when its size and modification time were these."""
        self._connection.write(
            "UPDATE sources SET rows = ?, counted_size = ?, counted_mtime_ns = ? WHERE id = ?",
            (rows, size, mtime_ns, source_id),
        )

    def set_source_digest(self, source_id: int, size: int, digest: bytes) -> None:
        """Keep the digest of the first `size` bytes of a source."""
        self._connection.write(
            "UPDATE sources SET digest_size = ?, digest = ? WHERE id = ?", (size, digest, source_id)
        )

    def move_source(self, source_id: int, identity: str, name: str) -> None:
        """Give a source that was found elsewhere its new place.

        Raises:
            WriteConflict: The store knows another source there.
        """
        self._connection.write(
            "UPDATE sources SET identity = ?, name = ? WHERE id = ?",
            (text(identity), text(name), source_id),
        )

    def stats(self, dataset: Dataset, session: StoredSession | None = None) -> DatasetStats:
        """Return what a dataset holds, or one session of it, from the kept counts."""
        if session is not None:
            return self._session_stats(dataset, session)
        sessions = self._connection.read(
            "SELECT count(*) FROM sessions WHERE dataset_id = ?", (dataset.id,)
        )
        drops = self._connection.read(
            "SELECT t.what, sum(t.n) FROM sessions s JOIN cursors c ON c.session_id = s.id"
            " JOIN tallies t ON t.scope = 'cursor:' || c.id"
            " WHERE s.dataset_id = ? GROUP BY t.what HAVING sum(t.n) <> 0",
            (dataset.id,),
        )
        return DatasetStats(
            dataset=dataset,
            sessions=int(sessions[0][0]),
            answers=self._answers.counts(dataset.id),
            waiting=self._tallies.one(dataset_scope(dataset.id), WAITING),
            drops={what.removeprefix(DROP): int(n) for what, n in drops if what.startswith(DROP)},
        )

    def _session_stats(self, dataset: Dataset, session: StoredSession) -> DatasetStats:
        waiting = self._connection.read(
            "SELECT count(*) FROM waiting WHERE session_id = ?", (session.id,)
        )
        drops: Counter[str] = Counter()
        for (cursor_id,) in self._connection.read(
            "SELECT id FROM cursors WHERE session_id = ?", (session.id,)
        ):
            for what, n in self._tallies.of(cursor_scope(cursor_id)).items():
                if what.startswith(DROP):
                    drops[what.removeprefix(DROP)] += n
        return DatasetStats(
            dataset=dataset,
            sessions=1,
            answers=self._answers.counts(dataset.id, session.id),
            waiting=int(waiting[0][0]),
            drops=dict(drops),
        )

    def check(self, *, full: bool = False) -> list[str]:
        """Look for damage and return what was found, nothing in a sound database.

        Args:
            full: Compare every index with its table too (6 s for a million answers, not 0.9 s).
        """
        return self._connection.dialect.check(self._connection, full=full)

    def backup(self, target: str | os.PathLike[str]) -> Path:
        """Copy the database, which others may be writing, to a new file; return its path.

        Raises:
            StoreError: There is such a file, or it cannot be written.
        """
        given = Path(target).absolute()
        if os.path.islink(given):  # noqa: PTH114  a name that is too long is no link
            raise StoreError("it is a link", where=str(given), hint="Name a plain file")
        path = Path(os.path.realpath(given.parent), given.name)
        if os.path.lexists(path):
            raise StoreError("there is such a file already", where=str(path), hint="Name another")
        self._connection.dialect.copy_to(path)
        return path


def _dataset(row: SqlRow) -> Dataset:
    stored = json.loads(row[2])
    settings = HashSettings(
        tuple(stored["input_keys"]),
        tuple(stored["task_keys"]),
        tuple(stored["ignore"]),
        stored["scheme"],
    )
    return Dataset(row[0], row[1], settings, row[3])


def _settings_to_json(settings: HashSettings) -> str:
    return json.dumps(
        {
            "input_keys": settings.input_keys,
            "task_keys": settings.task_keys,
            "ignore": settings.ignore,
            "scheme": settings.scheme,
        }
    )


def _difference(dataset: Dataset, settings: HashSettings) -> str:
    """Return what differs, as `task_keys are spans,label, not spans`."""
    parts = []
    for name in ("input_keys", "task_keys", "ignore", "scheme"):
        has, wants = getattr(dataset.settings, name), getattr(settings, name)
        if has != wants:
            shown = [each if isinstance(each, str) else ",".join(each) for each in (has, wants)]
            parts.append(f"{name} {shown[0]}, not {shown[1]}")
    return "; ".join(parts)


def no_dataset(name: str, known: Iterable[str], where: str | None = None) -> UsageError:
    """Return the error that there is no dataset of a name, with the nearest of the known ones."""
    names = sorted(known)
    hint = nearest(name, names) if names else "It has no datasets yet"
    return UsageError(f"there is no dataset {name!r}", where=where, hint=hint)
