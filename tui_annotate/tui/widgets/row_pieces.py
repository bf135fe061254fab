"""The pieces of a row of text put where they belong: in the order of the screen, or in brackets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.style import Style

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.wrap import Cell
from tui_annotate.tui.widgets.strips import NULL, Run, blank, glyph_run

_SHARED = "|"


class Part(NamedTuple):
    """Code points `start` to `end` of a row, drawn alike.

    Attributes:
        run: What is drawn for them, in text order.
        letters: Whether it is something else than their graphemes: the letters of a hint.
    """

    start: int
    end: int
    run: Run
    letters: bool = False


class Bracket(NamedTuple):
    """A span in a row without lanes: its code points, and how its brackets look."""

    start: int
    end: int
    style: Style


def in_columns(cells: Sequence[Cell], parts: Iterable[Part]) -> Iterator[Run]:
    """Yield the runs of a row from left to right, where that is not the order of its text."""
    placed: list[tuple[int, Run]] = []
    for part in parts:
        drawn = [cell for cell in cells if part.start <= cell.start < part.end and cell.width]
        if part.letters:
            placed.append((min(cell.column for cell in drawn), part.run))
            continue
        pairs = zip(drawn, part.run.pairs(), strict=True)
        placed += [(cell.column, glyph_run([pair], part.run.style)) for cell, pair in pairs]
    column = 0
    for left, run in sorted(placed, key=lambda each: each[0]):
        yield blank(left - column)
        yield run
        column = left + run.width


def bracketed(
    cells: Sequence[Cell], parts: Iterable[Part], brackets: Iterable[Bracket]
) -> Iterator[Run]:
    """Yield the runs of a row with a cell more at both ends, and spans in brackets.

    A bracket stands in place of the blank beside its span, so that labelling moves nothing; where
    there is none, the span's style alone tells where it ends. One cell may be two brackets.
    """
    drawn = [cell for cell in cells if cell.width]
    glyphs = [(" ", 1, NULL)]
    for part in parts:
        glyphs += [(glyph, width, part.run.style) for glyph, width in part.run.pairs()]
    glyphs.append((" ", 1, NULL))
    for start, end, style in brackets if len(glyphs) == len(drawn) + 2 else ():
        inside = [i for i, cell in enumerate(drawn, 1) if cell.start < end and start < cell.end]
        if inside and start >= cells[0].start:
            _put(glyphs, inside[0] - 1, "[", style)
        if inside and end <= cells[-1].end:
            _put(glyphs, inside[-1] + 1, "]", style)
    for glyph, width, style in glyphs:
        yield glyph_run([(glyph, width)], style)


def _put(glyphs: list[tuple[str, int, Style]], place: int, bracket: str, style: Style) -> None:
    standing = glyphs[place][0]
    if standing == " ":
        glyphs[place] = (bracket, 1, style)
    elif standing in "[]" and standing != bracket and glyphs[place][2] != NULL:
        glyphs[place] = (_SHARED, 1, style)
