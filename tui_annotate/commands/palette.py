"""The menu: every action that can be taken now, found by typing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from tui_annotate.commands.help import HelpLine, help_sections, key_ranges
from tui_annotate.commands.keymap import Keymap
from tui_annotate.commands.name_finder import readings
from tui_annotate.commands.table import Action
from tui_annotate.text.characters import split
from tui_annotate.text.folding import fold
from tui_annotate.text.safe import safe


class Palette:
    """What is typed, the actions that it leaves, and which of them is marked.

    Args:
        keymap: The keymap in force.
        context: What is there now, as in `Action.available`.
        named: By action, what it is called where the view has another name for it.
        labels: The labels or options of the task: the actions of the first ten are called by them.
        recent: Ids of actions that were chosen in the menu, the newest first.

    Attributes:
        typed: What was typed.
        marked: Which of `lines` is marked.
    """

    def __init__(
        self,
        keymap: Keymap,
        context: Set[str],
        named: Mapping[str, str] | None = None,
        *,
        labels: Sequence[str] = (),
        recent: Sequence[str] = (),
    ) -> None:
        self._keymap = keymap
        by_name = {f"label_{number}": label for number, label in enumerate(labels[:10], 1)}
        sections = help_sections(keymap, context, named)
        found = [
            (title, [_called(line, by_name) for line in lines if _is_there(line, by_name)])
            for title, lines in sections
        ]
        # What was used lately stands first, and not once more in its own section.
        every = {line.action: line for _, lines in found for line in lines}
        used = [every[action] for action in recent if action in every]
        rest = [(title, [line for line in lines if line not in used]) for title, lines in found]
        sections = [(title, lines) for title, lines in [(_USED, used), *rest] if lines]
        # Two lists: before anything is typed all labels are one line; by typing each is found.
        self._lines = tuple(line for _, lines in sections for line in lines)
        together = _together(self._lines, labels) if labels else None
        self._sections = [
            (title, lines if title == _USED else _with_labels(lines, together))
            for title, lines in sections
        ]
        self._listed = tuple(line for _, lines in self._sections for line in lines)
        if together is not None and len(labels) > len(_NUMBERED):
            self._lines = (*self._lines, together)  # for the names of those without a line
        shown = {line.action for line in self._lines}
        self._others = tuple(
            line._replace(help=_why_not(keymap.action(line.action), context))
            for _, lines in help_sections(keymap, None, named)
            for line in lines
            if line.action not in shown and not line.action.startswith(("label_", "version_"))
        )
        self.typed = ""
        self.marked = 0

    @property
    def lines(self) -> tuple[HelpLine, ...]:
        """The actions left: those whose name begins with what was typed, then those with a synonym
        that does, a word of the name, a word of the explanation, and then those that contain it
        anywhere. Nothing is left where nothing has it. Before anything is typed labels are one
        line, which asks for their names: there may be many."""
        return self._that_fit(self._lines, _NOWHERE) if self.typed.strip() else self._listed

    def _that_fit(self, lines: tuple[HelpLine, ...], worst: int) -> tuple[HelpLine, ...]:
        """Return those of some lines that what was typed leaves, the best first."""
        for reading in readings(self.typed):
            wanted = reading.split()
            if not wanted:
                return lines
            ranked = [(self._rank(line, wanted), line) for line in lines]
            found = tuple(line for rank in range(worst) for at, line in ranked if at == rank)
            if found:
                return found
        return ()

    @property
    def not_now(self) -> tuple[HelpLine, ...]:
        """The actions that have the typed name and cannot be taken now, with the reason in place of
        their explanation."""
        return self._that_fit(self._others, _BY_NAME) if self.typed.strip() else ()

    @property
    def titles(self) -> dict[int, str]:
        """The heading over a line, by the place of the line; none once something is typed."""
        found, at = {}, 0
        if not self.typed:
            for title, lines in self._sections:
                found[at] = title
                at += len(lines)
        return found

    @property
    def choice(self) -> Action | None:
        """The marked action; None where nothing is left."""
        line = self.marked_line
        return None if line is None else self._keymap.action(line.action)

    @property
    def marked_line(self) -> HelpLine | None:
        """The line of the marked action; None where nothing is left."""
        lines = self.lines
        return lines[self.marked] if lines else None

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

_BY_NAME = 3
"""The ranks of what has the name that was typed are below."""

_USED = "Used last"

_NUMBERED = frozenset(f"label_{number}" for number in range(1, 11))

_FEW = 3
"""From so many labels on they stand in one line."""

_BY_ITS_NAME = "label_by_name"

_MISSING = {
    "span-editor": "this task has no spans",
    "labels": "this task has no labels",
    "list": "this task has no options",
    "relations": "this task has no relations",
    "sheet": "nothing is to be scrolled here",
    "selecting": "nothing is being selected",
    "field": "this task has no field to write in",
    "parts": "this task has one part only",
    "folds": "nothing is folded here",
    "modes": "this view is shown in one way only",
    "panel": "the screen is narrower than 120 columns, or nothing can stand beside this view",
    "events": "the recipe has no events",
    "new_labels": "this job takes no new labels",
    "review": "this is not a review",
    "differing": "this is not a review",
    "differences": "this is not a review",
    "versions": "no versions can be taken here",
}
"""By word that the context lacks, why an action cannot be taken."""


def _why_not(action: Action, context: Set[str]) -> str:
    """Return why an action cannot be taken now."""
    for word in sorted(action.needs - context):
        if word in _MISSING:
            return f"not now: {_MISSING[word]}"
    if "no-task" in action.unless & context:
        return "not now: there is no task"
    return "not now: another key does it here" if action.unless & context else "not on this screen"


def _is_there(line: HelpLine, by_name: Mapping[str, str]) -> bool:
    """Tell whether there is a label for an action that gives one; so it is where none are known."""
    return not by_name or line.action not in _NUMBERED or line.action in by_name


def _together(lines: Sequence[HelpLine], labels: Sequence[str]) -> HelpLine | None:
    """Return one line for all labels, which asks for a name; None where they have no lines, or
    cannot be given by their names."""
    own = [line for line in lines if line.action in _NUMBERED]
    if len(own) < _FEW or not any(line.action == _BY_ITS_NAME for line in lines):
        return None
    keys = [line.keys.split("  ")[0] for line in own]
    shown = key_ranges(keys) if all(len(key) == 1 for key in keys) else ""
    names = " ".join(map(safe, labels))
    return HelpLine(shown, names, "enter asks which", _BY_ITS_NAME)


def _with_labels(lines: Sequence[HelpLine], together: HelpLine | None) -> list[HelpLine]:
    """Return the lines of a section with those of labels put together."""
    numbered = [line for line in lines if line.action in _NUMBERED]
    if together is None or not numbered:
        return list(lines)
    rest = [line for line in lines if line not in numbered]
    at = lines.index(numbered[0])
    return [*rest[:at], together, *rest[at:]]


def _called(line: HelpLine, by_name: Mapping[str, str]) -> HelpLine:
    """Return a line under the name of the label that its action gives."""
    name = by_name.get(line.action)
    return line if name is None else line._replace(label=safe(name))
