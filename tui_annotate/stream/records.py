"""Records of the ledger: its rules, the tasks that it hands out, why others are not asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.hashing import Identity
from tui_annotate.task.schema import Task

ExcludeBy = Literal["task", "input"]


class Policy(NamedTuple):
    """How a ledger treats rows and tasks.

    Attributes:
        exclude_by: Whether two tasks count as the same by their question (`task`) or already by
            their input. By `input` suits recipes that ask one task of each input.
        auto_exclude: Do not ask what this dataset has already.
        keep_duplicates: Ask equal rows of the source each time they occur.
        ordered: The recipe yields tasks in the order of their rows, so a row without a task is
            known to be filtered as soon as a later row has given one. Otherwise that is known
            at the end of the stream only, and the cursor waits for it.
        scattered: The recipe may yield tasks of a row after tasks of other rows, so no row is done
            before the end of the stream. Otherwise the tasks of a row come together.
        strict: Stop at the first bad row.
        rehash: Take hashes that rows carry anew.
    """

    exclude_by: ExcludeBy = "task"
    auto_exclude: bool = True
    keep_duplicates: bool = False
    ordered: bool = False
    scattered: bool = False
    strict: bool = False
    rehash: bool = False


class Exclusion(NamedTuple):
    """Why a task is not asked.

    Attributes:
        reason: A short stable code, such as `excluded`, `same-task` or `same-input`.
        detail: One line for people: which dataset has it.
    """

    reason: str
    detail: str = ""


class Asked(NamedTuple):
    """A task to be asked.

    Attributes:
        task: Without private keys.
        identity: Who it is, as it entered the stream.
        row: The row that it was made from, from 1; None where the recipe lost the reference.
        ordinal: Its place among the tasks of that row, from 0.
        digest: 16 bytes that name the question in full, before any edit.
        wanted: How many people a recipe's router has named for it; None where none has.
        remarks: What was left out or changed of its row when that was read, for people.
    """

    task: Task
    identity: Identity
    row: int | None
    ordinal: int
    digest: bytes
    wanted: int | None = None
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class RowCounts:
    """Where the rows that were read in this session are: `read` is the sum of the next four.

    Attributes:
        read: Rows read.
        settled: Rows all of whose tasks are answered or waiting.
        dropped: Rows that became no task.
        open: Rows that are in flight: read ahead, asked, or with tasks still to come.
        untracked: Rows of a recipe that lost their references; settled all the same.
        found: Tasks met again that had been settled in earlier sessions.
        reasons: Dropped rows by reason.
        own: Those of them that the annotator has answered before (`OWN_ANSWER`), by reason.
    """

    read: int = 0
    settled: int = 0
    dropped: int = 0
    open: int = 0
    untracked: int = 0
    found: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    own: dict[str, int] = field(default_factory=dict)
