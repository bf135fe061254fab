"""`tui-annotate backup`: a copy of the database, whoever is writing to it."""

from __future__ import annotations

import click

from tui_annotate.cli.datasets import existing_store
from tui_annotate.text.safe import safe_line


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False))
def command(file: str) -> None:
    """Copy the database to a new FILE, safely while annotators are at work.

    Never copy the database file itself with cp: a copy of a live database may be damaged.
    """
    with existing_store() as store:
        path = store.admin.backup(file)
    click.echo(safe_line(f"copied to {path}"), err=True)
