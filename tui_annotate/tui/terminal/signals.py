"""The link to the terminal: signals, a terminal that vanishes, and leaving it as it was found."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import termios
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

from tui_annotate.restricted import is_restricted
from tui_annotate.tui.terminal.startup import RESET, STDERR, STDIN, STDOUT, parent_of

if TYPE_CHECKING:
    from tui_annotate.watchdog import Watchdog

SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)


class TerminalState:
    """The terminal's modes as they were found, to be put back whatever happens."""

    def __init__(self) -> None:
        self._modes: list[Any] | None = None
        with suppress(termios.error, OSError):
            self._modes = termios.tcgetattr(STDIN)

    def restore(self, *, drawn: bool) -> None:
        """Put the modes back. Never waits, never fails, may be called from any thread.

        Args:
            drawn: The screen is still up: leave it and show the cursor too.
        """
        if drawn:
            with suppress(OSError):
                if select.select([], [STDERR], [], 0)[1]:
                    os.write(STDERR, RESET.encode())
        if self._modes is not None:
            with suppress(termios.error, OSError):
                termios.tcsetattr(STDIN, termios.TCSANOW, self._modes)


class Signals:
    """Turns SIGHUP, SIGTERM and SIGINT into an orderly end with exit code 128 + number.

    A plain handler and not one of the event loop: a terminal that has stopped reading blocks the
    loop in its own output, and then only a plain handler runs.

    Args:
        leave: Called once, in the event loop, with the exit code; it stores the draft and ends
            the app.
        state: Put back where `leave` does not come to an end.
        grace: Seconds until the process ends without waiting for `leave` any longer.

    Attributes:
        code: The exit code, once a signal has come.
        watchdog: Ends the process where Python code has no turn any more; None without one.
    """

    def __init__(
        self, leave: Callable[[int], None], state: TerminalState, *, grace: float = 5.0
    ) -> None:
        self.code: int | None = None
        self.watchdog: Watchdog | None = None
        self._leave = leave
        self._state = state
        self._grace = grace
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: threading.Timer | None = None
        self._previous: dict[signal.Signals, Any] = {}

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Handle the signals from now on. Main thread only; what is ignored stays ignored."""
        self._loop = loop
        for number in SIGNALS:
            previous = signal.getsignal(number)
            if previous is not signal.SIG_IGN:
                self._previous[number] = previous
                signal.signal(number, self._receive)
        if self.watchdog is not None:
            self.watchdog.tell_of_signals()
        os.register_at_fork(
            before=partial(self._hold_back, signal.SIG_BLOCK),
            after_in_parent=partial(self._hold_back, signal.SIG_UNBLOCK),
            after_in_child=self._forget,
        )

    def remove(self) -> None:
        """Put the handlers of before back and call off the hard end."""
        if self.watchdog is not None and self._previous:
            self.watchdog.tell_no_more()
        for number, previous in self._previous.items():
            signal.signal(number, previous if previous is not None else signal.SIG_DFL)
        self._previous.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _hold_back(self, how: int) -> None:
        """Keep signals from a process that a recipe forks until `_forget` has been called there."""
        if self._previous:
            signal.pthread_sigmask(how, SIGNALS)

    def _forget(self) -> None:
        """Let a process that a recipe has forked die of signals: screen and session are not its."""
        if not self._previous:
            return
        if self.watchdog is not None:
            self.watchdog.forget()
        for number in self._previous:
            signal.signal(number, signal.SIG_DFL)
        self._hold_back(signal.SIG_UNBLOCK)
        self._previous.clear()

    def end(self, code: int) -> None:
        """Begin to leave with an exit code; later calls change nothing. From any thread."""
        if self.code is not None:
            return
        self.code = code
        self._timer = threading.Timer(self._grace, self._give_up)
        self._timer.daemon = True
        self._timer.start()
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended by itself meanwhile
                self._loop.call_soon_threadsafe(self._leave, code)

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        self.end(128 + number)

    def _give_up(self) -> None:
        self._state.restore(drawn=True)
        os._exit(self.code or 1)


def has_shell() -> bool:
    """Return whether there is a shell that can stop this program and bring it back.

    In the words of POSIX: whether its process group is not orphaned. It is orphaned where the
    program was started by `ssh -t host tui-annotate`, by a terminal window or by a container. For a
    restricted session there is none: it is not to be left for a shell.
    """
    if is_restricted():
        return False
    group, session = os.getpgrp(), os.getsid(0)
    if group == session:
        return False
    process: int | None = os.getppid()
    while process:
        try:
            if os.getpgid(process) != group:
                return os.getsid(process) == session
        except OSError:  # it has ended, or belongs to somebody else's session
            return False
        process = parent_of(process)
    return process is None  # the system does not tell; a group of its own was made by a shell


def terminal_gone(descriptor: int = STDIN) -> bool:
    """Return whether the terminal behind a descriptor has hung up. Never waits."""
    poll = select.poll()
    poll.register(descriptor, 0)
    gone = select.POLLHUP | select.POLLERR | select.POLLNVAL
    return any(event & gone for _, event in poll.poll(0))


def silence_dead_streams() -> None:
    """Keep output that nobody can read any more from changing the exit code."""
    for stream, descriptor in ((sys.stdout, STDOUT), (sys.stderr, STDERR)):
        try:
            if stream is not None:
                stream.flush()
            dead = os.isatty(descriptor) and terminal_gone(descriptor)
        except (OSError, ValueError):
            dead = True
        if dead:
            _to_null(descriptor)


def _to_null(descriptor: int) -> None:
    with suppress(OSError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, descriptor)
        os.close(null)
