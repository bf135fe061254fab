"""Closes the screen after idle time, and gives it back as it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from tui_annotate.commands.lock import Lock
from tui_annotate.tui.screens.locked import LockedScreen

if TYPE_CHECKING:
    from tui_annotate.tui.app import AnnotateApp

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

    def __init__(self, app: AnnotateApp, lock: Lock) -> None:
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
