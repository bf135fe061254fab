"""`prodigy.recipes.commands`: commands as functions, with their options by name."""

from __future__ import annotations

from functools import partial

from tui_annotate.api import call_command

db_in = partial(call_command, "db-in")
db_out = partial(call_command, "db-out")
db_merge = partial(call_command, "db-merge")
drop = partial(call_command, "drop")
stats = partial(call_command, "stats")

__all__ = ["db_in", "db_merge", "db_out", "drop", "stats"]
