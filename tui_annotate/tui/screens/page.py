"""A page to read: help, guidelines. Any key of its own scrolls, the others close it."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from tui_annotate.text.safe import safe

_SCROLL = {
    "j": "scroll_down",
    "down": "scroll_down",
    "k": "scroll_up",
    "up": "scroll_up",
    "pagedown": "scroll_page_down",
    "space": "scroll_page_down",
    "pageup": "scroll_page_up",
    "home": "scroll_home",
    "end": "scroll_end",
}


class PageScreen(Screen[None], inherit_bindings=False):
    """Shows lines of text.

    Args:
        lines: What to show; anything in it that could drive a terminal is shown as marks.
    """

    CSS = """
    PageScreen VerticalScroll { padding: 0 1; scrollbar-size-vertical: 1; }
    PageScreen #close { height: 1; dock: bottom; text-style: bold; padding: 0 1; }
    """

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self._lines = lines

    def compose(self) -> ComposeResult:
        """Show the lines over a line that says how to get back."""
        with VerticalScroll(can_focus=False):
            yield Static(Content("\n".join(map(safe, self._lines))), markup=False)
        yield Static("j k scroll   any other key goes back", id="close", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Scroll, or go back."""
        event.stop()
        event.prevent_default()
        scroll = _SCROLL.get(event.key)
        if scroll is None:
            self.dismiss(None)
        else:
            getattr(self.query_one(VerticalScroll), scroll)(animate=False)
