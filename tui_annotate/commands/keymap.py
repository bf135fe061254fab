"""Which key stands for which action, and what a keymap may not do."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence, Set
from difflib import get_close_matches

from tui_annotate.commands.key_names import (
    character_of,
    known_names,
    normal_key,
    shown_key,
    why_lost,
)
from tui_annotate.commands.table import ACTIONS, DIGITS, Action
from tui_annotate.errors import ConfigError
from tui_annotate.fast_namedtuple import NamedTuple


class KeyPress(NamedTuple):
    """One press of a key, after the input filter.

    Attributes:
        key: Its name, such as `a`, `slash` or `shift+left`.
        character: The character that it typed, if any.
        physical: The name of the key at the same place of a US keyboard; `key` where that is
            the same or unknown.
        held: Whether it follows the same key so closely that it must be held down.
    """

    key: str
    character: str | None = None
    physical: str = ""
    held: bool = False


_FAKED = frozenset("[;~ABCDFHOPQRSZ0123456789")
_DEAD = frozenset("`´^¨~'\"¸˚°ˇ˘˛˝¯˙")


def forbidden_for_decisions(key: str) -> str | None:
    """Why a key cannot answer a task, or None if it can.

    A key sequence that a slow link cuts in two can look like `[`, `;`, `~`, a digit, or one of
    the letters that end sequences; a dead key types nothing until the next key.
    """
    character = character_of(key)
    if key == "escape" or character in _FAKED:
        return "a key sequence that is split on its way can look like it"
    if character is not None and (character in _DEAD or unicodedata.combining(character)):
        return "it is a dead key on some keyboards"
    return None


class Keymap:
    """Keys to actions, in one context or another.

    Args:
        bindings: Action ids with their keys, as people write them. An action that is named
            loses its default keys; the others keep theirs.
        actions: The table.
        where: The file that the bindings come from, for messages.
        labels: Labels with keys of their own, which other actions lose.
        counts: Whether a number typed before an action repeats it; then digits are no label keys.
        label_first: Whether a label key chooses the label of what is selected next.

    Raises:
        ConfigError: On an unknown action or key, a key with two actions, or a decision on a key
            that cannot be trusted; the message has the nearest name.
    """

    def __init__(
        self,
        bindings: Mapping[str, Sequence[str] | str] | None = None,
        *,
        actions: Sequence[Action] = ACTIONS,
        where: str | None = None,
        labels: Mapping[str, Sequence[str] | str] | None = None,
        counts: bool = False,
        label_first: bool = False,
    ) -> None:
        self.actions = (*actions, *map(_label_action, labels or ()))
        self.counts = counts
        self.label_first = label_first
        self._where = where
        self._by_id = {action.id: action for action in self.actions}
        self._named = frozenset(bindings or {})
        digits = set() if not counts else _ON_DIGITS
        self._keys = {each.id: () if each.id in digits else each.keys for each in self.actions}
        for name, keys in (bindings or {}).items():
            self._keys[self._checked_action(name)] = self._checked_keys(name, keys)
        for name, keys in (labels or {}).items():
            self._take(_label_action(name).id, self._checked_keys(name, keys))
        self._yield_to_named()
        self._check_decisions()
        self._by_key = self._index()
        self._menu = self._index_of_menu()
        self._check_ways_out()

    def action(self, action_id: str) -> Action:
        """An action of this keymap.

        Raises:
            KeyError: If there is no such action.
        """
        return self._by_id[action_id]

    def in_menu(self, key: str) -> str | None:
        """The id of the action that a key means right after the menu was opened; None if none."""
        return self._menu.get(key)

    def keys(self, action_id: str) -> tuple[str, ...]:
        """The keys of an action, the first one first choice.

        Raises:
            KeyError: If there is no such action.
        """
        return self._keys[action_id]

    def shown(self, action_id: str) -> str:
        """The first key of an action as it is shown to people; empty if it has none."""
        keys = self._keys[action_id]
        return shown_key(keys[0]) if keys else ""

    def told(self, action_id: str) -> str:
        """How a sentence names an action: by its key, else by the menu's and its name there."""
        found = self.shown(action_id) or f"{self.shown('menu')} {self._by_id[action_id].label}"
        return found.strip()

    def label_keys(self, names: Iterable[str]) -> list[str]:
        """The key of each label as it is shown: its own, else that of its number; may be empty."""
        found = []
        for number, name in enumerate(names, 1):
            keys = self._keys.get(f"{_OF_LABEL}{name}") or self._keys.get(f"label_{number}")
            found.append(shown_key(keys[0]) if keys else "")
        return found

    def lookup(self, press: KeyPress, context: Set[str] = frozenset()) -> Action | None:
        """The action of a key press in a context.

        Args:
            press: The key; where its own name is not bound, its physical place decides.
            context: What is there now, as in `Action.available`.

        Returns:
            The first available action, or None.
        """
        for key in (press.key, press.physical):
            for action in self._by_key.get(key, ()):
                if action.available(context):
                    return _by_style(action, context)
        digit = DIGITS.find(press.key) + 1 if self.counts and chooses(context) else 0
        wanted = f"version_{digit}" if "versions" in context else f"label_{digit}"
        return self._by_id.get(wanted) if digit else None

    def is_decision(self, press: KeyPress) -> bool:
        """Whether a key press would answer a task."""
        bound = self._by_key.get(press.key) or self._by_key.get(press.physical) or ()
        return any(action.decision for action in bound)

    def _checked_action(self, name: str) -> str:
        if name in self._keys:
            return name
        raise ConfigError(
            f"there is no action {name!r}",
            where=self._where,
            hint=_nearest(name, self._keys) or "Their names are in docs/keys.md",
        )

    def _checked_keys(self, name: str, keys: Sequence[str] | str) -> tuple[str, ...]:
        written = (keys,) if isinstance(keys, str) else keys
        return tuple(dict.fromkeys(self._checked_key(name, each) for each in written))

    def _checked_key(self, name: str, written: str) -> str:
        # A file may hold anything here, whatever the type says.
        key = _key_or_pair(written) if isinstance(written, str) and written else None
        if key is None:
            near = _nearest(str(written).lower(), known_names())
            raise ConfigError(
                f"{name}: there is no key {written!r}",
                where=self._where,
                hint=near or "Write what it types, or its name, such as page up or ctrl+r",
            )
        for reason in filter(None, map(why_lost, key.split())):
            raise ConfigError(
                f"{name}: {written!r} {reason}", where=self._where, hint="Take another key"
            )
        if self.counts and key in set("123456789"):
            raise ConfigError(
                f"{name} cannot be on {key!r}: it begins a number that repeats the next key",
                where=self._where,
                hint="Take another key, or counts = false",
            )
        return key

    def _take(self, taker: str, keys: tuple[str, ...]) -> None:
        """Give keys to a label; other actions that do not decide lose them."""
        self._keys[taker] = keys
        for action in self.actions:
            if action.id != taker and not action.decision and not action.id.startswith(_OF_LABEL):
                kept = (key for key in self._keys[action.id] if key not in keys)
                self._keys[action.id] = tuple(kept)

    def _yield_to_named(self) -> None:
        """Take from the actions of reviews, and from newer ones, the keys that a file gives to
        others: few jobs review, and files that know nothing of them stay as good as they were."""
        named = [action for action in self.actions if action.id in self._named]
        for action in self.actions:
            if action.id in self._named or not (action.yields or action.needs & _OF_REVIEWS):
                continue
            others = [each for each in named if not action.excludes(each)]
            taken = {key for each in others for key in self._keys[each.id]}
            kept = (key for key in self._keys[action.id] if key not in taken)
            self._keys[action.id] = tuple(kept)

    def _index_of_menu(self) -> dict[str, str]:
        """Keys after a menu key, such as `m x`."""
        index: dict[str, str] = {}
        for action in self.actions:
            for key in self._keys[action.id]:
                first, _, second = key.partition(" ")
                if not second:
                    continue
                if first not in self._keys["menu"]:
                    raise ConfigError(
                        f"{action.id}: {key!r} does not begin with a key of the menu",
                        where=self._where,
                        hint=f"Write {self.shown('menu')} {second}",
                    )
                if second in index:
                    raise ConfigError(
                        f"the keys {key!r} are given to both {index[second]} and {action.id}",
                        where=self._where,
                    )
                index[second] = action.id
        return index

    def _index(self) -> dict[str, list[Action]]:
        index: dict[str, list[Action]] = {}
        for action in self.actions:
            for key in dict.fromkeys(each for each in self._keys[action.id] if " " not in each):
                for other in index.setdefault(key, []):
                    self._check_clash(key, action, other)
                index[key].append(action)
        return index

    def _check_clash(self, key: str, action: Action, other: Action) -> None:
        if not action.excludes(other):
            # Rather one that the file does not name, and never one that answers.
            spare = min(other, action, key=lambda each: (each.decision, each.id in self._named))
            raise ConfigError(
                f"the key {shown_key(key)!r} is given to both {other.id} and {action.id}",
                where=self._where,
                hint="Give one of them another key, or none: "
                f"{spare.id.removeprefix(_OF_LABEL)} = []",
            )

    def _check_decisions(self) -> None:
        for action in self.actions:
            for key in self._keys[action.id] if action.decision else ():
                if reason := forbidden_for_decisions(key.rpartition(" ")[2]):
                    raise ConfigError(
                        f"{action.id} cannot be on {shown_key(key)!r}: {reason}",
                        where=self._where,
                        hint=f"Take a letter, such as {action.keys[0]!r}",
                    )

    def _check_ways_out(self) -> None:
        decisions = [action.id for action in self.actions if action.decision]
        if not any(map(self._keys.get, decisions)):
            raise ConfigError("no key answers a task", where=self._where, hint="Give accept a key")
        if not any(map(self._keys.get, ("leave", "menu"))):
            raise ConfigError(
                "no key leaves, and none opens the menu", where=self._where, hint="Give leave a key"
            )


