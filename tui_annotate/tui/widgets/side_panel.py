"""The spans of a task as a list, whatever the terminal can draw; and what stands beside a text on
wide screens, spans or guidelines, behind a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.geometry import NULL_OFFSET, Region, Size, Spacing
from textual.layout import ArrangeResult, WidgetPlacement
from textual.layouts.vertical import VerticalLayout
from textual.widget import Widget

from tui_annotate.editors.span.import_spans import described_extra
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.spans import Span
from tui_annotate.text.safe import safe, safe_line
from tui_annotate.text.width import cell_width
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.cells import CellWidget, RowStrip, Run
from tui_annotate.tui.widgets.folded_line import LinePiece, fold
from tui_annotate.tui.widgets.lanes import ASCII, SpanLike, short_name
from tui_annotate.tui.widgets.rows import RowStyle, with_proposals
from tui_annotate.tui.widgets.text_layout import Marked, NoText

_LONGEST = 200


class SpanList(CellWidget):
    """Shows an editor's spans and proposals in reading order, the focused or nearest one always on
    screen.

    Args:
        theme: The styles.
        labels: The job's labels, for their colours.
    """

    DEFAULT_CSS = """
    SpanList { width: 1fr; height: 33%; min-height: 1; }
    """

    def __init__(self, theme: Theme, labels: Sequence[str], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._look = RowStyle(theme, ASCII, {}).with_labels(labels)
        self._editor: Marked = NoText()
        self._spans: Sequence[SpanLike] = ()
        self._top = 0
        self.display = False

    def show(self, editor: Marked) -> None:
        """Show the spans of a task."""
        self._editor, self._top = editor, 0
        self.changed()

    def changed(self) -> None:
        """Show what a command has changed."""
        if self.display:
            found = with_proposals(self._editor.spans, getattr(self._editor, "proposals", ()))
            self._spans = self._in_rows(found)
            self._look = self._look.with_brought(self._spans)
            self._follow()
            self.update_cells()

    def _in_rows(self, spans: Sequence[SpanLike]) -> Sequence[SpanLike]:
        """Return what stands in the rows of the list, for the spans that there are now, which come
        in reading order."""
        return spans

    def set_theme(self, theme: Theme) -> None:
        """Take the styles of another theme."""
        self._look = self._look._replace(theme=theme)
        self.redraw()

    def set_labels(self, labels: Sequence[str]) -> None:
        """Take other labels; their colours go by their places."""
        self._look = self._look.with_labels(labels)
        self.redraw()

    def resized(self) -> None:
        """Keep the focused span on screen at another size."""
        self._follow()

    def build_line(self, y: int) -> RowStrip:
        """Return one span: its number, its label, its text."""
        spans, theme = self._spans, self._look.theme
        if not spans and y == 0:
            return fold(
                [LinePiece("no spans", theme[Role.FAINT])],
                [],
                self.size.width,
                drawing=self.drawing,
            )
        number = self._top + y
        if number >= len(spans):
            return RowStrip(())
        return fold(self._pieces(spans[number], number), [], self.size.width, drawing=self.drawing)

    def _pieces(self, span: SpanLike, number: int) -> Sequence[LinePiece]:
        theme = self._look.theme
        style = theme.label(self._look.place(span.label)).line
        if span == self._editor.focus:
            style += theme[Role.FOCUS]
        text = self._editor.text[span.start : min(span.end, span.start + _LONGEST)]
        numbered = f"{number + 1:>3} "
        return [
            LinePiece(numbered, theme[Role.FAINT], 3),
            LinePiece(self._named(span, self.size.width - len(numbered)), style, 3, glue=True),
            LinePiece("  ", theme[Role.TEXT], 3, glue=True),
            LinePiece(text, theme[Role.TEXT], 3, glue=True),
        ]

    def _named(self, span: SpanLike, room: int) -> str:
        """Return what stands for a label; at most half of the line, where that is enough."""
        look = self._look
        for cells in (room // 2, room):
            name = short_name(
                span.label, cells, look.art, self.drawing, look.short, end=look.art.more
            )
            if name:
                return name
        return ""

    @property
    def list_height(self) -> int:
        """Rows for spans."""
        return max(1, self.size.height)

    @property
    def target(self) -> SpanLike | None:
        """The span that a key would delete; None where there is none."""
        return getattr(self._editor, "target", None) or self._editor.focus

    def _follow(self) -> None:
        """Scroll to the span that a key would delete; where there is none, to the first that does
        not end before the cursor."""
        spans, height = self._spans, self.list_height
        cursor, target = self._editor.cursor_range[0], self.target
        wanted = (i for i, s in enumerate(spans) if (s == target if target else s.end > cursor))
        at = next(wanted, max(0, len(spans) - 1))
        if not self._top <= at < self._top + height:
            self._top = max(0, min(at - height // 2, len(spans) - height))
        self._top = max(0, min(self._top, len(spans) - height))


_TEXT = 90
_PANEL = 40
"""Cells for the panel at least, with the rule and what parts it from the text."""

_LONGEST_LABEL = 12
_DEEPEST = 3
"""Cells by which a span within others is moved in at most."""

_FOOT_SHARE = 3
"""At most one row in so many of the panel tells what labels are for."""

_GAP = 2

Rows = Callable[[int], Sequence[RowStrip]]
"""Gives rows at a width."""


class Columns(NamedTuple):
    """Where things stand beside each other, in cells from the left edge of what is used.

    Attributes:
        text: How wide the text is.
        rule: Where the rule stands.
        panel: Where the panel begins; it goes on to the right edge.
    """

    text: int
    rule: int
    panel: int


def columns_of(block: int, *, halves: bool = False) -> Columns:
    """Return where text and panel stand.

    Args:
        block: Cells of a row of the screen that are used.
        halves: Both have the same room, as two versions that are compared.
    """
    text = (block - 2 * _GAP) // 2 if halves else min(_TEXT, block - _PANEL)
    return Columns(text, text + _GAP, text + 2 * _GAP)


class BesideLayout(VerticalLayout):
    """Rows from top to bottom; widgets of the class `beside` stand at the right of those of the
    class `narrowed`, which are as wide as `columns` says while there is one.

    Attributes:
        columns: Where things stand; None where nothing stands beside the text.
    """

    name = "beside"

    def __init__(self) -> None:
        self.columns: Columns | None = None

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """Return where everything stands."""
        beside = [each for each in children if each.has_class("beside")]
        rows = [each for each in children if not each.has_class("beside")]
        placed = super().arrange(parent, rows, size, greedy)
        body = [each.region for each in placed if each.widget.has_class("narrowed")]
        columns = self.columns
        if columns is None or not body or not beside:
            return placed
        found = [_narrowed(each, columns.text) for each in placed]
        top = min(region.y for region in body)
        height = max(region.bottom for region in body) - top
        for widget in beside:
            left = columns.rule if isinstance(widget, Rule) else columns.panel
            width = 1 if isinstance(widget, Rule) else max(1, size.width - left)
            region = Region(left, top, width, height)
            found.append(WidgetPlacement(region, NULL_OFFSET, Spacing(), widget))
        return found


def _narrowed(placed: WidgetPlacement, width: int) -> WidgetPlacement:
    if not placed.widget.has_class("narrowed"):
        return placed
    x, y, _, height = placed.region
    return placed._replace(region=Region(x, y, width, height))


class Rule(CellWidget):
    """An upright line that is drawn once.

    Args:
        theme: The styles.
        ascii_only: Draw it in ASCII.
    """

    def __init__(self, theme: Theme, *, ascii_only: bool = False) -> None:
        super().__init__(id="rule", classes="beside")
        self._sign = "|" if ascii_only else "│"
        self._style = theme[Role.TEXT]  # a grey would cost a start half a kilobyte

    def set_theme(self, theme: Theme) -> None:
        """Take the styles of another theme."""
        self._style = theme[Role.TEXT]
        self.redraw()

    def build_line(self, y: int) -> RowStrip:  # noqa: ARG002
        """Return the line's part on a row."""
        return RowStrip([Run(self._sign, self._style)])


