"""Recipes of installed packages: entry points of the group `tui_annotate.recipes`.

    [project.entry-points."tui_annotate.recipes"]
    "my.recipe" = "my_package.recipes"

The name is the recipe's; the value is the module that defines it, or its function. Nothing of a
package is loaded before its recipe is called, or listed with its line of help.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tui_annotate.errors import RecipeError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "tui_annotate.recipes"


@cache
def plugins() -> dict[str, EntryPoint]:
    """Return the entry points by the names of their recipes."""
    # Its dozens of modules are of no use to a recipe of our own.
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=GROUP)}


def load_plugin(name: str) -> None:
    """Import the module of a recipe, so that it is registered.

    Raises:
        RecipeError: The package cannot be imported.
    """
    point = plugins()[name]
    try:
        point.load()
    except (Exception, SystemExit) as error:
        package = point.dist.name if point.dist is not None else point.value
        raise RecipeError(
            f"the package {package!r} cannot be loaded ({type(error).__name__}: {error})",
            where=name,
        ) from error
