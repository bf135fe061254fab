"""A project: the job that `tui-annotate.toml` names, and what that file alone says about it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click.core import ParameterSource

from tui_annotate.cli.annotator_name import annotator_name
from tui_annotate.cli.command_table import COMMANDS
from tui_annotate.cli.setting_table import SETTINGS, SettingValue
from tui_annotate.cli.stream_options import POLICY_OPTIONS, SESSION_OPTIONS
from tui_annotate.errors import ConfigError, UsageError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.recipes.missing_commands import OTHER_NAMES
from tui_annotate.restricted import is_restricted
from tui_annotate.session.sharing import Sharing
from tui_annotate.sources.label_lists import read_labels
from tui_annotate.stream.store_sources import close_answers

if TYPE_CHECKING:
    import click

    from tui_annotate.job import Job

_DATABASE = Path("store", "annotations.db")
"""Where answers are kept, from the folder of the file, where it does not say."""

_SHARING: dict[str, Any] = {
    "annotations_per_task": None,
    "feed_overlap": False,
    "quota": None,
    "quotas": None,
    "cohorts": None,
}
"""How tasks are shared, and what that is where the file does not say."""

_DEFAULTS: dict[str, Any] = {
    **_SHARING,
    "db": None,
    "annotator": None,
    "auto_exclude_current": True,
    "keep_duplicates": False,
    "rehash": False,
    "allow_new_labels": False,
    "exclude_by": None,
    "exclude": [],
    "exclude_annotator": [],
    "repeat": 1,
}
"""What a project alone says of its dataset, and what holds where it does not say it."""

_CONFIG = (
    "annotations_per_task",
    "feed_overlap",
    "quota",
    "quotas",
    "cohorts",
    "exclude_by",
    "auto_exclude_current",
    "keep_duplicates",
    "rehash",
    "allow_new_labels",
)
"""Those that a recipe's own configuration could say as well."""

WITHOUT_ANSWERS = frozenset(
    {
        "check-project",
        "completion",
        "config",
        "demo",
        "filter-by-patterns",
        "formats",
        "help",
        "init",
        "invite",
        "ner.llm.fetch",
        "print-stream",
        "recipes",
        "spans.llm.fetch",
        "ssh-key",
        "terms.llm.fetch",
        "textcat.llm.fetch",
        "trust",
        "tutorial",
        "version",
    }
)
"""Commands that show and change nobody's answers by themselves. Annotators of a blind project have
no others; what reads answers as a source is refused there (`close_answers`)."""

_KEY_OF_OPTION = {
    "--as": "annotator",
    "--exclude": "exclude",
    "--exclude-by": "exclude_by",
    "--exclude-annotator": "exclude_annotator",
    "--no-auto-exclude": "auto_exclude_current",
    "--keep-duplicates": "keep_duplicates",
    "--rehash": "rehash",
    "--repeat": "repeat",
    "--allow-new-labels": "allow_new_labels",
}
"""Options that would change what the file alone says; the key that says it there."""


_KNOWN_ANSWERS = ("--training", "--silent-gold")
"""Options that name a dataset of known answers."""


