"""Arcs over wrapped text: labelled lines from head to child, laid out as rows of cells.

Over each row of text stand the legs of its arcs, one line with a tip where an arc ends in its
child, and above it as many levels as keep the arcs apart. Shorter arcs are lower. Arcs between two
rows go on at the edge of both. Two arcs share a cell in two places only: where a leg crosses a
line, and where arcs of one token branch off the same leg.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.arc_labels import Glyph, place_label

Cells = dict[tuple[int, int], "ArcCell"]
"""What is drawn, by level and column; level 0 stands over the text."""


class ArcArt(NamedTuple):
    """What arcs are drawn with. Each is one cell wide."""

    left: str
    right: str
    line: str
    leg: str
    tip: str
    both: str
    branch_right: str
    branch_left: str
    crossing: str
    cut: str
    more: str


ARC_BOX = ArcArt("┌", "┐", "─", "│", "▼", "↕", "├", "┤", "┼", "┄", "…")
ARC_ASCII = ArcArt(".", ".", "-", "|", "v", "*", "+", "+", "|", ".", "~")


class ArcCell(NamedTuple):
    """One drawn grapheme: its column, how wide it is, the link it is of, and its part of it."""

    column: int
    glyph: str
    width: int
    arc: int
    part: str


class ArcFoot(NamedTuple):
    """Where an arc meets its word: the word's cells, and whether it is the child."""

    left: int
    right: int
    is_child: bool
    goes_right: bool


class ArcPiece(NamedTuple):
    """The part of an arc over one row; with one foot it goes on at an edge."""

    arc: int
    feet: tuple[ArcFoot, ...]
    cut_left: bool = False
    cut_right: bool = False


class PlacedPiece(NamedTuple):
    """A piece with its columns and level, and the extent with a label that stands beside it."""

    piece: ArcPiece
    left: int
    right: int
    first: int
    last: int
    level: int
    name: Sequence[ArcCell]
    whole: bool


def draw(
    placed: Sequence[PlacedPiece], legs: Mapping[ArcFoot, int], art: ArcArt
) -> tuple[Cells, set[int]]:
    """Return what is drawn over a row, and the arcs that would be drawn over others.

    Args:
        placed: The pieces of arcs over the row, the lowest first.
        legs: The column of each foot.
        art: What to draw with.
    """
    cells: Cells = {}
    for each in placed:
        for cell in (*_line(each, art), *each.name):
            cells[each.level, cell.column] = cell
    tops: dict[int, PlacedPiece] = {}
    kinds: dict[int, set[bool]] = defaultdict(set)
    for each in placed:
        for foot in each.piece.feet:
            tops[legs[foot]] = max(each, tops.get(legs[foot], each), key=lambda one: one.level)
            kinds[legs[foot]].add(foot.is_child)
    lost = {each.piece.arc for column, each in tops.items() if not _leg(cells, column, each, art)}
    for column, top in tops.items():
        cells[0, column] = _foot(column, kinds[column], top.piece.arc, art)
    return cells, lost


def _line(placed: PlacedPiece, art: ArcArt) -> Iterable[ArcCell]:
    piece = placed.piece
    for column in range(placed.left + 1, placed.right):
        yield ArcCell(column, art.line, 1, piece.arc, "line")
    if not piece.cut_right:
        yield ArcCell(placed.right, art.right, 1, piece.arc, "corner right")
    if not piece.cut_left:
        yield ArcCell(placed.left, art.left, 1, piece.arc, "corner left")
    if piece.cut_left or piece.cut_right:
        column = placed.left if piece.cut_left else placed.right
        yield ArcCell(column, art.cut, 1, piece.arc, "cut")


def _leg(cells: Cells, column: int, top: PlacedPiece, art: ArcArt) -> bool:
    """Draw a leg from its highest arc down; False where it would hide what stands there."""
    branches = {"corner left": art.branch_right, "corner right": art.branch_left}
    for level in range(top.level - 1, 0, -1):
        met = cells.get((level, column))
        if met is None:
            cells[level, column] = ArcCell(column, art.leg, 1, top.piece.arc, "leg")
        elif met.part == "line":
            cells[level, column] = met._replace(glyph=art.crossing, part="crossing")
        elif met.part in branches:
            cells[level, column] = met._replace(glyph=branches[met.part], part="branch")
        else:
            return False
    return True


def _foot(column: int, kinds: set[bool], arc: int, art: ArcArt) -> ArcCell:
    if len(kinds) > 1:
        return ArcCell(column, art.both, 1, arc, "both")
    if kinds == {True}:
        return ArcCell(column, art.tip, 1, arc, "tip")
    return ArcCell(column, art.leg, 1, arc, "leg")


Line = tuple[ArcCell, ...]


