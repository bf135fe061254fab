"""A paragraph of a sheet as it is laid out: its rows, what stands over them and below them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from tui_annotate.editors.sheet import Paragraph
from tui_annotate.records import NamedTuple
from tui_annotate.text.arc_drawing import ARC_ASCII, ARC_BOX
from tui_annotate.text.arcs import Arcs
from tui_annotate.text.drawing import Drawing
from tui_annotate.text.scripts import has_right_to_left
from tui_annotate.text.width import cell_width
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.arc_rows import ArcRows, laid_out
from tui_annotate.tui.widgets.lanes import BOX, LineMap, SpanIndex, extra_lanes
from tui_annotate.tui.widgets.lines import text_run
from tui_annotate.tui.widgets.overlay import Overlay
from tui_annotate.tui.widgets.rows import Look, RowPainter
from tui_annotate.tui.widgets.strips import RowStrip, Run, blank

_STYLES = {
    "text": Role.TEXT,
    "heading": Role.STRONG,
    "faint": Role.FAINT,
    "good": Role.GOOD,
    "bad": Role.BAD,
    "field": Role.TEXT,
}
_NOWHERE = (-1, -1)
_LEVELS = 4
"""Levels of arcs that there are on the lowest screens."""
_KEPT = 3
"""Lines for arcs over each row from the start: tips and two levels."""
_BELOW = 5
"""Lines below the text that the list of relations keeps."""


class Block(NamedTuple):
    """A paragraph as it is laid out. A row's lines are its arcs, its text, its lanes."""

    paragraph: Paragraph
    indent: int
    layout: Layout
    map: LineMap
    painter: RowPainter
    arcs: ArcRows | None
    theme: Theme
    drawing: Drawing
    bracketed: bool

    def text_line(self, row: int) -> int:
        """Return the line that the text of a row stands on."""
        return self.map.line_of(row) + self._over(row)

    def is_text(self, row: int, part: int) -> bool:
        """Whether a line of a row is its text."""
        return part == self._over(row)

    def contents(self) -> Iterable[tuple[str, int]]:
        """Yield the rows that are to be read before an answer."""
        if self.paragraph.content:
            yield from ((self.paragraph.text, row) for row in range(len(self.layout)))

    def strip(self, row: int, part: int) -> RowStrip:
        """Return a line of a row."""
        over = self._over(row)
        if self.arcs is not None and part < over:
            runs = self.arcs.strip(row, part).runs
        else:
            paragraph, compact = self.paragraph, self.map.height == 1
            cursor = paragraph.cursor or _NOWHERE
            strips = self.painter.draw(row, cursor, paragraph.selection, paragraph.focus, compact)
            runs = strips[part - over].runs if part - over < len(strips) else ()
        return RowStrip([*self._prefix(row, part), *runs])

    def _over(self, row: int) -> int:
        return 0 if self.arcs is None else self.arcs.height(row)

    def _prefix(self, row: int, part: int) -> list[Run]:
        if not self.indent:
            return []
        if row or not self.is_text(row, part):
            return [blank(self.indent)]
        style = self.theme[Role.KEY]
        if self.paragraph.current:
            style += self.theme[Role.FOCUS]
        return [text_run(self.paragraph.prefix[: self.indent], style, self.drawing)]


class BlockMaker:
    """Lays paragraphs out, and keeps what takes long: wrapping, and the places of arcs.

    Args:
        look: How rows look; its width is that of the sheet.
        height: Lines of the sheet.
        drawing: What is known of the terminal.
    """

    def __init__(self, look: Look, height: int, drawing: Drawing) -> None:
        self.look = look
        self._drawing = drawing
        self._height = height
        self._most = max(_LEVELS, height // 2)
        self._layouts: dict[tuple[str, int], Layout] = {}
        self._arcs: dict[Hashable, Arcs] = {}

    def block(self, paragraph: Paragraph) -> Block:
        """Return a paragraph as it is laid out."""
        look = self.look
        indent = min(cell_width(paragraph.prefix, self._drawing), max(0, look.width - 8))
        brackets = self._drawing.reorders and has_right_to_left(paragraph.text)
        room = max(1, look.width - indent - 2 * brackets)
        layout = self._layout(paragraph.text, room, right_edge=not indent)
        index = SpanIndex(paragraph.spans)
        lanes = bool(paragraph.spans) or paragraph.cursor is not None
        lanes = lanes and paragraph.role == "text" and not brackets
        extra = extra_lanes(index, layout) if lanes else {}
        own = look._replace(
            theme=self._styled(paragraph), width=look.width - indent, brackets=brackets
        )
        arcs = None if brackets else self._arc_rows(paragraph, layout, own)
        if arcs is not None:
            extra = {row: extra.get(row, 0) + arcs.height(row) for row in range(len(layout))}
        painter = RowPainter(own, layout, index)
        painter.overlay = Overlay(paragraph.points, paragraph.hints, paragraph.faint)
        lines = LineMap(len(layout), 2 if lanes else 1, extra)
        return Block(
            paragraph, indent, layout, lines, painter, arcs, look.theme, self._drawing, brackets
        )

    def _layout(self, text: str, width: int, *, right_edge: bool) -> Layout:
        found = self._layouts.get((text, width))  # what is indented has less room
        if found is None:
            found = Layout(text, width, self._drawing, right_edge=right_edge)
            self._layouts[text, width] = found
        return found

    def _arc_rows(self, paragraph: Paragraph, layout: Layout, look: Look) -> ArcRows | None:
        if paragraph.arcs is None:
            return None
        ends = ((a.head, a.child, a.label) for a in paragraph.arcs)
        what = (layout.text, layout.width, paragraph.tips, *ends)
        drawn = self._arcs.get(what)
        if drawn is None:
            art = ARC_BOX if look.art is BOX else ARC_ASCII
            if not paragraph.tips:
                art = art._replace(tip=art.leg, both=art.leg)
            drawn = laid_out(paragraph.arcs, layout, art, self._most)
            self._arcs = {what: drawn}
        kept = self._kept(len(layout)) if paragraph.cursor is not None else 0
        return ArcRows(drawn, paragraph.arcs, look, kept)

    def _kept(self, rows: int) -> int:
        """Return the lines that are kept free over each row for arcs to come, where there is room
        for all of them: the first relations do not move the text."""
        free = (self._height - _BELOW) // rows - 2
        return min(free, _KEPT) if free > 1 else 0

    def _styled(self, paragraph: Paragraph) -> Theme:
        theme = self.look.theme
        return theme.with_text(theme[_STYLES[paragraph.role]])
