"""What happens to a key before the keymap sees it.

A sequence split by lag never becomes keys; in a burst of keys a decision counts only as the last of
them; a held decision key answers once; other layouts and input methods are seen through.

A burst may be keys that a slow link held up, or text that was pasted where no text is asked for.
Keys without a decision in their midst may be either, and are carried out. Of a burst with one
nothing is carried out from it on: as text none of it was a key, and as keys what follows was typed
blindly for the next task, not for the one on screen.

A decision in a burst that began in a text field, or on another screen, never counts: whoever gave
it cannot have seen yet that the field is closed, and it may be the rest of a pasted text.

To know whether a decision is the last key of a burst, the filter keeps it back for `HOLD` seconds,
and within a burst for as long as that may go on; the same decision again for `REPEAT` seconds,
because a key that is held down comes once more after 200 to 660 ms, as if it were pressed again,
and then 15 to 40 times a second. A face therefore feeds each key, then calls `flush` at `deadline`:

    result = input_filter.feed(event.key, event.character, monotonic())
    carry_out(result)
    if input_filter.deadline is not None:
        wake me at input_filter.deadline and carry_out(input_filter.flush(monotonic()))
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from typing import Literal, TypeAlias

from tui_annotate.commands.key_names import LayoutReader, is_kana, key_of, shown_key
from tui_annotate.commands.keymap import KeyPress
from tui_annotate.commands.pasted_keys import TOGETHER
from tui_annotate.fast_namedtuple import NamedTuple

MOST = 9_999
"""The highest number; a held digit must not become an hour of work."""


class RepeatCount:
    """Digits that were typed and are still to be used."""

    def __init__(self) -> None:
        self._typed = ""

    @property
    def typed(self) -> str:
        """The digits so far."""
        return self._typed

    def takes(self, key: str) -> bool:
        """Take a digit; a zero only behind another one. False for any other key."""
        if not (len(key) == 1 and key in "0123456789") or (key == "0" and not self._typed):
            return False
        self._typed = str(min(int(self._typed + key), MOST))
        return True

    def times(self) -> int:
        """How often the next action is carried out; the number is used up."""
        number = int(self._typed or 1)
        self.forget()
        return number

    def forget(self) -> None:
        """Drop the digits so far."""
        self._typed = ""


PATIENCE = 1.5
"""Seconds within which the next byte of a sequence must follow to be taken as part of it."""

AT_ONCE = 0.02
"""Seconds within which what a reader gives up comes: nobody types `^` and `O` so fast."""

PASTE_PATIENCE = 0.5
"""The same within a paste whose beginning was cut: its end may have arrived whole, unseen here."""

_REPORT = re.compile(r"(\d+);(\d+)R")
_ESCAPES = frozenset({"escape", "circumflex_accent"})  # a reader may report a lone ESC as `^`
_FINALS = frozenset("ABCDEFGHIOPQRSZ~^$@")
_PASTE_START, _PASTE_END = "200~", "201~"


Part: TypeAlias = Literal["bracket", "parameter", "last", "none"]
"""What a key is in a sequence that was begun: a second `[`, as the Linux console's F1 to F5 have it
(`ESC [ [ A` to `E`); a parameter; what ends it; no part of it."""


class SequenceReader:
    """Decides for each key whether it is a piece of a terminal sequence that lag has cut.

    A terminal sends a special key as several bytes, `ESC [ 5 ~` for page up. Where they arrive
    apart, the reader of the terminal gives up waiting and reports the bytes as keys of their own.

    Attributes:
        body: What has been swallowed of the present sequence after `[` or `O`; None outside.
        finished: The body of the sequence that the last key ended; empty otherwise.
    """

    def __init__(self) -> None:
        self.body: str | None = None
        self.finished = ""
        self._single_shift = False  # it began with `ESC O`: one character, and no parameters
        self._after_escape = False
        self._pasting = False  # the beginning of a paste was cut, and its end has not come
        self._last = float("-inf")  # when a piece came last

    def swallows(
        self, key: str, character: str | None, now: float, *, typing: bool = False
    ) -> bool:
        """Whether a key is a piece of a sequence and must be dropped.

        Args:
            key: Its name as a terminal face reports it.
            character: What it typed.
            now: Seconds on a clock that only goes forward.
            typing: Whether it goes to a text field, where `^O` may be typed.
        """
        self.finished = ""
        pasted = self._pasting and self.body is None
        if now - self._last > (PASTE_PATIENCE if pasted else PATIENCE):
            self._forget()
        escaped, self._after_escape = self._after_escape, key in _ESCAPES
        # In a text field an escape leaves something, and what follows by hand is text.
        if typing and now - self._last > AT_ONCE:
            escaped = False
        escaped = escaped or key.startswith("alt+")
        swallowed = self._continues(key, character) or self._begins(character, escaped)
        if swallowed or self._after_escape:
            self._last = now
        return swallowed

    @property
    def is_key(self) -> bool:
        """Whether the sequence that has just ended is one that terminals send: `[A`, not `[sic`."""
        return self.finished[-1:] in _FINALS or (
            len(self.finished) > 1 and self.finished[-1] in "umM"
        )

    @property
    def report(self) -> tuple[int, int] | None:
        """Row and column, if the sequence that has just ended is a cursor position report."""
        found = _REPORT.fullmatch(self.finished)
        return (int(found[1]), int(found[2])) if found else None

    def _forget(self) -> None:
        self.body = None
        self._after_escape = self._pasting = False

    def _begins(self, character: str | None, escaped: bool) -> bool:
        if character == "[":
            self.body, self._single_shift = "", False
        elif character == "O" and escaped:
            self.body, self._single_shift = "", True
        else:
            return self._pasting
        return True

    def _continues(self, key: str, character: str | None) -> bool:
        """Add a key to the sequence that was begun; False where it ends it without being of it."""
        if self.body is None:
            return False
        part = self._part(key, character)
        if part == "none":
            self.body = None
        elif part == "parameter":
            self.body += character or ""
        elif part == "last":
            self._finish(self.body + (character or ""))
        return part != "none"

    def _part(self, key: str, character: str | None) -> Part:
        """Return what a key is in a sequence. One is `ESC [`, parameters from `0` to `?`, and one
        character from `@` to `~`."""
        if character == "^" and self.body:
            return "last"  # it ends rxvt's ctrl+key sequences, but only after parameters
        if character is None or len(character) != 1 or key in _ESCAPES:
            return "none"
        # A second bracket, of the Linux console's function keys, is no last character although it
        # lies among those.
        if character == "[" and not self.body and not self._single_shift:
            return "bracket"
        # `$` and its like stand before the last one, in what terminals say of their modes and rxvt
        # of shift. Right behind the bracket nothing sends them, but a person types them.
        is_intermediate = "!" <= character <= "/" and bool(self.body)
        if "0" <= character <= "?" or is_intermediate:
            return "parameter"
        return "last" if "@" <= character <= "~" else "none"

    def _finish(self, body: str) -> None:
        self.body, self.finished, self._after_escape = None, body, False
        if not self._single_shift and body in (_PASTE_START, _PASTE_END):
            self._pasting = body == _PASTE_START


HOLD = 0.005
"""Seconds for which a decision is kept back that no other key came together with."""

BURST = 5
"""Keys of a burst of which none counts from its first decision on, if others follow that."""

HELD = 0.15
"""Seconds after a decision that counted: the same key within them counts as the key held down."""

REPEAT = 0.07
"""Seconds within which a key that is held down comes again, at 15 times a second and more.

