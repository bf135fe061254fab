"""`tui-annotate init` and `check-project`: write the file of a project, and say what is wrong."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tui_annotate.cli.authorized_keys import server_problems
from tui_annotate.cli.console import confirm, say
from tui_annotate.cli.recipe_command import make_command, match_positional
from tui_annotate.cli.recipe_file_options import load_files
from tui_annotate.cli.setting_table import PROJECT_FILE
from tui_annotate.cli.settings import file_problems, load_settings
from tui_annotate.data_paths import is_server_name, store_path
from tui_annotate.errors import ConfigError, TuiAnnotateError, UsageError
from tui_annotate.exchange.atomic_files import whole_file
from tui_annotate.recipes.registry import get_recipe
from tui_annotate.sources.first_look import FirstLook, look, readable, text_field
from tui_annotate.sources.registry import open_source
from tui_annotate.store.database import open_store
from tui_annotate.text.amounts import plural
from tui_annotate.text.safe import safe_line

if TYPE_CHECKING:
    from tui_annotate.cli.project import Project
    from tui_annotate.cli.settings import Settings

_T = TypeVar("_T")

_GUIDELINES = ("guidelines.md", "guidelines.html", "guidelines.txt")
_USUAL_LABELS = "PERSON,ORG"


@click.command("init")
@click.option("--recipe", help="The recipe; else ner.manual")
@click.option("--source", help="What is annotated; else the first file here that can be read")
@click.option("--label", help="The labels, with commas")
@click.option("--dataset", help="Where answers go; else called as the source is")
@click.option("--annotations-per-task", "each", help="How many people get each task; else 1")
@click.option("--yes", is_flag=True, help="Ask nothing: take the proposals for what is not given")
def init(
    recipe: str | None,
    source: str | None,
    label: str | None,
    dataset: str | None,
    each: str | None,
    yes: bool,
) -> int:
    """Write the tui-annotate.toml of a project into this folder, by five questions.

    Afterwards `tui-annotate` alone starts the job here, for whoever is logged in. What an option
    gives is not asked; `enter` takes the proposal. An answer that cannot be used is asked for
    again.
    """
    file = Path.cwd() / PROJECT_FILE
    if not _may_write(file, is_asked=not yes):
        say("It stays as it is.")
        return 1
    if not yes:
        say("A few questions make the project of this folder; enter takes what is in brackets.")
    ask = _Questions(yes)
    values: dict[str, Any] = {"recipe": ask("Recipe", recipe, "ner.manual", _known_recipe)}
    seen = ask("Source", source, _first_source(file.parent), look)
    values.update(_source_values(seen))
    if _has_labels(values["recipe"]):
        proposed = _proposed_labels(seen, values["recipe"])
        values["labels"] = ask("Labels, with commas", label, proposed, _names)
    proposed = Path(seen.path).name.partition(".")[0] or "answers"
    values["dataset"] = ask("Dataset", dataset, proposed, str)
    if each is None and not yes and seen.rows:
        rows = seen.rows
        say(f"{rows:,} rows: 1 person per task gives {rows:,} answers, 2 people {2 * rows:,}.")
    values["annotations_per_task"] = ask("How many people per task", each, "1", _number)
    guidelines = next((name for name in _GUIDELINES if (file.parent / name).is_file()), None)
    if guidelines is not None:
        values["instructions"] = guidelines
    _write(file, values)
    say(f"{file} is written. In this folder:")
    for line in _NEXT:
        say(line)
    wrong = list(problems(file))
    for line in wrong:
        say(line)
    return 1 if wrong else 0


_NEXT = (
    "  tui-annotate            starts the job, for whoever is logged in",
    "  tui-annotate dashboard  shows how far everybody is, while they work",
    "  tui-annotate report -o report.html   writes the same as a page",
    "docs/team.md says how people log in.",
)


def _may_write(file: Path, *, is_asked: bool) -> bool:
    """Return whether a file may be written: it is not there, or somebody agrees to lose it."""
    if not (file.exists() or file.is_symlink()):
        return True
    if not is_asked:
        hint = "Remove it, or leave out --yes to be asked"
        raise UsageError("it is there already", where=str(file), hint=hint)
    return confirm(f"{file} is there already. Overwrite it?")


def _source_values(found: FirstLook) -> dict[str, Any]:
    """Return what the project's file says of its source, and say what was seen in it."""
    if not found.field:
        return {"source": found.path}
    say(f"The text seems to be in the field {found.field!r}.")
    return {"source": found.path, "options": ["--text-field", found.field]}


def _proposed_labels(found: FirstLook, recipe: str) -> str:
    """Return the labels of the source, where the recipe gives labels of that kind."""
    fits = found.holds != "classes" or recipe.startswith("textcat")
    return ",".join(found.labels if fits else ()) or _USUAL_LABELS


