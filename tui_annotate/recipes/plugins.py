"""Recipes of installed packages: entry points of the groups `tui_annotate.recipes` and
`prodigy_recipes`, in which plugins written for Prodigy stand.

    [project.entry-points."tui_annotate.recipes"]
    "my.recipe" = "my_package.recipes"

The name is the recipe's; the value is the module that defines it, or its function. Nothing of a
package is loaded before its recipe is called, or listed with its line of help.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from tui_annotate.errors import RecipeError
from tui_annotate.plugins import entry_points_of, package_of

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "tui_annotate.recipes"
PRODIGY_GROUP = "prodigy_recipes"
"""The group of packages that import `prodigy`, and get our alias of it."""


@cache
def plugins() -> dict[str, EntryPoint]:
    """Return the entry points by the names of their recipes."""
    return {**entry_points_of(PRODIGY_GROUP), **entry_points_of(GROUP)}


def load_plugin(name: str) -> None:
    """Import the module of a recipe, so that it is registered.

    Raises:
        RecipeError: The package cannot be imported.
    """
    point = plugins()[name]
    try:
        if point.group == PRODIGY_GROUP:
            # By name: the alias lies above the recipes, of which it gives the names.
            import_module("tui_annotate.compat").install()
        point.load()
    except (Exception, SystemExit) as error:
        raise RecipeError(
            f"the package {package_of(point)!r} cannot be loaded ({type(error).__name__}: {error})",
            where=name,
        ) from error