class ArcEnd(NamedTuple):
    """Where one end of a link stands: cells `left` to `right` (exclusive) of a row of text.

    With `beside`, the arc meets it in the margin at the left of the text, and only the other end is
    drawn here, as one that goes on at the left edge.
    """

    row: int
    left: int
    right: int
    beside: bool = False


class ArcLink(NamedTuple):
    """What an arc is drawn for.

    Attributes:
        head, child: Its ends.
        label: The graphemes of its label.
        short: Gives what stands for the label in so many cells; empty if nothing can.
    """

    head: ArcEnd
    child: ArcEnd
    label: Sequence[Glyph]
    short: Callable[[int], Sequence[Glyph]]


class Arcs(NamedTuple):
    """Arcs as they are drawn.

    Attributes:
        lines: By row of text, the lines over it from top to bottom, each from left to right.
        hidden: Links for which there is no room.
        cut: Links whose label is not shown in full.
    """

    lines: Mapping[int, Sequence[Line]]
    hidden: frozenset[int]
    cut: frozenset[int]


def lay_out_arcs(
    links: Sequence[ArcLink],
    width: int,
    art: ArcArt,
    *,
    most: int | Sequence[int] = 12,
    known: RowMemory | None = None,
) -> Arcs:
    """Lay out arcs over rows of text.

    Args:
        links: What to draw; without a place on screen, or with equal ends, they are hidden.
        width: Cells of a row.
        art: What to draw with.
        most: Levels over a row at most, one number for all rows or one for each; arcs that need
            more are hidden, the longest first.
        known: Rows that were laid out before: those whose arcs are the same are not again. What
            `short` gives must depend on the label and the room alone.
    """
    known = RowMemory() if known is None else known
    hidden = {n for n, link in enumerate(links) if not _fits(link, width)}
    while True:
        rows = {
            row: known.row(pieces, links, width, art, most if isinstance(most, int) else most[row])
            for row, pieces in _pieces(links, hidden).items()
        }
        lost = {arc for row in rows.values() for arc in row.lost}
        if not lost:
            cut = {each.piece.arc for row in rows.values() for each in row.placed if not each.whole}
            known.keep(rows.values())
            lines = {number: row.lines for number, row in sorted(rows.items())}
            return Arcs(lines, frozenset(hidden), frozenset(cut))
        hidden |= lost


class RowMemory:
    """The rows of the last layout of a text: a relation more changes the rows of its ends alone."""

    def __init__(self) -> None:
        self._rows: dict[Hashable, _Row] = {}

    def row(
        self,
        pieces: Sequence[ArcPiece],
        links: Sequence[ArcLink],
        width: int,
        art: ArcArt,
        most: int,
    ) -> _Row:
        """Return a row of arcs, made anew only where it is not known."""
        labels = tuple(tuple(links[piece.arc].label) for piece in pieces)
        made_of = (tuple(pieces), labels, width, art, most)
        found = self._rows.get(made_of)
        if found is None:
            found = _Row(pieces, links, width, art, most)
            found.made_of = made_of
        return found

    def keep(self, rows: Iterable[_Row]) -> None:
        """Know these rows from now on, and no others."""
        self._rows = {row.made_of: row for row in rows}


def _fits(link: ArcLink, width: int) -> bool:
    ends = (link.head, link.child)
    return ends[0] != ends[1] and all(0 <= end.left < end.right <= width for end in ends)


def _pieces(links: Sequence[ArcLink], hidden: Iterable[int]) -> dict[int, list[ArcPiece]]:
    """Return the pieces of the arcs by row."""
    rows: dict[int, list[ArcPiece]] = defaultdict(list)
    unseen = set(hidden)
    for number, link in enumerate(links):
        if number in unseen:
            continue
        (first, first_is), (last, last_is) = sorted(
            [(link.head, False), (link.child, True)], key=lambda each: each[0]
        )
        before = ArcFoot(first.left, first.right, first_is, goes_right=True)
        after = ArcFoot(last.left, last.right, last_is, goes_right=False)
        if first.beside or last.beside:
            for end, is_child in ((first, first_is), (last, last_is)):
                foot = ArcFoot(end.left, end.right, is_child, goes_right=False)
                if not end.beside:
                    rows[end.row].append(ArcPiece(number, (foot,), cut_left=True))
        elif first.row == last.row:
            rows[first.row].append(ArcPiece(number, (before, after)))
        else:
            rows[first.row].append(ArcPiece(number, (before,), cut_right=True))
            rows[last.row].append(ArcPiece(number, (after,), cut_left=True))
    return rows


