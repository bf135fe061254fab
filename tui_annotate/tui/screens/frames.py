"""Proof that a task was on screen: a question behind its frame, and the terminal's answer."""

from __future__ import annotations

import time

from textual.screen import Screen

from tui_annotate.commands.guards import Guard

_QUESTION = "\x1b[6n"


class Frames:
    """Asks the terminal for its cursor after a task's frame; the answer comes behind the frame.

    Args:
        screen: Where the task is shown.
        guard: Judges by the answers whether a decision counts.
    """

    def __init__(self, screen: Screen[None], guard: Guard) -> None:
        self._screen = screen
        self._guard = guard

    def written(self) -> None:
        """A new task's frame is on its way."""
        if self._guard.frame_written(time.monotonic()):
            self.ask()

    def ask(self) -> None:
        """Ask the terminal where its cursor is."""
        driver = self._screen.app._driver
        if driver is not None:
            driver.write(_QUESTION)
            driver.flush()

    def arrived(self) -> None:
        """The terminal has answered."""
        self._guard.replied(time.monotonic())
