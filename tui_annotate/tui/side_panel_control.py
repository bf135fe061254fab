"""Decides what stands beside the text on a wide screen: spans, options, relations, guidelines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from tui_annotate.tui.theme import Theme
from tui_annotate.tui.widgets.cells import CellWidget, RowStrip
from tui_annotate.views import find_view

if TYPE_CHECKING:
    from tui_annotate.job import Job
    from tui_annotate.tui.environment import Environment
    from tui_annotate.tui.widgets.sheet_view import SheetView
    from tui_annotate.tui.widgets.side_panel import BesideLayout, Rule, SidePanel

# What draws it is loaded where a terminal is wide enough: most are not.

FROM_COLUMNS = 120
"""Columns of the screen from which on there is room beside the text."""

Mode: TypeAlias = Literal["task", "guidelines", "off"]
"""What the panel shows: what belongs to the task, the guidelines, or that there is none."""

_SHEETS = frozenset({"choice", "relations", "dep", "compare"})
"""Views of which a part stands beside the rest."""

_HALVES = frozenset({"compare"})


class SidePanelControl:
    """The panel beside a text, with its rule; the view and the screen decide what it shows, and no
    task does, so that a text stands where the one before it stood.

    Args:
        job: What is annotated.
        surroundings: The styles.

    Attributes:
        layout: Places the panel on the screen; None where there never was one.
        panel: Lists what is marked, or shows the guidelines; None where there never was one.
        widgets: The widgets that there are, shown or not.
        mode: What was chosen.
        is_page: What is shown is no task but a page of the program, and nothing stands beside it.
    """

    def __init__(self, job: Job, surroundings: Environment) -> None:
        self._job = job
        self._around = surroundings
        self._theme = surroundings.theme
        self._labels: Sequence[str] = job.labels
        self.layout: BesideLayout | None = None
        self.panel: SidePanel | None = None
        self.widgets: tuple[CellWidget, ...] = ()
        self.mode: Mode = "task"
        self.is_page = False
        self._is_wide = False
        self._rule: Rule | None = None
        self._sheet: SheetView | None = None

    @property
    def modes(self) -> tuple[Mode, ...]:
        """What can be chosen for this job, the usual one first; nothing where there is only one."""
        view = self._job.view_id
        found: list[Mode] = ["task"] if find_view(view).one_text or view in _SHEETS else []
        if self._job.guidelines:
            found.append("guidelines")
        return (*found, "off") if found else ()

    @property
    def shown(self) -> Mode:
        """What stands there now."""
        modes = self.modes
        if not self._is_wide or not modes:
            return "off"
        return self.mode if self.mode in modes else modes[0]

    def is_there(self, columns: int) -> bool:
        """Whether a screen of so many columns has a panel."""
        self._is_wide = columns >= FROM_COLUMNS
        return self.shown != "off"

    def is_possible(self, columns: int) -> bool:
        """Whether a screen of so many columns can have a panel, were it chosen."""
        return columns >= FROM_COLUMNS and bool(self.modes)

    @property
    def lists_spans(self) -> bool:
        """Whether the spans of the text stand there."""
        return self.shown == "task" and find_view(self._job.view_id).one_text

    @property
    def sheet(self) -> SheetView | None:
        """What shows a part of the task's sheet there; None where none of it stands there."""
        if self.shown != "task" or self._job.view_id not in _SHEETS:
            return None
        if self._sheet is None:
            # Only a part of the sheet beside the text needs it.
            from tui_annotate.tui.widgets.sheet_view import SheetView

            ascii_only = self._around.ascii_only or self._around.drawing.ambiguous_wide
            self._sheet = SheetView(self._theme, self._labels, ascii_only=ascii_only, id="side")
            self._sheet.add_class("beside")
            self._sheet.part = "beside"
            self.widgets = (*self.widgets, self._sheet)
        return self._sheet

    def arrange(self, block: int) -> Iterator[CellWidget]:
        """Take the places of a screen, and yield the widgets that stand beside the text or sheet.

        They are made when they are first needed, and kept: only wide screens show them.

        Args:
            block: Cells of a row of the screen that are used.
        """
        if self.layout is not None:
            self.layout.columns = None
        if self.shown == "off" or self.is_page:
            return
        # So that a start on a narrow screen does without.
        from tui_annotate.tui.widgets.side_panel import BesideLayout, Rule, SidePanel, columns_of

        self.layout = self.layout or BesideLayout()
        halves = self.shown == "task" and self._job.view_id in _HALVES
        self.layout.columns = columns_of(block, halves=halves)
        if self._rule is None:
            ascii_only = self._around.ascii_only or self._around.drawing.ambiguous_wide
            self._rule = Rule(self._theme, ascii_only=ascii_only)
            self.widgets = (*self.widgets, self._rule)
        yield self._rule
        sheet = self.sheet
        if sheet is not None:
            yield sheet
            return
        if self.panel is None:
            told = self._job.described
            self.panel = SidePanel(self._theme, self._labels, told, self._guidelines)
            # The versions of a review have spans of their own.
            self.panel.whose = "final answer" if self._job.reviews else ""
            self.widgets = (*self.widgets, self.panel)
        wants_page = self.shown == "guidelines"
        if self.panel.shows_page is not wants_page:  # it draws everything anew
            self.panel.set_page(wants_page)
        yield self.panel

    def _guidelines(self, width: int) -> Sequence[RowStrip]:
        from tui_annotate.tui.screens.page import guidelines_rows  # few jobs have guidelines

        return guidelines_rows(self._job, self._around._replace(theme=self._theme), width)

    def set_theme(self, theme: Theme) -> None:
        """Show everything in the styles of another theme."""
        self._theme = theme
        for each in (self._rule, self.panel, self._sheet):
            if each is not None:
                each.set_theme(theme)

    def set_labels(self, labels: Sequence[str]) -> None:
        """Take other labels; their colours go by their places."""
        self._labels = labels
        for each in (self.panel, self._sheet):
            if each is not None:
                each.set_labels(labels)
