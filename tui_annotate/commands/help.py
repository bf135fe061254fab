"""Key bar, help page and documentation, generated from the action table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase

from tui_annotate.commands.key_names import shown_key
from tui_annotate.commands.keymap import Keymap
from tui_annotate.commands.table import DIGITS, SECTIONS, Action
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.session.types import Item
from tui_annotate.task.review import versions_in


class HelpLine(NamedTuple):
    """One line of help: the keys as shown, the name, the explanation, the action's id."""

    keys: str
    label: str
    help: str
    action: str


_TITLES = {
    "answer": "Answer",
    "label": "Label",
    "move": "Move",
    "select": "Select",
    "task": "This task",
    "program": "Program",
}


_MODES = (
    (
        "hits",
        (
            ("next_point", "next match"),
            ("previous_point", "match before"),
            ("cancel", "end the search"),
        ),
    ),
    ("selecting", (("confirm", "close the selection"), ("cancel", "leave it"))),
    ("linking", (("cancel", "give up"),)),
)
"""By word of the context, what stands first in the key bar: keys that mean something else now."""


TEACHING = 20
"""Answers of a person up to which the key bar says how to move and to label."""

_MOST_RANGES = 5
"""Of more keys that do not follow each other the bar names only so many."""

_FIRST_STEPS = (
    (("left", "down", "up", "right"), "move"),
    (("option_down", "option_up"), "move"),
    (("scroll_down", "scroll_up"), "scroll"),
)
_ANY_WIDTH = 1000
"""Cells in which every entry fits."""

_LEFT_OUT = frozenset({"later", "undo"})
"""What the key bar has no room for beside them."""


