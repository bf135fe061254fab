"""`tui-annotate version`: the version, as `--version` prints it."""

from __future__ import annotations

import click

from tui_annotate import __version__


@click.command("version")
def command() -> None:
    """Print the version."""
    click.echo(f"tui-annotate, version {__version__}")
