"""What is still typed of a name when its beginning has picked it already.

A prompt closes as soon as what is typed can mean one name only, while the person may go on typing
that name to its end. What continues the name is swallowed, and one `enter`; the first key that
does not continue it ends that at once, and so does a pause. Whether a letter goes on with the name
or is a command cannot be told, so the reading that stores nothing wins, and what was swallowed is
said. Every prompt and every keymap uses this.

Some keys are kept back until the next one, or for a moment, and are letters where the name goes
on: what is mistyped for a letter, which comes as fast as letters do and is the one before it again,
lies beside the one that is expected, or is the letter behind that; and a key that moves the cursor,
if it is the first letter behind those that picked the name. Neither costs who means a command
another key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tui_annotate.commands.finder import readings
from tui_annotate.commands.key_names import are_neighbours, shown_key
from tui_annotate.commands.keymap import KeyPress
from tui_annotate.commands.table import Action
from tui_annotate.text.folding import fold
from tui_annotate.text.safe import safe_line

PAUSE = 1.0
"""Seconds without a key after which the next one is a command again."""

TYPO = 0.3
"""Seconds within which a key that is like a letter of the name may be a mistyped one. So long a key
is kept back that may be a command as well."""

_NAME_CELLS = 30
"""Cells of a name in a sentence."""

_MORE_THAN_GOING = frozenset({"find", "go", "search", "next_point", "previous_point"})
"""Actions that go somewhere, but ask where first, or change what a label then takes."""

_VERBS = {"accept": "accepts", "reject": "rejects", "ignore": "ignores it"}


class Continuation:
    """Swallows what continues a name that has been picked.

    Args:
        picked: What was picked.
        names: The names that may be meant by what is typed; more than one where a beginning has
            several and the first was picked, as in a jump to a word.
        typed: What was typed of them so far.
        now: Seconds on a clock that only goes forward.
        done: What was done with it, as a sentence says it: `DATE given`, `Berlin found`.
        narrow: Called with all that is typed after each character that goes on with a name, where
            that picks another one of `names`.
        again: Picks the name again, where a mistyped letter has picked another one.

    Attributes:
        over: Nothing is swallowed any more.
        missed: The last key was a letter that does not continue the name; rubbing it out does.
        kept: The last key is kept back: it is carried out with the next one that does not continue
            the name, or after `patience`.
        narrow, again: As above.
        patience: For how many seconds the key is kept back.
    """

    def __init__(
        self,
        picked: str,
        names: Iterable[str],
        typed: str,
        now: float,
        *,
        done: str = "given",
        narrow: Callable[[str], None] | None = None,
        again: Callable[[], None] | None = None,
    ) -> None:
        self.over = False
        self._picked = f"{safe_line(picked, _NAME_CELLS)} {done}"
        self._names = tuple(fold(name).text for name in names)
        self._typed = typed
        self._picked_after = len(typed)  # letters that were enough to pick the name
        self._doubted = ""  # the key that was kept back until now, and was a letter
        self._taken = ""  # the last key that was taken for a letter, mistyped or not
        self._last = now  # when the last key came
        self.missed = False
        self.kept = False
        self.patience = TYPO
        self._slipped = False  # a mistyped letter was taken, and the name is read on behind it
        self._rubbing = False  # more was rubbed out than was typed since the name was picked
        self.narrow = narrow
        self.again = again

    @property
    def rest(self) -> str:
        """What is left of the name to be typed; empty where it was picked by another part of it."""
        begun = readings(self._typed)
        name = next((each for each in self._names if each.startswith(begun)), "")
        return name[len(self._typed) :]

    def continues(self, key: str, character: str | None, now: float) -> bool:
        """Whether a key would be swallowed now.

        Args:
            key: Its name.
            character: What it typed, if anything.
            now: Seconds on the clock that began it.
        """
        if self.over or now - self._last > PAUSE:
            return False
        if key == "backspace":
            return True
        if self.missed:
            return self._reads_on and (key == "enter" or self._behind_mistyped(character) > "")
        return key == "enter" or self._goes_on(character)

    def swallows(
        self,
        key: str,
        character: str | None,
        now: float,
        action: Action | None = None,
        *,
        unbound: bool = False,
    ) -> bool:
        """Take a key: True where it belongs to the name, else the name has ended.

        A letter that does not continue the name is not taken; whoever rubs it out at once has
        mistyped it and goes on with the name. In the midst of a name that is typed to its end
        such a letter is taken too where it would do more than go somewhere, and so is what
        continues the name behind it: else the rest of the name would land in what it opens.

        Args:
            key: Its name.
            character: What it typed, if anything.
            now: Seconds on the clock that began it.
            action: What the key does where it is no part of a name; None for nothing.
            unbound: Whether it is known that the key does nothing.
        """
        was_kept, self.kept = self.kept, False
        if not self.continues(key, character, now):
            if was_kept:
                # Nothing goes on behind the key that was kept back, so that one was a command.
                self.over = True
                return False
            self.patience = TYPO
            if unbound and self._is_stray(character, now):
                # It can be no command, so it is a letter too many, and the name goes on behind it.
                self.missed = self._slipped = True
                self._last, self._taken = now, key
                return True
            return self._misses(key, character, now, action)
        self._doubted = self._taken if was_kept and key != "backspace" else ""
        self._last, self._taken = now, key
        if self.missed and key != "backspace":
            self._go_on_behind(character)
        elif key == "enter":
            self.over = True
        elif key == "backspace":
            self._rub_out()
        elif character is not None:
            # Both readings store nothing, so the next key may tell which one is meant.
            moves = action is not None and action.section == "move" and self.narrow is None
            self.kept = moves and len(self._typed) == self._picked_after
            self.patience = PAUSE
            self._typed += character
            # Behind letters that were rubbed out another name is meant, which may be none of these.
            if self.narrow is not None and not self._rubbing:
                self.narrow(self._typed)
        return True

    def _misses(self, key: str, character: str | None, now: float, action: Action | None) -> bool:
        """Take a key that does not continue the name; True where it is a mistyped letter of it."""
        was_typed = character is not None and character.isprintable()
        late = now - self._last > PAUSE
        mistyped = was_typed and not late and not self.over
        mistyped = mistyped and self._is_slip(key, character or "", now, action)
        # The first letter that is not taken may still be rubbed out; a second one ends the name.
        self.over = not mistyped and (self.over or self.missed or late or not was_typed)
        # The last letter twice may have moved the cursor; `enter` behind it still ends the name.
        doubled = was_typed and self._is_whole and self._doubles(character or "")
        self._slipped = mistyped or (doubled and now - self._last <= TYPO)
        self.missed, self._last, self._doubted = True, now, ""
        if mistyped:
            self._taken = key
        return mistyped

    def _is_slip(self, key: str, character: str, now: float, action: Action | None) -> bool:
        """Whether a key is taken as a mistyped letter of the name, or kept back for one (`kept`).

        The less can be undone of what the key does, the less it takes to hold it for a slip.
        """
        if action is None:
            return False
        is_quick = now - self._last <= TYPO
        in_midst = self.is_mistyped("")
        if self.missed and key == self._taken and (action.decision or not in_midst):
            return False  # as it was said: it is meant the second time
        leaves_task = action.decision or action.id == "later"
        # A move is taken back by one key; and who jumps to a word types no more of it than is
        # needed, so that what follows is a command.
        if not leaves_task and (self.narrow is not None or _only_goes(action)):
            return False
        if is_quick and self._doubles(character):
            # Two letters behind those that picked the name say that it is typed to its end: then
            # the key is a letter, and is not kept back to see what follows.
            typed_on = in_midst and len(self._typed) > self._picked_after + 1
            self.kept = not (leaves_task and typed_on)
            return True
        # Only of decisions it is said that the same key again is meant, so only they ask for it.
        if self.is_mistyped(key if action.decision else ""):
            return action.decision or self.narrow is None
        # `later` takes the task from the screen, so it is a slip however slowly it was typed.
        if not ((is_quick or action.id == "later") and self._is_near(character)):
            return False
        self.kept = action.id != "later"
        return True

    def _is_stray(self, character: str | None, now: float) -> bool:
        """Whether a letter that does nothing came between those of the name. Digits may be a number
        that is typed before a command."""
        typed = character is not None and character.isalpha()
        open_to_it = not (self.over or self._is_whole) and self.narrow is None
        return typed and open_to_it and now - self._last <= TYPO

    def _doubles(self, character: str) -> bool:
        """Whether a character is the last one of the name once more."""
        last = self._typed[-1:]
        # Two characters that are the same one in a reading, whatever the layout makes of them.
        return any(len(set(each)) == 1 for each in readings(last + character)) and last > ""

    def _is_near(self, character: str) -> bool:
        """Whether a character comes easily in the place of the next letter of the name: it lies
        beside it, or is the letter behind it."""
        size = len(self._typed)
        begun = readings(self._typed)
        found = readings(character)
        for name in (each for each in self._names if each.startswith(begun)):
            expected, behind = name[size : size + 1], name[size + 1 : size + 2]
            if any(each == behind or are_neighbours(each, expected) for each in found):
                return True
        return False

    @property
    def _reads_on(self) -> bool:
        """Whether letters are read on behind a mistyped one: in the midst of a name that needs no
        further letter. Who jumps to a word types as much of it as is needed, and then a command."""
        return self.narrow is None and (self._slipped or self.is_mistyped(""))

    def _behind_mistyped(self, character: str | None) -> str:
        """Return what is typed of the name where a character goes on behind a mistyped letter that
        was one too many or stands for another one; empty where it does not."""
        if not character:
            return ""
        size = len(self._typed)
        begun = (name for name in self._names if name.startswith(fold(self._typed).text))
        for name in begun:
            # The mistyped letter was one too many, or stood in the place of the name's next one.
            for typed in (self._typed, name[: size + 1]):
                if any(name.startswith(each) for each in readings(typed + character)):
                    return typed + character
        return ""

    def _go_on_behind(self, character: str | None) -> None:
        """Go on with the name behind a mistyped letter; what ends the name ends it here too."""
        typed = self._behind_mistyped(character)
        self.missed, self._slipped, self.over = False, False, not typed
        self._typed = typed or self._typed

    def _rub_out(self) -> None:
        """Take the last letter back. Whoever goes on behind the beginning that picked the name
        means another one: all that is typed then is read as letters, until a pause."""
        if self.missed:
            self.missed = self._slipped = False
        elif len(self._typed) > self._picked_after:
            self._typed = self._typed[:-1]
            if self.narrow is not None:
                self.narrow(self._typed)
        else:
            self._rubbing = True

    def is_mistyped(self, key: str) -> bool:
        """Whether a key that does not continue the name comes in its midst: more was typed than
        picked it, and not all of it. The same key a second time is meant, as it is said then.

        Args:
            key: Its name.
        """
        if len(self._typed) <= self._picked_after or key == self._taken:
            return False
        return not self._is_whole

    @property
    def _is_whole(self) -> bool:
        """Whether the name was typed to its end."""
        return any(each in self._names for each in readings(self._typed))

    def told(self, press: KeyPress, action: Action | None) -> str:
        """Return what is said about a key that was swallowed: what it was read as, and how the
        command is given that it may have been meant as.

        Args:
            press: The key.
            action: What it does where it is no part of a name; None for nothing.
        """
        key = shown_key(press.key)
        if self.kept:
            return f"{self._picked}; is {key} a letter of the name?"
        if self._doubted:
            return f"{self._picked}; {shown_key(self._doubted)} was read as a letter of the name"
        if self.missed and action is None:
            return f"{self._picked}; {key} is no letter of the name"
        if self.missed:
            return f"{self._picked}; {key} is no letter of the name, {self._again(press, action)}"
        parts = {"enter": "the end of the name", "backspace": "a correction of the name"}
        part = parts.get(press.key, "a letter of the name")
        said = f"{self._picked}; {key} was read as {part}"
        return said if action is None else f"{said}, {self._again(press, action)}"

    def _again(self, press: KeyPress, action: Action | None) -> str:
        """Return how the command of a key is given, in words."""
        key = shown_key(press.key)
        goes_on = press.key == "backspace" or (not self.missed and self._goes_on(press.character))
        if action is not None and not action.decision:
            in_midst = self.narrow is None and self.is_mistyped("")
            goes_on = goes_on or (in_midst and not _only_goes(action))
        again = "after a second" if goes_on and not self.over else "again"
        if action is None or not action.decision:
            return f"{key} {again}: {action.label if action is not None else 'nothing'}"
        return f"{key} {again} {_VERBS.get(action.id, action.label)}"

    def _goes_on(self, character: str | None) -> bool:
        if self.over or not character:
            return False
        if self._rubbing:
            return character.isprintable()
        found = readings(self._typed + character)
        return any(name.startswith(each) for name in self._names for each in found)


def _only_goes(action: Action) -> bool:
    """Whether an action does no more than go somewhere at once."""
    return action.section == "move" and action.id not in _MORE_THAN_GOING
