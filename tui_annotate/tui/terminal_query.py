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
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from tui_annotate.commands.preferences import Preferences

_PROBES = ("─", "é")
_QUESTION = "".join(f"\r{probe}\x1b[6n" for probe in _PROBES) + "\r\x1b[K"
_REPORT = re.compile(rb"\x1b\[(\d+);(\d+)R")
_KEY = "widths"
_KNOWN = ("1 1", "1 2", "2 1", "2 2", "none")


class Widths(NamedTuple):
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
            patience = 1.5 if environ.get("SSH_CONNECTION") else 0.5
        columns = ask(keys, screen, patience)
        found = " ".join(str(min(2, max(1, column - 1))) for column in columns)
        known = found if found in _KNOWN else "none"
        memory.set(_KEY, known)
    if known == "none":
        return Widths()
    line, letter = known.split()
    return Widths(ambiguous_wide=line == "2" and letter == "1", utf8=letter == "1")


def ask(keys: int, screen: int, patience: float) -> list[int]:
    """Return the column after each probe, from 1; empty where nobody answers in time.

    What is typed meanwhile is thrown away: no task was on screen yet.
    """
    try:
        before = termios.tcgetattr(keys)
        tty.setcbreak(keys, termios.TCSANOW)
    except (termios.error, OSError):
        return []
    try:
        os.write(screen, _QUESTION.encode())
        reports = _REPORT.findall(_read(keys, patience))
    except OSError:
        return []
    finally:
        with suppress(termios.error, OSError):
            termios.tcsetattr(keys, termios.TCSANOW, before)
    return [int(column) for _, column in reports] if len(reports) == len(_PROBES) else []


def _read(keys: int, patience: float) -> bytes:
    """Read until all reports are there, or the time is up."""
    found, end = b"", time.monotonic() + patience
    while len(_REPORT.findall(found)) < len(_PROBES):
        left = end - time.monotonic()
        if left <= 0 or not select.select([keys], [], [], left)[0]:
            break
        piece = os.read(keys, 4096)
        if not piece:
            break
        found += piece
    return found


def _name(environ: Mapping[str, str]) -> str:
    """Name a terminal as well as its environment does."""
    named = ("TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "VTE_VERSION", "LC_TERMINAL", "LANG")
    client = environ.get("SSH_CONNECTION", "").split(" ")[0]
    return " ".join([*(environ.get(name, "") for name in named), client]).strip()