def _legs(pieces: Iterable[ArcPiece]) -> dict[ArcFoot, int]:
    """Return a column for each kind of foot, those that go left on the left.

    Where a word has fewer cells than kinds, arcs to both sides share a leg, then heads and
    children. Words share no column: of two that overlap, one may get none.
    """
    words: dict[tuple[int, int], set[ArcFoot]] = defaultdict(set)
    for piece in pieces:
        for foot in piece.feet:
            words[foot.left, foot.right].add(foot)
    legs: dict[ArcFoot, int] = {}
    taken: set[int] = set()
    for (left, right), feet in sorted(words.items()):
        free = [column for column in range(left, right) if column not in taken]
        if not free:
            continue
        for foot, column in _spread(sorted(feet, key=_order), free):
            legs[foot] = column
            taken.add(column)
    return legs


def _order(foot: ArcFoot) -> int:
    """Return the place of a foot in its word; children's arcs are mostly the longer ones."""
    return (2 + (not foot.is_child)) if foot.goes_right else int(foot.is_child)


def _spread(feet: Sequence[ArcFoot], free: Sequence[int]) -> Iterable[tuple[ArcFoot, int]]:
    ways: tuple[list[object], ...] = (
        list(feet),
        [foot.is_child for foot in feet],
        [None] * len(feet),
    )
    kinds = next(way for way in ways if len(set(way)) <= len(free))
    groups = list(dict.fromkeys(kinds))
    if len(groups) == 1:
        # The far side of the word makes the arc longer, with more room for its label.
        aside = (len(free) - 1) // 4
        return [(foot, free[aside if foot.goes_right else -1 - aside]) for foot in feet]
    if len(groups) > len(free):
        kinds = [None] * len(feet)
    places = [(2 * at + 1) * len(free) // (2 * len(groups)) for at in range(len(groups))]
    return [
        (foot, free[places[groups.index(kind)]]) for foot, kind in zip(feet, kinds, strict=True)
    ]


class _Row:
    """The arcs over one row of text.

    Attributes:
        placed: What is drawn, the lowest first.
        lost: Arcs for which there is no room.
        made_of: By what the row is known.
    """

    def __init__(
        self,
        pieces: Sequence[ArcPiece],
        links: Sequence[ArcLink],
        width: int,
        art: ArcArt,
        most: int,
    ) -> None:
        self.made_of: Hashable = None
        self._art = art
        self._width = width
        self._legs = _legs(pieces)
        self.placed: list[PlacedPiece] = []
        self.lost = {p.arc for p in pieces if any(foot not in self._legs for foot in p.feet)}
        if self.lost:
            return
        for piece, later in self._in_order(pieces):
            placed = self._place(piece, links[piece.arc], later)
            if placed is None or placed.level > most:
                self.lost.add(piece.arc)
            else:
                self.placed.append(placed)
        self._cells, lost = draw(self.placed, self._legs, art)
        self.lost |= lost

    @cached_property
    def lines(self) -> Sequence[Line]:
        """Return the lines from top to bottom."""
        top = max(level for level, _ in self._cells)
        found: list[list[ArcCell]] = [[] for _ in range(top + 1)]
        for (level, _), cell in sorted(self._cells.items()):
            found[top - level].append(cell)
        return [tuple(line) for line in found]

    # Placing

    def _extent(self, piece: ArcPiece) -> tuple[int, int]:
        columns = [self._legs[foot] for foot in piece.feet]
        left = 0 if piece.cut_left else min(columns)
        return left, self._width - 1 if piece.cut_right else max(columns)

    def _in_order(self, pieces: Sequence[ArcPiece]) -> Iterable[tuple[ArcPiece, set[int]]]:
        """Yield the pieces with the columns of the legs that will pass through their level."""

        def height(piece: ArcPiece) -> tuple[bool, int, int, int]:
            left, right = self._extent(piece)
            return piece.cut_left or piece.cut_right, right - left, left, piece.arc

        ordered = sorted(pieces, key=height)
        for index, piece in enumerate(ordered):
            yield piece, {self._legs[foot] for each in ordered[index + 1 :] for foot in each.feet}

    def _place(self, piece: ArcPiece, link: ArcLink, passing: set[int]) -> PlacedPiece | None:
        left, right = self._extent(piece)
        beside = range(left if piece.cut_left else 0, right + 1 if piece.cut_right else self._width)
        found = place_label(link.label, left, right, beside, passing, link.short)
        if found is None:
            return None
        start, glyphs, whole = found
        name = []
        for glyph, width in glyphs:
            name.append(ArcCell(start, glyph, width, piece.arc, "label"))
            start += width
        first = min([left, *(cell.column for cell in name)])
        last = max([right, *(cell.column + cell.width - 1 for cell in name)])
        below = [each.level for each in self.placed if first <= each.last and each.first <= last]
        level = 1 + max(below, default=0)
        return PlacedPiece(piece, left, right, first, last, level, name, whole)
