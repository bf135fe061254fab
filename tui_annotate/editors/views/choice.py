"""The view `choice`: one of several options, or several of them, or a place on a scale."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Any

from tui_annotate.editors.base import Argument, Change, Rows
from tui_annotate.editors.form import FormEditor
from tui_annotate.editors.sheet import BLANK, Paragraph, Sheet, faint
from tui_annotate.editors.views.showing import shown_input
from tui_annotate.errors import TaskError
from tui_annotate.task.schema import Task
from tui_annotate.text.amounts import plural
from tui_annotate.text.safe import safe_line
from tui_annotate.views import INPUTS, Settings, View
from tui_annotate.waiting import checked, counted, here

DIGITS = "1234567890"
PAGE = 10
"""Options of a page where the face does not say how many fit on its screen."""

MOST = 20_000
"""Options that one task can have: nobody finds anything among more, and each key takes long."""


class ChoiceEditor(FormEditor):
    """A task with `options`; the answer has the ids of those chosen in `accept`, or under the key
    that `field_id` in the configuration names.

    What nobody has touched is given back as it came; ids that are no option go with the first
    choice, and a note says so.

    Raises:
        TaskError: `no-options`, where the task has none and is no scale; `too-many-options`.
    """

    def __init__(self, task: Task, config: Mapping[str, Any]) -> None:
        self.field = str(config.get("field_id") or "accept")
        self.style = str(config.get("choice_style") or "single")
        self.options = _scale(task, config) if self.style == "scale" else _options(task)
        if not self.options:
            raise TaskError("the task has no options", reason="no-options", where="options")
        if len(self.options) > MOST:
            what = f"the task has {len(self.options):,} options, and {MOST:,} are the most"
            raise TaskError(what, reason="too-many-options", where="options")
        self.ids = [option["id"] for option in self.options]
        with here().on("laying out its options", of=len(self.options), unit="options"):
            self._texts = [
                shown_input(dict(option), {}) or (Paragraph(_shown(option)),)
                for option in counted(self.options)
            ]
        self.cursor = 0
        self._plain: dict[int, tuple[Paragraph, ...]] = {}
        self._numbered = True
        super().__init__(task, config)
        if self.chosen:
            self.cursor = self.ids.index(self.chosen[0])
        unknown = _unknown(task.get(self.field), self.ids)
        if unknown:
            self.note(f"{self.field} has {unknown}, which is no option: a choice takes its place")

    def read(self, task: Task) -> dict[str, Any]:
        """Return what is chosen, as far as its ids are among the options."""
        given = task.get(self.field)
        wanted = _quick(given) if isinstance(given, list) else ()
        return {self.field: [each for each in self.ids if _holds(wanted, each)]}

    @property
    def chosen(self) -> list[Any]:
        """The ids that are chosen, in the order of the options."""
        return list(self.values[self.field])

    @property
    def answers_at_once(self) -> bool:
        """Whether a choice answers the task."""
        return bool(self.config.get("choice_auto_accept")) and self.style != "multiple"

    @property
    def names(self) -> tuple[str, ...]:
        """What the options say, told apart by their ids where two say the same."""
        texts = [_shown(option) for option in self.options]
        times = Counter(texts)
        return tuple(
            text if times[text] == 1 else f"{text} ({each})"
            for text, each in zip(texts, self.ids, strict=True)
        )

    def sheet(self) -> Sheet:
        """Return the input and the options with their keys."""
        found = [*self.input_sheet()]
        if found:
            found.append(BLANK)
        chosen = _quick(self.values[self.field])
        marked = {index for index, each in enumerate(self.ids) if _holds(chosen, each)}
        for index in checked(range(len(self.options))):
            if index == self.cursor or index in marked:
                found += self._option(index, chosen=index in marked)
            else:
                found += self._plain_option(index)
        return tuple(found)

    def _plain_option(self, index: int) -> tuple[Paragraph, ...]:
        """Return an option that is not chosen and not under the cursor, always the same one: there
        may be thousands, and a key changes two of them."""
        found = self._plain.get(index)
        if found is None:
            found = self._plain[index] = tuple(self._option(index, chosen=False))
        return found

    def _option(self, index: int, *, chosen: bool) -> list[Paragraph]:
        option, here = self.options[index], index == self.cursor
        left, right = "[]" if self.style == "multiple" else "()"
        mark = "x" if chosen else " "
        prefix = f"{'>' if here else ' '}{self._digit(index):>2} {left}{mark}{right} "
        first, *rest = self._texts[index]
        indent = " " * len(prefix)
        found = [
            Paragraph(
                first.text,
                prefix=prefix,
                spans=first.spans,
                current=here,
                content=False,
                choice=index,
            )
        ]
        for each in rest:
            found.append(Paragraph(each.text, prefix=indent, content=False, choice=index))
        meta = option.get("meta")
        if isinstance(meta, Mapping) and meta:
            text = "  ".join(f"{key} {value}" for key, value in meta.items())
            found.append(faint(text, indent)._replace(choice=index))
        found = [each._replace(column="panel") for each in found]
        about = self._about(option)
        if about:
            found.append(faint(about, indent)._replace(column="aside", choice=index))
        return found

    def _about(self, option: Mapping[str, Any]) -> str:
        """Return what an option is for; empty where nothing says so."""
        described = self.config.get("label_descriptions")
        described = described if isinstance(described, Mapping) else {}
        return str(option.get("description") or described.get(str(option["id"])) or "")

    def number_options(self, numbered: bool) -> None:
        """Show or hide the digits of the options."""
        if numbered != self._numbered:
            self._numbered = numbered
            self._plain.clear()

    def _digit(self, index: int) -> str:
        if not self._numbered:
            return ""
        if self.style == "scale":
            return next((d for d in DIGITS if self._on_scale(DIGITS.index(d)) == index), "")
        return DIGITS[index] if index < len(DIGITS) else ""

    def _on_scale(self, place: int) -> int | None:
        """Return the option that a digit means: its own number, `0` also 10."""
        digit = (place + 1) % 10
        wanted = digit if digit or 0 in self.ids else 10
        return self.ids.index(wanted) if wanted in self.ids else None

    def lay(self, content: Task) -> Change:
        """Take what another answer chose, if as many options can be chosen."""
        chosen = self.read({**self.task, **content})[self.field]
        if len(chosen) > 1 and self.style != "multiple":
            return Change(message="only one option can be chosen: take one of the versions")
        return super().lay(content)

    def command(self, command: str, argument: Argument, rows: Rows | None) -> str:
        """Move over the options, choose the one under the cursor or one by digit or name; `option`
        goes to one by its number from 0."""
        target = self._move_target(command, argument)
        if target is not None:
            self.cursor = min(max(target, 0), len(self.options) - 1)
            return ""
        if command == "toggle":
            return self._toggle(self.cursor)
        if command == "label":
            index = self._meant(argument)
            return self._toggle(index) if index is not None else "there is no such option"
        return super().command(command, argument, rows)

    def _move_target(self, command: str, argument: Argument) -> int | None:
        """Return the option that a command goes to, perhaps beyond an end; None for the others."""
        page = argument if isinstance(argument, int) else PAGE
        targets = {
            "option_up": self.cursor - 1,
            "option_down": self.cursor + 1,
            "option_page_up": self.cursor - page,
            "option_page_down": self.cursor + page,
            "option_first": 0,
            "option_last": len(self.options) - 1,
            "option": page,
        }
        return targets.get(command)

    def meant_choice(self, command: str, argument: Argument) -> int | None:
        """Return the option that `toggle`, or a digit, chooses or no longer chooses. A name was
        read by whoever gave it, so that it counts wherever the option stands."""
        if command == "toggle":
            return self.cursor
        return self._meant(argument) if command == "label" and isinstance(argument, int) else None

    def _meant(self, argument: Argument) -> int | None:
        if isinstance(argument, str):
            return self.names.index(argument) if argument in self.names else None
        if not isinstance(argument, int):
            return None
        if self.style == "scale":
            return self._on_scale(argument)
        return argument if 0 <= argument < len(self.options) else None

    def _toggle(self, index: int) -> str:
        self.cursor, wanted = index, self.ids[index]
        if self.style == "multiple":
            chosen = set(map(repr, self.chosen)) ^ {repr(wanted)}
            self.change({self.field: [each for each in self.ids if repr(each) in chosen]})
            return ""
        again = self.chosen == [wanted]
        if again and not self.answers_at_once:
            self.change({self.field: []})
        else:
            self.change({self.field: [wanted]})
            self.finished = self.answers_at_once
        return ""

    def outcome(self, name: str) -> str:
        """Return whether an option was chosen, or no longer is."""
        index = self._meant(name)
        is_chosen = index is not None and _holds(self.chosen, self.ids[index])
        return "chosen" if is_chosen else "no longer chosen"

    def own_words(self) -> set[str]:
        """Options are a list, and are chosen by the label keys."""
        return {"list", "labels", *(["answers"] if self.answers_at_once else [])}

    def answer(self) -> dict[str, Any]:
        """Return what is chosen; on a scale the options too, so that the answer can be read
        alone."""
        found = super().answer()
        if self.field in self.task and self.values[self.field] == self.read(self.task)[self.field]:
            found[self.field] = deepcopy(self.task[self.field])
        if self.style == "scale" and self.field == "accept" and "options" not in self.task:
            found["options"] = [dict(option) for option in self.options]
        return found

    @property
    def summary(self) -> str:
        """How many options there are, and how many are chosen: some may be below the screen."""
        return f"{plural(len(self.options), 'option')}, {len(self.chosen):,} chosen"

    def place(self) -> dict[str, Any]:
        """Return the option under the cursor."""
        return {"option": self.cursor}

    def go_to(self, place: Mapping[str, Any]) -> None:
        """Go to an option."""
        self.cursor = min(max(int(place["option"]), 0), len(self.options) - 1)

    def info(self) -> str:
        """Return the option's id and what it is about."""
        option = self.options[self.cursor]
        about = self._about(option)
        return f"option {option['id']}" + (f": {about}" if about else "")


