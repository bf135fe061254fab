"""Shows the picture of a task below its text, small, in terminals that draw pictures. Needs the
extra `[image]`, loaded when used.

textual-image asks the terminal as soon as it is imported, and writes to `sys.__stdout__`. Both
would disturb the screen and the keys, and standard output may be a file. So it never sees the
terminal here: what it writes is caught, and goes the way that everything on screen goes.
"""

from __future__ import annotations

import asyncio
import base64
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.control import Control
from rich.segment import ControlType, Segment
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from tui_annotate.restricted import may_open
from tui_annotate.tui.terminal.graphics import Graphics

if TYPE_CHECKING:
    from PIL.Image import Image


MAX_BYTES = 40_000_000
MAX_PIXELS = 36_000_000
"""Larger ones are not decoded: a picture of that size takes 150 MB while it is scaled down."""

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")


class NoPicture(Exception):
    """Why a picture is not drawn, as a sentence."""


@dataclass(frozen=True, slots=True)
class PictureDrawing:
    """A picture, ready for a terminal.

    Attributes:
        columns, rows: Cells that it covers.
        before: What the terminal is sent once, before the picture is on screen.
        lines: What is drawn, a line of cells each; empty for sixels.
        sixels: What is drawn from the upper left corner on, where it is no lines.
        after: What the terminal is sent to forget the picture.
    """

    columns: int
    rows: int
    before: str = ""
    lines: tuple[Segment, ...] = ()
    sixels: str = ""
    after: str = ""


def draw(image: str, graphics: Graphics, columns: int, rows: int) -> PictureDrawing:
    """Scale a picture down so that it fits into some cells, and say how it is drawn.

    Args:
        image: A file, or a `data:` address.
        graphics: What the terminal understands.
        columns, rows: How much room there is.

    Raises:
        NoPicture: It cannot be read, or is too large to be decoded.
    """
    width, height = graphics.cell
    try:
        picture = _open(image, columns * width, rows * height)
        covered = (max(1, round(picture.width / width)), max(1, round(picture.height / height)))
        if graphics.protocol == "sixel":
            return _sixel(picture, graphics, *covered)
        return _kitty(picture, graphics, *covered)
    except NoPicture:
        raise
    except Exception as error:  # whatever a broken file makes a decoder raise
        raise NoPicture("not drawn: no picture that can be read here") from error


def _open(image: str, width: int, height: int) -> Image:
    """Return a picture of at most so many pixels."""
    from PIL import Image, ImageOps  # an extra

    Image.MAX_IMAGE_PIXELS = None  # what is too large is refused here, in words
    with Image.open(io.BytesIO(_read(image)), formats=_FORMATS) as found:
        if found.width * found.height > MAX_PIXELS:
            size = f"{found.width:,} x {found.height:,} pixels"
            raise NoPicture(f"not drawn: {size} are too many")
        found.draft("RGB", (width, height))
        upright = ImageOps.exif_transpose(found)
        upright.thumbnail((width, height))
        return upright.convert("RGBA")


def _read(image: str) -> bytes:
    if image.startswith("data:"):
        kind, _, data = image.partition(",")
        if len(data) * 3 // 4 > MAX_BYTES:
            raise NoPicture("not drawn: the file is too large")
        return base64.b64decode(data) if kind.endswith(";base64") else b""
    path = Path(image).expanduser()
    if not may_open(path):
        raise NoPicture("not drawn: it lies outside of the job's folder")
    if not path.is_file():
        raise NoPicture("not drawn: there is no such file")
    if path.stat().st_size > MAX_BYTES:
        raise NoPicture("not drawn: the file is too large")
    return path.read_bytes()


def _sixel(picture: Image, graphics: Graphics, columns: int, rows: int) -> PictureDrawing:
    segments, _ = _rendered("SixelImage", picture, graphics, columns, rows)
    sixels = "".join(each.text for each in segments if each.text.startswith("\x1bP"))
    return PictureDrawing(columns, rows, sixels=sixels)


def _kitty(picture: Image, graphics: Graphics, columns: int, rows: int) -> PictureDrawing:
    lines, sent = _rendered("TGPImage", picture, graphics, columns, rows)
    number = sent.partition("i=")[2].partition(",")[0].partition(";")[0]
    cells = tuple(Segment(each.text.rstrip("\n"), each.style) for each in lines)
    forget = f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\"
    return PictureDrawing(columns, rows, before=sent, lines=cells, after=forget)


def _rendered(
    kind: str, picture: Image, graphics: Graphics, columns: int, rows: int
) -> tuple[list[Segment], str]:
    """Return the segments that textual-image makes, and what it meant to write by itself."""
    with _no_terminal(graphics) as written:
        from textual_image import renderable  # an extra

        made: Any = getattr(renderable, kind)(picture, columns, rows)
        console = Console(file=io.StringIO(), width=columns, height=rows, color_system="truecolor")
        parts = made.__rich_console__(console, console.options)
        segments = [each for each in parts if isinstance(each, Segment)]
    return segments, written.getvalue()


@contextmanager
def _no_terminal(graphics: Graphics) -> Iterator[io.StringIO]:
    """Let a library believe that there is no terminal, but cells of the right size."""
    written = io.StringIO()
    stdout, sys.__stdout__ = sys.__stdout__, written  # type: ignore[misc, assignment]
    size = dict(zip(("TEXTUAL_CELL_WIDTH", "TEXTUAL_CELL_HEIGHT"), graphics.cell, strict=True))
    os.environ.update({name: str(pixels) for name, pixels in size.items()})
    try:
        yield written
    finally:
        sys.__stdout__ = stdout  # type: ignore[misc]
        for name in size:
            os.environ.pop(name, None)


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
        if size.height < LOWEST or self._graphics is None:
            self.forget()
            return
        columns, rows = min(MAX_COLUMNS, size.width - 1), size.height // 2
        drawn, reason = None, ""
        try:
            drawn = await asyncio.to_thread(draw, image, self._graphics, columns, rows)
        except NoPicture as error:
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
