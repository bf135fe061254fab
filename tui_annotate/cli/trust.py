"""`tui-annotate trust`: obey a file that another user could have written, as it is now."""

from __future__ import annotations

from pathlib import Path

import click

from tui_annotate.cli.console import say
from tui_annotate.trust import trust


@click.command("trust")
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path) -> None:
    """Obey FILE, settings or recipes of another user, until its owner or content changes.

    Read it first: a recipe file runs with your rights, and settings say where answers go.
    """
    say(f"{trust(file)} is obeyed as it is now; after a change you are asked again")
