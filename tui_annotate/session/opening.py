"""Opening a session: what the store knows is matched with the source as it is now."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

from tui_annotate.job import Controller, Job
from tui_annotate.session.incoming import controller, session_name, stream_of
from tui_annotate.sources.base import Fingerprint, Position, Source
from tui_annotate.store.database import Store
from tui_annotate.store.gate import Wait
from tui_annotate.store.records import (
    CursorKey,
    CursorState,
    Dataset,
    Queue,
    StoredCursor,
    StoredSession,
    StoredSource,
    Visit,
)
from tui_annotate.stream.ledger import Ledger
from tui_annotate.stream.records import Asked, Exclusion
from tui_annotate.stream.resume import plan_resume
from tui_annotate.task.hashing import Identity
from tui_annotate.task.jsonio import dumps


@dataclass(slots=True)
class Opened:
    """A session as it stands: what the parts of a session work on.

    Attributes:
        store: The database; the session closes it.
        job: What is annotated.
        dataset, session, source: As the store has them.
        cursor: How far the session is; replaced with every move.
        ledger: Accounts for the rows of the source.
        asked: The tasks in the order in which they are asked.
        visit: The visit before this one; one without an end did not end in order.
        owner: Who is at work: host, process and start.
        ctrl: What the recipe's callbacks are told.
        pass_: Which time over.
    """

    store: Store
    job: Job
    dataset: Dataset
    session: StoredSession
    source: StoredSource
    cursor: StoredCursor
    ledger: Ledger
    asked: Generator[Asked, None, None]
    visit: Visit | None
    owner: str
    ctrl: Controller
    pass_: int = 1

    @property
    def job_id(self) -> int:
        """The job's id in the store."""
        return self.cursor.key.job_id

    @property
    def cursor_id(self) -> int:
        """The cursor's id in the store."""
        return self.cursor.id

    @property
    def queue(self) -> Queue:
        """The session's queue of waiting tasks."""
        return Queue(self.dataset.id, self.job_id, self.session.id, self.pass_)

    def leave(self) -> None:
        """Note that the session ended in order. Inside a transaction."""
        self.store.admin.leave_session(self.session.id, self.owner)


def open_session(
    store: Store,
    job: Job,
    annotator: str,
    *,
    strict: bool = False,
    pass_: int = 1,
    wait: Wait | None = None,
) -> Opened:
    """Open the session of an annotator in a job: make what is missing, resume what is there.

    Args:
        store: The database.
        job: What is annotated.
        annotator: Who annotates; the session's name is `{dataset}-{annotator}`.
        strict: Stop at the first row that cannot be read.
        pass_: Which time over.
        wait: Told for whom a transaction waits.

    Raises:
        RecipeError: A callback of the recipe failed.
        SourceError: The source cannot be compared with what was stored of it.
        ConfigError: The dataset has other hash keys.
        StoreError: The database cannot be written.
    """
    owner = f"{socket.gethostname()} {os.getpid()} {time.time_ns()}"
    with store.write_txn(wait):
        dataset = store.admin.dataset(job.dataset, job.hash_settings)
        session = store.admin.session(dataset.id, session_name(job, annotator), annotator)
        ctrl = controller(store, job, dataset, session)
        stream, tasks = stream_of(job, ctrl)
        stored_job = store.admin.job(job.digest, job.recipe, dumps(job.settings))
        source = store.admin.source(stream.source.identity, stream.source.name)
        key = CursorKey(source.id, stored_job.id, session.id, pass_)
        cursor = store.progress.open_cursor(key)
        visit = store.admin.enter_session(session.id, owner)
    queue = Queue(dataset.id, stored_job.id, session.id, pass_)
    ledger = _ledger(store, job, stream.source, dataset, session, cursor, queue, strict=strict)
    if ledger.resume.by_key:
        with store.write_txn(wait):
            store.progress.clear_drops(cursor.id)
    stream.attach(ledger.incoming)
    asked = ledger.outgoing(tasks)
    return Opened(
        store, job, dataset, session, source, cursor, ledger, asked, visit, owner, ctrl, pass_
    )


def cursor_state(ledger: Ledger) -> CursorState:
    """Return the ledger's cursor with its fingerprint, as the store keeps it."""
    at, mark = ledger.cursor(), ledger.fingerprint()
    return CursorState(
        row=at.row,
        line=at.line,
        offset=at.offset,
        inode=mark.inode,
        size=mark.size,
        mtime_ns=mark.mtime_ns,
        head=mark.head,
        tail=mark.tail,
    )


def _ledger(
    store: Store,
    job: Job,
    source: Source,
    dataset: Dataset,
    session: StoredSession,
    cursor: StoredCursor,
    queue: Queue,
    *,
    strict: bool,
) -> Ledger:
    state = cursor.state
    first = cursor.version == 0
    position = None if first else Position(state.row, state.line, state.offset)
    mark = Fingerprint(
        state.inode, state.size, state.mtime_ns, state.head, state.tail, state.offset
    )
    resume = plan_resume(source, position, None if first else mark)
    if resume.by_key:
        settled = store.settled.all(session.id, queue.pass_)
    else:
        settled = store.settled.behind(cursor.id, resume.start.row)
    return Ledger(
        source,
        policy=replace(job.policy, strict=strict or job.policy.strict),
        settings=dataset.settings,
        resume=resume,
        settled=settled,
        answered=lambda identity: (
            store.answers.known([dataset.id], identity, "task", session.id)
            or store.settled.is_waiting(queue, identity)
        ),
        known=_exclusions(store, job, dataset, session),
    )


def _exclusions(
    store: Store, job: Job, dataset: Dataset, session: StoredSession
) -> Callable[[Identity], Exclusion | None]:
    """Return what tells why a task need not be asked: this dataset has it, or an excluded one."""
    by = job.policy.exclude_by
    others = [(name, store.admin.find_dataset(name)) for name in job.exclude]
    whose = session.id if job.config.get("feed_overlap") else None
    here = "same-input" if by == "input" else "answered"

    def exclusion(identity: Identity) -> Exclusion | None:
        if job.policy.auto_exclude and store.answers.known([dataset.id], identity, by, whose):
            return Exclusion(here, f"answered in {dataset.name}")
        for name, other in others:
            if other is not None and store.answers.known([other.id], identity, by):
                return Exclusion("excluded", f"answered in {name}")
        return None

    return exclusion
