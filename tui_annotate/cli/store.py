"""`tui-annotate store`: the store itself, before anything is in it."""

from __future__ import annotations

from typing import Any

import click

from tui_annotate.cli.paths import database_path
from tui_annotate.data_paths import is_server_name
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


def _say(text: str) -> None:
    click.echo(safe_line(text), err=True)
