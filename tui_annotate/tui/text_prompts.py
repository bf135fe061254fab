"""Questions that are answered by writing: a line, a comment, a piece of the task's text."""

from __future__ import annotations

from collections.abc import Callable

from tui_annotate.text.characters import split
from tui_annotate.text.safe import ELLIPSIS, pasted, writable
from tui_annotate.text.width import cell_width
from tui_annotate.tui.prompts import Keys, Prompt
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.folded_line import LinePiece, Pieces


class TextPrompt(Prompt):
    """Takes one line of text.

    Args:
        title: What is asked for.
        text: What stands there already.
        done: Called with the text on enter; not at all where the prompt was left.
        complete: What tab does: it takes the text, and returns it lengthened and the choices left.
        about: How it is answered, in sentences.
        wrong: Returns why a text cannot be taken, as it is said then; empty where it can.
    """

    def __init__(
        self,
        title: str,
        text: str,
        done: Callable[[str], None],
        complete: Callable[[str], tuple[str, list[str]]] | None = None,
        about: tuple[str, ...] = ("Write one line; enter takes it.",),
        wrong: Callable[[str], str] = lambda _: "",
    ) -> None:
        self.title = title
        self.about = about
        self._text = text
        self._done = done
        self._complete = complete
        self._wrong = wrong
        self._objection = ""
        self._choices: list[str] = []
        self._rest = ""

    def opens_behind(self, rest: str) -> None:
        """Leave the rest of a name away where exactly that is typed, and no letter behind it: who
        types `other` to its end although `o` is enough does not begin the text with `ther`."""
        self._rest = rest

    def key(self, key: str, character: str | None) -> bool:
        """Take a key: letters type, backspace rubs out, enter is done, escape leaves. True where
        the prompt closes."""
        self._choices, self._objection = [], ""
        if self._ends_name(key):
            self._judge_rest(character)
            # A blank behind a name parts it from the text, and is none of it.
            if character == " ":
                return False
        if key == "enter":
            text = self._text.strip()
            self._objection = self._wrong(text)
            if not self._objection:
                self._done(text)
            return not self._objection
        if key == "tab" and self._complete is not None:
            self._text, choices = self._complete(self._text)
            self._choices = choices if len(choices) > 1 else []
        elif key == "backspace":
            self._text = "".join(split(self._text)[:-1])
        elif character is not None:
            self._text += writable(character)
        return key == "escape"

    def _ends_name(self, key: str) -> bool:
        """Whether all that is typed is the rest of a name that had been picked before its end."""
        return self._rest != "" and key != "backspace" and self._text.casefold() == self._rest

    def _judge_rest(self, character: str | None) -> None:
        """Leave what is typed away as the end of a name, unless a letter comes behind it: then it
        is the beginning of a longer word, and text. Either is settled for good by this key."""
        self._rest = ""
        if character is None or not character.isalnum():
            self._text = ""

    def paste(self, text: str) -> None:
        """Take pasted text at once."""
        self._text += pasted(text)

    @property
    def keys(self) -> Keys:
        """Every other key is a letter."""
        tab = [("tab", "complete")] if self._complete is not None else []
        return [("enter", "done"), *tab, ("escape", "leave it")]

    def pieces(self, theme: Theme) -> Pieces:
        """Return the title, the end of the text, where the cursor is, and what may follow."""
        return [
            LinePiece(f"{self.title}: ", theme[Role.STRONG], 2),
            LinePiece(f"{self._text}▏", theme[Role.TEXT], 1, glue=True),
            *([LinePiece(self._objection, theme[Role.WARNING], 0)] if self._objection else ()),
            *(LinePiece(name, theme[Role.FAINT], -at) for at, name in enumerate(self._choices)),
        ]


class CommentPrompt(TextPrompt):
    """Takes a comment; what is typed of it belongs to what is begun on the task.

    Args:
        text: What stands there already.
        done: Called with the text on enter.
        changed: Called after every key.
    """

    def __init__(self, text: str, done: Callable[[str], None], changed: Callable[[], None]) -> None:
        super().__init__("comment", text, done)
        self._changed = changed

    @property
    def text(self) -> str:
        """What stands there now."""
        return self._text

    def key(self, key: str, character: str | None) -> bool:
        """Take a key; True where the prompt closes."""
        self._changed()
        return super().key(key, character)

    def paste(self, text: str) -> None:
        """Take text at once."""
        self._changed()
        super().paste(text)


class RewritePrompt(Prompt):
    """Takes a piece of the task's text and gives it back as it is written then. Line breaks stay,
    and can be rubbed out; what is written so far belongs to what is begun on the task.

    Args:
        text: The piece.
        caret: The code point that the cursor stands before.
        done: Called with the text on enter; not at all where the prompt was left.
        changed: Called after every key.
        width: Returns the cells of the line.
    """

    _TITLE = "text: "
    about = (
        "The piece of the text is written anew; what stands on the text around it moves with it.",
    )
    title = "Change the text"

    def __init__(
        self,
        text: str,
        caret: int,
        done: Callable[[str], None],
        changed: Callable[[], None],
        width: Callable[[], int],
    ) -> None:
        self._before, self._after = split(text[:caret]), split(text[caret:])
        self._done = done
        self._changed = changed
        self._width = width

    @property
    def begun(self) -> list[object]:
        """What stands there now, and where the cursor is, as JSON values."""
        before = "".join(self._before)
        return [before + "".join(self._after), len(before)]

    def key(self, key: str, character: str | None) -> bool:
        """Take a key: letters type, arrows move, enter is done, escape leaves all as it was. True
        where the prompt closes."""
        before, after = self._before, self._after
        if key == "enter":
            self._done("".join([*before, *after]))
        elif key == "backspace":
            self._before = before[:-1]
        elif key == "delete":
            self._after = after[1:]
        elif key in ("left", "right", "home", "end"):
            whole = [*before, *after]
            places = {"left": max(0, len(before) - 1), "right": len(before) + 1, "home": 0}
            place = places.get(key, len(whole))
            self._before, self._after = whole[:place], whole[place:]
        elif character is not None and writable(character):
            # A mark that is typed behind a letter becomes one with it.
            self._before = split("".join(before) + writable(character))
        self._changed()
        return key in ("enter", "escape")

    def paste(self, text: str) -> None:
        """Take pasted text at once."""
        self._before = split("".join(self._before) + pasted(text))
        self._changed()

    @property
    def keys(self) -> Keys:
        """Every other key is a letter."""
        return [("enter", "put it in"), ("← → home end", "move"), ("escape", "leave it as it was")]

    def pieces(self, theme: Theme) -> Pieces:
        """Return what is written, as far as it fits around the cursor."""
        room = max(8, self._width() - len(self._TITLE) - 4)
        behind = "".join(self._after[:room])
        cells = cell_width("".join(self._before[-room:]))
        free = max(room // 2, room - cell_width(behind))
        shown = self._before[-room:]
        while shown and cells > free:
            cells -= cell_width(shown[0])
            shown = shown[1:]
        more = ELLIPSIS if len(shown) < len(self._before) else ""
        return [
            LinePiece(self._TITLE, theme[Role.STRONG], 2),
            LinePiece(f"{more}{''.join(shown)}▏{behind}", theme[Role.TEXT], 1, glue=True),
        ]
