"""The view `text_input`: text that the annotator writes, on one line or many."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from tui_annotate.editors.base import Argument, Rows
from tui_annotate.editors.form import FormEditor
from tui_annotate.editors.sheet import BLANK, Paragraph, Sheet, faint, heading
from tui_annotate.task.schema import Task
from tui_annotate.task.text_change import Moved, follow_text
from tui_annotate.text.characters import split
from tui_annotate.view_settings import is_field
from tui_annotate.views import View


class InputEditor(FormEditor):
    """A field under the task. `enter` begins to write, `escape` leaves the field.

    Configuration, of the job or of the task: `field_id` (the key of the answer, `user_input`),
    `field_label`, `field_placeholder`, `field_rows` (more than 1: `enter` breaks the line),
    `field_autofocus` (false: a task with nothing but fields does not begin in its field),
    `field_suggestions` (`tab` takes the next one that fits).

    A field that nobody has written in is given back as it came: absent, null, a number, a list or
    an object, of which the field shows the JSON.
    """

    short = False

    def __init__(self, task: Task, config: Mapping[str, Any]) -> None:
        own = {key: value for key, value in task.items() if key.startswith("field_")}
        refused = own.get("field_id") and not is_field(own["field_id"])
        if refused:
            del own["field_id"]
        self._config = {**config, **own}
        self.field = str(self._config.get("field_id") or "user_input")
        super().__init__(task, config)
        if refused:
            self.note(f"the task's field_id cannot be written to: {self.field} is written")
        self.typing = False
        self._fresh = False
        self._caret = len(self.value)
        self._merging = False
        self._wanted: str | None = None
        self.arrive()

    @property
    def takes_focus(self) -> bool:
        """Whether the job wants the keys to begin here, wherever the field stands."""
        return bool(self._config.get("field_autofocus"))

    def arrive(self) -> None:
        """Begin to write without having been asked to, as the annotator comes to the field: letters
        that are typed before `enter` would be commands, and decide."""
        if self._config.get("field_autofocus") is False:
            return
        self.typing = self._fresh = True
        self._caret, self._merging = len(self.value), False

    def leave(self) -> None:
        """End writing."""
        self.typing = self._fresh = False
        self._wanted = None

    def read(self, task: Task) -> dict[str, Any]:
        """Return the field's text."""
        return {self.field: _shown_value(task.get(self.field))}

    def answer(self) -> dict[str, Any]:
        """Return what was written; where the field says what it came with, that as it came."""
        written = super().answer()
        if self.value != _shown_value(self.task.get(self.field)):
            return written
        rest = {key: value for key, value in written.items() if key != self.field}
        given = {self.field: deepcopy(self.task[self.field])} if self.field in self.task else {}
        return {**rest, **given}

    def content(self) -> Task:
        """The task as edited. Where its text was corrected, spans, tokens and relations move with
        what they stand on."""
        return {**super().content(), **self.followed_fields()}

    def part_answer(self) -> dict[str, Any]:
        """Return what was written, and what moved with a text that was corrected."""
        return {**self.answer(), **self.followed_fields()}

    def followed_fields(self) -> dict[str, Any]:
        """Return `spans`, `tokens` and `relations` where the text that they stand on was corrected;
        nothing where it was not."""
        return deepcopy(self._followed().fields)

    def _followed(self) -> Moved:
        """Return what became of what the task has beside its text."""
        if self.field != "text" or not isinstance(self.task.get("text"), str):
            return Moved({}, ())
        return follow_text(self.task, self.value)

    @property
    def written(self) -> str:
        """What stands in the field."""
        return self.value

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
        known = [str(each) for each in given] if given else []
        return [each for each in known if each.casefold().startswith(begun)]

    def sheet(self) -> Sheet:
        """Return the input, the field's name, what stands in it, and suggestions."""
        found = [*self.input_sheet()]
        if found:
            found.append(BLANK)
        label = self._config.get("field_label")
        if isinstance(label, str) and label:
            found.append(heading(label))
        found.append(self._shown_field())
        if self.typing and not self.value:
            found.append(faint(self._hint, "  "))
        if self.typing and self.suggestions:
            found.append(faint("tab: " + " · ".join(self.suggestions[:5]), "  "))
        return tuple(found)

    @property
    def shown_task(self) -> Task:
        """The task without what the field begins with: that stands in it, and not above it too."""
        return {key: value for key, value in self.task.items() if key != self.field}

    def _shown_field(self) -> Paragraph:
        if self.typing:
            at = (self._caret, self._caret + 1)
            text = self.value + " "
            return Paragraph(text, "field", "> ", cursor=at, current=True, content=False)
        if self.value:
            return Paragraph(self.value, "field", "> ", current=True, content=False)
        return Paragraph(self._hint, "faint", "> ", current=True, content=False)

    @property
    def _hint(self) -> str:
        """What an empty field says."""
        usual = "write; escape leaves the field" if self.typing else "enter to write"
        return str(self._config.get("field_placeholder") or usual)

    def command(self, command: str, argument: Argument, rows: Rows | None) -> str:
        """Begin and end writing, and write."""
        if command == "confirm":
            return self._confirm()
        self._fresh = False
        if command == "begin":
            self.typing, self._merging, self._caret = True, False, len(self.value)
        elif command == "cancel":
            return self._left()
        elif command == "type":
            self._put(str(argument or ""))
        elif command == "rub_out":
            self._rub_out()
        elif command == "complete":
            self._complete()
        elif command == "complete_back":
            return ""  # only a field among other parts has one before it
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

    def _confirm(self) -> str:
        if self._fresh:
            # Who is used to begin with `enter` has begun already, and must not be put out by it.
            self._fresh = False
            return "you are in the field: write, escape leaves it"
        if not self.many:
            return self._left()
        self._put("\n")
        return ""

    def _left(self) -> str:
        """End writing, and say what was cut of what stood on the text."""
        self.leave()
        return "; ".join(self._followed().told)

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
        self.typing, self._fresh = bool(place["typing"]), False
        self._caret = min(max(int(place["caret"]), 0), len(self.value))


def _shown_value(value: object) -> str:
    """Return the text that stands for any JSON value in a field."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


TEXT_INPUT = View(
    "text_input",
    "text that the annotator writes",
    lambda task, config, _: InputEditor(task, config),
    writes=lambda settings: (str(settings.get("field_id") or "user_input"),),
    settings=(
        *("field_autofocus", "field_id", "field_label", "field_placeholder"),
        *("field_rows", "field_suggestions", "html_template"),
    ),
)
