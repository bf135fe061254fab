"""What every editor gives to a session and a view."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeAlias

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.schema import COMMENT, FLAG, ORIGINAL_TEXT, Task

Range: TypeAlias = tuple[int, int]
"""Code points of the text, from the first to behind the last."""

Argument: TypeAlias = int | str | Range | None
"""What goes with a command: the number of a label from 0, its name, a comment, what is searched
for, rows of a page, the code points on screen."""

FLAG_KEY = FLAG
"""Key of an answer's flag: True, or absent."""

COMMENT_KEY = COMMENT
"""Key of the annotator's comment; apart from any `comment` that the source may have."""


class Change(NamedTuple):
    """What a command did.

    Attributes:
        ranges: Code point ranges whose look changed, sorted, not overlapping.
        moved: Whether the cursor is elsewhere now.
        edited: Whether the content changed; a draft is to be stored.
        message: One sentence for the status line; empty if there is nothing to say.
    """

    ranges: tuple[Range, ...] = ()
    moved: bool = False
    edited: bool = False
    message: str = ""


class Row(Protocol):
    """One row of wrapped text."""

    @property
    def start(self) -> int:
        """Its first code point."""

    @property
    def end(self) -> int:
        """Behind its last code point."""


class Rows(Protocol):
    """The wrapped text, as far as moving by rows needs it."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Row: ...

    def row_of(self, offset: int) -> int:
        """The row that holds a code point."""

    def column_of(self, offset: int) -> int:
        """The cell in its row at which a code point is drawn."""

    def offset_at(self, row: int, column: int) -> int:
        """The code point at a cell of a row, clamped to the row."""


class Editor(Protocol):
    """One task being edited."""

    @property
    def flagged(self) -> bool:
        """Whether the task is flagged."""

    @property
    def comment(self) -> str:
        """The annotator's comment."""

    @property
    def edited(self) -> bool:
        """Whether the content differs from what the editor was given by this annotator's edits."""

    @property
    def touched(self) -> bool:
        """Whether there were edits at all, undone or not."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the task brought that could not be kept as it was, one sentence each."""

    def apply(self, command: str, argument: Argument = None, rows: Rows | None = None) -> Change:
        """Carry out a command.

        Raises:
            ValueError: If there is no such command, or it moves by rows and `rows` is None.
        """

    def can(self, command: str) -> bool:
        """Whether the command would do anything now."""

    def context(self) -> frozenset[str]:
        """Words that say which actions are available, such as `selecting` or `labels`."""

    def content(self) -> Task:
        """The full task as edited; a new dictionary that the caller may keep."""

    def state(self) -> dict[str, Any]:
        """Cursor, focus, selection and the newest edits, as JSON values."""

    def restore(self, content: Task, state: dict[str, Any]) -> None:
        """Take up a draft: what `content()` and `state()` gave."""


def repeated(apply: Callable[[], Change], times: int) -> Change:
    """Carry out a command several times, until it has no effect any more, as one change."""
    change = apply()
    if times == 1:
        return change
    ranges, moved, edited = [*change.ranges], change.moved, change.edited
    for _ in range(times - 1):
        if not (change.ranges or change.moved or change.edited):
            break
        change = apply()
        ranges += change.ranges
        moved, edited = moved or change.moved, edited or change.edited
    return Change(merged(ranges), moved, edited, change.message)


def merged(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """The same code points as sorted ranges that neither overlap nor touch; empty ones go."""
    result: list[Range] = []
    for start, end in sorted(r for r in ranges if r[0] < r[1]):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return tuple(result)


def difference(old: Range | None, new: Range | None) -> list[Range]:
    """Code points that are in one range and not in the other."""
    if old is None or new is None or old[1] <= new[0] or new[1] <= old[0]:
        return [r for r in (old, new) if r is not None]
    return [(min(old[0], new[0]), max(old[0], new[0])), (min(old[1], new[1]), max(old[1], new[1]))]


def without_original(content: Task, task: Task) -> Task:
    """Take the text as it came out of what an annotator has changed back to it.

    Args:
        content: The task as edited; changed, and returned.
        task: The task that was given: an answer of before, whose text had been changed.
    """
    text = content.get("text")
    if text != task.get("text") and text == content.get(ORIGINAL_TEXT):
        del content[ORIGINAL_TEXT]
    return content


def list_of(task: Task, key: str) -> list[Any]:
    """Return a list of a task; an empty one where the task has something else."""
    found = task.get(key)
    return found if isinstance(found, list) else []
