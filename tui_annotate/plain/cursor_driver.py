"""Editing spans by what they cover, through the same commands that keys give."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable

from tui_annotate.editors.base import Argument, Change, Rows
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.task.spans import Span
from tui_annotate.text.wrap import Layout

WIDTH = 80

Apply = Callable[[str, Argument, "Rows | None"], Change]


class Hands:
    """Moves the cursor of an editor to tokens and spans, and labels and deletes there.

    Args:
        editor: Where the cursor is.
        apply: Carries out what edits, where that editor is a part of another one.
    """

    def __init__(self, editor: SpanEditor, apply: Apply | None = None) -> None:
        self.editor = editor
        self.rows = Layout(editor.text, WIDTH)
        self._apply = apply or editor.apply

    def label(self, start: int, end: int, label: str) -> str:
        """Give a label to the tokens that hold code points; return what the editor says."""
        if not self._select(start, end):
            return "there is no word to label"
        return self._apply("label", label, self.rows).message

    def rewrite(self, start: int, end: int, words: str) -> str:
        """Write the tokens that hold code points anew; return what the editor says."""
        if not self._select(start, end):
            return "there is no word to change"
        return self._apply("rewrite", words, self.rows).message

    def _select(self, start: int, end: int) -> bool:
        """Select the tokens that hold code points; one alone is under the cursor then. False if
        there are none."""
        tokens = self.editor.tokens
        first = bisect_right(tokens.ends, start)
        last = max(first, bisect_left(tokens.starts, end) - 1)
        if not self.go(start):
            return False
        if last > first:
            self.editor.apply("select")
            self._go(last)
        return True

    def go(self, offset: int) -> bool:
        """Put the cursor on the token at or behind a code point; False if there is none."""
        token = bisect_right(self.editor.tokens.ends, offset)
        if token >= len(self.editor.tokens):
            return False
        self._drop_selection()
        self._go(token)
        return True

    def delete(self, span: Span) -> None:
        """Delete a span."""
        self._drop_selection()
        for _ in range(len(self.editor.spans) + 1):
            if self.editor.focus == span:
                self._apply("delete", None, self.rows)
                return
            self.editor.apply("next_span")

    def _drop_selection(self) -> None:
        """Close a selection, with what it has adjusted, which was said as it is; lose the focus."""
        if self.editor.selection is not None:
            self.editor.apply("select")
        if self.editor.focus is not None:
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
