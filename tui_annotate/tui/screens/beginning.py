"""The start of a session on screen, and its end while a source is followed."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

from tui_annotate.errors import TuiAnnotateError
from tui_annotate.text.safe import ELLIPSIS
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.prompts import KeyPrompt
from tui_annotate.tui.theme import Role
from tui_annotate.tui.widgets.lines import text_run

if TYPE_CHECKING:
    from tui_annotate.tui.screens.task import TaskScreen

_COLLECT_AFTER = 20_000
"""New objects after which garbage is looked for among them: a millisecond or two of work."""

LOOK_EVERY = 1.0
"""Seconds between two looks at a source that is followed."""


class Beginning:
    """Opens the session, says how it was found, counts the rows, waits for new ones.

    Args:
        screen: Where the tasks are shown.
    """

    def __init__(self, screen: TaskScreen) -> None:
        self._screen = screen

    async def begin(self) -> None:
        """Show the first task, and what is to be said about it."""
        screen = self._screen
        screen.take(await screen.desk.start())
        opening = await screen.desk.look_up(lambda session: session.opening_sentence())
        if opening:
            screen.say(opening)
        if screen.desk.session.opened.looking_on:
            self.ask_over()
        screen.run_aside(self._make_ready())
        screen.run_aside(self._count())
        if screen.desk.session.opened.reading.follow:
            screen.run_aside(self._follow())

    @property
    def looks_on(self) -> bool:
        """Whether nothing can be answered, because the annotator is at work elsewhere."""
        desk = self._screen.desk
        return desk.is_open and bool(desk.session.opened.looking_on)

    def ask_over(self) -> None:
        """Ask whether to take the session over, where that is possible."""
        screen = self._screen
        opened = screen.desk.session.opened
        screen.say(f"Looking on: {opened.looking_on}", Role.WARNING)
        if not opened.store.readonly:
            over = KeyPrompt("t takes over, any other key looks on", {"t": self._take_over})
            screen.ask(over)
            screen.refresh_lines()

    def _take_over(self) -> None:
        self._screen.run_aside(self._taken_over())

    async def _taken_over(self) -> None:
        screen = self._screen
        screen.take(await screen.desk.take_over())
        screen.say("taken over: answers are saved here now", Role.GOOD)

    async def _make_ready(self) -> None:
        """Do beforehand what a decision would have to wait for."""
        if not self._screen.app.is_headless:
            _spare_collections()
        await self._screen.desk.look_up(lambda _: _load_for_receipts())

    async def _count(self) -> None:
        self._screen.counted(await self._screen.desk.count())

    async def _follow(self) -> None:
        """Look for new rows while nothing is left."""
        screen = self._screen
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if screen.item is not None or screen.desk.busy or not screen.desk.is_open:
                continue
            try:
                table = await screen.desk.follow()
            except TuiAnnotateError as error:
                screen.say(f"not read, tried again in a second: {error.what}", Role.BAD)
                continue
            if table is not None:
                screen.take(table)
                screen.say("there are new rows")


def _spare_collections() -> None:
    """Never look for garbage among what the start has made: it takes 40 ms in the midst of work."""
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


def _load_for_receipts() -> None:
    """Load what drawing and wrapping take where a text is not in ASCII, as receipts are."""
    text_run(ELLIPSIS)
    Layout(f"{ELLIPSIS} ", 1)
