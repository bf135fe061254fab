"""For scripts: run a recipe in this terminal, read what was annotated, call a built-in recipe."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from tui_annotate.cli.recipe_command import build_job, make_command
from tui_annotate.cli.recipe_file_options import load_files
from tui_annotate.cli.run import run_job
from tui_annotate.cli.settings import load_settings, use_places
from tui_annotate.cli.stream_options import SessionOptions
from tui_annotate.data_paths import database_path, store_path
from tui_annotate.errors import UsageError
from tui_annotate.job import Controller, Job
from tui_annotate.recipes import prodigy_call, registry
from tui_annotate.recipes.common import names
from tui_annotate.recipes.recipe_files import note_served
from tui_annotate.recipes.registry import RecipeSpec, is_custom
from tui_annotate.store.database import open_store
from tui_annotate.store.database_api import Database, open_for_reading
from tui_annotate.text.safe import shell_command

__all__ = [
    "call_command",
    "connect",
    "get_config",
    "get_recipe",
    "open_database",
    "serve",
    "serve_controller",
    "train",
]


def serve(command: str | Sequence[str], *arguments: Any, **config: Any) -> int:
    """Run a recipe in the current terminal, and return when the annotator leaves.

    Args:
        command: What stands on a command line behind `tui-annotate`, such as
            `"ner.manual my_set data.jsonl --label PERSON"`, or the same as a list of words. With
            `arguments`, or where `config` names some, the recipe's name alone.
        arguments: The recipe's arguments in their order, as Python values: a source may be a list
            or a generator of tasks, labels a list. None leaves one out.
        config: Further arguments by name, `exclude` with a list of datasets among them; all else
            are settings that win over the recipe's own, such as `batch_size=5`.

    Returns:
        The exit code: 0 where the annotator left in order.

    Raises:
        UsageError: The command line is wrong, or there is no such recipe.
        NoTerminal: There is no terminal to draw on.
        TuiAnnotateError: Whatever else ended the session.
    """
    use_places(load_settings())
    words = shlex.split(command) if isinstance(command, str) else list(command)
    words = load_files(words)
    if not words:
        raise UsageError("the recipe is missing", hint='Write serve("ner.manual my_set ...")')
    spec = registry.get_recipe(words[0])
    known = {item.name for item in spec.parameters}
    if arguments or (len(words) == 1 and known & prodigy_call.names(config)):
        return note_served(serve_values(spec, arguments, config))
    return note_served(_serve_words(spec, words[1:], config))


def _serve_words(spec: registry.RecipeSpec, words: list[str], config: dict[str, Any]) -> int:
    excluded = config.pop("exclude", None) or ()
    if excluded:
        words = [*words, "--exclude", ",".join(names(excluded))]
    command = make_command(spec, overrides=config)
    try:
        code: Any = command.main(
            words, prog_name=spec.name, standalone_mode=False, default_map=load_settings().options
        )
    except click.ClickException as error:
        raise UsageError(error.format_message(), where=spec.name) from None
    return code if isinstance(code, int) else 0


def serve_controller(
    controller: Controller, config: Mapping[str, Any] | None = None, **settings: Any
) -> int:
    """Run what a recipe returned in the current terminal, and return when the annotator leaves.

    Args:
        controller: What `Controller.from_components` made.
        config: Settings that win over the recipe's own.
        settings: More of them.

    Returns:
        The exit code: 0 where the annotator left in order.

    Raises:
        UsageError: The controller belongs to a session that runs already.
        TuiAnnotateError: Whatever else ended the session.
    """
    components = controller.components
    if components is None:
        raise UsageError(
            "this controller belongs to a session that runs already",
            hint="Make one with Controller.from_components",
        )
    use_places(load_settings())

    def given(stream: Any) -> dict[str, Any]:
        return {**components, "stream": stream, "config": {**controller.config, **(config or {})}}

    registry.set_recipe(controller.recipe, given)
    spec = registry.get_recipe(controller.recipe)
    return note_served(serve_values(spec, (), {"stream": components["stream"], **settings}))


def train(output_dir: str | Path, **options: Any) -> int:
    """Train a spaCy pipeline on datasets, as the command `train` does.

    Args:
        output_dir: The folder to write to.
        options: The options of the command with `_` for `-`, such as `ner=["my_set"]`; True for a
            flag, None, False or an empty list to leave one out.

    Returns:
        The exit code.

    Raises:
        UsageError: There is no such option.
        TuiAnnotateError: The training failed.
    """
    return call_command("train", output_dir, **options)


def call_command(name: str, *words: Any, **options: Any) -> int:
    """Run a command in this process, such as `call_command("db-in", "my_set", "data.jsonl")`.

    Args:
        name: The command.
        words: Its arguments; None leaves one out.
        options: Its options with `_` for `-`; True for a flag, a list for names with commas, and
            None, False, "" or an empty list to leave one out.

    Returns:
        The exit code.

    Raises:
        UsageError: There is no such command or option.
        TuiAnnotateError: It failed.
    """
    from tui_annotate.cli.main import cli  # which is above what most scripts need

    given = [name, *(str(each) for each in words if each is not None)]
    for option, value in options.items():
        if value is None or value is False or value == [] or value == "":
            continue
        given.append(f"--{option.replace('_', '-')}")
        if value is not True:
            given.append(",".join(map(str, value)) if isinstance(value, list) else str(value))
    use_places(load_settings())
    try:
        code: Any = cli.main(given, prog_name="tui-annotate", standalone_mode=False)
    except click.ClickException as error:
        raise UsageError(error.format_message(), where=name) from None
    return code if isinstance(code, int) else 0


def connect(path: str | Path | None = None) -> Database:
    """Open a database for reading.

    Args:
        path: The file; by default the user's own, as the command line finds it.

    Raises:
        StoreError: There is none, or it cannot be opened.
    """
    return open_for_reading(store_path(path or database_path()))


def open_database(
    db_id: str | None = None, db_settings: Mapping[str, Any] | None = None
) -> Database:
    """Open the user's database for reading and writing; it is made where there is none.

    Args:
        db_id: `sqlite`; there is no other engine.
        db_settings: `path`, a folder, and `name`, a file in it, where it is another database.

    Raises:
        UsageError: Another engine is asked for, or a database in memory.
        StoreError: It cannot be opened, or another program's file lies there.
    """
    if db_id not in (None, "sqlite"):
        hint = "Leave db_id out; db-in and db-out exchange data with other programs"
        raise UsageError(f"there is no database engine {db_id!r} here", hint=hint)
    use_places(load_settings())
    given = dict(db_settings or {})
    given = given.get("sqlite", given)
    path = database_path()
    if given.get("name") == ":memory:":
        raise UsageError(
            "there is no database in memory here: what is saved is on disk", hint="Name a file"
        )
    if given.get("path") or given.get("name"):
        folder = Path(given.get("path") or path.parent).expanduser()
        path = folder / (given.get("name") or path.name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Database(open_store(path), lambda: open_store(path))


def get_config() -> dict[str, Any]:
    """Return the settings of files and variables that go below a recipe's own."""
    return load_settings().config


def get_recipe(name: str) -> Callable[..., dict[str, Any]]:
    """Return a recipe's function, to be called in a recipe of one's own.

    Raises:
        UsageError: There is no such recipe; the message has the nearest name.
    """
    return registry.get_recipe(name).function


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