_OF_LABEL = "label "

_OF_REVIEWS = frozenset({"review", "versions", "differing", "differences"})

_ON_DIGITS = frozenset(
    (*(f"label_{number}" for number in range(1, 11)), *(f"version_{n}" for n in range(1, 10)))
)
"""The actions that have the digits, where these do not begin a count."""


def chooses(context: Set[str]) -> bool:
    """Whether options or versions are chosen: digits mean them in every keymap."""
    return "versions" in context or ("list" in context and "span-editor" not in context)


def label_command(context: Set[str]) -> str:
    """What a label key does: it labels, or where the label is chosen first, it picks."""
    picks = "label-first" in context and not context & {"focus", "selecting"}
    return "pick" if picks else "label"


def _by_style(action: Action, context: Set[str]) -> Action:
    if action.name != "label" or action.target != "editor":
        return action
    return action._replace(command=label_command(context))


def _label_action(name: str) -> Action:
    return Action(
        id=f"{_OF_LABEL}{name}",
        keys=(),
        label=name,
        help=f"give the label {name}",
        target="editor",
        section="label",
        command="label",
        argument=name,
        needs=frozenset({"labels"}),
    )


def _nearest(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"Did you mean {close[0]!r}?" if close else ""


def _key_or_pair(written: str) -> str | None:
    """Return the name of a key, or of two that are pressed one after the other; None for neither.

    The whole is tried first, because names such as `page up` have a blank as well.
    """
    key = normal_key(written)
    parts = written.split()
    if key is not None or len(parts) != 2:
        return key
    first, second = map(normal_key, parts)
    return f"{first} {second}" if first and second else None
