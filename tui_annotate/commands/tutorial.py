"""The tutorial: nine steps on made-up texts, each done by the person and checked by the program.

It uses the editor and the keymap of real sessions, so that what a key does here it does there. What
is done is kept as JSON values, and nothing of it is in a store of answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tui_annotate.commands.input_filter import RepeatCount
from tui_annotate.commands.key_names import LayoutReader, character_of, key_of
from tui_annotate.commands.keymap import Keymap, KeyPress, label_command
from tui_annotate.commands.name_finder import NameFinder
from tui_annotate.commands.table import Action
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.editors.span.state import LETTERS
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.schema import Task

LABELS = ("PERSON", "ORG", "LOC", "DATE")
_FIRST = (
    "Brackwell Foods will close its cannery in Port Essel at the end of March, putting 240 people"
    " out of work."
)
_SECOND = "Ines Calloway has run the Harbour Museum since May 2019."
_THIRD = "?? 0x3F page 7 of 7 ??"
_FOURTH = "On Friday the Harbour Museum opens a new hall in Port Essel."
_TASKS: tuple[Task, ...] = (
    {"text": _FIRST},
    {
        "text": _SECOND,
        "spans": [
            {"start": 0, "end": 4, "label": "PERSON"},
            {"start": _SECOND.index("since"), "end": _SECOND.index(" May"), "label": "LOC"},
        ],
    },
    {"text": _THIRD},
    {"text": _FOURTH},
)
_PAUSE = 60.0
"""Seconds without a key that count as a pause."""


class TutorialStep(NamedTuple):
    """One step.

    Attributes:
        id: What the program calls the step; it is not shown.
        title: What is learnt, in a word or two.
        keys: What to do with keys; `{left}` stands for the key of an action, `{of_ORG}` for what
            gives the label ORG.
        lines: What to do line by line; empty where there is no such step.
        to_go: Says what is still to be done; empty where the step is done.
    """

    id: str
    title: str
    keys: str
    lines: str
    to_go: Callable[[Tutorial], str]


class Tutorial:
    """Where a person is in the tutorial, and what the keys have done.

    Args:
        keymap: Which key does what.
        plain: Line by line: steps that are only for keys are passed over.

    Attributes:
        step: The number of the step, from 0; as many as there are steps at the end.
        task: The number of the text, from 0.
        decisions: What was decided on the texts before.
        list_open: Whether the list of answers is shown.
        is_leaving: Whether the key that leaves was pressed.
        seconds: The time at the keys, without pauses.
        presses: How many keys, or lines, there were.
    """

    def __init__(self, keymap: Keymap | None = None, *, plain: bool = False) -> None:
        self.keymap = keymap or Keymap()
        self._plain = plain
        self.step = 0
        self.task = 0
        self.decisions: list[str] = []
        self.list_open = False
        self.is_leaving = False
        self.seconds = 0.0
        self.presses = 0
        self._seen: set[str] = set()
        self._last: float | None = None
        self._layouts = LayoutReader()
        self._counter = RepeatCount() if self.keymap.counts else None
        self._menu_open = False
        self._finder: NameFinder | None = None
        self.editor = self._editor(0)

    @property
    def is_over(self) -> bool:
        """Whether all steps are done."""
        return self.step >= len(STEPS)

    @property
    def now(self) -> TutorialStep:
        """The step that is being done; the last one at the end."""
        return STEPS[min(self.step, len(STEPS) - 1)]

    @property
    def to_go(self) -> str:
        """What is still to be done in this step; empty where it is done."""
        return "" if self.is_over else self.now.to_go(self)

    def instruction(self) -> str:
        """Return what to do with keys, with their names in this keymap."""
        return self.now.keys.format_map(_Keys(self.keymap))

    def tick(self, at: float) -> None:
        """Count a key or a line.

        Args:
            at: Seconds on a clock that only goes forward.
        """
        if self._last is not None:
            self.seconds += min(_PAUSE, at - self._last)
        self._last = at
        self.presses += 1

    @property
    def leaving_key(self) -> str:
        """The key that leaves, as it is shown; a keymap may have none for it."""
        return self.keymap.shown("leave") or "ctrl+c"

    def label_keys(self) -> list[str]:
        """Return the key of each label as it is shown; empty for one that has none."""
        return self.keymap.label_keys(LABELS)

    def lookup(self, key: str) -> Action | None:
        """Return what a key does here."""
        menu, self._menu_open = self._menu_open, False
        in_menu = self.keymap.in_menu(key) if menu else None
        if in_menu is not None:
            return self.keymap.action(in_menu)
        character = character_of(key)
        physical = key_of(self._layouts.read(character)) if character else ""
        press = KeyPress(key, character, physical)
        return self.keymap.lookup(press, self.editor.context() | {"task"})

    def press(self, key: str) -> str:
        """Do what a key does, and return what there is to say about it.

        Args:
            key: Its name, as keymaps have it.
        """
        # As on the task screen: what is open takes every key, then digits that may begin a number,
        # then actions. `enter` goes on over an open list too, so that nobody is caught in one.
        if self._finder is not None:
            return self._by_name(self._finder, key)
        if key == "enter" and not self.to_go:
            return self.go_on()
        if self.list_open:
            return self._in_list(key)
        if self._counter is not None and self._counter.takes(key):
            return f"{self._counter.typed} times"
        times = self._counter.times() if self._counter is not None else 1
        action = self.lookup(key)
        if action is None:
            return "this key does nothing here"
        said = self._do(action)
        if said is None and action.target == "editor":
            said = self._edit_times(action, times)
        return f"that would be: {action.help}" if said is None else said

    def _do(self, action: Action) -> str | None:
        """Do what an action of the program does in the tutorial; None where it does nothing, or is
        a command of the editor."""
        if action.id in ("accept", "reject", "ignore"):
            return self.decide(action.id)
        if action.id == "older" and self.decisions:
            self.list_open = True
            return ""
        if action.id == "leave":
            self.is_leaving = True
            return ""
        if action.id == "menu":
            self._menu_open = True
            return "the menu would open, which has everything"
        if action.id == "label_by_name":
            self._finder = NameFinder(LABELS)
            return "label: type how its name begins; escape goes back"
        return None

    def _edit_times(self, action: Action, times: int) -> str | None:
        """Carry out a command of the editor so often and return the last message; None for commands
        that move by rows, because the text here is one."""
        if action.id == "next_point":
            self._seen.add("point")
        try:
            for _ in range(times - 1):
                self.edit(action.command or action.id, action.argument)
            return self.edit(action.command or action.id, action.argument)
        except ValueError:
            return None

    def _by_name(self, finder: NameFinder, key: str) -> str:
        """Take a letter of the label that is chosen by its name."""
        character = character_of(key)
        if key == "backspace":
            finder.rub_out()
        elif character is not None and key != "space":
            finder.type(character)
        chosen = finder.choice if key == "enter" else finder.sure
        if key == "escape" or chosen is not None:
            self._finder = None
        if chosen is None or key == "escape":
            return "" if key == "escape" else f"label: {finder.typed}"
        return self.edit(label_command(self.editor.context()), chosen)

    def edit(self, command: str, argument: int | str | None = None) -> str:
        """Carry out a command of the editor and return its message."""
        change = self.editor.apply(command, argument)
        self.noted(command)
        return change.message

    def noted(self, command: str) -> None:
        """Note that a command was carried out, for steps that ask for it."""
        marked = {span.label for span in self.editor.spans}
        if self.task == 1 and command == "undo" and "LOC" in marked:
            self._seen.add("undone")

    def decide(self, decision: str) -> str:
        """Answer the text; only where the step asks for it the next one comes."""
        wanted = {1: "accept", 2: "reject"}
        if self.step != _DECIDING or wanted.get(self.task) != decision:
            return f"{decision} would answer the text; that comes in step {_DECIDING + 1}"
        self.decisions.append(decision)
        self._open(self.task + 1)
        return f"{decision}ed"

    def show_answers(self) -> None:
        """Note that the answers were looked at, and the first one was opened."""
        self._seen.add("opened")
        self.list_open = False

    def _in_list(self, key: str) -> str:
        if key == "enter":
            self.show_answers()
            return f"opened; in a real job you would now change it ({self.decisions[-1]})"
        if key == "escape":
            self.list_open = False
            return ""
        return "enter opens the answer, escape goes back"

    def left(self) -> None:
        """Note that the window is about to be closed, where that is the step."""
        if self.step == _LEAVING and self.editor.spans:
            self._seen.add("left")

    def has(self, what: str) -> bool:
        """Tell whether something was done that cannot be seen any more."""
        return what in self._seen

    def go_on(self) -> str:
        """Go to the next step, if this one is done."""
        if self.is_over or self.to_go:
            return self.to_go
        self.step += 1
        if self._plain and not self.is_over and not self.now.lines:
            self.step += 1
        text = {_CORRECTING: 1, _LEAVING: 3}.get(self.step)
        if text is not None and text != self.task:
            self._open(text)
        elif self.step == 1:
            self._open(0)  # the cursor is at the first word again
        return ""

    def _open(self, task: int) -> None:
        self.task, self.editor, self.list_open = task, self._editor(task), False

    def _editor(self, task: int) -> SpanEditor:
        editor = _editor(task)
        editor.adapt(letters=LETTERS, label_first=self.keymap.label_first and not self._plain)
        return editor

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "step": self.step, "task": self.task, "decisions": self.decisions,
            "seen": sorted(self._seen), "seconds": self.seconds, "presses": self.presses,
            "content": self.editor.content(), "editor": self.editor.state(),
        }  # fmt: skip

    def take_up(self, kept: Mapping[str, Any]) -> bool:
        """Go on where `to_dict` was called; False where that cannot be read."""
        try:
            step, task = int(kept["step"]), int(kept["task"])
            if not (0 <= step <= len(STEPS) and 0 <= task < len(_TASKS)):
                return False
            editor = self._editor(task)
            editor.restore(kept["content"], kept["editor"])
            self._seen = {str(each) for each in kept["seen"]}
            self.decisions = [str(each) for each in kept["decisions"]]
            self.seconds, self.presses = float(kept["seconds"]), int(kept["presses"])
        except (KeyError, TypeError, ValueError):
            return False
        self.step, self.task, self.editor = step, task, editor
        return True

    def end_lines(self) -> list[str]:
        """Return what is said at the end: the person's own pace, and what to learn next."""
        pace = self.seconds / max(1, self.presses)
        what = "line" if self._plain else "key"
        return [
            f"That was all: {self.presses:,} {what}s in {_minutes(self.seconds)},"
            f" {pace:.1f} seconds a {what}.",
            "Learn these three next:",
            *(f"  {name}  {told}" for name, told in self._next()),
            self._about_long_texts(),
            "Now try it on texts of yours, one a line in texts.txt:"
            " tui-annotate ner.manual my_set texts.txt --label PERSON,ORG",
        ]

    def _about_long_texts(self) -> str:
        if self._plain:
            return "In a long text go and a few words of it take you there, as in: go Port Essel"
        told = "In a long text {search} and a few letters find a place; enter stays there."
        return told.format_map(_Keys(self.keymap))

    def _next(self) -> list[tuple[str, str]]:
        if self._plain:
            return [
                ("copy", "takes the spans of an earlier answer of yours on the same text"),
                ("why", "says where a task comes from, and the guidelines"),
                ("help", "says everything else"),
            ]
        keys = _Keys(self.keymap)
        return [
            (keys["equal"], "labels every equal text of a task at once"),
            (keys["repeat"], "makes the last edit again where the cursor is"),
            (keys["menu"], "has everything else: type what you look for"),
        ]


