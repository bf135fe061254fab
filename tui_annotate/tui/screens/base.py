"""A screen that does things beside the keys and survives what goes wrong in them; the margins of
screens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from textual.layout import Layout
from textual.screen import Screen

from tui_annotate.errors import TuiAnnotateError

if TYPE_CHECKING:
    from tui_annotate.tui.app import AnnotateApp


LONGEST_LINE = 90
"""Cells of a row of text at most: longer ones are hard to read."""

_WIDEST = 144
"""Cells at most of what is more than rows of text: versions beside each other, arcs, pictures."""

_MARGIN = 2
_LEAST_WITH_MARGIN = 60
"""Columns from which there is a margin at both sides."""


class WorkScreen(Screen[None], inherit_bindings=False):
    """Runs work on the event loop; a user's error is said, any other ends the program.

    Attributes:
        held: Nothing is painted: what would be shown is about to be replaced.
    """

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
    def works(self) -> int:
        """How many works have begun and not ended, those of `watch_aside` apart."""
        return len(self._tasks)

    def _compositor_refresh(self) -> None:
        """Paint what has changed; while that is held back it is gathered, and painted later."""
        if not self.held:
            super()._compositor_refresh()

    def trouble(self, error: TuiAnnotateError) -> None:
        """Say what went wrong, or end the program because of it."""
        raise NotImplementedError

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
        app: AnnotateApp = self.app  # type: ignore[assignment]
        try:
            await work
        except TuiAnnotateError as error:
            self.trouble(error)
        except Exception as error:
            app.fail(error)


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