The same decision key again is kept back for so long, to see whether it is the first repeat.
"""

_JITTER = 0.005
"""Seconds by which a line may bring two keys closer together than they were pressed."""

_BEHIND_TEXT = "{key} came at once with what was typed before it, so it was not counted"
_TOO_MANY = "many keys came at once: from the first that answers on, none was carried out"
_JAPANESE = "Japanese input is on: switch it off to use the keys"

Verdict: TypeAlias = Literal["counts", "may be held", "too fast", "held", "still held"]
"""What a decision key is by its time: a press; a press, or the first repeat of a key that is held
down; pressed again too soon to count; the first repeat of a held key; a further one."""

_WHY_NOT: dict[Verdict, str] = {
    "too fast": "{key} came again too fast, so it was not counted",
    "held": "{key} is held down and answers once",
    "still held": "",
}
"""What is said of a decision that does not count, by why it does not."""


class Filtered(NamedTuple):
    """What comes out of the filter.

    Attributes:
        presses: Keys to look up and carry out, in order.
        report: Row and column of a cursor position report that arrived in pieces.
        message: One sentence for the status line; empty if there is nothing to say.
        misses: A decision that may have been meant was dropped, so that what is typed on blindly
            behind it was meant for a later task.
    """

    presses: tuple[KeyPress, ...] = ()
    report: tuple[int, int] | None = None
    message: str = ""
    misses: bool = False


class HeldKeys:
    """Tells presses of decision keys from the repeats of one that is held down, by time."""

    def __init__(self) -> None:
        self._terminal_tells = False  # it says itself which keys are repeats, so none is guessed
        self._last = ("", float("-inf"))
        self._counted_at = float("-inf")  # when the decision counted that `_last` repeats
        self._is_held = False

    def gap(self, key: str, now: float) -> float:
        """Return the seconds since the same key came last; endless if another one came between.

        Args:
            key: Its name.
            now: When it came.
        """
        last, at = self._last
        self._last = (key, now)
        return now - at if last == key else float("inf")

    def heard_repeat(self) -> None:
        """Note that the terminal says which keys are repeats."""
        self._terminal_tells = True

    def judge(self, gap: float, now: float, *, repeat: bool) -> Verdict:
        """Return what a decision key is.

        A press that is dropped does not lengthen the time in which the next one is; only a key that
        is held down goes on being held.

        Args:
            gap: The seconds since the same key came last.
            now: When it came.
            repeat: Whether the terminal itself says that the key is held down.
        """
        guesses = not self._terminal_tells
        if repeat or (guesses and gap <= REPEAT):
            was_held, self._is_held, self._counted_at = self._is_held, True, now
            return "still held" if was_held else "held"
        comes_again = guesses and gap < float("inf")
        if comes_again and now - self._counted_at < HELD - _JITTER:
            return "too fast"
        self._is_held, self._counted_at = False, now
        return "may be held" if comes_again else "counts"


class InputFilter:
    """The filter between a terminal face and the keymap.

    Args:
        is_decision: Whether a key press would answer a task (`Keymap.is_decision`).
        timing: False judges nothing by time but split sequences, for drivers without a terminal
            that type faster than people.
    """

    def __init__(self, is_decision: Callable[[KeyPress], bool], *, timing: bool = True) -> None:
        self._is_decision = is_decision
        self._timing = timing
        self._sequences = SequenceReader()
        self._held = HeldKeys()
        self._layouts = LayoutReader()
        self._waiting: deque[KeyPress] = deque()
        self._in_doubt: KeyPress | None = None  # a decision in `_waiting` that may be a repeat
        self._begun: tuple[KeyPress, ...] = ()  # what may begin a sequence, in a text field
        self._burst = 0  # keys that came without a pause of `TOGETHER` between them
        self._began_elsewhere = False  # some of them went to a text field or to another screen
        self._is_pasted = False  # the rest of the burst is dropped
        self._last_key = float("-inf")

    @property
    def deadline(self) -> float | None:
        """When `flush` is to be called; None while nothing is kept back."""
        return self._burst_ends if self._waiting else None

    @property
    def _burst_ends(self) -> float:
        """When what is kept back is given, if no other key comes."""
        if self._in_doubt is not None:
            return self._last_key + REPEAT
        return self._last_key + (HOLD if self._burst <= 1 else TOGETHER)

    def feed(
        self,
        key: str,
        character: str | None,
        now: float,
        *,
        typing: bool = False,
        repeat: bool = False,
        before: int = 0,
    ) -> Filtered:
        """Take one key as it was reported.

        Where keys are timed, a decision is never in the result of its own call: it is kept back for
        as long as a paste might go on, and `flush` gives it, or the call for a later key.

        Args:
            key: Its name.
            character: The character that it typed, if any.
            now: Seconds on a clock that only goes forward.
            typing: Whether it goes to a text field: then only split sequences are dropped.
            repeat: Whether the terminal itself says that the key is held down.
            before: How many keys came in the same burst before it, as far as the terminal's reader
                has counted them. If there were more than this filter has seen, the others went to
                another screen.
        """
        if repeat:
            self._held.heard_repeat()
        if self._in_doubt is not None and (typing or key != self._in_doubt.key):
            self._in_doubt = None  # another key came first, so it was pressed twice
        due = Filtered()
        if not before and now - self._last_key > TOGETHER:
            due = self.flush(now)
            self._burst, self._is_pasted, self._began_elsewhere = 0, False, False
        if before > self._burst:
            self._burst, self._began_elsewhere = before, True
        taken = self._take(key, character, now, typing=typing, repeat=repeat)
        return taken._replace(
            presses=due.presses + taken.presses,
            message=taken.message or due.message,
            misses=due.misses or taken.misses,
        )

    def flush(self, now: float) -> Filtered:
        """Give what was kept back, if the burst has ended.

        Args:
            now: Seconds on the clock of `feed`.
        """
        if now < self._burst_ends:
            return Filtered()
        waiting, self._in_doubt = self._all_waiting(), None
        if self._burst >= BURST and len(waiting) > 1:
            return Filtered(message=_TOO_MANY, misses=True)
        return Filtered(waiting)

    def forget(self) -> None:
        """Drop what is kept back: it was pasted, and no keys."""
        self._waiting.clear()
        self._in_doubt = None

    def _take(
        self, key: str, character: str | None, now: float, *, typing: bool, repeat: bool
    ) -> Filtered:
        """Give a key to what it belongs to: a split sequence, a text field, or the keymap."""
        if self._sequences.swallows(key, character, now, typing=typing):
            # In a text field a piece such as `[` may be text; elsewhere a cut sequence is likelier,
            # and its pieces are dropped.
            text = self._text_of_piece(KeyPress(key, character, key)) if typing else ()
            return Filtered(text, report=self._sequences.report)
        # No sequence came of it, so it was text, and stands in front of this key.
        begun, self._begun = self._begun, ()
        self._burst += 1
        self._last_key = now
        # Also of a letter that goes to a field: if it closes the field and is held down, what comes
        # next is its repeat, and no press that answers.
        gap = self._held.gap(key, now)
        if typing:
            self._began_elsewhere = True
            # The field was opened by a key before; what waits came earlier and goes first.
            return Filtered((*self._all_waiting(), *begun, KeyPress(key, character, key)))
        if self._is_pasted:
            return Filtered()
        is_held = self._timing and gap < HELD
        press = KeyPress(key, character, self._physical(key, character), is_held)
        if self._timing and self._is_decision(press):
            return self._take_decision(press, gap, now, repeat=repeat)
        if self._waiting:
            return self._keep_back(press)
        return Filtered((press,), message=_about_input(press))

    def _text_of_piece(self, press: KeyPress) -> tuple[KeyPress, ...]:
        """Keep a piece of what may be a sequence in a text field; give all its pieces where it
        turns out to have been text."""
        pieces, self._begun = (*self._begun, press), ()
        if self._sequences.body is not None:
            self._begun = pieces  # it goes on
            return ()
        was_text = self._sequences.finished and not self._sequences.is_key
        return pieces if was_text else ()

    def _take_decision(self, press: KeyPress, gap: float, now: float, *, repeat: bool) -> Filtered:
        """Keep a decision back, or say why it does not count."""
        if self._began_elsewhere:
            return Filtered(message=_BEHIND_TEXT.format(key=shown_key(press.key)), misses=True)
        verdict = self._held.judge(gap, now, repeat=repeat)
        if verdict in ("counts", "may be held"):
            self._in_doubt = press if verdict == "may be held" else None
            return self._keep_back(press)
        if verdict in ("held", "still held") and self._in_doubt is not None:
            self._waiting.remove(self._in_doubt)  # it was the first repeat, and no press
            self._in_doubt = None
        return Filtered(message=_WHY_NOT[verdict].format(key=shown_key(press.key)))

    def _keep_back(self, press: KeyPress) -> Filtered:
        """Let a press wait for the end of the burst, if that is not too long to be typed."""
        self._waiting.append(press)
        if self._burst < BURST or len(self._waiting) == 1:
            return Filtered(message=_about_input(press))
        self._is_pasted, self._in_doubt = True, None
        self._waiting.clear()
        return Filtered(message=_TOO_MANY, misses=True)

    def _all_waiting(self) -> tuple[KeyPress, ...]:
        """Return what is kept back, which is so no more."""
        waiting, self._waiting = tuple(self._waiting), deque()
        return waiting

    def _physical(self, key: str, character: str | None) -> str:
        """Return the name of the key in the place that a character is typed at."""
        is_sign = character is not None and len(character) == 1 and character >= " "
        if is_sign and "+" not in key:
            return key_of(self._layouts.read(character or ""))
        return key


def _about_input(press: KeyPress) -> str:
    """Return what is said about an input method that types something else than keys."""
    character = press.character or ""
    return _JAPANESE if len(character) == 1 and is_kana(character) else ""
