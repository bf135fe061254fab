"""A text in which every cell is one code point, so that regular expressions can count cells.

The cell string of a text has, for each grapheme, its first code point, then a *tail* mark for each
further code point (no cell), then a *fill* mark for each further cell. Both marks come in two kinds
that tell whether a row may end after the grapheme without a blank (Chinese, Thai, emoji). Marks are
noncharacters; where the text itself holds them, a letter stands in.
"""

from __future__ import annotations

import re

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
_HANGUL = "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"


def cell_string(text: str, drawing: TerminalWidths = USUAL) -> str:
    """Return the cell string of `text`; where each code point is a cell, `text` itself."""
    if one_cell_each(text, drawing):
        return text
    units = _Units(drawing)
    return "".join(map(units.__getitem__, split(text)))


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
