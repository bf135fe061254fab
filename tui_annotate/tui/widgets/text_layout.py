"""What a text view shows of an editor, how that is laid out at a size, rows drawn ahead, and which
rows have ever been on screen.

Rows are kept as they were drawn last, so that an unchanged row is not drawn again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

from textual.geometry import Size

from tui_annotate.editors.base import kept_ends
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.characters import has_right_to_left
from tui_annotate.text.width import TerminalWidths
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.widgets.cells import RowStrip
from tui_annotate.tui.widgets.lanes import LineMap, SpanIndex, SpanLike
from tui_annotate.tui.widgets.rows import (
    NARROW,
    Overlay,
    RowPainter,
    RowStyle,
    margin_width,
    with_proposals,
)

if TYPE_CHECKING:
    from tui_annotate.tui.widgets.paragraph_layout import Block


class Marked(Protocol):
    """A text with tokens and spans under a cursor: what an editor shows to the view.

    It may also have `marks` (code points of search hits and of the point arrived at), `hints`
    (letters by the offset they stand for), `proposals` (spans that are not taken yet),
    `disabled` (code points that cannot be chosen) and `overlap` (whether spans may overlap).
    """

    @property
    def text(self) -> str:
        """The text, never changed."""

    @property
    def spans(self) -> Sequence[SpanLike]:
        """The spans; another object after every change."""

    @property
    def cursor_range(self) -> tuple[int, int]:
        """The code points under the cursor."""

    @property
    def focus(self) -> SpanLike | None:
        """The focused span."""

    @property
    def selection(self) -> tuple[int, int] | None:
        """The selected code points."""


class Touched(Protocol):
    """What a command has changed, as editors report it."""

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """Code points whose look changed."""


class Marks(NamedTuple):
    """What was drawn last, apart from the text; attributes as in `Marked`, the spans with the
    proposals among them."""

    spans: Sequence[SpanLike]
    cursor: tuple[int, int]
    focus: SpanLike | None
    selection: tuple[int, int] | None
    overlay: Overlay = Overlay()


def read_marks(editor: Marked) -> Marks:
    """Return what an editor shows now, apart from its text."""
    spans = with_proposals(editor.spans, getattr(editor, "proposals", ()))
    overlay = Overlay(
        getattr(editor, "marks", ()), getattr(editor, "hints", {}), getattr(editor, "disabled", ())
    )
    return Marks(spans, editor.cursor_range, editor.focus, editor.selection, overlay)


def may_overlap(editor: Marked) -> bool:
    """Return whether the spans of an editor's text may overlap."""
    return bool(getattr(editor, "overlap", False))


class NoText:
    """Stands in before the first task."""

    text = ""
    spans: tuple[SpanLike, ...] = ()
    cursor_range = (0, 0)
    focus: SpanLike | None = None
    selection: tuple[int, int] | None = None


def difference(old: Marks, new: Marks) -> list[tuple[int, int]]:
    """Return the code points that may look different now."""
    ranges: list[tuple[int, int]] = []
    if old.cursor != new.cursor:
        ranges += [old.cursor, new.cursor]
    if old.selection != new.selection:
        ranges += [part for part in (old.selection, new.selection) if part]
    if old.focus != new.focus:
        ranges += [(span.start, span.end) for span in (old.focus, new.focus) if span]
    if old.spans is not new.spans:
        ranges += _span_difference(old.spans, new.spans)
    return ranges


def _span_difference(old: Sequence[SpanLike], new: Sequence[SpanLike]) -> list[tuple[int, int]]:
    first, last = kept_ends(old, new)
    old, new = old[first : len(old) - last], new[first : len(new) - last]
    before = {(span.start, span.end, span.label) for span in old}
    after = {(span.start, span.end, span.label) for span in new}
    same_number = len(before) == len(old) and len(after) == len(new)
    changed = before ^ after if same_number else before | after
    return [(start, end) for start, end, _ in changed]


Mode = Literal["auto", "lanes", "compact", "list"]


class DisplayOptions(NamedTuple):
    """How a view is to show its texts.

    Attributes:
        size: The view's.
        mode: How spans are shown; see `TextView`.
        drawing: How the terminal draws.
        show_blanks: Whether spaces and line breaks are drawn.
        overlap: Whether the spans of the text may overlap.
    """

    size: Size
    mode: Mode
    drawing: TerminalWidths
    show_blanks: bool
    overlap: bool = False


