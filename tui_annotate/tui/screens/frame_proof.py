"""Proof that a task was on screen: a question behind its frame, and the terminal's answer."""

from __future__ import annotations

import time
from collections.abc import Iterable

from textual.screen import Screen
from textual.widget import Widget

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

    def send(self, widgets: Iterable[Widget]) -> bool:
        """Send at once what has changed; False where there is no layout yet, or not of all.

        Textual's own timer would keep it back for up to a frame's time.
        """
        screen = self._screen
        if not (screen.is_current and screen.size and screen.is_running):
            return False
        changed = tuple(widgets)
        if not all(widget.is_mounted for widget in changed):
            return False
        if any(widget._layout_required for widget in changed):
            # One was shown or hidden: drawn without a layout, the others would go to wrong rows.
            screen._layout_required = True
        screen._dirty_widgets.update(changed)
        if screen._layout_required and screen._repaint_required:
            # Textual would paint twice, once with the layout and once for what is wanted besides.
            screen._repaint_required = False
            screen._dirty_widgets.add(screen)
        screen._on_timer_update()
        return True

    def new_task(self, widgets: Iterable[Widget]) -> None:
        """Send the frame of a new task, and the question behind it."""
        if self.send(widgets):
            self.written()
        else:
            self._screen.call_after_refresh(self.written)

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
