"""Runs the plain face once on standard input and output."""

from __future__ import annotations

import select
import sys
import termios
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from tui_annotate.commands.wait_monitor import WaitMonitor
from tui_annotate.errors import Abandoned
from tui_annotate.plain.face import LineConsole, PlainFace
from tui_annotate.session.face_switch import FaceSwitch
from tui_annotate.text.safe import safe_line
from tui_annotate.waiting import Waiting, use

_EVERY = 3.0
"""Seconds between two lines about work that takes long."""

if TYPE_CHECKING:
    from tui_annotate.commands.lock import Lock

_IDLE = 10.0
"""Seconds after which somebody who writes nothing is known to be there all the same."""

_IDLE_UNDER_AUDIT = 2.0
"""The same where it is recorded who opens which task."""


def run_plain(
    handover: FaceSwitch, no_screen: Callable[[], str], lock: Lock | None = None
) -> tuple[int, bool]:
    """Annotate line by line until the annotator leaves.

    Args:
        handover: What is annotated, and by whom.
        no_screen: Says why there can be no screen here; empty where there can.
        lock: When the terminal is locked, and what opens it; None where it never is.

    Returns:
        How many answers stand, and whether the annotator goes on on the screen.

    Raises:
        TuiAnnotateError: It cannot be opened, or not read or written further.
    """
    waiting = Waiting()
    use(waiting)
    watching = monitor(waiting)

    def wait(owner: str) -> None:
        waiting.check()
        _say(safe_line(f"Waiting for {owner}."))

    try:
        with watching.watch("opening the session"):
            session = handover.open(wait)
    except KeyboardInterrupt:
        if watching.left:
            raise Abandoned("left before the session was open") from None
        raise
    patience = _IDLE if session.opened.audit is None else _IDLE_UNDER_AUDIT

    def read(prompt: str) -> str | None:
        line = _read(prompt, session.beat, lock, locked, patience)
        if lock is not None:
            lock.touch()
        return line

    def locked(closed: Lock) -> bool:
        from tui_annotate.plain.locking import hold  # few jobs lock the terminal

        away = hold(closed, _say, session.beat)
        if away is not None:
            face.come_back(away.seconds, away.begun)
        return away is not None

    if lock is not None:
        lock.touch()
    face = PlainFace(session, LineConsole(_say, read, _forget, no_screen, watching.watch))
    return face.run(), face.to_screen


def monitor(waiting: Waiting) -> WaitMonitor:
    """Return what says in lines how far long work is; `q` leaves it where a terminal gives keys."""
    keys = sys.stdin.fileno() if sys.stdin.isatty() else None
    return WaitMonitor(waiting, lambda line: _say(f"{line}."), every=_EVERY, keys=keys)


def _say(line: str) -> None:
    sys.stdout.write(line.encode("utf-8", "replace").decode() + "\n")
    sys.stdout.flush()


def _read(
    prompt: str,
    idle: Callable[[], None],
    lock: Lock | None,
    locked: Callable[[Lock], bool],
    patience: float,
) -> str | None:
    """Return the next line; `idle` is called again and again while somebody thinks about it, and
    `locked` where that takes too long: it returns whether the terminal is open again."""
    sys.stdout.write(prompt)
    sys.stdout.flush()
    try:
        # A terminal gives one line at a time, so nothing waits in the buffer of `stdin`.
        while sys.stdin.isatty() and not _is_written(lock, patience):
            if lock is None or not lock.is_due:
                idle()
            elif locked(lock):
                sys.stdout.write(prompt)
                sys.stdout.flush()
            else:
                return None
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        line = ""
    if not line:
        sys.stdout.write("\n")
    return line or None


def _is_written(lock: Lock | None, patience: float) -> bool:
    """Wait for a line, but not for ever; return whether one is there."""
    patience = patience if lock is None else min(patience, lock.left)
    return bool(select.select([sys.stdin], [], [], patience)[0])


def _forget() -> None:
    """What was typed before a task was said is not for that task."""
    if sys.stdin.isatty():
        with suppress(termios.error, OSError):
            termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
