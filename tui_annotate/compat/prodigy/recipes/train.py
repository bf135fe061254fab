"""`prodigy.recipes.train`."""

from __future__ import annotations

from functools import partial

from tui_annotate.api import call_command, train
from tui_annotate.recipes.older_names import TRAIN_ARGUMENTS as RECIPE_ARGS
from tui_annotate.recipes.older_names import set_log_level, setup_gpu

train_curve = partial(call_command, "train-curve")
data_to_spacy = partial(call_command, "data-to-spacy")

__all__ = ["RECIPE_ARGS", "data_to_spacy", "set_log_level", "setup_gpu", "train", "train_curve"]