class SidePanel(SpanList):
    """The spans of a text, those within others moved in, `>` at the one that keys act on; below
    them, what labels are for. Or a page in place of all that.

    Spans stand in reading order when a task opens, and keep their rows: one that is added takes a
    row that has become free, or the next one, because all rows behind it would have to be sent
    again otherwise. The text below the list never changes.

    Args:
        theme: The styles.
        labels: The job's labels, for their colours.
        told: What the labels are for, one a line; may be empty.
        page: Gives the rows of the page, such as the guidelines.
    """

    DEFAULT_CSS = """
    SidePanel { width: 1fr; height: 1fr; }
    """

    def __init__(
        self, theme: Theme, labels: Sequence[str], told: Sequence[str], page: Rows
    ) -> None:
        super().__init__(theme, labels, id="panel")
        self.add_class("beside")
        self._labels = tuple(labels)
        self._told = told
        self._page = page
        self.shows_page = False
        self.whose = ""
        self._rows: Sequence[RowStrip] = ()
        self._foot: list[RowStrip] = []
        self._current: Sequence[SpanLike] = ()
        self._there: frozenset[SpanLike] = frozenset()
        self._depths: dict[SpanLike, int] = {}
        self._drawn: dict[tuple[object, ...], RowStrip] = {}

    def show(self, editor: Marked) -> None:
        """Show the spans of a task."""
        self._drawn.clear()
        self._current, self._spans = (), ()
        super().show(editor)

    def set_page(self, shown: bool) -> None:
        """Show the page, or the spans."""
        self.shows_page = shown
        self._put_in_order()
        self.forget_rows()
        self.redraw()

    def set_theme(self, theme: Theme) -> None:
        """Take the styles of another theme."""
        super().set_theme(theme)
        self.forget_rows()
        self.redraw()

    def set_labels(self, labels: Sequence[str]) -> None:
        """Take other labels; their colours go by their places."""
        self._labels = tuple(labels)
        super().set_labels(labels)
        self.forget_rows()

    def resized(self) -> None:
        """Fold at another size."""
        self._put_in_order()
        self.forget_rows()
        super().resized()

    def _put_in_order(self) -> None:
        """Put the spans into reading order."""
        given, self._current, self._spans = self._current, (), ()
        self._spans = self._in_rows(given)

    def _in_rows(self, spans: Sequence[SpanLike]) -> Sequence[SpanLike]:
        """Return the span of each row, or the one that stood there last."""
        spans = tuple(spans)
        if spans == self._current:
            return self._spans
        self._current, self._there = spans, frozenset(spans)
        rows = list(self._spans)
        free = [at for at, span in enumerate(rows) if span not in self._there]
        known, depths = frozenset(rows), _depths(spans)
        for span in dict.fromkeys(spans):
            if span in known:
                continue
            self._depths[span] = depths[span]
            # One that was given another label or was stretched stays where it was.
            touched = (at for at in free if span.start < rows[at].end and rows[at].start < span.end)
            at = next(touched, free[0] if free else len(rows))
            if at == len(rows):
                rows.append(span)
            else:
                free.remove(at)
                rows[at] = span
        return rows

    def forget_rows(self) -> None:
        """Draw all rows anew, at the size and in the styles of now."""
        self._drawn.clear()
        width, height = self.size
        self._rows = self._page(width) if self.shows_page and width else ()
        self._foot = self._folded(self._told, width)[: height // _FOOT_SHARE] if width else []

    def _folded(self, lines: Sequence[str], width: int) -> list[RowStrip]:
        style, found = self._look.theme[Role.FAINT], []
        for line in lines:
            layout = Layout(safe(line), max(1, width), self.drawing)
            for row in layout:
                piece = LinePiece(layout.text[row.start : row.end], style, words=True)
                found.append(fold([piece], [], width, drawing=self.drawing))
        return found

    @property
    def list_height(self) -> int:
        """Rows for spans: without the heading, and without what stands below them."""
        foot = len(self._foot)
        return max(1, self.size.height - 1 - (foot + 1 if foot else 0))

    def build_line(self, y: int) -> RowStrip:
        """Return the heading, a span, or a row of what stands below them."""
        if self.shows_page:
            return self._rows[y] if y < len(self._rows) else RowStrip(())
        from_foot = y - (self.size.height - len(self._foot))
        if self._foot and from_foot >= 0:
            return self._foot[from_foot]
        if y == 0:
            return self._kept(len(self._current), (), self._heading)
        at = self._top + y - 1
        if y > self.list_height or at >= len(self._spans) or self._spans[at] not in self._there:
            return self._kept("", (), list)
        span = self._spans[at]
        here, depth = span == self.target, self._depths.get(span, 0)
        return self._kept(span, (here, depth), lambda: self._row(span, depth, here=here))

    def _kept(
        self, what: object, marks: tuple[object, ...], make: Callable[[], list[LinePiece]]
    ) -> RowStrip:
        """Return a row that was drawn before; made where it was not."""
        key = (what, *marks)
        found = self._drawn.get(key)
        if found is None:
            found = self._drawn[key] = fold(make(), [], self.size.width, drawing=self.drawing)
        return found

    def _heading(self) -> list[LinePiece]:
        count = len(self._current)
        said = "no spans" if not count else "1 span" if count == 1 else f"{count:,} spans"
        said = f"{self.whose}: {said}" if self.whose else said
        # In the terminal's own colour: a grey would cost more bytes than the number itself.
        return [LinePiece(said, self._look.theme[Role.TEXT])]

    def _row(self, span: SpanLike, depth: int, *, here: bool) -> list[LinePiece]:
        theme, drawing = self._look.theme, self.drawing
        names = max((cell_width(safe(each), drawing) for each in self._labels), default=0)
        names = min(max(names, 4), _LONGEST_LABEL)
        name = short_name(
            span.label, names, self._look.art, drawing, self._look.short, end=self._look.art.more
        )
        begin = f"{'>' if here else ' '} {' ' * depth}"
        gap = " " * max(1, names + 2 - depth - cell_width(name, drawing))
        room = self.size.width - len(begin) - cell_width(name, drawing) - len(gap)
        words = self._editor.text[span.start : min(span.end, span.start + room + 1)]
        more = described_extra(span) if isinstance(span, Span) else ""
        shown = safe_line(words, max(1, room), drawing)
        found = [
            LinePiece(begin, theme[Role.TEXT], 3),
            LinePiece(name, theme.label(self._look.place(span.label)).line, 3, glue=True),
            LinePiece(f"{gap}{shown}", theme[Role.TEXT], 3, glue=True),
        ]
        left = room - cell_width(shown, drawing) - _GAP
        if more and left > len(more) // 2:
            told = f"{' ' * _GAP}{safe_line(more, left, drawing)}"
            found.append(LinePiece(told, theme[Role.FAINT], 3, glue=True))
        return found


def _depths(spans: Sequence[SpanLike]) -> dict[SpanLike, int]:
    """Return within how many others each of some spans stands, which come in reading order."""
    found: dict[SpanLike, int] = {}
    open_: list[int] = []
    for span in spans:
        open_ = [end for end in open_ if end >= span.end]
        found[span] = min(len(open_), _DEEPEST)
        open_.append(span.end)
    return found
