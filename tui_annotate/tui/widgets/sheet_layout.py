"""Lays out the paragraphs of a sheet, and keeps what takes long: wrapping, and places of arcs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import TypeAlias

from tui_annotate.editors.sheet import BLANK, Paragraph, Sheet, faint
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.spans import Range
from tui_annotate.text.characters import has_right_to_left
from tui_annotate.text.safe import safe_line
from tui_annotate.text.width import TerminalWidths, cell_width
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.arc_rows import ArcMemory, ArcPlan, ArcPlanner, ArcRoom, ArcRows
from tui_annotate.tui.widgets.lanes import LineMap, SpanIndex, extra_lanes
from tui_annotate.tui.widgets.paragraph_layout import Block, OneLine, ParagraphLayout
from tui_annotate.tui.widgets.rows import Overlay, RowPainter, RowStyle

_STYLES = {
    "text": Role.TEXT,
    "heading": Role.STRONG,
    "faint": Role.FAINT,
    "good": Role.GOOD,
    "bad": Role.BAD,
    "field": Role.TEXT,
}
_LEVELS = 4
"""Levels of arcs over a row at most on the lowest screens, where a task comes with so many."""
_MOST_SPARE = 3
"""Lines for arcs over each row at most where all of them have room: tips and two levels."""
_SPARE_OF_ONE = 5
"""The same of a text that is one row: tips and four levels."""
_LEAST_SPARE = 2
"""Lines for arcs over each row of a text that has to be scrolled: tips and one level. Beside a
margin there are at most so many, because most of its arcs need none."""
_BELOW = 3
"""Lines below the text that the list of relations keeps."""
_TEXT_AND_LANE = 2
"""Lines of a row without arcs that the spare ones stand over."""
_LEAST_TEXT = 8
"""Cells that a prefix leaves to the text beside it, however long it is."""

ArcRooms: TypeAlias = dict[tuple[int, str, int], ArcRoom]
"""The room for arcs that texts have: by their number among the texts with arcs, the text, and the
cells it is laid out in."""


class _Placed(NamedTuple):
    """A block in its place in the sheet, and the paragraph of the sheet and the mode that it was
    made of; no paragraph for a line that the maker added."""

    block: Block
    source: Paragraph | None = None
    mode: str = ""


class BlockMaker:
    """Lays paragraphs out, and keeps what takes long: wrapping, and the places of arcs.

    Args:
        look: How rows look; its width is that of the sheet.
        height: Lines of the sheet.
        drawing: What is known of the terminal.
        rooms: The room that is kept for arcs while the task is shown; what is laid out adds to it.
    """

    def __init__(
        self, look: RowStyle, height: int, drawing: TerminalWidths, rooms: ArcRooms
    ) -> None:
        self.look = look
        self._rooms = rooms
        self._with_arcs = 0
        self._drawing = drawing
        self._height = height
        self._most_levels = max(_LEVELS, height // 2)
        self._layouts: dict[tuple[str, int], Layout] = {}
        self._last_plan: tuple[Hashable, ArcPlan] | None = None  # what it is for, and the plan
        self._arcs_known: dict[str, ArcMemory] = {}
        self._blocks_before: list[_Placed] = []  # of the sheet that was drawn last
        self._blocks_now: list[_Placed] = []

    def blocks(self, sheet: Sheet, mode: str) -> Iterator[Block]:
        """Yield the paragraphs of a sheet as a mode of `SheetView` shows them.

        What of one cannot be drawn is said in the empty line below it, so that nothing moves.
        """
        self._blocks_before, self._blocks_now = self._blocks_now, []
        self._with_arcs = 0
        hidden = 0
        for each in sheet:
            if hidden:
                yield self._undrawn(hidden)
            if (hidden and each == BLANK) or (each.listed and mode == "compact"):
                hidden = 0
                continue
            block = self._block_at_place(each, mode)
            hidden = block.arcs.hidden if block.arcs is not None else 0
            yield block
        if hidden:
            yield self._undrawn(hidden)

    def block(self, paragraph: Paragraph) -> Block:
        """Return a paragraph as it is laid out: the one of the last sheet where it is the same,
        or only the cursor and what it marks have moved."""
        made = self._make(paragraph, self._before)
        self._blocks_now.append(_Placed(made))
        return made

    @property
    def _before(self) -> _Placed | None:
        """What stood in the last sheet in the place of the block that comes next."""
        place = len(self._blocks_now)
        return self._blocks_before[place] if place < len(self._blocks_before) else None

    def _block_at_place(self, source: Paragraph, mode: str) -> Block:
        """Return the block of a paragraph of the sheet. Most stand where they stood in the last
        one, and many are the same object: then nothing is compared."""
        before = self._before
        if before is not None and before.source is source and before.mode == mode:
            self._with_arcs += before.block.paragraph.arcs is not None
            now = before
        else:
            now = _Placed(self._make(_in_mode(source, mode), before), source, mode)
        self._blocks_now.append(now)
        return now.block

    def _make(self, paragraph: Paragraph, placed: _Placed | None) -> Block:
        """Lay a paragraph out, with what can be used of the block that stood in its place."""
        self._with_arcs += paragraph.arcs is not None
        before = placed.block if placed is not None else None
        if before is not None and before.paragraph == paragraph:
            return before
        if _is_one_line(paragraph, self.look.width):
            return OneLine(paragraph, self._lay_out)
        if before is None or isinstance(before, OneLine):
            return self._lay_out(paragraph)
        # What lies over the text does not move its rows: wrapping it again is what takes long.
        if _differs_in_marks(before.paragraph, paragraph):
            before.painter.overlay = _overlay(paragraph)
            arcs = before.arcs.marked(paragraph.arcs or ()) if before.arcs is not None else None
            return before._replace(paragraph=paragraph, arcs=arcs)
        return self._lay_out(paragraph)

    def _undrawn(self, number: int) -> Block:
        """Return a line that says how many relations have no room as arcs: one line at any width,
        because it comes and goes in the place of an empty one."""
        one = number == 1
        what = "1 relation has" if one else f"{number:,} relations have"
        said = f"{what} no room as arcs here: see the list, z"
        if len(said) >= self.look.width:
            what = "1 relation" if one else f"{number:,} relations"
            said = f"{what} not drawn: z lists {'it' if one else 'them'}"
        return self.block(faint(safe_line(said, self.look.width - 1)))

    def _lay_out(self, paragraph: Paragraph) -> ParagraphLayout:
        has_brackets = self._drawing.reorders and has_right_to_left(paragraph.text)
        has_lanes = not has_brackets and _can_have_lanes(paragraph)
        layout, indent, plan = self._wrap(paragraph, has_brackets=has_brackets, has_lanes=has_lanes)
        look = self.look._replace(
            theme=self._styled(paragraph),
            width=self.look.width - indent,
            brackets=has_brackets,
            lanes=paragraph.lanes,
        )
        arcs = ArcRows(plan, paragraph.arcs or (), look) if plan is not None else None
        index = SpanIndex(paragraph.spans)
        painter = RowPainter(look, layout, index)
        painter.overlay = _overlay(paragraph)
        return ParagraphLayout(
            paragraph=paragraph,
            indent=indent,
            layout=layout,
            map=_line_map(layout, index, arcs, lanes=paragraph.lanes, has_lanes=has_lanes),
            painter=painter,
            arcs=arcs,
            theme=self.look.theme,
            drawing=self._drawing,
            bracketed=has_brackets,
            drawn={},
        )

    def _wrap(
        self, paragraph: Paragraph, *, has_brackets: bool, has_lanes: bool
    ) -> tuple[Layout, int, ArcPlan | None]:
        """Return the rows of a paragraph's text, the cells that they are indented by, and where its
        arcs are; None where it can have none. Arcs that stand beside the rows take the place of
        the indent."""
        at_most = max(0, self.look.width - _LEAST_TEXT)
        indent = min(cell_width(paragraph.prefix, self._drawing), at_most)
        brackets = 2 if has_brackets else 0  # one at either end
        width = max(1, self.look.width - indent - brackets)
        plan = None if has_brackets else self._plan(paragraph, width, has_lanes=has_lanes)
        if plan is None:
            return self._layout(paragraph.text, width, right_edge=not indent), indent, None
        if plan.margin is not None:
            indent = plan.margin.size.width
        return plan.layout, indent, plan

    def _layout(self, text: str, width: int, *, right_edge: bool) -> Layout:
        found = self._layouts.get((text, width))  # what is indented has less room
        if found is None:
            found = Layout(text, width, self._drawing, right_edge=right_edge)
            self._layouts[text, width] = found
        return found

    def _plan(self, paragraph: Paragraph, width: int, *, has_lanes: bool) -> ArcPlan | None:
        """Return where the arcs of a paragraph are; None where it can have none."""
        if paragraph.arcs is None:
            return None

        def wrap(width: int) -> Layout:
            return self._layout(paragraph.text, width, right_edge=True)

        memory = self._arcs_known.setdefault(paragraph.text, ArcMemory())
        planner = ArcPlanner(
            paragraph, self.look, self._most_levels, lanes=has_lanes, memory=memory
        )
        place = (self._with_arcs, paragraph.text, width)
        room = self._rooms.get(place)
        if room is None:
            room = self._rooms[place] = self._room_for(paragraph, planner, width, wrap)
            # Rooms are cleared with the task and the size: the plan may be of the room before.
            self._last_plan = None
        ends = ((a.head, a.child, a.label) for a in paragraph.arcs)
        what = (*place, paragraph.tips, paragraph.beside, has_lanes, *ends)
        if self._last_plan is None or self._last_plan[0] != what:
            self._last_plan = (what, planner.plan(width, wrap, room))
        return self._last_plan[1]

    def _room_for(
        self,
        paragraph: Paragraph,
        planner: ArcPlanner,
        width: int,
        wrap: Callable[[int], Layout],
    ) -> ArcRoom:
        """Return the room for arcs that a paragraph keeps as long as its task is shown. Lines are
        spared for arcs to come only where somebody makes relations: such texts have lanes."""
        return planner.room(width, wrap, self._spare if paragraph.lanes else _no_lines)

    def _spare(self, rows: int, has_margin: bool) -> int:
        """Return how many lines are kept free over each row of a text for arcs to come.

        There are more where text and list of relations then still fit on the screen.
        """
        free = (self._height - _BELOW) // max(1, rows) - _TEXT_AND_LANE
        if has_margin:
            return min(max(free, 1), _LEAST_SPARE)
        return min(max(free, _LEAST_SPARE), _SPARE_OF_ONE if rows == 1 else _MOST_SPARE)

    def _styled(self, paragraph: Paragraph) -> Theme:
        theme = self.look.theme
        return theme.with_text(theme[_STYLES[paragraph.role]])


def _in_mode(paragraph: Paragraph, mode: str) -> Paragraph:
    if paragraph.listed and mode == "lanes":
        return paragraph._replace(content=False)
    return paragraph._replace(arcs=None) if mode == "list" else paragraph


def _overlay(paragraph: Paragraph) -> Overlay:
    return Overlay(paragraph.points, paragraph.hints, paragraph.faint)


def _can_have_lanes(paragraph: Paragraph) -> bool:
    """Return whether lines for labels stand below the rows of a paragraph: it has spans, or may
    get some."""
    has_spans = bool(paragraph.spans or paragraph.lanes)
    return paragraph.role == "text" and (has_spans or paragraph.cursor is not None)


def _line_map(
    layout: Layout, index: SpanIndex, arcs: ArcRows | None, *, lanes: int, has_lanes: bool
) -> LineMap:
    """Return how many lines each row takes: its arcs, its text and its lanes.

    Args:
        layout: The rows.
        index: The spans.
        arcs: Its arcs, if it can have any.
        lanes: How many lanes each row has; 0 for as many as its spans need, and one at least.
        has_lanes: Whether there are lanes at all.
    """
    height = 1 + (lanes or 1) if has_lanes else 1
    further = extra_lanes(index, layout) if has_lanes and not lanes else {}
    if arcs is not None:
        further = {row: further.get(row, 0) + arcs.height(row) for row in range(len(layout))}
    return LineMap(len(layout), height, further)


def _no_lines(rows: int, has_margin: bool) -> int:  # noqa: ARG001
    return 0


def _is_one_line(paragraph: Paragraph, width: int) -> bool:
    """Return whether a paragraph surely takes one line that nothing stands over or below."""
    text, prefix = paragraph.text, paragraph.prefix
    if not 0 < len(text) + len(prefix) < width or not text:
        return False
    plain = text.isascii() and prefix.isascii() and text.isprintable() and prefix.isprintable()
    return plain and paragraph == Paragraph(
        text,
        role=paragraph.role,
        prefix=prefix,
        current=paragraph.current,
        content=paragraph.content,
        listed=paragraph.listed,
        choice=paragraph.choice,
        column=paragraph.column,
    )


def _differs_in_marks(old: Paragraph, new: Paragraph) -> bool:
    """Return whether two paragraphs are laid out alike: they differ in nothing but what the cursor
    marks."""
    marks = old._replace(
        arcs=new.arcs,
        cursor=new.cursor,
        selection=new.selection,
        focus=new.focus,
        points=new.points,
        hints=new.hints,
        faint=new.faint,
    )
    return marks == new and _ends(old) == _ends(new)


def _ends(paragraph: Paragraph) -> list[tuple[Range, Range, str]] | None:
    """Return the arcs of a paragraph as they are laid out; None where it can have none."""
    arcs = paragraph.arcs
    return None if arcs is None else [(arc.head, arc.child, arc.label) for arc in arcs]
