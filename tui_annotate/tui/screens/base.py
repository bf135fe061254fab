"""What the screen of tasks stands on: work beside the keys, which survives what goes wrong in it;
frames sent at once, with a question behind a task's, whose answer proves that it was on screen;
what a step is at that takes long; the margins of screens.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from textual.layout import Layout
from textual.screen import Screen
from textual.widget import Widget

from tui_annotate.commands.guards import Guard
from tui_annotate.errors import TuiAnnotateError
from tui_annotate.tui.theme import Role
from tui_annotate.views import find_view
from tui_annotate.waiting import AT_WORK, LONG

if TYPE_CHECKING:
    from tui_annotate.commands.continuation import Continuation
    from tui_annotate.commands.table import Action
    from tui_annotate.editors.base import Argument
    from tui_annotate.editors.form import OpenEditor
    from tui_annotate.job import Job
    from tui_annotate.session.types import Item, SessionCounts
    from tui_annotate.task.schema import Task
    from tui_annotate.tui.environment import Application
    from tui_annotate.tui.prompts import Prompt
    from tui_annotate.tui.screens.status_bar import Chrome
    from tui_annotate.tui.screens.task_on_screen import TaskOnScreen
    from tui_annotate.tui.session_client import SessionClient, SessionSnapshot
    from tui_annotate.tui.task_widget import TaskWidget, Views

LONGEST_LINE = 90
"""Cells of a row of text at most: longer ones are hard to read."""

_WIDEST = 144
"""Cells at most of what is more than rows of text: versions beside each other, arcs, pictures."""

_MARGIN = 2
_LEAST_WITH_MARGIN = 60
"""Columns from which there is a margin at both sides."""


class WorkScreen(Screen[None], inherit_bindings=False):
    """The screen of tasks, as those see it who carry out a part of what it does (`answering.py`,
    `actions.py` and others that are given it). Runs work on the event loop: a user's error is said,
    any other ends the program.

    Attributes:
        job: What is annotated.
        frames: Sends what has changed.
        waiting: Shows what a step is at that takes long.
        shown_at: When the task at hand was shown.
        held: Nothing is painted: what would be shown is about to be replaced.
    """

    job: Job
    frames: Frames
    waiting: WaitingLine
    shown_at: float
    _shown: TaskOnScreen
    _chrome: Chrome
    _views: Views

    def __init__(self) -> None:
        super().__init__()
        self.held = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._watches: set[asyncio.Task[None]] = set()
        self._placed_by: Layout | None = None

    @property
    def layout(self) -> Layout:
        """What gives each widget its place."""
        return self._placed_by or super().layout

    def place_by(self, layout: Layout | None) -> None:
        """Place the widgets anew, by a layout of their own; None for that of the style sheet."""
        self._placed_by = layout
        self.refresh(layout=True)

    @property
    def application(self) -> Application:
        """The application that shows it."""
        return self.app  # type: ignore[return-value]

    @property
    def client(self) -> SessionClient:
        """The session, off the event loop."""
        return self.application.client

    @property
    def item(self) -> Item | None:
        """The task at hand; None at the end."""
        return self._shown.item

    @property
    def editor(self) -> OpenEditor | None:
        """The editor of the task at hand."""
        return self._shown.editor

    @property
    def words(self) -> frozenset[str]:
        """The context that says which actions are available."""
        return self._shown.words

    @property
    def named(self) -> dict[str, str]:
        """What decisions are called where the view has other names: by action."""
        return self._shown.named

    @property
    def counts(self) -> SessionCounts:
        """Where the session stands."""
        return self._shown.counts

    @property
    def written_keys(self) -> tuple[str, ...]:
        """The keys that the job's view writes; none where the task takes yes or no."""
        return find_view(self.job.view_id).written(self.job.config)

    def ask(self, prompt: Prompt) -> None:
        """Open a one-line question; it takes the keys until it is done."""
        self._shown.prompt = prompt

    @property
    def works(self) -> int:
        """How many works have begun and not ended, those of `watch_aside` apart."""
        return len(self._tasks)

    def _compositor_refresh(self) -> None:
        """Paint what has changed; while that is held back it is gathered, and painted later."""
        if not self.held:
            super()._compositor_refresh()

    def run_aside(self, work: Awaitable[None]) -> None:
        """Do something beside the keys; what goes wrong is said, or ends the program."""
        self._begin(work, self._tasks)

    def watch_aside(self, work: Awaitable[None]) -> None:
        """Look after something for as long as the session lasts, as `run_aside` does."""
        self._begin(work, self._watches)

    def _begin(self, work: Awaitable[None], among: set[asyncio.Task[None]]) -> None:
        # The event loop itself holds a task only weakly.
        task = asyncio.ensure_future(self._guarded(work))
        among.add(task)
        task.add_done_callback(among.discard)

    async def _guarded(self, work: Awaitable[None]) -> None:
        try:
            await work
        except TuiAnnotateError as error:
            self.trouble(error)
        except Exception as error:
            self.application.fail(error)

    @property
    def unseen_above(self) -> int:
        """Rows of the text above the screen that were never on it."""
        return self._text.unseen_above

    @property
    def unseen_below(self) -> int:
        """Rows of the text below the screen that were never on it."""
        return self._text.unseen_below

    @property
    def _text(self) -> TaskWidget:
        """The widget that shows the task."""
        return self._views.current

    @property
    def is_quiet(self) -> bool:
        """Whether no sentence is shown and no question is open."""
        return self._shown.prompt is None and not self._chrome.speaks

    def say(self, text: str, role: Role = Role.TEXT) -> None:
        """Show a sentence until the next key."""
        self._chrome.say(text, role, self._shown)

    def refresh_lines(self) -> None:
        """Bring the lines around the text up to date."""
        self._look_at_rows()
        self._chrome.paint(self._shown)

    def _look_at_rows(self) -> None:
        """Note which rows are on screen, and how many never were: those above, where none below."""
        shown, text = self._shown, self._text
        shown.unseen, shown.place = text.unseen_below, text.place
        shown.unseen_above = 0 if shown.unseen else text.unseen_above

    def counted(self, counts: SessionCounts) -> None:
        """Show where the session stands."""
        self._shown.counts = counts
        self.refresh_lines()

    def count_elsewhere(self, answers: int) -> None:
        """Note how many answers the annotator has given in other sessions."""
        self._chrome.count_elsewhere(answers)

    def place_all(self, width: int, height: int) -> None:
        """Put what is shown in the middle, and fold the lines around it as the size allows."""
        self._shown.panel = self._views.beside.is_possible(width)
        sides = margins(width, wide=self._views.is_wide(width))
        block = width - sides[1] - sides[3]
        if tuple(self.styles.padding) != sides:
            self.styles.padding = sides
        self._chrome.fold(block, height)
        self._views.arrange(block, height, columns=width)
        self.place_by(self._views.beside.layout)

    def edit_version(self, editing: bool) -> None:
        """In a review, let digits be labels and options, or take versions again."""
        self._views.changed(self._shown.edit_version(editing))

    def show_difference(self, offset: int) -> None:
        """In a review, let the versions show a place of their text."""
        self._views.show_difference(offset)

    # What the task screen does, for those who work for it

    def trouble(self, error: TuiAnnotateError) -> None:
        """Say what went wrong, or end the program because of it."""
        raise NotImplementedError

    def show_task(self, table: SessionSnapshot) -> None:
        """Show what lies on the table now."""
        raise NotImplementedError

    def carry_out(self, action: Action | None, times: int = 1) -> None:
        """Do what a key or the menu says."""
        raise NotImplementedError

    def edit(self, command: str, argument: Argument, times: int = 1, first: str = "") -> None:
        """Have the editor carry out a command, and show what it changed."""
        raise NotImplementedError

    def lay(self, content: Task, sentence: str) -> None:
        """Have the editor take another answer's content, or a part of it, in one step to undo."""
        raise NotImplementedError

    def offer_labels(self, setting: str, labels: Sequence[str]) -> None:
        """Offer more labels from now on, in the task at hand too."""
        raise NotImplementedError

    def expect(self, rest: Continuation | None) -> None:
        """Swallow what continues a name that has been picked."""
        raise NotImplementedError


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
        # One that is hidden would have Textual arrange all of them anew to look for its place.
        screen._dirty_widgets.update(widget for widget in changed if widget.display)
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


