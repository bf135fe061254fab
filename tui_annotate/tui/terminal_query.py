"""Asks a terminal once how wide it draws what terminals disagree about. Imports no Textual.

All questions go out in one write, each followed by a request for the cursor's column, so they cost
one round trip. Who does not answer in time is not waited for again; the answers are kept per
terminal.
"""

from __future__ import annotations

import os
import re
import select
import termios
import time
import tty
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from tui_annotate.commands.preferences import Preferences

_PROBES = ("─", "é")
_QUESTION = "".join(f"\r{probe}\x1b[6n" for probe in _PROBES) + "\r\x1b[K"
_REPORT = re.compile(rb"\x1b\[(\d+);(\d+)R")
_KEY = "widths"
_KNOWN = ("1 1", "1 2", "2 1", "2 2", "none")


@dataclass(frozen=True, slots=True)
class Widths:
    """What a terminal has answered.

    Attributes:
        ambiguous_wide: Box drawing and its like take 2 cells, as with fonts for Chinese.
        utf8: It reads UTF-8; False where an accented letter takes a cell for each of its bytes.
    """

    ambiguous_wide: bool = False
    utf8: bool = True


def widths(
    keys: int, screen: int, environ: Mapping[str, str], *, patience: float | None = None
) -> Widths:
    """Return how a terminal draws, from earlier answers or by asking it now.

    Args:
        keys: Descriptor to read the answers from.
        screen: Descriptor to ask on.
        environ: Names the terminal.
        patience: Seconds to wait for the answers; longer over SSH where not given.
    """
    memory = Preferences(f"terminal {_name(environ)}")
    known = memory.get(_KEY, _KNOWN)
    if known is None:
        if patience is None:
            patience = patience_for(environ)
        columns = ask(keys, screen, patience)
        found = " ".join(str(min(2, max(1, column - 1))) for column in columns)
        known = found if found in _KNOWN else "none"
        memory.set(_KEY, known)
    if known == "none":
        return Widths()
    line, letter = known.split()
    return Widths(ambiguous_wide=line == "2" and letter == "1", utf8=letter == "1")


def ask(keys: int, screen: int, patience: float) -> list[int]:
    """Return the column after each probe, from 1; empty where nobody answers in time."""

    def complete(found: bytes) -> bool:
        return len(_REPORT.findall(found)) >= len(_PROBES)

    reports = _REPORT.findall(converse(keys, screen, _QUESTION, complete, patience))
    return [int(column) for _, column in reports] if len(reports) == len(_PROBES) else []


def converse(
    keys: int, screen: int, question: str, complete: Callable[[bytes], bool], patience: float
) -> bytes:
    """Return what a terminal says to a question; empty where it cannot be asked.

    What is typed meanwhile is thrown away: no task was on screen yet.

    Args:
        keys: Descriptor to read the answer from.
        screen: Descriptor to ask on.
        question: What is written.
        complete: Tells whether the answer is there.
        patience: Seconds to wait for it.
    """
    try:
        before = termios.tcgetattr(keys)
        tty.setcbreak(keys, termios.TCSANOW)
    except (termios.error, OSError):
        return b""
    try:
        os.write(screen, question.encode())
        return _read(keys, complete, patience)
    except OSError:
        return b""
    finally:
        with suppress(termios.error, OSError):
            termios.tcsetattr(keys, termios.TCSANOW, before)


def _read(keys: int, complete: Callable[[bytes], bool], patience: float) -> bytes:
    """Read until the answer is complete, or the time is up."""
    found, end = b"", time.monotonic() + patience
    while not complete(found):
        left = end - time.monotonic()
        if left <= 0 or not select.select([keys], [], [], left)[0]:
            break
        piece = os.read(keys, 4096)
        if not piece:
            break
        found += piece
    return found


def patience_for(environ: Mapping[str, str]) -> float:
    """Return how many seconds an answer may take: more over SSH."""
    return 1.5 if environ.get("SSH_CONNECTION") else 0.5


def _name(environ: Mapping[str, str]) -> str:
    """Name a terminal as well as its environment does."""
    named = ("TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "VTE_VERSION", "LC_TERMINAL", "LANG")
    client = environ.get("SSH_CONNECTION", "").split(" ")[0]
    return " ".join([*(environ.get(name, "") for name in named), client]).strip()
