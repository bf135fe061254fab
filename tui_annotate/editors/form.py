"""The base of every view that is not one text with spans: a sheet, values, and their history."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, TypeAlias

from tui_annotate.editors.base import (
    COMMENT_KEY,
    FLAG_KEY,
    REASON_KEY,
    REMARK_KEYS,
    Argument,
    Change,
    Editor,
    Rows,
)
from tui_annotate.editors.sheet import Sheet
from tui_annotate.editors.span.state import fields_of
from tui_annotate.editors.views.showing import shown_input
from tui_annotate.task.schema import Task

if TYPE_CHECKING:
    from tui_annotate.editors.span.editor import SpanEditor

OpenEditor: TypeAlias = "SpanEditor | FormEditor"
"""The editor of a task: that of a text with spans, or of anything else. Where `whole_text` is None,
it is the latter."""

VERSION = 1
KEPT = 50
LIMIT = 500


class FormEditor(Editor):
    """One task whose answer is a handful of values.

    A view says which values there are (`read`), what is shown (`sheet`), what the keys do
    (`command`) and which words say what is available (`own_words`). Undo, drafts, flag and comment
    are the same for all of them.

    Args:
        task: The task; it is not changed.
        config: The configuration of the job and of the task.

    """

    short = True

    def __init__(self, task: Task, config: Mapping[str, Any]) -> None:
        self._notes: tuple[str, ...] = ()
        self.task = task
        self.config = config
        # Never changed in place: undo keeps what was there before, however long that is.
        self.values: dict[str, Any] = {**fields_of(task), **self.read(task)}
        self._input: Sheet | None = None
        self._done: list[dict[str, Any]] = []
        self._redoable: list[dict[str, Any]] = []
        self._undone = self._lost = False

    # What a view says

    def read(self, task: Task) -> dict[str, Any]:  # noqa: ARG002
        """Return the values that the annotator changes, as a task or draft has them."""
        return {}

    def command(self, command: str, argument: Argument, rows: Rows | None) -> str:  # noqa: ARG002
        """Carry out a command of the view and return a message.

        Raises:
            ValueError: There is no such command.
        """
        if command == "cancel":
            return ""
        raise ValueError(f"{type(self).__name__} has no command {command!r}")

    def own_words(self) -> set[str]:
        """Return the words of the view for the action table."""
        return set()

    def go_to(self, place: Mapping[str, Any]) -> None:
        """Go where `place()` was, as near as it goes."""

    # What sessions and faces use

    @property
    def whole_text(self) -> None:
        """There is none: the task is a sheet."""

    @property
    def text_editor(self) -> SpanEditor | None:
        """The editor of the text that the cursor is in, where there is one."""
        return None

    @property
    def flagged(self) -> bool:
        """Whether the task is flagged."""
        return bool(self.values[FLAG_KEY])

    @property
    def comment(self) -> str:
        """The annotator's comment."""
        return str(self.values[COMMENT_KEY])

    @property
    def steps(self) -> int:
        """How many steps can be undone."""
        return len(self._done)

    @property
    def edited(self) -> bool:
        """Whether there are edits that have not been undone."""
        return bool(self._done) or self._lost

    @property
    def touched(self) -> bool:
        """Whether there were edits at all, undone or not."""
        return self.edited or self._undone

    @property
    def notes(self) -> tuple[str, ...]:
        """What the task or its draft brought that could not be kept."""
        return self._notes

    def note(self, text: str) -> None:
        """Add a note."""
        self._notes += (text,)

    def note_first(self, text: str) -> None:
        """Add a note before all others."""
        self._notes = (text, *self._notes)

    def apply(self, command: str, argument: Argument = None, rows: Rows | None = None) -> Change:
        """Carry out a command of the action table.

        Raises:
            ValueError: If the view has no such command.
        """
        before, place = self.values, self.place()
        self.finished = False
        if command in ("undo", "redo"):
            message = "" if self._travel(command) else f"there is nothing to {command}"
        elif command == "flag":
            self.change({FLAG_KEY: not self.flagged})
            message = "flagged" if self.flagged else "no longer flagged"
        elif command == "comment":
            self.change({COMMENT_KEY: str(argument or "")})
            message = ""
        elif command == "reason":
            self.change({REASON_KEY: str(argument or "")})
            message = f"reason: {argument}" if argument else "no reason any more"
        else:
            message = self.command(command, argument, rows)
        edited = before is not self.values and before != self.values
        return Change(moved=place != self.place(), edited=edited, message=message)

    def can(self, command: str) -> bool:
        """Whether a command would do anything now."""
        return {"undo": bool(self._done), "redo": bool(self._redoable)}.get(command, True)

    def context(self) -> frozenset[str]:
        """Words for the action table: `sheet`, and those of the view."""
        words = {"sheet", *self.own_words()}
        return frozenset({*words, "edited"} if self.edited else words)

    def content(self) -> Task:
        """The task as edited; keys that are not known stay."""
        content = dict(self.task)
        content.update(self.answer())
        given = fields_of(self.task)
        for name in REMARK_KEYS:
            if self.values.get(name):
                content[name] = self.values[name]
            elif given.get(name):
                content.pop(name, None)
        return content

    def answer(self) -> dict[str, Any]:
        """Return the values as the answer has them, without flag and comment."""
        own = {k: v for k, v in self.values.items() if k not in REMARK_KEYS}
        return deepcopy(own)

    def part_answer(self) -> dict[str, Any]:
        """Return the same: flag and comment belong to the whole task."""
        return self.answer()

    def edits(self) -> Task:
        """What `content()` lays over the task."""
        return {**self.answer(), **{k: v for k, v in self.values.items() if k in REMARK_KEYS}}

    def state(self) -> dict[str, Any]:
        """Place and the newest edits, as JSON values."""
        return {
            "v": VERSION,
            "place": self.place(),
            "undo": self._done[-KEPT:],
            "redo": self._redoable[-KEPT:],
            "undone": self._undone,
            "lost": self._lost or len(self._done) > KEPT,
        }

    def restore(self, content: Task, state: dict[str, Any]) -> None:
        """Take up a draft; where its history does not fit, the content stays all the same."""
        self.values = {**fields_of(content), **self.read(content)}
        names = set(self.values)
        try:
            steps = [list(state[key]) for key in ("undo", "redo")]
            fits = state["v"] == VERSION and all(set(each) == names for s in steps for each in s)
            if not fits:
                raise ValueError("the values are others")
            self._done, self._redoable = steps
            self._undone, self._lost = bool(state["undone"]), bool(state["lost"])
            self.go_to(state["place"])
        except (KeyError, TypeError, ValueError, AttributeError):
            self._done, self._redoable, self._lost = [], [], True
            self.note("the draft's edits are kept, but can no longer be undone")

    def lay(self, content: Task) -> Change:
        """Take the values of another answer."""
        before, notes = self.values, self._notes
        self.finished = False
        self.change(self.read({**self.task, **content}))
        self._notes = notes
        return Change(moved=True, edited=before is not self.values)

    # For views

    def input_sheet(self) -> Sheet:
        """Return what the task shows above what is answered. It is made once: no key changes it."""
        if self._input is None:
            self._input = shown_input(self.shown_task, self.config)
        return self._input

    @property
    def shown_task(self) -> Task:
        """The part of the task that `input_sheet` shows."""
        return self.task

    def change(self, values: Mapping[str, Any], *, merge: bool = False) -> None:
        """Make one undoable step; with `merge` it becomes part of the step before."""
        new = {**self.values, **values}
        if new == self.values:
            return
        if not (merge and self._done):
            self._done.append(self.values)
            if len(self._done) > LIMIT:
                del self._done[0]
                self._lost = True
        self._redoable.clear()
        self.values = new

    def _travel(self, command: str) -> bool:
        steps = (self._done, self._redoable)
        source, target = steps if command == "undo" else reversed(steps)
        if not source:
            return False
        target.append(self.values)
        self.values = source.pop()
        self._undone = self._undone or command == "undo"
        return True
