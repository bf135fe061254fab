"""The menu: every action that can be taken now, found by typing."""

from __future__ import annotations

from collections.abc import Set

from tui_annotate.commands.help import HelpLine, help_sections
from tui_annotate.commands.keymap import Keymap
from tui_annotate.commands.table import Action


class Palette:
    """What is typed, the actions that it leaves, and which of them is marked.

    Args:
        keymap: The keymap in force.
        context: What is there now, as in `Action.available`.
    """

    def __init__(self, keymap: Keymap, context: Set[str]) -> None:
        self._keymap = keymap
        sections = help_sections(keymap, context)
        self._lines = tuple(line for _, lines in sections for line in lines)
        self.typed = ""
        self.marked = 0

    @property
    def lines(self) -> tuple[HelpLine, ...]:
        """The actions left: those whose name begins with what was typed, then those with a word
        of the name or the explanation that does, then those that contain it anywhere."""
        wanted = self.typed.casefold().split()
        if not wanted:
            return self._lines
        ranked = [(_rank(line, wanted), line) for line in self._lines]
        return tuple(line for rank in range(3) for found, line in ranked if found == rank)

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
        """Add a character; one that leaves nothing is not taken."""
        before, self.typed = self.typed, self.typed + character
        if self.lines:
            self.marked = 0
        else:
            self.typed = before

    def rub_out(self) -> bool:
        """Take the last character back; False where there was none."""
        had, self.typed, self.marked = bool(self.typed), self.typed[:-1], 0
        return had

    def step(self, by: int) -> None:
        """Mark another action; stops at both ends."""
        self.marked = min(max(self.marked + by, 0), max(len(self.lines) - 1, 0))


def _rank(line: HelpLine, wanted: list[str]) -> int:
    name = line.label.casefold()
    words = f"{name} {line.help} {line.action.replace('_', ' ')}".casefold()
    if name.startswith(" ".join(wanted)):
        return 0
    if all(f" {each}" in f" {words}" for each in wanted):
        return 1
    return 2 if all(each in words for each in wanted) else 3
