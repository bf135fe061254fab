"""What the store takes and gives: plain, immutable values.

Conventions: `id` is the store's own integer. `row` and `line` count from 1, as people do; in a
cursor they are therefore also the number of rows and lines that lie before the position. Times
are whole seconds since 1970 (UTC) unless a name says otherwise. Task content is JSON text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.hash_body import HashSettings
from tui_annotate.task.hashing import Identity
from tui_annotate.task.schema import Decision

AnswerKind: TypeAlias = Literal["answer", "retraction"]
WaitingKind: TypeAlias = Literal["later", "reopened", "released"]
DropKind: TypeAlias = Literal["bad", "policy", "notice"]


class Dataset(NamedTuple):
    """A named set that answers are saved to, with the hash keys in force in it."""

    id: int
    name: str
    settings: HashSettings
    created_at: int


class StoredSession(NamedTuple):
    """One annotator working on one dataset."""

    id: int
    dataset_id: int
    name: str
    annotator: str
    created_at: int


class Visit(NamedTuple):
    """The visit to a session before this one.

    Attributes:
        owner: Who made it, as given to `Visits.enter`.
        opened_at: When it began.
        closed_at: When it ended; None if it never said so (killed, or still going on).
        beat_at: When it gave its last sign of life; None if it never did.
    """

    owner: str
    opened_at: int
    closed_at: int | None
    beat_at: int | None = None


class StoredJob(NamedTuple):
    """A recipe with those of its settings that shape the stream.

    Attributes:
        digest: Over the recipe's name and those settings; the job's identity.
        settings: The same settings as JSON text, for people.
    """

    id: int
    digest: bytes
    recipe: str
    settings: str


class StoredSource(NamedTuple):
    """Where tasks come from.

    Attributes:
        identity: The absolute path, or another stable name.
        name: What people call it.
        rows: How many records it has, if they have been counted.
        counted_size, counted_mtime_ns: Its size and modification time when they were counted.
        digest_size, digest: How many bytes of it have which BLAKE2b-16, where it was verified.
    """

    id: int
    identity: str
    name: str
    rows: int | None = None
    counted_size: int | None = None
    counted_mtime_ns: int | None = None
    digest_size: int | None = None
    digest: bytes | None = None


class CursorKey(NamedTuple):
    """What a cursor belongs to: one session reading one source in one job, one pass of it."""

    source_id: int
    job_id: int
    session_id: int
    pass_: int = 1


class CursorState(NamedTuple):
    """A place in a source, and what is needed to trust it again.

    Attributes:
        row, line, offset: Records, lines and bytes before the place.
        inode, size, mtime_ns: The source's, as `os.stat` gives them; 0 where there is no file.
        head: Digest of the first 64 KiB, of what lies before the place.
        tail: Digest of the 64 KiB before the place.
        last_key: Key of the last settled task; empty before the first.
    """

    row: int = 0
    line: int = 0
    offset: int = 0
    inode: int = 0
    size: int = 0
    mtime_ns: int = 0
    head: bytes = b""
    tail: bytes = b""
    last_key: bytes = b""


class StoredCursor(NamedTuple):
    """A cursor as the store has it. `version` grows by one with every move."""

    id: int
    key: CursorKey
    version: int
    state: CursorState
    updated_at: int


class NewAnswer(NamedTuple):
    """One decision to be written; rows of `answers` are never changed afterwards.

    Attributes:
        identity: Of the question, as it entered the stream.
        content: The task as the annotator left it, as JSON text.
        answer: The decision; None for a retraction only.
        view_id: How the task was shown.
        answered_at: When, in seconds since 1970.
        kind: `answer`, or `retraction`: the superseded answer counts no longer.
        pass_: Which time over.
        cursor_id: The cursor whose source the task came from; None for imported rows.
        row: The record of that source that it was made from.
        digest: Of the question in full, before any edit.
        label: The task's own label, where it has one.
        elapsed_ms: From the first sight of the task to the decision.
        reading_ms: From the proof that the task was on screen to the decision.
        seen: Who gave that proof: `terminal`, `unproven` (a multiplexer or a clock), `none`.
        supersedes: The answer that this one replaces.
        late: The claim had run out when the answer came.
        provenance: What an answer of a review rests on: `unanimous`, `majority` or `adjudicated`.
        guideline_id: The version of the guidelines that was in force; None where there were none.
        sources: The ids of the answers that a review settles; `Answers.sources` reads them back.
    """

    dataset_id: int
    session_id: int
    identity: Identity
    content: str
    answer: Decision | None
    view_id: str
    answered_at: int
    kind: AnswerKind = "answer"
    pass_: int = 1
    cursor_id: int | None = None
    row: int | None = None
    digest: bytes = b""
    label: str | None = None
    elapsed_ms: int | None = None
    reading_ms: int | None = None
    seen: str = "none"
    flagged: bool = False
    comment: str | None = None
    supersedes: int | None = None
    late: bool = False
    provenance: str | None = None
    guideline_id: int | None = None
    sources: tuple[int, ...] = ()


class StoredAnswer(NamedTuple):
    """One row of `answers`: the values of `NewAnswer` (its `record`), its id and who gave it."""

    id: int
    record: NewAnswer
    session: str
    annotator: str


class GivenAnswer(NamedTuple):
    """What searches and statistics take from one row of `answers`, as `NewAnswer` has it."""

    id: int
    kind: AnswerKind
    supersedes: int | None
    answer: Decision | None
    view_id: str
    flagged: bool
    answered_at: int
    elapsed_ms: int | None
    reading_ms: int | None
    task_hash: int
    input_key: bytes
    question_key: bytes | None
    content: str
    provenance: str | None
    guideline_id: int | None
    session: str
    annotator: str


class WaitingQueue(NamedTuple):
    """Whose waiting tasks: one session's in one job; the dataset's pool where it is None."""

    dataset_id: int
    job_id: int
    session_id: int | None
    pass_: int = 1


class NewWaiting(NamedTuple):
    """A task that the cursor has passed and that is still to be answered.

    Attributes:
        queue: Whose it is.
        kind: `later` (left for later), `reopened` (an answer taken back), `released` (left by
            somebody else).
        identity: Of the question.
        content: The task as it was asked, as JSON text.
        cursor_id: The cursor that has passed it.
        row: The record of the source that it was made from.
        digest: Of the question in full.
        answer_id: The answer that a reopened task had.
    """

    queue: WaitingQueue
    kind: WaitingKind
    identity: Identity
    content: str
    cursor_id: int | None = None
    row: int | None = None
    digest: bytes = b""
    answer_id: int | None = None


class StoredWaiting(NamedTuple):
    """One row of `waiting`. A greater id has waited less."""

    id: int
    record: NewWaiting
    added_at: int


class DraftKey(NamedTuple):
    """What a draft belongs to: one session's work on one task in one job and pass."""

    session_id: int
    job_id: int
    identity: Identity
    pass_: int = 1


