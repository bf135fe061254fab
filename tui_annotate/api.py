"""For scripts: run a recipe in this terminal, read what was annotated, call a built-in recipe."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tui_annotate.cli.places import database_path
from tui_annotate.cli.recipe_command import make_command
from tui_annotate.cli.settings import load_settings, use_places
from tui_annotate.errors import UsageError
from tui_annotate.recipes import registry
from tui_annotate.recipes.files import load_file, take_files
from tui_annotate.store.database import open_store
from tui_annotate.store.named import Database

__all__ = ["connect", "get_recipe", "serve"]


def serve(command: str | Sequence[str], **config: Any) -> int:
    """Run a recipe in the current terminal, and return when the annotator leaves.

    Args:
        command: What stands on a command line behind `tui-annotate`, such as
            `"ner.manual my_set data.jsonl --label PERSON"`, or the same as a list of words.
        config: Settings that win over the recipe's own, such as `batch_size=5`.

    Returns:
        The exit code: 0 where the annotator left in order.

    Raises:
        UsageError: The command line is wrong, or there is no such recipe.
        NoTerminal: There is no terminal to draw on.
        TuiAnnotateError: Whatever else ended the session.
    """
    import click

    words = shlex.split(command) if isinstance(command, str) else list(command)
    words, files = take_files(words)
    settings = load_settings()
    use_places(settings)
    for file in files:
        load_file(file)
    if not words:
        raise UsageError("the recipe is missing", hint='Write serve("ner.manual my_set ...")')
    called = make_command(registry.get_recipe(words[0]), overrides=config)
    try:
        code: Any = called.main(
            words[1:], prog_name=words[0], standalone_mode=False, default_map=settings.options
        )
    except click.ClickException as error:
        raise UsageError(error.format_message(), where=words[0]) from None
    return code if isinstance(code, int) else 0


def connect(path: str | Path | None = None) -> Database:
    """Open a database for reading.

    Args:
        path: The file; by default the user's own, as the command line finds it.

    Raises:
        StoreError: There is none, or it cannot be opened.
    """
    return Database(open_store(Path(path or database_path()), create=False, readonly=True))


def get_recipe(name: str) -> Callable[..., dict[str, Any]]:
    """Return a recipe's function, to be called in a recipe of one's own.

    Raises:
        UsageError: There is no such recipe; the message has the nearest name.
    """
    return registry.get_recipe(name).function
