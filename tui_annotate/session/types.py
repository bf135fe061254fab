"""Records that a session hands to a face."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.records import StoredAnswer, StoredWaiting
from tui_annotate.stream.records import Asked
from tui_annotate.task.hashing import Identity
from tui_annotate.task.schema import Decision, Task

ItemKind = Literal["new", "waiting", "answered"]


class Draft(NamedTuple):
    """An annotation that was begun and not yet answered.

    Attributes:
        content: The task as edited.
        state: Cursor, focus, selection, undo history and scroll, as the editor and view gave it.
        edited: Whether the content differs from what the annotator was given.
    """

    content: Task
    state: dict[str, Any]
    edited: bool = False


class Item(NamedTuple):
    """One task on the annotator's table.

    Attributes:
        task: The task, without private keys; the old answer's content where it is `answered`.
        identity: Who it is.
        kind: `new` from the stream, `waiting` from the queue of what was put off, or `answered`.
        number: The place of the task among this session's answers, counted from 1.
        asked: How it came out of the stream, for `new` ones.
        waiting: Its place in the waiting queue, for `waiting` ones.
        answer: The standing answer, for `answered` ones.
        draft: What was begun on it earlier, if anything.
    """

    task: Task
    identity: Identity
    kind: ItemKind
    number: int
    asked: Asked | None = None
    waiting: StoredWaiting | None = None
    answer: StoredAnswer | None = None
    draft: Draft | None = None

    def is_same(self, other: Item) -> bool:
        """Return whether both are the same task, and the same answer to it if they are answers."""
        ids = [each.answer.id if each.answer else None for each in (self, other)]
        return (self.identity, self.kind) == (other.identity, other.kind) and ids[0] == ids[1]

    @property
    def row(self) -> int | None:
        """The row of the source that it was made from, where that is known."""
        if self.asked is not None:
            return self.asked.row
        stored = self.waiting or self.answer
        return stored.record.row if stored is not None else None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was left out or changed of its row when that was read, for people."""
        return self.asked.remarks if self.asked is not None else ()

    @property
    def digest(self) -> bytes:
        """16 bytes that name the question in full, before any edit."""
        if self.asked is not None:
            return self.asked.digest
        stored = self.waiting or self.answer
        return stored.record.digest if stored is not None else b""

    @property
    def cursor_id(self) -> int | None:
        """The cursor that an old answer or a waiting task belongs to; None for a new task."""
        stored = self.waiting or self.answer
        return stored.record.cursor_id if stored is not None else None


class Timing(NamedTuple):
    """How long a task was looked at.

    Attributes:
        elapsed_ms: From the task's first frame to the decision.
        reading_ms: From the terminal's proof that the frame arrived to the decision.
        seen: Who gave the proof: `terminal`, `unproven` (a multiplexer or a clock) or `none`.
    """

    elapsed_ms: int = 0
    reading_ms: int | None = None
    seen: str = "none"


class Receipt(NamedTuple):
    """What a decision did: shown until the next key.

    Attributes:
        late: Others had taken the task meanwhile, because the session gave no sign of life.
        lesson: In a training, what the annotator is to read before the next task, line by line.
    """

    decision: Decision
    answer_id: int
    summary: str
    replaced: bool
    late: bool = False
    lesson: tuple[str, ...] = ()

    @property
    def remark(self) -> str:
        """What is said of an answer that came after its task had been given to somebody else."""
        if not self.late:
            return ""
        return "Somebody else had been given the task meanwhile; both answers are kept"


class Ending(NamedTuple):
    """What is said where nothing is left.

    Attributes:
        source: What people call the source.
        remark: How it compares with the last session, in full now that all of it has been read.
        waits: Whether rows that are added will be asked.
        elsewhere: How many tasks that are still to be answered other people have in their hands.
        quota: How many answers are wanted of this annotator, where that is what ends the work.
    """

    source: str
    remark: str = ""
    waits: bool = False
    elsewhere: int = 0
    quota: int | None = None

    def sentence(self, done: int) -> str:
        """Return what is said first, where an annotator has `done` so many tasks."""
        if self.quota is not None:
            answers = "the 1 answer" if self.quota == 1 else f"the {self.quota:,} answers"
            return f"Nothing left for you: you have given {answers} that are wanted of you."
        if self.elsewhere:
            tasks = "1 task is" if self.elsewhere == 1 else f"{self.elsewhere:,} tasks are"
            return f"Nothing left for you right now: {tasks} in other people's hands."
        return "All done." if done else "There is nothing to do here."


def why_not_asked(dropped: Mapping[str, int], dataset: str) -> list[str]:
    """Return why an annotator was not asked tasks that others have, or were never to be asked.

    Args:
        dropped: Rows that were not asked, by reason.
        dataset: What the dataset is called.
    """
    answered = sum(dropped.get(reason, 0) for reason in ("answered", "same-input"))
    left_out = dropped.get("filtered", 0)
    found = []
    if answered:
        were = "1 was" if answered == 1 else f"{answered:,} were"
        found.append(f"{were} answered in {dataset} by as many people as are wanted.")
    if left_out:
        are = "1 is" if left_out == 1 else f"{left_out:,} are"
        found.append(f"{are} for other people, or left out.")
    lost = dropped.get("no-such-cohort", 0)
    if lost:
        name = "1 names a cohort" if lost == 1 else f"{lost:,} name cohorts"
        found.append(f"{name} that the project does not have: tell whoever leads it.")
    return found


class SessionCounts(NamedTuple):
    """Where the session stands.

    Attributes:
        answered: Answers of this session that stand, by decision.
        waiting: Tasks put off and still to be answered.
        dropped: Rows that are not asked, by reason; those that the annotator has answered before
            are none of them, but among `answered`.
        not_asked: How many of them this session has passed: they became no task, or others have
            answered them.
        to_go: Rows still to be answered, None while the source has not been counted. Where each
            row is one task, `done`, `waiting`, `not_asked` and `to_go` make up the rows.
        to_go_about: The same as an estimate from the bytes of a row, until they are counted; None
            where that is unknown too.
        progress: What the recipe says of its progress, 0 to 1; None where it says nothing.
        remarks: Rows that were asked although something in them was left out or changed; counted
            where nothing is left.
    """

    answered: Mapping[str, int] = MappingProxyType({})
    waiting: int = 0
    dropped: Mapping[str, int] = MappingProxyType({})
    not_asked: int = 0
    to_go: int | None = None
    to_go_about: int | None = None
    progress: float | None = None
    remarks: int = 0

    @property
    def to_go_words(self) -> str:
        """How many rows are still to be answered, in words; empty where nobody knows."""
        if self.to_go is not None:
            return f"{self.to_go:,} to go"
        return "" if self.to_go_about is None else f"about {self.to_go_about:,} to go"

    @property
    def total(self) -> int | None:
        """How many tasks there are with those that are done, None where nobody knows; an estimate
        until the rows are counted."""
        to_go = self.to_go_about if self.to_go is None else self.to_go
        return None if to_go is None else self.done + self.waiting + to_go

    @property
    def done(self) -> int:
        """How many tasks this session has answered."""
        return sum(self.answered.values())

    @property
    def decisions(self) -> str:
        """How many of them are which: `36 accept, 1 ignore`; empty where there are none."""
        return ", ".join(f"{n:,} {name}" for name, n in self.answered.items() if n)
