"""Closes the screen after idle time, and gives it back as it was. The screen that lies over it
meanwhile shows nothing of the text, and a line that takes the key without showing it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from tui_annotate.commands.lock import MOST_TYPED, Lock
from tui_annotate.text.safe import pasted, writable
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.folded_line import LinePiece, StatusLine

if TYPE_CHECKING:
    from tui_annotate.tui.environment import Application


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


LOOK_EVERY = 0.5
"""Seconds between two looks at how long no key has come."""

PATIENCE = 3.0
"""Seconds for which a step that is being taken, or a draft that is written, keeps it open."""

_CLEAR = "\x1b[2J"
"""Takes pictures away too, which lie above the cells."""


class Locking:
    """The lock of a screen. Other screens that are asked for meanwhile are opened afterwards.

    Args:
        app: The application.
        lock: When it closes, and what opens it.
    """

    def __init__(self, app: Application, lock: Lock) -> None:
        self.lock = lock
        self._app = app
        self._since = 0.0
        self._saving = False
        self._held_back: list[Callable[[], None]] = []

    def begin(self) -> None:
        """Look from now on whether keys come."""
        self.lock.touch()
        self._app.set_interval(LOOK_EVERY, self._look, name="lock")

    def open_screen(self, screen: Screen[Any], chosen: Callable[[Any], None] | None) -> None:
        """Open a screen, or where it is locked, as soon as it no longer is."""
        if self.lock.is_closed:
            self._held_back.append(lambda: self._push(screen, chosen))
        else:
            self._push(screen, chosen)

    async def _look(self) -> None:
        if not self.lock.is_due or self._saving or self._app.leaving:
            return
        self._saving = True
        try:
            await self._app.client.keep_begun(PATIENCE)
        finally:
            self._saving = False
        if self.lock.is_due and not self._app.leaving:  # no key has come meanwhile
            self.close()

    def close(self) -> None:
        """Show nothing of the texts until the key is typed."""
        self.lock.close()
        self._since = time.monotonic()
        app = self._app
        if app._driver is not None and not app.is_headless:
            app._driver.write(_CLEAR)
        app.push_screen(LockedScreen(self.lock, app.surroundings.theme, self._open))

    def _open(self) -> None:
        app = self._app
        app.pop_screen()
        app.come_back(time.monotonic() - self._since)
        held_back, self._held_back = self._held_back, []
        for each in held_back:
            each()

    def _push(self, screen: Screen[Any], chosen: Callable[[Any], None] | None) -> None:
        self._app.push_screen(screen, chosen)
