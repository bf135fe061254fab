"""`tui-annotate recipes`: the list of recipes."""

from __future__ import annotations

import click

from tui_annotate.recipes.registry import recipe_names, summary


@click.command("recipes")
def command() -> None:
    """List the recipes, one line each."""
    width = max(map(len, recipe_names()))
    for name in recipe_names():
        click.echo(f"{name:<{width}}  {summary(name)}")
