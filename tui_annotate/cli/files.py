"""`-F FILE` and `--no-compat` on a command line: recipe files, and what `prodigy` is in them."""

from __future__ import annotations

import sys
from importlib import import_module

from tui_annotate.errors import UsageError
from tui_annotate.recipes.files import load_file, take_files
from tui_annotate.restricted import is_restricted

OPTION = "--no-compat"


def load_files(arguments: list[str]) -> list[str]:
    """Load the recipe files that a command line names, and return the rest of it.

    Raises:
        UsageError: A file is missing, or not to be trusted.
        RecipeError: A file fails.
    """
    rest, files = take_files(arguments)
    end = rest.index("--") if "--" in rest else len(rest)
    if files and is_restricted():
        hint = "It runs only recipes that are installed"
        raise UsageError("no recipe file is loaded in a restricted session", where="-F", hint=hint)
    wanted = OPTION not in rest[:end]
    rest = [word for word in rest[:end] if word != OPTION] + rest[end:]
    if files and wanted:
        # By name: the alias lies above the command line, which it gives to scripts as `serve`.
        import_module("tui_annotate.compat").install(_announce)
    for file in files:
        load_file(file)
        if wanted:
            _name_absent(file)
    return rest


def _name_absent(file: str) -> None:
    """Say which names the file imports that are not here, on one line."""
    names = import_module("tui_annotate.compat").take_absent()
    if names:
        sys.stderr.write(
            f"tui-annotate: {file} imports what is not here, and fails only where it uses it: "
            f"{', '.join(names)}\n"
        )


def _announce() -> None:
    sys.stderr.write(
        f"tui-annotate: `import prodigy` gives our alias of it here ({OPTION} turns that off)\n"
    )
