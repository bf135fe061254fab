"""The lock of the plain face: clears what was said, and takes the key without an echo."""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from tui_annotate.commands.lock import MOST_TYPED, Lock
from tui_annotate.fast_namedtuple import NamedTuple

LOOK_EVERY = 1.0
"""Seconds between two signs of life while it is locked."""

_CLEAR = "\x1b[H\x1b[2J\x1b[3J"
"""Clears the screen, and what has scrolled out of it."""

_CONTROL_U, _BACKSPACES = "\x15", "\x08\x7f"


class LockedTime(NamedTuple):
    """What is to be known when it is open again.

    Attributes:
        seconds: How long it was locked.
        begun: What stood on the line that was not sent yet.
    """

    seconds: float
    begun: str


def hold(lock: Lock, say: Callable[[str], None], idle: Callable[[], None]) -> LockedTime | None:
    """Lock the terminal, and return when the key was typed; None where the terminal has gone.

    Args:
        lock: The lock, which is due.
        say: Prints a line.
        idle: Called about once a second meanwhile.
    """
    since = time.monotonic()
    with _unseen(sys.stdin.fileno()) as descriptor:
        begun = _waiting_bytes(descriptor).decode("utf-8", "replace")
        lock.close()
        _clear()
        say("Locked, because nothing was written for a while.")
        while True:
            say("Write the key and press enter; it is not shown.")
            typed = _read_key(descriptor, idle)
            if typed is None:
                return None
            if typed and lock.open(typed):
                _clear()
                return LockedTime(time.monotonic() - since, begun)
            if typed:
                say(f"That is not the key. Wait {lock.pause:.0f} seconds.")
                while lock.pause:
                    time.sleep(min(LOOK_EVERY, lock.pause))
                    idle()
                termios.tcflush(descriptor, termios.TCIFLUSH)


def _clear() -> None:
    if os.environ.get("TERM") in (None, "", "dumb"):
        sys.stdout.write("\n" * shutil.get_terminal_size().lines)
    else:
        sys.stdout.write(_CLEAR)
    sys.stdout.flush()


@contextmanager
def _unseen(descriptor: int) -> Iterator[int]:
    """Have keys come one by one, with no echo and no signals, and put that back afterwards."""
    before = termios.tcgetattr(descriptor)
    modes = termios.tcgetattr(descriptor)
    modes[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
    modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0

    def end(number: int, _frame: FrameType | None) -> None:
        termios.tcsetattr(descriptor, termios.TCSANOW, before)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    # Who is told to end leaves a terminal that shows what is typed.
    previous = signal.signal(signal.SIGTERM, end)
    termios.tcsetattr(descriptor, termios.TCSANOW, modes)
    try:
        yield descriptor
    finally:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)
        signal.signal(signal.SIGTERM, previous)


def _waiting_bytes(descriptor: int) -> bytes:
    """Return what was typed and not sent, which the terminal gives up with its line mode."""
    found = b""
    while select.select([descriptor], [], [], 0)[0]:
        try:
            data = os.read(descriptor, 4096)
        except OSError:
            break
        if not data:
            break
        found += data
    return found


def _read_key(descriptor: int, idle: Callable[[], None]) -> str | None:
    """Return what is typed up to enter; None where the terminal has gone."""
    typed = b""
    while True:
        while not select.select([descriptor], [], [], LOOK_EVERY)[0]:
            idle()
        try:
            data = os.read(descriptor, 4096)
        except OSError:
            return None
        if not data:
            return None
        typed += data
        line, end, _ = typed.replace(b"\r", b"\n").partition(b"\n")
        if end:
            return _edited(line.decode("utf-8", "replace"))
        typed = typed[-4 * MOST_TYPED :]


def _edited(line: str) -> str:
    """Return a line as it was meant: erased where it was erased, without control characters."""
    found: list[str] = []
    for character in line:
        if character == _CONTROL_U:
            found.clear()
        elif character in _BACKSPACES:
            del found[-1:]
        elif character.isprintable():
            found.append(character)
    return "".join(found)[:MOST_TYPED]
