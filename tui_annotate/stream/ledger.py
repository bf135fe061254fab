"""The ledger: every row of a source ends in exactly one of settled, dropped, or in flight.

Rows go in through `incoming`, a recipe makes tasks of them, and what it yields comes out through
`outgoing`. In between the ledger keeps one small entry for each row that is not settled; the
lowest of them is the cursor. A row read ahead, held in a sorter's window or half-way through its
tasks therefore holds the cursor, and whatever dies, reading again from the cursor finds it.

What was settled beyond the cursor is met again after a resume and is recognised by its key.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator

from tui_annotate.errors import RecipeError, TaskError
from tui_annotate.sources.base import (
    NOTHING,
    START,
    BadRow,
    Fingerprint,
    Position,
    Source,
    SourceChange,
)
from tui_annotate.sources.iterable_source import no_task
from tui_annotate.store.records import OWN_ANSWER, CursorState, Drop, DropKind
from tui_annotate.stream.records import Asked, Exclusion, Policy, RowCounts
from tui_annotate.stream.resume import Resume
from tui_annotate.stream.row_accounts import (
    InFlight,
    RowAccounts,
    RowEntry,
    TaskMultiset,
    former_identity,
    identity_of,
)
from tui_annotate.stream.row_reader import FirstRows, RowReader
from tui_annotate.task.hash_body import DEFAULT_SETTINGS, HashSettings
from tui_annotate.task.hashing import Identity, digest
from tui_annotate.task.jsonio import dumps, is_json, plain
from tui_annotate.task.schema import (
    ANNOTATIONS,
    INPUT_HASH,
    ROW_KEY,
    TASK_HASH,
    WANTED_KEY,
    Task,
    wanted_of,
)

ANSWERED = ("same-task", "same-input", "answered", "excluded")
"""Why a task that has been answered is not asked."""


class Ledger:
    """Accounts for every row of one source in one job, session and pass (its scope).

    Args:
        source: Where the rows come from.
        policy: What is not asked, and what the recipe promises.
        settings: What the hashes are taken of.
        resume: Where to start, by `plan_resume`.
        settled: The tasks of this scope that are answered or waiting, as often as they are, with
            their rows: those of rows behind `resume.start` (row number greater than
            `resume.start.row`) or of no known row; all of them where `resume.by_key`.
        met: Tells whether `answered` or `known` may say yes to a task: what is new to both of them
            costs one question.
        answered: Tells whether this scope has the task answered or waiting, now.
        known: Tells why a task need not be asked (other datasets, or this one's by
            `policy.exclude_by`, what is waiting included), given how many people its row or a
            router wants for it; None where it is to be asked.
        stands: Tells whether anybody's answer to this very task stands.
        certainly_answered: Gives what tells, on any thread, of some tasks that they are answered;
            None where it could tell of none.
        own_code: A recipe's own code makes the tasks: it may put in what cannot be written.

    Attributes:
        ended: The recipe has ended.
    """

    def __init__(
        self,
        source: Source,
        *,
        policy: Policy | None = None,
        settings: HashSettings = DEFAULT_SETTINGS,
        resume: Resume | None = None,
        settled: Iterable[tuple[Identity, int | None]] = (),
        met: Callable[[Identity], bool] = lambda _: True,
        answered: Callable[[Identity], bool] = lambda _: False,
        known: Callable[[Identity, int | None], Exclusion | None] = lambda *_: None,
        stands: Callable[[Identity], bool] = lambda _: False,
        certainly_answered: Callable[[], Callable[[Identity], bool] | None] = lambda: None,
        own_code: bool = False,
    ) -> None:
        self.source = source
        self.policy = policy if policy is not None else Policy()
        self.resume = resume if resume is not None else Resume()
        self.ended = False
        self._settings = settings
        self._met = met
        self._answered = answered
        self._known = known
        self._stands = stands
        self._certainly_answered = certainly_answered
        self._own_code = own_code
        # Of equal rows, each must be asked: then an answer counts for the row it was given to,
        # unless rows may have moved; then only their number counts, and only from the start.
        keeps = self.policy.keep_duplicates
        may_have_moved = self.resume.change not in (None, SourceChange.SAME)
        self._settled = TaskMultiset(settled, by_row=keeps and not may_have_moved)
        # Where equal rows can only be counted, a cursor within the source says nothing: the next
        # session has to count from the start again.
        only_counts = self.resume.by_key or (may_have_moved and len(self._settled) > 0)
        self._trusted = not (keeps and only_counts)
        self._flight = InFlight()
        self._accounts = RowAccounts(self.resume.start)
        self._reader = RowReader(
            source, self.resume.start, self.policy, settings, remembers=own_code
        )
        self._check: Callable[[Task], None] | None = None
        self._first_tasks = FirstRows(source.name, active=self.resume.start.row == 0)
        self._last_row: int | None = None
        self._scattered = self.policy.scattered
        self._lost = False
        self._settled_now = 0
        # Tasks without a row in flight, by the order in which they came.
        self._loose: set[int] = set()
        self._loose_count = 0

    @property
    def counts(self) -> RowCounts:
        """Where the rows are that were read so far."""
        return self._up_to_date().counts

    @property
    def row(self) -> int:
        """How many rows of the source were read, by earlier sessions too."""
        return self.resume.start.row + self.counts.read

    @property
    def read_to(self) -> Position:
        """The end of what was read."""
        return self._up_to_date().read_to

    @property
    def unmet(self) -> int:
        """How many tasks settled earlier have not been met yet."""
        return len(self._settled)

    @property
    def passed(self) -> int:
        """How many tasks were passed over because they, or their inputs, are answered."""
        reasons = self._accounts.counts.reasons
        return self._accounts.counts.found + sum(reasons.get(each, 0) for each in ANSWERED)

    @property
    def tasks_done(self) -> int | None:
        """How many tasks are settled, or need not be asked; None where rows themselves tell.

        Rows do not where the recipe has lost the references to them, or comes back to earlier
        ones: then none is closed before the end.
        """
        if not (self._lost or self._scattered):
            return None
        return self._settled_now + self._up_to_date().counts.found + self.unmet

    @property
    def source_ended(self) -> bool:
        """Whether the source has been read to its end."""
        self._up_to_date()
        return self._reader.ended

    @property
    def incomplete(self) -> BadRow | None:
        """The last record, where it is not whole yet."""
        return self._reader.incomplete

    @property
    def gone(self) -> int | None:
        """How many tasks settled earlier were not met; None before the stream's end."""
        return len(self._settled) if self.source_ended and self.ended else None

    def take_any(self, check: Callable[[Task], None], *, hands_hashes: bool = True) -> None:
        """Let rows in as they lie in the file, and check the tasks that the recipe makes of them.

        Args:
            check: Raises `TaskError` where the view cannot show a task; may change it.
            hands_hashes: Hand the hashes of each row on with it.
        """
        self._reader.takes_any, self._reader.hands_hashes = True, hands_hashes
        self._check = check

    def incoming(self) -> Iterator[Task]:
        """Yield the rows as tasks, on the thread that the recipe runs on."""
        return self._reader.rows()

    def passing(self) -> Callable[[Task], bool] | None:
        """Return what tells of some tasks, on the recipe's thread, that `take` will ask for none of
        them; it is asked once of each. None where it could tell of none.
        """
        is_answered, intake = self._certainly_answered(), self._reader
        if is_answered is None:
            return None

        def passes(task: Task) -> bool:
            identity = intake.identity_of(task)
            return identity is not None and wanted_of(task) is None and is_answered(identity)

        return passes

    def outgoing(self, tasks: Iterable[Task]) -> Generator[Asked, None, None]:
        """Yield those of a recipe's tasks that are to be asked.

        Args:
            tasks: What the recipe made of `incoming`; the tasks are changed in place.

        Raises:
            RecipeError: Where the recipe yields something that is no task.
        """
        for task in tasks:
            asked = self.take(task)
            if asked is not None:
                yield asked
        self.end()

    def end(self) -> None:
        """The recipe gives no more tasks."""
        self._up_to_date()
        self._first_tasks.ended_badly()
        self.ended = True
        self._accounts.close_all(without_tasks=not self._lost)
        self._release_untracked()

    def take(self, task: Task) -> Asked | None:
        """Return a task that a recipe gave, if it is to be asked; it is changed in place.

        None where it is bad, settled already, or excluded; each is noted with its reason.

        Raises:
            RecipeError: It is no task.
        """
        if not isinstance(task, dict):
            raise RecipeError(no_task(task))
        self._reader.enter_into(self._accounts)
        reference, wanted = task.pop(ROW_KEY, None), task.pop(WANTED_KEY, None)
        if wanted is None and ANNOTATIONS in task:
            wanted = wanted_of(task)
        row = reference if isinstance(reference, int) else None
        entry = self._accounts.get(row)
        if entry is not None:
            self._came(entry)
        elif row is not None:
            # The row is done already, so hashes copied from it say nothing: they are taken of the
            # content, as those of all further tasks of a row.
            task.pop(INPUT_HASH, None)
            task.pop(TASK_HASH, None)
        try:
            judged = self._judge(task, entry, row, wanted)
        except TaskError as error:
            judged = self._judge_as_json(task, entry, row, wanted, error)
        if judged is None:
            return None
        identity, name = judged
        if entry is None:
            self._without_row(row)
        remarks = entry.remarks if entry is not None else ()
        ordinal = self._ask(identity, entry)
        return Asked(task, identity, row if entry else None, ordinal, name, wanted, remarks)

    def _judge(
        self, task: Task, entry: RowEntry | None, row: int | None, wanted: int | Exclusion | None
    ) -> tuple[Identity, bytes] | None:
        """Return who a task is and its digest; None where it is not asked.

        Raises:
            TaskError: It cannot be shown, hashed or stored.
        """
        if self._check is not None:
            self._check(task)
            self._first_tasks.good()
        by_input = self.policy.exclude_by == "input"
        identity = identity_of(task, entry, self._settings, by_input=by_input)
        # What is settled under another key stays settled, under the key that it has there.
        former = self._own_code and former_identity(
            task, identity, self._settings, by_input=by_input
        )
        if former and self._met(former) and (not by_input or self._stands(former)):
            identity = former
        if self._is_found(identity, entry):
            return None
        may_be_known = self._met(identity)
        exclusion = self._exclusion(identity, row, entry, wanted, may_be_known=may_be_known)
        if exclusion is not None:
            self._refuse(entry, "policy", exclusion.reason, exclusion.detail)
            return None
        if self._own_code and not is_json(task):
            task.update(plain(task))
            dumps(task)  # what cannot be stored is refused now, and not when it is answered
        return identity, digest(task, self._settings)

    def _judge_as_json(
        self,
        task: Task,
        entry: RowEntry | None,
        row: int | None,
        wanted: int | Exclusion | None,
        error: TaskError,
    ) -> tuple[Identity, bytes] | None:
        """Judge a task again with JSON's own types; None where it is not asked.

        A recipe's code means what it says with sets, numbers of numpy and the like. What is bad all
        the same is noted.
        """
        if self._own_code and not is_json(task):
            try:
                task.update(plain(task))
                return self._judge(task, entry, row, wanted)
            except TaskError as further:
                error = further
        self._refuse(entry, "bad", error.reason, error.what)
        if self._check is not None:
            self._first_tasks.bad(BadRow(error.reason, error.what, START, START, tuple(task)))
        return None

    def _came(self, entry: RowEntry) -> None:
        """A task of this row has come: earlier rows may be done."""
        last, self._last_row = self._last_row, entry.place.row
        if entry.closed:
            entry.closed = False
            self._came_apart()
        if self._scattered or last == entry.place.row:
            return
        if self.policy.ordered:
            self._accounts.close_before(entry.place.row)
        elif last is not None:
            self._accounts.close(last)

    def _is_found(self, identity: Identity, entry: RowEntry | None) -> bool:
        """Tell whether a task is one that was settled in an earlier session."""
        row = entry.place.row if entry else None
        place = self._settled.find(identity, row)
        if place is None or not self._answered(identity):
            return False
        self._settled.take(place)
        self._accounts.counts.found += 1
        if entry is not None:
            entry.ask(identity, settled=True)
        return True

    def _exclusion(
        self,
        identity: Identity,
        row: int | None,
        entry: RowEntry | None,
        wanted: int | Exclusion | None,
        *,
        may_be_known: bool,
    ) -> Exclusion | None:
        """Return why a task is not asked; None where it is.

        Args:
            identity: Who the task is.
            row: The number of its row.
            entry: That row, while it is not settled.
            wanted: How many people it is for, or why it is for none of those that are here.
            may_be_known: What `_met` says; False spares the database the questions below.
        """
        policy = self.policy
        if isinstance(wanted, Exclusion):
            return wanted
        if wanted == 0:
            return Exclusion("filtered", "its row wants no annotations")
        # What is on its way here may be in no database yet, so it is looked for in any case.
        if self._flight.has_task(identity):
            return None if policy.keep_duplicates else Exclusion("same-task")
        if may_be_known and self._answered(identity):
            return None if policy.keep_duplicates else self._as_answered(identity, wanted)
        if policy.exclude_by == "input":
            # A recipe may make several tasks of one row, all about its input: the first of them
            # was let in, so that the others belong to it, also if it is answered by now.
            if entry is not None and identity.input_key in entry.inputs:
                return None
            if policy.auto_exclude and self._flight.has_input(identity, row):
                return Exclusion("same-input")
        return self._known(identity, wanted) if may_be_known else None

    def _as_answered(self, identity: Identity, wanted: int | None) -> Exclusion:
        """Return why a task is not asked that the annotator has answered, or has waiting: it is
        another row's, or it was answered before this job."""
        found = self._known(identity, wanted)
        is_own = found is not None and found.detail == OWN_ANSWER
        return Exclusion("same-task", OWN_ANSWER if is_own else "")

    def _ask(self, identity: Identity, entry: RowEntry | None) -> int:
        self._flight.add(identity, entry.place.row if entry else None)
        if entry is not None:
            return entry.ask(identity)
        self._loose_count += 1
        self._loose.add(self._loose_count - 1)
        return self._loose_count - 1

    def _refuse(self, entry: RowEntry | None, kind: DropKind, reason: str, detail: str) -> None:
        if entry is not None:
            entry.refusals.append((kind, reason, detail))
        else:
            self._accounts.drops.add("notice", reason, self._accounts.here, detail)

    def _without_row(self, row: int | None) -> None:
        """A task came without a row in flight: the reference is lost, or the row was done."""
        if row is not None:
            self._came_apart()
        elif not self._lost:
            self._lost = True
            detail = "the recipe lost the references to rows; a resume goes by key"
            self._accounts.drops.add("notice", "lost-reference", self._accounts.here, detail)

    def _came_apart(self) -> None:
        """Close no row any more before the end, because the recipe comes back to earlier ones."""
        if not self._scattered:
            self._scattered = True
            detail = "the recipe came back to an earlier row; it should say that it is `scattered`"
            self._accounts.drops.add("notice", "scattered", self._accounts.here, detail)

    def settle(self, asked: Asked) -> None:
        """A task is answered, or waits in the store. Settling it twice changes nothing."""
        entry = self._accounts.get(asked.row)
        if asked.row is None and asked.ordinal in self._loose:
            self._loose.remove(asked.ordinal)
            self._settled_now += 1
            self._flight.settle(asked.identity, None)
            self._release_untracked()
        elif entry is not None and asked.ordinal in entry.pending:
            entry.pending.remove(asked.ordinal)
            self._settled_now += 1
            self._flight.settle(asked.identity, asked.row)
            self._accounts.retire(entry)

    def drop_answered(self, asked: Asked) -> None:
        """Drop a task that was to be asked and that others have answered meanwhile."""
        # What others have just written `known` may see a moment later.
        exclusion = self._known(asked.identity, asked.wanted) or Exclusion(
            "answered", "answered meanwhile"
        )
        entry = self._accounts.get(asked.row)
        if entry is not None and asked.ordinal in entry.pending:
            entry.asked -= 1
            entry.refusals.append(("policy", exclusion.reason, exclusion.detail))
        self.settle(asked)

    def cursor(self) -> Position:
        """Return the low-water mark: every row before it is settled or dropped."""
        return self._up_to_date().cursor()

    def fingerprint(self) -> Fingerprint:
        """Return what to store beside `cursor()`; reads up to 128 KiB of the source.

        Where duplicates are kept and the source has changed, counting them takes a reading from
        the start, so nothing is given that a later session could trust a position by.
        """
        if not self._trusted:
            return NOTHING
        return self.source.fingerprint(self.cursor())

    def state(self) -> CursorState:
        """Return `cursor()` with its fingerprint, as the store keeps it."""
        at, mark = self.cursor(), self.fingerprint()
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

    def take_drops(self) -> list[Drop]:
        """Return what the transaction that stores `cursor()` must list; each is given only once.

        Where `resume.by_key`, those listed in earlier sessions must go with the first of them.
        """
        drops = self._accounts.drops
        return drops.take(self.cursor().row) if drops.ranges else []

    def give_back_drops(self, drops: Iterable[Drop]) -> None:
        """Keep drops for the next transaction, because the one they were taken for failed."""
        self._accounts.drops.give_back(drops)

    def _up_to_date(self) -> RowAccounts:
        """Return the book with everything that was read so far."""
        self._reader.enter_into(self._accounts)
        return self._accounts

    def _release_untracked(self) -> None:
        if self.ended and not self._loose:
            self._accounts.release_untracked()
