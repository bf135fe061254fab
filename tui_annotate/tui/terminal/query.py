"""Asks a terminal once how wide it draws what terminals disagree about, and what colour its
background has. Imports no Textual.

All questions go out in one write. Behind each about a width comes a request for the cursor's
column; the one about the background comes first, so that its answer is there when the others are,
and who does not know it costs no time. So they cost one round trip. Who does not answer in time is
not waited for again; the answers are kept per terminal.
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
from typing import Literal, TypeAlias

from tui_annotate.commands.preferences import Preferences
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.width import USUAL, TerminalWidths

# A line, a letter, a conjunct, a family, a flag, a heart that is asked to look like an emoji, and a
# letter with a vowel sign beside it.
_PROBES = ("─", "é", "क्ष", "👨\u200d👩\u200d👧", "🇩🇪", "❤\ufe0f", "का")
# Where UTF-8 is not read, bytes of an emoji can begin a control string: ESC \ ends it.
_QUESTION = "".join(f"\r{probe}\x1b\\\x1b[6n" for probe in _PROBES) + "\r\x1b[K"
GROUND_QUESTION = "\x1b]11;?\x1b\\"
"""Asks which colour the background has; the answer is an OSC string."""
_GROUND = re.compile(
    rb"11;(?:rgba?:(?P<rgb>[0-9a-f]{1,4}(?:/[0-9a-f]{1,4}){2,3})|#(?P<hex>(?:[0-9a-f]{3}){1,4}))",
    re.IGNORECASE,
)
_OSC = re.compile(rb"\x1b\](11;[^\x07\x1b]*)(?:\x07|\x1b\\)")
_NO_STRINGS = ("linux", "vt", "sun", "screen.linux")
"""Terminals, as `TERM` begins, that may print a control string which they do not know."""
_BEGUN = re.compile(rb"\x1b(?:\[[0-?]*|[_P\]][^\x1b\x07]*\x1b?)?$")
_REPORT = re.compile(rb"\x1b\[(\d+);(\d+)R")
_KEY = "widths"
_GROUND_KEY = "background"

Ground: TypeAlias = Literal["dark", "light"]
"""What a background is: whether light or dark letters are read on it."""
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
        ground: Its background, as it or its environment says; None where nobody knows.
        asked: It has been asked now, and not at an earlier start.
    """

    drawing: TerminalWidths = USUAL
    utf8: bool = True
    replies: bool = False
    owed: int = 0
    ground: Ground | None = None
    asked: bool = False


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
    known, owed, asked = memory.get(_KEY), 0, False
    if known is None:
        asked = True
        if patience is None:
            patience = patience_for(environ)
        columns, ground = ask(keys, screen, patience, strings=knows_strings(environ))
        known = _facts(columns)
        owed = 0 if columns is None else max(0, len(_PROBES) - len(columns))
        memory.set(_KEY, known)
        if ground is not None:
            memory.set(_GROUND_KEY, ground)
    facts = known.split()
    drawing = TerminalWidths(**dict.fromkeys((fact for fact in _FACTS if fact in facts), True))
    utf8, replies = _NOT_UTF8 not in facts, _SILENT not in facts
    return TerminalAnswers(drawing, utf8, replies, owed, known_ground(environ), asked)


def known_ground(environ: Mapping[str, str]) -> Ground | None:
    """Return what the background of a terminal is, as it has said at this or an earlier start, else
    as its environment says it; None where neither does."""
    kept = Preferences(f"terminal {terminal_name(environ)}").get(_GROUND_KEY, ("dark", "light"))
    if kept is not None:
        return "light" if kept == "light" else "dark"
    told = environ.get("COLORFGBG", "").rpartition(";")[2]  # of rxvt, Konsole and others
    if not told.isascii() or not told.isdigit() or int(told) > 15:
        return None
    return "light" if int(told) in (7, *range(9, 16)) else "dark"


def keep_ground(reply: bytes, environ: Mapping[str, str]) -> None:
    """Keep for the next start what an OSC string says, where it is about the background.

    Args:
        reply: The string without introducer and end.
        environ: Names the terminal.
    """
    ground = ground_in(reply)
    if ground is not None and ground != known_ground(environ):
        Preferences(f"terminal {terminal_name(environ)}").set(_GROUND_KEY, ground)


def ground_in(reply: bytes) -> Ground | None:
    """Return which background an OSC string tells of; None where it tells of none."""
    found = _GROUND.fullmatch(reply.strip())
    if found is None:
        return None
    if found["rgb"] is not None:
        parts = found["rgb"].split(b"/")[:3]
    else:
        size = len(found["hex"]) // 3
        parts = [found["hex"][at : at + size] for at in range(0, 3 * size, size)]
    red, green, blue = (_linear(int(part, 16) / (16 ** len(part) - 1)) for part in parts)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    # Where black letters have more contrast than white ones.
    return "light" if (luminance + 0.05) ** 2 > 0.05 * 1.05 else "dark"


def _linear(part: float) -> float:
    """Return how much light there is of a colour, from 0 to 1, for its number in sRGB."""
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def knows_strings(environ: Mapping[str, str]) -> bool:
    """Return whether a terminal can be asked in a control string without printing it."""
    return not environ.get("TERM", "").startswith(_NO_STRINGS)


def ask(
    keys: int, screen: int, patience: float, *, strings: bool = True
) -> tuple[list[int] | None, Ground | None]:
    """Return the column after each probe, from 1, and the background.

    There are fewer columns where not all answers come in time, and none where there is nobody to
    ask. The background is None where it was not said.

    Args:
        keys: Descriptor to read the answers from.
        screen: Descriptor to ask on.
        patience: Seconds to wait for the answers.
        strings: Whether the terminal can be asked for its background.
    """

    def complete(found: bytes) -> bool:
        return len(_REPORT.findall(found)) >= len(_PROBES)

    question = (GROUND_QUESTION if strings else "") + _QUESTION
    said = converse(keys, screen, question, complete, patience)
    if said is None:
        return None, None
    reply = _OSC.search(said)
    ground = None if reply is None else ground_in(reply[1])
    return [int(column) for _, column in _REPORT.findall(said)], ground


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
