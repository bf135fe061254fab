"""A recipe as a command: its options from its signature, and those of every session."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from tui_annotate.cli.annotator_name import command_line
from tui_annotate.cli.settings import NO_SETTINGS, Settings, load_settings
from tui_annotate.cli.stream_options import (
    NEWCOMER_OPTIONS,
    POLICY_OPTIONS,
    SESSION_OPTIONS,
    Policies,
    SessionOptions,
)
from tui_annotate.errors import ConfigError, NothingToAsk, RecipeError, TuiAnnotateError, UsageError
from tui_annotate.job import Job, place
from tui_annotate.recipe_components import unknown_components
from tui_annotate.recipes.recipe_files import lacking, numbers_tasks, settle_chance
from tui_annotate.recipes.registry import BUILT_IN, DIRECT, Parameter, RecipeSpec, is_custom
from tui_annotate.stream.stream import collect_streams

if TYPE_CHECKING:
    from tui_annotate.stream.stream import Stream

_OWN = "own_"
"""Before the names of a recipe's values, which may be equal to names of ours."""


class _RecipeCommand(click.Command):
    """The command of a recipe.

    An option that has no short form may be written with one dash, as `-db-host` is in the
    command lines that stand in recipe files of older years.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words of the command line."""
        options = (each.opts for each in self.params if isinstance(each, click.Option))
        known = {names[0] for names in options if len(names) == 1}
        return super().parse_args(ctx, [_with_two_dashes(each, known) for each in args])


def _with_two_dashes(word: str, known: set[str]) -> str:
    return f"-{word}" if word[:1] == "-" and f"-{word.partition('=')[0]}" in known else word


