"""A line of styled pieces: drawn on one row, folded where it is too narrow for all of them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual.geometry import Offset

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.safe import safe, safe_line
from tui_annotate.text.width import USUAL, TerminalWidths, cell_width, glyphs
from tui_annotate.tui.widgets.cells import NULL, CellWidget, RowStrip, Run, blank, glyph_run

BETWEEN = "  "

CARET = "▏"
"""What stands behind the last letter that was typed."""

MARK = ">"
"""What begins the row of a list that keys act on."""


class LinePiece(NamedTuple):
    """Something that is shown whole or not at all, unless it `shortens`.

    Attributes:
        text: Any text; what could harm the terminal is shown as marks.
        style: How it looks.
        weight: Where the row is too narrow, what is lightest goes first.
        glue: Follows the piece before it without a space, and goes together with it.
        as_is: Right-to-left text in it is sent in the order in which it stands, to any terminal.
        words: It is a sentence of the program, which runs from left to right even where a label or
            a text from right to left begins it.
        shortens: Where the row is too narrow, the end of it, if nothing is glued to it, goes first.
    """

    text: str
    style: Style = NULL
    weight: int = 0
    glue: bool = False
    as_is: bool = False
    words: bool = False
    shortens: bool = False


Pieces = list[LinePiece]

_SHORTEST = 24
"""Cells that stay of a piece that shortens."""


def text_run(
    text: str, style: Style = NULL, drawing: TerminalWidths = USUAL, base: int | None = None
) -> Run:
    """Return any text as a run that is safe to draw, in the order in which it is drawn.

    Args:
        text: The text.
        style: How it looks.
        drawing: How the terminal draws.
        base: The direction of the line: 0 from left to right, 1 from right to left; None as its
            first letter says.
    """
    shown = safe(text)
    if shown.isascii():
        return Run(shown, style)
    return glyph_run(glyphs(shown, drawing, base), style)


def fold(
    left: Sequence[LinePiece],
    right: Sequence[LinePiece],
    width: int,
    *,
    between: str = BETWEEN,
    drawing: TerminalWidths = USUAL,
) -> RowStrip:
    """Return a row of exactly `width` cells with pieces at both of its ends.

    The lightest pieces are left out until the rest fits, of equals the last one first. A piece
    that does not fit alone is shortened.
    """
    groups = [(False, group) for group in _groups(left)] + [(True, g) for g in _groups(right)]
    groups = _that_fit(groups, width, between, drawing)
    if len(groups) == 1 and _needed(groups, between, drawing) > width:
        return _shortened(groups[0][1], width, drawing)
    runs = {
        side: _joined([g for s, g in groups if s is side], between, drawing)
        for side in (False, True)
    }
    free = width - sum(run.width for part in runs.values() for run in part)
    return RowStrip([*runs[False], blank(free), *runs[True]])


def _that_fit(
    groups: list[tuple[bool, list[LinePiece]]], width: int, between: str, drawing: TerminalWidths
) -> list[tuple[bool, list[LinePiece]]]:
    """Leave out the lightest groups until the rest fits; one stays in any case."""
    gap = cell_width(between, drawing)
    cells = [sum(cell_width(piece.text, drawing) for piece in group) for _, group in groups]
    shortens = [len(group) == 1 and group[0].shortens for _, group in groups]
    least = [min(of, _SHORTEST if may else of) for of, may in zip(cells, shortens, strict=True)]
    used = sum(least) + gap * (len(groups) - 1)
    lightest = sorted(range(len(groups)), key=lambda at: (groups[at][1][0].weight, -at))
    while used > width and len(lightest) > 1:
        used -= least[lightest.pop(0)] + gap
    # What room is left goes to the heaviest of those that were shortened.
    kept = {at: groups[at] for at in lightest}
    for at in reversed(lightest):
        given = max(0, min(cells[at] - least[at], width - used))
        used += given
        if least[at] + given < cells[at]:
            side, (piece,) = groups[at]
            text = safe_line(piece.text, least[at] + given, drawing)
            kept[at] = (side, [piece._replace(text=text)])
    return [kept[at] for at in sorted(kept)]


def _groups(pieces: Sequence[LinePiece]) -> list[list[LinePiece]]:
    """Put glued pieces together; empty ones are left out."""
    groups: list[list[LinePiece]] = []
    for piece in pieces:
        if piece.glue and groups:
            groups[-1].append(piece)
        elif piece.text:
            groups.append([piece])
    return groups


def _needed(
    groups: list[tuple[bool, list[LinePiece]]], between: str, drawing: TerminalWidths
) -> int:
    pieces = [piece.text for _, group in groups for piece in group]
    gaps = cell_width(between, drawing) * (len(groups) - 1)
    return gaps + sum(cell_width(text, drawing) for text in pieces)


def _joined(groups: list[list[LinePiece]], between: str, drawing: TerminalWidths) -> list[Run]:
    runs: list[Run] = []
    for group in groups:
        if runs:
            runs.append(text_run(between, drawing=drawing))
        runs += [_run(piece, piece.text, drawing) for piece in group]
    return runs


def _run(piece: LinePiece, text: str, drawing: TerminalWidths) -> Run:
    """Return what is drawn of a piece."""
    drawing = drawing._replace(reorders=piece.as_is or drawing.reorders)
    return text_run(text, piece.style, drawing, 0 if piece.words else None)


def _shortened(group: list[LinePiece], width: int, drawing: TerminalWidths) -> RowStrip:
    """Return what fits of pieces that are too long, the last of them with `…`."""
    runs: list[Run] = []
    room = width
    for piece in group:
        shown = safe_line(piece.text, room, drawing)
        runs.append(_run(piece, shown, drawing))
        room -= runs[-1].width
        if room <= 0 or len(shown) != len(piece.text):
            break
    return RowStrip(runs).fit(width)


class StatusLine(CellWidget):
    """One line of pieces. A change sends only the cells that differ.

    Args:
        between: What stands between two pieces.
        leads: The terminal's own cursor, which screen readers and magnifiers follow, stands where
            something is typed in this line, or at its mark.
    """

    DEFAULT_CSS = """
    StatusLine { height: 1; width: 1fr; }
    """

    def __init__(
        self,
        *,
        between: str = BETWEEN,
        leads: bool = False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.between = between
        self._leads = leads
        self._left: tuple[LinePiece, ...] = ()
        self._right: tuple[LinePiece, ...] = ()
        self._strip: RowStrip | None = None
        self._drawn_as = USUAL

    def show(self, left: Sequence[LinePiece], right: Sequence[LinePiece] = ()) -> None:
        """Show pieces at the left and right end of the line."""
        pieces = (tuple(left), tuple(right))
        if pieces != (self._left, self._right):
            self._left, self._right = pieces
            self._strip = None
            self.update_cells()
        if self._leads and self.display:
            self.place_cursor()

    def place_cursor(self) -> None:
        """Put the terminal's own cursor into this line, where it is typed in or marked."""
        text = self.build_line(0).text
        before, caret, _ = text.partition(CARET)
        if caret or text.startswith(MARK):
            column = cell_width(before, self.drawing) if caret else 0
            self.app.cursor_position = self.region.offset + Offset(column, 0)

    def build_line(self, y: int) -> RowStrip:
        """Return the pieces folded to the width; further lines are empty."""
        if y:
            return RowStrip(())
        width = self.size.width
        drawing = self.drawing
        if drawing != self._drawn_as or self._strip is None or self._strip.cell_length != width:
            self._drawn_as = drawing
            self._strip = fold(
                self._left,
                self._right,
                width,
                between=self.between,
                drawing=drawing,
            )
        return self._strip
