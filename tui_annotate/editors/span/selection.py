"""What is being selected: a fixed end, and the cursor as the other one."""

from __future__ import annotations

from dataclasses import dataclass

from tui_annotate.editors.span.spanset import SpanEntry
from tui_annotate.editors.span.undo import CursorPlace


@dataclass(eq=False, repr=False, slots=True)
class Selection:
    """An open selection.

    Attributes:
        anchor: The token at the end that stays.
        original: The span that is being adjusted, as it was before; None for a selection of text.
        before: Where the annotator was when the adjusting began.
        applied: Whether the newest step of the history is this adjustment.
    """

    anchor: int
    original: SpanEntry | None
    before: CursorPlace
    applied: bool = False

    def tokens(self, cursor: int) -> tuple[int, int]:
        """First and last token between the fixed end and the cursor."""
        return (min(self.anchor, cursor), max(self.anchor, cursor))
