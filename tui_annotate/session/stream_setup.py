"""Where a session's tasks come from: the recipe's stream, a list of its own, or a factory's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from threading import get_ident
from typing import TYPE_CHECKING, Any

from tui_annotate.errors import RecipeError, TaskError
from tui_annotate.job import Controller, Job
from tui_annotate.session.recipe_code import call_recipe
from tui_annotate.session.sharing import Sharing, of_own_cohorts
from tui_annotate.sources.iterable_source import IterableSource
from tui_annotate.store.database import Store
from tui_annotate.store.records import OF_OTHERS, Dataset, StoredSession
from tui_annotate.stream.records import Exclusion
from tui_annotate.stream.row_accounts import identity_of
from tui_annotate.stream.stream import Stream
from tui_annotate.task.schema import WANTED_KEY, Task

if TYPE_CHECKING:
    from tui_annotate.store.database_api import Database


class SessionRouter:
    """Asks a session's router about tasks.

    A task is for this session where the router names it, and fewer others than it names have
    answered already: somebody who began alone has done the share of those who came later.

    Args:
        job: The job.
        ctrl: What the router is told.
        router: The router.
    """

    def __init__(self, job: Job, ctrl: Controller, router: Callable[..., Any]) -> None:
        self._job = job
        self._ctrl = ctrl
        self._router = router

    def tasks(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """Yield all, and mark those that are for others: their rows are accounted for so.

        Raises:
            RecipeError: The router failed, or gave no names.
        """
        job, ctrl = self._job, self._ctrl
        for task in tasks:
            if WANTED_KEY in task:  # for others, by its cohort
                yield task
                continue
            names = call_recipe(
                job, "task_router", self._router, ctrl, ctrl.session_id, task, task=task
            )
            if not isinstance(names, (list, tuple, set)):
                raise RecipeError("task_router gave no list of session names", where=job.recipe)
            wanted = len(set(names))
            is_own = ctrl.session_id in names and not self._done_by_others(task, wanted)
            task[WANTED_KEY] = wanted if is_own else Exclusion("filtered", OF_OTHERS)
            yield task

    def _done_by_others(self, task: Task, wanted: int) -> bool:
        job, db = self._job, self._ctrl.db
        if db is None or not job.policy.auto_exclude or job.repeat > 1:
            return False
        try:
            by_input = job.policy.exclude_by == "input"
            identity = identity_of(dict(task), None, job.hash_settings, by_input=by_input)
        except TaskError:
            return False  # it is refused where it comes out of the stream
        own = self._ctrl.session_id
        return len(db.answered_by(job.dataset, identity, job.policy.exclude_by) - {own}) >= wanted


def session_name(job: Job, annotator: str) -> str:
    """Return the session's name: what the recipe's `get_session_id` says, else
    `{dataset}-{annotator}`."""
    make = job.given.get("get_session_id")
    if make is None:
        return f"{job.dataset}-{annotator}"
    name = call_recipe(job, "get_session_id", make)
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise RecipeError("get_session_id gave no printable name", where=job.recipe)
    return name


def controller(store: Store, job: Job, dataset: Dataset, session: StoredSession) -> Controller:
    """Return what the callbacks of a job are told."""
    return Controller(
        recipe=job.recipe,
        dataset=job.dataset,
        view_id=job.view_id,
        config=dict(job.config),
        session_id=session.name,
        session_ids=tuple(sorted(each.name for each in store.admin.sessions(dataset.id))),
        home=str(store.path.parent),
        connect=_connection(store),
        total_annotated=sum(store.answers.counts(dataset.id).values()),
        stream=job.stream,
    )


def _connection(store: Store) -> Callable[[], Database]:
    """Return what makes the database of a job's callbacks, which few of them ask for."""
    owner = get_ident()

    def connect() -> Database:
        # Only recipes that ask for the database.
        from tui_annotate.store.database_api import Database

        return Database(store, owner=owner)

    return connect


def stream_of(job: Job, ctrl: Controller, annotator: str) -> tuple[Stream, Iterable[Task]]:
    """Return the stream whose rows the ledger accounts for, and the tasks made of them.

    A stream that was not made by `get_stream` is accounted for as a source of its own, which is
    resumed by key.

    Raises:
        RecipeError: `session_factory` failed, or gave no tasks.
    """
    tasks: Iterable[Task] = job.stream
    factory = job.given.get("session_factory")
    if factory is not None:
        tasks = call_recipe(job, "session_factory", factory, ctrl, ctrl.session_id)
        if not isinstance(tasks, Iterable) or isinstance(tasks, str):
            raise RecipeError("session_factory gave no iterable of tasks", where=job.recipe)
    made = tasks if isinstance(tasks, Stream) else _only(job)
    if made is None:
        name = f"the stream of {job.recipe}"
        made = Stream(IterableSource(tasks, name, f"recipe:{job.recipe}:{job.digest.hex()}"))
        tasks = made
    return made, _routed(job, ctrl, of_own_cohorts(job, annotator, tasks))


def _only(job: Job) -> Stream | None:
    return job.streams[0] if len(job.streams) == 1 else None


def _routed(job: Job, ctrl: Controller, tasks: Iterable[Task]) -> Iterable[Task]:
    """Mark what the recipe's `task_router` gives to other sessions only, and for how many people
    the rest is."""
    router = Sharing(job).router
    return tasks if router is None else SessionRouter(job, ctrl, router).tasks(tasks)
