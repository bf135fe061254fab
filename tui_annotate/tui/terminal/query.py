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
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from tui_annotate.commands.preferences import Preferences
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.terminal_widths import USUAL, TerminalWidths

# A line, a letter, a conjunct, a family, a flag, a heart that is asked to look like an emoji, and a
# letter with a vowel sign beside it.
_PROBES = ("─", "é", "क्ष", "👨\u200d👩\u200d👧", "🇩🇪", "❤\ufe0f", "का")
# Where UTF-8 is not read, bytes of an emoji can begin a control string: ESC \ ends it.
_QUESTION = "".join(f"\r{probe}\x1b\\\x1b[6n" for probe in _PROBES) + "\r\x1b[K"
_BEGUN = re.compile(rb"\x1b(?:\[[0-?]*|[_P\]][^\x1b\x07]*\x1b?)?$")
_REPORT = re.compile(rb"\x1b\[(\d+);(\d+)R")
_KEY = "widths"
_SILENT = "silent"
_NOT_UTF8 = "not_utf8"
_FACTS = (
    "ambiguous_wide",
    "narrow_conjuncts",
    "split_emoji",
    "split_flags",
    "narrow_symbols",
    "narrow_signs",
)


class TerminalAnswers(NamedTuple):
    """What is known of a terminal.

    Attributes:
        drawing: How wide it draws.
        utf8: It reads UTF-8; False where an accented letter takes a cell for each of its bytes.
        replies: It has answered, now or at an earlier start, so it will again.
        owed: Answers to the question asked now that may come late, among those to other questions.
    """

    drawing: TerminalWidths = USUAL
    utf8: bool = True
    replies: bool = False
    owed: int = 0


def answers(
    keys: int, screen: int, environ: Mapping[str, str], *, patience: float | None = None
) -> TerminalAnswers:
    """Return how a terminal draws, from earlier answers or by asking it now.

    Args:
        keys: Descriptor to read the answers from.
        screen: Descriptor to ask on.
        environ: Names the terminal.
        patience: Seconds to wait for the answers; longer over SSH where not given.
    """
    memory = Preferences(f"terminal {terminal_name(environ)}")
    known, owed = memory.get(_KEY), 0
    if known is None:
        if patience is None:
            patience = patience_for(environ)
        columns = ask(keys, screen, patience)
        known = _facts(columns)
        owed = 0 if columns is None else max(0, len(_PROBES) - len(columns))
        memory.set(_KEY, known)
    facts = known.split()
    drawing = TerminalWidths(**dict.fromkeys((fact for fact in _FACTS if fact in facts), True))
    return TerminalAnswers(drawing, _NOT_UTF8 not in facts, _SILENT not in facts, owed)


def ask(keys: int, screen: int, patience: float) -> list[int] | None:
    """Return the column after each probe, from 1; fewer where not all answers come in time.

    None where there is nobody to ask.
    """

    def complete(found: bytes) -> bool:
        return len(_REPORT.findall(found)) >= len(_PROBES)

    said = converse(keys, screen, _QUESTION, complete, patience)
    return None if said is None else [int(column) for _, column in _REPORT.findall(said)]


def converse(
    keys: int, screen: int, question: str, complete: Callable[[bytes], bool], patience: float
) -> bytes | None:
    """Return what a terminal says to a question in time; None where there is nobody to ask.

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
        return None
    try:
        os.write(screen, question.encode())
        return _read(keys, complete, patience)
    except OSError:
        return None
    finally:
        with suppress(termios.error, OSError):
            termios.tcsetattr(keys, termios.TCSANOW, before)


def _facts(columns: Sequence[int] | None) -> str:
    """Return what answers say, as words; half an answer says nothing."""
    if columns is None or len(columns) != len(_PROBES):
        return _SILENT
    line, letter, conjunct, family, flag, heart, vowel = (column - 1 for column in columns)
    if letter > 1 and line != letter:
        return _NOT_UTF8  # both are of ambiguous width, so a terminal that knows them agrees
    true = (line == 2, conjunct == 1, family > 2, flag > 2, heart == 1, vowel == 1)
    return " ".join(fact for fact, holds in zip(_FACTS, true, strict=True) if holds)


def _read(keys: int, complete: Callable[[bytes], bool], patience: float) -> bytes:
    """Read until the answer is complete, or the time is up.

    For the rest of a sequence that has begun as much time is given again: it would be taken for
    keys.
    """
    found, end = b"", time.monotonic() + patience
    while not complete(found):
        left = end + patience * bool(_BEGUN.search(found)) - time.monotonic()
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


def terminal_name(environ: Mapping[str, str]) -> str:
    """Name a terminal as well as its environment does."""
    named = ("TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "VTE_VERSION", "LC_TERMINAL", "LANG")
    client = environ.get("SSH_CONNECTION", "").split(" ")[0]
    return " ".join([*(environ.get(name, "") for name in named), client]).strip()
