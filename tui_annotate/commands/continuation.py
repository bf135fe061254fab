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
from enum import Enum, auto

from tui_annotate.commands.finder import readings
from tui_annotate.commands.key_names import are_neighbours, shown_key
from tui_annotate.commands.keymap import KeyPress
from tui_annotate.commands.table import Action
from tui_annotate.text.folding import fold
from tui_annotate.text.safe import safe_line

PAUSE = 1.0
"""Seconds without a key after which the next one is a command again."""

PAUSE_WITHIN = 2.0
"""The same for the next letter and `enter` in the midst of a name: who has typed more of it than
was needed types it to its end, also where that takes a look at the screen."""

TYPO = 0.3
"""Seconds within which a key that is like a letter of the name may be a mistyped one. So long a key
is kept back that may be a command as well."""

TWICE = 0.5
"""Seconds within which `enter` behind a name that it has ended was pressed once too often."""

_NAME_CELLS = 30
"""Cells of a name in a sentence."""

_MORE_THAN_GOING = frozenset({"find", "go", "search", "next_point", "previous_point"})
"""Actions that go somewhere, but ask where first, or change what a label then takes."""

_VERBS = {"accept": "accepts", "reject": "rejects", "ignore": "ignores it"}


class _Meaning(Enum):
    """What a key means to the name that was picked."""

    LETTER = auto()
    """The next letter."""

    LETTER_OR_MOVE = auto()
    """The next letter, or the command that moves the cursor. The next key tells."""

    LETTER_BEHIND_SLIP = auto()
    """A letter that goes on with the name behind a mistyped one."""

    CORRECTION = auto()
    """Rubs out."""

    CONFIRMATION = auto()
    """`enter` behind the name, which ends it."""

    SECOND_CONFIRMATION = auto()
    """`enter` once more, which nobody means."""

    SLIP = auto()
    """A mistyped letter, and not the command that it would be otherwise."""

    SLIP_OR_COMMAND = auto()
    """A mistyped letter, or a command. The next key tells."""

    STRAY = auto()
    """A letter too many, which is no command."""

    COMMAND = auto()
    """A command. Whoever rubs it out at once has mistyped a letter, and goes on with the name."""

    COMMAND_BEHIND_MOVE = auto()
    """A command behind a move that was kept back. If it is rubbed out, both were letters."""

    COMMAND_OR_LAST_LETTER = auto()
    """A command, or the last letter of the name twice: `enter` behind it still ends the name."""

    OUTSIDE = auto()
    """A command, and the name has ended: nothing that follows belongs to it."""


_GO_ON = frozenset(
    {
        _Meaning.LETTER,
        _Meaning.LETTER_OR_MOVE,
        _Meaning.LETTER_BEHIND_SLIP,
        _Meaning.CORRECTION,
        _Meaning.CONFIRMATION,
        _Meaning.SECOND_CONFIRMATION,
    }
)
_SLIPS = frozenset({_Meaning.SLIP, _Meaning.SLIP_OR_COMMAND, _Meaning.STRAY})
_COMMANDS = {_Meaning.COMMAND, _Meaning.COMMAND_BEHIND_MOVE, _Meaning.COMMAND_OR_LAST_LETTER}
_UNSURE = frozenset({_Meaning.LETTER_OR_MOVE, _Meaning.SLIP_OR_COMMAND})
_LAST = frozenset({_Meaning.CONFIRMATION, _Meaning.SECOND_CONFIRMATION, _Meaning.OUTSIDE})


class _Effect(Enum):
    """What the command of a key does, by how much of it can be undone."""

    NOTHING = auto()
    GOES = auto()
    """Goes somewhere at once, which one key takes back."""

    CHANGES = auto()
    """Changes the task, or opens something."""

    POSTPONES = auto()
    """Takes the task from the screen, but does not answer it."""

    ANSWERS = auto()


