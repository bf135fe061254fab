"""What a step is at, on screen, as soon as it takes long."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tui_annotate.waiting import AT_WORK, LONG, Waiting

if TYPE_CHECKING:
    from tui_annotate.tui.screens.status_bar import Chrome
    from tui_annotate.tui.screens.task import TaskScreen

EVERY = 0.25
"""Seconds between two looks at how far a step is."""


class WaitingLine:
    """Shows what the session's thread is at, in the place of the keys, while a step takes long.

    Args:
        screen: Where the tasks are shown.
        chrome: Its lines.

    Attributes:
        shown: It is on screen, so leaving needs no second key.
    """

    def __init__(self, screen: TaskScreen, chrome: Chrome) -> None:
        self.shown = False
        self._screen, self._chrome = screen, chrome
        self._steps = 0
        self._told: tuple[str, float | None] = (AT_WORK, None)
        self._timer: asyncio.TimerHandle | None = None

    @contextmanager
    def watch(self, *, at_once: bool = False) -> Iterator[None]:
        """Show what goes on inside the block, once it has taken longer than `LONG` seconds.

        Args:
            at_once: It has taken that long already.
        """
        self._steps += 1
        if at_once:
            self._stop()
            self._tick()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LONG, self._tick)
        try:
            yield
        finally:
            self._steps -= 1
            if not self._steps:
                self._end()

    def _tick(self) -> None:
        waiting: Waiting = self._screen.client.waiting
        self.shown = True
        told = waiting.sentence(), waiting.share()
        if told[0] != AT_WORK:  # between two steps the last one stays
            self._told = told
        self._chrome.wait(*self._told)
        self._screen.refresh_lines()
        self._timer = asyncio.get_running_loop().call_later(EVERY, self._tick)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self) -> None:
        self._stop()
        self._told = (AT_WORK, None)
        if self.shown:
            self.shown = False
            self._chrome.wait(None)
            if self._screen.is_attached:
                self._screen.refresh_lines()
