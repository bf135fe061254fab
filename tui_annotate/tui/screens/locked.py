"""The locked screen: nothing of the text, and a line that takes the key without showing it."""

from __future__ import annotations

import math
from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from tui_annotate.commands.lock import MOST_TYPED, Lock
from tui_annotate.text.safe import pasted, writable
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.lines import LinePiece, StatusLine

_TICK = 0.5
"""Seconds between two looks at the pause that a wrong key costs."""


class LockedScreen(Screen[None], inherit_bindings=False):
    """Lies over all other screens until the key is typed; every other key is swallowed.

    Args:
        lock: The lock, which is closed.
        theme: The styles.
        opened: Called when the right key was typed.
    """

    CSS = """
    LockedScreen { layout: vertical; }
    """

    def __init__(self, lock: Lock, theme: Theme, opened: Callable[[], None]) -> None:
        super().__init__()
        self._lock = lock
        self._style = theme
        self._opened = opened
        self._typed = ""
        self._wrong = False
        self._lines = (StatusLine(), StatusLine(), StatusLine())

    def compose(self) -> ComposeResult:
        """Show what has happened, and what to do."""
        yield from self._lines

    def on_mount(self) -> None:
        """Paint for the first time, and count a pause down."""
        self._paint()
        self.set_interval(_TICK, self._count_down)

    def on_key(self, event: events.Key) -> None:
        """Take the key of the project, without showing it."""
        event.stop()
        event.prevent_default()
        if self._lock.pause:
            return
        self._wrong = False
        if event.key == "enter":
            self._try()
        elif event.key in ("escape", "ctrl+u", "ctrl+c"):
            self._typed = ""
        elif event.key == "backspace":
            self._typed = self._typed[:-1]
        elif event.character is not None:
            self._type(writable(event.character))
        self._paint()

    def on_paste(self, event: events.Paste) -> None:
        """Take a key that is pasted; enter is still to be pressed."""
        event.stop()
        if not self._lock.pause:
            self._type(pasted(event.text).strip())

    def _type(self, text: str) -> None:
        self._typed = (self._typed + text)[:MOST_TYPED]

    def _try(self) -> None:
        typed, self._typed = self._typed, ""
        if not typed:
            return
        if self._lock.open(typed):
            self._opened()
        else:
            self._wrong = True

    def _count_down(self) -> None:
        if self._wrong:
            self._wrong = self._lock.pause > 0
            self._paint()

    def _paint(self) -> None:
        style, (title, about, wrong) = self._style, self._lines
        title.show([LinePiece("locked, because no key was pressed", style[Role.STRONG])])
        about.show([LinePiece("write the key and press enter; it is not shown", style[Role.TEXT])])
        text = ""
        if self._wrong:
            seconds = max(1, math.ceil(self._lock.pause))
            text = f"that is not the key; wait {seconds} s"
        wrong.show([LinePiece(text, style[Role.BAD])] if text else ())
