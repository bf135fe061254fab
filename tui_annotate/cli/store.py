"""`tui-annotate store`: the store itself, before anything is in it; `backup` and `restore`: copies
of the database, and a copy put in its place.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tui_annotate.cli.console import say, watched
from tui_annotate.cli.find_datasets import existing_store
from tui_annotate.data_paths import database_path, is_server_name
from tui_annotate.errors import UsageError
from tui_annotate.store.database import open_store, server_module
from tui_annotate.store.restore import restore
from tui_annotate.text.safe import safe_line


@click.group("store")
def command() -> None:
    """Make the store that TUI_ANNOTATE_DB or `db` names, or bring it up to date."""


@command.command("init")
def init() -> None:
    """Make the tables of a store on a PostgreSQL server, or bring them up to date.

    TUI_ANNOTATE_DB, or `db` in a file of settings, names the server as
    postgresql://USER@HOST/DATABASE. The database has to be there; the user has to be allowed to
    make tables in it. It can be called again at any time. A file needs no such step: the first job
    makes it.
    """
    path: Any = database_path()
    if is_server_name(path):
        made = server_module(path).initialise(path)
        done = f"made or brought up to date ({', '.join(made)})" if made else "up to date already"
        _say(f"{path}: the store is {done}")
        return
    with open_store(path) as store:
        _say(f"{store.path}: the store is up to date")


@command.command("roles")
@click.argument("annotators", nargs=-1, metavar="[ANNOTATOR]...")
@click.option("--lead", "leads", multiple=True, metavar="NAME", help="Let NAME lead (repeatable)")
@click.option("--apply", is_flag=True, help="Carry the SQL out instead of printing it")
def roles(annotators: tuple[str, ...], leads: tuple[str, ...], apply: bool) -> None:
    """Print the SQL for a lead and an annotator role of a store on a PostgreSQL server.

    Annotators read and write their own answers, drafts and comments alone, under the name that they
    log in to the server with; leads own the store and read everything. Each ANNOTATOR, and each
    lead that is named, is let in; a login that is missing is made, without a password. It can be
    called again at any time, and is called again after an update.
    """
    path: Any = database_path()
    if not is_server_name(path):
        raise UsageError(
            "a store in a file has no roles",
            where=str(path),
            hint="Name a server as TUI_ANNOTATE_DB; docs/team.md says what protects a file",
        )
    server_module(path)
    from tui_annotate.store.dialect.roles import set_up  # which needs psycopg

    sql = set_up(path, annotators, leads, apply=apply)
    if not apply:
        click.echo(sql, nl=False)
        return
    _say(f"{path}: the store has its roles")
    for name in annotators:
        _say(f"{name} may annotate")
    for name in leads:
        _say(f"{name} may lead")


def _say(text: str) -> None:
    click.echo(safe_line(text), err=True)


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False))
def backup_command(file: str) -> None:
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
