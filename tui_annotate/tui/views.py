"""Which widget shows a task: the fast text widget for one text with spans, else the sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from textual.widget import Widget

from tui_annotate.editors.base import Change
from tui_annotate.editors.form import FormEditor
from tui_annotate.editors.registry import AnyEditor
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.theme import Theme
from tui_annotate.tui.widgets.sheet_view import SheetView
from tui_annotate.tui.widgets.span_list import SpanList
from tui_annotate.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from tui_annotate.tui.terminal_graphics import Graphics
    from tui_annotate.tui.widgets.picture_view import PictureView


class View(Protocol):
    """What a screen needs of a widget that shows a task."""

    @property
    def rows(self) -> Layout:
        """The wrapped text, for moves by row."""
        ...

    @property
    def page_rows(self) -> int:
        """How many rows fit on the screen."""
        ...

    @property
    def top_offset(self) -> int:
        """What a draft remembers of the scrolling."""
        ...

    @property
    def unseen_below(self) -> int:
        """Rows below the screen that were never on it."""
        ...

    @property
    def unseen_rows(self) -> int:
        """Rows that were never on screen."""
        ...

    def changed(self, change: Change | None = None) -> None:
        """Show what a command has changed."""
        ...


class Views:
    """The widgets, of which one is displayed.

    Args:
        theme: The styles.
        labels: The job's labels, for their colours.
        ascii_only: Draw lanes in ASCII.
        graphics: How the terminal draws pictures; None where it does not.
    """

    def __init__(
        self,
        theme: Theme,
        labels: Sequence[str],
        *,
        ascii_only: bool,
        graphics: Graphics | None = None,
    ) -> None:
        self.text = TextView(theme, labels, ascii_only=ascii_only, id="text")
        self.sheet = SheetView(theme, labels, ascii_only=ascii_only, id="sheet")
        self.sheet.display = False
        self.spans = SpanList(theme, labels, id="spans")
        self._picture = None if graphics is None else _picture_view(graphics)
        self._listed = False
        self.current: View = self.text
        self._labels = tuple(labels)

    @property
    def widgets(self) -> tuple[Widget, ...]:
        """All widgets, for the screen."""
        picture = () if self._picture is None else (self._picture,)
        return self.text, self.sheet, self.spans, *picture

    def show(self, editor: AnyEditor, labels: Sequence[str], *, top_offset: int | None) -> None:
        """Show a task in its widget.

        Args:
            editor: The task's editor.
            labels: The job's labels; a task with spans may have its own.
            top_offset: As it was scrolled when it was left.
        """
        form = isinstance(editor, FormEditor)
        labels = tuple(colored(labels, editor))
        if form != self.sheet.display:
            (self.sheet if form else self.text).forget()
        self.sheet.set_display(form)
        self.text.set_display(not form)
        if labels != self._labels:
            self._labels = labels
            self.text.set_labels(labels)
            self.sheet.set_labels(labels)
        if isinstance(editor, FormEditor):
            self.current = self.sheet
            self.spans.set_display(False)
            self.sheet.show(editor, top_offset=top_offset)
            if self._picture is not None:
                self._picture.show(next((p.picture for p in editor.sheet() if p.picture), ""))
        else:
            self.current = self.text
            self.text.show(editor, top_offset=top_offset)
            self.spans.set_display(self._lists)
            self.spans.show(editor)
            if self._picture is not None:
                self._picture.show("")

    def changed(self, change: Change) -> None:
        """Show what a command has changed."""
        self.current.changed(change)
        self.spans.changed()

    @property
    def mode(self) -> str:
        """How the task at hand is shown: `lanes`, `compact` or `list`."""
        if self.current is self.sheet:
            return self.sheet.mode
        return "list" if self._listed else "compact" if self.text.compact else "lanes"

    @property
    def has_arcs(self) -> bool:
        """Whether the mode is about arcs."""
        return self.current is self.sheet

    @property
    def _lists(self) -> bool:
        """Whether the spans are listed: as was chosen, or as lanes cannot tell where they are."""
        return self.current is self.text and (self._listed or self.text.in_brackets)

    def set_drawing(self) -> None:
        """Draw everything as the terminal is known to draw now."""
        self.text.set_drawing()
        self.sheet.set_drawing()
        self.spans.display = self._lists
        self.spans.redraw()

    def set_mode(self, mode: str) -> None:
        """Show spans of a text in `lanes`, `compact` in the margin, or as a `list` below it;
        relations as `SheetView` says."""
        self.sheet.set_mode(mode)
        self._listed = mode == "list"
        self.spans.display = self._lists
        self.text.set_mode("lanes" if mode == "lanes" else "compact")
        self.spans.changed()

    def set_theme(self, theme: Theme) -> None:
        """Show everything in the styles of another theme."""
        for part in (self.text, self.sheet, self.spans):
            part.set_theme(theme)

    def turn_page(self, command: str) -> Change | None:
        """Go a page on within a token taller than the screen; None where the cursor has to go."""
        pages = {"page_up": -1, "page_down": 1}.get(command, 0)
        turned = pages and self.current is self.text and self.text.turn_page(pages)
        return Change() if turned else None

    def scroll(self, command: str) -> None:
        """Carry out `scroll_up`, `scroll_down`, `scroll_page_up` or `scroll_page_down`."""
        rows = self.sheet.page_rows - 1 if "page" in command else 1
        self.sheet.scroll_rows(-rows if command.endswith("up") else rows)


def colored(labels: Sequence[str], editor: AnyEditor) -> dict[str, int]:
    """Return the labels that a task can show with the places of their colours, the same wherever
    they stand: those of the job first, where the task has not its own.

    Args:
        labels: The job's.
        editor: The task's.
    """
    names = (*labels, *editor.every_label) if isinstance(editor, FormEditor) else editor.labels
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


def _picture_view(graphics: Graphics) -> PictureView:
    from tui_annotate.tui.widgets.picture_view import PictureView

    return PictureView(graphics)
