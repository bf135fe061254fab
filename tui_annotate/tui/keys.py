"""Keys on their way to actions, in the order of this file.

`PasteGuard` takes out text that was pasted without marks, `KeyReader` runs the rest through the
input filter. What is left goes to the keymap, or, in a text field, to the functions at the end.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.screen import Screen

from tui_annotate.commands.input_filter import Filtered, InputFilter, RepeatCount
from tui_annotate.commands.keymap import Keymap, KeyPress
from tui_annotate.commands.pasted_keys import TOGETHER, KeysAndPaste, PastedKeys
from tui_annotate.text.safe import pasted, writable
from tui_annotate.tui.terminal.driver import BEFORE, FOLLOWED, REPEATED, SteadyDriver

if TYPE_CHECKING:
    from tui_annotate.tui.screens.task_on_screen import TaskOnScreen

FOLLOWED_LATEST = 0.3
"""Seconds for which a key is waited for that was read with the one at hand and is on its way."""

_LEFT = "keys came at once, and some went to another screen: the last one here was not carried out"

LATE = 0.01
"""Seconds by which a timer of the loop is late if something else has kept it busy."""


class _DeadlineTimer:
    """Calls a function at the time until which something is kept back, once at most.

    Args:
        due: Called with the time.
        margin: Seconds behind that time. The loop wakes at a whole millisecond; if that ever is
            early, nothing is due yet, and the timer is set again.
    """

    def __init__(self, due: Callable[[float], None], *, margin: float = 0.0) -> None:
        self._due = due
        self._margin = margin
        self._handle: asyncio.TimerHandle | None = None

    def set(self, deadline: float | None, *, followed: bool = False) -> None:
        """Wait for another time, or for none.

        Args:
            deadline: The time.
            followed: Whether another key is on its way, which tells more than the time does.
        """
        if followed and deadline is not None:
            deadline = max(deadline, time.monotonic() + FOLLOWED_LATEST)
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        if deadline is not None:
            delay = max(self._margin, deadline - time.monotonic() + self._margin)
            self._call_later(delay, self._ring, deadline)

    def _ring(self, deadline: float) -> None:
        """Do what is due; where the loop was busy, after the keys that were read meanwhile."""
        now = time.monotonic()
        if now > deadline + LATE:
            self._call_later(LATE, self._ring_late)
        else:
            self._handle = None
            self._due(now)

    def _ring_late(self) -> None:
        self._handle = None
        self._due(time.monotonic())

    def _call_later(self, delay: float, function: Callable[..., None], *given: float) -> None:
        self._handle = asyncio.get_running_loop().call_later(delay, function, *given)


class PasteGuard:
    """Hands keys on to a screen, and text that was pasted as text.

    Args:
        screen: The screen; nothing is handed on to it any more once another one is shown.
        typing: Whether a key goes to a text field.
        key: Carries a key out.
        paste: Takes pasted text; where no field is open any more it does nothing.
        forget: Called when keys that are kept back for a moment turn out to be pasted text.
    """

    def __init__(
        self,
        screen: Screen[Any],
        *,
        typing: Callable[[events.Key], bool],
        key: Callable[[events.Key], None],
        paste: Callable[[str], None],
        forget: Callable[[], None] = lambda: None,
    ) -> None:
        self._forget = forget
        self._screen = screen
        self._typing = typing
        self._key = key
        self._paste = paste
        self._pasted: PastedKeys[events.Key] = PastedKeys()
        self._last: events.Key | None = None
        # What is kept back is given behind its deadline, not at it.
        self._timer = _DeadlineTimer(self._flush, margin=0.001)

    @property
    def keeps_back(self) -> bool:
        """Whether more may follow what was handed on: keys that are kept back, here or by the
        reader of bytes, or are on their way."""
        driver = self._screen.app._driver
        follows = isinstance(driver, SteadyDriver) and driver.follows(self._last)
        return follows or self._pasted.deadline is not None

    def feed(self, event: events.Key) -> None:
        """Take a key as the terminal reported it."""
        if self._screen.app.is_headless:  # without a terminal keys come faster than people type
            self._key(event)
            return
        typing, self._last = self._typing(event), event
        taken = self._pasted.feed(event, event.key, event.character, event.time, typing=typing)
        if self._pasted.is_sure:
            self._forget()
        self._carry_out(taken, followed=getattr(event, FOLLOWED, False))

    def _carry_out(self, taken: KeysAndPaste, *, followed: bool = False) -> None:
        if taken.pasted:
            self._paste(taken.pasted)
        for number, event in enumerate(taken.events):
            if number and not self._screen.is_current:
                break  # a key before it has left the screen it was typed on
            self._key(cast("events.Key", event))
        self._timer.set(self._pasted.deadline, followed=followed)

    def _flush(self, now: float) -> None:
        self._carry_out(self._pasted.flush(now))


class KeyReader:
    """Feeds keys through the input filter and hands on what is left of them.

    Args:
        press: Called with each key press that counts, in order, and the number typed before it.
        report: Called when a cursor position report arrived in pieces.
        say: Called with a sentence for the annotator.
        timing: False where there is no terminal, and keys come faster than people type.
        decides: Tells which keys answer the task at hand, such as those of its options.
        counts: Whether the keymap has numbers before keys.
        counting: Tells whether digits are such numbers now.
        swallows: Takes a press that belongs to a name that was picked before, and says so.
        awaits: Tells whether further keys have come that are kept back by somebody else: then no
            burst has ended.
        missed: Called when a decision was dropped that may have been meant.
    """

    def __init__(
        self,
        *,
        press: Callable[[KeyPress, int], None],
        report: Callable[[], None],
        say: Callable[[str], None],
        timing: bool,
        decides: Callable[[KeyPress], bool],
        counts: bool,
        counting: Callable[[], bool],
        swallows: Callable[[KeyPress], bool],
        awaits: Callable[[], bool],
        missed: Callable[[], None],
    ) -> None:
        self._missed = missed
        self._filter = InputFilter(decides, timing=timing)
        self._counter = RepeatCount() if counts else None
        self._counting = counting
        self._swallows = swallows
        self._awaits = awaits
        self._awaited = 0.0  # seconds for which more has been waited for
        self._hand_on = press
        self._report = report
        self._say = say
        self._typing = False
        self._timer = _DeadlineTimer(self._flush)

    def feed(self, event: events.Key, *, typing: bool) -> None:
        """Take a key as the terminal reported it.

        Args:
            event: The key, with what the reader of bytes has written on it.
            typing: Whether it goes to a text field.
        """
        if typing and self._counter is not None:
            self._counter.forget()
        self._typing, self._awaited = typing, 0.0
        filtered = self._filter.feed(
            event.key,
            event.character,
            event.time,
            typing=typing,
            repeat=getattr(event, REPEATED, False),
            before=getattr(event, BEFORE, 0),
        )
        self._carry_out(filtered, followed=getattr(event, FOLLOWED, False))

    def forget(self) -> None:
        """Carry out nothing of what is kept back."""
        self._filter.forget()
        self._timer.set(None)

    def _flush(self, now: float) -> None:
        if not self._awaits():
            self._carry_out(self._filter.flush(now))
        elif self._awaited < FOLLOWED_LATEST:
            self._awaited += TOGETHER
            self._timer.set(now + TOGETHER)
        else:
            self.forget()
            self._missed()
            self._say(_LEFT)

    def _press(self, press: KeyPress) -> None:
        """Hand a press on, with the number that was typed before it."""
        counter = self._counter
        if self._swallows(press):
            return
        if counter is None or self._typing:
            self._hand_on(press, 1)
        elif self._counting() and counter.takes(press.key):
            self._say(f"{counter.typed} times")
        else:
            self._hand_on(press, counter.times())

    def _carry_out(self, filtered: Filtered, *, followed: bool = False) -> None:
        if filtered.report is not None:
            self._report()
        for press in filtered.presses:
            self._press(press)
        if filtered.misses:
            self._missed()
        if filtered.message:
            self._say(filtered.message)
        self._timer.set(self._filter.deadline, followed=followed)


_COMMANDS = {
    "escape": "cancel",
    "enter": "confirm",
    "backspace": "rub_out",
    "tab": "complete",
    "shift+tab": "complete_back",
    "left": "caret_left",
    "right": "caret_right",
    "home": "caret_home",
    "end": "caret_end",
}


def type_key(press: KeyPress, edit: Callable[[str, str | None], None]) -> None:
    """Carry out a key in a field.

    Args:
        press: The key.
        edit: Has the editor carry out a command.
    """
    command = _COMMANDS.get(press.key)
    if command is not None:
        edit(command, None)
    elif press.character is not None and writable(press.character):
        edit("type", press.character)


def paste(text: str, shown: TaskOnScreen, edit: Callable[[str, str | None], None]) -> None:
    """Take pasted text into an open prompt or a field; nowhere else."""
    if shown.prompt is not None:
        shown.prompt.paste(text)
    elif "typing" in shown.words:
        edit("type", pasted(text))


def answers(press: KeyPress, keymap: Keymap, words: frozenset[str]) -> bool:
    """Whether a key answers the task: a decision, or an option that is one and must not be held."""
    action = keymap.lookup(press, words) if "answers" in words else None
    chooses = action is not None and action.name in ("label", "toggle")
    return chooses or keymap.is_decision(press)
