"""The base of views that are made of other views, with one answer and one undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from tui_annotate.editors.base import COMMENT_KEY, FLAG_KEY, Argument, Change, Editor, Rows
from tui_annotate.editors.form import FormEditor, OpenEditor
from tui_annotate.editors.sheet import Paragraph, Sheet
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.errors import TaskError
from tui_annotate.task.schema import Task

Step: TypeAlias = int | list[int]
"""One step: the part that it was made on, or `_WHOLE`; a list of parts where it was on several."""

Opener: TypeAlias = Callable[[str, Task, Mapping[str, Any]], OpenEditor]

_ON_TASK = frozenset({"flag", "comment", "reason"})
_WHOLE = -1
"""In the order of steps: flag, comment and reason, which belong to no part."""


class CompositeEditor(FormEditor):
    """Several views with one answer. `next_part` goes from one to the next.

    Args:
        task: The task.
        config: The configuration.
        open_part: Opens the editor of a part.
    """

    short = False

    def __init__(self, task: Task, config: Mapping[str, Any], open_part: Opener) -> None:
        super().__init__(task, config)
        self.parts = self.open_parts(open_part)
        if not self.parts:
            raise TaskError("the task has no parts", reason="no-parts", where=self.where)
        self.at = self._first()
        for part in self.parts:
            # Among parts of other kinds a field is written in when the annotator comes to it.
            if part is not self.part:
                part.leave()
        self._order: list[Step] = []
        self._undone_order: list[Step] = []
        for part in self.parts:
            self._notes += part.notes

    where = ""
    """The key that the parts are under."""

    def open_parts(self, open_part: Opener) -> list[OpenEditor]:
        """Open the parts."""
        raise NotImplementedError

    def goes_to(self, index: int) -> bool:
        """Whether there is anything to do in a part."""
        part = self.parts[index]
        return part.answers or "folds" in part.context()

    @property
    def part(self) -> OpenEditor:
        """The part that the keys act on."""
        return self.parts[self.at]

    @property
    def leaf(self) -> Editor:
        """That of the part at hand."""
        return self.part.leaf

    def take_labels(self, setting: str, names: Sequence[str]) -> None:
        """Let more labels be given in all parts that have labels of this setting."""
        for part in self.parts:
            part.take_labels(setting, names)

    @property
    def steps(self) -> int:
        """How many steps can be undone, on all parts."""
        return len(self._order)

    def _first(self) -> int:
        """Return the part that the keys begin in: a field that wants them, else what answers."""
        for index, part in enumerate(self.parts):
            if part.takes_focus:
                return index
        return next((i for i, part in enumerate(self.parts) if part.answers), 0)

    def apply(self, command: str, argument: Argument = None, rows: Rows | None = None) -> Change:
        """Carry out a command on the part at hand, keeping one order of steps over all."""
        if command in ("undo", "redo"):
            return self._travel_over_all(command)
        if command in ("next_part", "previous_part"):
            return self._go(1 if command == "next_part" else -1)
        if command in _ON_TASK:
            before = len(self._done)
            change = super().apply(command, argument, rows)
            self._made(len(self._done) > before, _WHOLE)
            return change
        part, before = self.part, self.part.steps
        if part.typing and self._leaves_field(part, command):
            part.leave()
            return self._go(-1 if command == "complete_back" else 1)
        change = part.apply(command, argument, rows)
        self._made(part.steps > before, self.at)
        # Behind the last span of a part the next one is in another part, if there is one.
        if command == "next_span" and change.wrapped and len(self.parts) > 1:
            return self._go(1)
        return change

    def _leaves_field(self, field: OpenEditor, command: str) -> bool:
        """Whether `tab` goes on to the next part: there is one, and nothing to be completed."""
        others = sum(map(self.goes_to, range(len(self.parts)))) > 1
        tab = command == "complete_back" or (command == "complete" and not field.suggestions)
        return tab and others

    def number_options(self, numbered: bool) -> None:
        """Show or hide digits in all parts."""
        for part in self.parts:
            part.number_options(numbered)

    @property
    def tab_in_field(self) -> str:
        """What `tab` does in the field at hand: it completes it, or goes on to the next part."""
        next_part = "next part" if self._leaves_field(self.part, "complete") else ""
        return self.part.tab_in_field or next_part

    def _made(self, made: bool, where: int) -> None:
        if made:
            self._order.append(where)
            self._undone_order.clear()

    def _go(self, step: int) -> Change:
        for _ in self.parts:
            self.at = (self.at + step) % len(self.parts)
            if self.goes_to(self.at):
                break
        self.part.arrive()
        self.visited()
        return Change(moved=True)

    def visited(self) -> None:
        """A part has come up."""

    def _travel_over_all(self, command: str) -> Change:
        orders = (self._order, self._undone_order)
        source, target = orders if command == "undo" else orders[::-1]
        if not source:
            return Change(message=f"there is nothing to {command}")
        step = source.pop()
        target.append(step)
        if step == _WHOLE:  # a comment, a flag, a reason
            return super().apply(command)
        # Another answer that was laid over several parts is one step to those who took it.
        if isinstance(step, list):
            for index in step if command == "redo" else reversed(step):
                self.parts[index].apply(command)
            return Change(moved=True, edited=True)
        # The part comes up, so that nothing changes that is not seen.
        self.at = step
        self.visited()
        return self.part.apply(command)

    def lay(self, content: Task) -> Change:
        """Take what another answer says in all parts that it says something about."""
        steps: list[int] = []
        messages: list[str] = []
        for index, part in enumerate(self.parts):
            own = self.laid_on(content, index)
            if own is None:
                continue
            before = part.steps
            change = part.lay(own)
            steps += [index] * (part.steps - before)
            messages += [change.message] if change.message else []
        if steps:
            self._order.append(steps)
            self._undone_order.clear()
        return Change(moved=True, edited=bool(steps), message="; ".join(dict.fromkeys(messages)))

    def laid_on(self, content: Task, index: int) -> Task | None:
        """Return what another answer says about a part; None if it says nothing about it."""
        raise NotImplementedError

    def can(self, command: str) -> bool:
        """Whether a command would do anything now."""
        if command in ("undo", "redo"):
            return bool(self._order if command == "undo" else self._undone_order)
        return self.part.can(command)

    @property
    def edited(self) -> bool:
        """Whether there are edits that have not been undone."""
        return super().edited or any(part.edited for part in self.parts)

    @property
    def touched(self) -> bool:
        """Whether there were edits at all."""
        return super().touched or any(part.touched for part in self.parts)

    @property
    def names(self) -> tuple[str, ...]:
        """What can be chosen in the part at hand."""
        return self.part.names

    def meant_choice(self, command: str, argument: Argument) -> int | None:
        """Return that of the part at hand."""
        return self.part.meant_choice(command, argument)

    @property
    def every_label(self) -> tuple[str, ...]:
        """The labels of all parts."""
        return tuple(label for part in self.parts for label in part.every_label)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the part at hand."""
        return self.part.labels

    @property
    def text_editor(self) -> SpanEditor | None:
        """That of the part at hand."""
        return self.part.text_editor

    @property
    def summary(self) -> str:
        """That of the part at hand."""
        return self.part.summary

    @property
    def current(self) -> str | None:
        """The label of the focused span of the part at hand."""
        return self.part.current

    @property
    def objection(self) -> str:
        """The first of the parts'."""
        return next((part.objection for part in self.parts if part.objection), "")

    def own_words(self) -> set[str]:
        """Those of the part at hand, and `parts` where there are others."""
        words = set(self.part.context()) - {"edited"}
        others = sum(map(self.goes_to, range(len(self.parts)))) > 1
        return words | ({"parts"} if others else set())

    def shown_part(self, index: int) -> Sheet:
        """Return the sheet of a part; only that of the part at hand has a cursor."""
        part, here = self.parts[index], index == self.at
        sheet = part.sheet()
        return sheet if here else tuple(map(_without_cursor, sheet))

    def info(self) -> str:
        """Return what the cursor is at in the part at hand."""
        return self.part.info()

    def place(self) -> dict[str, Any]:
        """Return which part is at hand, and where the annotator is in it."""
        return {"at": self.at, "inner": self.part.place()}

    def state(self) -> dict[str, Any]:
        """The state of all parts."""
        parts = [part.state() for part in self.parts]
        return {**super().state(), "parts": parts, "at": self.at, "order": self._order[-50:]}

    def restore(self, content: Task, state: dict[str, Any]) -> None:
        """Take up a draft, each part its own."""
        super().restore(content, {**state, "place": {}})
        stored = state.get("parts")
        stored = stored if isinstance(stored, list) else []
        for index, part in enumerate(self.parts):
            own = stored[index] if index < len(stored) else {}
            part.restore(self.part_content(content, index), own)
            self._notes += tuple(note for note in part.notes if note not in self._notes)
        at, order = state.get("at"), state.get("order")
        self.at = at if isinstance(at, int) and 0 <= at < len(self.parts) else self.at
        if isinstance(order, list):
            self._order = [each for each in order if self._is_step(each)]

    def _is_step(self, step: Any) -> bool:
        if isinstance(step, list):
            return bool(step) and all(each in range(len(self.parts)) for each in step)
        return step in range(_WHOLE, len(self.parts))

    def part_content(self, content: Task, index: int) -> Task:
        """Return the draft of a part, out of that of the task."""
        raise NotImplementedError


def part_edits(part: OpenEditor) -> dict[str, Any]:
    """Return what a draft keeps of a part: its answer without the tokens, which are known."""
    own = part.edits()
    return {key: value for key, value in own.items() if key not in (FLAG_KEY, COMMENT_KEY)}


def _without_cursor(paragraph: Paragraph) -> Paragraph:
    prefix = paragraph.prefix.replace(">", " ")
    without = paragraph._replace(cursor=None, selection=None, focus=None, choice=None)
    return without._replace(prefix=prefix, current=False)
