"""Sources that are no files: datasets of the store, and tables of SQLite files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextvars import ContextVar
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tui_annotate.data_paths import database_path, is_server_name
from tui_annotate.errors import UsageError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.base import Source
from tui_annotate.sources.text_field import Fields
from tui_annotate.task.schema import Decision, Task
from tui_annotate.whole_files import is_there

if TYPE_CHECKING:
    from tui_annotate.store.database_api import Database

_store: ContextVar[Path | None] = ContextVar("store", default=None)
_blind: list[tuple[UsageError, frozenset[str]]] = []
"""Why nobody here reads answers of others, and the known answers that they may see all the same;
empty where everybody may read them."""


class Origin(NamedTuple):
    """One kind of source that is no file.

    Attributes:
        prefix: What the source's name begins with, before the colon.
        form: How it is written.
        help: One line for people.
        open: Makes the source of what follows the colon; imports what it needs.
    """

    prefix: str
    form: str
    help: str
    open: Callable[[str, Fields], Source]


def _dataset(rest: str, fields: Fields) -> Source:
    check_answers_open(f"dataset:{rest}")
    source: Source = import_module("tui_annotate.stream.dataset_source").DatasetSource(
        store_path(), rest, fields
    )
    return source


def _sqlite(rest: str, fields: Fields) -> Source:
    file = Path(rest.partition("?")[0])
    store = store_path()
    if not is_server_name(store) and is_there(file) and is_there(store) and file.samefile(store):
        check_answers_open(f"sqlite:{rest}")
    source: Source = import_module("tui_annotate.stream.sqlite_source").open_table(rest, fields)
    return source


ORIGINS: dict[str, Origin] = {
    origin.prefix: origin
    for origin in (
        Origin(
            "dataset",
            "dataset:NAME or dataset:NAME:ANSWER",
            "the tasks of answers that stand in the store, as they were left",
            _dataset,
        ),
        Origin(
            "sqlite",
            "sqlite:FILE?table=NAME or sqlite:FILE?sql=SELECT...",
            "the rows of a table, or of a query; one column is the text, the others go to `meta`",
            _sqlite,
        ),
    )
}


def use_store(path: Path) -> None:
    """Say which store `dataset:` means from now on."""
    _store.set(path)


def store_path() -> Path:
    """Return the store that `dataset:` means now."""
    # A script may read a dataset outside any job, and a recipe's generator on another thread.
    return _store.get() or database_path()


def close_answers(why: UsageError, but: Collection[str] = ()) -> None:
    """Have this process refuse, from here on, tasks that show what others have answered.

    Args:
        why: What is raised then, but for the place.
        but: Datasets of known answers that may be shown to newcomers.
    """
    _blind[:] = [(why, frozenset(but))]


def check_answers_open(where: str, known_answers: str | None = None) -> None:
    """Refuse to show what others have answered, where annotators see their own answers only.

    Args:
        where: What would show it.
        known_answers: The dataset, where it would be shown as known answers to newcomers.

    Raises:
        UsageError: The project is blind, and this is not its lead.
    """
    for why, but in _blind:
        if known_answers not in but:
            raise UsageError(why.what, where=where, hint=why.hint)


def open_answers() -> Database:
    """Open the database, which is there, for reading what was answered in it."""
    # The engine is loaded for this only, so that the help of recipes stays quick.
    from tui_annotate.store.database_api import open_for_reading

    return open_for_reading(store_path())


def stored_answers(dataset: str, answer: Decision | None = None) -> Iterator[Task]:
    """Yield the answers that stand in a dataset, oldest first; none where there is no such one.

    Args:
        dataset: Its name.
        answer: Only these: `accept`, `reject` or `ignore`.
    """
    if not is_there(store_path()):
        return
    with open_answers() as db:
        if dataset in db:
            yield from db.iter_dataset_examples(dataset, answer=answer)


def open_origin(name: str, fields: Fields) -> Source | None:
    """Open a source that is no file; None for everything else.

    Raises:
        SourceError: It cannot be opened.
    """
    prefix, colon, rest = name.partition(":")
    origin = ORIGINS.get(prefix) if colon and not rest.startswith("//") else None
    return None if origin is None else origin.open(rest, fields)
