"""The spans of a task as a list: label and text, one a line, whatever the terminal can draw."""

from __future__ import annotations

from collections.abc import Sequence

from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.cells import CellWidget, RowStrip
from tui_annotate.tui.widgets.lanes import ASCII, SpanLike, short_name
from tui_annotate.tui.widgets.lines import LinePiece, fold
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