def _quick(values: list[Any]) -> Collection[Any]:
    """Return values as a set, in which one of thousands is found at once, as far as they can be."""
    try:
        return frozenset(values)
    except TypeError:
        return values


def _holds(values: Collection[Any], value: Any) -> bool:
    """Return whether a value is among others; in a set is none that it could not hold."""
    try:
        return value in values
    except TypeError:
        return False


def _unknown(given: object, ids: list[Any]) -> str:
    """Return what of a given choice is no option, in words; empty where all of it is known."""
    if given is None:
        return ""
    known = _quick(ids)
    unknown = (
        [each for each in given if not _holds(known, each)] if isinstance(given, list) else given
    )
    return safe_line(json.dumps(unknown, ensure_ascii=False), 40) if unknown or unknown == 0 else ""


def _options(task: Task) -> list[Mapping[str, Any]]:
    given = task.get("options")
    found = [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []
    return [each if "id" in each else {**each, "id": n} for n, each in enumerate(found)]


def _scale(task: Task, config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the places of a scale: the task's options, else `scale_min` to `scale_max`."""
    own = _options(task)
    if own:
        return own
    first, last = config.get("scale_min", 1), config.get("scale_max", 5)
    if not (isinstance(first, int) and isinstance(last, int) and first < last <= first + 100):
        raise TaskError(
            f"a scale from {first!r} to {last!r}", reason="bad-scale", where="scale_min, scale_max"
        )
    names = config.get("scale_labels") or {}
    names = names if isinstance(names, Mapping) else dict(zip((first, last), names, strict=False))
    found: list[Mapping[str, Any]] = []
    for number in range(first, last + 1):
        name = names.get(number, names.get(str(number)))
        found.append({"id": number, "text": f"{number} {name}" if name else str(number)})
    return found


def _shown(option: Mapping[str, Any]) -> str:
    for key in ("text", "label", "html"):
        if isinstance(option.get(key), str):
            return str(option[key])
    return str(option["id"])


def _written(settings: Settings) -> tuple[str, ...]:
    field = str(settings.get("field_id") or "accept")
    scale = settings.get("choice_style") == "scale" and field == "accept"
    return (field, "options") if scale else (field,)


CHOICE = View(
    "choice",
    "one or several of some options, or a place on a scale",
    lambda task, config, _: ChoiceEditor(task, config),
    inputs=(*INPUTS, "options"),
    needs=(("options", "choice_style"),),
    writes=_written,
    reads=("options",),
    settings=(
        *("choice_style", "field_id", "html_template", "label_descriptions"),
        *("scale_labels", "scale_max", "scale_min"),
    ),
    # A `field_id` for all blocks is that of the field: options need one of their own.
    own_settings=("field_id",),
)
