"""The only way that text from data, file names, labels or errors reaches a screen or a terminal.

C0 controls become their pictures (line feed `␊`, tab `→`), DEL its picture, C1 controls and lone
surrogates U+FFFD; bidi controls, line separators, tag characters and stray invisible code points
become `·`. Joiners and variation selectors stay where they belong to the spelling (emoji, Persian,
Indic scripts, ideographic variants).
"""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from tui_annotate.text.characters import boundaries, mark, marked_count
from tui_annotate.text.width import USUAL, TerminalWidths, grapheme_width, left_out

ELLIPSIS = "…"
_JOINERS = "\u200c\u200d"
_BREAKS = re.compile("\r\n|[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
"""What breaks a line for `str.splitlines`, and the tab."""


SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a character: JSON and command lines can hold one, UTF-8 cannot."""


def without_surrogates(text: str) -> str:
    """Return `text` with U+FFFD for each lone surrogate, so that whatever takes UTF-8 takes it; the
    length stays."""
    return text if text.isascii() else SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


safe = mark
"""Returns a text with one visible code point for each dangerous one; the length stays."""


def safe_lines(text: str) -> str:
    """Return text of several lines safe for a terminal; line feeds stay, and what ends a line."""
    if text.isascii() and text.isprintable():
        return text
    return "\n".join(mark(line.removesuffix("\r")) for line in text.split("\n"))


def safe_json(text: str) -> str:
    r"""Return JSON that means the same, with `\u` escapes for what is dangerous on a terminal.

    Args:
        text: One or more JSON values. Line feeds and tabs between them stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_escaped, text, mark(text)))


def _escaped(character: str, shown: str) -> str:
    if character == shown or character in "\n\t":
        return character
    code = ord(character)
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def writable(text: str) -> str:
    """Return what of typed text goes into a field: what is seen, blanks of every width, and the
    joiners that Persian, Indic scripts and emoji are spelled with."""
    return "".join(
        each
        for each in text
        if each.isprintable() or each in _JOINERS or unicodedata.category(each) == "Zs"
    )


def pasted(text: str) -> str:
    """Return what of pasted text goes into a line: line breaks and tabs become a blank each, what
    else `writable` leaves out goes, and the order is kept."""
    return writable(_BREAKS.sub(" ", text))


def pasted_behind(typed: str, text: str) -> str:
    """Return what of pasted text goes behind what is typed of a name or a search: no line break
    that was copied with it, but the blank that parts it from what stands there.

    Args:
        typed: What stands there.
        text: What was pasted.
    """
    found = pasted(text).rstrip()
    return found if typed and not typed.endswith(" ") else found.lstrip()


def shell_command(words: Iterable[str], data: Iterable[str] = ()) -> str:
    """Return a command for people to copy: a shell takes it as exactly these words.

    Empty where a word holds what no screen shows as it is, such as a line break or a control
    character: what would be copied is another word then.

    Args:
        words: The program, its options, and their values.
        data: Arguments that stand behind them; none of them is taken for an option.
    """
    behind = [*data]
    if any(each.startswith("-") for each in behind):
        behind.insert(0, "--")
    found = [*words, *behind]
    return shlex.join(found) if all(writable(each) == each for each in found) else ""


@lru_cache(maxsize=4)
def hidden_count(text: str) -> int:
    """Return how many code points of a text are shown as marks: controls, invisible ones, tabs;
    and how many are not shown because they belong to a grapheme without end.

    Line breaks are not counted. Takes 10 ms for a text of a million code points, once.
    """
    return marked_count(text) - text.count("\r\n") + left_out(text)


def safe_line(text: str, limit: int | None = None, drawing: TerminalWidths = USUAL) -> str:
    """Return `text` safe for one line, shortened to `limit` cells with `…` at its end.

    Args:
        text: Anything, line feeds included (shown as `␊`).
        limit: Cells that the line may take; None for no limit. Nothing fits in less than 1.
        drawing: How the terminal draws.
    """
    if limit is None:
        return mark(text)
    # No grapheme is narrower than a cell, so at most `limit` graphemes and a rest can matter; the
    # generous cut keeps a long document from being measured for one line of chrome.
    head = text if len(text) <= 40 * limit + 40 else text[: 40 * limit + 40]
    starts = boundaries(head)
    room = limit - grapheme_width(ELLIPSIS, drawing)
    used, kept = 0, 0
    for start, end in pairwise(starts):
        used += grapheme_width(head[start:end], drawing)
        if used > limit:
            break
        if used <= room:
            kept = end
    if used <= limit and len(head) == len(text):
        return mark(text)
    return mark(head[:kept]) + ELLIPSIS if room >= 0 else ""