class _Keys(dict[str, str]):
    """The keys of actions by their ids, as texts name them."""

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self._keymap = keymap

    def __missing__(self, action: str) -> str:
        if action.startswith("of_"):
            return self._label(action.removeprefix("of_"))
        if action == "leave":
            return self._keymap.shown(action) or "ctrl+c"
        if action == "arrows":
            keys = [self._keymap.keys(each) for each in ("left", "right")]
            are_second = "left" in keys[0][1:] and "right" in keys[1][1:]
            return " The arrow keys do the same." if are_second else ""
        if action == "given":
            first = f", then {self._keymap.told('confirm')}, which gives it"
            return first if self._keymap.label_first else ""
        return self._keymap.told(action)

    def _label(self, label: str) -> str:
        """Return what gives a label, and what that is."""
        key = self._keymap.label_keys(LABELS)[LABELS.index(label)]
        if key:
            return f"{key}, the {'digit' if key.isdigit() else 'key'} of {label}"
        return f"{self._keymap.told('label_by_name')}, then {label[0].lower()} for {label}"


def _editor(task: int) -> SpanEditor:
    return SpanEditor(_TASKS[task], LABELS, overlap=False)


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _marked(tutorial: Tutorial) -> set[tuple[str, str]]:
    editor = tutorial.editor
    return {(editor.text[span.start : span.end], span.label) for span in editor.spans}


