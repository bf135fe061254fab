"""Chooses the widget that shows a task: the fast text widget for one text with spans, else the
sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from textual.widget import Widget

from tui_annotate.editors.base import Argument, Change
from tui_annotate.job import Job
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.side_panel_control import SidePanelControl
from tui_annotate.tui.theme import Theme
from tui_annotate.tui.widgets.cells import CellWidget
from tui_annotate.tui.widgets.text_layout import RowsOnScreen
from tui_annotate.tui.widgets.text_view import TextView
from tui_annotate.views import find_view

if TYPE_CHECKING:
    from tui_annotate.editors.form import OpenEditor
    from tui_annotate.editors.span.editor import SpanEditor
    from tui_annotate.tui.environment import Environment
    from tui_annotate.tui.terminal.graphics import Graphics
    from tui_annotate.tui.widgets.picture_view import PictureView
    from tui_annotate.tui.widgets.sheet_view import SheetView
    from tui_annotate.tui.widgets.side_panel import SpanList
    from tui_annotate.tui.widgets.version_list import VersionList


Shown: TypeAlias = Literal["lanes", "compact", "list"]
"""How a task is shown where it has been chosen."""


_WIDE_VIEWS = frozenset({"compare", "diff", "relations", "dep", "blocks", "image", "html", "pages"})
"""Views that draw more than rows of text: versions, arcs, tables, pictures."""


class TaskWidget(Protocol):
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
    def unseen_above(self) -> int:
        """Rows above the screen that were never on it."""
        ...

    @property
    def place(self) -> RowsOnScreen | None:
        """Which rows are on screen; None where all of them are."""
        ...

    def changed(self, change: Change | None = None) -> None:
        """Show what a command has changed."""
        ...


class Views:
    """The widgets, of which one is displayed.

    Args:
        job: What is annotated.
        surroundings: The styles, and how the terminal draws lanes and pictures.
    """

    def __init__(self, job: Job, surroundings: Environment) -> None:
        graphics = surroundings.graphics
        self._job = job
        self._theme = surroundings.theme
        self._plain = surroundings.ascii_only or surroundings.drawing.ambiguous_wide
        self._labels = job.labels
        self._mode: Shown | None = None
        self.text = TextView(
            self._theme, job.labels, ascii_only=self._plain, id="text", classes="narrowed"
        )
        self.beside = SidePanelControl(job, surroundings)
        self._block = 0
        self._sheet: SheetView | None = None
        self._spans: SpanList | None = None
        self._versions: VersionList | None = None
        if job.reviews:
            # Only a review shows versions.
            from tui_annotate.tui.widgets.version_list import VersionList

            rest = f"{surroundings.keymap.told('versions')} reads all versions"
            self._versions = VersionList(
                self._theme,
                rest,
                job.labels,
                keys=find_view(job.view_id).written(job.config),
                ascii_only=self._plain,
                blind=job.reviews_blind,
                id="versions",
            )
        self._picture = None if graphics is None else _picture_view(graphics)
        self._editor: SpanEditor | None = None
        self.current: TaskWidget = self.text

    # Most sessions need one widget only, and each takes a millisecond of the start: the others are
    # made, and put on the screen, when they are shown first.

    @property
    def sheet(self) -> SheetView:
        """The widget of everything that is not one text with spans."""
        if self._sheet is None:
            # Views of one text do without.
            from tui_annotate.tui.widgets.sheet_view import SheetView

            made = SheetView(self._theme, self._labels, ascii_only=self._plain, id="sheet")
            made.add_class("narrowed")
            made.display = False
            if self._mode is not None:
                made.set_mode(self._mode)
            self._sheet = made
        return self._sheet

    @property
    def spans(self) -> SpanList:
        """The list of the spans of a text."""
        if self._spans is None:
            from tui_annotate.tui.widgets.side_panel import SpanList  # only where the list is shown

            self._spans = SpanList(self._theme, self._labels, id="spans")
            self._spans.add_class("narrowed")
            if self._editor is not None:
                self._spans.show(self._editor)
        return self._spans

    @property
    def widgets(self) -> tuple[Widget, ...]:
        """The widgets on the screen."""
        own = (self.text, self._sheet, self._spans, self._versions, self._picture)
        all_of_them = (*own, *self.beside.widgets)
        return tuple(each for each in all_of_them if each is not None and each.parent is not None)

    def is_wide(self, columns: int) -> bool:
        """Whether the view uses more of a wide screen than a row of text does, or something stands
        beside the text.

        Args:
            columns: Those of the screen.
        """
        beside = self.beside.is_there(columns)
        return beside or self._job.view_id in _WIDE_VIEWS or bool(self._job.reviews)

    def compose(self) -> Iterator[Widget]:
        """Give the widgets that are on the screen from the start."""
        yield self.text
        if not find_view(self._job.view_id).one_text:
            yield self.sheet
        if self._picture is not None:
            yield self._picture
        if self._versions is not None:
            yield self._versions

    def list_versions(self, task: Mapping[str, Any]) -> None:
        """Show the versions of a review's task; in other jobs there are none."""
        if self._versions is not None:
            self._versions.show(task)

    def show_difference(self, offset: int) -> None:
        """Let the versions of a review show a place of their text, if they have no room for all."""
        if self._versions is not None:
            self._versions.go_to(offset)

    def arrange(self, width: int, height: int, *, columns: int) -> None:
        """Fold what goes by the size of the whole screen.

        Args:
            width: Cells of a row that the task may use.
            height: Rows of the screen.
            columns: Columns of the screen.
        """
        self._block = width
        if self._versions is not None:
            self._versions.fit_screen(width, height, columns)
        self.set_beside()

    def set_beside(self) -> None:
        """Show beside the text what was chosen, where the screen is wide enough."""
        there = tuple(self.beside.arrange(self._block))
        for each in self.beside.widgets:
            if each in there and each.parent is None:
                self.text.screen.mount(each, after=self.text)
            each.set_display(each in there)
        sheet = self.beside.sheet
        if self._sheet is not None:
            self._divide(self._sheet, sheet if sheet in there else None)
        self._show_beside()
        self._display_list()
        if self._spans is not None:
            self._spans.changed()

    def _show_beside(self) -> None:
        panel = self.beside.panel
        if panel is not None and self._editor is not None and panel.display:
            panel.show(self._editor)

    def _divide(self, sheet: SheetView, other: SheetView | None) -> None:
        """Have what stands beside the sheet shown by another one, or all of it by itself."""
        if sheet.other is other:
            return
        sheet.other, sheet.part = other, "whole" if other is None else "main"
        if other is not None:
            other.other = sheet
            other.set_mode(sheet.mode)
            if sheet.editor is not None:
                other.show(sheet.editor)
        sheet.redo()

    def show(self, editor: OpenEditor, *, top_offset: int | None, page: bool = False) -> None:
        """Show a task in its widget.

        Args:
            editor: The task's editor.
            top_offset: As it was scrolled when it was left.
            page: It is no task, but what the program says where there is none.
        """
        text = editor.whole_text
        had_sheet = self._sheet is not None
        self._choose_widget(is_sheet=text is None)
        self.color(editor)
        self._editor = None if page else text
        is_first_sheet = not had_sheet and self._sheet is not None
        if page is not self.beside.is_page or is_first_sheet:
            self.beside.is_page = page
            self.set_beside()
        else:
            self._show_beside()
        if text is None:
            self._show_sheet(editor, top_offset)
        else:
            self._show_text(text, top_offset, page=page)

    def _choose_widget(self, *, is_sheet: bool) -> None:
        """Display the sheet or the text, and hide the other one."""
        # What a widget has noted as drawn is not on the screen any more once it was hidden.
        changes_widget = is_sheet == self.text.display
        if changes_widget:
            (self.sheet if is_sheet else self.text).forget()
        # Most jobs show no sheet: it is made with the first one.
        if is_sheet or self._sheet is not None:
            self._display(self.sheet, is_sheet)
        self._display(self.text, not is_sheet)

    def _show_sheet(self, editor: OpenEditor, top_offset: int | None) -> None:
        self.current = self.sheet
        if self.sheet.other is not None:
            self.sheet.other.show(editor)
        self.sheet.show(editor, top_offset=top_offset)
        self._list_brackets(editor)
        if self._picture is not None:
            pictures = (each.picture for each in editor.sheet() if each.picture)
            self._picture.show(next(pictures, ""))

    def _show_text(self, text: SpanEditor, top_offset: int | None, *, page: bool) -> None:
        self.current = self.text
        self.text.show(text, top_offset=top_offset, page=page)
        self._display_list()
        if self._spans is not None:
            self._spans.show(text)
        if self._picture is not None:
            self._picture.show("")

    def color(self, editor: OpenEditor) -> None:
        """Give the labels that a task can show the colours of their places."""
        labels = tuple(colored(self._job.labels, editor))
        if labels != self._labels:
            self._labels = labels
            for each in (self.text, self._sheet, self._spans, self._versions, self.beside):
                if each is not None:
                    each.set_labels(labels)

    def _list_brackets(self, editor: OpenEditor) -> None:
        """List the spans of a form's text where the terminal alone knows the columns of it."""
        before = self._editor
        self._editor = editor.text_editor if self.sheet.in_brackets else None
        self._display_list()
        if self._editor is not None and self._editor is not before:
            self.spans.show(self._editor)

    def changed(self, change: Change) -> None:
        """Show what a command has changed."""
        self.current.changed(change)
        if self._sheet is not None and self.current is self._sheet:
            editor = self._sheet.editor
            if editor is not None and (self._sheet.in_brackets or self._editor is not None):
                self._list_brackets(editor)
            if self._sheet.other is not None:
                self._sheet.other.changed(change, self._sheet.sheet)
        if self._spans is not None:
            self._spans.changed()
        if self.beside.panel is not None:
            self.beside.panel.changed()

    @property
    def mode(self) -> str:
        """How the task at hand is shown: `lanes`, `compact` or `list`."""
        if self._sheet is not None and self.current is self._sheet:
            return self._sheet.mode
        return "list" if self._mode == "list" else "compact" if self.text.compact else "lanes"

    @property
    def has_arcs(self) -> bool:
        """Whether the mode is about arcs."""
        return self.current is self._sheet

    @property
    def _lists(self) -> bool:
        """Whether the spans are listed: as was chosen, or as lanes cannot tell where they are."""
        if self._sheet is not None and self.current is self._sheet:
            return self._editor is not None
        listed = self._mode == "list" or self.text.in_brackets
        return self._editor is not None and listed and not self.beside.lists_spans

    def _display_list(self) -> None:
        if self._lists or self._spans is not None:
            self._display(self.spans, self._lists)

    def _display(self, widget: CellWidget, shown: bool) -> None:
        if shown and widget.parent is None:
            self.text.screen.mount(widget, after=self.text)
        widget.set_display(shown)

    def set_drawing(self) -> None:
        """Draw everything as the terminal is known to draw now."""
        self.text.set_drawing()
        if self._sheet is not None:
            self._sheet.set_drawing()
            if self._sheet.other is not None:
                self._sheet.other.set_drawing()
        self._display_list()
        if self._spans is not None:
            self._spans.changed()
            self._spans.redraw()

    def set_mode(self, mode: Shown) -> None:
        """Show spans of a text in `lanes`, `compact` in the margin, or as a `list` below it;
        relations as `SheetView` says."""
        self._mode = mode
        if self._sheet is not None:
            self._sheet.set_mode(mode)
            if self._sheet.other is not None:
                self._sheet.other.set_mode(mode)
        self._display_list()
        self.text.set_mode(mode)
        if self._spans is not None:
            self._spans.changed()

    def set_theme(self, theme: Theme) -> None:
        """Show everything in the styles of another theme."""
        self._theme = theme
        for part in (self.text, self._sheet, self._spans, self._versions, self.beside):
            if part is not None:
                part.set_theme(theme)

    def instead_of(self, command: str, argument: Argument) -> Change | None:
        """Do what a key does to the view and not to the task: go a page on within a token taller
        than the screen, scroll at the end of a list, show a choice that is not on the screen.

        Returns:
            What was done; None where the editor is to carry the command out.
        """
        if self._sheet is not None and self.current is self._sheet:
            return self._list.instead_of(command, argument)
        pages = {"page_up": -1, "page_down": 1}.get(command, 0)
        return Change() if pages and self.text.turn_page(pages) else None

    def page_of(self, command: str) -> int | None:
        """Return how far a command for a page goes: rows of a text, choices of a list; None for
        other commands."""
        if command in ("page_up", "page_down"):
            return self.current.page_rows
        if self._sheet is None or command not in ("option_page_up", "option_page_down"):
            return None
        return self._list.choices_of_a_page(1 if command.endswith("down") else -1)

    @property
    def _list(self) -> SheetView:
        """The sheet that choices stand on, where there are any."""
        return self.sheet.other or self.sheet

    def scroll(self, command: str) -> None:
        """Carry out `scroll_up`, `scroll_down`, `scroll_page_up`, `scroll_page_down`,
        `scroll_top` or `scroll_bottom`."""
        if self._sheet is not None:
            self._sheet.scroll(command.removeprefix("scroll_"))


def colored(labels: Sequence[str], editor: OpenEditor) -> dict[str, int]:
    """Return the labels that a task can show with the places of their colours, the same wherever
    they stand: those of the job first, where the task has not its own.

    Args:
        labels: The job's.
        editor: The task's.
    """
    own = editor.every_label
    names = own if editor.whole_text is not None else (*labels, *own)
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


def _picture_view(graphics: Graphics) -> PictureView:
    from tui_annotate.tui.widgets.picture_view import PictureView  # only views with pictures

    return PictureView(graphics)