class Project(NamedTuple):
    """The job of a project file.

    Attributes:
        file: The file, as it is named in messages.
        recipe: The recipe of the job.
        dataset: Where its answers go.
        source: What is annotated; empty where the recipe has no source.
        labels: The labels; empty where the file has none.
        options: Further words of the recipe's command line.
        people: Who may annotate; everybody where it is empty.
        identity: `login` where the login name is the annotator, `key` where the SSH key says it.
        blind: Whether annotators see their own answers, progress and history only.
        bound: The values that the file gives to keys that it alone may set.
        against: Keys that a later file or a variable sets to something else, and where.
    """

    file: str
    recipe: str
    dataset: str
    source: str = ""
    labels: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    identity: str = "login"
    blind: bool = True
    bound: Mapping[str, Any] = {}
    against: tuple[tuple[str, str], ...] = ()

    def words(self) -> list[str]:
        """Return the command line of the job.

        What stands in front of the first option in `options`, such as a pipeline, goes between
        the dataset and the source, as the recipes with a pipeline have it.
        """
        named = [at for at, word in enumerate(self.options) if word.startswith("-")]
        first = named[0] if named else len(self.options)
        found = [self.recipe, self.dataset, *self.options[:first]]
        if self.source:
            found.append(self.source)
        if self.labels:
            found += ["--label", ",".join(self.labels)]
        return [*found, *self.options[first:]]

    def config(self) -> dict[str, Any]:
        """Return the configuration that wins over the recipe's own."""
        said = {key: self.bound[key] for key in _CONFIG if key in self.bound}
        return {**_SHARING, **said}

    def changes(self, key: str, value: Any) -> bool:
        """Return whether a value from elsewhere would change what the file alone says."""
        return key in _DEFAULTS and value != self.bound.get(key, _DEFAULTS[key])

    @property
    def is_lead(self) -> bool:
        """Whether whoever is here leads the project: the file's owner, or root, with a shell."""
        if is_restricted():
            return False
        try:
            return os.geteuid() in (0, Path(self.file).stat().st_uid)
        except OSError:
            return False

    def keep_blind(self) -> None:
        """Have annotators see nobody's answers but their own, unless the file says otherwise.

        From here on this process refuses tasks that show other people's answers; commands that do
        are refused by `check_command`.
        """
        if self.blind and not self.is_lead:
            close_answers(self._seeing_too_much(""), self._known_answers())

    def check_command(self, name: str, words: Sequence[str]) -> None:
        """Raise an error where a command would show annotators more than their own answers.

        Args:
            name: The command or recipe that is about to run.
            words: The rest of its command line.

        Raises:
            UsageError: It would, and whoever is here does not lead the project.
        """
        if not self.blind or self.is_lead:
            return
        command = OTHER_NAMES.get(name, name)
        own = "--own" in words and not any(word.startswith("--anon") for word in words)
        if command == "team" and own:  # which nobody is kept from
            return
        if command in COMMANDS and command not in WITHOUT_ANSWERS:
            raise self._seeing_too_much(name)

    def _known_answers(self) -> set[str]:
        """Return the datasets that the file itself shows to newcomers as known answers."""
        found = set()
        for word, after in pairwise((*self.options, "")):
            option, equals, value = word.partition("=")
            if option in _KNOWN_ANSWERS:
                found.add((value if equals else after).removeprefix("dataset:"))
        return found

    def _seeing_too_much(self, where: str) -> UsageError:
        return UsageError(
            "annotators of this project see their own answers only",
            where=where,
            hint=f"Whoever leads it can write blind = false into {self.file}",
        )

    def with_job(self, arguments: list[str]) -> list[str]:
        """Return a command line with the project's job in front, where it names no command."""
        return [*self.words(), *arguments] if takes(arguments) else arguments

    def check_line(self, context: click.Context, built_in: bool, annotator: str | None) -> None:
        """Hold a recipe's command line against what the file alone may say, as `check_start`.

        Args:
            context: The context of the recipe's command.
            built_in: Whether the recipe is built in.
            annotator: The value of `--as`, if given.
        """
        self.check_start(given_options(context, built_in), annotator)

    def _hint_without(self, option: str) -> str:
        """Return what says instead of an option what it would say."""
        if option != "--as":
            return f"Leave it out; the file says it with {_KEY_OF_OPTION[option]!r}"
        if self.identity == "key":
            return "Leave it out: only the SSH key of a login says who annotates"
        return "Leave it out: the login name says who annotates"

    def check_start(self, given: Sequence[str], annotator: str | None) -> None:
        """Raise an error where this start would change what the file alone says.

        Args:
            given: The options that are on the command line, as they are written.
            annotator: The value of `--as`, if given.

        Raises:
            UsageError: An option would, or who is here is not one of the project's people.
            ConfigError: A file or a variable would.
        """
        # A login by a key runs one command, which whoever set it up has written: `--as` in it is
        # theirs, and nobody who logs in can change it.
        by_key = self.identity == "key" and is_restricted()
        for option in given:
            is_theirs = option == "--as" and by_key
            if option in _KEY_OF_OPTION and not is_theirs:
                what = f"{self.file} alone says that for the dataset {self.dataset!r}"
                raise UsageError(what, where=option, hint=self._hint_without(option))
        for key, origin in self.against:
            what = f"{key!r} would change what {self.file} alone says for {self.dataset!r}"
            raise ConfigError(what, where=origin, hint="Remove it there, then start again")
        if by_key and annotator is None:
            what = "the login does not say who annotates"
            hint = "Whoever set it up adds --as NAME to the line of the key"
            raise UsageError(what, where=self.file, hint=hint)
        self._check_person(annotator)

    def check_job(self, job: Job, label: str | None) -> None:
        """Raise an error where a job on the project's dataset contradicts the file.

        Args:
            job: The job.
            label: The value of the recipe's `--label`; None where it is not given.

        Raises:
            UsageError: It names other labels than the file.
            ConfigError: A router of the recipe's own says who gets which tasks, and so does the
                file.
        """
        if label is not None and self.labels and tuple(read_labels(label)) != self.labels:
            what = f"{self.file} alone says the labels of the dataset {self.dataset!r}"
            raise UsageError(what, where="--label", hint="Leave it out; the file has 'labels'")
        said = [key for key in ("annotations_per_task", "feed_overlap") if key in self.bound]
        if said and Sharing(job).router is not None:
            what = f"{said[0]!r} and the task_router of {job.recipe} both say who gets which tasks"
            raise ConfigError(what, where=self.file, hint="Remove one of the two")

    def _check_person(self, annotator: str | None) -> None:
        name = annotator_name(annotator)
        if self.people and name not in self.people:
            what = f"{name!r} is not one of the people of this project"
            hint = "Whoever leads it adds the name to 'people'"
            raise UsageError(what, where=self.file, hint=hint)