class _Questions:
    """Asks on stderr, and takes the proposal where nothing is typed, or nothing is to be asked."""

    def __init__(self, silent: bool) -> None:
        self._silent = silent

    def __call__(
        self, what: str, given: str | None, proposal: str, check: Callable[[str], _T]
    ) -> _T:
        """Return what `check` makes of the answer to a question; one that it refuses is said, and
        the question is asked again.

        Raises:
            TuiAnnotateError: What an option gives, or the proposal where nothing is asked, is
                refused.
        """
        while True:
            if given is not None:
                answer = given
            elif self._silent:
                answer = proposal
            else:
                answer = self._typed(what, proposal) or proposal
            try:
                return check(_usable(what, answer))
            except TuiAnnotateError as error:
                if given is not None or self._silent:
                    raise
                say(str(error))

    def _typed(self, what: str, proposal: str) -> str:
        sys.stderr.write(safe_line(f"{what} [{proposal}]: "))
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            hint = "Nothing is written. With --yes nothing is asked"
            raise UsageError("the input ended before the questions did", hint=hint)
        return line.strip()


def _usable(what: str, answer: str) -> str:
    """Return an answer without blanks around it.

    Raises:
        UsageError: It is empty, or has control characters.
    """
    if not answer.strip() or not answer.isprintable():
        hint = "Give it by its option; `tui-annotate init --help` lists them"
        raise UsageError(f"{what.lower()}: nothing that could be used is given", hint=hint)
    return answer.strip()


def _known_recipe(name: str) -> str:
    """Return the name of a recipe.

    Raises:
        UsageError: There is none of this name.
    """
    get_recipe(name)
    return name


def _names(text: str) -> list[str]:
    """Return names that commas separate.

    Raises:
        UsageError: There is none.
    """
    found = [name.strip() for name in text.split(",") if name.strip()]
    if not found:
        raise UsageError("labels: there is no name in it", hint="Write names with commas: A,B")
    return found


def _has_labels(recipe: str) -> bool:
    return any(item.name == "label" for item in get_recipe(recipe).parameters)


def _first_source(folder: Path) -> str:
    """Return the first file of a folder that holds rows; empty where there is none."""
    for path in sorted(folder.iterdir()):
        taken = path.name.startswith(".") or path.name in (*_GUIDELINES, PROJECT_FILE)
        if taken or not path.is_file() or path.suffix.lower() in (".toml", ".db", ".md", ".py"):
            continue
        with suppress(TuiAnnotateError):
            if any(readable(open_source(str(path)))) or text_field(str(path)):
                return path.name
    return ""


def _number(text: str) -> int | float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1000:
        what = f"{text!r} is not a number above 0"
        hint = "Write 1 or 2, or 1.5 for one or two people by halves"
        raise UsageError(what, where="--annotations-per-task", hint=hint)
    return int(value) if value.is_integer() else value


def _write(file: Path, values: dict[str, Any]) -> None:
    # A string or a list of strings of JSON means the same in TOML, as none is unprintable.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    with whole_file(file, overwrite=True) as staged:
        staged.write_text("\n".join(lines) + "\n", encoding="utf-8")


@click.command("check-project")
def check_project() -> int:
    """Say what is wrong with the tui-annotate.toml of this folder, and what to do about it.

    Exits with 1 where something is. Nothing is changed.
    """
    file = Path.cwd() / PROJECT_FILE
    if not file.is_file():
        say(f"{file}: it is not there. `tui-annotate init` writes one")
        return 1
    found = list(problems(file))
    for line in found:
        say(line)
    if found:
        say(f"{plural(len(found), 'problem')} found.")
        return 1
    say("The project is in order: `tui-annotate` alone starts its job in this folder.")
    project = load_settings(file.parent).project
    if project is not None:
        say(blindness(project))
    return 0


def blindness(project: Project) -> str:
    """Return what annotators of a project see of each other, and against whom that holds."""
    if is_server_name(project.bound["db"]):
        return _blindness_on_server(project)
    if not project.blind:
        return "Annotators may read each other's answers (blind = false)."
    held = (
        "It is blind: annotators see their own answers only. That holds against the program:"
        " whoever can write the database file can read and change every answer"
    )
    if project.identity == "key":
        return f"{held}, so nobody but the lead may have a shell in this account."
    return (
        f"{held}. To keep people from it, let them log in by SSH keys into one account"
        ' (identity = "key", docs/security.md).'
    )


