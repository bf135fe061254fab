"""What a session has answered, and why a task need not be asked in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from tui_annotate.errors import UsageError, nearest
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.job import Job
from tui_annotate.session.sharing import Sharing
from tui_annotate.store.answered_inputs import SettledTask
from tui_annotate.store.claims import Claimed
from tui_annotate.store.database import Store, open_store
from tui_annotate.store.records import (
    OWN_ANSWER,
    Dataset,
    StoredCursor,
    StoredSession,
    WaitingQueue,
)
from tui_annotate.stream.records import Exclusion
from tui_annotate.stream.resume import Resume
from tui_annotate.task.hashing import Identity


class Scope(NamedTuple):
    """One session in one job and pass, as the ledger asks about it."""

    store: Store
    job: Job
    dataset: Dataset
    session: StoredSession
    cursor: StoredCursor
    sharing: Sharing

    @property
    def queue(self) -> WaitingQueue:
        """The session's queue of waiting tasks."""
        key = self.cursor.key
        return WaitingQueue(self.dataset.id, key.job_id, self.session.id, key.pass_)

    def settled(self, resume: Resume) -> Iterator[SettledTask]:
        """Yield what was settled and will be met again, for the ledger."""
        session, pass_ = self.session.id, self.cursor.key.pass_
        counts = self.job.policy.keep_duplicates and self.cursor.version == 0
        if self._whole_dataset and (resume.by_key or counts):
            return self.store.settled.all(session, pass_)
        return self.store.settled.behind(self.cursor.id, resume.start.row)

    def met(self, identity: Identity) -> bool:
        """Tell cheaply whether `answered` or `exclusion` may find something. Of most rows they
        cannot, so that both are spared."""
        if self.job.exclude or self.job.exclude_annotators or self.sharing.leaves_out:
            return True
        return self.store.settled.met(self.dataset.id, identity)

    def stands(self, identity: Identity) -> bool:
        """Tell whether anybody's answer to this very task stands in the dataset, or in one that is
        excluded."""
        if self._whole_dataset and self.store.settled.known(self.dataset.id, identity, "task"):
            return True
        others = filter(None, map(self.store.admin.find_dataset, self.job.exclude))
        return any(self.store.answers.known([each.id], identity, "task") for each in others)

    def answered(self, identity: Identity) -> bool:
        """Tell whether the session has answered a task in this pass, or has it waiting."""
        found = self.store.settled.known(
            self.dataset.id,
            identity,
            "task",
            self.session.id,
            pass_=self._pass,
            cursor_id=None if self._whole_dataset else self.cursor.id,
        )
        if found:
            return True
        settled = self.store.settled
        # Asked for every row that is passed over, so the queue is named only where something waits.
        return settled.may_wait(identity) and settled.is_waiting(self.queue, identity)

    def certainly_answered(self) -> Callable[[Identity], bool] | None:
        """Return what tells of some tasks that they are answered, on any thread and without the
        database; False says nothing. None where nothing is known without it.
        """
        known = self.store.settled.at_hand()
        if not known or self.job.repeat > 1 or self.job.policy.keep_duplicates:
            return None
        session, cursor, wanted = self.session.id, self.cursor.id, self.sharing.wanted
        whole_dataset = self._whole_dataset
        by_input = self.job.policy.exclude_by == "input"

        def is_answered(identity: Identity) -> bool:
            for batch in known:
                # What was recorded under this input's key; the question may be another one.
                for answer in batch.get(identity.input_key, ()):
                    is_own = answer.session_id == session
                    # Whose answers count: everybody's in the dataset, or those of this very job.
                    is_of_job = is_own and answer.cursor_id == cursor
                    if not whole_dataset and not is_of_job:
                        continue
                    is_to_task = answer.is_to(identity)
                    # Nobody is asked twice, however many people are wanted.
                    if is_own and (is_to_task or (whole_dataset and by_input)):
                        return True
                    # Somebody else's answer is enough by itself only where one is wanted: the
                    # others would have to be counted, which takes the database.
                    if wanted(identity) == 1 and (is_to_task or by_input):
                        return True
            return False

        return is_answered

    def exclusion(self, identity: Identity, named: int | None = None) -> Exclusion | None:
        """Return why a task need not be asked: it has been answered here, or elsewhere.

        Args:
            identity: Who the task is.
            named: How many people its row, or a router, wants for it; None where neither says.
        """
        wanted = self.sharing.wanted(identity, named)
        if wanted == 0:
            return Exclusion("filtered", "annotations_per_task leaves it out")
        if self._whole_dataset:
            if self.job.repeat > 1:
                found = self._answered_here(identity, wanted)
                if found or self._asked_in_earlier_pass(identity):
                    return found
            if self._known(identity, wanted):
                here = "same-input" if self.job.policy.exclude_by == "input" else "answered"
                own = self._answered_before(identity)
                return Exclusion(here, OWN_ANSWER if own else f"answered in {self.dataset.name}")
        return self._answered_elsewhere(identity)

    @property
    def _whole_dataset(self) -> bool:
        """Whether whatever the dataset has counts, not only what was answered in this job."""
        return self.job.policy.auto_exclude

    @property
    def _pass(self) -> int | None:
        """The pass that answers must belong to; None where there is only one."""
        return self.cursor.key.pass_ if self.job.repeat > 1 else None

    def _answered_here(self, identity: Identity, wanted: int | None) -> Exclusion | None:
        """Tell whether somebody has answered the task, or its input, in this pass."""
        if self._pass is None or self._pass == 1 or not self._known(identity, wanted, self._pass):
            return None
        reason = "same-input" if self.job.policy.exclude_by == "input" else "answered"
        return Exclusion(reason, f"answered in {self.dataset.name}, pass {self._pass}")

    def _asked_in_earlier_pass(self, identity: Identity) -> bool:
        """Tell whether the pass before had the task, so that this one has it as well."""
        return (
            self._pass is not None
            and self._pass > 1
            and self.store.settled.known(
                self.dataset.id, identity, "task", self.session.id, pass_=self._pass - 1
            )
        )

    def _known(self, identity: Identity, wanted: int | None, pass_: int | None = None) -> bool:
        """Tell whether as many people as are wanted have answered the task, or its input."""
        by = self.job.policy.exclude_by
        whose = None if wanted == 1 else self.session.id
        if self.store.settled.known(self.dataset.id, identity, by, whose, pass_=pass_):
            return True
        if wanted is None or wanted == 1:
            return False
        task = Claimed(self.dataset.id, identity, by, counted_pass=pass_)
        return self.store.progress.answered_by(task, self.session.id) >= wanted

    def _answered_before(self, identity: Identity) -> bool:
        """Tell whether the annotator has answered the task, or its input, but not in this job."""
        known, own = self.store.settled.known, (self.job.policy.exclude_by, self.session.id)
        if not known(self.dataset.id, identity, *own):
            return False
        return not known(self.dataset.id, identity, *own, cursor_id=self.cursor.id)

    def _answered_elsewhere(self, identity: Identity) -> Exclusion | None:
        by = self.job.policy.exclude_by
        for name in self.job.exclude:
            other = self.store.admin.find_dataset(name)
            if other is not None and self.store.answers.known([other.id], identity, by):
                return Exclusion("excluded", f"answered in {name}")
        for name in self.job.exclude_annotators:
            for session in self.store.admin.sessions_of(name):
                known = self.store.answers.known([session.dataset_id], identity, by, session.id)
                if known and session.id != self.session.id:
                    return Exclusion("excluded", f"answered by {name} in {session.name}")
        return None


def check_names(database: Path, job: Job) -> None:
    """Look up the datasets and people that a job excludes.

    Raises:
        UsageError: One of them is not there; the message has the nearest name.
        StoreError: The database cannot be read.
    """
    with open_store(database, create=False) as store:
        datasets = [job.dataset, *(each.name for each in store.admin.datasets())]
        _check("dataset", "--exclude", job.exclude, datasets)
        if job.exclude_annotators:
            people = store.admin.annotators()
            _check("annotator", "--exclude-annotator", job.exclude_annotators, people)


def _check(kind: str, where: str, names: tuple[str, ...], known: list[str]) -> None:
    for name in names:
        if name not in known:
            hint = nearest(name, known) if known else f"There is no {kind} yet"
            raise UsageError(f"there is no {kind} {name!r}", where=where, hint=hint)
