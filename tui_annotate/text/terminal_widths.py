"""How a terminal draws what terminals disagree about."""

from __future__ import annotations

from tui_annotate.fast_namedtuple import NamedTuple


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
