"""`tui-annotate help`: the help of the program, or of one of its commands and recipes."""

from __future__ import annotations

import click


@click.command("help")
@click.argument("command_name", metavar="[COMMAND]", required=False)
@click.pass_context
def command(context: click.Context, command_name: str | None) -> None:
    """Show the help of the program, or of COMMAND."""
    root = context.find_root()
    if command_name is None:
        click.echo(root.get_help())
        return
    group = root.command
    assert isinstance(group, click.Group)
    name, found, _ = group.resolve_command(root, [command_name])
    assert found is not None
    with click.Context(found, info_name=name, parent=root) as inner:
        click.echo(found.get_help(inner))
