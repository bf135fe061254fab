"""Any program in a real pseudo-terminal, with keys going in and a screen coming out.

Everything waits for states, never for fixed times: for text on the screen, for the program to have
nothing left to do, for its end. Time limits are there for the case that something hangs.
"""

from __future__ import annotations

import fcntl
import os
import re
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.environment import clean_environment
from tests.support.keys import key_bytes
from tests.support.line import Line
from tests.support.processes import Activity
from tests.support.screen import CURSOR_KEYS, Screen

TIMEOUT = 60.0
"""Seconds after which something that never happens is given up; generous, for loaded machines."""

QUIET = 0.1
"""Seconds of silence after which a program has reacted: three frames and more."""

PACE = 0.2
"""Seconds at least between two equal keys: faster ones are one held key."""

ESCAPE = 0.5
"""Seconds for which an escape without an effect is waited for: with the next key too close behind
it, the two would be one sequence."""

# The leader of a new session that opens a terminal by its name gets it as its controlling one.
# In a shell, because a Python with threads must not fork.
_LAUNCHER = """
exec 0<>"$1" 1>&0 2>&0
[ -z "$2" ] || exec 0<"$2"
[ -z "$3" ] || exec 1>"$3"
[ -z "$4" ] || exec 2>"$4"
shift 4
exec "$@"
"""


class TerminalTimeout(AssertionError):
    """What was waited for has not come; the message shows the screen."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a program wrote after a key.

    Attributes:
        key: The key.
        output: The bytes, in order.
        first, last: Seconds from the key to the first and last of them; None where none came.
    """

    key: str
    output: bytes
    first: float | None
    last: float | None

    def __len__(self) -> int:
        """The number of bytes."""
        return len(self.output)


