"""The menu: every action that can be taken now, found by typing."""

from __future__ import annotations

from collections.abc import Mapping, Set

from tui_annotate.commands.finder import readings
from tui_annotate.commands.help import HelpLine, help_sections
from tui_annotate.commands.keymap import Keymap
from tui_annotate.commands.table import Action
from tui_annotate.text.folding import fold
from tui_annotate.text.graphemes import split


class Palette:
    """What is typed, the actions that it leaves, and which of them is marked.

    Args:
        keymap: The keymap in force.
        context: What is there now, as in `Action.available`.
        named: By action, what it is called where the view has another name for it.
    """

    def __init__(
        self, keymap: Keymap, context: Set[str], named: Mapping[str, str] | None = None
    ) -> None:
        self._keymap = keymap
        sections = help_sections(keymap, context, named)
        self._lines = tuple(line for _, lines in sections for line in lines)
        self.typed = ""
        self.marked = 0

    @property
    def lines(self) -> tuple[HelpLine, ...]:
        """The actions left: those whose name begins with what was typed, then those with a synonym
        that does, a word of the name, a word of the explanation, and then those that contain it
        anywhere. Nothing is left where nothing has it."""
        for reading in readings(self.typed):
            wanted = reading.split()
            if not wanted:
                return self._lines
            ranked = [(self._rank(line, wanted), line) for line in self._lines]
            found = tuple(line for rank in range(_NOWHERE) for at, line in ranked if at == rank)
            if found:
                return found
        return ()

    @property
    def choice(self) -> Action | None:
        """The marked action; None where nothing is left."""
        lines = self.lines
        return self._keymap.action(lines[self.marked].action) if lines else None

    def quick(self, key: str) -> Action | None:
        """The action that a key means in the menu as long as nothing is typed."""
        name = None if self.typed else self._keymap.in_menu(key)
        return None if name is None else self._keymap.action(name)

    def type(self, character: str) -> None:
        """Add a character; what was typed stays, also where it leaves nothing."""
        self.typed, self.marked = self.typed + character, 0

    def rub_out(self) -> bool:
        """Take the last character back; False where there was none."""
        had = bool(self.typed)
        self.typed, self.marked = "".join(split(self.typed)[:-1]), 0
        return had

    def step(self, by: int) -> None:
        """Mark another action; stops at both ends."""
        self.marked = min(max(self.marked + by, 0), max(len(self.lines) - 1, 0))

    def _rank(self, line: HelpLine, wanted: list[str]) -> int:
        """How well a line fits: 0 is best, `_NOWHERE` not at all."""
        action = self._keymap.action(line.action)
        typed, name = " ".join(wanted), fold(line.label).text
        others = [fold(each).text for each in (*action.synonyms, action.label)]
        own = f" {name} {line.action.replace('_', ' ')}"
        words = f"{own} {fold(line.help).text}"
        fits = (
            name.startswith(typed),
            any(each.startswith(typed) for each in others),
            all(f" {each}" in own for each in wanted),
            all(f" {each}" in words for each in wanted),
            all(each in words for each in wanted),
        )
        return fits.index(True) if any(fits) else _NOWHERE


_NOWHERE = 5
"""The rank of what does not fit at all; better ones are below."""
