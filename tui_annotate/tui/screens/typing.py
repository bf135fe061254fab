"""Keys in a text field: letters type, a few keys edit, `escape` leaves the field."""

from __future__ import annotations

from collections.abc import Callable

from tui_annotate.commands.keymap import Keymap, KeyPress
from tui_annotate.text.safe import pasted, writable
from tui_annotate.tui.screens.status_bar import Shown

_COMMANDS = {
    "escape": "cancel",
    "enter": "confirm",
    "backspace": "rub_out",
    "tab": "complete",
    "shift+tab": "complete_back",
    "left": "caret_left",
    "right": "caret_right",
    "home": "caret_home",
    "end": "caret_end",
}


def type_key(press: KeyPress, edit: Callable[[str, str | None], None]) -> None:
    """Carry out a key in a field.

    Args:
        press: The key.
        edit: Has the editor carry out a command.
    """
    command = _COMMANDS.get(press.key)
    if command is not None:
        edit(command, None)
    elif press.character is not None and writable(press.character):
        edit("type", press.character)


def takes_text(shown: Shown) -> bool:
    """Whether letters are text now, and no commands."""
    return shown.prompt is not None or "typing" in shown.words


def paste(text: str, shown: Shown, edit: Callable[[str, str | None], None]) -> None:
    """Take pasted text into an open prompt or a field; nowhere else."""
    if shown.prompt is not None:
        shown.prompt.paste(text)
    elif "typing" in shown.words:
        edit("type", pasted(text))


def answers_at_once(press: KeyPress, keymap: Keymap, words: frozenset[str]) -> bool:
    """Whether a key chooses an option that answers the task, and must not be held."""
    action = keymap.lookup(press, words) if "answers" in words else None
    return action is not None and action.name in ("label", "toggle")
