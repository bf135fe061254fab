"""How the tasks of a dataset are shared: how many people annotate each of them, which cohorts
(groups of people) have rows of their own, and which tasks a session holds while others work on the
same dataset.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tui_annotate.errors import RecipeError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.job import Controller, Job
from tui_annotate.session.context import Opened
from tui_annotate.session.types import Item
from tui_annotate.store.claims import Claimed
from tui_annotate.store.database import Store
from tui_annotate.store.records import OF_ANOTHER_COHORT
from tui_annotate.stream.drops import OF_FIRST
from tui_annotate.stream.records import Asked, Exclusion
from tui_annotate.task.hashing import Identity
from tui_annotate.task.schema import COHORT, TASK_HASH, WANTED_KEY, Task, wanted_of

EVERYONE = float("inf")
"""How many people annotate a task where all of them do."""


class Sharing:
    """How many people a job wants for each task.

    Args:
        job: The job.

    Attributes:
        router: The recipe's own `task_router`, which names the sessions for each task.
        leaves_out: Some tasks are asked of nobody: on average fewer than one person is wanted.
        everyone: Everybody is asked everything, so nobody's tasks keep another one from them.

    Raises:
        RecipeError: `annotations_per_task` is no number above 0.
    """

    def __init__(self, job: Job) -> None:
        self._config = job.config
        router = job.given.get("task_router")
        # None where only the router itself can tell, task by task.
        count = _count_in_config(job) if router is None else _count_of(router)
        self.router: Callable[..., Any] | None = router if count is None else None
        # Where answers keep no task from being asked, those of others do not either.
        self.everyone = count == EVERYONE or not job.policy.auto_exclude
        self._count = count or 0.0
        self._silent = job.silent
        self.leaves_out = not self.everyone and 0 < self._count < 1

    def wanted(self, identity: Identity, named: int | None = None) -> int | None:
        """Return how many people are to annotate a task; None where names or nothing limits it, as
        with tasks whose answers are known.

        With 1.5 for each task it is 1 for one half of them and 2 for the other, by the task's hash.

        Args:
            identity: Who the task is.
            named: How many its row, or a router, wants for it; None where neither says.
        """
        if self.everyone or identity.input_key in self._silent:
            return None
        if named is not None or self.router is not None:
            return named
        return wanted_of_average(self._count, identity.task_hash)

    def quota(self, annotator: str) -> int | None:
        """Return how many answers an annotator is to give in the dataset; None for no limit."""
        quotas = self._config.get("quotas")
        if isinstance(quotas, Mapping) and annotator in quotas:
            return int(quotas[annotator])
        every = self._config.get("quota")
        return every if isinstance(every, int) else None

    @property
    def sentence(self) -> str:
        """What people who work on one dataset at once are told."""
        if self.router is not None:
            return "the recipe says who of you gets which tasks"
        if self.everyone:
            return "each of you gets every task"
        if self._count == 1:
            return "each task goes to one of you"
        average = "" if self._count == int(self._count) else " on average"
        return f"each task goes to {self._count:g} of you{average}"


def wanted_of_average(average: float, task_hash: int) -> int:
    """Return how many people are wanted for a task, where so many are on average for each."""
    whole = int(average)
    number = task_hash & 0xFFFFFFFF
    return whole + ((number >> 16) % 1000 < (average - whole) * 1000)


def _count_in_config(job: Job) -> float:
    """Return how many people are to annotate each task, as the job's configuration says: one where
    it says nothing."""
    count = job.config.get("annotations_per_task")
    if count is None:
        return EVERYONE if job.config.get("feed_overlap") else 1.0
    if isinstance(count, bool) or not isinstance(count, (int, float)) or count <= 0:
        raise RecipeError(
            f"config 'annotations_per_task' is {count!r}, not a number above 0", where=job.recipe
        )
    return float(count)


def _count_of(router: Callable[..., Any]) -> float | None:
    """Return how many people a router wants for each task; None where only its names tell.

    Of the routers that come with the program that is known. They are not called: which sessions
    there are changes while people work, and a share that was given to somebody by name waits for
    ever once that person has left.
    """
    if router is full_overlap:
        return EVERYONE
    if router is no_overlap:
        return 1.0
    return router.count if isinstance(router, AveragePerTask) else None


class WantedTask(NamedTuple):
    """A task that others hold.

    Attributes:
        task: What it is claimed by.
        wanted: How many people its row, or a router, wants for it; None where neither says.
    """

    task: Claimed
    wanted: int | None


class Claiming:
    """Claims tasks for a session, and knows which ones it holds.

    `take`, `settle`, `beat` and `give_back` write inside the caller's transaction; the caller calls
    `committed` after its commit, or `failed` where it failed.

    Args:
        opened: The session.

    Attributes:
        active: Whether tasks are claimed in this job; not where everybody is asked everything, or
            where the annotator only looks on.
    """

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._store = opened.store
        self._claims = opened.store.progress
        self._sharing = Sharing(opened.job)
        self._held: dict[bytes, Claimed] = {}
        self._taken: list[Claimed] = []
        self._given: list[Claimed] = []
        self._owed: tuple[Identity, int | None] | None = None
        self.active = not opened.looking_on and not self._sharing.everyone

    @property
    def quota(self) -> int | None:
        """How many answers the annotator is to give in the dataset; None for no limit."""
        return self._sharing.quota(self._opened.session.annotator)

    def has(self, identity: Identity) -> bool:
        """Return whether the session holds a task, as far as it knows, or need not hold it."""
        if not self.active or identity.input_key in self._opened.job.silent:
            return True
        return self._claimed(identity).key in self._held

    def held_by_others(self) -> dict[bytes, int]:
        """Return how many other people have a claim on each key that is claimed."""
        opened = self._opened
        if not self.active:
            return {}
        return self._claims.held(
            opened.dataset.id, opened.pass_, opened.session.id, overdue_ms=self._overdue
        )

    def is_free(self, asked: Asked, held: dict[bytes, int]) -> bool:
        """Return whether a task can be had, where `held_by_others` gave `held` just before.

        It has been compared with the answers already, so where one annotation is wanted only the
        claims are left to tell.
        """
        task, wanted = self._claimed(asked.identity), self._wanted(asked.identity, asked.wanted)
        if wanted is None or task.key not in held:
            return True
        if wanted == 1 or held[task.key] >= wanted:
            return False
        return self._holders(task) < wanted

    def take(self, identity: Identity, wanted: int | None = None) -> bool:
        """Claim a task, if fewer others hold it than people are wanted for it.

        Args:
            identity: The task.
            wanted: How many people are wanted for it, where a router has named them.
        """
        opened, task = self._opened, self._claimed(identity)
        wanted = self._wanted(identity, wanted)
        if not self.active or wanted is None:
            return True
        whose = opened.session.id, opened.job_id
        token = self._claims.claim(task, *whose, wanted=wanted, overdue_ms=self._overdue)
        if token is None:
            return False
        self._taken.append(task)
        return True

    def settle(self, item: Item) -> bool:
        """Give a task back that is being answered.

        Returns:
            Whether the answer comes late: the claim had run out, and others took the task.
        """
        named = item.asked.wanted if item.asked is not None else wanted_of(item.task)
        wanted = self._wanted(item.identity, named)
        if not self.active or wanted is None or item.kind == "answered":
            return False
        task, session_id = self._claimed(item.identity), self._opened.session.id
        self._given.append(task)
        if self._claims.release(task, session_id):
            return False
        return self._holders(task) >= wanted

    def claimed(self, tasks: Iterable[Asked]) -> list[WantedTask]:
        """Return the keys that tasks are claimed by, with how many people their rows want."""
        return [WantedTask(self._claimed(asked.identity), asked.wanted) for asked in tasks]

    def any_free(self, tasks: Iterable[WantedTask]) -> bool:
        """Return whether fewer others hold one of these tasks than people are wanted for it."""
        for task, named in tasks:
            wanted = self._wanted(task.identity, named) or 1
            if self._holders(task) < wanted:
                return True
        return False

    def is_answered(self, identity: Identity, wanted: int | None = None) -> bool:
        """Return whether as many others have answered a task as people are wanted for it."""
        task, wanted = self._claimed(identity), self._wanted(identity, wanted)
        if not self.active or wanted is None:
            return False
        return self._claims.answered_by(task, self._opened.session.id) >= wanted

    def give_back(self) -> None:
        """Give back everything, because the session ends or begins anew."""
        self._owed = None
        if self.active:
            self._given += self._held.values()
            self._claims.release_all(self._opened.session.id)

    def owe(self, identity: Identity, wanted: int | None) -> None:
        """Note that a task is shown although it could not be claimed, because the database could
        not be written: the next transaction claims it, if nobody else has done so by then."""
        self._owed = identity, wanted

    @property
    def is_due(self) -> bool:
        """Whether there is a sign of life to be given, or a claim to be made up for."""
        return self._store.heartbeat.is_due or self._owed is not None

    def beat(self) -> None:
        """Give a sign of life where one is due: what the session holds stays its own."""
        if self._owed is not None and self._claimed(self._owed[0]) not in self._given:
            self.take(*self._owed)
        heartbeat = self._store.heartbeat
        if heartbeat.is_due:
            heartbeat.write(self._opened.session.id, self._held.values())

    def committed(self) -> None:
        """The transaction is durable."""
        for task in self._given:
            self._held.pop(task.key, None)
        for task in self._taken:
            self._held[task.key] = task
        self._given, self._taken, self._owed = [], [], None
        self._store.heartbeat.committed()

    def failed(self) -> None:
        """The transaction failed: nothing has changed hands."""
        self._given, self._taken = [], []

    @property
    def _overdue(self) -> int:
        """How far back the claims of others are judged, in milliseconds."""
        return self._store.heartbeat.overdue_ms

    def _holders(self, task: Claimed) -> int:
        """Return how many others hold a task."""
        return self._claims.holders(task, self._opened.session.id, overdue_ms=self._overdue)

    def _wanted(self, identity: Identity, named: int | None) -> int | None:
        return self._sharing.wanted(identity, named)

    def _claimed(self, identity: Identity) -> Claimed:
        opened = self._opened
        counted = opened.pass_ if opened.job.repeat > 1 else None
        by = opened.job.policy.exclude_by
        return Claimed(opened.dataset.id, identity, by, opened.pass_, counted)


Router = Callable[[Controller, str, Task], list[str]]


def full_overlap(ctrl: Controller, session_id: str, item: Task) -> list[str]:
    """Give every task to every session."""
    del item
    return sorted({*ctrl.session_ids, session_id})


def no_overlap(ctrl: Controller, session_id: str, item: Task) -> list[str]:
    """Give every task to one session, by its hash."""
    return AveragePerTask(1)(ctrl, session_id, item)


class AveragePerTask:
    """A router that gives tasks to `count` sessions on average.

    Called by itself, it decides by the task's hash and the sessions that there are. As the router
    of a job it is not called: claims keep to the number, whoever comes and goes.
    """

    def __init__(self, count: float) -> None:
        self.count = count

    def __call__(self, ctrl: Controller, session_id: str, item: Task) -> list[str]:
        """Return the sessions for a task."""
        pool = sorted({*ctrl.session_ids, session_id})
        number = _number(item)
        count = wanted_of_average(self.count, number)
        first = number % len(pool)
        return [pool[(first + step) % len(pool)] for step in range(min(count, len(pool)))]


def route_average_per_task(n: float) -> Router:
    """Return a router that gives tasks to `n` sessions on average; 1.5 is one or two, by halves."""
    return AveragePerTask(n)


def _number(item: Task) -> int:
    value: Any = item.get(TASK_HASH)
    return (value if isinstance(value, int) else 0) & 0xFFFFFFFF


_ELSEWHERE = "filtered"
_NOWHERE = "no-such-cohort"


def of_own_cohorts(job: Job, annotator: str, tasks: Iterable[Task]) -> Iterable[Task]:
    """Mark rows of groups that the annotator is not in; rows without one are for everybody."""
    mine, known = _groups(job, annotator)
    return _marked(tasks, mine, known) if known else tasks


def joined_since(store: Store, cursor_id: int, job: Job, annotator: str) -> bool:
    """Return whether rows that were left out before a cursor are for the annotator by now.

    Somebody has joined their cohort, or the project has it only since then: the source is read
    again, and these rows are asked. What was answered is not.

    Args:
        store: The database.
        cursor_id: How far the session is.
        job: The job, with its cohorts as they are now.
        annotator: Who annotates.
    """
    mine, known = _groups(job, annotator)
    if not known:
        return False
    details = store.progress.drop_details(cursor_id, (_ELSEWHERE, _NOWHERE))
    found = {_absent(name) for name in known}
    for detail in details:
        if detail == OF_ANOTHER_COHORT or detail in found:  # the first one is of an older version
            return True
        if detail.startswith(OF_FIRST):  # of very many groups nobody has kept all
            return True
        if detail.startswith(f"{OF_ANOTHER_COHORT}: ") and mine.intersection(_named_in(detail)):
            return True
    return False


def _groups(job: Job, annotator: str) -> tuple[set[str], frozenset[str]]:
    """Return the cohorts that the annotator is in, and all that there are."""
    cohorts = job.config.get("cohorts")
    if not isinstance(cohorts, Mapping):
        return set(), frozenset()
    mine = {name for name, people in cohorts.items() if annotator in people}
    return mine, frozenset(cohorts)


def _marked(tasks: Iterable[Task], mine: set[str], known: frozenset[str]) -> Iterator[Task]:
    """Mark the tasks that are for others, so that their rows are accounted for as not asked."""
    for task in tasks:
        cohort = task.get(COHORT)
        if cohort is not None:
            why = _not_mine(cohort, mine, known)
            if why is not None:
                task[WANTED_KEY] = why
        yield task


def _not_mine(cohort: object, mine: set[str], known: frozenset[str]) -> Exclusion | None:
    """Return why a row is not for this annotator; None where it is.

    Args:
        cohort: What the row has: the name of a group, or a list of names.
        mine: The groups that the annotator is in.
        known: All groups that there are.
    """
    names = cohort if isinstance(cohort, list) else [cohort]
    if any(isinstance(each, str) and each in mine for each in names):
        return None
    lost = [each for each in names if not isinstance(each, str) or each not in known]
    if lost:
        return Exclusion(_NOWHERE, _absent(lost[0]))
    if not names:
        return Exclusion(_NOWHERE, "its list of cohorts is empty, so nobody is asked")
    listed = json.dumps(sorted(set(names)), ensure_ascii=False)
    return Exclusion(_ELSEWHERE, f"{OF_ANOTHER_COHORT}: {listed}")


def _absent(name: object) -> str:
    return f"there is no cohort {name!r}, so nobody is asked"


def _named_in(detail: str) -> list[str]:
    """Return the cohorts that a reason names."""
    try:
        found = json.loads(detail.removeprefix(f"{OF_ANOTHER_COHORT}: "))
    except ValueError:
        return []
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
