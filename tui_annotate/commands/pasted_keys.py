"""Recognises pasted text that the terminal does not mark as such, while a text field is open.

Terminals put a paste between two marks, so that it is no typing. Some do not (serial lines, old
multiplexers), and then a line break of the pasted text would end the field, and what follows would
be read as commands. What tells such a paste from a person is speed: many characters, none of them
more than `TOGETHER` seconds after the one before, with a line break or a tab in their midst.

A line break that comes so close behind a character is kept back for as long, to see whether more
follows. A person's `enter` comes later than that and is never kept back.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from tui_annotate.fast_namedtuple import NamedTuple

TOGETHER = 0.03
"""Seconds within which nobody types two keys."""

PAUSE = 0.15
"""Seconds without a character after which a paste is over: a slow line brings it in parts."""

LEAST = 8
"""Characters in a row that make a paste: fewer may have been typed and held up on the way. Two line
breaks make one as well."""

_CLOSED = 5
"""Characters in a row that make a paste where it has closed the field that it began in, as where
the beginning of a name picks it."""

_BREAKS = {"enter": "\n", "ctrl+j": "\n", "tab": "\t"}

_Event = TypeVar("_Event")


class KeysAndPaste(NamedTuple):
    """What is to be done now.

    Attributes:
        events: Keys to carry out as if nothing had been kept back, in order.
        pasted: Text that was pasted.
    """

    events: tuple[object, ...] = ()
    pasted: str = ""


class PastedKeys(Generic[_Event]):
    """Keeps back what may be a paste, and gives it back as text or as keys."""

    def __init__(self) -> None:
        self._held: list[tuple[_Event, str]] = []  # a line break and what follows: keys, or a paste
        self._text: list[str] = []  # what is a paste for certain, until it ends
        self._run = 0  # characters that came in a row, the first of them into a field
        self._breaks = 0  # line breaks among `_held`
        self._last = float("-inf")

    @property
    def deadline(self) -> float | None:
        """When `flush` has something to do; None while nothing is kept back."""
        if not (self._held or self._text):
            return None
        return self._last + self._patience

    @property
    def _patience(self) -> float:
        return PAUSE if self._text else TOGETHER

    def feed(
        self, event: _Event, key: str, character: str | None, now: float, *, typing: bool
    ) -> KeysAndPaste:
        """Take one key.

        Args:
            event: What is given back for it.
            key: Its name.
            character: The character that it typed, if any.
            now: When it was read, in seconds on a clock that only goes forward.
            typing: Whether a text field is open.
        """
        over = self.flush(now)  # kept back for long enough: it was no paste, or all of one
        is_close = now - self._last <= TOGETHER
        text = _BREAKS.get(key) or (character if character and character.isprintable() else None)
        if text is None:
            held = self._give_back()
            self._end()
            return KeysAndPaste((*over.events, *held.events, event), over.pasted + held.pasted)
        # A slow line brings a paste in parts: one that is certain goes on behind a pause.
        if not is_close and not self._text:
            self._end()
        self._last = now
        if not typing and not self._run:  # a command: no field is open, nor was one a moment ago
            return over._replace(events=(*over.events, event))
        self._run += 1
        if self._text:
            self._text.append(text)
            return over
        if self._held or (key in _BREAKS and self._run > 1):
            self._held.append((event, text))
            self._breaks += key in _BREAKS
            # A break at the end proves nothing: a held `enter` is many of them.
            if key not in _BREAKS and (self._run >= LEAST or self._breaks > 1):
                self._text, self._held = [each for _, each in self._held], []
            return over
        if not typing and self._run >= _CLOSED:  # the field was closed by what was pasted
            self._text = [text]
            return over
        return over._replace(events=(*over.events, event))

    def flush(self, now: float) -> KeysAndPaste:
        """Give what was kept back long enough: as text if it is a paste, else as keys.

        Args:
            now: Seconds on the clock of `feed`.
        """
        deadline = self.deadline
        if deadline is None or now <= deadline:
            return KeysAndPaste()
        found = self._give_back()
        self._end()
        return found

    def _give_back(self) -> KeysAndPaste:
        events = tuple(event for event, _ in self._held)
        text = "".join(self._text).rstrip("\n")
        self._held, self._text = [], []
        return KeysAndPaste(events, text)

    def _end(self) -> None:
        self._run, self._breaks = 0, 0
