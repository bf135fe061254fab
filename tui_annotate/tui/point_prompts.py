"""Questions about where to go: by letter, by hint, by search. They take the keys while open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from tui_annotate.commands.continuation import Continuation
from tui_annotate.commands.key_names import LayoutReader
from tui_annotate.text.characters import split
from tui_annotate.text.safe import pasted_behind, writable
from tui_annotate.tui.prompts import Keys, Prompt
from tui_annotate.tui.text_prompts import TextPrompt
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.folded_line import LinePiece, Pieces
from tui_annotate.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from tui_annotate.tui.screens.base import WorkScreen

Edit: TypeAlias = Callable[[str, str], None]
"""Has the editor carry out a command with an argument."""

_WAYS = (("search", "find"), ("search_exact", "find exactly"), ("search_regex", "find pattern"))


_DIGITS = 10
"""More than the number of any task has."""


def number_prompt(done: Callable[[int], None]) -> TextPrompt:
    """Return what asks for the number of a task; what is no number stays, and is said to be none.

    Args:
        done: Called with the number; not at all where none was typed.
    """

    def wrong(text: str) -> str:
        is_number = text.isdecimal() and len(text) < _DIGITS
        return "no task has this number" if text and not is_number else ""

    def take(text: str) -> None:
        if text:
            done(int(text))

    return TextPrompt("task number", "", take, wrong=wrong)


class FindPrompt(Prompt):
    """Takes one letter and goes to the next word that begins with it; whoever types on gets to the
    word that is typed. Where no word begins like this, it stays and says so.

    Args:
        edit: Carries `find` out.
        words: Returns the words that begin with what is typed, in the order of the text.
    """

    title = "Find a word"
    about = (
        "Type the letter that the word begins with: the cursor goes to the next such word.",
        "Whoever types on gets to the word that is typed; next point goes to the one after it.",
    )

    def __init__(self, edit: Edit, words: Callable[[str], Sequence[str]]) -> None:
        self._edit = edit
        self._words = words
        self._typed = ""
        self._is_begun = False

    def key(self, key: str, character: str | None) -> bool:
        """Take a key; the first letter with a word closes the question."""
        if key == "escape" or (key == "backspace" and not self._is_begun):
            return True
        if key == "backspace":
            self._typed = "".join(split(self._typed)[:-1])
        elif character is not None and writable(character):
            self._typed += writable(character)
            self._is_begun = True  # who rubs out more than was typed has not left
        else:
            return False
        if not self._typed or not self._words(self._typed):
            return False
        self._edit("find", self._typed)
        return True

    def continuation(self, now: float) -> Continuation | None:
        """Return the rest of the words that begin like this; typing on goes to the one meant."""
        words = self._words(self._typed) if self._typed else ()
        if not words:
            return None
        narrow = lambda typed: self._edit("find", typed)  # noqa: E731
        return Continuation(self._typed, words, self._typed, now, done="found", narrow=narrow)

    def pieces(self, theme: Theme) -> Pieces:
        """Return what is asked for."""
        asked = LinePiece(f"to the next word beginning with {self._typed}▏", theme[Role.STRONG], 2)
        if not self._typed:
            return [asked]
        return [asked, LinePiece("no word begins like this", theme[Role.WARNING], 1)]

    @property
    def keys(self) -> Keys:
        """Any letter goes."""
        return [("a letter", "goes to the word"), ("escape", "go back")]


class HintPrompt(Prompt):
    """Takes the letters of a hint; the text shows which there are. Letters that no hint has stay
    until they are rubbed out, and nothing is gone to meanwhile.

    Args:
        edit: Carries `hint` out; without a letter that leaves.
        open_hints: Whether letters are still to be typed.
        fits: Whether a hint goes on with a letter.
        again: Shows all hints again.
    """

    title = "Go"
    about = ("Each word on the screen shows one or two letters: type those of the word to go to.",)

    def __init__(
        self,
        edit: Edit,
        open_hints: Callable[[], bool],
        fits: Callable[[str], bool],
        again: Callable[[], None],
    ) -> None:
        self._edit = edit
        self._open = open_hints
        self._fits = fits
        self._again = again
        self._is_begun = False
        self._layouts = LayoutReader()
        self._typed = ""
        self._wrong = ""
        self._arrived = False

    def key(self, key: str, character: str | None) -> bool:
        """Take a key: a letter narrows the hints or goes there, all else leaves. While there is a
        letter that no hint has, only backspace and escape do something."""
        if self._wrong and key == "backspace":
            self._wrong = self._wrong[:-1]
            return False
        if self._is_begun and key == "backspace":
            if self._typed:  # of two letters the first one
                self._typed = ""
                self._again()
            return False
        letter = character is not None and character.isalpha()
        if key == "escape" or not (letter or self._wrong):
            self._edit("hint", "")
            return True
        if not letter:
            return False
        assert character is not None
        read = self._layouts.read(character).lower()
        self._is_begun = True
        if self._wrong or not self._fits(read):
            self._wrong += read
            return False
        self._typed += read
        self._edit("hint", read)
        self._arrived = not self._open()
        return self._arrived

    def continuation(self, now: float) -> Continuation | None:
        """Return that nothing of a hint is left but the key that ends a name."""
        return Continuation("the word", ("",), "", now, done="found") if self._arrived else None

    def pieces(self, theme: Theme) -> Pieces:
        """Return what to do."""
        typed = f"{self._typed}{self._wrong}"
        asked = LinePiece(f"go: type the letters shown at a word {typed}▏", theme[Role.STRONG], 2)
        if not self._wrong:
            return [asked]
        return [asked, LinePiece("no word has these letters", theme[Role.WARNING], 1)]

    @property
    def keys(self) -> Keys:
        """The letters at the words."""
        if self._wrong:
            return [("backspace", "rub out"), ("escape", "go back")]
        return [("letters", "go to the word"), ("escape", "go back")]


class SearchPrompt(Prompt):
    """Takes a text and goes to where it is found while it is being typed. As long as it is found
    nowhere it stays open.

    Args:
        edit: Carries the searches out.
        found: Whether there is a place that has the text.
    """

    title = "Search"
    about = (
        "The cursor goes to the first place that is found while you type.",
        "Tab changes how it is compared: any case and accents, exactly, by a pattern.",
        "After enter, next point goes to the next place.",
    )

    def __init__(self, edit: Edit, found: Callable[[], bool]) -> None:
        self._edit = edit
        self._found = found
        self._text = ""
        self._way = 0

    def key(self, key: str, character: str | None) -> bool:
        """Take a key: enter stays, escape goes back, tab compares in another way."""
        if key == "enter":
            return not self._text or self._found()
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
        """Take pasted text at once, without the line break that was copied with it."""
        self._text += pasted_behind(self._text, text)
        self._edit(_WAYS[self._way][0], self._text)

    def pieces(self, theme: Theme) -> Pieces:
        """Return how it is compared and what was typed."""
        asked = [
            LinePiece(f"{_WAYS[self._way][1]}: ", theme[Role.STRONG], 3),
            LinePiece(f"{self._text}▏", theme[Role.TEXT], 2, glue=True),
        ]
        if not self._text or self._found():
            return asked
        return [*asked, LinePiece("found nowhere", theme[Role.WARNING], 1)]

    @property
    def keys(self) -> Keys:
        """Every other key is a letter."""
        if self._text and not self._found():
            return [("backspace", "rub out"), ("tab", "another way"), ("escape", "go back")]
        return [("enter", "stay there"), ("tab", "another way"), ("escape", "go back")]


def _find(screen: WorkScreen, letters: str) -> Prompt:
    """Ask for a word by its first letters."""
    del letters

    def words(typed: str) -> list[str]:
        """Return the words that a jump by letters can go to."""
        text = screen.editor.text_editor if screen.editor is not None else None
        return [] if text is None else text.words_beginning(typed)

    return FindPrompt(screen.edit, words)


def _search(screen: WorkScreen, letters: str) -> Prompt:
    """Ask for a text that stands somewhere."""
    del letters
    text = screen.editor.text_editor if screen.editor is not None else None
    return SearchPrompt(screen.edit, lambda: text is None or bool(text.marks))


def _go(screen: WorkScreen, letters: str) -> Prompt | None:
    """Show hints at the words on the screen, and ask for one of them."""
    editor = screen.editor
    text = editor.text_editor if editor is not None else None
    if text is None:
        return None
    if text is not editor:
        text.adapt(letters=letters, label_first=False)

    def show() -> None:
        screen.edit("go", _on_screen(screen) if text is editor else None)

    show()
    if not text.hints:
        return None
    return HintPrompt(screen.edit, lambda: bool(text.hints), text.hints_go_on, show)


def _on_screen(screen: WorkScreen) -> tuple[int, int]:
    """Return the code points of the text that can be seen."""
    view = screen.query_one("#text", TextView)
    rows, first = view.rows, view.rows.row_of(view.top_offset)
    last = min(first + view.page_rows, len(rows)) - 1
    return rows[first].start, rows[last].end


POINT_PROMPTS: dict[str, Callable[[WorkScreen, str], Prompt | None]] = {
    "find": _find,
    "search": _search,
    "go": _go,
}
"""By action, what begins it on a screen and asks where to go; its hints have only these letters.
None where there is nowhere to go."""
