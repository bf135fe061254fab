"""The application: its life from the first frame to the last word."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.screen import Screen

from tui_annotate.errors import StoreLocked
from tui_annotate.job import Job
from tui_annotate.tui.environment import Application, Environment
from tui_annotate.tui.screens.task import TaskScreen
from tui_annotate.tui.session_client import SessionClient, Worker
from tui_annotate.tui.terminal.app import TerminalApp
from tui_annotate.tui.terminal.driver import TerminalReply
from tui_annotate.tui.terminal.query import GROUND_QUESTION, keep_ground
from tui_annotate.tui.theme import Role

if TYPE_CHECKING:
    from tui_annotate.session.session import Session
    from tui_annotate.store.write_lock import Wait
    from tui_annotate.tui.locking import Locking

PATIENCE = 2.0
"""Seconds for which a program that leaves still waits for others to let it write."""


class AnnotateApp(Application, inherit_bindings=False):
    """Opens a session and shows its tasks until the annotator leaves or the link breaks.

    Args:
        job: What is annotated.
        open_session: Makes the session, given whom to tell while it waits; called on the thread
            that owns it.
        surroundings: The terminal and the user's choices.
        worker: The thread that owns the session; a new one if None.

    Attributes:
        drawing: How the terminal draws.
        error: What ended the application, where something did.
        saved: How many answers of this session stand, for the last line; None before it opened.
        handed_over: The session is still open: the annotator goes on without a screen.
    """

    BINDINGS: ClassVar[list[BindingType]] = TerminalApp.BINDINGS
    CSS = """
    Screen { overflow: hidden; padding: 0; layout: vertical; background: ansi_default; }
    """

    def __init__(
        self,
        job: Job,
        open_session: Callable[[Wait], Session],
        surroundings: Environment,
        worker: Worker | None = None,
    ) -> None:
        super().__init__()
        self.job = job
        self.surroundings = surroundings
        self.drawing = surroundings.drawing
        self.error: BaseException | None = None
        self.saved: int | None = None
        self.handed_over = False
        self._worker = worker or Worker()
        self._gives_up: float | None = None
        self._loop_of_app: asyncio.AbstractEventLoop | None = None
        self._locking: Locking | None = None
        if surroundings.lock is not None:
            from tui_annotate.tui.locking import Locking  # few jobs lock the screen

            self._locking = Locking(self, surroundings.lock)
        self._task_screen = TaskScreen(job, surroundings)
        self.client = SessionClient(
            self._worker,
            lambda: open_session(self.waiting),
            draft=self._task_screen.draft,
            failed=self._task_screen.draft_failed,
            watch=self._task_screen.waiting.watch,
            lay_out=self._task_screen.lay_out,
        )

    @property
    def leaving(self) -> bool:
        """Whether the program is about to end; what fails from then on is no news."""
        return self._gives_up is not None

    def get_default_screen(self) -> Screen[Any]:
        """Return the screen that everything happens on."""
        return self._task_screen

    def on_mount(self) -> None:
        """Note the loop, for messages from the session's thread."""
        self._loop_of_app = asyncio.get_running_loop()
        if self._locking is not None:
            self._locking.begin()

    @property
    def is_locked(self) -> bool:
        """Whether nothing of the texts is shown until the key of the project is typed."""
        return self._locking is not None and self._locking.lock.is_closed

    def open_screen(self, screen: Screen[Any], chosen: Callable[[Any], None] | None = None) -> None:
        """Show another screen over this one; while it is locked, afterwards."""
        if self._locking is not None:
            self._locking.open_screen(screen, chosen)
        else:
            super().open_screen(screen, chosen)

    def come_back(self, seconds: float) -> None:
        """Go on where one was after the screen was locked for so many seconds."""
        self._task_screen.come_back(seconds)

    def action_suspend_process(self) -> None:
        """Stop as every terminal program does, but not where a key is asked for."""
        if not self.is_locked:
            super().action_suspend_process()

    def _repaint_all(self) -> None:
        """Send everything again; what was stopped for long enough is locked first."""
        if self._locking is not None and self._locking.lock.is_due:
            self._locking.close()
        super()._repaint_all()

    def leave(self) -> None:
        """End the program in order; what is begun has been stored."""
        self._last_words()
        self.exit()

    def cannot_suspend(self) -> None:
        """Say that there is no shell to go back to."""
        key = self.surroundings.keymap.told("leave")
        sentence = f"there is no shell to go back to, so this goes on; {key} leaves"
        self._task_screen.say(sentence, Role.WARNING)
        self._task_screen.refresh_lines()

    def hand_over(self) -> None:
        """End the screen but not the session: the plain face goes on with it."""
        self.handed_over = True
        self.client.hand_over()
        self._last_words()
        self.exit()

    def fail(self, error: BaseException) -> None:
        """End the program because of an error, which the last line will name."""
        if self.leaving:
            return
        if self.error is None:
            self.error = error
        self._last_words()
        self.exit(return_code=getattr(error, "exit_code", 1))

    def _handle_exception(self, error: Exception) -> None:
        """Leave without a traceback: it would put the user's documents on the screen."""
        self.fail(error)

    async def on_event(self, event: events.Event) -> None:
        """Hand the terminal's answer to a probe to the screen."""
        if isinstance(event, events.CursorPosition):
            self._task_screen.frames.arrived()
            return
        if isinstance(event, (events.Key, events.Paste)) and self._locking is not None:
            self._locking.lock.touch()
        await super().on_event(event)

    def ask_ground(self) -> None:
        """Ask the terminal for its background, where it knows how to answer and was not asked
        before this session's first frame."""
        if self.surroundings.asks_ground and self._driver is not None and not self.is_headless:
            self._driver.write(GROUND_QUESTION)
            self._driver.flush()

    def on_terminal_reply(self, event: TerminalReply) -> None:
        """Keep what the terminal says of its background for the next start."""
        keep_ground(event.body, os.environ)

    def leave_at_once(self, code: int) -> None:
        """The terminal has hung up, or somebody has told us to end: store the draft and go."""
        self._last_words()
        super().leave_at_once(code)

    def _last_words(self) -> None:
        if self.leaving:
            return
        self._gives_up = time.monotonic() + PATIENCE
        try:
            saved = self.client.last_words()
            self.saved = self.saved if saved is None else saved
        except Exception as error:
            if self.error is None:
                self.error = error
        self._worker.close()

    def waiting(self, owner: str) -> None:
        """Show for whom the store waits, or give up. Called on the session's thread."""
        if self._gives_up is not None:
            if time.monotonic() > self._gives_up:
                hint = "What was shown as saved is saved; the newest edits are not"
                raise StoreLocked(f"the database is locked by {owner}", hint=hint)
            return
        if self._loop_of_app is None:
            return  # it is told again, in a fraction of a second
        self._loop_of_app.call_soon_threadsafe(self._task_screen.waiting_for, owner)
