"""Datasets as the headless commands find them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tui_annotate.cli.places import database_path
from tui_annotate.errors import UsageError, nearest
from tui_annotate.store.database import Store, open_store
from tui_annotate.store.records import Dataset


@contextmanager
def existing_store() -> Iterator[Store]:
    """Open the user's database, which has to be there.

    Raises:
        StoreError: It cannot be opened.
    """
    with open_store(database_path(), create=False) as store:
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
        found = store.admin.find_dataset(name)
        if found is None:
            names = [each.name for each in store.admin.datasets()]
            raise UsageError(
                f"there is no dataset {name!r}",
                where=str(store.path),
                hint=nearest(name, names) if names else "It has no datasets yet",
            )
        yield store, found
