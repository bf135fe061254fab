"""`tui-annotate drop`: deletes datasets or sessions."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tui_annotate.cli.console import confirm, say, watched
from tui_annotate.cli.datasets import existing_store
from tui_annotate.errors import UsageError, nearest
from tui_annotate.exchange.importing import forget_imports
from tui_annotate.session.process_owner import now_at_work
from tui_annotate.store.answer_index import forget_index
from tui_annotate.text.amounts import plural
from tui_annotate.text.safe import shell_command

if TYPE_CHECKING:
    from tui_annotate.store.database import Store
    from tui_annotate.store.records import Dataset, StoredSession


@click.command("drop")
@click.argument("names", nargs=-1, required=True)
@click.option("-y", "--yes", is_flag=True, help="Do not ask")
@click.option("-n", "--batch-size", type=int, hidden=True, help="Accepted as Prodigy has it")
def command(names: tuple[str, ...], yes: bool, batch_size: int | None) -> int:  # noqa: ARG001
    """Delete the datasets or sessions NAMES, with all their answers. Asks before it does.

    Names may be separated by commas. What is deleted cannot be brought back, but from a backup.
    While somebody is at work in it, nothing is deleted.
    """
    wanted = [each.strip() for name in names for each in name.split(",") if each.strip()]
    with existing_store() as store:
        datasets, sessions = _find(store, wanted)
        _check_ended(store, datasets, sessions)
        for line in _what(store, datasets, sessions):
            say(line)
        if not yes:
            if not sys.stdin.isatty():
                raise UsageError("nobody can be asked here", where="drop", hint="Use --yes")
            if not confirm("Delete this for ever?"):
                say("nothing was deleted")
                return 1
        # Before: whoever is killed in between leaves no texts of a dataset that is not there.
        _forget_notes(store, datasets, sessions)
        with watched("deleting"), store.write_txn():
            for session in sessions:
                store.removal.session(session.id)
            for dataset in datasets:
                store.removal.dataset(dataset.id)
        say(f"{plural(len(datasets), 'dataset')} and {plural(len(sessions), 'session')} deleted")
    return 0


def _forget_notes(store: Store, datasets: list[Dataset], sessions: list[StoredSession]) -> None:
    """Remove the indexes for searches, which hold texts and can be made anew, and the notes of
    imports that were cut short."""
    touched = {each.id for each in datasets} | {each.dataset_id for each in sessions}
    names = {each.name for each in datasets}
    names |= {each.name for each in store.admin.datasets() if each.id in touched}
    for name in sorted(names):
        try:
            forget_index(store.path, name)
            if any(each.name == name for each in datasets):
                forget_imports(store.path, name)
        except OSError as error:
            say(f"{error.filename}: not removed ({(error.strerror or '').lower()})")


def _find(store: Store, names: list[str]) -> tuple[list[Dataset], list[StoredSession]]:
    datasets = {each.name: each for each in store.admin.datasets()}
    sessions: dict[str, list[StoredSession]] = {}
    for dataset in datasets.values():
        for session in store.admin.sessions(dataset.id):
            sessions.setdefault(session.name, []).append(session)
    for name in names:
        if name not in datasets and name not in sessions:
            hint = nearest(name, [*datasets, *sessions]) if datasets else "It has no datasets yet"
            where = str(store.path)
            raise UsageError(f"there is no dataset or session {name!r}", where=where, hint=hint)
    unique = list(dict.fromkeys(names))
    found = [datasets[name] for name in unique if name in datasets]
    gone = {each.id for each in found}
    rest = [each for name in unique if name not in datasets for each in sessions[name]]
    return found, [each for each in rest if each.dataset_id not in gone]


def _check_ended(store: Store, datasets: list[Dataset], sessions: list[StoredSession]) -> None:
    """Raise `UsageError` where somebody is at work in what is to be deleted."""
    concerned = [
        *sessions,
        *(each for dataset in datasets for each in store.admin.sessions(dataset.id)),
    ]
    for session in concerned:
        visit = store.admin.visit(session.id)
        place = now_at_work(visit, store.time()) if visit is not None else ""
        if place:
            what = f"{session.annotator} is at work in it ({place})"
            end = shell_command(("tui-annotate", "who", "--end", session.annotator))
            hint = f"End it first: {end or 'tui-annotate who --end NAME'}"
            raise UsageError(what, where=session.name, hint=hint)


def _what(store: Store, datasets: list[Dataset], sessions: list[StoredSession]) -> list[str]:
    lines = []
    of = {each.id: each.name for each in store.admin.datasets()}
    for dataset in datasets:
        stats = store.admin.stats(dataset)
        lines.append(
            f"dataset {dataset.name}: {plural(sum(stats.answers.values()), 'answer')},"
            f" {plural(stats.sessions, 'session')}, {stats.waiting:,} waiting"
        )
    for session in sessions:
        count = sum(store.answers.counts(session.dataset_id, session.id).values())
        lines.append(
            f"session {session.name} of {of[session.dataset_id]}: {plural(count, 'answer')}"
        )
    return lines
