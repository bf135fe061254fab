"""Arcs beside wrapped text: where an end is as wide as a line, arcs stand in a margin at its left.

Each arc has a column of its own in the margin, the shortest arc next to the text, and each of its
ends a line of its own: from the column to the text, with the label, and with a tip at the child.

    ┌──ATTACK─► Anna: We should buy it.
    │┌─SUPPORT► go up.
    └┼─ATTACK── Ben: That costs too much.
     └─SUPPORT─ Cem: I agree with Anna.

An end that is narrow has its leg over its own word: there the line goes on over the text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.arc_labels import Glyph
from tui_annotate.text.arcs import ArcCell

Place = tuple[int, int]
"""A line: its row of text, and how many lines it stands below the text of that row. Lines over the
text have negative numbers."""

_RESERVED = 3
"""Columns for arcs that there are from the start, so that the first arcs do not move the text."""

_AROUND = 3
"""Cells of the margin beside its columns and labels: a line before the label, a tip, a blank."""


def is_line(text: str, extent: tuple[int, int]) -> bool:
    """Tell whether a range of a text is a whole line of it, or several, but for blanks.

    Args:
        text: The text.
        extent: Code points of it, from start to end (exclusive).
    """
    start, end = extent
    before = text[text.rfind("\n", 0, start) + 1 : start]
    behind = text.find("\n", end)
    after = text[end:] if behind < 0 else text[end:behind]
    return not before.strip() and not after.strip()


def is_line_of_words(text: str, extent: tuple[int, int]) -> bool:
    """Tell whether a range of a text is a whole line of several words."""
    # Most ranges are words: that is seen at once.
    return len(text[extent[0] : extent[1]].split(None, 1)) > 1 and is_line(text, extent)


class MarginArt(NamedTuple):
    """What arcs in the margin are drawn with. Each is one cell wide."""

    top: str
    bottom: str
    line: str
    leg: str
    crossing: str
    tip: str


MARGIN_BOX = MarginArt("┌", "└", "─", "│", "┼", "►")
MARGIN_ASCII = MarginArt(".", "'", "-", "|", "|", ">")


class MarginEnd(NamedTuple):
    """One end of an arc: its line, and whether the line goes on over the text there."""

    place: Place
    is_child: bool
    goes_on: bool = False


class MarginLink(NamedTuple):
    """What an arc in the margin is drawn for.

    Attributes:
        arc: The number of the arc.
        ends: Its two ends.
        label: The graphemes of its label.
        short: Gives what stands for the label in so many cells; empty if nothing can.
    """

    arc: int
    ends: tuple[MarginEnd, MarginEnd]
    label: Sequence[Glyph]
    short: Callable[[int], Sequence[Glyph]]

    @property
    def first(self) -> Place:
        """The upper one of its lines."""
        return min(self.ends[0].place, self.ends[1].place)

    @property
    def last(self) -> Place:
        """The lower one of its lines."""
        return max(self.ends[0].place, self.ends[1].place)


class MarginSize(NamedTuple):
    """How wide a margin is: the columns of its arcs, and the cells of its labels."""

    columns: int
    label: int

    @property
    def width(self) -> int:
        """The cells of the whole margin."""
        return self.columns + self.label + _AROUND


def margin_size(labels: Sequence[int], columns: int, room: int) -> MarginSize:
    """Return how wide the margin of a text is to be: at most a third of what there is.

    Args:
        labels: The widths of the labels that arcs have or may have, in cells.
        columns: Columns that the arcs need.
        room: Cells of margin and text together.
    """
    most = max(_AROUND + 2, room // 3) - _AROUND
    label = min(max(labels, default=1), max(1, most - _RESERVED))
    return MarginSize(min(max(columns, _RESERVED), most - label), label)


def columns_of(links: Sequence[MarginLink]) -> dict[int, int]:
    """Return a column for each arc, by its number: 0 stands next to the text. Arcs that share a
    line have different columns, and shorter ones stand nearer to the text."""
    lines = sorted({end.place for link in links for end in link.ends})
    position = {place: number for number, place in enumerate(lines)}

    def length(link: MarginLink) -> tuple[int, Place, int]:
        return position[link.last] - position[link.first], link.first, link.arc

    taken: dict[int, list[tuple[Place, Place]]] = defaultdict(list)
    found: dict[int, int] = {}
    for link in sorted(links, key=length):
        column = 0
        while any(a <= link.last and link.first <= b for a, b in taken[column]):
            column += 1
        taken[column].append((link.first, link.last))
        found[link.arc] = column
    return found


class MarginArcs:
    """The margin of a text, drawn line by line.

    Args:
        links: The arcs that stand in it.
        size: How wide it is.
        art: What to draw with.

    Attributes:
        size: As above.
        hidden: Arcs for which there is no column, and those whose label has no form that fits.
    """

    def __init__(self, links: Sequence[MarginLink], size: MarginSize, art: MarginArt) -> None:
        self.size = size
        self._art = art
        columns = columns_of(links)
        names = {link.arc: self._name(link) for link in links}
        self.hidden = frozenset(
            link.arc for link in links if columns[link.arc] >= size.columns or not names[link.arc]
        )
        self._names = names
        self._links = [link for link in links if link.arc not in self.hidden]
        # Columns are counted from the text; on screen the one next to it is the last.
        self._columns = {arc: size.columns - 1 - column for arc, column in columns.items()}
        self._ends: Mapping[Place, tuple[MarginLink, MarginEnd]] = {
            end.place: (link, end) for link in self._links for end in link.ends
        }

    def _name(self, link: MarginLink) -> Sequence[Glyph]:
        if sum(width for _, width in link.label) <= self.size.label:
            return link.label
        return link.short(self.size.label)

    def line(self, place: Place) -> tuple[ArcCell, ...]:
        """Return what stands in the margin on a line, from left to right."""
        cells = {
            self._columns[link.arc]: ArcCell(
                self._columns[link.arc], self._art.leg, 1, link.arc, "leg"
            )
            for link in self._links
            if link.first < place < link.last
        }
        here = self._ends.get(place)
        if here is not None:
            self._draw_end(cells, place, *here)
        return tuple(cells[column] for column in sorted(cells))

    def _draw_end(
        self, cells: dict[int, ArcCell], place: Place, link: MarginLink, end: MarginEnd
    ) -> None:
        art, arc, size = self._art, link.arc, self.size
        corner = self._columns[arc]
        stop = size.width if end.goes_on else size.width - 1
        for column in range(corner + 1, stop):
            crossed = cells.get(column)
            if crossed is None:
                cells[column] = ArcCell(column, art.line, 1, arc, "line")
            else:
                cells[column] = crossed._replace(glyph=art.crossing, part="crossing")
        glyph = art.top if place == link.first else art.bottom
        cells[corner] = ArcCell(corner, glyph, 1, arc, "corner")
        if end.goes_on:  # its label stands over the text
            return
        if end.is_child:
            cells[stop - 1] = ArcCell(stop - 1, art.tip, 1, arc, "tip")
        column = size.columns + 1
        for each, width in self._names[arc]:
            for covered in range(column, column + width):
                del cells[covered]
            cells[column] = ArcCell(column, each, width, arc, "label")
            column += width
