"""Datasets by their names, for scripts and recipes: what was annotated, and more answers beside it.

The calls and their names are those that recipes written for Prodigy use. A session is found under
its name wherever a dataset is, as there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from tui_annotate.errors import UsageError
from tui_annotate.store.answer_identity import By
from tui_annotate.store.database import open_store
from tui_annotate.store.records import Dataset, StoredAnswer, StoredSession
from tui_annotate.store.threaded_store import StoreHandle
from tui_annotate.task.hashing import Identity
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.schema import INPUT_HASH, TASK_HASH, Decision, Task
from tui_annotate.task.stored_tokens import loads_content

_RAISE = object()


class Database(StoreHandle):
    """Datasets by name; a context manager that closes the store.

    What writes is one transaction, and durable when it returns. In a session's callbacks it is
    allowed wherever no answer is being written: everywhere but in `session_factory`.

    Args:
        store: The open store.
        reopen: Opens the store anew, for `reconnect`.
    """

    db_id = "sqlite"

    @property
    def db_name(self) -> str:
        """The path of the database."""
        return str(self._store.path)

    # What there is

    @property
    def datasets(self) -> list[str]:
        """The names of all datasets, sorted."""
        return sorted(each.name for each in self._store.admin.datasets())

    @property
    def sessions(self) -> list[str]:
        """The names of the sessions of all datasets, sorted."""
        return sorted({name for each in self.datasets for name in self.get_dataset_sessions(each)})

    def get_dataset_sessions(self, name: str) -> list[str]:
        """Return the names of a dataset's sessions, sorted."""
        found = self._dataset(name)
        return sorted(each.name for each in self._store.admin.sessions(found.id))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (
            name in self._writing.planned or self._find(name) is not None
        )

    def __len__(self) -> int:
        return len(self._store.admin.datasets())

    # Reading

    def iter_dataset_examples(self, name: str, *, answer: Decision | None = None) -> Iterator[Task]:
        """Yield the answers that stand, oldest first, as dictionaries; in constant memory.

        Raises:
            UsageError: There is no such dataset, and no session of that name.
        """
        stored = self._answers(name)
        return (_content(each) for each in stored if answer in (None, each.record.answer))

    def get_dataset_examples(self, name: str, default: Any = _RAISE) -> Any:
        """Return the answers that stand, oldest first, as a list.

        Args:
            name: A dataset, or a session.
            default: Returned where there is none; without it that is a `UsageError`.
        """
        if default is not _RAISE and name not in self:
            return default
        return list(self.iter_dataset_examples(name))

    def get_dataset(self, name: str, default: Any = None, session: bool = False) -> Any:
        """Return the answers of a dataset, or a session, as a list.

        Where there is no such dataset, `default`: without one an empty list, because recipe files
        read the dataset that their answers will go to before its first answer.

        Args:
            name: Its name.
            default: Returned where there is none.
            session: Accepted without effect: a session is found by its name alone.
        """
        del session
        return self.get_dataset_examples(name, [] if default is None else default)

    def get_sessions_examples(self, session_ids: Iterable[str]) -> list[Task]:
        """Return the answers of some sessions, one session after the other."""
        return [task for name in session_ids for task in self.iter_dataset_examples(name)]

    def get_input_hashes(self, *datasets: str) -> set[int]:
        """Return the input hashes, signed 32 bit, of all answers in some datasets.

        A dataset that is not there (yet) has none.
        """
        return self.get_hashes(*datasets, kind="input")

    def get_task_hashes(self, *datasets: str) -> set[int]:
        """Return the task hashes, signed 32 bit, of all answers in some datasets.

        A dataset that is not there (yet) has none.
        """
        return self.get_hashes(*datasets, kind="task")

    def get_hashes(self, *datasets: str, kind: str = "task") -> set[int]:
        """Return the hashes, signed 32 bit, of all answers in some datasets.

        Args:
            datasets: Datasets or sessions; one that is not there has none.
            kind: `task` or `input`.

        Raises:
            UsageError: There is no such kind.
        """
        if kind not in ("task", "input"):
            raise UsageError(f"there is no kind of hash {kind!r}", hint="It is task or input")
        found: set[int] = set()
        for name in datasets:
            place = self._find(name)
            if place is not None:
                found |= self._store.lookup.hashes(place[0].id, kind, _session_id(place))
        return found

    def answered_by(self, dataset: str, identity: Identity, by: str = "task") -> set[str]:
        """Return the names of the sessions that have answered a task, or its input.

        Args:
            dataset: The dataset.
            identity: Who the task is.
            by: `task` or `input`.
        """
        place = self._dataset(dataset)
        known, here = self._store.answers.known, [place.id]
        rule: By = "input" if by == "input" else "task"
        sessions = self._store.admin.sessions(place.id)
        return {each.name for each in sessions if known(here, identity, rule, each.id)}

    def count_dataset(self, name: str, session: bool = False) -> int:
        """Return how many answers of a dataset stand; of a session, where `session` is true."""
        place = self._place(name, only_sessions=session)
        return sum(self._store.answers.counts(place[0].id, _session_id(place)).values())

    def get_examples(self, ids: Sequence[int] | int, by: str = "task_hash") -> list[Task]:
        """Return the answers, in all datasets, whose hash (or `id`) is one of `ids`.

        `by` is `task_hash`, `input_hash` or `id`.
        """
        return [_content(each) for each in self._writing.having(ids, by)]

    def get_meta(self, name: str) -> dict[str, Any] | None:
        """Return what `set_meta` kept, with the time `created`; None where there is no dataset."""
        place = self._find(name)
        if place is None:
            return None
        kept = self._store.lookup.meta(place[0].id)
        return {**(json.loads(kept) if kept else {}), "created": place[0].created_at}

    # Writing

    def set_meta(self, name: str, meta: Mapping[str, Any]) -> None:
        """Keep a dictionary beside a dataset."""
        found = self._dataset(name)
        with self._store.write_txn():
            self._store.lookup.set_meta(found.id, dumps(dict(meta)))

    def add_dataset(
        self, name: str, meta: Mapping[str, Any] | None = None, session: bool = False
    ) -> str:
        """Make a dataset, where there is none of this name yet; return the name.

        Args:
            name: Its name.
            meta: Kept beside it.
            session: It is the name of a session; the dataset is named by `add_examples`.
        """
        if session:
            self._writing.planned.add(name)
        else:
            self._writing.make(name)
            if meta:
                self.set_meta(name, meta)
        return name

    def add_examples(self, examples: Iterable[Task], datasets: Sequence[str] | str = ()) -> None:
        """Add answers to datasets; all of them or none. Nothing is merged with what is there.

        An example without `answer` is an accepted one, one without hashes gets them.

        Args:
            examples: Dictionaries.
            datasets: Names; missing datasets are made. One that was made with `session=True` names
                the session for the others; else each example's `_session_id` does.

        Raises:
            TaskError: One of them cannot be hashed or stored.
            UsageError: No dataset is named.
        """
        names = [datasets] if isinstance(datasets, str) else list(datasets)
        self._writing.add(list(examples), names, self._session_named)

    def link(
        self, example_ids: Iterable[int] | str, names: Iterable[int] | Sequence[str] | str
    ) -> None:
        """Add the answers with these ids to further datasets.

        Older recipe files name the dataset first: a text is never an id, so both orders are taken.
        """
        if isinstance(example_ids, str):
            example_ids, names = cast(Iterable[int], names), example_ids
        names = cast(Sequence[str] | str, names)
        found = self.get_examples(list(example_ids), by="id")
        self.add_examples(found, names)

    def unlink(self, name: str) -> None:
        """Take all answers out of a dataset, or a session's; the dataset stays."""
        self._writing.retract(list(self._answers(name)))

    def drop_examples(self, ids: Sequence[int] | int, by: str = "task_hash") -> None:
        """Take answers out of all datasets, by `task_hash`, `input_hash` or `id`.

        They count no longer, but stay in the history of revisions.
        """
        self._writing.retract(self._writing.having(ids, by))

    def drop_dataset(self, name: str, batch_size: int | None = None) -> None:
        """Delete a dataset, or a session, with all its answers; a missing one is nothing to do.

        Args:
            name: Which one.
            batch_size: Without effect: it is one transaction, whatever its size.
        """
        del batch_size
        place = self._find(name)
        if place is None:
            return
        with self._store.write_txn():
            if place[1] is not None:
                self._store.removal.session(place[1].id)
            else:
                self._store.removal.dataset(place[0].id)

    def save(self) -> None:
        """Do nothing: whatever was written is durable already."""

    # Names

    def _find(self, name: str) -> tuple[Dataset, StoredSession | None] | None:
        """Return the dataset of a name, else the dataset and session of a session's name."""
        found = self._store.admin.find_dataset(name)
        return (found, None) if found is not None else self._session_named(name)

    def _session_named(self, name: str) -> tuple[Dataset, StoredSession] | None:
        for dataset in self._store.admin.datasets():
            for session in self._store.admin.sessions(dataset.id):
                if session.name == name:
                    return dataset, session
        return None

    def _place(
        self, name: str, *, only_sessions: bool = False
    ) -> tuple[Dataset, StoredSession | None]:
        found = self._session_named(name) if only_sessions else self._find(name)
        if found is None:
            names = ", ".join(self.datasets) or "none yet"
            raise UsageError(f"there is no dataset {name!r}", hint=f"There are: {names}")
        return found

    def _dataset(self, name: str) -> Dataset:
        return self._place(name)[0]

    def _answers(self, name: str) -> Iterator[StoredAnswer]:
        place = self._place(name)
        return self._store.answers.current(
            place[0].id, session_id=_session_id(place), newest_first=False
        )


def open_for_reading(path: str | os.PathLike[str]) -> Database:
    """Open a database that is there, for reading only.

    Raises:
        StoreError: There is none, or it cannot be opened.
    """
    return Database(open_store(path, create=False, readonly=True))


def _session_id(place: tuple[Dataset, StoredSession | None]) -> int | None:
    return place[1].id if place[1] is not None else None


def _content(stored: StoredAnswer) -> dict[str, Any]:
    content = loads_content(stored.record.content)
    content["answer"] = stored.record.answer
    content[INPUT_HASH] = stored.record.identity.input_hash
    content[TASK_HASH] = stored.record.identity.task_hash
    return content
