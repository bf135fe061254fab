"""`prodigy.core`."""

from __future__ import annotations

from tui_annotate.api import get_config
from tui_annotate.api import open_database as connect
from tui_annotate.job import Arg, Controller
from tui_annotate.recipes.labels_help import DESCRIBED as recipe_args
from tui_annotate.recipes.prodigy_call import recipe_function as get_recipe
from tui_annotate.recipes.registry import recipe, recipe_names, set_recipe

list_recipes = recipe_names

__all__ = [
    "Arg",
    "Controller",
    "connect",
    "get_config",
    "get_recipe",
    "list_recipes",
    "recipe",
    "recipe_args",
    "set_recipe",
]