class Terminal:
    """A program in a terminal of its own; use it as a context manager.

    Args:
        argv: The command.
        home: The home folder; also the working folder where `cwd` is not given.
        columns, rows: The size, set before the program starts.
        env: Variables beside the clean environment; None as a value takes one away.
        answering: Whether the terminal answers queries; `line.answering` changes it later.
        reply_delay: Seconds by which its answers come late, as over a slow link;
            `line.reply_delay` changes it later.
        synchronized, graphemes: As in `Screen`.
        stdin, stdout, stderr: Files to connect instead of the terminal.
    """

    def __init__(
        self,
        argv: Sequence[str | Path],
        *,
        home: Path,
        columns: int = 80,
        rows: int = 24,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        answering: bool = True,
        reply_delay: float = 0.0,
        synchronized: bool = True,
        graphemes: bool = True,
        stdin: Path | None = None,
        stdout: Path | None = None,
        stderr: Path | None = None,
    ) -> None:
        self.screen = Screen(columns, rows, synchronized=synchronized, graphemes=graphemes)
        self._last_key = ("", 0.0)
        environment = clean_environment(home, env)
        master, self._slave = os.openpty()
        _set_size(self._slave, columns, rows)
        self._modes_before = termios.tcgetattr(self._slave)
        self.line = Line(master, self.screen, answering=answering, reply_delay=reply_delay)
        self.started = time.perf_counter()
        launcher = ["/bin/sh", "-c", _LAUNCHER, "terminal"]
        redirections = [str(path or "") for path in (stdin, stdout, stderr)]
        self._process = subprocess.Popen(
            [*launcher, os.ttyname(self._slave), *redirections, *map(str, argv)],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            cwd=cwd or home,
            env=environment,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # What can be seen

    @property
    def pid(self) -> int:
        """The id of the program."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the program still runs."""
        return self._process.poll() is None

    @property
    def raw(self) -> bytes:
        """Every byte that has come so far."""
        with self.line.changed:
            return bytes(self.line.raw)

    def screen_text(self) -> str:
        """Return the text on the screen, rows without the blanks at their ends."""
        with self.line.changed:
            return self.screen.text()

    def first_output(self) -> float | None:
        """Return the seconds from the start to the first byte, None before it came."""
        with self.line.changed:
            return self.line.chunks[0][0] - self.started if self.line.chunks else None

    def left_sane(self) -> bool:
        """Return whether the terminal is as it was before the program: its line modes, the main
        buffer, a visible cursor, no mouse, paste or keyboard protocol left on."""
        with self.line.changed:
            same = termios.tcgetattr(self._slave) == self._modes_before
            return same and not self.screen.left_on

    # What can be waited for

    def wait_for(
        self, what: str | re.Pattern[str] | Callable[[str], object], timeout: float = TIMEOUT
    ) -> str:
        """Wait until the screen shows a text, matches a pattern or satisfies a predicate.

        Returns:
            The text of the screen that did.

        Raises:
            TerminalTimeout: It did not in time, or the program has ended without.
        """
        holds = _predicate(what)
        deadline = time.perf_counter() + timeout
        seen = -1
        while True:
            ended = not self.running and self._drained()
            with self.line.changed:
                self.line.check()
                version, text = len(self.line.raw), self.screen.text()
            if version != seen and holds(text):
                return text
            seen = version
            if ended:
                raise TerminalTimeout(self._describe(f"the program ended without {what!r}"))
            if time.perf_counter() > deadline:
                raise TerminalTimeout(self._describe(f"{what!r} did not come in {timeout:g} s"))
            with self.line.changed:
                if len(self.line.raw) == seen:
                    self.line.changed.wait(0.05)

    def settle(self, quiet: float = QUIET, timeout: float = TIMEOUT) -> None:
        """Wait until every key is sent and the program has been silent and idle for a while.

        Answers that are still under way (`reply_delay`) are not waited for.

        Raises:
            TerminalTimeout: It never came to rest.
        """
        activity = Activity(self.pid)
        deadline = time.perf_counter() + timeout
        while self.running:
            now = time.perf_counter()
            with self.line.changed:
                self.line.check()
                if activity.busy() or self.line.due():
                    self.line.last_event = now
                if now - self.line.last_event >= quiet:
                    return
            if now > deadline:
                raise TerminalTimeout(self._describe(f"no rest in {timeout:g} s"))
            time.sleep(quiet / 10)
        self._drained()

    def wait_exit(self, timeout: float = TIMEOUT) -> int:
        """Wait for the program's end, its last output included.

        Returns:
            The exit code; the negative number of the signal where one killed it.

        Raises:
            TerminalTimeout: It still runs.
        """
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise TerminalTimeout(self._describe(f"still running after {timeout:g} s")) from None
        self._drained()
        return code

    # What can be done

    def send(self, data: str | bytes) -> None:
        """Send characters as they are, at once, without waiting for anything."""
        self.line.post(data.encode() if isinstance(data, str) else data)

    def press(self, key: str, *, quiet: float = QUIET, pace: float = PACE) -> Reaction:
        """Send one key once the program is at rest, and wait until it has reacted.

        Args:
            key: A character or the name of a key, as `tests.support.keys` has them.
            quiet: As in `settle`.
            pace: Seconds to keep at least between this key and an equal one before it.
        """
        self.settle(quiet)
        before, when = self._last_key
        if key == before:
            time.sleep(max(0.0, when + pace - time.perf_counter()))
        with self.line.changed:
            old = len(self.line.raw)
            data = key_bytes(key, application=CURSOR_KEYS in self.screen.modes)
            sent = time.perf_counter()
        self.send(data)
        if key == "escape":
            self._await_output(old, sent + ESCAPE)
        self.settle(quiet)
        with self.line.changed:
            times = [moment for moment, end in self.line.chunks if end > old]
            # A busy machine lets the program read a key late, and the next one right behind it.
            self._last_key = (key, times[0] if times else time.perf_counter())
            first, last = (times[0] - sent, times[-1] - sent) if times else (None, None)
            return Reaction(key, bytes(self.line.raw[old:]), first, last)

    def _await_output(self, length: int, until: float) -> None:
        """Wait until there are more bytes than `length`, or it is too late."""
        with self.line.changed:
            self.line.changed.wait_for(
                lambda: len(self.line.raw) > length, until - time.perf_counter()
            )

    def type(self, keys: str, *, quiet: float = QUIET, pace: float = PACE) -> list[Reaction]:
        """Press keys one after the other: names separated by blanks, `l l 1 space shift+tab`."""
        return [self.press(key, quiet=quiet, pace=pace) for key in keys.split()]

    def type_at(self, keys: Sequence[str], seconds: float) -> None:
        """Send keys one after the other at a person's speed, whatever the program does meanwhile.

        Args:
            keys: Characters, or names of keys as in `press`.
            seconds: From one key to the next, and after the last one.
        """
        due = time.perf_counter()
        for key in keys:
            application = CURSOR_KEYS in self.screen.modes
            self.send(key_bytes(key, application=application))
            due += seconds
            time.sleep(max(0.0, due - time.perf_counter()))

    def idle_bytes(self, seconds: float) -> int:
        """Return how many bytes come in a time in which nothing is typed."""
        self.settle()
        before = len(self.raw)
        time.sleep(seconds)
        return len(self.raw) - before

    def resize(self, columns: int, rows: int) -> None:
        """Change the terminal's size; the program gets SIGWINCH."""
        with self.line.changed:
            self.screen.resize(columns, rows)
            _set_size(self._slave, columns, rows)

    def signal(self, number: int) -> None:
        """Send a signal to the program, if it still runs."""
        if self.running:
            self._process.send_signal(number)

    def kill(self) -> None:
        """Kill the program at once, as `kill -9` does, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        self.wait_exit()

    def hangup(self) -> None:
        """Close the terminal, as a dropped link does: the program gets SIGHUP."""
        self.line.close()

    def close(self) -> None:
        """End the program with its process group, and give everything back."""
        if self.running:
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()
        self.hangup()
        if self._slave >= 0:
            os.close(self._slave)
            self._slave = -1

    # Inside

    def _drained(self) -> bool:
        """Wait until the last output of a program that has ended is read; always True."""
        last = -1
        while last != len(self.line.raw) and self.line.is_open:
            last = len(self.line.raw)
            time.sleep(QUIET / 2)
        return True

    def _describe(self, what: str) -> str:
        """Return a message for people with everything there is to see."""
        state = "running" if self.running else f"exit code {self._process.returncode}"
        frame = "\n".join(f"|{line}" for line in self.screen_text().split("\n"))
        return f"{what} ({state}); on screen:\n{frame}\nlast bytes: {self.raw[-300:]!r}"


def _predicate(what: str | re.Pattern[str] | Callable[[str], object]) -> Callable[[str], object]:
    if isinstance(what, str):
        return lambda text: what in text
    if isinstance(what, re.Pattern):
        return what.search
    return what


def _set_size(descriptor: int, columns: int, rows: int) -> None:
    size: Any = struct.pack("HHHH", rows, columns, 0, 0)
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, size)
