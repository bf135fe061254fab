"""Recognises the pieces of a terminal sequence that lag has cut, so that they never become keys.

A terminal sends a special key as several bytes, `ESC [ 5 ~` for page up. Where they arrive apart,
the reader of the terminal gives up waiting and reports the bytes as keys of their own.
"""

from __future__ import annotations

import re

PATIENCE = 1.5
"""Seconds within which the next byte of a sequence must follow to be taken as part of it."""

AT_ONCE = 0.02
"""Seconds within which what a reader gives up comes: nobody types `^` and `O` so fast."""

PASTE_PATIENCE = 0.5
"""The same within a paste whose beginning was cut: its end may have arrived whole, unseen here."""

_REPORT = re.compile(r"(\d+);(\d+)R")
_ESCAPES = frozenset({"escape", "circumflex_accent"})  # a reader may report a lone ESC as `^`
_FINALS = frozenset("ABCDEFGHIOPQRSZ~^$@")
_PASTE_START, _PASTE_END = "200~", "201~"


class SequenceReader:
    """Decides for each key whether it is a piece of a sequence.

    Attributes:
        body: What has been swallowed of the present sequence after `[` or `O`; None outside.
        finished: The body of the sequence that the last key ended; empty otherwise.
    """

    def __init__(self) -> None:
        self.body: str | None = None
        self.finished = ""
        self._single_shift = False
        self._after_escape = False
        self._pasting = False
        self._last = float("-inf")

    def swallows(
        self, key: str, character: str | None, now: float, *, typing: bool = False
    ) -> bool:
        """Whether a key is a piece of a sequence and must be dropped.

        Args:
            key: Its name as a terminal face reports it.
            character: What it typed.
            now: Seconds on a clock that only goes forward.
            typing: Whether it goes to a text field, where `^O` may be typed.
        """
        self.finished = ""
        pasted = self._pasting and self.body is None
        if now - self._last > (PASTE_PATIENCE if pasted else PATIENCE):
            self._forget()
        escaped, self._after_escape = self._after_escape, key in _ESCAPES
        if typing and now - self._last > AT_ONCE:
            escaped = False
        escaped = escaped or key.startswith("alt+")
        swallowed = self._continues(key, character) or self._begins(character, escaped)
        if swallowed or self._after_escape:
            self._last = now
        return swallowed

    @property
    def is_key(self) -> bool:
        """Whether the sequence that has just ended is one that terminals send: `[A`, not `[sic`."""
        return self.finished[-1:] in _FINALS or (
            len(self.finished) > 1 and self.finished[-1] in "umM"
        )

    @property
    def report(self) -> tuple[int, int] | None:
        """Row and column, if the sequence that has just ended is a cursor position report."""
        found = _REPORT.fullmatch(self.finished)
        return (int(found[1]), int(found[2])) if found else None

    def _forget(self) -> None:
        self.body = None
        self._after_escape = self._pasting = False

    def _begins(self, character: str | None, escaped: bool) -> bool:
        if character == "[":
            self.body, self._single_shift = "", False
        elif character == "O" and escaped:
            self.body, self._single_shift = "", True
        else:
            return self._pasting
        return True

    def _continues(self, key: str, character: str | None) -> bool:
        if self.body is None:
            return False
        # A sequence is `ESC [`, parameters from `0` to `?`, and one character from `@` to `~`.
        if character is None or len(character) != 1 or key in _ESCAPES:
            # `^` ends rxvt's ctrl+key sequences, but only after parameters
            if character != "^" or not self.body:
                self.body = None
                return False
        elif character == "[" and not self.body and not self._single_shift:
            return True  # the Linux console's F1 to F5 are `ESC [ [ A` to `E`
        elif "0" <= character <= "?" or ("!" <= character <= "/" and self.body):
            # `$` and its like stand before the last one, in what terminals say of their modes and
            # rxvt of shift
            self.body += character
            return True
        elif not "@" <= character <= "~":
            self.body = None
            return False
        self._finish(self.body + character)
        return True

    def _finish(self, body: str) -> None:
        self.body, self.finished, self._after_escape = None, body, False
        if not self._single_shift and body in (_PASTE_START, _PASTE_END):
            self._pasting = body == _PASTE_START
