"""An app whose frames are drawn on an emulated screen, without any terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.console import RenderableType
from textual._compositor import ChopsUpdate, CompositorUpdate
from textual.app import App
from textual.screen import Screen as TextualScreen

from tests.support.screen import Screen
from tui_annotate.tui.terminal import partial_updates

Renderer = Callable[[ChopsUpdate, Any], str]


class Frames:
    """A screen, and what it cost to draw it, with one way of rendering partial updates."""

    def __init__(self, width: int, height: int, renderer: Renderer) -> None:
        self.screen = Screen(width, height)
        self.sizes: list[int] = []
        self._renderer = renderer

    def draw(self, update: CompositorUpdate, console: Any) -> None:
        partial = isinstance(update, ChopsUpdate)
        text = (
            self._renderer(update, console)
            if isinstance(update, ChopsUpdate)
            else update.render_segments(console)
        )
        data = text.encode()
        if partial:
            self.sizes.append(len(data))
        # The line discipline turns a line feed into two characters.
        self.screen.feed(data.replace(b"\n", b"\r\n"))

    def clear(self, *, graphemes: bool = True) -> None:
        """Take an empty screen of the same size that cuts what is too wide, as ours are set to."""
        self.screen = Screen(self.screen.columns, self.screen.rows, graphemes=graphemes)
        self.screen.feed(b"\x1b[?7l")

    def cells(self) -> list[Any]:
        screen = self.screen
        return [[screen.cell(y, x) for x in range(screen.columns)] for y in range(screen.rows)]


class EmulatedApp(App[None]):
    """Draws every frame as it would be sent, with the crop at the left edge and without it."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "Screen { overflow: hidden hidden; }"

    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self.theme = "ansi-dark"
        self.cropped = Frames(width, height, partial_updates.render_segments)
        self.stock = Frames(width, height, partial_updates.upstream)

    def _display(self, screen: TextualScreen[Any], renderable: RenderableType | None) -> None:
        if isinstance(renderable, CompositorUpdate) and not self._batch_count:
            for frames in (self.cropped, self.stock):
                frames.draw(renderable, self.console)
        super()._display(screen, renderable)

    def row(self, y: int) -> str:
        return self.cropped.screen.row(y)

    def rows(self) -> list[str]:
        return [self.row(y) for y in range(self.cropped.screen.rows)]
