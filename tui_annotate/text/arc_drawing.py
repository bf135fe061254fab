"""Draws arcs whose columns and levels are known, and notices where one would hide another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tui_annotate.fast_namedtuple import NamedTuple

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


class Foot(NamedTuple):
    """Where an arc meets its word: the word's cells, and whether it is the child."""

    left: int
    right: int
    is_child: bool
    goes_right: bool


class ArcPiece(NamedTuple):
    """The part of an arc over one row; with one foot it goes on at an edge."""

    arc: int
    feet: tuple[Foot, ...]
    cut_left: bool = False
    cut_right: bool = False


class Placed(NamedTuple):
    """A piece with its columns and level, and the extent with a label that stands beside it."""

    piece: ArcPiece
    left: int
    right: int
    first: int
    last: int
    level: int
    name: Sequence[ArcCell]
    whole: bool


def draw(placed: Sequence[Placed], legs: Mapping[Foot, int], art: ArcArt) -> tuple[Cells, set[int]]:
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
    tops: dict[int, Placed] = {}
    kinds: dict[int, set[bool]] = defaultdict(set)
    for each in placed:
        for foot in each.piece.feet:
            tops[legs[foot]] = max(each, tops.get(legs[foot], each), key=lambda one: one.level)
            kinds[legs[foot]].add(foot.is_child)
    lost = {each.piece.arc for column, each in tops.items() if not _leg(cells, column, each, art)}
    for column, top in tops.items():
        cells[0, column] = _foot(column, kinds[column], top.piece.arc, art)
    return cells, lost


def _line(placed: Placed, art: ArcArt) -> Iterable[ArcCell]:
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


def _leg(cells: Cells, column: int, top: Placed, art: ArcArt) -> bool:
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
