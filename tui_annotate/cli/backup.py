"""`tui-annotate backup` and `restore`: copies of the database, and a copy put in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tui_annotate.cli.console import say, watched
from tui_annotate.cli.datasets import existing_store
from tui_annotate.cli.paths import database_path
from tui_annotate.data_paths import is_server_name
from tui_annotate.store.database import server_module
from tui_annotate.store.restore import restore


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False))
def command(file: str) -> None:
    """Copy the database to a new FILE, safely while annotators are at work.

    Never copy the database file itself with cp: a copy of a live database may be damaged.
    """
    with existing_store() as store, watched("copying the database"):
        path = store.admin.backup(file)
    say(f"copied to {path}")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def restore_command(file: Path) -> None:
    """Put a copy of the backup FILE in the place of the database.

    Both are checked, and the database before is set aside, with its journal: nothing is
    overwritten. All sessions must have been left.

    Never move or copy a backup over the database: the journal beside it belongs to the file before,
    and would be played back into the backup.

    A store on a PostgreSQL server takes a backup as long as it has no dataset: this is how a store
    moves there. `backup` writes a file again.
    """
    target: Any = database_path()
    if is_server_name(target):
        server_module(target)
        from tui_annotate.store.transfer import restore_to_server  # which needs psycopg

        say(f"copying {file} to {target}")
        with watched(f"copying {file.name}"):
            answers = restore_to_server(file, target)
        say(f"{target} has {answers:,} answers")
        return
    with watched(f"restoring {file.name}"):
        done = restore(file, target, tell=say, wait=lambda who: say(f"waiting for {who}"))
    if done.aside is not None:
        held = "which cannot be read as it is"
        if done.answers_before is not None:
            held = f"with {done.answers_before:,} answers"
        say(f"the database before, {held}, is {done.aside} now")
    for journal in done.journals:
        say(f"a journal that is not its own is {journal} now")
    say(f"{done.database} has {done.answers:,} answers")
