"""Runs the plain face once on standard input and output."""

from __future__ import annotations

import select
import sys
import termios
from collections.abc import Callable
from contextlib import suppress

from tui_annotate.plain.face import PlainFace, Voice
from tui_annotate.session.handover import Sitting
from tui_annotate.text.safe import safe_line

_IDLE = 10.0
"""Seconds after which somebody who writes nothing is known to be there all the same."""


def run_plain(sitting: Sitting, no_screen: Callable[[], str]) -> tuple[int, bool]:
    """Annotate line by line until the annotator leaves.

    Args:
        sitting: What is annotated, and by whom.
        no_screen: Says why there can be no screen here; empty where there can.

    Returns:
        How many answers stand, and whether the annotator goes on on the screen.

    Raises:
        TuiAnnotateError: It cannot be opened, or not read or written further.
    """
    session = sitting.open(_wait)

    def read(prompt: str) -> str | None:
        return _read(prompt, session.beat)

    face = PlainFace(session, Voice(_say, read, _forget, no_screen))
    return face.run(), face.to_screen


def _wait(owner: str) -> None:
    _say(safe_line(f"Waiting for {owner}, which is writing."))


def _say(line: str) -> None:
    sys.stdout.write(line.encode("utf-8", "replace").decode() + "\n")
    sys.stdout.flush()


def _read(prompt: str, idle: Callable[[], None]) -> str | None:
    """Return the next line; `idle` is called again and again while somebody thinks about it."""
    sys.stdout.write(prompt)
    sys.stdout.flush()
    try:
        # A terminal gives one line at a time, so nothing waits in the buffer of `stdin`.
        while sys.stdin.isatty() and not select.select([sys.stdin], [], [], _IDLE)[0]:
            idle()
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        line = ""
    if not line:
        sys.stdout.write("\n")
    return line or None


def _forget() -> None:
    """What was typed before a task was said is not for that task."""
    if sys.stdin.isatty():
        with suppress(termios.error, OSError):
            termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
