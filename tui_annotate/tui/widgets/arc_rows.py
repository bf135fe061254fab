"""Arcs over the rows of a paragraph, as strips."""

from __future__ import annotations

from collections.abc import Sequence
from operator import ne

from rich.style import Style

from tui_annotate.editors.sheet import Arc
from tui_annotate.text.arcs import ArcCell
from tui_annotate.tui.theme import Role
from tui_annotate.tui.widgets.arc_margin import ArcPlan
from tui_annotate.tui.widgets.cells import RowStrip, Run, blank, glyph_run
from tui_annotate.tui.widgets.rows import RowStyle


class ArcRows:
    """Draws arcs.

    Args:
        plan: Where they are drawn.
        arcs: The arcs.
        look: How they look.
    """

    def __init__(self, plan: ArcPlan, arcs: Sequence[Arc], look: RowStyle) -> None:
        self._plan = plan
        self._drawn = plan.drawn
        self._arcs = arcs
        self._look = look
        self._strips: dict[tuple[int, int], RowStrip] = {}

    def marked(self, arcs: Sequence[Arc]) -> ArcRows:
        """Return the same rows for arcs that differ only in which of them are current."""
        changed = {n for n, pair in enumerate(zip(arcs, self._arcs, strict=True)) if ne(*pair)}
        if not changed:
            return self
        found = ArcRows(self._plan, arcs, self._look)
        rows = {
            row
            for row, lines in self._drawn.lines.items()
            if any(cell.arc in changed for line in lines for cell in line)
        }
        if self._plan.margin is None:  # its arcs stand beside any row
            found._strips = {place: s for place, s in self._strips.items() if place[0] not in rows}
        return found

    def height(self, row: int) -> int:
        """Return how many lines stand over a row."""
        return self._plan.room.lines[row]

    @property
    def hidden(self) -> int:
        """How many arcs there is no room for."""
        return self._plan.hidden

    @property
    def has_margin(self) -> bool:
        """Whether arcs stand beside the rows."""
        return self._plan.margin is not None

    def margin(self, row: int, part: int) -> list[Run] | None:
        """Return what stands beside a line of a row; None where there is no margin.

        Args:
            row: The row.
            part: The line, counted from the first one over the row.
        """
        margin = self._plan.margin
        if margin is None:
            return None
        runs, column = self._runs(margin.line((row, part - self.height(row))))
        return [*runs, blank(margin.size.width - column)]

    def strip(self, row: int, line: int, before: Sequence[Run]) -> RowStrip:
        """Return one of the lines over a row, counted from the top.

        Args:
            row: The row.
            line: The line.
            before: What stands before it.
        """
        found = self._strips.get((row, line))
        if found is None:
            strip = self._draw(row, line)
            found = RowStrip([*before, *strip.runs]) if before else strip
            self._strips[row, line] = found
        return found

    def _draw(self, row: int, line: int) -> RowStrip:
        lines = self._drawn.lines.get(row, ())
        line -= self.height(row) - len(lines)
        runs, _ = self._runs(lines[line] if line >= 0 else ())
        return RowStrip(runs).fit(self._look.width)

    def _runs(self, cells: Sequence[ArcCell]) -> tuple[list[Run], int]:
        """Return what cells look like, and the column behind them."""
        runs: list[Run] = []
        column = 0
        for cell in cells:
            runs.append(blank(cell.column - column))
            runs.append(glyph_run([(cell.glyph, cell.width)], self._style(cell)))
            column = cell.column + cell.width
        return runs, column

    def _style(self, cell: ArcCell) -> Style:
        arc, theme = self._arcs[cell.arc], self._look.theme
        style = theme.label(self._look.place(arc.label)).line
        shown = arc.current and cell.part == "label"
        return style + theme[Role.FOCUS] if shown else style
