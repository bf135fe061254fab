"""Widths in terminal cells, of graphemes and of texts, as `safe` shows them.

Single code points are measured by the tables that the screen library uses too, so that what is laid
out here and what is drawn agree.

What terminals disagree about is told by `TerminalWidths`.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from rich.cells import get_character_cell_size

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.characters import CONTROL_MARK, has_right_to_left, mark, may_have_long, split


class TerminalWidths(NamedTuple):
    """What is known of a terminal; the defaults are what most of them do.

    Attributes:
        ambiguous_wide: "Ambiguous" characters, box drawing too, take 2 cells.
        narrow_conjuncts: An Indic conjunct takes 1 cell, and not one for each of its letters.
        split_emoji: The parts of a joined emoji, and skin tones, stand side by side.
        split_flags: The two letters of a flag take 2 cells each.
        narrow_symbols: A symbol that is asked to look like an emoji takes no further cell.
        narrow_signs: A vowel sign that stands beside its letter takes no further cell.
        reorders: Right-to-left text is put in order by the terminal; otherwise it is put in order
            before it is drawn.
    """

    ambiguous_wide: bool = False
    narrow_conjuncts: bool = False
    split_emoji: bool = False
    split_flags: bool = False
    narrow_symbols: bool = False
    narrow_signs: bool = False
    reorders: bool = False


USUAL = TerminalWidths()


_BASE = "\u00a0"
_ZWJ = "\u200d"
_EMOJI_STYLE = "\ufe0f"
LONGEST = 32
"""Code points that are drawn of one grapheme at the most: spelling needs no more, and a terminal
that is sent ten thousand marks for one cell stands still."""

_CUT = "…"
"""Stands behind what is drawn of a longer grapheme."""

_VIRAMA = 9  # the combining class of signs that join two letters


def cell_width(text: str, drawing: TerminalWidths = USUAL) -> int:
    """Return how many cells `safe(text)` takes on one line.

    Args:
        text: Any text; controls count as the marks they are shown as.
        drawing: How the terminal draws.
    """
    if one_cell_each(text, drawing):
        return len(text)
    return sum(grapheme_width(each, drawing) for each in split(text))


@lru_cache(maxsize=16_384)
def grapheme_width(grapheme: str, drawing: TerminalWidths = USUAL) -> int:
    """Return how many cells one grapheme takes: at least 1 (a mark without a base is given one)."""
    if one_cell_each(grapheme, drawing):
        return len(grapheme)
    return _drawn_width(drawn_grapheme(grapheme, drawing), drawing)


def drawn_grapheme(grapheme: str, drawing: TerminalWidths) -> str:
    """Return what is sent to the terminal for one grapheme: safe, and not without end."""
    # One more than is drawn tells that there is more; the rest need not be looked at.
    return on_base(grapheme, mark(grapheme[: LONGEST + 1]), drawing)


def one_cell_each(text: str, drawing: TerminalWidths) -> bool:
    """Tell at once that every code point of `text` takes one cell; False where it may not be so."""
    # The mark for a tab is the only ambiguous one among those that ASCII is shown by.
    return text.isascii() and not (drawing.ambiguous_wide and "\t" in text)


def lacks_base(grapheme: str, drawing: TerminalWidths = USUAL) -> bool:
    """Tell whether a grapheme begins with a mark that would be drawn over its neighbour."""
    if grapheme.isascii():
        return False
    first = mark(grapheme[:2])[0]
    if get_character_cell_size(first):
        return False
    # Some vowel signs, as in Burmese, are graphemes of their own and drawn in a cell of their own.
    return drawing.narrow_signs or not is_sign(first) or len(split("a" + first)) == 1


def on_base(grapheme: str, shown: str, drawing: TerminalWidths) -> str:
    """Return what is shown of a grapheme, on a blank where it lacks a base, and cut where it goes
    on without end."""
    if len(shown) > LONGEST:
        shown = shown[: LONGEST - 2].rstrip(_ZWJ) + _CUT
    return _BASE + shown if lacks_base(grapheme, drawing) else shown


def left_out(text: str) -> int:
    """Return how many code points of a text are not drawn because their graphemes are too long."""
    if text.isascii() or not may_have_long(text):
        return 0
    return sum(len(each) - (LONGEST - 2) for each in split(text) if len(each) > LONGEST)


def is_sign(character: str) -> bool:
    """Tell whether a character is a mark that stands beside its letter, as many vowel signs do."""
    return unicodedata.category(character) == "Mc"


def _drawn_width(shown: str, drawing: TerminalWidths) -> int:
    """Return the cells of a grapheme, whose code points may each add some. Controls are marks."""
    first = shown[0]
    own = max(1, _code_point_width(first, drawing))
    if len(shown) == 1:
        return own
    if _is_flag_letter(first) and _is_flag_letter(shown[1]):
        flag = 4 if drawing.split_flags else 2
        return flag + sum(_code_point_width(each, drawing) for each in shown[2:])
    if drawing.narrow_conjuncts and is_conjunct(shown):
        return own + sum(_code_point_width(each, drawing) for each in shown if is_sign(each))
    return _joined_width(shown, own, drawing)


def _joined_width(shown: str, own: int, drawing: TerminalWidths) -> int:
    """Return the cells of a grapheme of several code points.

    Args:
        shown: The grapheme.
        own: The cells of its first code point.
        drawing: How the terminal draws.
    """
    total = own
    base, before = shown[0], 0  # what a skin tone would colour, and the cells in front of it
    behind_joiner = False
    for character in shown[1:]:
        role = _role(character, base, drawing, behind_joiner=behind_joiner)
        if role == "picture":
            total += _code_point_width(character, drawing) if drawing.split_emoji else 0
        elif role == "style":
            total = total if drawing.narrow_symbols else max(total, 2)
        elif role == "tone":
            total = max(total, before + 2)
        elif role == "own cells":
            if character == CONTROL_MARK:  # a terminal begins another grapheme here
                base, before = character, total
            total += _code_point_width(character, drawing)
        if role not in ("style", "tone"):  # which change what stands before them
            behind_joiner = role == "joiner"
    return total


_PartRole = Literal["joiner", "picture", "style", "tone", "own cells"]
"""What a code point does in a grapheme: joins the next one to it; is that next one, of one picture
with it; asks for the form of an emoji; colours the base; or has cells of its own."""


def _role(character: str, base: str, drawing: TerminalWidths, *, behind_joiner: bool) -> _PartRole:
    # Letters joined (Arabic, Indic) keep their cells; only emoji become one picture.
    if behind_joiner and character != CONTROL_MARK and not character.isalpha():
        return "picture"
    if character == _ZWJ:
        return "joiner"
    if character == _EMOJI_STYLE:
        return "style"
    colours = _is_skin_tone(character) and not base.isalnum() and not drawing.split_emoji
    return "tone" if colours else "own cells"


def is_conjunct(grapheme: str) -> bool:
    """Tell whether letters of an Indic script are joined in a grapheme, by a virama."""
    return any(
        unicodedata.combining(sign) == _VIRAMA and letter.isalpha()
        for sign, letter in pairwise(grapheme.replace(_ZWJ, ""))
    )


def _code_point_width(character: str, drawing: TerminalWidths) -> int:
    if _is_skin_tone(character):
        return 2  # nothing there to colour: drawn as a swatch
    width = get_character_cell_size(character)
    if width == 0 and not drawing.narrow_signs and is_sign(character):
        return 2 if unicodedata.east_asian_width(character) == "W" else 1
    if width == 1 and drawing.ambiguous_wide and unicodedata.east_asian_width(character) == "A":
        return 2
    return width


def _is_skin_tone(character: str) -> bool:
    return "\U0001f3fb" <= character <= "\U0001f3ff"


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def glyphs(text: str, drawing: TerminalWidths, base: int | None = None) -> list[tuple[str, int]]:
    """Return the graphemes of one line in the order in which they are sent to a terminal: as they
    are drawn, and how many cells they take.

    Args:
        text: Any text.
        drawing: How the terminal draws.
        base: The embedding level of the line, where its first letter does not decide that.
    """
    if not drawing.reorders and (base or has_right_to_left(text)):
        from tui_annotate.text.visual_order import visual  # only right-to-left text

        pairs = visual(text, base)
    else:
        pairs = [(mark(each[: LONGEST + 1]), each) for each in split(text)]
    return [(on_base(each, drawn, drawing), grapheme_width(each, drawing)) for drawn, each in pairs]


_EMOJI_PARTS = f"\ufe0e{_EMOJI_STYLE}\u20e3"
_WITHOUT_WIDTH = ("Mn", "Me", "Cf")


@lru_cache(maxsize=4096)
def is_unsteady(glyph: str) -> bool:
    """Return whether terminals disagree about the width of a grapheme.

    They agree about letters, with simple accents or without. They do not about vowel signs that
    stand beside a letter, letters of flags, and what is private or newer than they are.
    """
    first = glyph[0]
    return (
        unicodedata.category(first) in {"Mc", "Cn", "Co"}
        or _is_flag_letter(first)
        or any(
            character in _EMOJI_PARTS or unicodedata.category(character) not in {"Mn", "Me"}
            for character in glyph[1:]
        )
    )


@lru_cache(maxsize=4096)
def widest(glyph: str) -> int:
    """Return how many cells a terminal may take for a grapheme that it draws part by part."""
    return sum(map(_alone, glyph))


def _alone(character: str) -> int:
    if character == _EMOJI_STYLE:
        return 1
    if unicodedata.category(character) in _WITHOUT_WIDTH:
        return 0
    if is_sign(character):
        return 1
    return 2 if _is_flag_letter(character) else grapheme_width(character)