class Continuation:
    """Swallows what continues a name that has been picked.

    Args:
        picked: What was picked.
        names: The names that may be meant by what is typed; more than one where a beginning has
            several and the first was picked, as in a jump to a word.
        typed: What was typed of them so far.
        now: Seconds on a clock that only goes forward.
        done: What was done with it, as a sentence says it: `DATE given`, `Berlin found`.
        ended: The name was typed to its end, `enter` included.
        narrow: Called with all that is typed after each character that goes on with a name, where
            that picks another one of `names`.
        again: Picks the name again, where a mistyped letter has picked another one.

    Attributes:
        over: Nothing is swallowed any more.
        narrow, again: As above.
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
        ended: bool = False,
    ) -> None:
        self.over = ended
        self._ended_at = now if ended else None  # when `enter` ended the name
        self._picked = f"{safe_line(picked, _NAME_CELLS)} {done}"
        self._names = tuple(fold(name).text for name in names)
        self._typed = typed
        self._picked_after = len(typed)  # letters that were enough to pick the name
        self._doubted = ""  # the key that was kept back until now, and was a letter
        self._taken = ""  # the last key that was swallowed
        self._last = now  # when the last key came
        self._meaning = _Meaning.LETTER  # what the last key meant
        self._rubbing = False  # more was rubbed out than was typed since the name was picked
        self.narrow = narrow
        self.again = again

    @property
    def rest(self) -> str:
        """What is left of the name to be typed; empty where it was picked by another part of it."""
        begun = readings(self._typed)
        name = next((each for each in self._names if each.startswith(begun)), "")
        return name[len(self._typed) :]

    @property
    def kept(self) -> bool:
        """Whether the last key is kept back: it is carried out with the next one that does not
        continue the name, or after `patience`."""
        return self._meaning in _UNSURE

    @property
    def patience(self) -> float:
        """For how many seconds the key is kept back. Where both of its meanings store nothing,
        it may take as long as people take for a letter."""
        return PAUSE if self._meaning is _Meaning.LETTER_OR_MOVE else TYPO

    @property
    def last_was_no_letter(self) -> bool:
        """Whether the last key did not continue the name; rubbing it out does."""
        return self._meaning in _SLIPS or self._meaning in _COMMANDS

    def continues(self, key: str, character: str | None, now: float) -> bool:
        """Whether a key would be swallowed now.

        Args:
            key: Its name.
            character: What it typed, if anything.
            now: Seconds on the clock that began it.
        """
        pause = PAUSE_WITHIN if self._types_on and key != "backspace" else PAUSE
        if self._has_ended(now, pause):
            return False
        if key == "backspace":
            return True
        if self.last_was_no_letter:
            return self._reads_on and (key == "enter" or self._behind_mistyped(character) > "")
        return key == "enter" or self._goes_on(character)

    def swallows(
        self, key: str, character: str | None, now: float, action: Action | None = None
    ) -> bool:
        """Take a key: True if it belongs to the name, or may; else it is to be carried out.

        A letter that does not continue the name is not taken; whoever rubs it out at once has
        mistyped it and goes on with the name. In the midst of a name that is typed to its end
        such a letter is taken too where it would do more than go somewhere, and so is what
        continues the name behind it: else the rest of the name would land in what it opens.

        Args:
            key: Its name.
            character: What it typed, if anything.
            now: Seconds on the clock that began it.
            action: What the key does where it is no part of a name; None for nothing.
        """
        if self._is_second_enter(key, now, action):
            meaning = _Meaning.SECOND_CONFIRMATION
        elif self.continues(key, character, now):
            meaning = self._meaning_within(key, action)
        else:
            meaning = self._meaning_beside(key, character, now, action)
        return self._take(meaning, key, character, now)

    @property
    def _is_jump(self) -> bool:
        """Whether it is no label that is typed, but the word to jump to."""
        return self.narrow is not None

    def _is_second_enter(self, key: str, now: float, action: Action | None) -> bool:
        """Whether `enter` comes twice at the end of a name, and chooses what nobody has named."""
        ended = self._ended_at is not None and now - self._ended_at <= TWICE
        return ended and key == "enter" and action is not None and action.id == "toggle"

    def _has_ended(self, now: float, pause: float = PAUSE) -> bool:
        return self.over or now - self._last > pause

    @property
    def _types_on(self) -> bool:
        """Whether the name is typed to its end, as far as that can be told."""
        return self._is_in_midst and not (self._is_jump or self.last_was_no_letter or self._rubbing)

    def _meaning_within(self, key: str, action: Action | None) -> _Meaning:
        """Return what a key means that continues the name."""
        if key == "enter":
            return _Meaning.CONFIRMATION
        if key == "backspace":
            return _Meaning.CORRECTION
        if self.last_was_no_letter:
            return _Meaning.LETTER_BEHIND_SLIP
        moves = action is not None and action.section == "move"
        is_first_behind = len(self._typed) == self._picked_after
        if moves and is_first_behind and not self._is_jump:
            return _Meaning.LETTER_OR_MOVE
        return _Meaning.LETTER

    def _meaning_beside(
        self, key: str, character: str | None, now: float, action: Action | None
    ) -> _Meaning:
        """Return what a key means that does not continue the name. The first that holds decides:
        1. After a pause, of a key that types nothing, or behind a move that was kept back and a
           command: a command, and the name has ended.
        2. Behind a key that was kept back: both are commands.
        3. A quick letter that does nothing: a stray one.
        4. What `_slip` holds for one: a slip, or it may be.
        5. Behind another letter that did not continue the name: a command, and it has ended.
        6. The last letter of a whole name, quickly once more: that letter, or a command.
        7. Else: a command, which rubbing out takes back.
        """
        types = character is not None and character.isprintable()
        if self._has_ended(now) or not types or self._meaning is _Meaning.COMMAND_BEHIND_MOVE:
            return _Meaning.OUTSIDE
        # Where nothing goes on behind a key that was kept back, that one was a command.
        if self._meaning is _Meaning.LETTER_OR_MOVE:
            return _Meaning.COMMAND_BEHIND_MOVE
        if self.kept:
            return _Meaning.OUTSIDE
        typed = character or ""
        quick = now - self._last <= TYPO
        if action is None and quick and self._is_stray(typed):
            return _Meaning.STRAY
        slip = self._slip(key, typed, _effect(action), quick=quick)
        if slip is not None:
            return slip
        if self.last_was_no_letter:
            return _Meaning.OUTSIDE  # only the first letter that is not taken may be rubbed out
        if quick and self._is_whole and self._doubles(typed):
            return _Meaning.COMMAND_OR_LAST_LETTER
        return _Meaning.COMMAND

    def _slip(self, key: str, character: str, effect: _Effect, *, quick: bool) -> _Meaning | None:
        """Return what a key means that may be a mistyped letter of the name; None for a command.

        The less can be undone of what the key does, the less it takes to hold it for a slip.
        """
        if not self._may_slip(effect) or self._is_meant(key, effect):
            return None
        if quick and self._doubles(character):
            return self._doubled_letter(effect)
        is_quick_and_near = quick and self._is_near(character)
        if effect is _Effect.ANSWERS:
            if self._is_mistyped(key):
                return _Meaning.SLIP
            return _Meaning.SLIP_OR_COMMAND if is_quick_and_near else None
        if effect is _Effect.POSTPONES:  # it takes the task away, however slowly it was typed
            is_slip = self._is_in_midst or self._is_near(character)
            return _Meaning.SLIP if is_slip else None
        if self._is_in_midst:
            return _Meaning.SLIP
        return _Meaning.SLIP_OR_COMMAND if is_quick_and_near else None

    def _may_slip(self, effect: _Effect) -> bool:
        """Whether a command would do enough harm to be held for a slip at all. Who jumps to a word
        types no more of it than is needed, so only what takes the task away would there."""
        if effect is _Effect.CHANGES:
            return not self._is_jump
        return effect in (_Effect.POSTPONES, _Effect.ANSWERS)

    def _is_meant(self, key: str, effect: _Effect) -> bool:
        """Whether a key that was taken for a slip comes again, so that it was a command. In the
        midst of a name a pause is asked for instead, but for decisions and in a jump."""
        is_again = self.last_was_no_letter and key == self._taken
        again_counts = effect is _Effect.ANSWERS or self._is_jump or not self._is_in_midst
        return is_again and again_counts

    def _doubled_letter(self, effect: _Effect) -> _Meaning:
        """Return what the last letter twice means. Two letters behind those that picked the name
        say that it is typed to its end: then the key is not kept back to see what follows."""
        typed_on = self._is_in_midst and len(self._typed) > self._picked_after + 1
        if typed_on and effect in (_Effect.POSTPONES, _Effect.ANSWERS):
            return _Meaning.SLIP
        return _Meaning.SLIP_OR_COMMAND

    def _is_stray(self, character: str) -> bool:
        """Whether a letter that does nothing came between those of the name. Digits may be a number
        that is typed before a command."""
        return character.isalpha() and not self._is_whole and not self._is_jump

    def _take(self, meaning: _Meaning, key: str, character: str | None, now: float) -> bool:
        """Do what follows from what a key means; True where it is swallowed."""
        kept_was_letter = self.kept and meaning in _GO_ON - {_Meaning.CORRECTION}
        self._doubted = self._taken if kept_was_letter else ""
        if meaning is _Meaning.CORRECTION:
            self._rub_out()
        elif meaning is _Meaning.LETTER_BEHIND_SLIP:
            self._typed = self._behind_mistyped(character)
        elif meaning in (_Meaning.LETTER, _Meaning.LETTER_OR_MOVE):
            self._type(character or "")
        elif meaning is _Meaning.CONFIRMATION:
            self._ended_at = now
        self._meaning, self._last = meaning, now
        self.over = meaning in _LAST
        swallowed = meaning in _GO_ON or meaning in _SLIPS
        if swallowed:
            self._taken = key
        return swallowed

    def _type(self, character: str) -> None:
        self._typed += character
        # Behind letters that were rubbed out another name is meant, which may be none of these.
        if self.narrow is not None and not self._rubbing:
            self.narrow(self._typed)

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
        if self._meaning is _Meaning.COMMAND_BEHIND_MOVE:
            return False
        behind_slip = self._meaning in _SLIPS or self._meaning is _Meaning.COMMAND_OR_LAST_LETTER
        return not self._is_jump and (behind_slip or self._is_in_midst)

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

    def _rub_out(self) -> None:
        """Take the last letter back. Whoever goes on behind the beginning that picked the name
        means another one: all that is typed then is read as letters, until a pause."""
        if self.last_was_no_letter:
            return  # what is rubbed out is the mistyped letter, which is none of the name's
        if len(self._typed) > self._picked_after:
            self._typed = self._typed[:-1]
            if self.narrow is not None:
                self.narrow(self._typed)
        else:
            self._rubbing = True

    def _is_mistyped(self, key: str) -> bool:
        """Whether a key that does not continue the name comes in its midst. The same key a second
        time is meant, as it is said then."""
        return self._is_in_midst and key != self._taken

    @property
    def _is_in_midst(self) -> bool:
        """Whether more was typed of the name than picked it, and not all of it."""
        return len(self._typed) > self._picked_after and not self._is_whole

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
        if self._meaning is _Meaning.SECOND_CONFIRMATION:
            return f"{self._picked}; {key} came twice, the second one was not counted"
        if self.kept:
            return f"{self._picked}; is {key} a letter of the name?"
        if self._doubted:
            return f"{self._picked}; {shown_key(self._doubted)} was read as a letter of the name"
        if self.last_was_no_letter and action is None:
            return f"{self._picked}; {key} is no letter of the name"
        if self.last_was_no_letter:
            return f"{self._picked}; {key} is no letter of the name, {self._again(press, action)}"
        parts = {"enter": "the end of the name", "backspace": "a correction of the name"}
        part = parts.get(press.key, "a letter of the name")
        said = f"{self._picked}; {key} was read as {part}"
        return said if action is None else f"{said}, {self._again(press, action)}"

    def _again(self, press: KeyPress, action: Action | None) -> str:
        """Return how the command of a key is given, in words."""
        key = shown_key(press.key)
        is_next = not self.last_was_no_letter and self._goes_on(press.character)
        goes_on = press.key == "backspace" or is_next
        if action is not None and not action.decision:
            in_midst = not self._is_jump and self._is_in_midst
            goes_on = goes_on or (in_midst and _effect(action) is not _Effect.GOES)
        pause = "after two seconds" if is_next and self._types_on else "after a second"
        again = pause if goes_on and not self.over else "again"
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


def _effect(action: Action | None) -> _Effect:
    """Return what an action does to the task."""
    if action is None:
        return _Effect.NOTHING
    if action.decision:
        return _Effect.ANSWERS
    if action.id == "later":
        return _Effect.POSTPONES
    only_goes = action.section == "move" and action.id not in _MORE_THAN_GOING
    return _Effect.GOES if only_goes else _Effect.CHANGES
