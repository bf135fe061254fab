"""Shows the picture of a task below its text, small, in terminals that draw pictures."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING

from rich.control import Control
from rich.segment import ControlType, Segment
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from tui_annotate.tui.terminal.graphics import Graphics

if TYPE_CHECKING:
    from tui_annotate.tui.picture import PictureDrawing

MAX_COLUMNS = 80
LOWEST = 16
"""Screens with fewer rows have room for the words only."""

_RAW = [(ControlType.CURSOR_FORWARD, 0)]


class PictureView(Widget):
    """Draws one picture at a time, off the event loop; takes no room where there is none.

    Args:
        graphics: How the terminal draws; None where it does not.
    """

    can_focus = False
    DEFAULT_CSS = """
    PictureView { width: 1fr; height: 1; display: none; }
    """

    def __init__(self, graphics: Graphics | None) -> None:
        super().__init__(id="picture")
        self._graphics = graphics
        self._image = ""
        self._fitted = Size(0, 0)
        self._drawing: PictureDrawing | None = None
        self._reason = ""

    def on_mount(self) -> None:
        """Watch the size of the screen."""
        if self._graphics is not None:
            self.screen.screen_layout_refresh_signal.subscribe(self, lambda _: self._fit())

    def show(self, image: str) -> None:
        """Show another picture: a file or a `data:` address; none where it is empty."""
        if self._graphics is None or image == self._image:
            return
        self._image, self._fitted = image, Size(0, 0)
        self.forget()
        self._fit()

    def forget(self) -> None:
        """Take the picture off the screen, and out of the terminal's memory."""
        if self._drawing is not None and self._drawing.after:
            self._write(self._drawing.after)
        self._drawing, self._reason = None, ""
        self.display = False

    def on_unmount(self) -> None:
        """Leave nothing behind in the terminal."""
        self.forget()

    def _fit(self) -> None:
        """Draw for the size that the screen has now."""
        size = self.screen.size
        if not self._image or not size or size == self._fitted:
            return
        self._fitted = size
        self.run_worker(self._draw(self._image, size), exclusive=True)

    async def _draw(self, image: str, size: Size) -> None:
        if size.height < LOWEST:
            self.forget()
            return
        pictures = import_module("tui_annotate.tui.picture")
        columns, rows = min(MAX_COLUMNS, size.width - 1), size.height // 2
        drawn, reason = None, ""
        try:
            drawn = await asyncio.to_thread(pictures.draw, image, self._graphics, columns, rows)
        except pictures.NoPicture as error:
            reason = str(error)
        self.forget()
        self._drawing, self._reason = drawn, reason
        if drawn is not None and drawn.before:
            self._write(drawn.before)
        self.styles.height = drawn.rows if drawn is not None else 1
        self.display = True
        self.refresh(layout=True)

    def _write(self, sequence: str) -> None:
        driver = self.app._driver
        if driver is not None:
            driver.write(sequence)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region; the picture itself comes with the last one."""
        return [self._line(y) for y in crop.line_range]

    def _line(self, y: int) -> Strip:
        width, drawing = self.size.width, self._drawing
        if drawing is None:
            return Strip([Segment(self._reason[:width].ljust(width))], width)
        if drawing.lines and y < drawing.rows:
            rest = Segment(" " * max(0, width - drawing.columns))
            return Strip([drawing.lines[y], rest], width)
        segments = [Segment(" " * width)]
        if drawing.sixels and y == drawing.rows - 1 and self.screen.is_active:
            area = self.region
            segments += [
                Segment(Control.move_to(area.x, area.y).segment.text, None, _RAW),
                Segment(drawing.sixels, None, _RAW),
                Segment(Control.move_to(area.right - 1, area.bottom - 1).segment.text, None, _RAW),
            ]
        return Strip(segments, width)
