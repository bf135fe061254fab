"""The view `text_input`: text that the annotator writes, on one line or many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui_annotate.editors.base import Argument, Rows
from tui_annotate.editors.form import FormEditor
from tui_annotate.editors.sheet import BLANK, Paragraph, Sheet, faint, heading
from tui_annotate.editors.showing import shown_input
from tui_annotate.task.schema import Task
from tui_annotate.text.graphemes import split


class InputEditor(FormEditor):
    """A field under the task. `enter` begins to write, `escape` leaves the field.

    Configuration, of the job or of the task: `field_id` (the key of the answer, `user_input`),
    `field_label`, `field_placeholder`, `field_rows` (more than 1: `enter` breaks the line),
    `field_autofocus`, `field_suggestions` (`tab` takes the next one that fits).
    """

    short = False

    def __init__(self, task: Task, config: Mapping[str, Any]) -> None:
        self._config = {**config, **{k: v for k, v in task.items() if k.startswith("field_")}}
        self.field = str(self._config.get("field_id") or "user_input")
        super().__init__(task, config)
        self.typing = bool(self._config.get("field_autofocus"))
        self._caret = len(self.value)
        self._merging = False
        self._wanted: str | None = None

    def read(self, task: Task) -> dict[str, Any]:
        """Return the field's text."""
        value = task.get(self.field)
        return {self.field: value if isinstance(value, str) else ""}

    @property
    def value(self) -> str:
        """What stands in the field."""
        return str(self.values[self.field])

    @property
    def many(self) -> bool:
        """Whether the field takes several lines."""
        rows = self._config.get("field_rows", 1)
        return isinstance(rows, int) and rows > 1

    @property
    def suggestions(self) -> list[str]:
        """What the configuration suggests, as far as it begins with what is written."""
        given = self._config.get("field_suggestions")
        begun = (self.value if self._wanted is None else self._wanted).casefold()
        known = [each for each in given if isinstance(each, str)] if given else []
        return [each for each in known if each.casefold().startswith(begun)]

    def sheet(self) -> Sheet:
        """Return the input, the field's name, what stands in it, and suggestions."""
        # What the field begins with stands in it, and not above it as well.
        rest = {key: value for key, value in self.task.items() if key != self.field}
        found = [*shown_input(rest, self.config)]
        if found:
            found.append(BLANK)
        label = self._config.get("field_label")
        if isinstance(label, str) and label:
            found.append(heading(label))
        found.append(self._shown_field())
        if self.typing and self.suggestions:
            found.append(faint("tab: " + " · ".join(self.suggestions[:5]), "  "))
        return tuple(found)

    def _shown_field(self) -> Paragraph:
        if self.typing:
            at = (self._caret, self._caret + 1)
            text = self.value + " "
            return Paragraph(text, "field", "> ", cursor=at, current=True, content=False)
        if self.value:
            return Paragraph(self.value, "field", "> ", current=True, content=False)
        hint = str(self._config.get("field_placeholder") or "enter to write")
        return Paragraph(hint, "faint", "> ", current=True, content=False)

    def command(self, command: str, argument: Argument, rows: Rows | None) -> str:
        """Begin and end writing, and write."""
        if command == "begin":
            self.typing, self._merging, self._caret = True, False, len(self.value)
        elif command == "cancel":
            self.typing, self._wanted = False, None
        elif command == "type":
            self._put(str(argument or ""))
        elif command == "confirm":
            self._confirm()
        elif command == "rub_out":
            self._rub_out()
        elif command == "complete":
            self._complete()
        elif command in ("caret_left", "caret_right", "caret_home", "caret_end"):
            self._move(command)
        else:
            return super().command(command, argument, rows)
        return ""

    def _put(self, text: str) -> None:
        if not self.many:
            text = " ".join(text.splitlines())
        value, at = self.value, self._caret
        self._write(value[:at] + text + value[at:], at + len(text))

    def _write(self, value: str, caret: int) -> None:
        self.change({self.field: value}, merge=self._merging)
        self._merging, self._caret, self._wanted = True, caret, None

    def _confirm(self) -> None:
        if self.many:
            self._put("\n")
        else:
            self.typing = False

    def _rub_out(self) -> None:
        before = "".join(split(self.value[: self._caret])[:-1])
        self._write(before + self.value[self._caret :], len(before))

    def _complete(self) -> None:
        wanted = self.value if self._wanted is None else self._wanted
        found = self.suggestions
        if found:
            place = found.index(self.value) + 1 if self.value in found else 0
            chosen = found[place % len(found)]
            self._write(chosen, len(chosen))
            self._wanted = wanted

    def _move(self, command: str) -> None:
        lengths = [0]
        for part in split(self.value):
            lengths.append(lengths[-1] + len(part))
        here = max(each for each in lengths if each <= self._caret)
        at = lengths.index(here)
        place = {"caret_left": at - 1, "caret_right": at + 1, "caret_home": 0}.get(command, -1)
        if command == "caret_end":
            place = len(lengths) - 1
        self._caret = lengths[min(max(place, 0), len(lengths) - 1)]

    def own_words(self) -> set[str]:
        """`typing` where letters are written, else `field`."""
        return {"typing"} if self.typing else {"field"}

    def apply(self, command: str, argument: Argument = None, rows: Rows | None = None) -> Any:
        """Carry out a command; the caret stays in the text, whatever undo does to it."""
        change = super().apply(command, argument, rows)
        self._caret = min(self._caret, len(self.value))
        if command in ("undo", "redo"):
            self._merging = False
        return change

    def place(self) -> dict[str, Any]:
        """Return where the caret is, and whether the annotator is writing."""
        return {"typing": self.typing, "caret": self._caret}

    def go_to(self, place: Mapping[str, Any]) -> None:
        """Put the caret where it was."""
        self.typing = bool(place["typing"])
        self._caret = min(max(int(place["caret"]), 0), len(self.value))
