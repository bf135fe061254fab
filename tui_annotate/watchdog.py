"""Ends a program that can no longer hear signals because foreign code keeps the interpreter.

Python runs the handlers of signals between two steps of Python code. A loop in C that holds the
interpreter's lock (an unlucky expression in a recipe, a pipeline) leaves no room for that: neither
SIGTERM nor a closed terminal ends the program. So a second process is told of signals by the part
of Python's handler that is written in C (`signal.set_wakeup_fd`). It gives the program the time
that an orderly end may take; after that it puts the terminal in order and kills the program. What
was saved is on disk by then, and what was not would have been lost by waiting, too.

This file is also that process's program, which must start fast: it imports nothing of the package
when it is run.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import time
from contextlib import suppress
from typing import Any

GRACE = 7.0
"""Seconds from a signal until the program is killed: more than its own hard end takes."""

_ENDING = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
_KEYBOARD, _SCREEN = 0, 2
_LOOK_EVERY = 0.2


class Watchdog:
    """The process that watches this one.

    Args:
        pipe: Where the numbers of signals are written, one byte each. Never blocks.
    """

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe

    @classmethod
    def start(cls, reset: str, words: str) -> Watchdog | None:
        """Start the process, within a millisecond; None if the system has no room for one.

        It ends with this program. The modes of the terminal are kept as they are now.

        Args:
            reset: What is written to the terminal so that it leaves the screen.
            words: One line that is written there after it.
        """
        # Run as a program, this file has nothing of the package on its import path.
        from tui_annotate.interpreter import script_command

        try:
            ours, theirs = os.pipe()
        except OSError:
            return None
        try:
            os.set_blocking(theirs, False)
            os.set_inheritable(ours, True)
            arguments = [str(os.getpid()), str(ours), _encoded(_modes()), reset, words]
            command = script_command(__file__, *arguments)
            away = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
            # It does not copy this process, however large that is, and runs no code of it.
            os.posix_spawn(command[0], command, os.environ, file_actions=away)
        except OSError:
            os.close(theirs)
            return None
        finally:
            os.close(ours)
        return cls(theirs)

    def tell_of_signals(self) -> None:
        """Have every signal with a handler told from now on. Main thread only."""
        signal.set_wakeup_fd(self._pipe, warn_on_full_buffer=False)

    def tell_no_more(self) -> None:
        """Leave signals to those who handle them. Main thread only."""
        signal.set_wakeup_fd(-1)

    def forget(self) -> None:
        """Let go of it in a process that was forked: the signals of that one are its own."""
        signal.set_wakeup_fd(-1)
        with suppress(OSError):
            os.close(self._pipe)


def _modes() -> list[Any] | None:
    try:
        return termios.tcgetattr(_KEYBOARD)
    except (termios.error, OSError):
        return None


def _encoded(modes: list[Any] | None) -> str:
    """Return modes of a terminal as numbers with commas; empty where there are none."""
    if modes is None:
        return ""
    characters = [each if isinstance(each, int) else each[0] for each in modes[6]]
    return ",".join(map(str, [*modes[:6], *characters]))


def _decoded(text: str) -> list[Any] | None:
    if not text:
        return None
    numbers = [int(each) for each in text.split(",")]
    # Without line editing two of the characters are numbers, which `tcsetattr` takes as bytes too.
    return [*numbers[:6], [bytes([each]) for each in numbers[6:]]]


def _watch(program: int, pipe: int, modes: list[Any] | None, reset: str, words: str) -> None:
    """Wait for the end of the program, and for a signal that should have ended it."""
    with suppress(OSError):
        os.setsid()  # neither its terminal nor its group sends signals here
    if not _wait_for_signal(pipe, terminal=modes is not None):
        return
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline:
        if select.select([pipe], [], [], _LOOK_EVERY)[0] and not os.read(pipe, 512):
            return
        if os.getppid() != program:
            return
    if modes is not None:
        _put_in_order(modes, reset + words + "\r\n")
    if os.getppid() == program:
        os.kill(program, signal.SIGKILL)


def _wait_for_signal(pipe: int, *, terminal: bool) -> bool:
    """Wait until the program shall end, or its terminal has gone; False where it has ended."""
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    if terminal:
        poll.register(_KEYBOARD, 0)
    while True:
        for file, _ in poll.poll():
            if file == _KEYBOARD:
                return True
            data = os.read(pipe, 512)
            if not data:
                return False
            if any(number in _ENDING for number in data):
                return True


def _put_in_order(modes: list[Any], text: str) -> None:
    """Do it before the program is killed: after that the terminal is its shell's."""
    with suppress(OSError):
        if select.select([], [_SCREEN], [], 0)[1]:
            os.write(_SCREEN, text.encode(errors="replace"))
    with suppress(termios.error, OSError):
        termios.tcsetattr(_KEYBOARD, termios.TCSANOW, modes)


if __name__ == "__main__":
    _watch(int(sys.argv[1]), int(sys.argv[2]), _decoded(sys.argv[3]), sys.argv[4], sys.argv[5])
