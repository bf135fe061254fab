"""Stands before a screen's keys and takes pasted text out of them that came without marks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, cast

from textual import events
from textual.screen import Screen

from tui_annotate.commands.pasted_keys import KeysAndPaste, PastedKeys

_LATE = 0.01
"""Seconds by which a timer of the loop is late if something else has kept it busy."""


class PasteGuard:
    """Hands keys on to a screen, and text that was pasted as text.

    Args:
        screen: The screen; nothing is handed on to it any more once another one is shown.
        typing: Whether a key goes to a text field.
        key: Carries a key out.
        paste: Takes pasted text; where no field is open any more it does nothing.
    """

    def __init__(
        self,
        screen: Screen[Any],
        *,
        typing: Callable[[events.Key], bool],
        key: Callable[[events.Key], None],
        paste: Callable[[str], None],
    ) -> None:
        self._screen = screen
        self._typing = typing
        self._key = key
        self._paste = paste
        self._pasted: PastedKeys[events.Key] = PastedKeys()
        self._timer: asyncio.TimerHandle | None = None

    def feed(self, event: events.Key) -> None:
        """Take a key as the terminal reported it."""
        if self._screen.app.is_headless:  # without a terminal keys come faster than people type
            self._key(event)
            return
        typing = self._typing(event)
        taken = self._pasted.feed(event, event.key, event.character, event.time, typing=typing)
        self._carry_out(taken)

    def _carry_out(self, taken: KeysAndPaste) -> None:
        if taken.pasted:
            self._paste(taken.pasted)
        for number, event in enumerate(taken.events):
            if number and not self._screen.is_current:
                break  # a key before it has left the screen it was typed on
            self._key(cast("events.Key", event))
        self._wake()

    def _flush(self, *, late: bool = False) -> None:
        """Take what is due; where the loop was busy, after the keys that were read meanwhile."""
        self._timer = None
        deadline, now = self._pasted.deadline, time.monotonic()
        if deadline is not None and now > deadline + _LATE and not late:
            self._timer = asyncio.get_running_loop().call_later(_LATE, self._flush_late)
            return
        self._carry_out(self._pasted.flush(now))

    def _flush_late(self) -> None:
        self._flush(late=True)

    def _wake(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._pasted.deadline
        if deadline is not None:
            delay = max(0.001, deadline - time.monotonic() + 0.001)
            self._timer = asyncio.get_running_loop().call_later(delay, self._flush)
