"""An open store that scripts and recipes hold on to, on whatever thread they use it; and what
writes answers there by the names of datasets, and takes them back by their hashes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from threading import get_ident, local
from types import TracebackType
from typing import Any, Self

from tui_annotate.errors import TaskError, UsageError
from tui_annotate.store.database import Store, open_store
from tui_annotate.store.records import Dataset, NewAnswer, StoredAnswer, StoredSession
from tui_annotate.task.hash_body import HashSettings
from tui_annotate.task.hashing import Identity, identify
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.schema import (
    ANNOTATOR_ID,
    DECISIONS,
    FLAG,
    INPUT_HASH,
    SESSION_ID,
    TASK_HASH,
    TIMESTAMP,
    VIEW_ID,
    Task,
)

SCRIPT = "script"
"""The annotator of answers that do not say who gave them."""

_BY = ("task_hash", "input_hash", "id")


class Writing:
    """Writes to one store.

    Args:
        store: The open store.
        planned: Names of sessions that were announced and have no answers yet, where they are known
            elsewhere already.

    Attributes:
        planned: The same names.
    """

    def __init__(self, store: Store, planned: set[str] | None = None) -> None:
        self._store = store
        self.planned = set() if planned is None else planned

    def make(self, name: str) -> Dataset:
        """Return a dataset, made where it is missing."""
        found = self._store.admin.find_dataset(name)
        if found is not None:
            return found
        with self._store.write_txn():
            return self._store.admin.dataset(name)

    def add(
        self,
        examples: list[Task],
        names: list[str],
        session_named: Callable[[str], tuple[Dataset, StoredSession] | None],
    ) -> None:
        """Add answers to datasets, all in one transaction.

        Args:
            examples: Dictionaries.
            names: Datasets, and perhaps the name of a session.
            session_named: Finds a session by its name.
        """
        sessions = [
            each
            for each in names
            if not self._is(each) and (each in self.planned or session_named(each))
        ]
        datasets = [each for each in names if each not in sessions]
        session = sessions[0] if sessions else None
        if not datasets:
            found = session_named(session) if session is not None else None
            if found is None:
                raise UsageError("no dataset is named", where="add_examples")
            datasets = [found[0].name]
        with self._store.write_txn():
            for name in datasets:
                dataset = self._store.admin.dataset(name)
                records = [self._record(each, dataset, session) for each in examples]
                self._store.answers.import_(dataset.id, records)

    def having(self, ids: Iterable[int] | int, by: str) -> list[StoredAnswer]:
        """Return the current answers of all datasets with one of these hashes or ids.

        Raises:
            UsageError: Answers cannot be looked up by that.
        """
        if by not in _BY:
            raise UsageError(f"{by!r} names no hash", hint=f"It is one of {', '.join(_BY)}")
        wanted = {ids} if isinstance(ids, int) else set(ids)
        return [
            stored
            for dataset in self._store.admin.datasets()
            for stored in self._store.answers.iterate(dataset.id)
            if _value(stored, by) in wanted
        ]

    def retract(self, found: Sequence[StoredAnswer]) -> None:
        """Take answers back: they count no longer."""
        now = int(time.time())
        with self._store.write_txn():
            for stored in found:
                old = stored.record
                gone = old._replace(
                    kind="retraction", answer=None, supersedes=stored.id, answered_at=now
                )
                self._store.answers.record(gone)

    def _is(self, name: str) -> bool:
        return self._store.admin.find_dataset(name) is not None

    def _record(self, example: Task, dataset: Dataset, session: str | None) -> NewAnswer:
        task = dict(example)
        decision = task.pop("answer", None) or "accept"
        if decision not in DECISIONS:
            raise TaskError(
                f"its answer is {decision!r}", reason="bad-answer", hint="accept, reject or ignore"
            )
        identity = _identity(task, dataset.settings)
        annotator = _text(task.get(ANNOTATOR_ID)) or SCRIPT
        name = session or _text(task.get(SESSION_ID)) or f"{dataset.name}-{annotator}"
        if annotator == SCRIPT:
            annotator = name.removeprefix(f"{dataset.name}-") or SCRIPT
        stored = self._store.admin.session(dataset.id, name, annotator)
        at = task.get(TIMESTAMP)
        at = int(at) if isinstance(at, (int, float)) else int(time.time())
        view = _text(task.get(VIEW_ID))
        kept = {**task, "answer": decision, SESSION_ID: name, ANNOTATOR_ID: annotator}
        return NewAnswer(
            dataset_id=dataset.id,
            session_id=stored.id,
            identity=identity,
            content=dumps({**kept, TIMESTAMP: at}),
            answer=decision,
            view_id=view,
            answered_at=at,
            label=_text(task.get("label")) or None,
            flagged=task.get(FLAG) is True,
        )


def _identity(task: Task, settings: HashSettings) -> Identity:
    """Return who a task is; a hash that it carries, and that is its own, hides nothing."""
    bare = {key: value for key, value in task.items() if key not in (INPUT_HASH, TASK_HASH)}
    own, carried = identify(bare, settings), identify(task, settings)
    return own if own.task_hash == carried.task_hash else carried


def _value(stored: StoredAnswer, by: str) -> int:
    if by == "id":
        return stored.id
    identity = stored.record.identity
    return identity.task_hash if by == "task_hash" else identity.input_hash


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


class _Place:
    """A store, and what writes to it, on the thread that opened it."""

    def __init__(self, store: Store, planned: set[str] | None = None) -> None:
        self.store = store
        self.writing = Writing(store, planned)


class StoreHandle:
    """A store to hold on to; a context manager that closes it.

    A store belongs to one thread. Where the handle is used on another one, as in a recipe's stream,
    the file is opened once more for that thread.

    Args:
        store: The open store.
        reopen: Opens the store anew, for `reconnect`.
        owner: The thread that the store belongs to, where it is not this one.
    """

    def __init__(
        self, store: Store, reopen: Callable[[], Store] | None = None, owner: int | None = None
    ) -> None:
        self._own = _Place(store)
        self._thread = get_ident() if owner is None else owner
        self._others = local()
        self._reopen = reopen

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def close_other(self) -> None:
        """Close what was opened for this thread, where that is not the store's own."""
        if hasattr(self._others, "place"):
            self._others.place.store.close()
            del self._others.place

    def reconnect(self) -> None:
        """Open the store again after `close`; in a session, where it is open, do nothing."""
        if self._reopen is not None:
            self._store.close()
            self._own, self._thread = _Place(self._reopen()), get_ident()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def _store(self) -> Store:
        return self._here().store

    @property
    def _writing(self) -> Writing:
        return self._here().writing

    def _here(self) -> _Place:
        if get_ident() == self._thread:
            return self._own
        if not hasattr(self._others, "place"):
            own = self._own.store
            store = open_store(own.path, create=False, readonly=own.readonly)
            self._others.place = _Place(store, self._own.writing.planned)
        found: _Place = self._others.place
        return found
