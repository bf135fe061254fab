"""The versions of a review, one below the other: who chose what."""

from __future__ import annotations

from collections.abc import Sequence

from tui_annotate.text.safe import safe
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.cells import CellWidget
from tui_annotate.tui.widgets.lines import LinePiece, fold
from tui_annotate.tui.widgets.strips import RowStrip

_SHARE = 4
"""At most one row in so many is for versions; the rest of them is read on a page of its own."""


class VersionList(CellWidget):
    """Shows as much of the versions as a quarter of the screen holds.

    Args:
        theme: The styles.
        rest: What is said in the place of what has no room.
    """

    DEFAULT_CSS = """
    VersionList { width: 1fr; height: 1; }
    """

    def __init__(self, theme: Theme, rest: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._theme = theme
        self._rest = rest
        self._lines_shown: Sequence[str] = ()
        self._rows: list[str] = []
        self.display = False

    def show(self, lines: Sequence[str]) -> None:
        """Show the versions of a task, raw, one a line; nothing where there are none."""
        self._lines_shown = lines
        self.set_display(bool(lines))
        self.fit_screen(self.app.size.width, self.app.size.height)

    def fit_screen(self, width: int, height: int) -> None:
        """Fold the versions for a screen of this size."""
        room = max(1, height // _SHARE)
        rows: list[str] = []
        for line in self._lines_shown:
            layout = Layout(safe(line), max(1, width))
            rows += [layout.text[row.start : row.end] for row in layout]
        if len(rows) > room:
            rows = [*rows[: room - 1], self._rest]
        self._rows = rows
        self.styles.height = max(1, len(rows))
        self.update_cells()

    def set_theme(self, theme: Theme) -> None:
        """Take the styles of another theme."""
        self._theme = theme
        self.redraw()

    def build_line(self, y: int) -> RowStrip:
        """Return one row of the versions."""
        if y >= len(self._rows):
            return RowStrip(())
        piece = LinePiece(self._rows[y], self._theme[Role.TEXT])
        return fold([piece], [], self.size.width, drawing=self.drawing)
