"""What the program says of itself: `version`, `help`, and `recipes`, the list of recipes."""

from __future__ import annotations

import click

from tui_annotate import __version__
from tui_annotate.recipes.registry import recipe_names, summary


@click.command("version")
def version() -> None:
    """Print the version."""
    click.echo(f"tui-annotate, version {__version__}")


@click.command("help")
@click.argument("command_name", metavar="[COMMAND]", required=False)
@click.pass_context
def show_help(context: click.Context, command_name: str | None) -> None:
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


@click.command("recipes")
def recipes() -> None:
    """List the recipes, one line each."""
    width = max(map(len, recipe_names()))
    for name in recipe_names():
        click.echo(f"{name:<{width}}  {summary(name)}")
