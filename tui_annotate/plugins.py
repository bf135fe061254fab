"""What installed packages add to the program: entry points, by the kind of thing they are.

    [project.entry-points."tui_annotate.views"]
    "rating" = "my_package:RATING"

The entry point's name is the name by which people call the thing; its value is the record that the
program's own table would have. Nothing of a package is loaded before its thing is asked for, and
the packages are not even looked through while a built-in one serves.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeVar

from tui_annotate.errors import PluginError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

VIEWS = "tui_annotate.views"
LOADERS = "tui_annotate.loaders"
FORMATS = "tui_annotate.formats"
KEYMAPS = "tui_annotate.keymaps"
"""The groups of entry points. Those of recipes are in `recipes/registry.py`."""

_T = TypeVar("_T")


@cache
def entry_points_of(group: str) -> dict[str, EntryPoint]:
    """Return the entry points of a group by their names; of two with one name, the last found."""
    # Its dozens of modules are of no use where a built-in thing serves.
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=group)}


def package_of(point: EntryPoint) -> str:
    """Return the name of the package that an entry point comes from."""
    return point.dist.name if point.dist is not None else point.value


def added(group: str, name: str, kind: type[_T]) -> _T | None:
    """Return what a package adds under a name; None where none does.

    Args:
        group: One of the groups above.
        name: The entry point's name.
        kind: The class of record that it must be.

    Raises:
        PluginError: The package cannot be imported, or adds something else.
    """
    point = entry_points_of(group).get(name)
    if point is None:
        return None
    try:
        found = point.load()
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"the package {package_of(point)!r} cannot be loaded ({type(error).__name__}: {error})",
            where=name,
            hint="Update it, or remove it with pip",
        ) from error
    if not isinstance(found, kind):
        raise PluginError(
            f"the package {package_of(point)!r} adds {type(found).__name__}, not {kind.__name__}",
            where=f"{group}: {name}",
        )
    return found


def all_added(group: str, kind: type[_T]) -> dict[str, _T]:
    """Return everything that packages add to a group, by name, without what cannot be loaded."""
    found = {}
    for name in entry_points_of(group):
        try:
            one = added(group, name, kind)
        except PluginError:
            continue  # it is told where somebody asks for it by its name
        if one is not None:
            found[name] = one
    return found
