"""A page of text over the screen: help, guidelines. A few keys scroll, all others close it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from tui_annotate.text.safe import safe
from tui_annotate.text.width import cell_width
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.screens.base import margins
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.cells import CellWidget, RowStrip, blank
from tui_annotate.tui.widgets.folded_line import LinePiece, StatusLine, text_run
from tui_annotate.tui.widgets.markdown import markdown_rows

if TYPE_CHECKING:
    from tui_annotate.commands.focus_help import Topic
    from tui_annotate.job import Job
    from tui_annotate.session.guideline_changes import GuidelineChange
    from tui_annotate.session.session import Session
    from tui_annotate.tui.environment import Environment

Wrap: TypeAlias = Callable[[int], Sequence[RowStrip]]


def plain_rows(lines: Sequence[str], width: int) -> Sequence[RowStrip]:
    """Return lines as rows of at most `width` cells, at least 1."""
    found = []
    for layout in (Layout(safe(line), width) for line in lines):
        parts = (layout.text[row.start : row.end].rstrip() for row in layout)
        found += [RowStrip([text_run(part)]) for part in parts]
    return found


class PageText(CellWidget):
    """Rows that can be scrolled; a step sends only the cells that differ.

    Args:
        wrap: Gives the rows at a width.
    """

    DEFAULT_CSS = """
    PageText { width: 1fr; height: 1fr; }
    """

    def __init__(self, wrap: Wrap) -> None:
        super().__init__()
        self._wrap = wrap
        self._rows: Sequence[RowStrip] = ()
        self._top = 0

    def resized(self) -> None:
        """Wrap at the new width, with about the same at the top."""
        share = self._top / max(1, len(self._rows))
        self._rows = self._wrap(max(1, self.size.width))
        self._top = min(round(share * len(self._rows)), self._last_top)

    def build_line(self, y: int) -> RowStrip:
        """Return a row of the text; below its end, nothing."""
        if self._top + y >= len(self._rows):
            return RowStrip(())
        return self._rows[self._top + y]

    def scroll_rows(self, key: str) -> bool:
        """Scroll as a key says; False where the key does not scroll."""
        page, end = max(1, self.size.height - 1), len(self._rows)
        steps = {"j": 1, "down": 1, "k": -1, "up": -1, "pagedown": page, "space": page}
        steps |= {"pageup": -page, "home": -end, "end": end}
        if key not in steps:
            return False
        self._top = max(0, min(self._top + steps[key], self._last_top))
        self.update_cells()
        return True

    @property
    def _last_top(self) -> int:
        return max(0, len(self._rows) - self.size.height)


class PageScreen(Screen[None], inherit_bindings=False):
    """Shows rows of text, in a column in the middle of a wide screen.

    Args:
        wrap: Gives the rows at a width.
        only: The one key that goes back, where not every key does: the page is not to be missed.
        wide: It is more than rows of text, such as tables.
    """

    def __init__(self, wrap: Wrap, only: str = "", *, wide: bool = False) -> None:
        super().__init__()
        self._only = only
        self._wide = wide
        self._page = PageText(wrap)
        self._close = StatusLine(id="close")

    def compose(self) -> ComposeResult:
        """Show the lines over a line that says how to get back."""
        yield self._page
        yield self._close

    def on_mount(self) -> None:
        """Say how to get back."""
        goes = "goes on" if self._only else "goes back"
        keys = (("j k", "scroll"), (self._only or "any other key", goes))
        pieces = [
            piece
            for key, what in keys
            for piece in (LinePiece(key, Style(bold=True)), LinePiece(f" {what}", glue=True))
        ]
        self._close.show(pieces)

    def on_resize(self, event: events.Resize) -> None:
        """Put the column in the middle."""
        sides = margins(event.size.width, wide=self._wide)
        if tuple(self.styles.padding) != sides:
            self.styles.padding = sides

    def on_key(self, event: events.Key) -> None:
        """Scroll, or go back."""
        event.stop()
        event.prevent_default()
        # A second key may have come before the first one had closed the page.
        if not self.is_current or self._page.scroll_rows(event.key):
            return
        if self._only in ("", event.key):
            self.dismiss(None)


def guidelines_page(
    job: Job, around: Environment, news: GuidelineChange | None = None
) -> PageScreen:
    """Return the page of a job's guidelines: all of them, or what has changed in them.

    Args:
        job: The job.
        around: How things look.
        news: What the annotator has not seen; None where the guidelines were asked for.
    """

    def wrap(width: int) -> Sequence[RowStrip]:
        if news is not None and news.before is not None:
            return plain_rows([news.sentence, "", *news.lines()], width)
        said = [news.sentence, ""] if news is not None else []
        return [*plain_rows(said, width), *guidelines_rows(job, around, width)]

    return PageScreen(wrap)


_KEYS_OF_HELP = 22
"""Cells of the column of keys at most."""


def help_page(topic: Topic, theme: Theme) -> PageScreen:
    """Return the page of what `?` says.

    Args:
        topic: What has the focus.
        theme: How it looks.
    """
    return PageScreen(lambda width: help_rows(topic, theme, width))


def help_rows(topic: Topic, theme: Theme, width: int) -> Sequence[RowStrip]:
    """Return help as rows of at most `width` cells: the keys in a column where there is room."""
    strong, text = theme[Role.STRONG], theme[Role.TEXT]
    found = [RowStrip([text_run(topic.title, strong)]), RowStrip(())]
    found += plain_rows(topic.about, width)
    if topic.keys and topic.keys[0][0]:
        found.append(RowStrip(()))
    column = min(_KEYS_OF_HELP, max((cell_width(keys) for keys, _ in topic.keys), default=0)) + 2
    for keys, what in topic.keys:
        if not keys:
            found += [RowStrip(()), RowStrip([text_run(what, strong)])]
            continue
        beside = column < width // 2 and cell_width(keys) + 2 <= column
        indent = column if column < width // 2 else 2
        layout = Layout(safe(what), max(1, width - indent))
        rows = [text_run(layout.text[row.start : row.end].rstrip(), text) for row in layout]
        head = [text_run(keys, theme[Role.KEY])]
        if beside:
            found.append(RowStrip([*head, blank(column - cell_width(keys)), rows.pop(0)]))
        else:
            found.append(RowStrip(head))
        found += [RowStrip([blank(indent), row]) for row in rows]
    return found


def guidelines_rows(job: Job, around: Environment, width: int) -> Sequence[RowStrip]:
    """Return what the labels are for, and the guidelines, as rows of at most `width` cells."""
    described = [*job.described, ""] if job.described else []
    own = markdown_rows(job.instructions, width, around.theme, ascii_only=around.ascii_only)
    return [*plain_rows(described, width), *own]


def figures_page(session: Session) -> Callable[[bool], PageScreen]:
    """Take the figures of a session, on its thread; return what makes the page of them.

    An annotator sees the own figures only: those of others are for whoever looks at the dataset.

    Args:
        session: The session.

    Raises:
        Abandoned: Somebody leaves meanwhile.
    """
    from tui_annotate.commands.statistics_page import own_figures, page  # only this page has them

    found = own_figures(session)

    def shown(ascii_only: bool) -> PageScreen:
        return PageScreen(
            lambda width: plain_rows(page(found, width, ascii_only=ascii_only), width), wide=True
        )

    return shown
