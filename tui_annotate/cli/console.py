"""What commands say on stderr beside their data, with a bar on a terminal if it takes long."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from tui_annotate.commands.wait_monitor import WaitMonitor, one_line
from tui_annotate.errors import Abandoned
from tui_annotate.sources.base import BadRow
from tui_annotate.text.amounts import plural
from tui_annotate.text.safe import safe_line
from tui_annotate.text.width import cell_width
from tui_annotate.waiting import LONG, Waiting, here, use

_STEP = 0.1
_WIDTH = 30


def say(text: str) -> None:
    """Write one line to stderr."""
    clear_line()
    sys.stderr.write(safe_line(text) + "\n")


def clear_line() -> None:
    """Take away what `watched` shows, before something else is printed on the terminal."""
    if sys.stderr.isatty():
        sys.stderr.write("\x1b[K")
        sys.stderr.flush()


def print_rows(rows: Iterable[tuple[Any, ...]]) -> None:
    """Write rows to stdout, columns under one another; numbers to the right."""
    shown = [[safe_line(_shown(cell)) for cell in row] for row in rows]
    if not shown:
        return
    widths = [max(cell_width(row[at]) for row in shown) for at in range(len(shown[0]))]
    for row in shown:
        cells = [_padded(cell, width) for cell, width in zip(row, widths, strict=True)]
        sys.stdout.write("  ".join(cells).rstrip() + "\n")


def _padded(cell: str, width: int) -> str:
    blank = " " * (width - cell_width(cell))
    return blank + cell if _is_number(cell) else cell + blank


def _shown(cell: Any) -> str:
    if cell is None:
        return "-"
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)


def _is_number(text: str) -> bool:
    return text == "-" or text.replace(",", "").isdigit()


def local_time(seconds: int | None) -> str:
    """Return a time as people here read it; `-` for none."""
    if seconds is None:
        return "-"
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


class Bar:
    """A progress bar on stderr, where that is a terminal and the work takes longer than 0.3 s.

    Args:
        what: What is being done, as `reading data.jsonl`.
        total: What `at` counts towards; None where that is unknown.
        at: Tells how far it is.
    """

    def __init__(self, what: str, total: int | None, at: Callable[[], int]) -> None:
        self._what = what
        self._total = total
        self._at = at
        self._active = sys.stderr.isatty()
        self._next = time.monotonic() + LONG
        self._drawn = False

    def step(self, done: int) -> None:
        """Draw it again, if it is time; `done` says how many records that are."""
        now = time.monotonic()
        if not self._active or now < self._next:
            return
        self._next, self._drawn = now + _STEP, True
        part = ""
        if self._total:
            share = min(self._at() / self._total, 1.0)
            filled = round(share * _WIDTH)
            part = f" [{'#' * filled}{'.' * (_WIDTH - filled)}] {share:4.0%}"
        sys.stderr.write(f"\r\x1b[K{safe_line(self._what, 36)}{part} {done:,}")
        sys.stderr.flush()

    def end(self) -> None:
        """Take it away."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def confirm(question: str) -> bool:
    """Ask on stderr and read the answer from the terminal; anything but yes is a no."""
    sys.stderr.write(safe_line(question) + " [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


@contextmanager
def watched(otherwise: str, waiting: Waiting | None = None) -> Iterator[Waiting]:
    """Say what goes on inside the block once it has taken longer than 0.3 s, with its count.

    On a terminal that is one line, and q or ctrl-c leaves; elsewhere it is said once a minute.
    Only ctrl-c leaves where stdout is a pipe: its reader may be a pager, whose keys these are.

    Args:
        otherwise: What is said where the work has not said what it is.
        waiting: What was given for an earlier part of the same work; None for a new one.

    Raises:
        KeyboardInterrupt: Somebody has left, so that the command has not done what it is for.
    """
    before, waiting = here(), waiting or Waiting()
    monitor = WaitMonitor(waiting, say, every=60)
    if sys.stderr.isatty():
        show, clear = one_line(sys.stderr.fileno())
        keys = sys.stdin.fileno() if sys.stdin.isatty() and not _has_reader() else None
        monitor = WaitMonitor(waiting, show, every=_STEP, keys=keys, done=clear)
    use(waiting)
    try:
        with monitor.watch(otherwise):
            yield waiting
    except (Abandoned, KeyboardInterrupt):
        say("this was left before it was done")
        raise KeyboardInterrupt from None
    finally:
        use(before)


def _has_reader() -> bool:
    """Whether stdout goes to another program."""
    return stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode)


@contextmanager
def telling_of_waits() -> Iterator[None]:
    """Say what work inside the block waits for, or what it opens, if it says so itself.

    That is said where standard error is a terminal, after 0.3 s and again once a minute: elsewhere
    nobody looks, and what a command writes must not depend on how busy the machine is. Whoever
    counts what it does has its own way to say it (`watched`).
    """
    if not sys.stderr.isatty():
        yield
        return
    before, waiting = here(), Waiting()
    use(waiting)
    try:
        with WaitMonitor(waiting, say, every=60).watch(""):
            yield
    finally:
        use(before)


def can_draw() -> bool:
    """Tell whether stdout takes the bars that are not in ASCII."""
    try:
        "█·…".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


SHOWN = 10
"""How many are named one by one."""


class BadRowReporter:
    """Names bad rows on stderr as they come.

    Args:
        source: What people call the source.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self.count = 0

    def __call__(self, row: BadRow) -> None:
        """Name a row, if it is one of the first."""
        self.count += 1
        if self.count <= SHOWN:
            say(f"{self._source}:{row.start.line + 1}: {row.detail}")

    def tell(self) -> int:
        """Say how many there were, and return the exit code."""
        if self.count:
            say(f"{plural(self.count, 'row')} of {self._source} left out: no tasks")
        return 1 if self.count else 0
