"""A recipe called with Python values, as scripts do, in the terminal at hand."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from tui_annotate.cli.recipe_command import build_job
from tui_annotate.cli.run import SessionOptions, run_job
from tui_annotate.cli.settings import load_settings
from tui_annotate.job import Job
from tui_annotate.recipes import prodigy_call
from tui_annotate.recipes.common import names
from tui_annotate.recipes.registry import RecipeSpec, is_custom
from tui_annotate.text.safe import shell_command


def serve_values(spec: RecipeSpec, arguments: Sequence[Any], given: dict[str, Any]) -> int:
    """Run a recipe in the current terminal and return the exit code.

    Args:
        spec: The recipe.
        arguments: Its arguments in their order.
        given: Further arguments by name, and settings that win over the recipe's own. `exclude`
            is a list of datasets; `repeat` says how many times over every task is asked.
    """
    known = set(prodigy_call.order(spec))
    taken = {key: value for key, value in given.items() if prodigy_call.names([key]) & known}
    config = {key: value for key, value in given.items() if key not in taken}
    exclude = names(config.pop("exclude", None))
    repeat = int(config.pop("repeat", 1))
    values = prodigy_call.arguments_of(spec, arguments, taken)
    settings = load_settings()

    def build() -> Job:
        job = build_job(spec, values, config, settings)
        together = tuple(dict.fromkeys((*job.exclude, *exclude)))
        return replace(job, exclude=together, repeat=repeat)

    # A generator is read once: called a second time, the recipe would find nothing in it.
    again = not any(isinstance(value, Iterator) for value in values.values())
    options = SessionOptions(
        command=shell_command(("python", sys.argv[0])), own=is_custom(spec.name)
    )
    return run_job(lambda: replace(build(), renew=build if again else None), options)