class LaidOutText(NamedTuple):
    """A text that is laid out.

    Attributes:
        layout: Its rows.
        look: How they look.
        compact: Whether labels stand in the margin instead of in lanes.
    """

    layout: Layout
    look: RowStyle
    compact: bool

    @property
    def row_height(self) -> int:
        """How many lines each row takes, its lanes with it."""
        return 1 if self.compact else 1 + self.look.lanes


def in_brackets(text: str, drawing: TerminalWidths) -> bool:
    """Return whether spans stand in brackets: the terminal alone knows the columns of a text."""
    return drawing.reorders and has_right_to_left(text)


def lay_out(text: str, way: DisplayOptions, look: RowStyle, before: Layout) -> LaidOutText:
    """Lay a text out.

    Args:
        text: The text.
        way: How it is to be shown.
        look: The styles.
        before: The last layout: returned again where it is the same.
    """
    width = max(1, way.size.width)
    brackets = in_brackets(text, way.drawing)
    lanes = 0 if brackets else _lanes(text, way, width, before)
    compact = not lanes
    beside = compact and not brackets and way.mode != "list"
    margin = margin_width(width) if beside else 0
    room = max(1, width - 2) if brackets else width - margin - bool(margin)
    look = look._replace(width=width, margin=margin, brackets=brackets, lanes=lanes)
    return LaidOutText(_wrap(text, room, way, before), look, compact)


def _lanes(text: str, way: DisplayOptions, width: int, before: Layout) -> int:
    """Return how many lanes there are below each row, 0 where labels do not stand there.

    The text, its view and the size decide, and no span: labelling must never move a row. There are
    two where spans may overlap and the whole text fits with them, else one where the text needs two
    screens at most.
    """
    if way.mode not in ("auto", "lanes"):
        return 0
    height = way.size.height
    least = 1 if way.mode == "lanes" or width < NARROW else 0
    if len(text) > 4 * width * height:
        return least
    rows = len(_wrap(text, width, way, before))
    if way.overlap and 3 * rows <= height:
        return 2
    return 1 if rows <= height else least


def _wrap(text: str, width: int, way: DisplayOptions, before: Layout) -> Layout:
    drawing, blanks = way.drawing, way.show_blanks
    same = (before.width, before.drawing, before.show_blanks) == (width, drawing, blanks)
    if same and before.text is text:
        return before
    return Layout(text, width, drawing, show_blanks=blanks)


class PreparedRows(NamedTuple):
    """The first rows of a task that is not shown yet.

    Attributes:
        laid: Its text.
        marks: What was drawn beside it.
        rows: The rows that were drawn.
    """

    laid: LaidOutText
    marks: Marks
    rows: DrawnRows

    def fits(self, laid: LaidOutText, marks: Marks) -> bool:
        """Return whether the rows are what would be drawn now."""
        same = self.laid.layout is laid.layout and self.laid.compact == laid.compact
        return same and self.laid.look == laid.look and self.marks == marks


def plan(
    editor: Marked, way: DisplayOptions, look: RowStyle
) -> tuple[PreparedRows, Iterator[None]]:
    """Return a plan for a task, and what draws its rows, one with each step."""
    way = way._replace(overlap=may_overlap(editor))
    laid = lay_out(editor.text, way, look, Layout("", 1))
    found = PreparedRows(laid, read_marks(editor), DrawnRows())
    return found, _draw(found, way.size.height)


def _draw(plan: PreparedRows, height: int) -> Iterator[None]:
    marks, laid = plan.marks, plan.laid
    painter = RowPainter(laid.look, laid.layout, SpanIndex(marks.spans))
    painter.overlay = marks.overlay
    for row in range(len(laid.layout)):
        if height <= 0:
            return
        drawn = painter.draw(row, marks.cursor, marks.selection, marks.focus, laid.compact)
        plan.rows.keep(row, drawn)
        height -= len(drawn)
        yield


_KEPT = 1000


