"""Answering and going back: decisions with their guards, later, undo into older answers; and what
is said of an answer, and of one that failed.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING

from tui_annotate.commands.guards import Guard, TaskView, receipt
from tui_annotate.commands.keymap import Keymap
from tui_annotate.errors import RecipeError, TaskError, TuiAnnotateError
from tui_annotate.session.types import Receipt, Timing
from tui_annotate.task.schema import Decision, Task
from tui_annotate.text.safe import safe_line
from tui_annotate.text.width import cell_width
from tui_annotate.tui.session_client import LOOKS_LONG, SessionSnapshot
from tui_annotate.tui.theme import Role

if TYPE_CHECKING:
    from tui_annotate.editors.form import OpenEditor
    from tui_annotate.tui.screens.base import WorkScreen
    from tui_annotate.tui.screens.lifecycle import SessionLifecycle
    from tui_annotate.tui.screens.page import PageScreen


class Answering:
    """Carries out what ends the work on a task, or takes it up again.

    Args:
        screen: Where the task is shown.
        beginning: Offers to take the session over, where one only looks on.
        guard: Judges whether a decision counts.
        keymap: Names the keys in messages.
    """

    def __init__(
        self, screen: WorkScreen, beginning: SessionLifecycle, guard: Guard, keymap: Keymap
    ) -> None:
        self._screen = screen
        self._beginning = beginning
        self._guard = guard
        self._keymap = keymap

    def answer(self, decision: Decision) -> None:
        """Answer the task, if the guards let the decision count."""
        screen, editor = self._screen, self._screen.editor
        if screen.item is None or editor is None:
            return
        if screen.client.looks_on:
            self._beginning.ask_over()
            return
        if decision == "accept" and editor.objection:
            screen.say(editor.objection, Role.WARNING)
            return
        view = TaskView(
            rows_above=screen.unseen_above,
            rows_below=screen.unseen_below,
            parts=editor.unseen,
            edited=editor.edited,
            short=editor.short,
            turns=self._keymap.told("next_part"),
        )
        now = time.monotonic()
        verdict = self._guard.judge(decision, now, view, key=self._keymap.shown(decision))
        if not verdict.allowed:
            screen.say(verdict.message, Role.WARNING)
            if verdict.probe:
                screen.call_after_refresh(screen.frames.ask)
            return
        timing = Timing(round((now - screen.shown_at) * 1000), verdict.reading_ms, verdict.proof)
        screen.client.begin()
        screen.run_aside(self._submit(editor, editor.content(), decision, timing))

    async def _submit(
        self, editor: OpenEditor, task: Task, decision: Decision, timing: Timing
    ) -> None:
        screen = self._screen
        meant = editor.decided(decision)
        checks = not screen.job.given.keys().isdisjoint(("validate_answer", "before_db"))
        waiting = screen.set_timer(LOOKS_LONG, self._say_that_it_waits) if checks else None
        try:
            table = await screen.client.submit(meant, task, timing)
            screen.show_task(table)
            if table.receipt is not None and table.receipt.lesson:
                self._teach(table.receipt.lesson, over=table.item is None and not table.looking)
            if editor.said(decision):
                screen.say(editor.said(decision), Role.GOOD)
        except TaskError as error:
            self._object(error.what)
            screen.client.edited()
        except TuiAnnotateError as error:
            key = self._keymap.shown(decision)
            screen.say(f"not saved, {key} tries again: {trouble(error)}", Role.BAD)
            screen.client.edited()
        finally:
            if waiting is not None:
                waiting.stop()

    def _teach(self, lesson: Sequence[str], *, over: bool) -> None:
        """Show what would have been right, before the next task; a training ends with its last."""
        app = self._screen.application
        app.open_screen(_page(lesson, only="enter"), lambda _: app.leave() if over else None)

    def _object(self, what: str) -> None:
        """Say why an answer is refused; what does not fit on the line is shown as a page too."""
        screen = self._screen
        screen.say(what, Role.WARNING)
        lines = what.splitlines() or [what]
        if len(lines) == 1 and cell_width(what) <= screen.size.width:
            return
        app = screen.application
        app.open_screen(_page(lines))

    def _say_that_it_waits(self) -> None:
        recipe = self._screen.job.recipe
        self._screen.say(f"{recipe} is at work; then it checks this answer", Role.WARNING)

    def later(self) -> None:
        """Put the task off to the end of the queue."""
        if self._screen.item is not None:
            self._go(self._screen.client.later(), "put off; it comes back at the end")

    def undo(self, times: int = 1) -> None:
        """Take back the last edits; where there are none, open the answer before."""
        now = time.monotonic()
        screen, editor = self._screen, self._screen.editor
        if editor is not None and editor.can("undo"):
            self._guard.other_action(now, undo=True)
            screen.edit("undo", None, times)
            return
        number = screen.item.number - 1 if screen.item is not None else screen.counts.done
        touched = editor is not None and editor.touched and number > 0
        verdict = self._guard.back(
            now, touched=touched, earlier=f"task {number}", key=self._keymap.told("undo")
        )
        if verdict.allowed:
            self.back()
        elif verdict.message:
            screen.say(verdict.message, Role.WARNING)

    def back(self) -> None:
        """Open the answer before; it stands until a new decision is made."""
        client = self._screen.client
        self._go(
            client.reach(lambda session, draft: session.back(draft)),
            "an earlier answer: it stands until you decide anew",
        )

    def redo(self, times: int = 1) -> None:
        """Make undone edits again; where there are none, go towards the newest answer."""
        screen, editor = self._screen, self._screen.editor
        if editor is not None and editor.can("redo"):
            screen.edit("redo", None, times)
        elif screen.item is not None and screen.item.kind == "answered":
            self._go(screen.client.reach(lambda session, draft: session.forward(draft)), "")

    def _go(self, step: Awaitable[SessionSnapshot | None], message: str) -> None:
        self._screen.client.begin()
        self._screen.run_aside(self._gone(step, message))

    async def _gone(self, step: Awaitable[SessionSnapshot | None], message: str) -> None:
        table = await step
        if table is None:
            self._screen.say("there is no earlier answer")
            return
        self._screen.show_task(table)
        if table.item is not None and table.item.kind == "answered":
            # So that a restart comes back to it, even if nothing more happens here.
            self._screen.client.looked()
        if message:
            self._screen.say(message)


def _page(lines: Sequence[str], only: str = "") -> PageScreen:
    # Few answers are objected to.
    from tui_annotate.tui.screens.page import PageScreen, plain_rows

    return PageScreen(lambda width: plain_rows(lines, width), only=only)


def answered(done: Receipt, keymap: Keymap) -> str:
    """Return what stays on screen after a decision."""
    sentence = receipt(done.decision, safe_line(done.summary), key=keymap.told("undo"))
    return f"{sentence}. {done.remark}" if done.remark else sentence


def trouble(error: TuiAnnotateError) -> str:
    """Return what went wrong and what to do; of places only a recipe's name, as paths are long."""
    what = f"{error.where}: {error.what}" if _names_recipe(error) else error.what
    return f"{what}. {error.hint}" if error.hint else what


def _names_recipe(error: TuiAnnotateError) -> bool:
    return isinstance(error, RecipeError) and bool(error.where)
