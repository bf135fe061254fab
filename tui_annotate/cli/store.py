"""`tui-annotate store`: the store itself, before anything is in it."""

from __future__ import annotations

from typing import Any

import click

from tui_annotate.cli.paths import database_path
from tui_annotate.data_paths import is_server_name
from tui_annotate.errors import UsageError
from tui_annotate.store.database import open_store, server_module
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