class StoredDraft(NamedTuple):
    """An annotation that has been begun and not yet answered.

    Attributes:
        content: What has been annotated so far, as JSON text.
        state: Cursor, focus, selection, scroll: JSON text, of the editor and the view.
        elapsed_ms: Time spent on the task so far.
        answer_id: The old answer that is being changed, if it is one.
        updated_at: When it was saved; set by the store.
    """

    key: DraftKey
    content: str
    state: str
    elapsed_ms: int = 0
    answer_id: int | None = None
    updated_at: int = 0


OF_ANOTHER_COHORT = "it is for another cohort"
"""How it begins what is said of a row that names groups without the annotator: theirs is asked."""

OF_OTHERS = "it is for other people"
"""What is said of a row that a router gives to others than the annotator: they are still asked."""

OWN_ANSWER = "answered by the same person before"
"""What is said of a row that the annotator has answered already, but not in this job: in another
one, or before the answers were brought here. It counts among that person's answers."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Rows that became no task, or a remark about one.

    Attributes:
        kind: `bad` (a row that cannot become a task), `policy` (one that need not be asked) or
            `notice` (listed, but the row was asked all the same, so it does not count).
        reason: A short stable code, such as `not-json`, `known-task`, `same-input`.
        first_row, last_row: Records, both ends included.
        first_line, last_line: Lines of the source, both ends included; 0 where there are none.
        count: How many tasks were dropped in that range.
        detail: One line for people.
    """

    kind: DropKind
    reason: str
    first_row: int
    last_row: int
    first_line: int = 0
    last_line: int = 0
    count: int = 1
    detail: str = ""


class StoredDrop(NamedTuple):
    """A drop with the source that it was found in and the session that met it."""

    id: int
    cursor_id: int
    source: str
    session: str
    drop: Drop
