"""`tui-annotate who`: who is at work on which dataset, since when, how fast, with what in hand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from tui_annotate.cli.console import local_time, print_rows, say
from tui_annotate.cli.find_datasets import existing_store, find_dataset
from tui_annotate.cli.output import print_json
from tui_annotate.session.process_owner import end_process, is_suspended, now_at_work
from tui_annotate.store.write_lock import STALE
from tui_annotate.text.amounts import plural

if TYPE_CHECKING:
    from tui_annotate.store.database import Store
    from tui_annotate.store.records import Dataset, StoredSession, Visit

_PATIENCE = 20
"""Seconds for a session to end in: it stores its draft first."""

_HEADINGS = (
    *("dataset", "annotator", "state", "since", "silent"),
    *("answers", "an hour", "in hand", "lease"),
)


@click.command("who")
@click.argument("dataset", required=False)
@click.option("--all", "with_ended", is_flag=True, help="Those as well who ended in order")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, those who ended included")
@click.option("--end", metavar="NAME", help="End the sessions of this annotator, in order")
def command(dataset: str | None, with_ended: bool, as_json: bool, end: str | None) -> int:
    """List who is at work on DATASET, or on all datasets.

    "live": the program runs, or gives signs of life from elsewhere. "stopped": it was killed, or
    its machine is gone, and it never said that it ended. "suspended": it was stopped, as by ctrl-z,
    and gives no signs of life until it goes on. "silent": the program is there, and has given no
    sign of life for more than a minute and a half: it hangs, or so does its connection or its disk.
    What any of these has in hand goes to the others when its lease, in seconds, is over. Below
    "silent" are the seconds since the last sign of life, which a program gives every half minute.
    "answers" are those that were given since it began.
    """
    if end is not None:
        return _end(end, dataset)
    with existing_store() as store:
        datasets = [find_dataset(store, dataset)] if dataset else store.admin.datasets()
        found = [line for each in datasets for line in _of(store, each)]
    if as_json:
        print_json(found)
        return 0
    shown = [line for line in found if with_ended or line["state"] != "ended"]
    if shown:
        print_rows([_HEADINGS, *(_row(line) for line in shown)])
    else:
        say("Nobody is at work.")
    left_out = len(found) - len(shown)
    if left_out:
        verb = "has" if left_out == 1 else "have"
        say(f"{plural(left_out, 'session')} {verb} ended in order (--all lists them).")
    return 0


def _end(annotator: str, dataset: str | None) -> int:
    """End the sessions of an annotator that run on this machine, and wait until they have ended."""
    failed = 0
    with existing_store() as store:
        datasets = [find_dataset(store, dataset)] if dataset else store.admin.datasets()
        sessions = [
            (each.name, session, visit)
            for each in datasets
            for session in store.admin.sessions(each.id)
            if session.annotator == annotator
            and (visit := store.visits.newest(session.id)) is not None
            and now_at_work(visit, store.time())
        ]
        for name, session, visit in sessions:
            where = f"{name}: the session of {annotator}"
            try:
                asked = end_process(visit)
            except PermissionError:
                say(f"{where} runs under another account. Its owner or root can end it")
                failed = 1
                continue
            if not asked:
                say(f"{where} is {now_at_work(visit, store.time())}. Call `who --end` there")
                failed = 1
            elif _has_ended(store, session.id):
                say(f"{where} has ended; its drafts are kept, and its tasks go to the others.")
            else:
                say(f"{where} was told to end, and is still at work after {_PATIENCE} seconds")
                failed = 1
    if not sessions:
        say(f"{annotator} is not at work{f' on {dataset}' if dataset else ''}.")
        return 1
    return failed


def _has_ended(store: Store, session_id: int) -> bool:
    """Wait until a session says that it has ended; False where it does not in time."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        visit = store.visits.newest(session_id)
        if visit is None or not now_at_work(visit, store.time()):
            return True
        time.sleep(0.1)
    return False


def _of(store: Store, dataset: Dataset) -> list[dict[str, Any]]:
    """Return what there is to say of each session of a dataset that somebody has worked in."""
    found = []
    for session in store.admin.sessions(dataset.id):
        visit = store.visits.newest(session.id)
        if visit is not None:
            found.append(_line(store, dataset, session, visit))
    return found


def _line(store: Store, dataset: Dataset, session: StoredSession, visit: Visit) -> dict[str, Any]:
    place = now_at_work(visit, store.time())
    answers, newest = store.lookup.answered_since(session.id, visit.opened_at)
    tasks, lease = store.progress.in_hand(session.id)
    silent = max(0, store.time() - max(visit.beat_at or 0, visit.opened_at))
    if visit.closed_at is not None:
        state = "ended"
    elif not place:
        state = "stopped"
    elif is_suspended(visit):
        state = "suspended"
    else:
        state = "live" if silent < STALE else "silent"
    return {
        "dataset": dataset.name,
        "session": session.name,
        "annotator": session.annotator,
        "state": state,
        "where": place,
        "opened_at": visit.opened_at,
        "closed_at": visit.closed_at,
        "beat_at": visit.beat_at,
        "silent_seconds": None if state == "ended" else silent,
        "answers": answers,
        "last_answer_at": newest,
        "answers_an_hour": _pace(visit, answers, newest, state),
        "in_hand": tasks,
        "lease_seconds": lease,
    }


def _pace(visit: Visit, answers: int, newest: int | None, state: str) -> int | None:
    """Return the answers in an hour of the visit; None where it has lasted less than a minute."""
    if state in ("live", "silent", "suspended"):
        end: float = time.time()
    else:  # of a program that was killed nobody knows when; its newest answer is sure
        end = visit.closed_at or max(newest or 0, visit.beat_at or 0)
    lasted = end - visit.opened_at
    return round(answers * 3600 / lasted) if lasted >= 60 else None


def _row(line: dict[str, Any]) -> tuple[Any, ...]:
    lease = line["lease_seconds"] if line["in_hand"] else None
    link = line["state"], local_time(line["opened_at"]), line["silent_seconds"]
    facts = line["answers"], line["answers_an_hour"], line["in_hand"], lease
    return (line["dataset"], line["annotator"], *link, *facts)
