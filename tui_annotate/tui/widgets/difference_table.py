"""The table of what the versions of a review differ in: a row for each thing, a column for each
version; texts stand below each other with the words that differ marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.style import Style

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.answer_differences import word_marks
from tui_annotate.task.version_differences import DifferenceRow
from tui_annotate.text.characters import has_right_to_left
from tui_annotate.text.safe import safe
from tui_annotate.text.width import TerminalWidths, cell_width
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.cells import RowStrip, Run, blank
from tui_annotate.tui.widgets.lines import LinePiece, fold, text_run

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
