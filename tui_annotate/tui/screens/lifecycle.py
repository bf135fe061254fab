"""The start of a session on screen, its end and what is said there; sources that are followed."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.errors import TuiAnnotateError
from tui_annotate.job import Job
from tui_annotate.text.safe import ELLIPSIS
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.prompts import KeyPrompt
from tui_annotate.tui.screens.status_bar import FULL_CHROME
from tui_annotate.tui.theme import Role
from tui_annotate.tui.widgets.folded_line import text_run

if TYPE_CHECKING:
    from tui_annotate.editors.form import OpenEditor
    from tui_annotate.session.session import Session
    from tui_annotate.tui.screens.base import WorkScreen
    from tui_annotate.tui.task_widget import Views

LOOK_AGAIN = 0.05
"""Seconds until a task that has come is looked at again, while something else is done."""

_COLLECT_AFTER = 20_000
"""New objects after which garbage is looked for among them: a millisecond or two of work."""

HOLD = 0.25
"""Seconds for which the empty screen is kept back: the first task is mostly there before."""

LOOK_EVERY = 1.0
"""Seconds between two looks at a source that is followed, or at what others hold."""

_PAUSES = 5
"""How many times as long as a look at a source took nothing is looked at after it."""

BEAT_EVERY = 10
"""Looks between two moments at which a sign of life is given, if one is due."""


_FEW_ANSWERS = 20_000
"""Answers up to which they are counted at the end without being asked to."""


class _Page(SpanEditor):
    """A text that has no cursor, because nothing can be done with it."""

    cursor_range = (0, 0)


class SessionLifecycle:
    """Opens the session, says how it was found, counts the rows, waits for new ones.

    Args:
        screen: Where the tasks are shown.

    Attributes:
        looking: There is no task yet: the recipe is at work on it.
        failure: What went wrong meanwhile.
    """

    def __init__(self, screen: WorkScreen) -> None:
        self.looking = False
        self.failure: TuiAnnotateError | None = None
        self._awaits = False
        self._figures: Sequence[str] = ()
        self._screen = screen
        screen.held = True

    async def begin(self) -> None:
        """Show the first task, and what is to be said about it."""
        screen = self._screen
        asyncio.get_running_loop().call_later(HOLD, self._release)
        table = await screen.client.start()
        app = screen.application
        if not app.surroundings.taught:  # then the bar teaches until some answers are given
            look_up = screen.client.look_up
            screen.count_elsewhere(await look_up(lambda session: session.answers_elsewhere()))
        screen.held = False
        screen.show_task(table)
        opening = await screen.client.look_up(lambda session: session.opening_sentence())
        if opening:
            screen.say(opening)
        if screen.client.session.opened.looking_on:
            self.ask_over()
        await self._show_guidelines()
        screen.run_aside(self._make_ready())
        screen.run_aside(self._count())
        screen.watch_aside(self._keep_company())
        if screen.client.session.opened.reading.follow or screen.job.reviews:
            screen.watch_aside(self._follow())

    async def _show_guidelines(self) -> None:
        """Show guidelines that the annotator has not seen as they are: all of them to a newcomer,
        else what has changed. They count as seen once the page is left."""
        screen = self._screen
        news = await screen.client.look_up(lambda session: session.unseen_guidelines())
        if news is None:
            return
        # Its widgets cost time at the start, and few sessions show it.
        from tui_annotate.tui.screens.page import guidelines_page

        app = screen.application
        app.open_screen(guidelines_page(screen.job, app.surroundings, news), self._has_seen)

    def _has_seen(self, _: None) -> None:
        async def keep() -> None:
            await self._screen.client.look_up(lambda session: session.guidelines_seen())

        self._screen.run_aside(keep())

    def _release(self) -> None:
        """The first task takes its time: show the empty screen."""
        if self._screen.held:
            self._screen.held = False
            self._screen.refresh()

    def ask_over(self) -> None:
        """Ask whether to take the session over, where that is possible."""
        screen = self._screen
        opened = screen.client.session.opened
        screen.say(f"Looking on: {opened.looking_on}", Role.WARNING)
        if not opened.store.readonly:
            over = KeyPrompt("t takes over, any other key looks on", {"t": self._take_over})
            screen.ask(over)
            screen.refresh_lines()

    def _take_over(self) -> None:
        self._screen.run_aside(self._taken_over())

    async def _taken_over(self) -> None:
        screen = self._screen
        screen.show_task(await screen.client.take_over())
        screen.say("taken over: answers are saved here now", Role.GOOD)

    async def _make_ready(self) -> None:
        """Do beforehand what a decision would have to wait for."""
        app = self._screen.application
        if not app.is_headless:
            app.ask_ground()
            _spare_collections()
            _take_turns_sooner()
        width = self._screen.size.width
        await self._screen.client.look_up(lambda _: _load_for_receipts(width))

    async def _count(self) -> None:
        self._screen.counted(await self._screen.client.count())

    def show_page(self, views: Views) -> None:
        """Show what there is to be said where there is no task, and then what is known of the
        answers: that is counted behind it, so that nobody waits for it."""
        views.list_versions({})
        views.show(self._page(), top_offset=None, page=True)
        if not self.looking and 0 < self._screen.counts.done <= _FEW_ANSWERS:
            self._screen.run_aside(self._take_figures(views))

    async def _take_figures(self, views: Views) -> None:
        before = self._figures
        with suppress(TuiAnnotateError):  # the page is there without them
            self._figures = await self._screen.client.look_up(_own_figures)
        if self._figures != before and self._screen.item is None and not self.looking:
            views.show(self._page(), top_offset=None, page=True)

    def _page(self) -> OpenEditor:
        """Return what is said where there is no task: nothing is left, or none is there yet."""
        screen = self._screen
        dense = screen.size.height < FULL_CHROME
        if self.looking:
            lines = looking_page(screen.job, dense=dense)
        else:
            # Every start loads this module, and few come to the end.
            from tui_annotate.commands.end_page import end_page

            ending = screen.client.session.ending()
            figures = self._figures
            lines = end_page(screen.job, screen.counts, ending, dense=dense, figures=figures)
        return _Page({"text": "\n".join(lines)}, (), overlap=False)

    async def look(self) -> None:
        """Show the task that the recipe is at work on, as soon as it is there.

        Where an older answer has been opened meanwhile, that is on the table, and stays.
        """
        if self._awaits:
            return  # of an earlier time, and it goes on
        self._awaits = True
        try:
            with self._screen.waiting.watch(at_once=True):
                await self._await_task()
        finally:
            self._awaits = False

    async def _await_task(self) -> None:
        screen = self._screen
        while self.looking and screen.client.is_open:
            try:
                table = await screen.client.arrival()
            except TuiAnnotateError as error:  # of the recipe's `update`
                self.failure = error
                continue
            if table is not None and self.looking:
                screen.show_task(table)
                if self.failure is not None and not self.looking:
                    failure, self.failure = self.failure, None
                    screen.trouble(failure)
                return
            await asyncio.sleep(LOOK_AGAIN)  # another step is being taken

    async def _keep_company(self) -> None:
        """Keep what is in hand, say who else has come, and at the end wait for what others hold."""
        screen, looks = self._screen, 0
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if not screen.client.is_open:
                return
            looks += 1
            if looks % BEAT_EVERY == 0:
                await self._give_sign_of_life()
            elif screen.client.session.opened.audit is not None:
                await screen.client.look_up(lambda session: session.beat())
            if screen.item is None and not self.looking:
                await self._look_again()

    async def _give_sign_of_life(self) -> None:
        screen = self._screen
        await screen.client.look_up(lambda session: session.beat())
        if screen.is_quiet:  # what is said there must not be lost under this
            company = await screen.client.look_up(lambda session: session.company())
            if company:
                screen.say(company)

    async def _look_again(self) -> None:
        screen = self._screen
        try:
            table = await screen.client.look_again()
        except TuiAnnotateError as error:
            screen.say(f"not read, tried again in a second: {error.what}", Role.BAD)
            return
        if table is not None:
            screen.show_task(table)
            if table.item is not None:
                screen.say("somebody has given this task back")

    async def _follow(self) -> None:
        """Look for new rows, or in a review for new answers, while nothing is left."""
        screen, pause = self._screen, LOOK_EVERY
        news = "somebody has answered" if screen.job.reviews else "there are new rows"
        while True:
            await asyncio.sleep(pause)
            if screen.item is not None or self.looking:
                continue
            if screen.client.busy or not screen.client.is_open:
                continue
            began = time.monotonic()
            try:
                table = await screen.client.follow()
            except TuiAnnotateError as error:
                screen.say(f"not read, tried again in a second: {error.what}", Role.BAD)
                continue
            # A large dataset takes long to be compared, and people may answer all the time.
            pause = max(LOOK_EVERY, _PAUSES * (time.monotonic() - began))
            if table is not None:
                screen.show_task(table)
                screen.say(news)


def _own_figures(session: Session) -> list[str]:
    """Return what an annotator's own answers hold, and how long they took; on its thread."""
    from tui_annotate.commands.statistics_page import end_lines  # only the end has figures

    return end_lines(session)


def _spare_collections() -> None:
    """Never look for garbage among what the start has made: it takes 40 ms in the midst of work."""
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


def _take_turns_sooner() -> None:
    """Let the session's thread, when it computes, hold up a key for a millisecond and not for five:
    keys of one burst then come close together, and a decision waits less for them."""
    sys.setswitchinterval(0.001)


def _load_for_receipts(width: int) -> None:
    """Load what drawing and wrapping take where a text is not in ASCII, as receipts are."""
    text_run(ELLIPSIS)
    Layout(f"{ELLIPSIS} ", max(1, width))


def looking_page(job: Job, *, dense: bool = False) -> list[str]:
    """Return what is said while a recipe is at work on the next task."""
    lines = [
        "Looking for the next task.",
        "",
        f"{job.recipe} is at work on it; what is answered is saved.",
    ]
    return [line for line in lines if line] if dense else lines
