"""Finding one of many names by typing: a label by its first letters, then by any part."""

from __future__ import annotations

from collections.abc import Sequence

from tui_annotate.commands.layouts import LayoutReader
from tui_annotate.text.folding import fold
from tui_annotate.text.graphemes import split


def readings(typed: str) -> tuple[str, ...]:
    """Return what typed text may mean, folded: the characters themselves, and the keys that they
    lie on where another keyboard layout or an input method is on.

    Args:
        typed: What was typed so far.
    """
    reader = LayoutReader()
    by_key = "".join(map(reader.read, typed))
    return tuple(dict.fromkeys((fold(typed).text, fold(by_key).text)))


class Finder:
    """What is typed and which names it leaves.

    Everything that is typed stays, also where no name is left: what is on screen is what was typed.

    Args:
        names: All names, in their order.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._folded = tuple(fold(name).text for name in names)
        self.typed = ""
        self.wanted = ""
        self.chosen = 0

    @property
    def matches(self) -> tuple[str, ...]:
        """The names left: those that begin with what is typed, else those that contain it."""
        return self._beginning() or tuple(
            name
            for folded, name in zip(self._folded, self._names, strict=True)
            if self.wanted in folded
        )

    @property
    def sure(self) -> str | None:
        """The only name that begins with what is typed: it needs no confirmation."""
        found = self._beginning() if self.wanted else ()
        return found[0] if len(found) == 1 else None

    @property
    def choice(self) -> str | None:
        """The name that a confirmation takes: the marked one of those that are left."""
        matches = self.matches
        return matches[self.chosen % len(matches)] if matches else None

    def type(self, character: str) -> None:
        """Add a character."""
        self._set(self.typed + character)

    def rub_out(self) -> bool:
        """Take the last character back; False where there was none."""
        had = bool(self.typed)
        self._set("".join(split(self.typed)[:-1]))
        return had

    def step(self, by: int) -> None:
        """Mark another of the names that are left."""
        matches = self.matches
        if matches:
            self.chosen = (self.chosen + by) % len(matches)

    def _set(self, typed: str) -> None:
        """Take what is typed now, by its first reading that finds a name; mark the name that is
        typed to its end, else the first."""
        self.typed = typed
        self.wanted, *others = readings(typed)
        for other in others:
            if not self.matches:
                self.wanted = other
        matches = self.matches
        whole = [at for at, name in enumerate(matches) if fold(name).text == self.wanted]
        exact = [at for at in whole if matches[at] == typed]
        self.chosen = next(iter(exact or whole), 0)

    def _beginning(self) -> tuple[str, ...]:
        return tuple(
            name
            for folded, name in zip(self._folded, self._names, strict=True)
            if folded.startswith(self.wanted)
        )
