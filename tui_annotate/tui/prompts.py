"""One-line questions: which label, which comment. They take the keys while they are open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from tui_annotate.text.graphemes import split
from tui_annotate.text.safe import writable
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.chrome import Pieces
from tui_annotate.tui.widgets.lines import Piece


class Prompt(Protocol):
    """A question that is open."""

    def key(self, key: str, character: str | None) -> bool:
        """Take a key; True where the prompt is done and closes."""

    def pieces(self, theme: Theme) -> Pieces:
        """Return what the line shows."""


class LabelPrompt:
    """Finds a label by its first letters, any part of it, or the arrow keys and enter.

    Args:
        labels: All labels.
        done: Called with the one that was chosen; not at all where the prompt was left.
        title: What is asked for.
        at_once: Whether what can be no other one is taken without enter.
        places: Those of the labels' colours, where that is not their order.
    """

    def __init__(
        self,
        labels: tuple[str, ...],
        done: Callable[[str], None],
        title: str = "label",
        *,
        at_once: bool = True,
        places: Mapping[str, int] | None = None,
    ) -> None:
        from tui_annotate.commands.finder import Finder

        self._at_once = at_once
        self._places = {**{name: place for place, name in enumerate(labels)}, **(places or {})}
        self._title = title
        self._finder = Finder(labels)
        self._done = done

    def key(self, key: str, character: str | None) -> bool:
        """Take a key; a label that can be no other one is taken at once."""
        finder = self._finder
        if key == "escape":
            return True
        if key == "backspace":
            return not finder.rub_out()
        if key in ("right", "down", "tab"):
            finder.step(1)
        elif key in ("left", "up", "shift+tab"):
            finder.step(-1)
        elif character is not None and character.isprintable():
            finder.type(character)
        chosen = finder.choice if key == "enter" else finder.sure if self._at_once else None
        if chosen is not None:
            self._done(chosen)
        return chosen is not None

    def pieces(self, theme: Theme) -> Pieces:
        """Return what was typed and the labels that are left, the marked one reversed."""
        finder = self._finder
        shown = [Piece(f"{self._title}: ", theme[Role.STRONG], 200)]
        shown.append(Piece(f"{finder.typed}▏", theme[Role.TEXT], 200, glue=True))
        for position, name in enumerate(finder.matches):
            style = theme.label(self._places[name]).line
            if name == finder.choice:
                style += theme[Role.FOCUS]
            shown.append(Piece(name, style, 100 if name == finder.choice else -position))
        return shown


class KeyPrompt:
    """Takes one key: one of those named does something, any other closes the prompt.

    Args:
        title: What is asked, and which keys answer it.
        answers: Keys, and what each does.
    """

    def __init__(self, title: str, answers: Mapping[str, Callable[[], None]]) -> None:
        self._title = title
        self._answers = answers

    def key(self, key: str, character: str | None) -> bool:  # noqa: ARG002
        """Take a key; the prompt is done with any."""
        answer = self._answers.get(key)
        if answer is not None:
            answer()
        return True

    def pieces(self, theme: Theme) -> Pieces:
        """Return the question."""
        return [Piece(self._title, theme[Role.STRONG], 1)]


class TextPrompt:
    """Takes one line of text.

    Args:
        title: What is asked for.
        text: What stands there already.
        done: Called with the text on enter; not at all where the prompt was left.
        complete: What tab does: it takes the text, and returns it lengthened and the choices left.
    """

    def __init__(
        self,
        title: str,
        text: str,
        done: Callable[[str], None],
        complete: Callable[[str], tuple[str, list[str]]] | None = None,
    ) -> None:
        self._title = title
        self._text = text
        self._done = done
        self._complete = complete
        self._choices: list[str] = []

    def key(self, key: str, character: str | None) -> bool:
        """Take a key: letters type, backspace rubs out, enter is done, escape leaves."""
        self._choices = []
        if key == "tab" and self._complete is not None:
            self._text, choices = self._complete(self._text)
            self._choices = choices if len(choices) > 1 else []
        elif key == "enter":
            self._done(self._text.strip())
        elif key == "backspace":
            self._text = "".join(split(self._text)[:-1])
        elif character is not None:
            self._text += writable(character)
        return key in ("enter", "escape")

    def paste(self, text: str) -> None:
        """Take text at once, without what cannot be printed."""
        self._text += writable(text)

    def pieces(self, theme: Theme) -> Pieces:
        """Return the title, the end of the text, where the cursor is, and what may follow."""
        return [
            Piece(f"{self._title}: ", theme[Role.STRONG], 2),
            Piece(f"{self._text}▏", theme[Role.TEXT], 1, glue=True),
            *(Piece(name, theme[Role.FAINT], -at) for at, name in enumerate(self._choices)),
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
        """Take a key."""
        self._changed()
        return super().key(key, character)

    def paste(self, text: str) -> None:
        """Take text at once."""
        self._changed()
        super().paste(text)
