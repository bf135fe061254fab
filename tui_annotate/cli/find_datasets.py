"""Opens the database of the user and finds in it the datasets that a command names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from tui_annotate.data_paths import database_path
from tui_annotate.errors import UsageError, nearest
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.database import Store, open_store
from tui_annotate.store.records import Dataset, StoredAnswer, StoredSession
from tui_annotate.task.schema import Decision
from tui_annotate.text.safe import safe_line


def _named_or_own(context: click.Context, _parameter: click.Parameter, value: str | None) -> str:
    if value is not None:
        return value
    project = getattr(context.find_root().command, "project", None)
    if project is None or not project.dataset:
        hint = "Only in the folder of a project it need not be named"
        raise UsageError("Missing argument 'DATASET'", where=context.info_name or "", hint=hint)
    return str(project.dataset)


dataset_argument = click.argument("dataset", required=False, callback=_named_or_own)
"""The argument DATASET. In the folder of a project it may be left out: then it is the project's."""


@contextmanager
def existing_store() -> Iterator[Store]:
    """Open the user's database, which has to be there.

    Raises:
        StoreError: It cannot be opened.
    """
    with open_store(database_path(), create=False) as store:
        if store.only_of is not None:
            what = f"the server shows {store.only_of} the own answers only"
            click.echo(safe_line(what), err=True)
        yield store


@contextmanager
def receiving_store(*, dry: bool = False) -> Iterator[Store]:
    """Open the user's database, made where it is missing; for a dry run an empty one in its place.

    Raises:
        StoreError: It cannot be opened.
    """
    path = database_path()
    with ExitStack() as held:
        if dry and not path.exists():
            path = Path(held.enter_context(TemporaryDirectory(prefix="tui-annotate-")), "dry.db")
        yield held.enter_context(open_store(path))


@contextmanager
def existing_dataset(name: str) -> Iterator[tuple[Store, Dataset]]:
    """Open the user's database and find a dataset in it.

    Raises:
        UsageError: There is no such dataset; the message has the nearest name.
        StoreError: The database cannot be opened.
    """
    with existing_store() as store:
        yield store, find_dataset(store, name)


def find_dataset(store: Store, name: str) -> Dataset:
    """Return the dataset of a name.

    Raises:
        UsageError: There is no such dataset; the message has the nearest name.
    """
    return store.admin.dataset_named(name, str(store.path))


@contextmanager
def existing_answers(name: str) -> Iterator[tuple[Store, AnswerSelection]]:
    """Open the user's database and find a dataset in it, or a session, as `drop` does.

    Raises:
        UsageError: There is neither; the message has the nearest name.
        StoreError: The database cannot be opened.
    """
    with existing_store() as store:
        yield store, find_answers(store, name)


def sessions_of(store: Store, answered: Iterable[AnswerSelection]) -> list[str]:
    """Return the sessions whose answers are taken; none if only whole datasets were named."""
    answered = list(answered)
    if all(each.session is None for each in answered):
        return []
    whole = [each.dataset for each in answered if each.session is None]
    names = [found.name for each in whole for found in store.admin.sessions(each.id)]
    return [*names, *(each.session.name for each in answered if each.session is not None)]


def find_answers(store: Store, name: str) -> AnswerSelection:
    """Return the dataset or else the session of a name.

    Raises:
        UsageError: There is neither; the message has the nearest name. Or several datasets have a
            session of this name.
    """
    datasets = store.admin.datasets()
    for each in datasets:
        if each.name == name:
            return AnswerSelection(each, None)
    sessions = [(each, found) for each in datasets for found in store.admin.sessions(each.id)]
    named = [AnswerSelection(each, found) for each, found in sessions if found.name == name]
    # What was merged elsewhere keeps the name of its session, which begins with its dataset's.
    named = [each for each in named if name.startswith(f"{each.dataset.name}-")] or named
    if len(named) == 1:
        return named[0]
    where = str(store.path)
    if named:
        of = ", ".join(each.dataset.name for each in named)
        raise UsageError(
            f"several datasets have a session {name!r} ({of})",
            where=where,
            hint="Name the dataset, and the session with --session where the command has it",
        )
    known = [*(each.name for each in datasets), *(found.name for _, found in sessions)]
    hint = nearest(name, known) if known else "It has no datasets yet"
    raise UsageError(f"there is no dataset or session {name!r}", where=where, hint=hint)


class AnswerSelection(NamedTuple):
    """Whose answers a command is about: those of a dataset, or of one of its sessions."""

    dataset: Dataset
    session: StoredSession | None

    @property
    def name(self) -> str:
        """The name of the session, or else of the dataset."""
        return self.dataset.name if self.session is None else self.session.name

    def has(self, stored: StoredAnswer) -> bool:
        """Whether an answer of the dataset is among those selected."""
        return self.session is None or stored.session == self.session.name

    def iterate(self, store: Store, answer: Decision | None = None) -> Iterator[StoredAnswer]:
        """Yield the answers that stand, oldest first."""
        for each in store.answers.iterate(self.dataset.id, answer=answer):
            if self.has(each):
                yield each
