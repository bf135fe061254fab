"""Opening a session: what the store knows is matched with the source as it is now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_annotate.errors import StoreCorrupt, StoreReadOnly, UsageError
from tui_annotate.job import Job, failure
from tui_annotate.session.context import Opened, SourceReading
from tui_annotate.session.process_owner import now_at_work, own_name
from tui_annotate.session.recipe_code import RecipeCode, run_on_load
from tui_annotate.session.scope import Scope
from tui_annotate.session.sharing import Sharing, joined_since
from tui_annotate.session.source_position import check_followed, find_place, plan, read_from
from tui_annotate.session.stream_setup import controller, session_name, stream_of
from tui_annotate.session.task_source import TaskSource
from tui_annotate.sources.base import START, Source, SourceChange
from tui_annotate.sources.files import whole_digest
from tui_annotate.sources.iterable_source import IterableSource
from tui_annotate.store.database import Store
from tui_annotate.store.records import Dataset, StoredSession, Visit
from tui_annotate.store.write_lock import Wait
from tui_annotate.stream.resume import JOINED, NUMBERED, Resume
from tui_annotate.stream.stream import Stream
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.schema import Task
from tui_annotate.waiting import here

if TYPE_CHECKING:
    from tui_annotate.session.audit import Audit


def open_session(
    store: Store,
    job: Job,
    annotator: str,
    *,
    strict: bool = False,
    pass_: int = 1,
    reading: SourceReading | None = None,
    wait: Wait | None = None,
) -> Opened:
    """Open the session of an annotator in a job: make what is missing, resume what is there.

    Where the same annotator is at work in it elsewhere, or the database cannot be written, the
    session is opened to look on.

    Args:
        store: The database.
        job: What is annotated.
        annotator: Who annotates; the session's name is `{dataset}-{annotator}`.
        strict: Stop at the first row that cannot be read; short for `Reading(strict=True)`.
        pass_: Which time over.
        reading: How the source is read.
        wait: Told for whom a transaction waits.

    Raises:
        RecipeError: A callback of the recipe failed.
        SourceError: The source cannot be compared with what was stored of it.
        ConfigError: The dataset has other hash keys.
        StoreCorrupt: The session before ended badly, and the database fails its check.
        StoreError: The database cannot be written.
    """
    reading = reading or SourceReading(strict=strict)
    owner = own_name()
    if job.records_openings and store.readonly:
        what = "this job records who opens tasks (audit), and the database cannot be written"
        raise StoreReadOnly(what, where=str(store.path))
    with _transaction(store, wait):
        dataset = store.admin.dataset(job.dataset, job.hash_settings)
        _offer_added(store, job, dataset)
        session = store.admin.session(dataset.id, session_name(job, annotator), annotator)
        ctrl = controller(store, job, dataset, session)
        # Within the transaction: a recipe that fails here leaves no session behind.
        stream, tasks = stream_of(job, ctrl, annotator)
        _check_readable(stream, job, reading)
        # The visit before this one; entering puts this one in its place.
        visit = store.visits.newest(session.id)
        looking_on = _why_look_on(store, visit)
        if not looking_on:
            store.visits.enter(session.id, owner)
        stored_job = store.admin.job(job.digest, job.recipe, dumps(job.settings))
        place = find_place(store, stream.source, stored_job.id, session, pass_)
    # Behind the transaction: this reads the whole file, and others would wait for so long.
    was_cut_short = visit is not None and visit.closed_at is None
    if was_cut_short and not looking_on:
        _check_after_bad_end(store)
    resume = plan(stream.source, place.cursor, place.source, verify=reading.verify)
    why_from_start = _why_from_start(store, job, annotator, place.cursor.id, resume)
    if why_from_start:
        resume = Resume(START, SourceChange.CHANGED, why_from_start)
    scope = Scope(store, job, dataset, session, place.cursor, Sharing(job))
    ledger = read_from(scope, job, stream.source, resume, strict=reading.strict)
    code = RecipeCode(job.recipe, direct=job.direct and stream.source.seekable)
    opened = Opened(
        store=store,
        job=job,
        dataset=dataset,
        session=session,
        source=place.source,
        cursor=place.cursor,
        ledger=ledger,
        asked=TaskSource(ledger, (), code),
        code=code,
        visit=visit,
        owner=owner,
        pass_=pass_,
        reading=reading,
        moved_from=place.moved_from,
        looking_on=looking_on,
        ctrl=ctrl,
        proposed=store.progress.proposed(session.id),
        audit=_audit(store, job, dataset, session),
    )
    if job.instructions and not store.readonly:
        from tui_annotate.session.guideline_changes import keep_version  # few jobs have them

        with store.write_txn(wait):
            keep_version(opened)
    _begin(opened, stream, tasks, wait)
    return opened


def open_again(opened: Opened, *, pass_: int | None = None, wait: Wait | None = None) -> Opened:
    """Read the source again from where the session stands, as if the program had been restarted.

    Args:
        opened: The session; what it had to write is written.
        pass_: The pass to go on with, where it is another.
        wait: Told for whom a transaction waits.

    Raises:
        UsageError: The source is a pipe, which can be read only once.
    """
    if not _can_reread(opened.ledger.source, opened.job):
        raise _read_once(opened.ledger.source)
    job = _renewed(opened.job)
    if job is not opened.job:
        job.renew = opened.job.renew
        opened.ctrl.stream = job.stream
        opened.code.run(lambda: run_on_load(job, opened.ctrl))
        job.stream = opened.ctrl.stream
    return _open_at(opened, job, pass_ or opened.pass_, wait)


def _renewed(job: Job) -> Job:
    """Return the job that its recipe makes when it is called once more, the same one if none can.

    Raises:
        RecipeError: The recipe leaves the program instead, as it may only before its session.
    """
    if job.renew is None:
        return job
    try:
        return job.renew()
    except SystemExit as error:
        raise failure(job.recipe, "the recipe, called once more,", error) from error


def open_replaced(opened: Opened, wait: Wait | None = None) -> Opened:
    """Go on with the stream that the recipe has put in place of its first one."""
    opened.job.stream = opened.ctrl.stream
    return _open_at(opened, opened.job, opened.pass_, wait)


def _open_at(opened: Opened, job: Job, pass_: int, wait: Wait | None) -> Opened:
    _offer_added(opened.store, job, opened.dataset)
    stream, tasks = opened.code.run(lambda: stream_of(job, opened.ctrl, opened.session.annotator))
    with _transaction(opened.store, wait):
        place = find_place(opened.store, stream.source, opened.job_id, opened.session, pass_)
    resume = plan(stream.source, place.cursor, place.source, verify=False)
    asker = (opened.store, job, opened.dataset, opened.session)
    scope = Scope(*asker, place.cursor, Sharing(job))
    again = replace(
        opened,
        job=job,
        source=place.source,
        cursor=place.cursor,
        ledger=read_from(scope, job, stream.source, resume, strict=opened.reading.strict),
        pass_=pass_,
    )
    _begin(again, stream, tasks, wait)
    return again


def take_over(opened: Opened, wait: Wait | None = None) -> Opened:
    """Make a session that was opened to look on one that writes; the other one is told.

    Raises:
        StoreReadOnly, StoreTooNew: The database cannot be written.
    """
    with opened.store.write_txn(wait):
        visit = opened.store.visits.enter(opened.session.id, opened.owner)
    return open_again(replace(opened, looking_on="", visit=visit), wait=wait)


def _begin(opened: Opened, stream: Stream, tasks: Iterable[Task], wait: Wait | None) -> None:
    """Start the stream, and write what reading it again from the start asks for."""
    if not opened.looking_on:
        digest = whole_digest(stream.source.identity) if opened.reading.verify else None
        if opened.ledger.resume.by_key or digest is not None:
            with opened.store.write_txn(wait):
                if opened.ledger.resume.by_key:
                    opened.store.progress.clear_drops(opened.cursor.id)
                if digest is not None:
                    opened.store.admin.set_source_digest(
                        opened.source.id, digest.size, digest.digest
                    )
    if stream.takes_any:
        from tui_annotate.session.task_check import task_check  # built-in recipes do without

        opened.ledger.take_any(task_check(opened.job), hands_hashes=stream.hashes)
    stream.attach(opened.ledger.incoming)
    opened.asked = TaskSource(opened.ledger, tasks, opened.code)


def _offer_added(store: Store, job: Job, dataset: Dataset) -> None:
    if job.allows_new_labels:  # few jobs do
        from tui_annotate.session.added_labels import offer_added

        offer_added(store, job, dataset.id)


def _audit(store: Store, job: Job, dataset: Dataset, session: StoredSession) -> Audit | None:
    """Return what notes the tasks that are shown; None where the job does not ask for it."""
    if not job.records_openings:
        return None
    from tui_annotate.session.audit import Audit  # few jobs do

    return Audit(store, dataset, session)


@contextmanager
def _transaction(store: Store, wait: Wait | None) -> Iterator[None]:
    """Make a transaction; none where the store can only be read, if all that is asked is there."""
    if not store.readonly:
        with store.write_txn(wait):
            yield
        return
    try:
        yield
    except RuntimeError:
        with store.write_txn(wait):  # which says why nothing can be made
            raise


def _why_look_on(store: Store, visit: Visit | None) -> str:
    if store.too_new:
        return "the database is from a newer version of tui-annotate"
    return now_at_work(visit, store.time()) if visit is not None else ""


def _why_from_start(store: Store, job: Job, annotator: str, cursor_id: int, resume: Resume) -> str:
    """Return why a source that has not changed is read from its start; empty where it is not."""
    if resume.by_key:
        return ""  # it is read from there anyway
    if joined_since(store, cursor_id, job, annotator):
        return JOINED
    return NUMBERED if resume.start.row and job.numbers_tasks else ""


def _check_after_bad_end(store: Store) -> None:
    """Look for damage after an end that was not in order."""
    with here().on("checking the database, because the session before did not end in order"):
        problems = store.admin.check()
    if problems:
        raise StoreCorrupt(
            f"the database is damaged ({problems[0]})",
            where=str(store.path),
            hint="Keep the file as it is; `tui-annotate doctor --recover NEW_FILE` repairs it",
        )


def _check_readable(stream: Stream, job: Job, reading: SourceReading) -> None:
    if reading.follow:
        check_followed(stream.source)
    if job.repeat > 1 and not _can_reread(stream.source, job):
        raise _read_once(stream.source)


def _can_reread(source: Source, job: Job) -> bool:
    """Tell whether the source has anything to give a second time: a recipe makes its own anew."""
    if isinstance(source, IterableSource):
        return job.renew is not None or not source.once
    return source.seekable


def _read_once(source: Source) -> UsageError:
    return UsageError("a pipe can be read only once", where=source.name, hint="Give a file")


__all__ = [
    "Opened",
    "SourceReading",
    "open_again",
    "open_replaced",
    "open_session",
    "take_over",
]
