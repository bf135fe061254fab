"""Finds one of many names by typing: a label by its first letters, then by any part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from tui_annotate.commands.key_names import LayoutReader, are_neighbours
from tui_annotate.text.characters import split
from tui_annotate.text.folding import fold, fold_names


def readings(typed: str) -> tuple[str, ...]:
    """Return what typed text may mean, folded: the characters themselves, and the keys that they
    lie on where another keyboard layout or an input method is on.

    Args:
        typed: What was typed so far.
    """
    reader = LayoutReader()
    by_key = "".join(map(reader.read, typed))
    return tuple(dict.fromkeys((fold(typed).text, fold(by_key).text)))


class NameFinder:
    """What is typed and which names it leaves.

    Everything that is typed stays, also where no name is left: what is on screen is what was typed.

    Args:
        names: All names, in their order.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._folded = _folded(self._names)
        self._left: tuple[str, tuple[int, ...]] | None = None
        self.typed = ""
        self.wanted = ""
        self.chosen = 0

    @property
    def matches(self) -> tuple[str, ...]:
        """The names left: those that begin with what is typed, else those that contain it."""
        return self._found(self._matching())

    @property
    def sure(self) -> str | None:
        """The only name that begins with what is typed: it needs no confirmation."""
        found = self._matching() if self.wanted else ()
        if len(found) != 1 or not self._folded[found[0]].startswith(self.wanted):
            return None
        return self._names[found[0]]

    @property
    def choice(self) -> str | None:
        """The name that a confirmation takes: the marked one of those that are left."""
        left = self._matching()
        return self._names[left[self.chosen % len(left)]] if left else None

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
        left = self._matching()
        if left:
            self.chosen = (self.chosen + by) % len(left)

    def _set(self, typed: str) -> None:
        """Take what is typed now, by its first reading that finds a name; mark the name that is
        typed to its end, of several the one with the same case, else that with the same accents;
        else the first."""
        self.typed = typed
        self.wanted, *others = readings(typed)
        for other in others:
            if not self._matching():
                self.wanted = other
        left = self._matching()
        whole = [at for at, place in enumerate(left) if self._folded[place] == self.wanted]
        exact = [at for at in whole if self._names[left[at]] == typed]
        spelled = [at for at in whole if self._names[left[at]].casefold() == typed.casefold()]
        self.chosen = next(iter(exact or spelled or whole), 0)

    def _found(self, places: Sequence[int]) -> tuple[str, ...]:
        if len(places) == len(self._names):
            return self._names
        return tuple(map(self._names.__getitem__, places))

    def _matching(self) -> Sequence[int]:
        """Return the places of the names that are left; looked for once for what is typed."""
        wanted = self.wanted
        if self._left is None or self._left[0] != wanted:
            found = [at for at, name in enumerate(self._folded) if name.startswith(wanted)]
            if not found:
                found = [at for at, name in enumerate(self._folded) if wanted in name]
            self._left = (wanted, tuple(found))
        return self._left[1]


class TypedName:
    """How far a name is typed, whose beginning has picked it already.

    Characters are compared by all their readings, because nobody knows which layout is on.

    Args:
        names: The names that may be meant; more than one where a beginning has several.
        typed: What was typed when it was picked.

    Attributes:
        typed: What is typed now.
    """

    def __init__(self, names: Iterable[str], typed: str) -> None:
        self.typed = typed
        self._names = tuple(fold(name).text for name in names)
        self._picked_after = len(typed)  # letters that were enough

    @property
    def rest(self) -> str:
        """What is left to be typed; empty where it was picked by another part of it."""
        begun = readings(self.typed)
        name = next((each for each in self._names if each.startswith(begun)), "")
        return name[len(self.typed) :]

    @property
    def is_only_picked(self) -> bool:
        """Whether no more of it was typed than picked it."""
        return len(self.typed) == self._picked_after

    @property
    def is_in_midst(self) -> bool:
        """Whether more was typed of it than picked it, and not all of it."""
        return len(self.typed) > self._picked_after and not self.is_whole

    @property
    def is_typed_on(self) -> bool:
        """Whether two letters more were typed than picked it, and not all: one may be chance."""
        return self.is_in_midst and len(self.typed) > self._picked_after + 1

    @property
    def is_whole(self) -> bool:
        """Whether it was typed to its end."""
        return any(each in self._names for each in readings(self.typed))

    def goes_on_with(self, character: str) -> bool:
        """Tell whether a character is the next one of a name."""
        found = readings(self.typed + character)
        return any(name.startswith(each) for name in self._names for each in found)

    def behind_slip(self, character: str) -> str:
        """Return what is typed where a character goes on behind a mistyped letter; empty where it
        does not."""
        if not character:
            return ""
        size = len(self.typed)
        begun = (name for name in self._names if name.startswith(fold(self.typed).text))
        for name in begun:
            # The mistyped letter was one too many, or stood in the place of the name's next one.
            for typed in (self.typed, name[: size + 1]):
                if any(name.startswith(each) for each in readings(typed + character)):
                    return typed + character
        return ""

    def doubles(self, character: str) -> bool:
        """Tell whether a character is the last one once more."""
        last = self.typed[-1:]
        # Two characters that are the same one in a reading, whatever the layout makes of them.
        return any(len(set(each)) == 1 for each in readings(last + character)) and last > ""

    def is_near(self, character: str) -> bool:
        """Tell whether a character comes easily in the place of the next letter: it lies beside it
        on the keyboard, or is the letter behind it."""
        size = len(self.typed)
        begun = readings(self.typed)
        found = readings(character)
        for name in (each for each in self._names if each.startswith(begun)):
            expected, behind = name[size : size + 1], name[size + 1 : size + 2]
            if any(each == behind or are_neighbours(each, expected) for each in found):
                return True
        return False

    def rub_out(self) -> bool:
        """Take back the last letter behind those that picked it; False where there is none."""
        had = len(self.typed) > self._picked_after
        if had:
            self.typed = self.typed[:-1]
        return had


@lru_cache(maxsize=4)
def _folded(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names as they are compared; kept, because a prompt is opened again and again."""
    return fold_names(names)
