"""`-F FILE` and `--no-compat`: loads recipe files, and says what `import prodigy` is in them."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from tui_annotate.errors import UsageError
from tui_annotate.recipes.recipe_files import load_file, run_script, take_files
from tui_annotate.restricted import is_restricted

OPTION = "--no-compat"
SCRIPT = "run"
"""The command whose words are a script's own, but for those before the script."""


def load_files(arguments: list[str]) -> list[str]:
    """Load the recipe files that a command line names, and return the rest of it.

    Raises:
        UsageError: A file is missing, or not to be trusted.
        RecipeError: A file fails.
    """
    if arguments[:1] == [SCRIPT]:
        return arguments
    rest, files = take_files(arguments)
    end = rest.index("--") if "--" in rest else len(rest)
    if files and is_restricted():
        hint = "It runs only recipes that are installed"
        raise UsageError("no recipe file is loaded in a restricted session", where="-F", hint=hint)
    wanted = OPTION not in rest[:end]
    rest = [word for word in rest[:end] if word != OPTION] + rest[end:]
    if files and wanted:
        _install()
    for file in files:
        load_file(file)
        if wanted:
            _name_absent(file)
    return rest


@click.command(
    SCRIPT, context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
@click.option(
    "--compat/--no-compat", default=True, help="Whether `import prodigy` gives our alias of it"
)
@click.argument("script", metavar="SCRIPT.py")
@click.argument("words", metavar="[ARGUMENTS]...", nargs=-1, type=click.UNPROCESSED)
def run(script: str, words: tuple[str, ...], compat: bool) -> int:
    """Run a Python script that calls `prodigy.serve` or `tui_annotate.serve` by itself.

    It runs as `python SCRIPT.py ARGUMENTS` would, and needs no added line: `import prodigy` gives
    our alias of it. Its exit code is that of the last session, or what it says itself.
    """
    if compat:
        _install()
    try:
        return run_script(script, words)
    finally:
        if compat:
            _name_absent(script)


def _install() -> None:
    # By name: the alias lies above the command line, which it gives to scripts as `serve`.
    import_module("tui_annotate.compat").install(_announce)


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
