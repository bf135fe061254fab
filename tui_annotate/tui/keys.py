"""Keys on their way to actions: the input filter, then the keymap in the context of the moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial

from tui_annotate.commands.input_filter import Filtered, InputFilter
from tui_annotate.commands.keymap import Keymap, KeyPress
from tui_annotate.commands.repeat_count import RepeatCount

LATE = 0.01
"""Seconds by which a timer of the loop is late if something else has kept it busy."""


class KeyReader:
    """Feeds keys through the input filter and hands on what is left of them.

    Args:
        keymap: Tells which keys answer a task.
        press: Called with each key press that counts, in order, and the number typed before it.
        report: Called when a cursor position report arrived in pieces.
        say: Called with a sentence for the annotator.
        timing: False where there is no terminal, and keys come faster than people type.
        decides: Tells which other keys answer the task at hand, such as those of its options.
        counting: Tells whether digits are numbers now, where the keymap has them.
        swallows: Takes a press that belongs to a name that was picked before, and says so.
    """

    def __init__(
        self,
        keymap: Keymap,
        *,
        press: Callable[[KeyPress, int], None],
        report: Callable[[], None],
        say: Callable[[str], None],
        timing: bool = True,
        decides: Callable[[KeyPress], bool] = lambda _: False,
        counting: Callable[[], bool] = lambda: True,
        swallows: Callable[[KeyPress], bool] = lambda _: False,
    ) -> None:
        self._filter = InputFilter(
            lambda press: keymap.is_decision(press) or decides(press), timing=timing
        )
        self._counter = RepeatCount() if keymap.counts else None
        self._counting = counting
        self._swallows = swallows
        self._hand_on = press
        self._report = report
        self._say = say
        self._typing = False
        self._timer: asyncio.TimerHandle | None = None

    def feed(
        self,
        key: str,
        character: str | None,
        *,
        typing: bool = False,
        repeat: bool = False,
        at: float | None = None,
    ) -> None:
        """Take a key as the terminal reported it.

        Args:
            key: Its name.
            character: What it typed, if anything.
            typing: Whether it goes to a text field.
            repeat: Whether the terminal itself says that the key is held down.
            at: When it was read, on the clock `time.monotonic`; now if None.
        """
        if typing and self._counter is not None:
            self._counter.times()
        self._typing = typing
        now = time.monotonic() if at is None else at
        self._carry_out(self._filter.feed(key, character, now, typing=typing, repeat=repeat))

    def _flush(self, *, late: bool = False) -> None:
        """Take what is due; where the loop was busy, after the keys that were read meanwhile."""
        self._timer = None
        deadline = self._filter.deadline
        if not late and deadline is not None and time.monotonic() > deadline + LATE:
            flush = partial(self._flush, late=True)
            self._timer = asyncio.get_running_loop().call_later(LATE, flush)
            return
        self._carry_out(self._filter.flush(time.monotonic()))

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

    def _carry_out(self, filtered: Filtered) -> None:
        if filtered.report is not None:
            self._report()
        for press in filtered.presses:
            self._press(press)
        if filtered.message:
            self._say(filtered.message)
        self._wake()

    def _wake(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._filter.deadline
        if deadline is not None:
            # The loop wakes at the next whole millisecond; if it ever is early, this is repeated.
            delay = max(0.0, deadline - time.monotonic())
            self._timer = asyncio.get_running_loop().call_later(delay, self._flush)
