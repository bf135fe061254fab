"""What is still typed of a name when its beginning has picked it already.

A prompt closes as soon as what is typed can mean one name only, while the person may go on typing
that name to its end. What continues the name is swallowed, and one `enter`; the first key that
does not continue it ends that at once, and so does a pause. Whether a letter goes on with the name
or is a command cannot be told, so the reading that stores nothing wins, and what was swallowed is
said. Every prompt and every keymap uses this.

Some keys are kept back until the next one, or for a moment, and are letters where the name goes
on: what is mistyped for a letter, which comes as fast as letters do and is the one before it again,
lies beside the one that is expected, or is the letter behind that; any quick key that takes the
task away, right behind those that picked the name; and a key that moves the cursor, if it is the
first letter behind those. None of them costs who means a command another key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum, auto

from tui_annotate.commands.key_names import shown_key
from tui_annotate.commands.keymap import KeyPress
from tui_annotate.commands.name_finder import TypedName
from tui_annotate.commands.table import Action
from tui_annotate.text.safe import safe_line

PAUSE = 1.0
"""Seconds without a key after which the next one is a command again."""

PAUSE_WITHIN = 2.0
"""The same for the next letter and `enter` in the midst of a name: who has typed more of it than
was needed types it to its end, also where that takes a look at the screen."""

TYPO = 0.3
"""Seconds within which a key that is like a letter of the name may be a mistyped one. So long a key
is kept back that may be a command as well. For who types more slowly it is longer."""

_LONGEST_TYPO = 0.6
_UNEVEN = 1.25
"""The longest time between two keys of somebody, as a part of the one before."""

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
        reopen: Takes back that the name was picked, and asks for another one that begins with the
            text it is given; False where that cannot be. It is called if the beginning that picked
            the name is rubbed out.

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
        reopen: Callable[[str], bool] = lambda _: False,
        ended: bool = False,
    ) -> None:
        self.over = ended
        self._ended_at = now if ended else None  # when `enter` ended the name
        self._picked = f"{safe_line(picked, _NAME_CELLS)} {done}"
        self._name = TypedName(names, typed)
        self._kept_letter = ""  # the key that was kept back until now, and was a letter
        self._last_swallowed = ""  # the last key that was swallowed
        self._last = now  # when the last key came
        self._meaning = _Meaning.LETTER  # what the last key meant
        self._rubbing = False  # more was rubbed out than was typed since the name was picked
        self._typo, self._is_timed = TYPO, True
        self._is_taken_back = False  # and another name is asked for
        self.narrow = narrow
        self.again = again
        self._reopen = reopen

    @property
    def rest(self) -> str:
        """What is left of the name to be typed; empty where it was picked by another part of it."""
        return self._name.rest

    @property
    def kept(self) -> bool:
        """Whether the last key is kept back: it is carried out with the next one that does not
        continue the name, or after `patience`."""
        return self._meaning in _UNSURE

    @property
    def patience(self) -> float:
        """For how many seconds the key is kept back. Where both of its meanings store nothing,
        it may take as long as people take for a letter."""
        return PAUSE if self._meaning is _Meaning.LETTER_OR_MOVE else self._typo

    @property
    def last_was_no_letter(self) -> bool:
        """Whether the last key did not continue the name; rubbing it out does."""
        return self._meaning in _SLIPS or self._meaning in _COMMANDS

    def adapt(self, seconds: float | None) -> None:
        """Take somebody's time for a key, for those that follow: the longest in which a key may be
        a mistyped letter. None where no person types, so that time tells nothing."""
        self._is_timed = seconds is not None
        if seconds is not None:
            self._typo = min(max(TYPO, seconds * _UNEVEN), _LONGEST_TYPO)

    def come_back(self, stopped: float, now: float) -> None:
        """Go on after the program was stopped, as by ctrl+z, if the name had not ended then: who
        comes back looks at the screen first.

        Args:
            stopped: When it was stopped.
            now: When it goes on.
        """
        if not self._has_ended(stopped):
            self._last = now + PAUSE

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
            is_letter = bool(self._name.behind_slip(character or ""))
            return self._reads_on and (key == "enter" or is_letter)
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
            meaning = self._meaning_of_part(key, action)
        else:
            meaning = self._meaning_of_other(key, character, now, action)
        return self._take_as(meaning, key, character, now)

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
        in_midst = self._name.is_in_midst
        return in_midst and not (self._is_jump or self.last_was_no_letter or self._rubbing)

    def _meaning_of_part(self, key: str, action: Action | None) -> _Meaning:
        """Return what a key means that continues the name."""
        if key == "enter":
            return _Meaning.CONFIRMATION
        if key == "backspace":
            return _Meaning.CORRECTION
        if self.last_was_no_letter:
            return _Meaning.LETTER_BEHIND_SLIP
        moves = action is not None and action.section == "move"
        # Who types on is not known before the second letter, and `j` or `w` behind a label is as
        # likely a move. A jump has moved already, so that a letter behind it narrows it down.
        if moves and self._name.is_only_picked and not self._is_jump:
            return _Meaning.LETTER_OR_MOVE
        return _Meaning.LETTER

    def _meaning_of_other(
        self, key: str, character: str | None, now: float, action: Action | None
    ) -> _Meaning:
        """Return what a key means that does not continue the name; the first rule that holds
        decides, so that their order matters."""
        types = character is not None and character.isprintable()
        if self._has_ended(now) or not types:
            return _Meaning.OUTSIDE
        # The move was carried out and so was the command behind it: a third key is no correction.
        if self._meaning is _Meaning.COMMAND_BEHIND_MOVE:
            return _Meaning.OUTSIDE
        # A key is kept back to see whether the name goes on. It does not, so both were commands;
        # of a move and a command both may still turn out to be letters, if they are rubbed out.
        if self._meaning is _Meaning.LETTER_OR_MOVE:
            return _Meaning.COMMAND_BEHIND_MOVE
        if self.kept:
            return _Meaning.OUTSIDE
        typed = character or ""
        quick = now - self._last <= self._typo
        if action is None and quick and self._is_stray(typed):
            return _Meaning.STRAY
        # Before the rule of two wrong letters: behind one slip there may be another, and a decision
        # that is one must not be carried out.
        slip = self._slip(key, typed, _effect(action), quick=quick)
        if slip is not None:
            return slip
        # One wrong letter may be rubbed out; two of them are not typed for the name.
        if self.last_was_no_letter:
            return _Meaning.OUTSIDE
        if quick and self._name.is_whole and self._name.doubles(typed):
            return _Meaning.COMMAND_OR_LAST_LETTER
        return _Meaning.COMMAND

    def _slip(self, key: str, character: str, effect: _Effect, *, quick: bool) -> _Meaning | None:
        """Return what a key means that may be a mistyped letter of the name; None for a command.

        The less can be undone of what the key does, the less it takes to hold it for a slip.
        """
        if not self._may_slip(effect) or self._is_meant(key, effect):
            return None
        if quick and self._name.doubles(character):
            return self._doubled_letter(effect)
        if self._is_surely_slip(key, character, effect):
            return _Meaning.SLIP
        if quick and (self._name.is_near(character) or self._is_right_behind_pick(effect)):
            return _Meaning.SLIP_OR_COMMAND
        return None

    def _is_right_behind_pick(self, effect: _Effect) -> bool:
        """Whether a key that takes the task away comes where the second letter of a name would be,
        which any wrong letter may stand for."""
        takes_away = self._is_timed and effect in (_Effect.POSTPONES, _Effect.ANSWERS)
        is_second = self._name.is_only_picked and not self._name.is_whole
        return takes_away and is_second and not (self._is_jump or self.last_was_no_letter)

    def _is_surely_slip(self, key: str, character: str, effect: _Effect) -> bool:
        """Whether a key is held for a slip without a look at the next one."""
        in_midst = self._name.is_in_midst
        # The screen would show another task, to which the rest of the name would then be typed.
        if effect is _Effect.POSTPONES:
            return in_midst or self._name.is_near(character)
        # It was said that the same key once more decides.
        if effect is _Effect.ANSWERS:
            return in_midst and key != self._last_swallowed
        return in_midst

    def _may_slip(self, effect: _Effect) -> bool:
        """Whether a command would do enough harm to be held for a slip at all. Who jumps to a word
        types no more of it than is needed, so only what takes the task away would there."""
        if effect is _Effect.CHANGES:
            return not self._is_jump
        return effect in (_Effect.POSTPONES, _Effect.ANSWERS)

    def _is_meant(self, key: str, effect: _Effect) -> bool:
        """Whether a key that was taken for a slip comes again, so that it was a command. In the
        midst of a name a pause is asked for instead, but for decisions and in a jump."""
        is_again = self.last_was_no_letter and key == self._last_swallowed
        again_counts = effect is _Effect.ANSWERS or self._is_jump or not self._name.is_in_midst
        return is_again and again_counts

    def _doubled_letter(self, effect: _Effect) -> _Meaning:
        """Return what the last letter twice means. Two letters behind those that picked the name
        say that it is typed to its end: then the key is not kept back to see what follows."""
        if self._name.is_typed_on and effect in (_Effect.POSTPONES, _Effect.ANSWERS):
            return _Meaning.SLIP
        return _Meaning.SLIP_OR_COMMAND

    def _is_stray(self, character: str) -> bool:
        """Whether a letter that does nothing came between those of the name. Digits may be a number
        that is typed before a command."""
        return character.isalpha() and not self._name.is_whole and not self._is_jump

    def _take_as(self, meaning: _Meaning, key: str, character: str | None, now: float) -> bool:
        """Do what follows from what a key means; True where it is swallowed."""
        kept_was_letter = self.kept and meaning in _GO_ON - {_Meaning.CORRECTION}
        self._kept_letter = self._last_swallowed if kept_was_letter else ""
        # `_meaning` still is that of the key before this one, on which `_rub_out` depends.
        if meaning is _Meaning.CORRECTION:
            self._rub_out()
        elif meaning is _Meaning.LETTER_BEHIND_SLIP:
            self._name.typed = self._name.behind_slip(character or "")
        elif meaning in (_Meaning.LETTER, _Meaning.LETTER_OR_MOVE):
            self._type(character or "")
        elif meaning is _Meaning.CONFIRMATION:
            self._ended_at = now
        self._meaning, self._last = meaning, now
        self.over = meaning in _LAST or self._is_taken_back
        swallowed = meaning in _GO_ON or meaning in _SLIPS
        if swallowed:
            self._last_swallowed = key
        return swallowed

    def _type(self, character: str) -> None:
        self._name.typed += character
        # Behind letters that were rubbed out another name is meant, which may be none of these.
        if self.narrow is not None and not self._rubbing:
            self.narrow(self._name.typed)

    @property
    def _reads_on(self) -> bool:
        """Whether letters are read on behind a mistyped one: in the midst of a name that needs no
        further letter. Who jumps to a word types as much of it as is needed, and then a command."""
        if self._meaning is _Meaning.COMMAND_BEHIND_MOVE:
            return False
        behind_slip = self._meaning in _SLIPS or self._meaning is _Meaning.COMMAND_OR_LAST_LETTER
        return not self._is_jump and (behind_slip or self._name.is_in_midst)

    def _rub_out(self) -> None:
        """Take the last letter back. Whoever goes on behind the beginning that picked the name
        means another one: all that is typed then is read as letters, until a pause."""
        if self.last_was_no_letter:
            return  # what is rubbed out is the mistyped letter, which is none of the name's
        if not self._name.rub_out():
            self._is_taken_back = not self._rubbing and self._reopen(self._name.typed)
            self._rubbing = True
        elif self.narrow is not None:
            self.narrow(self._name.typed)

    def told(self, press: KeyPress, action: Action | None) -> str:
        """Return what is said about a key that was swallowed: what it was read as, and how the
        command is given that it may have been meant as.

        Args:
            press: The key.
            action: What it does where it is no part of a name; None for nothing.
        """
        key = shown_key(press.key)
        if self._is_taken_back:
            return f"{self._picked}, and taken back: type the name that is meant"
        if self._meaning is _Meaning.SECOND_CONFIRMATION:
            return f"{self._picked}; {key} came twice, the second one was not counted"
        if self.kept:
            return f"{self._picked}; is {key} a letter of the name?"
        if self._kept_letter:
            return (
                f"{self._picked}; {shown_key(self._kept_letter)} was read as a letter of the name"
            )
        parts = {"enter": "the end of the name", "backspace": "a correction of the name"}
        part = parts.get(press.key, "a letter of the name")
        read_as = "is no letter of the name" if self.last_was_no_letter else f"was read as {part}"
        said = f"{self._picked}; {key} {read_as}"
        return said if action is None else f"{said}, {self._how_to_command(press, action)}"

    def _how_to_command(self, press: KeyPress, action: Action) -> str:
        """Return in words how a key that was swallowed is given as the command that it also is."""
        key, when = shown_key(press.key), self._when_a_command(press, action)
        if action.decision:
            return f"{key} {when} {_VERBS.get(action.id, action.label)}"
        return f"{key} {when}: {action.label}"

    def _when_a_command(self, press: KeyPress, action: Action) -> str:
        """Return when the same key would be carried out: `again`, or only after a pause, because
        it would be swallowed again."""
        if self.over:
            return "again"
        if not self.last_was_no_letter and self._goes_on(press.character):
            return "after two seconds" if self._types_on else "after a second"
        # As in `_is_meant`: in the midst of a name the same key twice is still no command, but for
        # decisions. What only goes somewhere is never held for a slip.
        effect = _effect(action)
        may_be_meant = self._is_jump or not self._name.is_in_midst
        may_be_meant = may_be_meant or effect in (_Effect.ANSWERS, _Effect.GOES)
        return "again" if may_be_meant and press.key != "backspace" else "after a second"

    def _goes_on(self, character: str | None) -> bool:
        if self.over or not character:
            return False
        # The beginning that picked the name is being rubbed out, so that another one is meant,
        # which may be none of those that are known here.
        if self._rubbing:
            return character.isprintable()
        return self._name.goes_on_with(character)


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
