"""What `tui-annotate` does without a command: the start screen in a terminal."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tui_annotate.cli.annotator_name import annotator_name
from tui_annotate.cli.console import can_draw
from tui_annotate.cli.demo import SETS
from tui_annotate.cli.setting_values import command_words
from tui_annotate.cli.settings import Settings, environment_as_given
from tui_annotate.commands.new_job import NewJob
from tui_annotate.commands.preferences import FACES, Offer, Preferences, RecentJob, recent_jobs
from tui_annotate.data_paths import database_path, state_folder
from tui_annotate.errors import NoTerminal, RecipeError, TuiAnnotateError
from tui_annotate.interpreter import isolated_environment, module_command
from tui_annotate.recipes.registry import get_recipe, recipe_names
from tui_annotate.store.database import open_store
from tui_annotate.tui.terminal.startup import prepare

if TYPE_CHECKING:
    from tui_annotate.store.database import Store

_SHOWN = 9
_USUAL = ("ner.manual", "textcat.manual", "spans.manual")


def start(settings: Settings) -> int | None:
    """Let the user choose a job and become it; None where there is no screen to choose on.

    Args:
        settings: What files and the environment say.

    Returns:
        The exit code where nothing was chosen.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or _is_plain(settings):
        return None
    try:
        prepared = prepare()
    except NoTerminal:
        return None
    # Which loads Textual: only where there is a terminal.
    from tui_annotate.tui.screens.start import run_start

    offers = _offers(settings)
    code, chosen = run_start(
        offers, partial(_new_job, not can_draw()), prepared, settings.options.get("theme")
    )
    if chosen is None:
        return code
    if chosen.folder:
        try:
            os.chdir(chosen.folder)
        except OSError as error:
            what = f"its folder cannot be entered ({error.strerror})"
            raise TuiAnnotateError(what, where=chosen.folder) from None
    sys.stdout.flush()
    arguments = module_command("tui_annotate", *chosen.arguments)
    os.execve(sys.executable, arguments, isolated_environment(environment_as_given()))  # noqa: S606
    return 1


def _new_job(ascii_only: bool) -> NewJob:
    """Return the form for a new job."""
    names: list[str] = []
    path = database_path()
    if path.exists():
        with suppress(TuiAnnotateError), open_store(path, create=False, readonly=True) as store:
            names = [each.name for each in store.admin.datasets()]
    return NewJob(
        form_recipes(),
        lambda name: get_recipe(name).summary,
        names,
        ascii_only=ascii_only,
    )


def _is_plain(settings: Settings) -> bool:
    """Tell whether who is here works line by line."""
    plain = settings.options.get("plain")
    return plain is True or (
        plain is None and Preferences(annotator_name(None)).get("face", FACES) == "plain"
    )


def form_recipes() -> dict[str, bool]:
    """Return the recipes that need no more than a dataset, a source and labels; whether labels.

    The most usual ones are first; packages that cannot be loaded are left out.
    """
    found: dict[str, bool] = {}
    for name in dict.fromkeys((*_USUAL, *recipe_names())):
        try:
            parameters = get_recipe(name).parameters
        except RecipeError:
            continue
        needed = {item.name for item in parameters if item.required}
        if {"dataset", "source"} <= needed <= {"dataset", "source", "label"}:
            found[name] = "label" in needed
    return found


def _offers(settings: Settings) -> list[Offer]:
    """Return the recent jobs, the project's, and the demos; each once."""
    recent = recent_jobs()
    counted: dict[RecentJob, tuple[int, int | None] | None] = {}
    path = database_path()
    if recent and path.exists():
        with suppress(TuiAnnotateError), open_store(path, create=False, readonly=True) as store:
            counted = {each: _counted(store, each) for each in recent}
    here = {each.arguments: each for each in recent if each.folder == str(Path.cwd())}
    project = []
    for name, job_line in settings.jobs.items():
        arguments = tuple(command_words(job_line))
        known = here.get(arguments)
        if known is None:
            project.append(Offer(name, shlex.join(arguments), arguments))
        else:
            project.append(_offer(known, name, counted.get(known), folder=""))
    named = {each.arguments for each in project} & here.keys()
    jobs = [
        _offer(each, each.dataset, counted.get(each), folder=each.folder)
        for each in recent
        if each.arguments not in named
    ]
    demos = [
        Offer(f"demo {name}", "try it, in a store of its own", ("demo", name)) for name in SETS
    ]
    lesson = Offer("tutorial", "learn the keys in five minutes, by doing it", ("tutorial",))
    if not (jobs or project) and not (state_folder() / "tutorial.json").exists():
        return [lesson, *demos]  # the first start
    return [*jobs[:_SHOWN], *project, *demos, lesson]


def _offer(
    job: RecentJob, name: str, counted: tuple[int, int | None] | None, *, folder: str
) -> Offer:
    """Return a job that was started before.

    Args:
        job: The job.
        name: What it is called.
        counted: How many of its tasks are answered and to go, as `_counted` says.
        folder: Where it runs; the working folder where empty.
    """
    done, to_go = counted or (0, None)
    share = None if to_go is None or not done + to_go else done / (done + to_go)
    about = job.folder if counted is None else _told(done, to_go)
    return Offer(
        name, about, job.arguments, folder, recipe=job.arguments[0], share=share, at=job.at
    )


def progress(store: Store, job: RecentJob) -> str:
    """Return how far a job is; empty where the store does not know its dataset."""
    counted = _counted(store, job)
    return "" if counted is None else _told(*counted)


def _told(done: int, to_go: int | None) -> str:
    return f"{done:,} answered" if to_go is None else f"{done:,} answered, {to_go:,} to go"


def _counted(store: Store, job: RecentJob) -> tuple[int, int | None] | None:
    """Return how many tasks of a job are answered and how many are to go, None where they are not
    counted; None where the store does not know its dataset."""
    dataset = store.admin.find_dataset(job.dataset)
    if dataset is None:
        return None
    done = sum(store.answers.counts(dataset.id).values())
    accounts = [each for each in store.accounts.of(dataset.id) if each.recipe == job.arguments[0]]
    if not accounts or accounts[-1].rows is None:
        return done, None
    # What others have answered is not to go, although this session has not passed it yet.
    past = max(accounts[-1].read, store.accounts.answered_rows(dataset.id, accounts[-1]))
    return done, max(0, accounts[-1].rows - past)
