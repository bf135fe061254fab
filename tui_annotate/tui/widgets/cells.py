"""A widget of rows that sends to the terminal only the cells that have changed."""

from __future__ import annotations

from textual.events import Resize
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from tui_annotate.text.terminal_widths import USUAL, TerminalWidths
from tui_annotate.tui.widgets.row_diff import changed_columns
from tui_annotate.tui.widgets.strips import RowStrip, StripPlace


class CellWidget(Widget):
    """Draws `build_line` for each of its lines; has no border, padding or scrollbar.

    Call `update_cells` after anything that `build_line` depends on has changed.
    """

    can_focus = False
    DEFAULT_CSS = """
    CellWidget { padding: 0; margin: 0; border: none; overflow: hidden hidden; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: dict[int, RowStrip] = {}
        self._drawn_size = Size(0, 0)

    @property
    def drawing(self) -> TerminalWidths:
        """How the terminal draws."""
        return getattr(self.app, "drawing", USUAL) if self.parent is not None else USUAL

    def build_line(self, y: int) -> RowStrip:
        """Return what line `y` of the widget shows; it is cut or filled up to its width."""
        raise NotImplementedError

    def update_cells(self) -> None:
        """Compare every line with what is on screen and send the cells that differ.

        Before the first frame at a size there is nothing to do: that frame shows everything.
        """
        if self._drawn_size != self.size:
            return
        width = self.size.width
        for y, old in list(self._lines.items()):
            new = self.build_line(y).fit(width)
            if new is old:
                continue
            self._lines[y] = new
            changed = [Region(a, y, b - a, 1) for a, b in changed_columns(old, new)]
            if changed:
                self.refresh(*changed)

    def redraw(self) -> None:
        """Forget what is on screen and send every cell."""
        self._lines.clear()
        self.refresh()

    def forget(self) -> None:
        """Lay out and draw anew with the next frame, as after having been hidden."""
        self._lines.clear()
        self._drawn_size = Size(0, 0)

    def set_display(self, shown: bool) -> None:
        """Show or hide it. Textual lays the screen out anew even where nothing changes by that."""
        if self.display != shown:
            self.display = shown

    def resized(self) -> None:
        """Do what another size makes necessary, before the first line is built at that size."""

    def on_resize(self, _event: Resize) -> None:
        """Draw anew at another size, if that has not been done by a frame that came before."""
        if self._drawn_size != self.size:
            self._take_size()
            self.refresh()

    def _take_size(self) -> None:
        self._drawn_size = self.size
        self._lines.clear()
        self.resized()

    def render_line(self, y: int) -> Strip:
        """Return a line as it shall be on screen."""
        return self._line(y)

    def _line(self, y: int) -> RowStrip:
        if self._drawn_size != self.size:
            self._take_size()
        line = self._lines.get(y)
        if line is None:
            line = self._lines[y] = self.build_line(y).fit(self.size.width)
        return line

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region. Textual's own way would lose their cell widths."""
        place = StripPlace(self.region.x, self.app.size.width)
        strips: list[Strip] = [self._line(y).at(place) for y in crop.line_range]
        background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        if crop.column_span != (0, self.size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips
