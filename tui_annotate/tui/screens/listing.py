"""What screens with a list share: keys go to an open prompt first, and pasted text only there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from textual import events
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

from tui_annotate.tui.keys import PasteGuard
from tui_annotate.tui.screens.base import margins
from tui_annotate.tui.screens.status_bar import FULL_CHROME

if TYPE_CHECKING:
    from tui_annotate.commands.focus_help import Topic
    from tui_annotate.tui.prompts import Prompt
    from tui_annotate.tui.terminal.app import TerminalApp
    from tui_annotate.tui.theme import Theme

_Result = TypeVar("_Result")


class ListingScreen(Screen[_Result], inherit_bindings=False):
    """A screen that takes every key, of which one row may be marked.

    Args:
        style: How everything looks.
    """

    def __init__(self, style: Theme) -> None:
        super().__init__()
        self._style = style
        self._marked = 0
        self._prompt: Prompt | None = None
        self._pasted = PasteGuard(
            self, typing=lambda _: self._prompt is not None, key=self._key, paste=self._paste
        )

    # What a screen has of its own.

    def _key(self, event: events.Key) -> None:
        """Carry a key out."""
        raise NotImplementedError

    def paint(self) -> None:
        """Show how things are now."""
        raise NotImplementedError

    # What they share.

    def arrange_list(self, size: Size, title: Widget, rows: Sequence[Widget]) -> int:
        """Put a list between its title and the row below it in the middle of the screen, with an
        empty row above it where there is room; return how wide a row of it is."""
        sides = margins(size.width, wide=True)
        if tuple(self.styles.padding) != sides:
            self.styles.padding = sides
        gap = 1 if size.height >= FULL_CHROME else 0
        title.styles.margin = (0, 0, gap, 0)
        for index, row in enumerate(rows):
            row.display = index < size.height - 2 - gap
        return size.width - sides[1] - sides[3]

    def show_help(self, topic: Topic) -> None:
        """Show a page of help over the list; any key but those that scroll goes back."""
        from tui_annotate.tui.screens.page import help_page  # only by the key that opens it

        app: TerminalApp = self.app  # type: ignore[assignment]
        app.open_screen(help_page(topic, self._style))

    def on_key(self, event: events.Key) -> None:
        """Take every key."""
        event.stop()
        event.prevent_default()
        if self.is_current:  # a second key may have come before the first one had closed the list
            self._pasted.feed(event)

    def on_paste(self, event: events.Paste) -> None:
        """Take pasted text into an open prompt only."""
        event.stop()
        self._paste(event.text)

    def _paste(self, text: str) -> None:
        if self._prompt is not None:
            self._prompt.paste(text)
            self.paint()
