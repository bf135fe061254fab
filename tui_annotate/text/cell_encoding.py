"""A text in which every cell is one code point, so that regular expressions can count cells.

The cell string of a text has, for each grapheme, its first code point, then a *tail* mark for each
further code point (no cell), then a *fill* mark for each further cell. Both marks come in two kinds
that tell whether a row may end after the grapheme without a blank (Chinese, Thai, emoji). Marks are
noncharacters; where the text itself holds them, a letter stands in.
"""

from __future__ import annotations

import re
from functools import cache

from tui_annotate.text.graphemes import split
from tui_annotate.text.scripts import NO_SPACES
from tui_annotate.text.terminal_widths import USUAL, TerminalWidths
from tui_annotate.text.width import grapheme_width, one_cell_each

TAIL, LOOSE_TAIL = "\ufdd0", "\ufdd1"
FILL, LOOSE_FILL = "\ufdd2", "\ufdd3"
TAILS = TAIL + LOOSE_TAIL
FILLS = FILL + LOOSE_FILL

_STAND_IN = "x"
_KEPT_WHOLE = ("\n", "\r\n")
# Characters that are a grapheme each, of one cell or of two, unless something clings to them. The
# last ones take two cells on terminals that draw what is ambiguous wide.
_ASCII = " -~\n"
_NARROW = (
    "\u00a1-\u00a8\u00aa-\u00ac\u00af-\u024f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03ff"
    "\u0400-\u0482\u048a-\u052f\u0531-\u0556\u0561-\u0586\u05d0-\u05ea\u0620-\u064a"
    "\u1e00-\u1eff\u2010-\u2027"
)
_WIDE = "\u3001\u3002\u3008-\u3011\u3041-\u3096\u30a1-\u30ff\u4e00-\u9fa5\uff01-\uff60"
_HANGUL = "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"


def cell_string(text: str, drawing: TerminalWidths = USUAL) -> str:
    """Return the cell string of `text`; where each code point is a cell, `text` itself."""
    if one_cell_each(text, drawing):
        return text
    units = _Units(drawing)
    parts = []
    for found in _parts(drawing.ambiguous_wide).finditer(text):
        part = found[0]
        if found.lastgroup == "narrow":
            parts.append(part)
        elif found.lastgroup == "wide":
            parts.append(LOOSE_FILL.join(part) + LOOSE_FILL)
        else:
            parts.extend(map(units.__getitem__, split(part)))
    return "".join(parts)


def all_narrow(text: str, drawing: TerminalWidths) -> bool:
    """Tell whether a text holds nothing but letters that are known to be a cell each, so that its
    cell string is the text itself and no row ends but at a blank."""
    others = _not_narrow(drawing.ambiguous_wide)
    return not text.isascii() and others.search(text) is None


@cache
def _not_narrow(ambiguous_wide: bool) -> re.Pattern[str]:
    return re.compile(f"[^{_ASCII if ambiguous_wide else _ASCII + _NARROW}]")


@cache
def _parts(ambiguous_wide: bool) -> re.Pattern[str]:
    """Return what divides a text into runs of letters whose cells are known, which need no look at
    each of them, and the rest with the one letter before and behind it that may belong to it.

    Args:
        ambiguous_wide: As in `TerminalWidths`: letters beyond ASCII may be wide then.
    """
    narrow = _ASCII if ambiguous_wide else _ASCII + _NARROW
    known = narrow + _WIDE
    end = rf"(?=[{known}]|\Z)"
    rest = rf"[{known}]?[^{known}]+(?:[{known}][^{known}]+)*[{known}]?"
    return re.compile(rf"(?P<narrow>[{narrow}]+{end})|(?P<wide>[{_WIDE}]+{end})|{rest}")


class _Units(dict[str, str]):
    """The part of a cell string that stands for each grapheme met so far."""

    def __init__(self, drawing: TerminalWidths) -> None:
        super().__init__()
        self._drawing = drawing
        self._no_spaces = re.compile(f"[{NO_SPACES}]")
        self._spaced_wide = re.compile(f"[{_HANGUL}]")

    def __missing__(self, grapheme: str) -> str:
        unit = self._make(grapheme)
        self[grapheme] = unit
        return unit

    def _make(self, grapheme: str) -> str:
        if grapheme in _KEPT_WHOLE:
            return grapheme
        base, width = grapheme[0], grapheme_width(grapheme, self._drawing)
        spaced_wide = width > 1 and self._spaced_wide.match(base)
        loose = bool(self._no_spaces.match(base)) or (width > 1 and not spaced_wide)
        if base in TAILS + FILLS or (len(grapheme) > 1 and base in " \t\r"):
            base = _STAND_IN
        tail, fill = (LOOSE_TAIL, LOOSE_FILL) if loose else (TAIL, FILL)
        return base + tail * (len(grapheme) - 1) + fill * (width - 1)