def key_ranges(keys: Sequence[str]) -> str:
    """Return keys in few characters: `1-4` of those that follow each other, else one by one.

    Args:
        keys: As they are shown, each of one character, in the order of what they are for.
    """
    runs: list[list[str]] = []
    for key in keys:
        if runs and _follows(runs[-1][-1], key):
            runs[-1].append(key)
        else:
            runs.append([key])
    parts = [run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    return " ".join(parts if len(parts) <= _MOST_RANGES else [*parts[:_MOST_RANGES], "…"])


def _follows(key: str, other: str) -> bool:
    """Tell whether a key comes next to another as digits lie on a keyboard, or in the alphabet."""
    if key in DIGITS or other in DIGITS:
        return f"{key}{other}" in DIGITS
    return f"{key}{other}" in ascii_lowercase or f"{key}{other}" in ascii_uppercase


def teaching_bar(
    keymap: Keymap,
    context: Set[str],
    width: int,
    named: Mapping[str, str] | None = None,
    *,
    labels: str = "",
) -> list[tuple[str, str]]:
    """The key bar's entries that fit, for somebody who begins: how to move and to label comes
    first, and decisions and the menu behind it.

    Args:
        keymap: The keymap in force.
        context: What is there now, as in `Action.available`.
        width: Cells, as for `key_bar`.
        named: By action, what it is called where the view has another name for it.
        labels: The keys of the labels, as they are shown; empty where there are none.

    Returns:
        (key, label) pairs in order; those of `key_bar` alone while keys mean something else, and
        the labels before them in a selection, and while a relation is made.
    """
    if labels and context & {"selecting", "linking"}:
        gives = (labels, "label it" if "selecting" in context else "link it")
        return [gives, *key_bar(keymap, context, width - _bar_width([gives]) - 2, named)]
    usual = key_bar(keymap, context, width, named)
    if any(word in context for word, _ in _MODES):
        return usual
    left_out = {keymap.shown(each) for each in _LEFT_OUT if keymap.keys(each)}
    every = key_bar(keymap, context, _ANY_WIDTH, named)
    rest = [entry for entry in every if entry[0] not in left_out]
    return _fitting([*_first_entries(keymap, context, labels)], rest, width) or usual


def _first_entries(keymap: Keymap, context: Set[str], labels: str) -> Iterator[tuple[str, str]]:
    """Yield what somebody who begins needs first: how to move, to label, and to reach a name."""
    available = {action.id for action in keymap.actions if action.available(context)}
    keyed = {each for each in available if keymap.keys(each)}
    for actions, label in _FIRST_STEPS:
        if keyed.issuperset(actions):
            yield _shown_alike(keymap, actions), label
            break
    if labels and "versions" not in context:  # there digits take versions
        yield labels, _label_is(context)
        if "label-first" in context and keymap.keys("confirm"):
            yield keymap.shown("confirm"), "gives it"
    if "next_point" in keyed:
        yield keymap.shown("next_point"), "next name"


def _label_is(context: Set[str]) -> str:
    """Return what the keys of labels do."""
    if "list" in context:
        return "choose"
    return "a tie" if "answers" in context else "label"


def _fitting(
    first: list[tuple[str, str]], rest: list[tuple[str, str]], width: int
) -> list[tuple[str, str]]:
    """Return the entries that fit; none where not even the most needed ones do.

    What is given up first: decisions after the second one, then names and labels; the menu, the
    first decision and the way to move are the last.
    """
    entries = [*first, *rest]
    given_up = [*reversed(rest[2:-1]), *reversed(first[1:]), *rest[1:2], *first[:1], *rest[:1]]
    for entry in given_up:
        if _bar_width(entries) <= width:
            break
        entries.remove(entry)
    return entries if _bar_width(entries) <= width else []


def _shown_alike(keymap: Keymap, actions: Sequence[str]) -> str:
    """Return the keys of actions: letters where all have one, else arrows where all have one."""
    keys = [[shown_key(key) for key in keymap.keys(each)] for each in actions]
    letters = [[key for key in own if key.isalpha() and len(key) == 1] for own in keys]
    arrows = [[key for key in own if key in "←↓↑→"] for own in keys]
    shown = next((each for each in (letters, arrows) if all(each)), keys)
    return " ".join(own[0] for own in shown)


def key_bar(
    keymap: Keymap, context: Set[str], width: int, named: Mapping[str, str] | None = None
) -> list[tuple[str, str]]:
    """The key bar's entries that fit.

    Args:
        keymap: The keymap in force.
        context: What is there now, as in `Action.available`.
        width: Cells. An entry takes its key, a blank and its label; two blanks part entries.
        named: By action, what it is called where the view has another name for it.

    Returns:
        (key, label) pairs in order. Where all do not fit, those in the middle go first, so that
        the last, the menu, stays as long as there is room for it.
    """
    entries = [
        (keymap.shown(name), label)
        for word, keys in _MODES
        if word in context
        for name, label in keys
        if keymap.keys(name)
    ]
    entries += [
        (keymap.shown(action.id), (named or {}).get(action.id, action.label))
        for action in keymap.actions
        if action.bar and action.available(context) and keymap.keys(action.id)
    ]
    while entries and _bar_width(entries) > width:
        del entries[-2 if len(entries) > 1 else -1]
    return entries


@lru_cache(maxsize=16)
def usual_bar(
    keymap: Keymap, context: frozenset[str], width: int, named: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    """`key_bar`, kept for the keys to come: few of them change anything that it says."""
    return (*key_bar(keymap, context, width, dict(named)),)


def _bar_width(entries: list[tuple[str, str]]) -> int:
    return sum(len(key) + len(label) + 3 for key, label in entries) - 2


def help_sections(
    keymap: Keymap, context: Set[str] | None = None, named: Mapping[str, str] | None = None
) -> list[tuple[str, list[HelpLine]]]:
    """Everything that can be done, by section.

    Args:
        keymap: The keymap in force.
        context: Leaves out what is not available in it; None gives everything.
        named: By action, what it is called where the view has another name for it.
    """
    sections = []
    for section in SECTIONS:
        lines = [
            _line(keymap, action, named or {})
            for action in keymap.actions
            if action.section == section and (context is None or action.available(context))
        ]
        if lines:
            sections.append((_TITLES[section], lines))
    return sections


def _line(keymap: Keymap, action: Action, named: Mapping[str, str]) -> HelpLine:
    keys = "  ".join(shown_key(key) for key in keymap.keys(action.id))
    if action.id in named:
        return HelpLine(keys, named[action.id], "the answer of this view", action.id)
    text = action.help
    for name in action.stands_for:
        text = text.replace(f"{{{name}}}", keymap.told(name))
    return HelpLine(keys, action.label, text, action.id)


def markdown(keymap: Keymap) -> str:
    """The table of keys for the documentation: one Markdown table a section."""
    parts = []
    for title, lines in help_sections(keymap):
        rows = [
            f"| {_cell(line.keys)} | {line.label} | {line.help} | `{line.action}` |"
            for line in lines
        ]
        head = [f"## {title}", "", "| keys | name | what | in files |", "|---|---|---|---|"]
        parts.append("\n".join([*head, *rows]))
    return "\n\n".join(parts) + "\n"


def _cell(keys: str) -> str:
    return " ".join(f"`{key}`" for key in keys.split("  ") if key).replace("|", "\\|")


_VERSION_KEYS = {
    "edit_version": "edit",
    "next_difference": "difference",
    "versions": "read all",
    "version_most": "most",
    "version_union": "all of all",
    "version_shared": "shared",
    "reason": "reason",
}


def version_keys(keymap: Keymap, item: Item | None) -> list[tuple[str, str]]:
    """Return the keys that take a version in a review, and what each does."""
    count = min(9, len(versions_in(item.task))) if item is not None else 1
    keys = [("1" if count == 1 else f"1-{count}", "version")]
    for action, name in _VERSION_KEYS.items():
        if keymap.keys(action):
            keys.append((keymap.shown(action), name))
    return keys
