"""`tui-annotate drop` deletes datasets or sessions; `purge` removes a dataset from every place, so
that no bytes of it remain.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui_annotate.cli.console import confirm, say, watched
from tui_annotate.cli.find_datasets import existing_dataset, existing_store
from tui_annotate.cli.prodigy_offer import forget_declined
from tui_annotate.commands.preferences import forget, naming
from tui_annotate.data_paths import state_folder
from tui_annotate.errors import StoreError, StoreLocked, UsageError, nearest
from tui_annotate.exchange.importer import forget_imports
from tui_annotate.private_file import begun, note_begun, note_done
from tui_annotate.session.process_owner import now_at_work
from tui_annotate.store.answer_index import forget_index, index_file
from tui_annotate.store.error_mapping import system_failure
from tui_annotate.store.removal import PURGING, copies, remove_unfinished
from tui_annotate.suggest.llm_cache import FETCHED, cache_file, forget_answers
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
    # A name is a dataset's first. The same name may be that of a session in several datasets.
    found = [datasets[name] for name in unique if name in datasets]
    named = [each for name in unique if name not in datasets for each in sessions[name]]
    # Sessions of a dataset that goes as a whole go with it.
    gone = {each.id for each in found}
    return found, [each for each in named if each.dataset_id not in gone]


def _check_ended(store: Store, datasets: list[Dataset], sessions: list[StoredSession]) -> None:
    """Raise `UsageError` where somebody is at work in what is to be deleted."""
    concerned = [
        *sessions,
        *(each for dataset in datasets for each in store.admin.sessions(dataset.id)),
    ]
    for session in concerned:
        visit = store.visits.newest(session.id)
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


@click.command("purge")
@click.argument("dataset", required=False)
@click.option("--dropped", is_flag=True, help="Remove the bytes of what was dropped before")
@click.option("-y", "--yes", is_flag=True, help="Do not ask")
@click.option("--dry", is_flag=True, help="List what would be removed, and remove nothing")
def purge_command(dataset: str | None, dropped: bool, yes: bool, dry: bool) -> int:
    """Remove DATASET from the database and what lies around it, so that no bytes of it remain.

    Answers, drafts, waiting tasks and the record of who saw what go, the database file is written
    anew and its journal emptied; recent jobs that name the dataset, answers of language models that
    were kept, the index for searches and all crash files are removed.
    Copies of the database are listed: delete those yourself. Asks before it does.
    """
    if dropped == (dataset is not None):
        hint = "Name a dataset; or, for what `drop` has deleted before, say --dropped alone"
        raise UsageError("it is not clear what to remove", where="purge", hint=hint)
    if dataset is None:
        return _purge_dropped(yes=yes, dry=dry)
    if _was_cut_short(dataset):
        return _go_on(dataset, yes=yes, dry=dry)
    if _only_recorded(dataset):
        return _purge_record(dataset, yes=yes, dry=dry)
    with existing_dataset(dataset) as (store, found):
        _refuse_if_open(store, found)
        for line in _purged(store, found):
            say(line)
        others = store.purge.sharing(found.id)
        if not dry:
            if not (yes or _confirmed()):
                return 1
            _remove(store, found)
            _wipe(store, found.name)
        path = store.path
    if dry:
        _tell_of_copies(copies(path), others)
        return 0
    return _end(found.name, path, others)


def _end(name: str, path: Path, others: list[str]) -> int:
    """Remove what lies around the database, and say what was done and what is left."""
    failed = _around(name, path)
    say(f"dataset {name} was removed")
    for line in failed:
        say(line)
    _tell_of_copies(copies(path), others)
    return 1 if failed else 0


def _remove(store: Store, dataset: Dataset) -> None:
    """Delete the dataset in one transaction, noted before: its bytes are there until the end."""
    _note_begun(store, dataset.name)
    try:
        with watched(f"deleting {dataset.name}"), store.write_txn():
            _refuse_if_open(store, dataset)  # somebody may have come while the question stood
            store.purge.remove(dataset.id, dataset.name)
    except BaseException:
        if store.admin.find_dataset(dataset.name) is not None:
            note_done(store.path, PURGING, dataset.name)
        raise


def _note_begun(store: Store, name: str) -> None:
    try:
        note_begun(store.path, PURGING, name)
    except OSError as error:
        raise system_failure(error, store.path) from error


def _was_cut_short(name: str) -> bool:
    """Whether the dataset was deleted by a purge that has not come to its end."""
    with existing_store() as store:
        return name in begun(store.path, PURGING) and store.admin.find_dataset(name) is None


def _go_on(name: str, *, yes: bool, dry: bool) -> int:
    with existing_store() as store:
        say(f"dataset {name} was deleted by a purge that was cut short; bytes of it may be left")
        if dry:
            return 0
        if not (yes or _confirmed()):
            return 1
        _wipe(store, name)
        path = store.path
    return _end(name, path, [])


def _only_recorded(name: str) -> bool:
    """Whether the dataset was dropped, and only the record of who opened its tasks is left."""
    with existing_store() as store:
        return store.admin.find_dataset(name) is None and name in store.audit.datasets()


def _purge_record(name: str, *, yes: bool, dry: bool) -> int:
    with existing_store() as store:
        count = sum(1 for _ in store.audit.of(name))
        say(
            f"dataset {name} was dropped; the record of who opened its tasks: "
            f"{plural(count, 'opening')}"
        )
        if dry:
            return 0
        if not (yes or _confirmed()):
            return 1
        with store.write_txn():
            store.purge.forget(name)
        _wipe(store, name)
    say(f"the record of dataset {name} was removed")
    return 0


def _purge_dropped(*, yes: bool, dry: bool) -> int:
    """Write the database anew: `drop` leaves bytes of what it deletes in free pages."""
    with existing_store() as store:
        say(f"what was dropped may have bytes in {store.path}; it is written anew without them")
        path = store.path
        if not dry:
            if not (yes or _confirmed()):
                return 1
            with watched(f"writing {path.name} anew"):
                with store.write_txn():
                    store.purge.remove_unused()
                store.purge.wipe(_tell_once())
            remove_unfinished(path)
    _tell_of_copies(copies(path), [])
    return 0


def _tell_once() -> Callable[[str], None]:
    """Return what says for whom one waits, once for each."""
    told = set[str]()

    def tell(who: str) -> None:
        if who not in told:
            told.add(who)
            say(f"waiting for {who}")

    return tell


def _confirmed() -> bool:
    if not sys.stdin.isatty():
        raise UsageError("nobody can be asked here", where="purge", hint="Use --yes")
    if confirm("Remove this for ever?"):
        return True
    say("nothing was removed")
    return False


def _refuse_if_open(store: Store, dataset: Dataset) -> None:
    for session in store.admin.sessions(dataset.id):
        visit = store.visits.newest(session.id)
        at_work = now_at_work(visit, store.time()) if visit is not None else ""
        if at_work:
            raise StoreLocked(
                f"the session {session.name} is {at_work}",
                where=str(store.path),
                hint="Nothing was changed; leave it first, then purge",
            )


def _purged(store: Store, dataset: Dataset) -> list[str]:
    stats = store.admin.stats(dataset)
    lines = [
        f"dataset {dataset.name}: {plural(sum(stats.answers.values()), 'answer')} with all their"
        f" versions, {plural(stats.sessions, 'session')}, {stats.waiting:,} waiting"
    ]
    jobs, crashes = naming(dataset.name), _crash_files()
    if jobs:
        lines.append(f"{plural(len(jobs), 'recent job')} of the start screen")
    if crashes:
        lines.append(f"{plural(len(crashes), 'crash file')}")
    if any(cache_file(each).exists() for each in (dataset.name, FETCHED)):
        lines.append("answers of language models that were kept")
    if index_file(store.path, dataset.name).exists():
        lines.append("the index for searches")
    return lines


def _crash_files() -> list[Path]:
    return sorted(state_folder().glob("crash-*.txt"))


def _wipe(store: Store, name: str) -> None:
    say(f"writing {store.path} anew")
    purge = shell_command(("tui-annotate", "purge"), (name,)) or "tui-annotate purge DATASET"
    try:
        with watched(f"writing {store.path.name} anew"):
            store.purge.wipe(_tell_once())
    except KeyboardInterrupt:
        say(f"dataset {name} was deleted, but bytes of it are still in the file; go on: {purge}")
        raise
    except StoreError as error:
        raise type(error)(
            f"dataset {name} was deleted, but its bytes may still be in the file ({error.what})",
            where=error.where,
            hint=f"Leave all sessions and make room, then go on: {purge}",
        ) from error


def _around(name: str, database: Path) -> list[str]:
    """Remove what lies around the database, and return what could not be removed."""
    failed = []
    try:
        forget(name)
        forget_answers(name)
        forget_declined(name, database)
        forget_index(database, name)
        for each in _crash_files():
            each.unlink(missing_ok=True)
        forget_imports(database, name)
        note_done(database, PURGING, name)
    except OSError as error:
        failed.append(f"{error.filename}: not removed ({(error.strerror or '').lower()})")
    remove_unfinished(database)
    return failed


def _tell_of_copies(copies: list[Path], others: list[str]) -> None:
    if others:
        say(f"other datasets have answers about the same inputs: {', '.join(others)}")
    if copies:
        say("These copies of the database are left, and may have the dataset:")
        for each in copies:
            say(f"  {each}")
        say("Delete those that you do not need (rm FILE). Look also for backups elsewhere.")
    else:
        say("No copy of the database lies beside it. Look for backups and exports elsewhere.")
