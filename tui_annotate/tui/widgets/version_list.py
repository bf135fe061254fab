"""The versions of a review: who chose what, with what differs marked in the text itself, and as a
table where it is in no text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.style import Style

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.answer_differences import word_marks
from tui_annotate.task.review import ShownVersion, versions_shown
from tui_annotate.task.version_differences import DifferenceRow, difference_rows
from tui_annotate.text.characters import has_right_to_left
from tui_annotate.text.safe import safe
from tui_annotate.text.width import TerminalWidths, cell_width
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.cells import CellWidget, RowStrip, Run, blank
from tui_annotate.tui.widgets.folded_line import LinePiece, fold, text_run
from tui_annotate.tui.widgets.lanes import ASCII, BOX, SpanIndex, SpanLike
from tui_annotate.tui.widgets.rows import RowPainter, RowStyle

_GAP = 2
"""Cells between two columns."""

_LEAST = 8
"""Cells of a column; where versions have no room for that, each row is a sentence."""

_FIRST = 0.4
"""The part of the width that the column of what differs may take at the most."""

_NOTHING = "-"


class TableLook(NamedTuple):
    """How the table is drawn.

    Attributes:
        theme: The styles.
        drawing: How the terminal draws.
    """

    theme: Theme
    drawing: TerminalWidths


def table_rows(
    rows: Sequence[DifferenceRow], heads: Sequence[str], width: int, look: TableLook
) -> list[RowStrip]:
    """Return the rows of the screen that show what versions differ in.

    Args:
        rows: What they differ in.
        heads: The number of each version, and who chose it.
        width: Cells of a row.
        look: How it is drawn.
    """
    tabled = [row for row in rows if row.kind != "text"]
    texts = [row for row in rows if row.kind == "text"]
    found = _table(tabled, heads, width, look) if tabled else []
    for row in texts:
        if len(rows) > 1:
            title = LinePiece(row.what, look.theme[Role.FAINT])
            found.append(fold([title], [], width, drawing=look.drawing))
        found += _texts(row, heads, width, look)
    return found


def _table(
    rows: Sequence[DifferenceRow], heads: Sequence[str], width: int, look: TableLook
) -> list[RowStrip]:
    longest = max(cell_width(safe(row.what), look.drawing) for row in rows)
    first = min(longest, int(width * _FIRST))
    share = (width - first) // len(heads) - _GAP
    if share < _LEAST:
        return list(_sentences(rows, width, look))
    widest = max(cell_width(safe(each), look.drawing) for each in _columns(rows, heads))
    columns = [first, *[min(share, widest)] * len(heads)]
    text, faint, key = (look.theme[role] for role in (Role.TEXT, Role.FAINT, Role.KEY))
    found = [_row(["", *heads], [text, *[key] * len(heads)], columns, look)]
    for row in rows:
        cells = [each or _NOTHING for each in row.cells]
        styles = [text if each else faint for each in row.cells]
        found.append(_row([row.what, *cells], [text, *styles], columns, look))
    return found


def _columns(rows: Sequence[DifferenceRow], heads: Sequence[str]) -> Iterator[str]:
    yield from heads
    for row in rows:
        yield from row.cells


def _row(
    cells: Sequence[str], styles: Sequence[Style], columns: Sequence[int], look: TableLook
) -> RowStrip:
    runs: list[Run] = []
    for cell, style, width in zip(cells, styles, columns, strict=True):
        if runs:
            runs.append(blank(_GAP))
        strip = fold([LinePiece(cell, style)], [], width, drawing=look.drawing)
        runs += strip.fit(width).runs
    return RowStrip(runs)


def _sentences(rows: Sequence[DifferenceRow], width: int, look: TableLook) -> Iterator[RowStrip]:
    for row in rows:
        yield from _folded(row.sentence, (), width, look)


def _texts(
    row: DifferenceRow, heads: Sequence[str], width: int, look: TableLook
) -> Iterator[RowStrip]:
    """Yield the texts of versions; what not all of them have is filled."""
    shown = [safe(each) for each in row.cells]
    for head, text, marks in zip(heads, shown, word_marks(shown), strict=True):
        before = safe(f"{head}: ")
        moved = [(start + len(before), end + len(before)) for start, end in marks]
        yield from _folded(before + (text or _NOTHING), moved, width, look)


def _folded(
    text: str, marks: Sequence[tuple[int, int]], width: int, look: TableLook
) -> Iterator[RowStrip]:
    layout = Layout(safe(text), max(1, width), look.drawing)
    plain, marked = look.theme[Role.TEXT], look.theme[Role.TEXT] + look.theme[Role.POINT]
    for row in layout:
        at, runs = row.start, []
        # Cut apart, right-to-left text would be put in order piece by piece.
        for start, end in () if has_right_to_left(layout.text) else marks:
            start, end = max(start, at), min(end, row.end)
            if start >= end:
                continue
            runs.append(text_run(layout.text[at:start], plain, look.drawing))
            runs.append(text_run(layout.text[start:end], marked, look.drawing))
            at = end
        runs.append(text_run(layout.text[at : row.end], plain, look.drawing))
        yield RowStrip([run for run in runs if run.width])


_BESIDE = 120
"""From how many columns on versions stand side by side."""

_VERSION_GAP = 3
"""Cells between two of them, with the rule."""

_SHARE = 4
"""At most one row in so many is for versions that are sentences; the rest is read on a page."""

_TEXT_SHARE = 2
"""The same where they are texts with spans."""

_TABLE_SHARE = 3
"""The same where they are a table, or texts that were written."""

_WHOLE = 3
"""A text of at most so many rows is shown whole; of a longer one, the rows with differences."""


class ShownSpan(NamedTuple):
    """A span of a version: `alone` where not all versions have it."""

    start: int
    end: int
    label: str
    alone: bool


class _Painter(RowPainter):
    """Draws spans that all versions have with their lane alone, and fills the others."""

    def _style(self, start: int, end: int, spans: Sequence[SpanLike]) -> Style:
        alone = [each for each in spans if getattr(each, "alone", True)]
        if any(each.start < end and start < each.end for each in alone):
            return super()._style(start, end, alone)
        theme = self._look.theme
        shared = any(each.start < end and start < each.end for each in spans)
        return theme[Role.TEXT] + theme[Role.OVERLAP] if shared else theme[Role.TEXT]


class VersionList(CellWidget):
    """Shows as much of the versions as a part of the screen holds: texts with their spans side by
    side or below each other, relations and options as a table, all else as sentences.

    Args:
        theme: The styles.
        rest: What is said in the place of what has no room.
        labels: The job's labels, for their colours.
        keys: The keys of an answer that the job's view writes.
        ascii_only: Draw lanes in ASCII.
        blind: Nobody's name is shown.
    """

    DEFAULT_CSS = """
    VersionList { width: 1fr; height: 1; }
    """

    def __init__(
        self,
        theme: Theme,
        rest: str,
        labels: Sequence[str] = (),
        *,
        keys: Sequence[str] = (),
        ascii_only: bool = False,
        blind: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._rest = rest
        self._blind = blind
        self._art = ASCII if ascii_only else BOX
        self._rule = "|" if ascii_only else "│"
        self._look = RowStyle(theme, self._art, {}).with_labels(labels)
        self._keys = keys
        self._versions: Sequence[ShownVersion] = ()
        self._differences: Sequence[DifferenceRow] = ()
        self._from = 0
        self._text = ""
        self._rows: list[RowStrip] = []
        self._screen: tuple[int, int, int] | None = None
        self.display = False

    def show(self, task: Mapping[str, Any]) -> None:
        """Show the versions of a task; nothing where there are none."""
        self.take(task)
        self.set_display(bool(self._versions))
        self._fold_again()

    def take(self, task: Mapping[str, Any]) -> None:
        """Take the versions of a task, to be folded for a screen."""
        self._versions = versions_shown(task, blind=self._blind, keys=self._keys)
        self._differences = difference_rows(task, self._keys)
        self._from = 0
        text = task.get("text")
        self._text = text if isinstance(text, str) else ""

    def go_to(self, offset: int) -> None:
        """Show the row of the text that has this offset, where not all rows have room."""
        self._from = offset
        self._fold_again()

    def fit_screen(self, width: int, height: int, columns: int = 0) -> None:
        """Fold the versions for a screen of this size, now and for the tasks that follow.

        Args:
            width: Cells of a row that the versions may use.
            height: Rows of the whole screen.
            columns: Columns of the whole screen, of which wide screens leave some empty; 0 for as
                many as `width`.
        """
        self._screen = width, height, columns
        width = max(1, width)
        rows, share = self._rows_and_share(width, max(width, columns), height)
        room = max(1, height // share)
        if len(rows) > room:
            piece = LinePiece(self._rest, self._look.theme[Role.FAINT])
            rows = [*rows[: room - 1], fold([piece], [], width, drawing=self.drawing)]
        self._rows = rows
        self.styles.height = max(1, len(rows))
        self.update_cells()

    def _rows_and_share(self, width: int, columns: int, height: int) -> tuple[list[RowStrip], int]:
        """Return the rows that show all of the versions, and the share of the screen that they may
        take: one row in so many."""
        has_spans = bool(self._text) and any(each.spans for each in self._versions)
        others = [each for each in self._differences if each.kind != "span"]
        # One plain value, such as a decision, is said in a sentence.
        needs_table = len(others) > 1 or any(each.kind != "value" for each in others)
        # Texts with the same spans would take half of the screen and show no difference.
        spans_agree = len(others) == len(self._differences)
        if has_spans and not (spans_agree and needs_table):
            rows = self._side_by_side(width, columns, height)
            rows += self._table(others, width) if others else []
            # Both have no room: in a table spans and all else are shown in the fewest rows.
            if others and len(rows) > height // _TEXT_SHARE:
                rows = self._table(self._differences, width)
            return rows, _TEXT_SHARE
        if needs_table:
            return self._table(others, width), _TABLE_SHARE
        return self._sentences(width), _SHARE

    def _table(self, differences: Sequence[DifferenceRow], width: int) -> list[RowStrip]:
        heads = [each.head for each in self._versions]
        return table_rows(differences, heads, width, TableLook(self._look.theme, self.drawing))

    def set_theme(self, theme: Theme) -> None:
        """Take the styles of another theme."""
        self._look = self._look._replace(theme=theme)
        self._again()

    def set_labels(self, labels: Sequence[str]) -> None:
        """Give labels the colours of their places."""
        self._look = self._look.with_labels(labels)
        self._again()

    def _again(self) -> None:
        if self._versions:
            self._fold_again()
        self.redraw()

    def _fold_again(self) -> None:
        """Fold for the size that was given last; without one, the screen folds them when it is
        arranged."""
        if self._screen is not None:
            self.fit_screen(*self._screen)

    def build_line(self, y: int) -> RowStrip:
        """Return one row of the versions."""
        return self._rows[y] if y < len(self._rows) else RowStrip(())

    # Texts with spans

    def _side_by_side(self, width: int, screen: int, height: int) -> list[RowStrip]:
        columns = min(len(self._versions), 2) if screen >= _BESIDE else 1
        share = (width - _VERSION_GAP * (columns - 1)) // columns
        layout = Layout(self._text, max(1, share), self.drawing)
        shown = self._rows_with_differences(layout)
        # What has no room for all rows begins with the row that was gone to by a key.
        if len(shown) * len(self._versions) > height // _TEXT_SHARE // 2:
            first = layout.row_of(self._from)
            shown = [row for row in shown if row >= first] or shown
        blocks = [self._block(each, layout, shown, share) for each in self._versions]
        rows: list[RowStrip] = []
        for first in range(0, len(blocks), columns):
            beside = blocks[first : first + columns]
            for at in range(max(map(len, beside))):
                runs: list[Run] = []
                for number, block in enumerate(beside):
                    if number:
                        runs += [blank(1), Run(self._rule, self._look.theme[Role.FAINT]), blank(1)]
                    strip = block[at] if at < len(block) else RowStrip(())
                    runs += strip.fit(share).runs
                rows.append(RowStrip(runs))
        return rows

    def _rows_with_differences(self, layout: Layout) -> list[int]:
        """Return the rows of the text that are shown: all of a short one, else those in which a
        version has something that not all have."""
        if len(layout) <= _WHOLE:
            return list(range(len(layout)))
        found: set[int] = set()
        for each in self._versions:
            for start, end, _, alone in each.spans:
                if alone:
                    last = layout.row_of(max(start, end - 1))
                    found.update(range(layout.row_of(start), last + 1))
        return sorted(found)

    def _block(
        self, version: ShownVersion, layout: Layout, shown: Sequence[int], width: int
    ) -> list[RowStrip]:
        theme = self._look.theme
        told = version.remark or _how_many_only(version)
        left = [LinePiece(version.head, theme[Role.KEY])]
        right = [LinePiece(told, theme[Role.FAINT])]
        rows = [fold(left, right, width, drawing=self.drawing)]
        spans = [ShownSpan(*span) for span in version.spans if 0 <= span[0] < span[1]]
        look = self._look._replace(width=width, margin=0).with_brought(spans)
        painter = _Painter(look, layout, SpanIndex(spans))
        for row in shown:
            strips = painter.draw(row, (0, 0), None, None, compact=False)
            rows += strips if _has_span(spans, layout, row) else strips[:1]
        return rows

    # Everything else

    def _sentences(self, width: int) -> list[RowStrip]:
        theme = self._look.theme
        rows: list[RowStrip] = []
        for version in self._versions:
            line = safe(f"{version.head}: {version.words}")
            layout = Layout(line, width, self.drawing)
            for row in layout:
                part = layout.text[row.start : row.end]
                pieces = [LinePiece(part, theme[Role.TEXT])]
                rows.append(fold(pieces, [], width, drawing=self.drawing))
        return rows


def _how_many_only(version: ShownVersion) -> str:
    """Return how many of the spans of a version no other version has."""
    count = len(version.spans)
    if not count:
        return "no spans"
    spans = "1 span" if count == 1 else f"{count:,} spans"
    verb = "is" if 1 in (version.only, count) else "are"
    return f"{version.only:,} of {spans} {verb} in this version only"


def _has_span(spans: Sequence[ShownSpan], layout: Layout, row: int) -> bool:
    """Tell whether a row of the text has a span, whose lane is drawn below it then."""
    place = layout[row]
    return any(span.start < place.end and place.start < span.end for span in spans)
