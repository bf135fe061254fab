"""What recipe files know as `prodigy`: other names for what is here."""

from __future__ import annotations

from tui_annotate.api import get_config, serve
from tui_annotate.compat.lazy import submodules
from tui_annotate.compat.prodigy.about import __version__
from tui_annotate.editors.schemas import get_schema
from tui_annotate.job import Arg, Controller
from tui_annotate.recipes.labels_help import DESCRIBED as recipe_args
from tui_annotate.recipes.older_names import get_hash, set_hashes
from tui_annotate.recipes.printer import log
from tui_annotate.recipes.prodigy_call import recipe_function as get_recipe
from tui_annotate.recipes.registry import recipe, set_recipe
from tui_annotate.recipes.types import ControllerComponentsDict
from tui_annotate.stream.loaders import read_stream as get_stream

__getattr__ = submodules(__name__)

__all__ = [
    "Arg",
    "Controller",
    "ControllerComponentsDict",
    "__version__",
    "get_config",
    "get_hash",
    "get_recipe",
    "get_schema",
    "get_stream",
    "log",
    "recipe",
    "recipe_args",
    "serve",
    "set_hashes",
    "set_recipe",
]
