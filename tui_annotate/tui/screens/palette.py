"""The menu on the screen: a list of actions with their keys, and a line to type in."""

from __future__ import annotations

import time

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from tui_annotate.commands.palette import Palette
from tui_annotate.commands.table import Action
from tui_annotate.text.safe import pasted_behind, writable
from tui_annotate.tui.paste_guard import PasteGuard
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.lines import LinePiece, StatusLine

PASTED = 0.03
"""Seconds: a decision that follows the menu key within them was pasted, not typed."""

_NAME = 14
"""Cells that names need beside their keys; narrower screens show names alone."""

_STEPS = {"down": 1, "up": -1, "tab": 1, "shift+tab": -1}


class PaletteScreen(Screen[tuple[Action, bool] | None], inherit_bindings=False):
    """Shows what can be done; dismissed with what was chosen, and whether by a key of its own.

    Args:
        palette: The actions.
        theme: The styles.
    """

    CSS = """
    PaletteScreen { layout: vertical; }
    """

    def __init__(self, palette: Palette, theme: Theme) -> None:
        super().__init__()
        self._palette = palette
        self._style = theme
        self._opened = time.monotonic()
        self._top = 0
        self._rows: list[StatusLine] = []
        self._prompt = StatusLine(id="typed")
        self._pasted = PasteGuard(
            self, typing=lambda _event: True, key=self._key, paste=self._paste
        )

    def compose(self) -> ComposeResult:
        """Show the line to type in over as many actions as fit."""
        yield self._prompt
        self._rows = [StatusLine() for _ in range(max(1, self.app.size.height - 1))]
        yield from self._rows

    def on_mount(self) -> None:
        """Paint for the first time."""
        self._paint()

    async def on_resize(self, event: events.Resize) -> None:
        """Show as many actions as fit now."""
        wanted = max(1, event.size.height - 1)
        while len(self._rows) > wanted:
            await self._rows.pop().remove()
        while len(self._rows) < wanted:
            self._rows.append(StatusLine())
            await self.mount(self._rows[-1])
        self._paint()

    def on_key(self, event: events.Key) -> None:
        """Type, mark, choose with enter, leave with escape."""
        event.stop()
        event.prevent_default()
        self._pasted.feed(event)

    def _key(self, event: events.Key) -> None:
        palette, key = self._palette, event.key
        quick = palette.quick(key)
        if quick is not None and quick.decision and time.monotonic() - self._opened < PASTED:
            quick = None
        chosen = palette.choice if key == "enter" else quick
        if chosen is not None:
            self.dismiss((chosen, quick is not None))
            return
        if key == "escape" or (key == "backspace" and not palette.rub_out()):
            self.dismiss(None)
            return
        page, everything = len(self._rows), len(palette.lines)
        steps = {"pagedown": page, "pageup": -page, "home": -everything, "end": everything}
        palette.step({**steps, **_STEPS}.get(key, 0))
        if event.character is not None and writable(event.character):
            palette.type(writable(event.character))
        self._paint()

    def on_paste(self, event: events.Paste) -> None:
        """Type pasted text; nothing is done without a key."""
        event.stop()
        self._paste(event.text)

    def _paste(self, text: str) -> None:
        self._palette.type(pasted_behind(self._palette.typed, text))
        self._paint()

    def _paint(self) -> None:
        palette, theme = self._palette, self._style
        about = LinePiece(
            "type to find  ↑ ↓  enter does it  escape goes back", theme[Role.FAINT], 0
        )
        if not palette.lines:
            about = LinePiece("nothing has this name", theme[Role.WARNING], 2)
        self._prompt.show(
            [
                LinePiece("menu: ", theme[Role.STRONG], 3),
                LinePiece(f"{palette.typed}▏", theme[Role.TEXT], 3, glue=True),
                about,
            ]
        )
        self._paint_rows()

    def _paint_rows(self) -> None:
        lines, theme, marked = self._palette.lines, self._style, self._palette.marked
        self._top = min(max(self._top, marked - len(self._rows) + 1), marked)
        width = max((len(line.keys) for line in lines), default=0)
        if self.size.width < width + _NAME:
            width = 0  # names, unlike keys, tell what is marked
        for number, row in enumerate(self._rows, self._top):
            if number >= len(lines):
                row.show(())
                continue
            line = lines[number]
            name = theme[Role.FOCUS] if number == marked else theme[Role.STRONG]
            row.show(
                [
                    LinePiece(f" {line.keys:<{width}} " if width else " ", theme[Role.KEY], 2),
                    LinePiece(line.label, name, 3, glue=True),
                    LinePiece(f"  {line.help}", theme[Role.FAINT], 0, glue=True),
                ]
            )
