"""The menu on the screen: a list of actions with their keys, and a line to type in."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from tui_annotate.commands.focus_help import MENU, with_every_key
from tui_annotate.commands.help import HelpLine
from tui_annotate.commands.palette import Palette
from tui_annotate.commands.table import Action
from tui_annotate.text.safe import pasted_behind, safe, writable
from tui_annotate.text.width import cell_width
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.keys import PasteGuard
from tui_annotate.tui.prompts import HELP_KEY
from tui_annotate.tui.screens.base import margins
from tui_annotate.tui.screens.page import help_page
from tui_annotate.tui.screens.status_bar import FULL_CHROME
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.folded_line import LinePiece, StatusLine
from tui_annotate.tui.widgets.status_lines import key_pieces

PASTED = 0.03
"""Seconds: a decision that follows the menu key within them was pasted, not typed."""

_NAME = 14
"""Cells that names need beside their keys; narrower screens show names alone."""

_LONGEST_NAME = 16
"""Cells of the column of names at most; a longer one runs on into its explanation."""

_AROUND = 5
"""Rows of a high screen that have no actions: an empty one above, and one, two for what the marked
action does and one for the keys below."""

_WITH_IDS = 100
"""Columns from which there is room for what an action is called in files of keys."""

_STEPS = {"down": 1, "up": -1, "tab": 1, "shift+tab": -1}


if TYPE_CHECKING:
    from tui_annotate.tui.environment import Application


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
        self._is_begun = False  # something was typed
        self._top = 0
        self._width = 80
        self._roomy = False
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
        self._arrange(*self.app.size)
        self._paint()

    async def on_resize(self, event: events.Resize) -> None:
        """Show as many actions as fit now."""
        wanted = max(1, event.size.height - 1)
        while len(self._rows) > wanted:
            await self._rows.pop().remove()
        while len(self._rows) < wanted:
            self._rows.append(StatusLine())
            await self.mount(self._rows[-1])
        self._arrange(*event.size)
        self._paint()

    def _arrange(self, width: int, height: int) -> None:
        """Put the menu in the middle, with rows for what is marked where there is room."""
        sides = margins(width, wide=True)
        if tuple(self.styles.padding) != sides:
            self.styles.padding = sides
        self._width = width - sides[1] - sides[3]
        self._roomy = height >= FULL_CHROME

    def on_key(self, event: events.Key) -> None:
        """Type, mark, choose with enter, leave with escape."""
        event.stop()
        event.prevent_default()
        if self.is_current:  # a second key may have come before the first one had closed the menu
            self._pasted.feed(event)

    def _key(self, event: events.Key) -> None:
        key, quick = event.key, self._quick(event.key)
        if key == HELP_KEY or (key == "question_mark" and not self._palette.typed):
            self._help()
        elif quick is not None:
            self.dismiss((quick, True))
        elif key == "enter" and self._take_marked():
            return
        elif key == "escape" or (key == "backspace" and not self._rub_out()):
            self.dismiss(None)
        else:
            self._move_or_type(key, event.character)

    def _quick(self, key: str) -> Action | None:
        """Return the action that a key has in the menu; no decision right after the menu was
        opened, because the key may have been pasted."""
        if key == "enter" or self._is_begun:  # takes what is marked; is a letter
            return None
        action = self._palette.quick(key)
        if action is not None and action.decision and time.monotonic() - self._opened < PASTED:
            return None
        return action

    def _rub_out(self) -> bool:
        """Take the last character back; False where none was ever typed, so that the menu is left:
        who rubs out more than was typed has not left."""
        return self._palette.rub_out() or self._is_begun

    def _take_marked(self) -> bool:
        """Choose the action that is marked, or say why one of this name cannot be taken now; False
        where there is none."""
        chosen = self._palette.choice
        if chosen is not None:
            self.dismiss((chosen, False))
            return True
        not_now = self._palette.not_now
        if not_now:
            self._paint(said=f"{not_now[0].label}: {not_now[0].help}")
        return bool(not_now)

    def _move_or_type(self, key: str, character: str | None) -> None:
        page, everything = self._list_height, len(self._palette.lines)
        steps = {"pagedown": page, "pageup": -page, "home": -everything, "end": everything}
        self._palette.step({**steps, **_STEPS}.get(key, 0))
        if character is not None and writable(character):
            self._palette.type(writable(character))
            self._is_begun = True
        self._paint()

    def _help(self) -> None:
        """Show all keys on one page."""
        app: Application = self.app  # type: ignore[assignment]
        topic = with_every_key(MENU, app.surroundings.keymap)
        app.open_screen(help_page(topic, self._style))

    def on_paste(self, event: events.Paste) -> None:
        """Type pasted text; nothing is done without a key."""
        event.stop()
        self._paste(event.text)

    def _paste(self, text: str) -> None:
        self._palette.type(pasted_behind(self._palette.typed, text))
        self._paint()

    @property
    def _list_height(self) -> int:
        """Rows for actions and headings: without those above and below on a high screen."""
        return max(1, len(self._rows) - (_AROUND if self._roomy else 0))

    def _paint(self, said: str = "") -> None:
        palette, theme = self._palette, self._style
        about = "" if self._roomy else "type to find  ↑ ↓  enter does it  escape goes back"
        role = Role.FAINT
        if not palette.lines:
            about, role = said or self._nothing(), Role.WARNING
        self._prompt.show(
            [
                LinePiece("menu: ", theme[Role.STRONG], 3),
                LinePiece(f"{palette.typed}▏", theme[Role.TEXT], 3, glue=True),
                LinePiece(about, theme[role], 2 if role is Role.WARNING else 0, words=True),
            ]
        )
        listed = self._listed()
        if not self._roomy:
            shown = listed
        else:
            room = [()] * (self._list_height - len(listed))
            shown = [(), *listed, *room, (), *self._described(), self._keys()]
        for row, pieces in zip(self._rows, [*shown, *[()] * len(self._rows)], strict=False):
            row.show(pieces)

    def _nothing(self) -> str:
        return "" if self._palette.not_now else "nothing has this name"

    def _listed(self) -> list[Sequence[LinePiece]]:
        """Return the rows of actions that fit, with the headings of their sections."""
        palette, marked = self._palette, self._palette.marked
        lines, titles = palette.lines, palette.titles
        rows: list[int | str] = []  # a heading, or the place of an action
        at = 0
        for place in range(len(lines)):
            if place in titles:
                rows.append(titles[place])
            if place == marked:
                at = len(rows)
            rows.append(place)
        height = self._list_height
        first = at - 1 if marked in titles else at  # the heading of what is marked is seen with it
        self._top = max(0, min(max(self._top, at - height + 1), first if height > 1 else at))
        width = max((len(line.keys) for line in (*lines, *palette.not_now)), default=0)
        # The line of all labels is longer than any name, and takes what room its explanation has.
        widths = [cell_width(line.label) for line in lines]
        names = max((each for each in widths if each <= _LONGEST_NAME), default=0)
        if self._width < width + _NAME:
            width = 0  # names, unlike keys, tell what is marked
        found: list[Sequence[LinePiece]] = []
        for row in rows[self._top : self._top + height]:
            if isinstance(row, str):
                found.append([LinePiece(row, self._style[Role.FAINT])])
            else:
                found.append(self._line(lines[row], width, names, marked=row == marked))
        if not lines:
            dim = [self._line(line, width, names, marked=None) for line in palette.not_now]
            found = dim[:height]
        return found

    def _line(
        self, line: HelpLine, width: int, names: int, *, marked: bool | None
    ) -> Sequence[LinePiece]:
        """Return the row of an action; `marked` is None where it cannot be taken now."""
        theme = self._style
        name = theme[Role.FOCUS if marked else Role.FAINT if marked is None else Role.STRONG]
        key = theme[Role.FAINT if marked is None else Role.KEY]
        gap = " " * max(2, names + 2 - cell_width(line.label))
        begin = ">" if marked else " "
        return [
            LinePiece(f"{begin} {line.keys:<{width}}  " if width else f"{begin} ", key, 2),
            LinePiece(line.label, name, 3, glue=True),
            LinePiece(f"{gap}{line.help}", theme[Role.FAINT], 0, glue=True),
        ]

    def _described(self) -> list[Sequence[LinePiece]]:
        """Return two rows with all that is said of the marked action."""
        line = self._palette.marked_line
        said = "" if line is None else f"{line.label}: {line.help}"
        if said and self._width >= _WITH_IDS:
            said += f" ({line.action} in files of keys)" if line is not None else ""
        layout = Layout(safe(said), max(1, self._width))
        rows = [layout.text[row.start : row.end] for row in list(layout)[:2]]
        text = self._style[Role.TEXT]
        return [[LinePiece(row, text, words=True)] for row in [*rows, "", ""][:2]]

    def _keys(self) -> Sequence[LinePiece]:
        keys = (
            ("type", "to find"),
            ("↑ ↓", "move"),
            ("enter", "does it"),
            ("escape", "goes back"),
            ("?", "all keys on one page"),
        )
        return key_pieces(self._style, keys)
