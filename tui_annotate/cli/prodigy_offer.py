"""Offers, once, to bring along a dataset that Prodigy has under the name of a new one here."""

from __future__ import annotations

import sys
from pathlib import Path

from tui_annotate.cli.console import confirm, say
from tui_annotate.cli.db_in import copy_from_prodigy, tell, words
from tui_annotate.errors import TuiAnnotateError
from tui_annotate.exchange.import_sources import Options
from tui_annotate.exchange.importer import cut_short
from tui_annotate.exchange.prodigy_db import ProdigyDatabase
from tui_annotate.private_file import write_private
from tui_annotate.store.database import open_store
from tui_annotate.text.amounts import plural
from tui_annotate.text.safe import shell_command

_DECLINED = "not-from-prodigy"
"""File beside the database: names of datasets for which the offer was declined, one a line."""


def offer(name: str, store_path: Path, path: Path) -> None:
    """Ask whether to import the Prodigy dataset `name`, and do so after a yes.

    Nothing is asked where there is nobody to ask, no such dataset, one here already, or where it
    was declined before. One that is here in part, because copying it was cut short, is asked about.

    Args:
        name: The dataset of the job that is about to start.
        store_path: The database of the job.
        path: Prodigy's database.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return
    if _line(name) in _declined(store_path) or _is_here(name, store_path, words(path, name)):
        return
    count = _examples(path, name)
    if count:
        _ask(name, count, path, store_path)


def _ask(name: str, count: int, path: Path, store_path: Path) -> None:
    has = f"Prodigy has a dataset {name} with {plural(count, 'answer')} ({path})"
    if not confirm(f"{has}. Copy it here?"):
        _decline(_declined(store_path) | {_line(name)}, store_path)
        copy = shell_command(("tui-annotate", "db-in"), (name, str(path)))
        say(f"not copied; later it is: {copy or 'tui-annotate db-in DATASET FILE'}")
        return

    with ProdigyDatabase(path) as database:
        found = database.find(name)
    assert found is not None
    with open_store(store_path) as store:
        report, reading = copy_from_prodigy(store, path, found, name, Options())
    tell(f"{plural(report.added, 'answer')} copied", reading)


def _is_here(name: str, store_path: Path, what: str) -> bool:
    """Return whether the dataset is here as a whole; `what` is the import that may be cut short."""
    if not store_path.exists() or (name, what) in cut_short(store_path):
        return False
    with open_store(store_path, create=False) as store:
        return store.admin.find_dataset(name) is not None


def _examples(path: Path, name: str) -> int:
    """Return how many answers Prodigy has; none where its database cannot be read."""
    try:
        with ProdigyDatabase(path) as database:
            found = database.find(name)
            return found.examples if found else 0
    except TuiAnnotateError:
        return 0


def _file(store_path: Path) -> Path:
    return store_path.with_name(f"{store_path.name}.{_DECLINED}")


def forget_declined(name: str, store_path: Path) -> None:
    """Forget that the offer of a dataset was declined.

    Args:
        name: The dataset.
        store_path: The database.

    Raises:
        OSError: The file cannot be written.
    """
    names = _declined(store_path)
    if _line(name) in names:
        _decline(names - {_line(name)}, store_path)


def _decline(names: set[str], store_path: Path) -> None:
    lines = "".join(f"{each}\n" for each in sorted(names))
    write_private(_file(store_path), lines, beside=store_path)


def _line(name: str) -> str:
    """Return a dataset's name as a line: it may hold line breaks of any kind."""
    return " ".join(name.splitlines())


def _declined(store_path: Path) -> set[str]:
    try:
        return set(_file(store_path).read_text("utf-8").splitlines())
    except (OSError, ValueError):
        return set()
