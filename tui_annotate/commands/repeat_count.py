"""A number typed before an action, as in vim: how often it is carried out."""

from __future__ import annotations

MOST = 9_999
"""The highest number; a held digit must not become an hour of work."""


class RepeatCount:
    """Digits that were typed and are still to be used."""

    def __init__(self) -> None:
        self._typed = ""

    @property
    def typed(self) -> str:
        """The digits so far."""
        return self._typed

    def takes(self, key: str) -> bool:
        """Take a digit; a zero only behind another one. False for any other key."""
        if not (len(key) == 1 and key in "0123456789") or (key == "0" and not self._typed):
            return False
        self._typed = str(min(int(self._typed + key), MOST))
        return True

    def times(self) -> int:
        """How often the next action is carried out; the number is used up."""
        number, self._typed = int(self._typed or 1), ""
        return number
