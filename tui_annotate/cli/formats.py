"""`tui-annotate formats`: every format that is read or written, and what it holds."""

from __future__ import annotations

import click

from tui_annotate.exchange.format_table import HEAD, all_formats, rows
from tui_annotate.task.jsonio import dumps


@click.command("formats")
@click.option("--json", "as_json", is_flag=True, help="Print JSON")
def command(as_json: bool) -> None:
    """List the formats that are read (--loader) and written (--to), and what each holds.

    "read" or "written" in a column means that only reading, or only writing, keeps it. "offsets"
    means that spans may begin and end anywhere; else they begin and end with tokens.
    """
    if as_json:
        click.echo(dumps([each.as_dict() for each in all_formats()]))
        return
    lines = [HEAD, *rows()]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    for line in lines:
        padded = (f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(padded).rstrip())
    missing = sorted({each.extra for each in all_formats() if each.extra})
    click.echo(f"\nSome need an extra ({', '.join(missing)}): pip install 'tui-annotate[NAME]'")
