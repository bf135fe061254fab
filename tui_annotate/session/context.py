"""A session as it stands: what its parts work on, and the transactions that they make: all of it or
nothing, and only in a session that is one's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from tui_annotate.errors import StoreLost, WriteConflict
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.job import Controller, Job
from tui_annotate.session.recipe_code import RecipeCode
from tui_annotate.session.task_source import TaskSource
from tui_annotate.store.database import Store
from tui_annotate.store.records import (
    Dataset,
    StoredCursor,
    StoredSession,
    StoredSource,
    Visit,
    WaitingQueue,
)
from tui_annotate.store.write_lock import Wait
from tui_annotate.stream.ledger import Ledger

if TYPE_CHECKING:
    from tui_annotate.session.audit import Audit


class SourceReading(NamedTuple):
    """How a source is read.

    Attributes:
        strict: Stop at the first row that cannot be read.
        verify: Compare the whole source with its digest, and keep that.
        follow: At the end, wait for rows that are added to the file.
    """

    strict: bool = False
    verify: bool = False
    follow: bool = False


@dataclass(eq=False, repr=False, slots=True)
class Opened:
    """A session as it stands: what the parts of a session work on.

    Attributes:
        store: The database; the session closes it.
        job: What is annotated.
        dataset, session, source: As the store has them.
        cursor: How far the session is; replaced with every move.
        ledger: Accounts for the rows of the source.
        asked: The tasks in the order in which they are asked.
        code: Where the recipe's code runs.
        visit: The visit before this one; one without an end did not end in order.
        owner: Who is at work: host, process and start.
        ctrl: What the recipe's callbacks are told.
        pass_: Which time over.
        reading: How the source is read.
        moved_from: What the source was called before it was moved, if it was.
        patience: Seconds to wait for the recipe's next task; None for as long as it takes.
        looking_on: Why nothing is written, such as who else is at work; empty where it is.
        proposed: Labels by the strings that are proposed, as the annotator has asked.
        guideline_id: The version of the guidelines that answers are given under; None for no one.
        audit: Notes what is shown, where the job asks for it.
    """

    store: Store
    job: Job
    dataset: Dataset
    session: StoredSession
    source: StoredSource
    cursor: StoredCursor
    ledger: Ledger
    asked: TaskSource
    code: RecipeCode
    visit: Visit | None
    owner: str
    ctrl: Controller
    pass_: int = 1
    reading: SourceReading = field(default_factory=SourceReading)
    moved_from: str = ""
    patience: float | None = None
    looking_on: str = ""
    proposed: dict[str, str] = field(default_factory=dict)
    audit: Audit | None = None
    guideline_id: int | None = None

    @property
    def job_id(self) -> int:
        """The job's id in the store."""
        return self.cursor.key.job_id

    @property
    def cursor_id(self) -> int:
        """The cursor's id in the store."""
        return self.cursor.id

    @property
    def queue(self) -> WaitingQueue:
        """The session's queue of waiting tasks."""
        return WaitingQueue(self.dataset.id, self.job_id, self.session.id, self.pass_)

    @property
    def holds_session(self) -> bool:
        """Whether nobody else has entered the session since."""
        if self.looking_on:
            return False
        visit = self.store.visits.newest(self.session.id)
        return visit is not None and visit.owner == self.owner

    def check_holds_session(self) -> None:
        """Refuse to write into a session that somebody else has entered. Inside a transaction.

        Raises:
            WriteConflict: The same annotator is at work elsewhere.
        """
        if self.holds_session:
            return
        if not self.looking_on and self.store.visits.newest(self.session.id) is None:
            what = (
                f"the dataset {self.dataset.name!r}, or your session in it, was deleted meanwhile"
            )
            raise WriteConflict(what, hint="Leave, and ask whoever leads the project")
        raise WriteConflict(
            f"only looking on: {self.looking_on}"
            if self.looking_on
            else "you have taken over elsewhere",
            hint="Leave; start again to take over here",
        )

    def leave(self) -> None:
        """Note that the session ended in order. Inside a transaction."""
        self.store.visits.leave(self.session.id, self.owner)


_T = TypeVar("_T")

_TIMES = 50
"""How often a transaction is made again because the server went away in the midst of it."""


def retried(write: Callable[[], _T]) -> _T:
    """Return what `write` returns; it makes one transaction, and is called again where the server
    went away in the midst of that: nothing of it is stored then. Each time waits for the server.
    """
    for _ in range(_TIMES):
        try:
            return write()
        except StoreLost:
            continue
    return write()


@contextmanager
def writing(opened: Opened, wait: Wait | None) -> Iterator[None]:
    """Make one transaction; what was shown and is to be recorded is written with it.

    Raises:
        WriteConflict: Somebody else has entered the session since.
        StoreError: It could not be written.
    """
    with opened.store.write_txn(wait):
        opened.check_holds_session()
        yield
        if opened.audit is not None:
            opened.audit.write()
    if opened.audit is not None:
        opened.audit.committed()


class Settled(Protocol):
    """What is to know how a transaction ended."""

    def committed(self) -> None:
        """It is durable."""

    def failed(self) -> None:
        """Nothing of it is."""


class Alive(Settled, Protocol):
    """What gives a sign of life within a transaction."""

    def beat(self) -> None:
        """Give one where it is due."""


@contextmanager
def transaction(
    opened: Opened, queue: Settled, claiming: Alive, wait: Wait | None
) -> Iterator[None]:
    """Make one transaction that may move the cursor and claim tasks, and let queue and claims know
    how it ended. A sign of life that is due goes with it.
    """
    try:
        with writing(opened, wait):
            yield
            claiming.beat()
    except BaseException:
        queue.failed()
        claiming.failed()
        raise
    queue.committed()
    claiming.committed()


def propose(opened: Opened, text: str, label: str, wait: Wait | None = None) -> None:
    """Keep a string with its label, durably, unless one only looks on; without a label forget it.

    Raises:
        StoreError: It could not be written.
    """
    if not opened.looking_on:
        with writing(opened, wait):
            opened.store.progress.propose(opened.session.id, text, label)
