"""Questions about where to go: by letter, by hint, by search. They take the keys while open."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tui_annotate.commands.layouts import LayoutReader
from tui_annotate.text.graphemes import split
from tui_annotate.text.safe import writable
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.chrome import Pieces
from tui_annotate.tui.widgets.lines import Piece

Edit: TypeAlias = Callable[[str, str], None]
"""Has the editor carry out a command with an argument."""

_WAYS = (("search", "find"), ("search_exact", "find exactly"), ("search_regex", "find pattern"))


class FindPrompt:
    """Takes one letter and goes to the next word that begins with it.

    Args:
        edit: Carries `find` out.
    """

    def __init__(self, edit: Edit) -> None:
        self._edit = edit

    def key(self, key: str, character: str | None) -> bool:
        """Take a key; any key closes the question."""
        if key != "escape" and character is not None and character.isprintable():
            self._edit("find", character)
        return True

    def pieces(self, theme: Theme) -> Pieces:
        """Return what is asked for."""
        return [Piece("to the next word beginning with ▏", theme[Role.STRONG], 1)]


class HintPrompt:
    """Takes the letters of a hint; the text shows which there are.

    Args:
        edit: Carries `hint` out; without a letter that leaves.
        open_hints: Whether letters are still to be typed.
    """

    def __init__(self, edit: Edit, open_hints: Callable[[], bool]) -> None:
        self._edit = edit
        self._open = open_hints
        self._layouts = LayoutReader()

    def key(self, key: str, character: str | None) -> bool:
        """Take a key: a letter narrows the hints or goes there, all else leaves."""
        if key == "escape" or character is None or not character.isalpha():
            self._edit("hint", "")
            return True
        self._edit("hint", self._layouts.read(character).lower())
        return not self._open()

    def pieces(self, theme: Theme) -> Pieces:
        """Return what to do."""
        return [Piece("go: type the letters shown at a word ▏", theme[Role.STRONG], 1)]


class SearchPrompt:
    """Takes a text and goes to where it is found while it is being typed.

    Args:
        edit: Carries the searches out.
    """

    def __init__(self, edit: Edit) -> None:
        self._edit = edit
        self._text = ""
        self._way = 0

    def key(self, key: str, character: str | None) -> bool:
        """Take a key: enter stays, escape goes back, tab compares in another way."""
        if key == "enter":
            return True
        if key == "escape":
            self._text = ""
        elif key == "tab":
            self._way = (self._way + 1) % len(_WAYS)
        elif key == "backspace":
            self._text = "".join(split(self._text)[:-1])
        elif character is not None:
            self._text += writable(character)
        self._edit(_WAYS[self._way][0], self._text)
        return key == "escape"

    def paste(self, text: str) -> None:
        """Take text at once, without what cannot be printed."""
        self._text += "".join(filter(str.isprintable, text))
        self._edit(_WAYS[self._way][0], self._text)

    def pieces(self, theme: Theme) -> Pieces:
        """Return how it is compared and what was typed."""
        return [
            Piece(f"{_WAYS[self._way][1]}: ", theme[Role.STRONG], 3),
            Piece(f"{self._text}▏", theme[Role.TEXT], 2, glue=True),
            Piece("tab: another way  enter stays  escape goes back", theme[Role.TEXT], 0),
        ]
