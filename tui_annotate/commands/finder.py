"""Finding one of many names by typing: a label by its first letters, then by any part."""

from __future__ import annotations

from collections.abc import Sequence


class Finder:
    """What is typed and which names it leaves.

    Args:
        names: All names, in their order.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._folded = tuple(name.casefold() for name in names)
        self.typed = ""
        self.chosen = 0

    @property
    def matches(self) -> tuple[str, ...]:
        """The names left: those that begin with what is typed, else those that contain it."""
        wanted = self.typed.casefold()
        pairs = list(zip(self._folded, self._names, strict=True))
        begin = tuple(name for folded, name in pairs if folded.startswith(wanted))
        return begin or tuple(name for folded, name in pairs if wanted in folded)

    @property
    def sure(self) -> str | None:
        """The only name that begins with what is typed: it needs no confirmation."""
        wanted = self.typed.casefold()
        if not wanted:
            return None
        found = [
            name
            for folded, name in zip(self._folded, self._names, strict=True)
            if folded.startswith(wanted)
        ]
        return found[0] if len(found) == 1 else None

    @property
    def choice(self) -> str | None:
        """The name that a confirmation takes: the marked one of those that are left."""
        matches = self.matches
        return matches[self.chosen % len(matches)] if matches else None

    def type(self, character: str) -> None:
        """Add a character; one that leaves no name is not taken."""
        before = self.typed
        self.typed += character
        if self.matches:
            self.chosen = 0
        else:
            self.typed = before

    def rub_out(self) -> bool:
        """Take the last character back; False where there was none."""
        had, self.typed = bool(self.typed), self.typed[:-1]
        self.chosen = 0
        return had

    def step(self, by: int) -> None:
        """Mark another of the names that are left."""
        matches = self.matches
        if matches:
            self.chosen = (self.chosen + by) % len(matches)
