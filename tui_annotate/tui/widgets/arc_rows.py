"""Arcs over the rows of a paragraph, as strips."""

from __future__ import annotations

from collections.abc import Sequence
from operator import ne

from rich.style import Style

from tui_annotate.editors.base import Range
from tui_annotate.editors.sheet import Arc
from tui_annotate.text.arc_drawing import ArcArt, ArcCell
from tui_annotate.text.arcs import Arcs, End, Link, lay_out_arcs
from tui_annotate.text.short_labels import ShortLabels
from tui_annotate.text.width import glyphs
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.theme import Role
from tui_annotate.tui.widgets.lanes import stretches
from tui_annotate.tui.widgets.rows import Look
from tui_annotate.tui.widgets.strips import RowStrip, Run, blank, glyph_run


def laid_out(
    arcs: Sequence[Arc], layout: Layout, art: ArcArt, most: int, short: ShortLabels
) -> Arcs:
    """Return where the arcs of a paragraph are drawn, `most` levels over a row at most."""
    drawing = layout.drawing

    def link(arc: Arc) -> Link:
        def shortened(room: int) -> Sequence[tuple[str, int]]:
            found = short.fit(arc.label, room, drawing, end=art.more, middle=art.more)
            return glyphs(found, drawing)

        label = glyphs(arc.label, drawing)
        return Link(_end(arc.head, layout), _end(arc.child, layout), label, shortened)

    links = [link(arc) for arc in arcs]
    return lay_out_arcs(links, layout.width, art, most=most)


def _end(extent: Range, layout: Layout) -> End:
    """Return the cells of an end in the row that it ends in."""
    row = layout.row_of(extent[1] - 1)
    places = stretches(layout.cells(row), *extent)
    # Where directions mix, the arc stands at the part that is read last.
    return End(row, places[-1].left, places[-1].right) if places else End(row, 0, 0)


class ArcRows:
    """Draws arcs.

    Args:
        drawn: Where they are drawn.
        arcs: The arcs.
        look: How they look.
        kept: Lines over each row that are there without arcs too.
    """

    def __init__(self, drawn: Arcs, arcs: Sequence[Arc], look: Look, kept: int) -> None:
        self._drawn = drawn
        self._arcs = arcs
        self._look = look
        self._kept = kept
        self._strips: dict[tuple[int, int], RowStrip] = {}

    def marked(self, arcs: Sequence[Arc]) -> ArcRows:
        """Return the same rows for arcs that differ only in which of them are current."""
        changed = {n for n, pair in enumerate(zip(arcs, self._arcs, strict=True)) if ne(*pair)}
        if not changed:
            return self
        found = ArcRows(self._drawn, arcs, self._look, self._kept)
        rows = {
            row
            for row, lines in self._drawn.lines.items()
            if any(cell.arc in changed for line in lines for cell in line)
        }
        found._strips = {place: s for place, s in self._strips.items() if place[0] not in rows}
        return found

    def height(self, row: int) -> int:
        """Return how many lines stand over a row."""
        return max(self._kept, len(self._drawn.lines.get(row, ())))

    @property
    def hidden(self) -> int:
        """How many arcs there is no room for."""
        return len(self._drawn.hidden)

    def strip(self, row: int, line: int, indent: int) -> RowStrip:
        """Return one of the lines over a row, counted from the top.

        Args:
            row: The row.
            line: The line.
            indent: Cells that stand before it.
        """
        found = self._strips.get((row, line))
        if found is None:
            strip = self._draw(row, line)
            found = RowStrip([blank(indent), *strip.runs]) if indent else strip
            self._strips[row, line] = found
        return found

    def _draw(self, row: int, line: int) -> RowStrip:
        runs: list[Run] = []
        column = 0
        lines = self._drawn.lines.get(row, ())
        line -= self.height(row) - len(lines)
        for cell in lines[line] if line >= 0 else ():
            runs.append(blank(cell.column - column))
            runs.append(glyph_run([(cell.glyph, cell.width)], self._style(cell)))
            column = cell.column + cell.width
        return RowStrip(runs).fit(self._look.width)

    def _style(self, cell: ArcCell) -> Style:
        arc, theme = self._arcs[cell.arc], self._look.theme
        style = theme.label(self._look.place(arc.label)).line
        shown = arc.current and cell.part == "label"
        return style + theme[Role.FOCUS] if shown else style