_EVERY = 0.25
"""Seconds between two looks at how far a step is."""


class WaitingLine:
    """Shows what the session's thread is at, in the place of the keys, while a step takes long.

    Args:
        screen: Where the tasks are shown.
        chrome: Its lines.

    Attributes:
        shown: It is on screen, so leaving needs no second key.
    """

    def __init__(self, screen: WorkScreen, chrome: Chrome) -> None:
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
        waiting = self._screen.client.waiting
        self.shown = True
        told = waiting.sentence(), waiting.share()
        if told[0] != AT_WORK:  # between two steps the last one stays
            self._told = told
        self._chrome.wait(*self._told)
        self._screen.refresh_lines()
        self._timer = asyncio.get_running_loop().call_later(_EVERY, self._tick)

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


def block_width(columns: int, *, wide: bool) -> int:
    """Return how many cells of a row of the screen are used, in its middle.

    Args:
        columns: Those of the screen.
        wide: What is shown is more than rows of text.
    """
    if columns < _LEAST_WITH_MARGIN:
        return columns
    return min(columns - 2 * _MARGIN, _WIDEST if wide else LONGEST_LINE)


def margins(columns: int, *, wide: bool) -> tuple[int, int, int, int]:
    """Return the empty cells above, right of, below and left of what a screen shows in its middle.

    Args:
        columns: Those of the screen.
        wide: As for `block_width`.
    """
    block = block_width(columns, wide=wide)
    left = (columns - block) // 2
    return 0, columns - block - left, 0, left
