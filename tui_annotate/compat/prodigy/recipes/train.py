"""`prodigy.recipes.train`."""

from __future__ import annotations

from tui_annotate.api import train
from tui_annotate.recipes.older_names import TRAIN_ARGUMENTS as RECIPE_ARGS
from tui_annotate.recipes.older_names import set_log_level, setup_gpu

__all__ = ["RECIPE_ARGS", "set_log_level", "setup_gpu", "train"]