def make_command(spec: RecipeSpec, overrides: Mapping[str, Any] | None = None) -> click.Command:
    """Return the command of a recipe; running it opens the terminal screen.

    Args:
        spec: The recipe.
        overrides: Configuration that wins over the recipe's own.
    """
    positional = [item for item in spec.parameters if item.kind == "positional"]
    named = [item for item in spec.parameters if item.kind != "positional"]
    placed = [item for item in spec.parameters if item.kind == "positional" or item.bare]
    arguments = click.Argument(
        ["arguments"], nargs=-1, metavar=_metavar(placed), shell_complete=_complete
    )

    def callback(arguments: tuple[str, ...], **given: Any) -> int:
        from tui_annotate.cli.run import run_job  # `--help` needs no session

        values: dict[str, Any] = {**match_positional(spec.name, placed, arguments)}
        for item in named:
            value = given.pop(_OWN + item.name)
            values[item.name] = values.get(item.name) if value is None else value
        policies = Policies.taken_from(given)
        settings = load_settings()

        context = click.get_current_context()

        def build() -> Job:
            policies.use()
            job = build_job(spec, values, overrides, settings)
            project = settings.project
            if project is not None and project.dataset == job.dataset:
                label = values.get("label")
                project.check_line(context, spec.name in BUILT_IN, given.get("annotator"))
                project.check_job(job, label if isinstance(label, str) else None)
            return policies.apply(job)

        options = _session_options(given, "-" in arguments)
        options = options._replace(own=is_custom(spec.name))
        if given.get("training") or given.get("silent_gold"):
            from tui_annotate.cli.newcomers import (  # few jobs have them
                NewcomerOptions,
                run_newcomer,
            )

            return run_newcomer(build, options, NewcomerOptions.taken_from(given))
        return run_job(lambda: replace(build(), renew=build), options)

    return _RecipeCommand(
        spec.name,
        callback=callback,
        params=[arguments, *_with_shared(spec.name, [_option(item) for item in named])],
        help=_help(spec, positional),
        short_help=spec.summary,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def _with_shared(recipe: str, own: list[click.Option]) -> list[click.Option]:
    """Add the options of every session; one whose name the recipe has goes by `--tui-NAME`."""
    taken = {name for option in own for name in option.opts}
    every = (*SESSION_OPTIONS, *POLICY_OPTIONS, *NEWCOMER_OPTIONS)
    shared = [_renamed(each, taken) for each in every]
    for each in shared:
        # The `--exclude` of built-in recipes means the same as ours, which is there for settings.
        each.hidden = recipe in BUILT_IN and each.opts == ["--tui-exclude"]
    return own + shared


def _renamed(option: click.Option, taken: set[str]) -> click.Option:
    if taken.isdisjoint(option.opts):
        return option
    other = copy(option)
    other.opts = [f"--tui-{option.opts[0].removeprefix('--')}"]
    other.help = f"{option.help} (the recipe has a {option.opts[0]} of its own)"
    return other


def _session_options(given: Mapping[str, Any], data_from_stdin: bool) -> SessionOptions:
    return SessionOptions(
        annotator=given.get("annotator"),
        strict=given.get("strict", False),
        verify=given.get("verify", False),
        follow=given.get("follow", False),
        command=command_line(),
        data_from_stdin=data_from_stdin,
        keymap=given.get("keymap"),
        plain=given.get("plain"),
        theme=given.get("theme"),
        remembered=_remembered(data_from_stdin),
    )


def _remembered(data_from_stdin: bool) -> tuple[str, ...]:
    """Return the command line where it can be called again: not that of a script that serves."""
    called = click.get_current_context().find_root().obj
    return called if isinstance(called, tuple) and not data_from_stdin else ()


def build_job(
    spec: RecipeSpec,
    values: dict[str, Any],
    overrides: Mapping[str, Any] | None = None,
    settings: Settings = NO_SETTINGS,
) -> Job:
    """Convert the arguments, call the recipe and check what it returned.

    Args:
        spec: The recipe.
        values: Its arguments, as the command line has them.
        overrides: Configuration that wins over the recipe's own.
        settings: What files say: the recipe's own configuration wins over theirs.

    Raises:
        UsageError: Where an argument is wrong.
        RecipeError: Where the recipe fails or returns wrong components.
        NothingToAsk: Where it returns no components: it is a command.
    """
    given = {item.name: _convert(item, values.get(item.name)) for item in spec.parameters}
    if is_custom(spec.name):
        settle_chance(spec.name, str(given.get("dataset")))
    returned, streams = _call(spec, given)
    _refuse_commands(spec, returned)
    components, notices = returned, list(settings.notices)
    notices += (each for stream in streams for each in stream.notices)
    if isinstance(components, Mapping):  # else making the job says what it is
        components, told = _with_fields_of_scripts(spec.name, components)
        notices += told
        components, told = _with_config(spec.name, components, overrides or {}, settings)
        notices += told
    job = Job.from_components(spec.name, components, _shape(spec, given), streams)
    if "task_router" in job.given and job.config.get("annotations_per_task") is not None:
        notices.append(
            "annotations_per_task means nothing here: the recipe has a task_router of its own"
        )
    job.components = returned
    job.notices = tuple(notices)
    job.direct = spec.name in DIRECT
    job.numbers_tasks = is_custom(spec.name) and numbers_tasks(spec.function)
    if not job.dataset.isprintable():
        what = f"the dataset's name {job.dataset!r} holds control characters"
        raise UsageError(what, where=spec.name)
    return job


def _shape(spec: RecipeSpec, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that tell this job from others, so that a session is found again: those
    that change its tasks."""
    apart = {*spec.cosmetic, "dataset", "source"}
    return {name: value for name, value in given.items() if name not in apart and _is_plain(value)}


def _call(spec: RecipeSpec, given: Mapping[str, Any]) -> tuple[Any, list[Stream]]:
    """Call a recipe; return what it returned, and the streams that it made."""
    try:
        with collect_streams() as streams:
            return spec.function(**given), streams
    except TuiAnnotateError:
        raise
    except ImportError as error:
        raise lacking(error, f"{spec.name}{place(error)}") from error
    except Exception as error:
        raise RecipeError(
            f"it failed with {type(error).__name__}: {error}{place(error)}", where=spec.name
        ) from error


def _with_fields_of_scripts(
    recipe: str, components: Mapping[str, Any]
) -> tuple[Mapping[str, Any], list[str]]:
    """Return the components of a recipe, with the fields that its scripts and blocks are about, and
    what is said of them."""
    has_blocks = components.get("view_id") == "blocks"
    if not is_custom(recipe) or not (has_blocks or components.get("validate_answer")):
        return components, []
    # Few recipes have blocks or validate.
    from tui_annotate.cli.unused_recipe_settings import with_all_fields

    return with_all_fields(components)


def _with_config(
    recipe: str, components: Mapping[str, Any], overrides: Mapping[str, Any], settings: Settings
) -> tuple[Mapping[str, Any], list[str]]:
    """Return the components of a recipe with the configuration that is in force: what comes later
    wins of files, the recipe, who calls it, and what binds everybody."""
    of_recipe = components.get("config") or {}
    if not isinstance(of_recipe, Mapping):
        return components, []  # making the job says what it is
    checked = of_recipe if is_custom(recipe) else {}  # built-in recipes have no wrong keys
    notices = _without_meaning(recipe, {**checked, **overrides}, components)
    called = {**of_recipe, **overrides}
    notices += _take_guidelines(recipe, called, settings)
    of_files = settings.config
    binding = _binding(settings, of_files, components.get("dataset"))
    return {**components, "config": {**of_files, **called, **binding}}, notices


def _binding(settings: Settings, of_files: Mapping[str, Any], dataset: object) -> dict[str, Any]:
    """Return the configuration that files give once and for all, so that no recipe changes it."""
    binding: dict[str, Any] = {"audit": True} if of_files.get("audit") else {}
    if settings.project is not None and dataset == settings.project.dataset:
        binding.update(settings.project.config())
    return binding


def _refuse_commands(spec: RecipeSpec, returned: Any) -> None:
    """Raise `NothingToAsk` where a recipe returned no components: it is a command."""
    if returned is None or returned is False:
        raise NothingToAsk("there is nothing to annotate", where=spec.name)
    if is_custom(spec.name) and not _are_components(returned):
        what = f"it returned {type(returned).__name__}, not a dictionary of components"
        hint = f"{spec.name} returned {type(returned).__name__} and no components: so it was"
        raise NothingToAsk(what, where=spec.name, hint=f"{hint} a command, and has ended")


def _are_components(returned: Any) -> bool:
    """Tell a session's components from what a command returns: its patterns, scores and so on."""
    asked = ("dataset", "stream", "view_id")
    return isinstance(returned, Mapping) and any(name in returned for name in asked)


def _without_meaning(
    recipe: str, config: Mapping[str, Any], components: Mapping[str, Any]
) -> list[str]:
    """Return what is said at the start of keys of a configuration, and beside the components, that
    mean nothing."""
    unknown = unknown_components(components)
    if not (config or unknown):
        return []
    # Most jobs have neither.
    from tui_annotate.cli.unused_recipe_settings import no_components, passed_over

    return [*passed_over(recipe, config), *no_components(recipe, unknown)]


def _take_guidelines(recipe: str, own: dict[str, Any], settings: Settings) -> list[str]:
    """Put the text of a recipe's guidelines in the place of their file.

    Returns:
        Why those in force cannot be read; the task can be answered without them.
    """
    if "instructions" not in own:
        return [settings.guidelines_notice] if settings.guidelines_notice else []
    from tui_annotate.cli.guidelines import guidelines_of  # few jobs have them

    try:
        own["instructions"] = guidelines_of(own["instructions"], f"{recipe}, config 'instructions'")
    except ConfigError as error:
        own["instructions"] = None
        return [str(error)]
    return []


def _is_plain(value: Any) -> bool:
    """Tell whether a value is the same in every run: not an object of the caller's program."""
    if isinstance(value, (list, tuple)):
        return all(_is_plain(each) for each in value)
    return value is None or isinstance(value, (str, int, float))


def match_positional(
    name: str, parameters: list[Parameter], given: tuple[str, ...]
) -> dict[str, str]:
    """Match what was written with the recipe's positional arguments.

    Arguments that may be left out are filled only where there is more than the required ones
    need, so `SET FILE` and `SET blank:en FILE` both mean what they look like.

    Raises:
        UsageError: Where there are too few or too many.
    """
    required = [item for item in parameters if item.required]
    spare = len(given) - len(required)
    if spare < 0 or len(given) > len(parameters):
        trouble = "is missing" if spare < 0 else "are too many arguments"
        which = required[len(given)].name.upper() if spare < 0 else f"{len(given)}"
        raise UsageError(
            f"{which} {trouble}", where=name, hint=f"Usage: {name} {_metavar(parameters)}"
        )
    matched: dict[str, str] = {}
    values = iter(given)
    for item in parameters:
        if item.required:
            matched[item.name] = next(values)
        elif spare > 0:
            spare -= 1
            matched[item.name] = next(values)
    return matched


def _convert(item: Parameter, value: Any) -> Any:
    if value is None:
        return item.default
    if item.converter is None or not isinstance(value, str):
        return value
    try:
        return item.converter(value)
    except TuiAnnotateError:
        raise
    except Exception as error:
        kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
        raise UsageError(f"{value!r} does not fit ({kind}{error})", where=_shown(item)) from None


def _shown(item: Parameter) -> str:
    return max(item.options, key=len) if item.options else item.name.upper()


def _option(item: Parameter) -> click.Option:
    names = [_OWN + item.name, *item.options]
    if item.kind == "flag":
        return click.Option(names, is_flag=True, help=item.help)
    default = None if item.default in (None, "") else str(item.default)
    text = f"{item.help} (default: {default})" if default else item.help
    return click.Option(names, required=item.required, metavar=item.name.upper(), help=text)


def _complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[Any]:
    from tui_annotate.cli.completion import job_words  # only a shell asks for it

    return job_words(ctx.params.get("arguments") or (), incomplete)


def _metavar(positional: list[Parameter]) -> str:
    names = [item.name.upper() for item in positional]
    shown = [
        name if item.required else f"[{name}]" for name, item in zip(names, positional, strict=True)
    ]
    return " ".join(shown)


def _help(spec: RecipeSpec, positional: list[Parameter]) -> str:
    lines = "\n".join(f"{item.name.upper()}  {item.help}" for item in positional)
    return f"{spec.text}\n\n\b\n{lines}"
