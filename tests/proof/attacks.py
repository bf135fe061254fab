"""What happens around the program while somebody annotates, struck at random moments.

Each attack says afterwards whether the program kept silent about it, and mends what it did as a
user would: by what the screen has said.
"""

from __future__ import annotations

import random
import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol

from tests.support.environment import annotate_argv
from tests.support.terminal import Terminal, TerminalTimeout
from tui_annotate.store.restore import restore

PATIENCE = 20.0
"""Seconds within which the program must have said something, on a loaded machine."""

_COPY = re.compile(r"beside it in (\S+\.rescued-[0-9-]+)")
_NOTICED = re.compile(r"not saved.*?was (removed|exchanged)", re.S)
_DONE = re.compile(r"(?:^|─) *(\d[\d,]*) done", re.M)


class Attack(Protocol):
    """One kind of event."""

    name: str

    def strike(self, terminal: Terminal, dice: random.Random) -> str:
        """Do it; return what the program kept silent about, or nothing."""
        ...

    def mend(self) -> None:
        """Once the program is gone: do what its screen has told to do."""
        ...


_PAUSE = 0.8
"""Seconds without a key, behind which the next one counts whatever was dropped before it."""


class Swap:
    """The database, or its journal, is taken away or exchanged.

    Args:
        database: Its file.
    """

    name = "swapped"

    def __init__(self, database: Path) -> None:
        self._database = database
        self._backup = database.with_name("kept.db")
        self._copy: Path | None = None

    def strike(self, terminal: Terminal, dice: random.Random) -> str:
        """Exchange it, and answer until the program says so."""
        self._copy = None
        self._backup.unlink(missing_ok=True)
        with closing(sqlite3.connect(self._database)) as db:
            db.execute("VACUUM INTO ?", (str(self._backup),))
        time.sleep(_PAUSE)
        terminal.send(dice.choice("ax"))
        terminal.settle()
        time.sleep(_PAUSE)
        kinds: list[Callable[[], None]] = [
            lambda: self._remove("", "-wal", "-shm"),
            lambda: self._remove("-wal"),
            lambda: self._remove(""),
            self._rename,
            self._put_over,
        ]
        dice.choice(kinds)()
        before = _done(terminal)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            terminal.send(dice.choice("ax"))
            terminal.settle()
            text = terminal.screen_text()
            if _NOTICED.search(text):
                found = _COPY.search(text.replace("\n", " ")) or _COPY.search(
                    text.replace("\n", "")
                )
                if found is None:
                    return "the screen names no copy"
                self._copy = self._database.with_name(found[1])
                return ""
            if _done(terminal) > before + 1:
                return "answers went on being called saved"
            time.sleep(_PAUSE)
        return "nothing was said"

    def mend(self) -> None:
        """Restore the copy that was named."""
        self._backup.unlink(missing_ok=True)
        if self._copy is not None:
            restore(self._copy, self._database)
        for pattern in ("*.rescued-*", "*.replaced-*", "*.journal-*", "old.db"):
            for file in self._database.parent.glob(pattern):
                file.unlink()

    def _remove(self, *endings: str) -> None:
        for ending in endings:
            Path(f"{self._database}{ending}").unlink()

    def _rename(self) -> None:
        self._database.rename(self._database.with_name("old.db"))

    def _put_over(self) -> None:
        self._backup.rename(self._database)


class SecondHost:
    """Another host starts on the same database, which locks do not reach.

    Args:
        database: The file as the other host sees it.
        home: Its home folder.
        folder: Where the source is.
        run: Makes a command one of the other host.
        arguments: Of the program.
    """

    name = "second host"

    def __init__(
        self,
        database: Path,
        home: Path,
        folder: Path,
        run: Callable[[list[str]], list[str]],
        arguments: tuple[str, ...],
    ) -> None:
        self._database, self._home, self._folder = database, home, folder
        self._argv = run(annotate_argv(*arguments))

    def strike(self, terminal: Terminal, dice: random.Random) -> str:
        """Start it: it must be told whose the database is."""
        terminal.send(dice.choice("ax"))
        terminal.settle()
        env = {"TUI_ANNOTATE_DB": str(self._database)}
        with Terminal(self._argv, home=self._home, cwd=self._folder, env=env) as other:
            try:
                other.wait_exit(timeout=PATIENCE)
            except TerminalTimeout:
                return "the second host was let in"
            told = "".join(other.screen_text().split())  # folded anywhere, as the path is long
        return "" if "inusebyhost" in told else f"the second host was told {told!r}"

    def mend(self) -> None:
        """Nothing was done."""


class Suspend:
    """Control-Z where there is no shell to go back to."""

    name = "ctrl-z"

    def strike(self, terminal: Terminal, dice: random.Random) -> str:
        """Press it, and look whether the program still answers keys."""
        with suppress(TerminalTimeout):
            terminal.settle(timeout=PATIENCE)
        before = len(terminal.raw)
        terminal.send("\x1a")
        time.sleep(0.4)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            terminal.send(dice.choice("lk"))
            time.sleep(0.3)
            if len(terminal.raw) > before and terminal.running:
                return ""
        return "no key is heard after control-Z"

    def mend(self) -> None:
        """Nothing was done."""


def _done(terminal: Terminal) -> int:
    """Return how many answers the screen calls saved, as it said last."""
    found = _DONE.search(terminal.screen_text())
    return int(found[1].replace(",", "")) if found else 1 << 30
