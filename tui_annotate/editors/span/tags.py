"""The view `pos_manual`: one tag a token. A tag moves on to the next token."""

from __future__ import annotations

from tui_annotate.editors.base import Argument, Change, Rows, merged
from tui_annotate.editors.span.editor import NER_MANUAL, SpanEditor, open_spans
from tui_annotate.views import MARKED_KEYS

_NOT_HERE = {"select", "select_left", "select_right", "select_up", "select_down"}


class TagEditor(SpanEditor):
    """Spans of one token each; a span that a task brings over several tokens is kept as it is."""

    def apply(self, command: str, argument: Argument = None, rows: Rows | None = None) -> Change:
        """Carry out a command. A tag takes the place of the token's old one."""
        if command in _NOT_HERE:
            return Change(message="a tag is of one token")
        given = command in ("label", "repeat")
        if given and self.focus is not None and self.focus.start != self.cursor_range[0]:
            super().apply("cancel")
        change = super().apply(command, argument, rows)
        if not given or not change.edited:
            return change
        moved = super().apply("right")
        ranges = merged((*change.ranges, *moved.ranges))
        return Change(ranges, True, True, change.message)


POS_MANUAL = NER_MANUAL._replace(
    id="pos_manual",
    help="one tag a token",
    open=lambda task, config, help_: open_spans(TagEditor, task, config, help_),
    writes=MARKED_KEYS,
    settings=("labels", "highlight_chars", "ner_manual_highlight_chars"),
)