def _moved(tutorial: Tutorial) -> str:
    editor = tutorial.editor
    goal = editor.text.index("cannery")
    words = [editor.tokens[at][0] for at in range(len(editor.tokens))]
    left = words.index(goal) - editor.cursor
    if not left:
        return ""
    side = "right" if left > 0 else "left"
    return f"still to go: {abs(left)} word{'' if abs(left) == 1 else 's'} to the {side}"


def _selected(tutorial: Tutorial) -> str:
    found = tutorial.editor.selection
    if found is not None and tutorial.editor.text[found[0] : found[1]] == "Brackwell Foods":
        return ""
    return 'still to go: "Brackwell Foods" is to be selected, both words and nothing else'


def _wanted(*wanted: tuple[str, str]) -> Callable[[Tutorial], str]:
    def to_go(tutorial: Tutorial) -> str:
        missing = [each for each in wanted if each not in _marked(tutorial)]
        if missing:
            return "still to go: " + " and ".join(f'"{text}" as {label}' for text, label in missing)
        return ""

    return to_go


def _corrected(tutorial: Tutorial) -> str:
    missing = _wanted(("Ines Calloway", "PERSON"))(tutorial)
    if missing:
        return missing
    if ("since", "LOC") in _marked(tutorial):
        return 'still to go: "since" is no LOC'
    return ""