def make_project(found: Mapping[str, SettingValue], file: Path) -> Project | None:
    """Return the project that a file describes; None where it names no recipe.

    Args:
        found: The values that the file has, checked one by one.
        file: The file itself.

    Raises:
        ConfigError: Keys are missing, or do not go together.
    """
    where = str(file)
    values = {key: each.value for key, each in found.items()}
    if "recipe" not in values:
        for key in values:
            if SETTINGS[key].scope == "project":
                what = f"{key!r} means nothing without 'recipe'"
                raise ConfigError(
                    what, where=where, hint='Add a line such as recipe = "ner.manual"'
                )
        return None
    if "dataset" not in values:
        hint = 'Add a line such as dataset = "people"'
        raise ConfigError("'dataset' is missing", where=where, hint=hint)
    for key in ("recipe", "dataset", "source"):
        _check_word(key, values.get(key), where)
    _check_recipe(values["recipe"], where)
    _check_options(values.get("options", ()), where)
    return Project(
        file=where,
        recipe=values["recipe"],
        dataset=values["dataset"],
        source=_source(values.get("source", ""), file.parent),
        labels=tuple(values.get("labels") or ()),
        options=tuple(values.get("options", ())),
        people=tuple(values.get("people", ())),
        identity=values.get("identity", "login"),
        blind=values.get("blind", True),
        bound={"db": str(file.parent / _DATABASE), **_bound(values)},
    )


def _bound(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: values[key] for key in _DEFAULTS if key in values}


def _check_word(key: str, value: Any, where: str) -> None:
    if value is None:
        return
    if not value.strip() or value.startswith("-") or not value.isprintable():
        what = f"{key!r} is {value!r}, which is empty, begins like an option or is not printable"
        raise ConfigError(what, where=where, hint="Write another name")


def _check_recipe(recipe: str, where: str) -> None:
    if recipe in COMMANDS:
        hint = "`tui-annotate recipes` lists the recipes; call other commands yourself"
        raise ConfigError(f"'recipe' is {recipe!r}, which is no recipe", where=where, hint=hint)


def _check_options(options: Sequence[str], where: str) -> None:
    for word in options:
        name = word.partition("=")[0]
        name = f"--{name.removeprefix('--tui-')}" if name.startswith("--tui-") else name
        if name == "--as":
            hint = "Leave it out: the login says who annotates"
            raise ConfigError("'options' names the annotator", where=where, hint=hint)
        if name in _KEY_OF_OPTION:
            what = f"'options' holds {word!r}, for which there is a key"
            hint = f"Write {_KEY_OF_OPTION[name]!r} into the file instead"
            raise ConfigError(what, where=where, hint=hint)
        if name in ("--label", "-l"):
            hint = 'Write labels = ["PERSON", "ORG"] instead'
            raise ConfigError(f"'options' holds {word!r}", where=where, hint=hint)


def _source(source: str, folder: Path) -> str:
    """Return a source with its path counted from the folder of the file."""
    if not source or ":" in source:
        return source
    return os.path.normpath(folder / Path(source).expanduser())


def takes(arguments: Sequence[str]) -> bool:
    """Return whether a command line names no command: it is empty, or has session options only."""
    if not arguments:
        return True
    if not arguments[0].startswith("-"):
        return False
    options = {
        name: each
        for each in (*SESSION_OPTIONS, *POLICY_OPTIONS)
        for name in (*each.opts, *each.secondary_opts)
    }
    words = iter(arguments)
    for word in words:
        name, equals, _ = word.partition("=")
        if name not in options:
            return False
        if not (options[name].is_flag or equals):
            next(words, None)
    return True


def given_options(context: click.Context, built_in: bool) -> list[str]:
    """Return the options that a command line gives, as a project's rules name them.

    Args:
        context: The context of a recipe's command.
        built_in: Whether the recipe is built in: its own `--exclude` means the same as ours.
    """
    found = []
    for each in context.command.params:
        if each.name is None or context.get_parameter_source(each.name) != (
            ParameterSource.COMMANDLINE
        ):
            continue
        if each.name == "annotator":
            found.append("--as")
        elif not each.name.startswith("own_") or (built_in and each.name == "own_exclude"):
            found.append("--" + each.name.removeprefix("own_").replace("_", "-"))
    return found
