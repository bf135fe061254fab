"""What a long piece of work is at: said by the thread that works, shown by the one that draws.

Whoever works says what it does and counts; whoever shows something looks at it when a step takes
longer than `LONG` seconds. Whoever leaves gives the work up: the next time it counts, it stops.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from tui_annotate.errors import Abandoned
from tui_annotate.fast_namedtuple import NamedTuple

_T = TypeVar("_T")

LONG = 0.3
"""Seconds of work after which it is said."""

TOLD = 1_000
"""Items of a record after which it is told how many they were, and whoever leaves is heard."""

AT_WORK = "at work"
"""What is said of work that does not say what it is."""

_MUCH = 4_000_000
"""Bytes of one record from which on it is said that the record is long."""


class Step(NamedTuple):
    """One piece of work.

    Attributes:
        what: What is done, as in `looking for the next task`.
        done: How much of it is done.
        of: How much that will be; None where nobody knows.
        unit: What is counted, as in `rows`; `bytes` are said as kB, MB or GB.
        note: What else is to be said of what is done, as in `all answered`.
    """

    what: str
    done: int = 0
    of: int | None = None
    unit: str = "rows"
    note: str = ""


class Waiting:
    """One thread's work, as far as others may want to know of it.

    The thread that works calls `on`, `at` and `read`; every other method is for any thread.
    """

    def __init__(self) -> None:
        self._step: Step | None = None
        self._record = 0
        self._abandoned = self._stopping = False

    @contextmanager
    def on(
        self,
        what: str,
        *,
        of: int | None = None,
        unit: str = "rows",
        done: int = 0,
        note: str = "",
    ) -> Iterator[None]:
        """Say what is done inside the block; what was said before comes back after it.

        Args:
            what: What is done.
            of: How much that will be; None where nobody knows.
            unit: What is counted; `bytes` are said as kB, MB or GB.
            done: How much is done at the start.
            note: What else is to be said of that.
        """
        before, self._step = self._step, Step(what, done, of, unit, note)
        try:
            yield
        finally:
            self._step = before

    def at(self, done: int, note: str = "") -> None:
        """Say how much is done by now.

        Raises:
            Abandoned: Nobody waits for it any more.
        """
        if self._step is not None:
            self._step = self._step._replace(done=done, note=note)
        self.check()

    def read(self, count: int) -> None:
        """Count bytes of the record that is being read.

        Raises:
            Abandoned: Nobody waits for it any more.
        """
        self._record += count
        if self._abandoned:
            self.check()

    def record_read(self) -> None:
        """The record that was being read has been read."""
        self._record = 0

    def check(self) -> None:
        """Stop the work where nobody waits for it any more.

        Raises:
            Abandoned: That is so.
        """
        if self.stops():
            raise Abandoned("this was given up, because the session ends")

    def abandon(self) -> None:
        """Have the work stopped, now and later: the session ends."""
        self._abandoned = True

    @property
    def abandoned(self) -> bool:
        """Whether nobody waits any more."""
        return self._abandoned

    def stops(self) -> bool:
        """Whether nobody waits any more: asked by work that then stops, and clears up behind it."""
        self._stopping = self._abandoned
        return self._abandoned

    @property
    def stopping(self) -> bool:
        """Whether the work knows that nobody waits any more, so that nothing else need end it."""
        return self._stopping

    def sentence(self, otherwise: str = AT_WORK) -> str:
        """Return what is done and how far it is, as a sentence without its full stop.

        Args:
            otherwise: What is said where the work has not said what it is.
        """
        step = self._step or Step(otherwise)
        parts = [part for part in (_counted(step), step.note) if part]
        if self._record >= _MUCH:
            parts.append(f"{size(self._record)} of one row read so far")
        return f"{step.what}: {', '.join(parts)}" if parts else step.what

    def share(self) -> float | None:
        """Return which part of the work is done, from 0 to 1; None where nobody knows."""
        step = self._step
        if step is None or not step.of:
            return None
        return min(1.0, step.done / step.of)


def _counted(step: Step) -> str:
    shown = size if step.unit == "bytes" else "{:,}".format
    unit = "" if step.unit == "bytes" else f" {step.unit}"
    if step.done == 1 and not step.of:
        unit = unit.removesuffix("s")
    if step.of:
        return f"{shown(step.done)} of {shown(step.of)}{unit}"
    return f"{shown(step.done)}{unit}" if step.done else ""


def size(number: int) -> str:
    """Return a number of bytes as people say it."""
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"


_current: ContextVar[Waiting | None] = ContextVar("waiting", default=None)


def use(waiting: Waiting) -> None:
    """Have what this thread does from now on told to `waiting`."""
    _current.set(waiting)


def here() -> Waiting:
    """Return whom this thread tells what it does; nobody looks at it unless `use` was called."""
    return _current.get() or Waiting()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Carry out to its end what is done inside the block: it is little, and has to be done although
    nobody waits any more."""
    token = _current.set(Waiting())
    try:
        yield
    finally:
        _current.reset(token)


def counted(items: Iterable[_T]) -> Iterator[_T]:
    """Yield items, and tell this thread's `Waiting` now and then how many they were.

    Raises:
        Abandoned: Nobody waits for the work any more.
    """
    waiting = here()
    for number, item in enumerate(items):
        if number % TOLD == 0 and number:
            waiting.at(number)
        yield item


def checked(items: Iterable[_T]) -> Iterator[_T]:
    """Yield items of a record that has many, and say nothing of them.

    Raises:
        Abandoned: Nobody waits for the work any more.
    """
    waiting = here()
    for number, item in enumerate(items):
        if number % TOLD == 0:
            waiting.check()
        yield item


def about_rows(bytes_left: int, rows: int, bytes_read: int, more: int = 0) -> int | None:
    """Return about how many rows are left, in two digits; None where nothing was read yet.

    Args:
        bytes_left: Bytes that have not been read.
        rows: Rows that were read.
        bytes_read: Bytes that these took.
        more: Rows to be added, because they were read and are left all the same.
    """
    if rows <= 0 or bytes_read <= 0:
        return None
    found = round(max(0, bytes_left) * rows / bytes_read) + more
    scale = int(10 ** max(0, len(str(found)) - 2))
    return round(found / scale) * scale