def _blindness_on_server(project: Project) -> str:
    with open_store(store_path(project.bound["db"]), readonly=True) as store:
        has_roles = store.has_roles
    if has_roles:
        return (
            "The server shows annotators their own answers only, whatever program they use;"
            " whoever logs in to it as a lead reads and changes every answer."
        )
    if not project.blind:
        return "Annotators may read each other's answers (blind = false)."
    return (
        "It is blind: annotators see their own answers only. That holds against the program:"
        " whoever can log in to the server can read and change every answer. To keep people from"
        " it, let them log in as annotators (`tui-annotate store roles`, docs/datasets.md)."
    )


def problems(file: Path) -> Iterator[str]:
    """Yield what is wrong with a project's file and with what it names, one line each."""
    found = file_problems(file)
    if found:
        yield from found
        return
    try:
        settings = load_settings(file.parent)
    except ConfigError as error:
        yield str(error)
        return
    if settings.project is None:
        refused = [line for line in settings.refused if str(file) in line]
        missing = f"{file}: 'recipe' is missing. Add a line such as recipe = \"ner.manual\""
        yield from refused or [missing]
        return
    yield from _job_problems(settings.project)
    yield from _place_problems(settings.project, settings)


def _job_problems(project: Project) -> Iterator[str]:
    """Yield what is wrong with the command line that the file stands for, and its source."""
    try:
        words = load_files(project.words())
        spec = get_recipe(words[0])
        with make_command(spec).make_context(words[0], words[1:]) as context:
            placed = [item for item in spec.parameters if item.kind == "positional" or item.bare]
            match_positional(spec.name, placed, context.params["arguments"])
            loader = context.params.get("own_loader")
        if project.source and ":" not in project.source and loader is None:
            look(project.source, context.params.get("own_text_field") or "")
    except TuiAnnotateError as error:
        yield f"{project.file}: {error}"
    except click.UsageError as error:
        yield f"{project.file}: {error.format_message()}"


def _place_problems(project: Project, settings: Settings) -> Iterator[str]:
    """Yield what is wrong with guidelines, people and the database, and what else is in force."""
    if settings.guidelines_notice:
        yield settings.guidelines_notice
    yield from _people_problems(project)
    if project.identity == "key":
        yield from server_problems()
    if project.blind and (project.recipe == "review" or project.source.startswith("dataset:")):
        yield (
            f"{project.file}: the job shows what others have answered, which annotators of a blind"
            " project may not see. Write blind = false"
        )
    if is_server_name(project.bound["db"]):
        yield from _server_problems(project)
    else:
        yield from _folder_problems(project)
    for key, origin in project.against:
        yield f"{origin}: {key!r} would change what {project.file} alone says. Remove it there"


def _server_problems(project: Project) -> Iterator[str]:
    """Yield what is wrong with a store on a server, and with its name."""
    name = store_path(project.bound["db"])
    if getattr(name, "has_secret", False):
        yield (
            f"{project.file}: 'db' holds a password, which everybody who works here can read."
            " Remove it there, and have each of them keep an own one in ~/.pgpass"
        )
    try:
        open_store(name, readonly=True).close()
    except TuiAnnotateError as error:
        yield str(error)


def _folder_problems(project: Project) -> Iterator[str]:
    """Yield what is wrong with the place of the database file."""
    database = Path(project.bound["db"])
    there = next(each for each in (database, *database.parents) if each.exists())
    if there.is_dir() and there == database:
        yield f"{project.file}: 'db' is a folder ({database}). Name a file in it"
    elif not os.access(there, os.W_OK):
        yield f"{project.file}: you cannot write {there}, where answers are to be kept"


def _people_problems(project: Project) -> Iterator[str]:
    """Yield what is wrong with the list of people, and with settings that name or count them."""
    people: Sequence[str] = project.people
    for name in sorted({name for name in people if people.count(name) > 1}):
        yield f"{project.file}: 'people' names {name!r} twice. Remove one of them"
    if "annotator" in project.bound:
        yield (
            f"{project.file}: 'annotator' gives everybody's answers to one name. Remove it: the"
            " login says who annotates"
        )
    if project.bound.get("quota") == 0:
        yield (
            f"{project.file}: 'quota' is 0, so that nobody is asked anything. Remove it, or say how"
            " many answers each person is to give"
        )
    groups = project.bound.get("cohorts") or {}
    named = {
        "quotas": list(project.bound.get("quotas") or {}),
        "cohorts": [name for group in groups.values() for name in group],
    }
    for key, names in named.items():
        for name in sorted({name for name in names if people and name not in people}):
            yield f"{project.file}: {key!r} names {name!r}, who is not among 'people'"
    each = project.bound.get("annotations_per_task")
    if people and isinstance(each, (int, float)) and each > len(people):
        yield (
            f"{project.file}: 'annotations_per_task' is {each}, and there are"
            f" {len(people)} people. No task could ever be finished"
        )