class DrawnRows:
    """The strips of each row: its text, then its lanes. Keeps a bounded number of rows."""

    def __init__(self) -> None:
        self._strips: dict[int, list[RowStrip]] = {}

    def get(self, row: int) -> list[RowStrip] | None:
        """Return the strips of a row, None where it has to be drawn."""
        return self._strips.get(row)

    def keep(self, row: int, strips: list[RowStrip]) -> None:
        """Keep the strips of a row."""
        if len(self._strips) >= _KEPT:
            self._strips.clear()
        self._strips[row] = strips

    def drop(self, first: int, last: int) -> None:
        """Forget the rows from `first` to `last`, both included."""
        stale: Iterable[int] = range(first, last + 1)
        if last - first > len(self._strips):
            stale = [row for row in self._strips if first <= row <= last]
        for row in stale:
            self._strips.pop(row, None)

    def clear(self) -> None:
        """Forget all."""
        self._strips.clear()


class RowsOnScreen(NamedTuple):
    """Which rows are on screen, counted from 1, both included, and how many there are."""

    first: int
    last: int
    rows: int


class SeenRows:
    """Rows that were on screen, kept over a change of the width."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._seen: set[int] = set()

    def add(self, row: int) -> None:
        """Note that a row is on screen."""
        self._seen.add(row)

    def note(self, lines: LineMap, first: int, count: int) -> None:
        """Note the rows whose text stands on some lines."""
        for line in range(first, first + count):
            place = lines.locate(line)
            if place is not None and place[1] == 0:
                self.add(place[0])

    def missing(self, after: int = -1) -> int:
        """Return how many rows after a row, or at all, have never been on screen."""
        later = sum(row > after for row in self._seen) if after >= 0 else len(self._seen)
        return len(self._layout) - 1 - after - later

    def missing_before(self, row: int) -> int:
        """Return how many rows before a row have never been on screen."""
        return row - sum(seen < row for seen in self._seen)

    def move_to(self, layout: Layout) -> None:
        """Take another layout, of the same text or of one that was changed in one place: a row is
        seen where all of its text was."""
        ranges = self._ranges()
        if layout.text is not self._layout.text:
            ranges = _moved(ranges, self._layout.text, layout.text)
        self._layout, self._seen = layout, set()
        for start, end in ranges:
            row = layout.row_of(start)
            if layout[row].start < start:
                row += 1
            while row < len(layout) and layout[row].end <= end:
                self._seen.add(row)
                row += 1

    def _ranges(self) -> list[tuple[int, int]]:
        """Return the code points of the seen rows as few ranges."""
        ranges: list[tuple[int, int]] = []
        for row in sorted(self._seen):
            start, end, _ = self._layout[row]
            if ranges and ranges[-1][1] == start:
                ranges[-1] = (ranges[-1][0], end)
            else:
                ranges.append((start, end))
        return ranges


def _moved(ranges: list[tuple[int, int]], old: str, new: str) -> list[tuple[int, int]]:
    """Return where ranges of a text are in one that begins and ends like it. What was written
    between was seen as it was written, within what was seen and at its end."""
    same, grown = _common(old, new), len(new) - len(old)

    def moved(offset: int) -> int:
        if offset == len(old):
            return len(new)
        return offset if offset <= same else max(same, offset + grown)

    return [(moved(start), moved(end)) for start, end in ranges]


def _common(one: str, other: str) -> int:
    """Return how many code points two texts begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def unseen_rows(
    blocks: Iterable[tuple[Block, int]], seen: Mapping[str, set[int]], line: int
) -> int:
    """Return how many rows of what is read, from a line on, were never on screen; a text that is
    there twice is counted once.

    Args:
        blocks: Paragraphs, with the line that each begins on.
        seen: The rows that were on screen, by the text.
        line: The line.
    """
    first: dict[str, tuple[int, int]] = {}
    for block, start in blocks:
        if not block.paragraph.content:
            continue
        text, rows = block.paragraph.text, block.rows
        row = block.first_row_from(line - start)
        before = first.get(text, (rows, rows))
        first[text] = (min(row, before[0]), max(rows, before[1]))
    return sum(
        rows - row - sum(row <= each < rows for each in seen.get(text, ()))
        for text, (row, rows) in first.items()
    )
