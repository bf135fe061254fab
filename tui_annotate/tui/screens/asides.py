"""What is done beside the annotation: questions, information, help, leaving."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui_annotate.commands.keymap import Keymap
from tui_annotate.editors.spans import SpanEditor
from tui_annotate.tui.prompts import LabelPrompt, TextPrompt
from tui_annotate.tui.screens.texts import help_page

if TYPE_CHECKING:
    from tui_annotate.tui.app import AnnotateApp
    from tui_annotate.tui.screens.task import TaskScreen
    from tui_annotate.tui.screens.viewing import Viewing

_SHOWN_POINTS = 8


class Asides:
    """Carries out the actions that neither edit nor answer.

    Args:
        screen: Where the task is shown.
        keymap: What help is made from.
        viewing: Carries out what changes the look.
    """

    def __init__(self, screen: TaskScreen, keymap: Keymap, viewing: Viewing) -> None:
        self._screen = screen
        self._keymap = keymap
        self._leaving = False
        self._informed = False
        self._actions: dict[str, Callable[[], None]] = {
            "label_by_name": self._ask_label,
            "comment": self._ask_comment,
            "info": self._inform,
            "menu": self._help,
            "saved": self._save,
            "leave": self._leave,
            **viewing.actions,
        }

    def carry_out(self, action: str) -> None:
        """Carry out an action by its id."""
        informed, self._informed = self._informed, False
        if action == "info" and informed and self._guidelines():
            return
        self._actions[action]()

    def stay(self) -> None:
        """Something else was done: the next `leave` asks again."""
        self._leaving = False

    def _ask_label(self) -> None:
        screen = self._screen
        screen.ask(LabelPrompt(screen.job.labels, lambda name: screen.edit("label", name)))

    def _ask_comment(self) -> None:
        screen = self._screen
        if screen.editor is not None:
            old = screen.editor.comment
            screen.ask(TextPrompt("comment", old, lambda text: screen.edit("comment", text)))

    def _inform(self) -> None:
        self._informed = True
        if self._screen.editor is not None:
            self._screen.say(_under_cursor(self._screen.editor))

    def _guidelines(self) -> bool:
        instructions = self._screen.job.config.get("instructions")
        if isinstance(instructions, str):
            self._read(instructions.splitlines())
        return isinstance(instructions, str)

    def _help(self) -> None:
        self._read(help_page(self._keymap, self._screen.words))

    def _read(self, lines: list[str]) -> None:
        # Its widgets cost milliseconds at the start, and few sessions open it.
        from tui_annotate.tui.screens.page import PageScreen

        self._screen.app.push_screen(PageScreen(lines))

    def _save(self) -> None:
        self._screen.run_aside(self._saved())

    async def _saved(self) -> None:
        await self._screen.desk.save()
        self._screen.say(f"everything is saved, {time.strftime('%H:%M:%S')}")

    def _leave(self) -> None:
        app: AnnotateApp = self._screen.app  # type: ignore[assignment]
        if self._leaving or self._screen.item is None:
            app.leave()
            return
        self._leaving = True
        self._screen.say(f"{self._screen.counts.done:,} answered, all saved; q again leaves")


def _under_cursor(editor: SpanEditor) -> str:
    """Return the span under the cursor, the place of its token and the token's code points."""
    start, end = editor.cursor_range
    points = " ".join(f"U+{ord(each):04X}" for each in editor.text[start:end][:_SHOWN_POINTS])
    span = editor.target
    what = f"{span.label} {span.start}-{span.end}, " if span is not None else ""
    return f"{what}characters {start}-{end}: {points}"
