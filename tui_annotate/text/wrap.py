"""Text laid out in rows of cells: which code points stand in which row and column.

Rows end after blanks, anywhere beside scripts that put no spaces between words (but not before
closing or after opening punctuation), and inside a word only where it is wider than a row. The one
space that does not fit at the end of a row hangs over its edge and is not drawn.

Cells are counted by regular expressions in a *cell string*: it has, for each grapheme, its first
code point, then a *tail* mark for each further code point (no cell), then a *fill* mark for each
further cell. Both marks come in two kinds that tell whether a row may end after the grapheme
without a blank (Chinese, Thai, emoji). Marks are noncharacters; where the text itself holds them, a
letter stands in.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.characters import BLANK_MARKS, NO_SPACES, has_right_to_left, split
from tui_annotate.text.width import (
    USUAL,
    TerminalWidths,
    drawn_grapheme,
    grapheme_width,
    one_cell_each,
)

if TYPE_CHECKING:
    from tui_annotate.text.visual_order import ReorderedRow


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


_CACHED_ROWS = 512
_CLOSING = (
    r",.!?;:)\]}%»”’…、。，．：；？！）」』】〕〉》〗々ーぁぃぅぇぉっゃゅょァィゥェォッャュョ"
    "\u102b\u102c\u1038"
)
_OPENING = r"(\[{«“‘（「『【〔〈《〖"


class TextRow(NamedTuple):
    """One row: code points `start` to `end` (exclusive), `width` cells.

    The width is at most the layout's, unless the row's only grapheme is wider than that.
    """

    start: int
    end: int
    width: int


class Cell(NamedTuple):
    """One grapheme in a row: code points `start` to `end` (exclusive), from cell `column` on.

    `width` is 0 for a line break and for a space that hangs over the edge, else at least 1.
    """

    start: int
    end: int
    column: int
    width: int


class Layout:
    """A text wrapped at a width. The rows partition the text; empty text has one empty row.

    Args:
        text: What to lay out. Offsets are code points of it; it is never changed.
        width: Cells in a row, at least 1.
        drawing: How the terminal draws. Where it does not reorder right-to-left text, columns are
            those of the text in its visual order.
        show_blanks: Whether spaces and line breaks are drawn, and take their cells.
        right_edge: Whether rows of paragraphs that run from right to left stand at the right.

    Raises:
        ValueError: The width is less than 1.
    """

    def __init__(
        self,
        text: str,
        width: int,
        drawing: TerminalWidths = USUAL,
        *,
        show_blanks: bool = False,
        right_edge: bool = True,
    ) -> None:
        if width < 1:
            raise ValueError(f"a row needs at least 1 cell, not {width}")
        self.text = text
        self.width = width
        self.drawing = drawing
        self.show_blanks = show_blanks
        self._starts = _row_starts(text, width, drawing, show_blanks)
        self._right_edge = right_edge
        self._turns = not drawing.reorders and has_right_to_left(text)
        self._cells: dict[int, tuple[Cell, ...]] = {}
        self._rows: dict[int, TextRow] = {}
        self._turned: dict[int, ReorderedRow] = {}

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, index: int) -> TextRow:
        row = self._checked(index)
        found = self._rows.get(row)
        if found is None:  # a row on screen is asked for with every key
            width = sum(cell.width for cell in self.cells(row))
            found = self._rows[row] = TextRow(self._starts[row], self._starts[row + 1], width)
        return found

    def __iter__(self) -> Iterator[TextRow]:
        return map(self.__getitem__, range(len(self)))

    def row_of(self, offset: int) -> int:
        """Return the row that holds the code point at `offset`; beyond the ends the nearest row."""
        return min(max(0, bisect_right(self._starts, offset) - 1), len(self) - 1)

    def column_of(self, offset: int) -> int:
        """Return the cell column, in its row, of the grapheme that holds `offset`.

        At and past the end of the text it is the column behind the last grapheme, which is the
        one before it where a row is drawn from right to left.
        """
        row = self.row_of(offset)
        cells = self.cells(row)
        if not cells:
            return 0
        if offset < cells[-1].end:
            return _holding(cells, max(offset, cells[0].start)).column
        if self.is_turned(row) and self._turned[row].levels[-1] % 2:
            return max(0, cells[-1].column - 1)
        return cells[-1].column + cells[-1].width

    def offset_at(self, row: int, column: int) -> int:
        """Return the start of the grapheme drawn at a cell; beyond the ends the nearest drawn one.

        Args:
            row: Clamped to the rows there are.
            column: Clamped to the row; a row in which nothing is drawn gives its start.
        """
        row = min(max(0, row), len(self) - 1)
        drawn = [cell for cell in self.cells(row) if cell.width]
        if not drawn:
            return self._starts[row]
        drawn.sort(key=_column)
        return drawn[max(0, bisect_right(drawn, column, key=_column) - 1)].start

    def cells(self, row: int) -> Sequence[Cell]:
        """Return the graphemes of a row in text order; together they are the whole row."""
        row = self._checked(row)
        found = self._cells.get(row)
        if found is None:
            if len(self._cells) >= _CACHED_ROWS:
                self._cells.clear()
                self._rows.clear()
                self._turned.clear()
            found = self._measure(self._starts[row], self._starts[row + 1])
            found = self._cells[row] = self._turn(row, found) if self._turns else found
        return found

    def is_turned(self, row: int) -> bool:
        """Tell whether the columns of a row are not in the order of its text."""
        self.cells(row)
        return self._checked(row) in self._turned

    def shown(self, start: int, end: int) -> str:
        """Return what to draw for the code points `start` to `end` of one row: safe, as wide as
        its cells, in text order. `start` and `end` are grapheme boundaries within the row."""
        if start >= end:
            return ""
        text = self.text[start:end]
        if text.isascii() and text.isprintable() and not (self.show_blanks or self._turns):
            return text[: self._drawn_end(start, end) - start]
        row = self.row_of(start)
        cells = (cell for cell in self.cells(row) if start <= cell.start < end and cell.width)
        found, first = self._turned.get(row), self._starts[row]
        if found is None:
            return "".join(self._drawn(self.text[cell.start : cell.end]) for cell in cells)
        return "".join(
            self._drawn(found.shown[cell.start - first : cell.end - first]) for cell in cells
        )

    def _drawn(self, grapheme: str) -> str:
        if self.show_blanks and grapheme in BLANK_MARKS:
            return BLANK_MARKS[grapheme]
        return drawn_grapheme(grapheme, self.drawing)

    def _turn(self, row: int, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """Return the cells of a row with the columns in which they stand on screen."""
        from tui_annotate.text.visual_order import columns_of, turned  # only right-to-left text

        start, end = self._starts[row], self._starts[row + 1]
        found = turned(self.text, start, end)
        if found is None:
            return cells
        self._turned[row] = found
        widths = [cell.width for cell in cells]
        room = max(0, self.width - sum(widths)) if found.base and self._right_edge else 0
        columns = columns_of([found.levels[cell.start - start] for cell in cells], widths, room)
        return tuple(cell._replace(column=at) for cell, at in zip(cells, columns, strict=True))

    def _drawn_end(self, start: int, end: int) -> int:
        """Return `end` without the space that hangs over the edge of the row of `start`."""
        last = _holding(self.cells(self.row_of(start)), end - 1)
        return end if last.width else last.start

    def _measure(self, start: int, end: int) -> tuple[Cell, ...]:
        text = self.text[start:end]
        if text.isascii() and text.isprintable():
            return self._cell_each(start, end)
        cells: list[Cell] = []
        column = 0
        for grapheme in split(text):
            width = self._width(grapheme, column)
            cells.append(Cell(start, start + len(grapheme), column, width))
            start += len(grapheme)
            column += width
        return tuple(cells)

    def _cell_each(self, start: int, end: int) -> tuple[Cell, ...]:
        """Return the cells of a row of printable ASCII, of which only a hanging space has none."""
        length = end - start
        widths = [1] * length
        if length > self.width and not self.show_blanks:
            widths[self.width :] = [0] * (length - self.width)
        columns = range(length)
        return tuple(map(Cell, range(start, end), range(start + 1, end + 1), columns, widths))

    def _width(self, grapheme: str, column: int) -> int:
        if not self.show_blanks:
            if grapheme in {"\n", "\r\n"}:
                return 0
            if grapheme == " " and column >= self.width:
                return 0
        return grapheme_width(grapheme, self.drawing)

    def _checked(self, row: int) -> int:
        """Return the index of a row from the front; raise IndexError where there is none."""
        index = row + len(self) if row < 0 else row
        if not 0 <= index < len(self):
            raise IndexError(f"row {row} of {len(self)}")
        return index


def _column(cell: Cell) -> int:
    return cell.column


def _start(cell: Cell) -> int:
    return cell.start


def _holding(cells: Sequence[Cell], offset: int) -> Cell:
    return cells[max(0, bisect_right(cells, offset, key=_start) - 1)]


def _row_starts(text: str, width: int, drawing: TerminalWidths, show_blanks: bool) -> array[int]:
    """Return the offset at which each row starts, and `len(text)` at the end."""
    starts = array("q", [0])
    if not text:
        starts.append(0)
        return starts
    string = cell_string(text, drawing)
    plain = one_cell_each(text, drawing) or all_narrow(text, drawing)
    rows = _row_pattern(width, show_blanks, plain).finditer(string)
    if FILL not in string and LOOSE_FILL not in string:
        starts.extend(row.end() for row in rows)
        return starts
    filled = 0
    for row in rows:
        part = row[0]
        filled += part.count(FILL) + part.count(LOOSE_FILL)
        starts.append(row.end() - filled)
    return starts


@lru_cache(maxsize=32)
def _row_pattern(width: int, show_blanks: bool, plain: bool) -> re.Pattern[str]:
    """Return what matches one row of a cell string, for finding row after row.

    Args:
        width: Cells in a row.
        show_blanks: Whether spaces and line breaks take cells.
        plain: Whether the string has no marks, so that a code point is a cell.
    """
    cell = r"[^\n]" if plain else rf"(?:[^\n{TAILS}][{TAILS}]*+)"
    whole = "" if plain else f"(?![{FILLS}])"
    blank = r"(?<=[ \t])"
    row = rf"{cell}{{1,{width}}}{whole}"
    if show_blanks:
        line = rf"{cell}{{0,{width - 1}}}+\n"
        soft = rf"{row}(?:\Z|{blank}|{_loose(plain)})"
        rows = [line, soft, rf"{row}(?!(?<=\r)\n)", r"\r\n"]
    else:
        rows = [rf"{row}(?: ?\r?\n| ?\Z| |{blank}|{_loose(plain)})", row, r"\n"]
    # What is left is a grapheme wider than the row.
    rows.append(rf"[^\n{TAILS}{FILLS}][{TAILS}]*+[{FILLS}]*+")
    return re.compile("|".join(rows))


def _loose(plain: bool) -> str:
    """Return what matches where a row may end without a blank, between two graphemes."""
    if plain:
        return r"(?!)"
    after = f"(?<=[{LOOSE_TAIL}{LOOSE_FILL}{NO_SPACES}])"
    opening = f"(?<![{_OPENING}])(?<![{_OPENING}][{FILLS}])"
    return f"(?:{after}|(?=[{NO_SPACES}])){opening}(?![{_CLOSING}])"
