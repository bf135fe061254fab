"""Edits as values, and the two stacks that undo and redo work on."""

from __future__ import annotations

from typing import Any

from tui_annotate.editors.span.spanset import SpanEntry
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.tokenize import Tokens


class CursorPlace(NamedTuple):
    """Where the annotator was: the cursor's token and the serial of the focused span."""

    cursor: int
    focus: int | None


class FieldChange(NamedTuple):
    """One value of the task, such as the flag, before and after."""

    name: str
    old: bool | str
    new: bool | str


class TextVersion(NamedTuple):
    """What spans stand on, and what moves with it where it is changed.

    Attributes:
        text: The text.
        tokens: Its tokens.
        relations: The relations that the task has beside its spans; None where it has no list.
        proposed: The proposals on it.
    """

    text: str
    tokens: Tokens
    relations: list[Any] | None
    proposed: tuple[SpanEntry, ...]


class Edit(NamedTuple):
    """One undoable step.

    Attributes:
        removed: Entries that it took out.
        added: Entries that it put in.
        fields: Other values that it changed.
        before: Where the annotator was.
        after: Where the annotator was left.
        settled: Proposals that it took or refused.
        grounds: The text and what belongs to it before and after, where the step changed the text:
            then `removed` are spans of the one, and `added` those of the other.
    """

    removed: tuple[SpanEntry, ...]
    added: tuple[SpanEntry, ...]
    fields: tuple[FieldChange, ...]
    before: CursorPlace
    after: CursorPlace
    settled: tuple[SpanEntry, ...] = ()
    grounds: tuple[TextVersion, TextVersion] | None = None


class UndoHistory:
    """Undo and redo.

    Attributes:
        limit: Steps that are kept; older ones can no longer be undone.
        undone: Whether a step was ever made that is not in `done` any more.
        lost: Whether steps have fallen out at the bottom, or were not kept with a draft.
    """

    def __init__(self) -> None:
        self.limit = 500
        self.done: list[Edit] = []
        self.redoable: list[Edit] = []
        self.undone = False
        self.lost = False

    def push(self, edit: Edit) -> None:
        """A new step; what could be redone is forgotten."""
        self.done.append(edit)
        self.redoable.clear()
        if len(self.done) > self.limit:
            del self.done[0]
            self.lost = True

    def undo(self) -> Edit | None:
        """The step to be taken back, or None."""
        if not self.done:
            return None
        self.undone = True
        self.redoable.append(self.done.pop())
        return self.redoable[-1]

    def redo(self) -> Edit | None:
        """The step to be made again, or None."""
        if not self.redoable:
            return None
        self.done.append(self.redoable.pop())
        return self.done[-1]

    def withdraw(self) -> Edit:
        """The newest step, taken off for good because a better version of it follows."""
        self.undone = True
        return self.done.pop()
