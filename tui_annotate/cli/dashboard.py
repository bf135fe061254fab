"""`tui-annotate dashboard`: the figures of a dataset while people work; it writes nothing there."""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from tui_annotate.cli.console import can_draw
from tui_annotate.cli.find_datasets import dataset_argument, existing_answers
from tui_annotate.cli.stats import print_figures, take_figures
from tui_annotate.commands.byte_filter import ByteFilter
from tui_annotate.commands.statistics_page import page, sentences
from tui_annotate.session.process_owner import now_at_work
from tui_annotate.text.amounts import plural
from tui_annotate.text.safe import safe_line
from tui_annotate.waiting import Waiting

if TYPE_CHECKING:
    from tui_annotate.agreement.dataset_statistics import Statistics

_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l\x1b[2J", "\x1b[?25h\x1b[?1049l"


@click.command("dashboard")
@dataset_argument
@click.option("--every", type=click.IntRange(min=1, max=3600), default=10, show_default=True,
              help="Seconds between two looks")  # fmt: skip
@click.option("--plain", is_flag=True, help="Print sentences, and later what has changed")
@click.option("--ascii", "ascii_only", is_flag=True, help="Draw bars in ASCII")
@click.option("--once", is_flag=True, help="Print it once, as without a terminal")
def command(dataset: str, every: int, plain: bool, ascii_only: bool, once: bool) -> None:
    """Show the figures of DATASET, or of a session, while people work. q leaves.

    What has changed is written again every 10 seconds, a space looks at once. Nothing is written
    to the database, and nobody at work waits for it.
    """
    ascii_only = ascii_only or not can_draw()
    if plain:
        _say_changes(dataset, every, once)
    elif once or not (sys.stdin.isatty() and sys.stdout.isatty()):
        figures, at_work = _look(dataset)
        print_figures(figures, plain=False, ascii_only=ascii_only)
        click.echo(_at_work(at_work))
    else:
        _show(dataset, every, ascii_only)


def _look(dataset: str, waiting: Waiting | None = None) -> tuple[Statistics, list[str]]:
    """Return the figures, and who is at work."""
    with existing_answers(dataset) as (store, found):
        figures = take_figures(store, found, waiting)
        names = [
            session.annotator
            for session in store.admin.sessions(found.dataset.id)
            if (found.session is None or session.name == found.session.name)
            and (visit := store.visits.newest(session.id)) is not None
            and now_at_work(visit, store.time())
        ]
    return figures, sorted(set(names))


def _at_work(names: list[str]) -> str:
    if not names:
        return "Nobody is at work."
    return safe_line(f"At work now: {', '.join(names)}.")


def _say_changes(dataset: str, every: int, once: bool) -> None:
    """Print the figures as sentences, then what has changed, until somebody leaves."""
    figures, names = _look(dataset)
    for told in (*sentences(figures), _at_work(names)):
        click.echo(told)
    if once or not sys.stdin.isatty():
        return
    click.echo(f"What changes is said every {every} seconds. q and enter leave.")
    while not _left_by_line(every):
        before, were = figures, names
        figures, names = _look(dataset)
        given = figures.total - before.total
        if given:
            more = plural(abs(given), "answer") + (" more" if given > 0 else " fewer")
            click.echo(f"{more}, {figures.total:,} in all.")
        for told in figures.worth:
            if told not in before.worth:
                click.echo(safe_line(f"Worth a look: {told}."))
        if names != were:
            click.echo(_at_work(names))


def _left_by_line(seconds: float) -> bool:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if select.select([sys.stdin], [], [], left)[0]:
            line = sys.stdin.readline()
            if not line or line.strip().lower() in ("q", "quit", "exit"):
                return True
    return False


def _show(dataset: str, every: int, ascii_only: bool) -> None:
    """Show it on the terminal until somebody leaves; only rows that differ are written again."""
    figures, names = _look(dataset)  # what is wrong is said before the screen is taken
    with single_keys() as screen:
        keys = ByteFilter()
        size = (0, 0)
        looked = time.monotonic()
        while True:
            now = tuple(shutil.get_terminal_size())
            if now != size:
                size = now[0], now[1]
                screen.clear()
            screen.write(_rows(figures, names, size, every, ascii_only))
            left = max(0.0, looked + every - time.monotonic())
            pressed = _pressed(keys, min(left, 1.0))
            if pressed & {b"q", b"Q", b"\x03", b"\x04"}:
                return
            if left <= 0 or b" " in pressed:
                figures, names = _look(dataset, Waiting())
                looked = time.monotonic()


def _rows(
    figures: Statistics, names: list[str], size: tuple[int, int], every: int, ascii_only: bool
) -> list[str]:
    columns, lines = size
    width = max(1, columns - 1)  # nothing in the last column, where terminals differ
    body = page(figures, width, lines - 2, ascii_only=ascii_only)[: max(1, lines - 2)]
    body += [""] * (lines - 2 - len(body))
    foot = f"looks again every {every} s   space now   q leaves"
    return [safe_line(row, width) for row in (*body, _at_work(names), foot)]


def _pressed(keys: ByteFilter, seconds: float) -> set[bytes]:
    """Return the keys that come within some seconds; those of a cut sequence are none."""
    descriptor = sys.stdin.fileno()
    if not select.select([descriptor], [], [], seconds)[0]:
        return set()
    data = os.read(descriptor, 1024)
    if not data:  # the terminal has gone
        return {b"q"}
    return {each.data for each in keys.feed(data, time.monotonic())}


class RowScreen:
    """The terminal's other screen, written row by row: only rows that differ are sent."""

    def __init__(self) -> None:
        self._rows: list[str] = []
        self._before = termios.tcgetattr(sys.stdin)

    def write(self, rows: list[str]) -> None:
        """Show these rows, from the top down."""
        shown, self._rows = self._rows, rows
        for number, row in enumerate(rows + [""] * (len(shown) - len(rows))):
            if number >= len(shown) or shown[number] != row:
                sys.stdout.write(f"\x1b[{number + 1};1H{row}\x1b[K")
        sys.stdout.flush()

    def clear(self) -> None:
        """Send everything again with the next rows, as after another size."""
        self._rows = []
        sys.stdout.write("\x1b[2J")

    def take(self) -> None:
        """Take the terminal, and show on it what was shown before."""
        # In the background this stops the program, before it writes between a shell's lines.
        tty.setcbreak(sys.stdin)
        sys.stdout.write(_ENTER)
        rows, self._rows = self._rows, []
        self.write(rows)

    def give_back(self) -> None:
        """Leave the terminal as it was found."""
        sys.stdout.write(_LEAVE)
        sys.stdout.flush()
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)

    def stop(self, *_: object) -> None:
        """Give the terminal back, and stop as `ctrl+z` does; go on where a shell continues it."""
        self.give_back()
        own = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, own)
        self.take()

    def go_on(self, *_: object) -> None:
        """Take the terminal again after a stop that cannot be handled."""
        with suppress(termios.error):  # the program is in the background, and no shell is there
            self.take()


@contextmanager
def single_keys() -> Iterator[RowScreen]:
    """Take the terminal's other screen and its single keys; give both back, whatever ends it, and
    for as long as it is stopped."""
    screen = RowScreen()
    handlers = {signal.SIGTSTP: screen.stop, signal.SIGCONT: screen.go_on}
    if signal.getsignal(signal.SIGTSTP) == signal.SIG_IGN:  # nobody could bring it back
        handlers = {}
    before = {}
    try:
        screen.take()
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        yield screen
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        screen.give_back()
