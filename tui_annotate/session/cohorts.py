"""Cohorts: groups of people with rows of their own, and people who join one later."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from tui_annotate.job import Job
from tui_annotate.store.database import Store
from tui_annotate.stream.drops import OF_FIRST
from tui_annotate.stream.records import Exclusion
from tui_annotate.task.schema import COHORT, WANTED_KEY, Task

_ELSEWHERE = "filtered"
_NOWHERE = "no-such-cohort"

_OF_OTHERS = "it is for another cohort"


def of_own_cohorts(job: Job, annotator: str, tasks: Iterable[Task]) -> Iterable[Task]:
    """Leave out rows of groups that the annotator is not in; rows without one are for everybody."""
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
        if detail == _OF_OTHERS or detail in found:  # the first one is of an older version
            return True
        if detail.startswith(OF_FIRST):  # of very many groups nobody has kept all
            return True
        if detail.startswith(f"{_OF_OTHERS}: ") and mine.intersection(_named_in(detail)):
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
    return Exclusion(_ELSEWHERE, f"{_OF_OTHERS}: {listed}")


def _absent(name: object) -> str:
    return f"there is no cohort {name!r}, so nobody is asked"


def _named_in(detail: str) -> list[str]:
    """Return the cohorts that a reason names."""
    try:
        found = json.loads(detail.removeprefix(f"{_OF_OTHERS}: "))
    except ValueError:
        return []
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
