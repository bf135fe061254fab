"""Recognises pasted text that the terminal does not mark as such, while a text field is open.

Terminals put a paste between two marks, so that it is no typing. Some do not (serial lines, old
multiplexers), and then a line break of the pasted text would end the field, and what follows would
be read as commands. What tells such a paste from a person is speed: many characters, none of them
more than `TOGETHER` seconds after the one before, with a line break or a tab in their midst.

A line break that comes so close behind a character is kept back for as long, to see whether more
follows; and so is what comes as close behind the character that closed the field. A person's
`enter` comes later than that and is never kept back.
"""

from __future__ import annotations

from typing import Generic, Literal, TypeAlias, TypeVar

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

Kind: TypeAlias = Literal["key", "in doubt", "paste"]
"""What a character is: typed, so it is carried out at once; typed or pasted, so it is kept back;
part of a paste for certain."""

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
        self._in_doubt: list[tuple[_Event, str]] = []  # a line break and what follows it
        self._breaks_in_doubt = 0
        self._paste: list[str] = []  # what is a paste for certain, until it ends
        self._run = 0  # characters that came in a row, the first of them into a field
        self._closed = False  # one of them has closed it
        self._last = float("-inf")

    @property
    def deadline(self) -> float | None:
        """When `flush` has something to do; None while nothing is kept back."""
        if self._paste:
            return self._last + PAUSE
        return self._last + TOGETHER if self._in_doubt else None

    @property
    def is_sure(self) -> bool:
        """Whether the last character was a part of a paste for certain."""
        return bool(self._paste)

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
        due = self.flush(now)
        text = _text_of(key, character)
        if text is None and self._paste and now - self._last <= TOGETHER:
            return due  # an escape or a control in the midst of it
        if text is None:
            before = self._end()
            taken = KeysAndPaste((*before.events, event), before.pasted)
        else:
            self._end_run_at_pause(now)
            taken = self._take(event, text, is_break=key in _BREAKS, typing=typing)
        return KeysAndPaste(due.events + taken.events, due.pasted + taken.pasted)

    def flush(self, now: float) -> KeysAndPaste:
        """Give what was kept back long enough: as text if it is a paste, else as keys.

        Args:
            now: Seconds on the clock of `feed`.
        """
        deadline = self.deadline
        return KeysAndPaste() if deadline is None or now <= deadline else self._end()

    def _end(self) -> KeysAndPaste:
        """End the run of characters; return what was kept back of it."""
        events = tuple(event for event, _ in self._in_doubt)
        pasted = "".join(self._paste).rstrip("\n")
        self._in_doubt, self._paste = [], []
        self._end_run()
        return KeysAndPaste(events, pasted)

    def _end_run_at_pause(self, now: float) -> None:
        """Begin to count anew where a person might have paused. A slow line brings a paste in
        parts: one that is certain goes on behind a pause."""
        if now - self._last > TOGETHER and not self._paste:
            self._end_run()
        self._last = now

    def _end_run(self) -> None:
        self._run, self._breaks_in_doubt, self._closed = 0, 0, False

    def _take(self, event: _Event, text: str, *, is_break: bool, typing: bool) -> KeysAndPaste:
        """Take a character or a line break: return it as a key, or keep it back."""
        if not typing and not self._run:  # a command: no field is open, nor was one a moment ago
            return KeysAndPaste((event,))
        self._run += 1
        self._closed = self._closed or not typing
        kind = self._kind(is_break=is_break)
        if kind == "key":
            return KeysAndPaste((event,))
        if kind == "paste":
            self._paste.append(text)
        else:
            self._in_doubt.append((event, text))
            self._breaks_in_doubt += is_break
            self._settle_doubt(is_break=is_break)
        return KeysAndPaste()

    def _kind(self, *, is_break: bool) -> Kind:
        """Return what the last character of the run is."""
        if self._paste:
            return "paste"
        in_doubt = self._in_doubt or self._closed or (is_break and self._run > 1)
        return "in doubt" if in_doubt else "key"

    def _settle_doubt(self, *, is_break: bool) -> None:
        """Take what is in doubt for a paste if it is too much for a person. A line break at its end
        proves nothing: a held `enter` is many of them."""
        least = _CLOSED if self._closed else LEAST
        if not is_break and (self._run >= least or self._breaks_in_doubt > 1):
            self._paste, self._in_doubt = [text for _, text in self._in_doubt], []


def _text_of(key: str, character: str | None) -> str | None:
    """Return what a key adds to a text; None if it is no character."""
    if key in _BREAKS:
        return _BREAKS[key]
    return character if character and character.isprintable() else None
