"""The application on a small file and a real store, without a terminal: what Pilot tests need."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.session.support import Change, Place, make_job
from tui_annotate.commands.keymap import Keymap
from tui_annotate.commands.lock import Lock
from tui_annotate.commands.preferences import Preferences
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.job import Job
from tui_annotate.session.opening import open_session
from tui_annotate.session.session import Session
from tui_annotate.store.database import open_store
from tui_annotate.store.write_lock import Wait
from tui_annotate.text.safe import safe
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.app import AnnotateApp
from tui_annotate.tui.environment import Environment
from tui_annotate.tui.screens.task import TaskScreen
from tui_annotate.tui.terminal.graphics import Graphics
from tui_annotate.tui.theme import Theme, theme
from tui_annotate.tui.widgets.cells import CellWidget


def make_app(
    place: Place,
    job: Job,
    *,
    timeout: float = 5.0,
    look: Theme | None = None,
    graphics: Graphics | None = None,
    keymap: Keymap | None = None,
    lock: Lock | None = None,
    taught: bool = True,
) -> AnnotateApp:
    """Return the application on a job, with nobody to answer queries."""

    def open_it(wait: Wait) -> Session:
        store = open_store(place.database, timeout=timeout, wait=wait)
        return Session(open_session(store, job, "anna", wait=wait), wait=wait)

    around = Environment(
        theme=look or theme("dark", colors=256),
        keymap=keymap or Keymap(),
        annotator="anna",
        graphics=graphics,
        lock=lock,
        taught=taught,
        preferences=Preferences("anna", place.database.parent),
    )
    return AnnotateApp(job, open_it, around)


def _beside_each_other(parts: list[tuple[int, str]]) -> str:
    """Return a row of the screen from the column on in which the first part of it begins."""
    row = ""
    for x, text in sorted(parts):
        row = row.ljust(x - min(x for x, _ in parts)) + text
    return row.rstrip()


class Driver:
    """Types keys and reads the screen."""

    def __init__(self, app: AnnotateApp, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> TaskScreen:
        """The screen that tasks are answered on."""
        return self.app._task_screen

    async def type(self, keys: str) -> None:
        """Press keys, names separated by blanks, each when the one before is carried out."""
        for key in keys.split():
            # Keys come faster here than people press them, and are not one that is held down.
            self.screen._guard._last_undo = float("-inf")
            await self.pilot.press(key)
            await self.idle()

    async def burst(self, keys: str) -> None:
        """Press keys faster than they can be carried out."""
        await self.pilot.press(*keys.split())
        await self.idle()

    async def idle(self) -> None:
        """Wait until the session has nothing left to do, and the screen shows it."""
        for _ in range(1000):
            await self.pilot.pause()
            client = self.app.client
            at_work = [task for task in self.screen._tasks if not task.done()]
            looking = getattr(self.app.screen, "_waiting", None)  # of a list that is being read
            if self.app.leaving or not (client.busy or at_work or client._saving or looking):
                return
        raise AssertionError("the application does not come to rest")

    def rows(self) -> list[str]:
        """Return the rows of the screen as text."""
        found: dict[int, list[tuple[int, str]]] = {}
        for widget in self.app.screen.query(CellWidget):
            if widget.display:
                for y in range(widget.size.height):
                    part = (widget.region.x, widget.build_line(y).text)
                    found.setdefault(widget.region.y + y, []).append(part)
        return [_beside_each_other(found.get(y, [])) for y in range(max(found) + 1)]

    @property
    def text(self) -> str:
        """The screen as text."""
        return "\n".join(self.rows())

    @property
    def bar(self) -> str:
        """What was said, else the keys, without that of help at the right end."""
        rows, said = self.rows(), safe(self.screen._chrome._message[0])
        if self.app.screen is not self.screen or not said:
            return re.sub(r" {2,}\S+ help$", "", rows[-1])
        first = next(at for at in (-3, -2, -1, 0) if said.startswith(rows[at][:8] or "\n"))
        count = len(list(Layout(said, self.screen._chrome._width)))
        shown = rows[first:][:count] if first else rows[:1]
        if count == 1:  # where the task comes from stands at the right end
            shown = re.split(" {3,}", shown[0])[:1]
        return " ".join(shown)

    @property
    def text_rows(self) -> list[str]:
        """The rows between the header and the lines below it."""
        return self.rows()[2:-3] if self.screen.size.height >= 16 else self.rows()[1:-2]

    @property
    def editor(self) -> SpanEditor:
        """The editor of the task at hand."""
        editor = self.screen.editor
        assert isinstance(editor, SpanEditor)
        return editor

    @property
    def spans(self) -> list[tuple[str, str]]:
        """Text and label of each span of the task at hand."""
        editor = self.editor
        return [(editor.text[span.start : span.end], span.label) for span in editor.spans]


@asynccontextmanager
async def running(
    place: Place,
    size: tuple[int, int] = (80, 24),
    *,
    keymap: Keymap | None = None,
    change: Change | None = None,
    **components: Any,
) -> AsyncIterator[Driver]:
    """Run the application on the place's source until the block ends, then leave in order."""
    app = make_app(place, make_job(place.source, change, **components), keymap=keymap)
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot)
        await driver.idle()
        yield driver
        if app.is_running and not app.leaving:
            app.leave()


def new_place(folder: Path, *texts: str) -> Place:
    """Return a source with these texts, and a store."""
    return Place(folder, texts)


ACME = "Acme Corporation of Berlin sold its share."
LONG = "\n".join(f"Line {number} of a long text." for number in range(1, 61))
"""A text of many rows."""


def spans(driver: Driver) -> str:
    """Return the spans as `text=LABEL`, with commas."""
    return ", ".join(f"{text}={label}" for text, label in driver.spans)


def item_text(driver: Driver) -> str | None:
    item = driver.screen.item
    return None if item is None else str(item.task["text"])