def _undone(tutorial: Tutorial) -> str:
    if not tutorial.has("undone"):
        return 'still to go: bring the mark on "since" back'
    again = "take the mark away again, with the key {redo}".format_map(_Keys(tutorial.keymap))
    return f"still to go: {again}" if _corrected(tutorial) else ""


def _decided(tutorial: Tutorial) -> str:
    texts = {1: "accept the text about the museum", 2: "reject this text, which is rubbish"}
    told = texts.get(tutorial.task)
    return f"still to go: {told}" if told and len(tutorial.decisions) < 2 else ""


def _looked(tutorial: Tutorial) -> str:
    return "" if tutorial.has("opened") else "still to go: open the first answer of the list"


def _came_back(tutorial: Tutorial) -> str:
    if not tutorial.editor.spans:
        return "still to go: mark something"
    if not tutorial.has("left"):
        return "still to go: leave, and start the tutorial again"
    return ""


STEPS: tuple[TutorialStep, ...] = tuple(TutorialStep(*each) for each in (
    ("move", "move",
         'The block on "Brackwell" is the cursor: it is on one word at a time. Press'
         ' {right} until it is on "cannery". {left} goes back.{arrows}',
         'There is a cursor on the first word. Write: go cannery', _moved),
    ("select", "select",
         "Press {select} to begin a selection, then {right} to take in the next word,"
         ' so that "Brackwell Foods" is selected.',
         "", _selected),
    ("label", "label",
         "Now press {of_ORG}. What is selected gets that label.",
         "Write a label and the words that it is for: ORG Brackwell Foods",
         _wanted(("Brackwell Foods", "ORG"))),
    ("name", "a whole name",
         "Most names need no selection. Press {next_point}: it goes to the next"
         " name without a label. Then press {of_LOC}{given}.",
         "Labels may be shortened, and have numbers too. Write: 3 Port Essel",
         _wanted(("Brackwell Foods", "ORG"), ("Port Essel", "LOC"))),
    ("correct", "correct",
         'Two marks are wrong here. Press {right} to go onto "Calloway", then {stretch},'
         ' which stretches the mark up to the cursor. "since" is no place: go onto it and press'
         " {delete}.",
         "Two marks are wrong here. Write: PERSON Ines Calloway. Then write list, and del with"
         ' the number of the mark on "since".', _corrected),
    ("undo", "undo",
         "Nothing is lost: the key {undo} brings the mark back, and the key {redo} takes it away"
         " again. Press both.",
         "Nothing is lost: write undo, and the mark is back. Write redo, and it is gone again.",
         _undone),
    ("decide", "accept and reject",
         "The marks are right now, so press {accept} to accept. The next text"
         " is rubbish: press {reject} to reject it. In a real job each is saved at once.",
         "The marks are right now, so write: accept. The next text is rubbish: write reject."
         " In a real job each is saved at once.", _decided),
    ("find", "find what you did",
         "Press {older}: it lists your answers, the newest first. Press enter"
         " to open one.",
         "Write undo in a real job to go back to your last answers. Write it here too.", _looked),
    ("leave", "leave and come back",
         "Mark something here, but do not accept. Then press {leave}, or"
         " just close this window. Start tui-annotate tutorial again: it goes on here, with"
         " your mark.",
         "Mark something here, such as: LOC Port Essel. Then write q, or just close this window."
         " Start tui-annotate tutorial again: it goes on here, with your mark.", _came_back),
))  # fmt: skip
"""The steps, in their order."""

_CORRECTING, _DECIDING, _LEAVING = (
    [step.id for step in STEPS].index(each) for each in ("correct", "decide", "leave")
)
"""Numbers of the steps that have texts of their own."""
