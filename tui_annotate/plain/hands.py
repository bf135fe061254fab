"""Editing spans by what they cover, through the same commands that keys give."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from tui_annotate.editors.spans import SpanEditor
from tui_annotate.task.spans import Span
from tui_annotate.text.wrap import Layout

WIDTH = 80


class Hands:
    """Moves the cursor of an editor to tokens and spans, and labels and deletes there.

    Args:
        editor: What is edited.
    """

    def __init__(self, editor: SpanEditor) -> None:
        self.editor = editor
        self.rows = Layout(editor.text, WIDTH)

    def label(self, start: int, end: int, label: str) -> str:
        """Give a label to the tokens that hold code points; return what the editor says."""
        tokens = self.editor.tokens
        first = max(0, bisect_right(tokens.ends, start))
        last = max(first, bisect_left(tokens.starts, end) - 1)
        if not len(tokens) or first >= len(tokens):
            return "there is no word to label"
        self._drop_selection()
        self._go(first)
        if last > first:
            self.editor.apply("select")
            self._go(last)
        return self.editor.apply("label", label, self.rows).message

    def delete(self, span: Span) -> None:
        """Delete a span."""
        self._drop_selection()
        for _ in range(len(self.editor.spans) + 1):
            if self.editor.focus == span:
                self.editor.apply("delete")
                return
            self.editor.apply("next_span")

    def _drop_selection(self) -> None:
        for _ in range(2):
            if self.editor.selection is not None or self.editor.focus is not None:
                self.editor.apply("cancel")

    def _go(self, token: int) -> None:
        """Go to a token: by rows first, then token by token."""
        editor, starts = self.editor, self.editor.tokens.starts
        down = self.rows.row_of(starts[token]) - self.rows.row_of(editor.cursor_range[0])
        if down:
            editor.apply("page_down" if down > 0 else "page_up", abs(down), self.rows)
        for _ in range(len(starts)):
            if editor.cursor == token:
                return
            editor.apply("right" if editor.cursor < token else "left")
