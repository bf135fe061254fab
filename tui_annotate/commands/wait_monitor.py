"""Says what long work is at while no screen can, and listens for whoever wants to leave.

The screen shows long work by itself (`tui/screens/base.py`). Before there is a screen, and line
by line, the main thread itself is at work: a thread beside it says what that is, and reads keys.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import ClassVar

from tui_annotate.commands.byte_filter import ByteFilter
from tui_annotate.text.safe import safe_line
from tui_annotate.waiting import LONG, Waiting

_LEAVE = frozenset({b"q", b"Q", b"q\n", b"q\r", b"\x03", b"\x04"})
"""What leaves: `q`, also with the line's end behind it, and ctrl-c and ctrl-d."""

_LOOKS = 0.1
"""Seconds between two looks at the work while no key comes."""


class WaitMonitor:
    """Watches work of the main thread from a thread beside it.

    Args:
        waiting: What the work tells of itself; it is abandoned when somebody leaves.
        say: Writes a sentence; called from the other thread, again where the sentence has changed.
        every: Seconds between two sentences.
        keys: Descriptor of the terminal that keys are read from; None where there is none.
        done: Called after the work where something was said.

    Attributes:
        left: Somebody has left.
    """

    GRACE: ClassVar[float] = 0.05
    """Seconds in which work that counts has stopped by itself, before it is interrupted."""

    CLEARING: ClassVar[float] = 10.0
    """Seconds in which work that stops by itself has cleared up what it had begun."""

    LAST: ClassVar[float] = 0.5
    """Seconds after an interrupt in which any work must have stopped: loading a library of C code
    hears nothing."""

    def __init__(
        self,
        waiting: Waiting,
        say: Callable[[str], None],
        *,
        every: float,
        keys: int | None = None,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self.left = False
        self._waiting, self._say, self._every, self._done = waiting, say, every, done
        self._keys = keys
        self._lock = threading.Lock()
        self._watching = False

    @contextmanager
    def watch(self, otherwise: str) -> Iterator[None]:
        """Say what goes on inside the block once it takes long.

        Args:
            otherwise: What is said where the work does not say what it is; empty for nothing.

        Raises:
            KeyboardInterrupt: Somebody has left, and the work does not count what it does.
        """
        if self._watching or threading.current_thread() is not threading.main_thread():
            yield
            return
        ended = threading.Event()
        thread = threading.Thread(
            target=self._attend, args=(ended, otherwise), name="wait monitor", daemon=True
        )
        self._watching = True
        thread.start()
        try:
            yield
        finally:
            with self._lock:
                ended.set()
            thread.join()
            self._watching = False

    def _attend(self, ended: threading.Event, otherwise: str) -> None:
        if ended.wait(LONG):
            return
        with _single_keys(self._keys) as keys:
            try:
                self._tell(ended, otherwise, keys)
            finally:
                self._done()
        if self.left:
            self._interrupt(ended)

    def _tell(self, ended: threading.Event, otherwise: str, keys: int | None) -> None:
        """Say how far the work is until it has ended or somebody leaves."""
        filtered, said, due = ByteFilter(), "", 0.0
        while not ended.is_set():
            now = time.monotonic()
            sentence = self._waiting.sentence(otherwise)
            if now >= due and sentence != said:
                self._say(safe_line(f"{sentence}; q leaves" if keys is not None else sentence))
                said, due = sentence, now + self._every
            if keys is None:
                ended.wait(_LOOKS)
            elif _wants_to_leave(keys, filtered):
                self.left = True
                self._waiting.abandon()
                return

    def _interrupt(self, ended: threading.Event) -> None:
        """End work that has not stopped by itself."""
        if ended.wait(self.GRACE) or (self._waiting.stopping and ended.wait(self.CLEARING)):
            return
        main = threading.main_thread().ident
        assert main is not None
        with self._lock:
            if ended.is_set():
                return
            signal.pthread_kill(main, signal.SIGINT)
        if not ended.wait(self.LAST):
            with suppress(OSError, ValueError):
                sys.stdout.flush()
            os._exit(128 + signal.SIGINT)


def _wants_to_leave(keys: int, filtered: ByteFilter) -> bool:
    """Tell whether a key has come that leaves; any other key is for nothing yet, and is dropped."""
    try:
        ready = select.select([keys], [], [], _LOOKS)[0]
        data = os.read(keys, 1024) if ready else b""
    except OSError:
        return True  # the terminal has gone
    now = time.monotonic()
    if ready and not data:
        return True
    pieces = filtered.feed(data, now) if data else filtered.tick(now)
    return any(piece.data in _LEAVE or b"\x03" in piece.data for piece in pieces)


@contextmanager
def _single_keys(keys: int | None) -> Iterator[int | None]:
    """Have single keys come from a terminal, unseen; yield None where that cannot be.

    A program in the background must leave the terminal as it is: it would be stopped.
    """
    if keys is None:
        yield None
        return

    try:
        if os.tcgetpgrp(keys) != os.getpgrp():
            raise OSError
        before = termios.tcgetattr(keys)
        changed = termios.tcgetattr(keys)
        changed[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG)
        changed[6][termios.VMIN], changed[6][termios.VTIME] = 1, 0
        termios.tcsetattr(keys, termios.TCSANOW, changed)
    except (termios.error, OSError):
        yield None
        return
    try:
        yield keys
    finally:
        with suppress(termios.error, OSError):
            termios.tcsetattr(keys, termios.TCSANOW, before)


def one_line(descriptor: int) -> tuple[Callable[[str], None], Callable[[], None]]:
    """Return what shows a sentence in one line of a terminal, and what takes it away.

    The cursor stays at the start of the line, so whatever else is printed replaces the sentence.

    Args:
        descriptor: The terminal.
    """

    def show(sentence: str) -> None:
        with suppress(OSError):
            columns = os.get_terminal_size(descriptor).columns
            shown = safe_line(sentence, max(10, columns - 1))
            os.write(descriptor, f"\x1b[K{shown}\r".encode("utf-8", "replace"))

    def clear() -> None:
        with suppress(OSError):
            os.write(descriptor, b"\x1b[K")

    return show, clear
