"""The lines around a text: what they say, as styled pieces in the order in which they are given up,
and how they are drawn on one row, folded where it is too narrow for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

from rich.style import Style
from textual.geometry import Offset

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.safe import ELLIPSIS, safe, safe_line
from tui_annotate.text.width import USUAL, TerminalWidths, cell_width, glyphs
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.cells import NULL, CellWidget, RowStrip, Run, blank, glyph_run

BETWEEN = "  "

CARET = "▏"
"""What stands behind the last letter that was typed."""

MARK = ">"
"""What begins the row of a list that keys act on."""


class LinePiece(NamedTuple):
    """Something that is shown whole or not at all, unless it `shortens`.

    Attributes:
        text: Any text; what could harm the terminal is shown as marks.
        style: How it looks.
        weight: Where the row is too narrow, what is lightest goes first.
        glue: Follows the piece before it without a space, and goes together with it.
        as_is: Right-to-left text in it is sent in the order in which it stands, to any terminal.
        words: It is a sentence of the program, which runs from left to right even where a label or
            a text from right to left begins it.
        shortens: Where the row is too narrow, the end of it, if nothing is glued to it, goes first.
    """

    text: str
    style: Style = NULL
    weight: int = 0
    glue: bool = False
    as_is: bool = False
    words: bool = False
    shortens: bool = False


_SHORTEST = 24
"""Cells that stay of a piece that shortens."""


def text_run(
    text: str, style: Style = NULL, drawing: TerminalWidths = USUAL, base: int | None = None
) -> Run:
    """Return any text as a run that is safe to draw, in the order in which it is drawn.

    Args:
        text: The text.
        style: How it looks.
        drawing: How the terminal draws.
        base: The direction of the line: 0 from left to right, 1 from right to left; None as its
            first letter says.
    """
    shown = safe(text)
    if shown.isascii():
        return Run(shown, style)
    return glyph_run(glyphs(shown, drawing, base), style)


def fold(
    left: Sequence[LinePiece],
    right: Sequence[LinePiece],
    width: int,
    *,
    between: str = BETWEEN,
    drawing: TerminalWidths = USUAL,
) -> RowStrip:
    """Return a row of exactly `width` cells with pieces at both of its ends.

    The lightest pieces are left out until the rest fits, of equals the last one first. A piece
    that does not fit alone is shortened.
    """
    groups = [(False, group) for group in _groups(left)] + [(True, g) for g in _groups(right)]
    groups = _that_fit(groups, width, between, drawing)
    if len(groups) == 1 and _needed(groups, between, drawing) > width:
        return _shortened(groups[0][1], width, drawing)
    runs = {
        side: _joined([g for s, g in groups if s is side], between, drawing)
        for side in (False, True)
    }
    free = width - sum(run.width for part in runs.values() for run in part)
    return RowStrip([*runs[False], blank(free), *runs[True]])


def _that_fit(
    groups: list[tuple[bool, list[LinePiece]]], width: int, between: str, drawing: TerminalWidths
) -> list[tuple[bool, list[LinePiece]]]:
    """Leave out the lightest groups until the rest fits; one stays in any case."""
    gap = cell_width(between, drawing)
    cells = [sum(cell_width(piece.text, drawing) for piece in group) for _, group in groups]
    shortens = [len(group) == 1 and group[0].shortens for _, group in groups]
    least = [min(of, _SHORTEST if may else of) for of, may in zip(cells, shortens, strict=True)]
    used = sum(least) + gap * (len(groups) - 1)
    lightest = sorted(range(len(groups)), key=lambda at: (groups[at][1][0].weight, -at))
    while used > width and len(lightest) > 1:
        used -= least[lightest.pop(0)] + gap
    # What room is left goes to the heaviest of those that were shortened.
    kept = {at: groups[at] for at in lightest}
    for at in reversed(lightest):
        given = max(0, min(cells[at] - least[at], width - used))
        used += given
        if least[at] + given < cells[at]:
            side, (piece,) = groups[at]
            text = safe_line(piece.text, least[at] + given, drawing)
            kept[at] = (side, [piece._replace(text=text)])
    return [kept[at] for at in sorted(kept)]


def _groups(pieces: Sequence[LinePiece]) -> list[list[LinePiece]]:
    """Put glued pieces together; empty ones are left out."""
    groups: list[list[LinePiece]] = []
    for piece in pieces:
        if piece.glue and groups:
            groups[-1].append(piece)
        elif piece.text:
            groups.append([piece])
    return groups


def _needed(
    groups: list[tuple[bool, list[LinePiece]]], between: str, drawing: TerminalWidths
) -> int:
    pieces = [piece.text for _, group in groups for piece in group]
    gaps = cell_width(between, drawing) * (len(groups) - 1)
    return gaps + sum(cell_width(text, drawing) for text in pieces)


def _joined(groups: list[list[LinePiece]], between: str, drawing: TerminalWidths) -> list[Run]:
    runs: list[Run] = []
    for group in groups:
        if runs:
            runs.append(text_run(between, drawing=drawing))
        runs += [_run(piece, piece.text, drawing) for piece in group]
    return runs


def _run(piece: LinePiece, text: str, drawing: TerminalWidths) -> Run:
    """Return what is drawn of a piece."""
    drawing = drawing._replace(reorders=piece.as_is or drawing.reorders)
    return text_run(text, piece.style, drawing, 0 if piece.words else None)


def _shortened(group: list[LinePiece], width: int, drawing: TerminalWidths) -> RowStrip:
    """Return what fits of pieces that are too long, the last of them with `…`."""
    runs: list[Run] = []
    room = width
    for piece in group:
        shown = safe_line(piece.text, room, drawing)
        runs.append(_run(piece, shown, drawing))
        room -= runs[-1].width
        if room <= 0 or len(shown) != len(piece.text):
            break
    return RowStrip(runs).fit(width)


class StatusLine(CellWidget):
    """One line of pieces. A change sends only the cells that differ.

    Args:
        between: What stands between two pieces.
        leads: The terminal's own cursor, which screen readers and magnifiers follow, stands where
            something is typed in this line, or at its mark.
    """

    DEFAULT_CSS = """
    StatusLine { height: 1; width: 1fr; }
    """

    def __init__(
        self,
        *,
        between: str = BETWEEN,
        leads: bool = False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.between = between
        self._leads = leads
        self._left: tuple[LinePiece, ...] = ()
        self._right: tuple[LinePiece, ...] = ()
        self._strip: RowStrip | None = None
        self._drawn_as = USUAL

    def show(self, left: Sequence[LinePiece], right: Sequence[LinePiece] = ()) -> None:
        """Show pieces at the left and right end of the line."""
        pieces = (tuple(left), tuple(right))
        if pieces != (self._left, self._right):
            self._left, self._right = pieces
            self._strip = None
            self.update_cells()
        if self._leads and self.display:
            self.place_cursor()

    def place_cursor(self) -> None:
        """Put the terminal's own cursor into this line, where it is typed in or marked."""
        text = self.build_line(0).text
        before, caret, _ = text.partition(CARET)
        if caret or text.startswith(MARK):
            column = cell_width(before, self.drawing) if caret else 0
            self.app.cursor_position = self.region.offset + Offset(column, 0)

    def build_line(self, y: int) -> RowStrip:
        """Return the pieces folded to the width; further lines are empty."""
        if y:
            return RowStrip(())
        width = self.size.width
        drawing = self.drawing
        if drawing != self._drawn_as or self._strip is None or self._strip.cell_length != width:
            self._drawn_as = drawing
            self._strip = fold(
                self._left,
                self._right,
                width,
                between=self.between,
                drawing=drawing,
            )
        return self._strip


Pieces = list[LinePiece]

_WIDEST = 512
"""Cells of the widest terminal: no more than that of what a task says of itself is looked at."""


def meta_pieces(theme: Theme, meta: Mapping[str, object]) -> Pieces:
    """Return where a task comes from; what comes last is given up first."""
    return [
        LinePiece(f"{key[:_WIDEST]} {_start_of(value)}", theme[Role.FAINT], -at, shortens=True)
        for at, (key, value) in enumerate(islice(meta.items(), _WIDEST))
    ]


def mark_pieces(
    theme: Theme,
    *,
    flagged: bool = False,
    comment: str = "",
    hidden: int = 0,
    ascii_only: bool = False,
    short: bool = False,
) -> Pieces:
    """Return what is noted about a task: what is hidden in it, a comment, a flag.

    Args:
        flagged: Whether it is flagged.
        comment: Its comment.
        hidden: How many characters of it cannot be seen.
        ascii_only: Draw the flag in ASCII.
        short: Say it in the fewest letters.
    """
    found: Pieces = []
    if hidden:
        found.append(LinePiece(f"{hidden:,} hidden", theme[Role.FAINT], 9))
    if comment:
        found.append(LinePiece("c" if short else "comment", theme[Role.STRONG], 10))
    if flagged:
        mark = "!" if ascii_only else "⚑"
        found.append(LinePiece(mark if short else f"{mark} flagged", theme[Role.WARNING], 11))
    return found


def _start_of(value: object) -> str:
    """Return a value as it is shown, of what is long the start: lines are drawn with each key."""
    if isinstance(value, str):
        return value[:_WIDEST]
    if isinstance(value, int) and value.bit_length() > _WIDEST:
        return f"an integer of {value.bit_length():,} bits"  # Python refuses to write the longest
    if isinstance(value, list):
        return f"[{_starts_of(map(_start_of, value))}]"
    if isinstance(value, dict):
        return f"{{{_starts_of(f'{key}: {_start_of(each)}' for key, each in value.items())}}}"
    return str(value)


def _starts_of(values: Iterable[str]) -> str:
    found: list[str] = []
    room = _WIDEST
    for value in values:
        found.append(value)
        room -= len(value)
        if room < 0:
            break
    return ", ".join(found)


def label_pieces(
    theme: Theme,
    labels: Sequence[str],
    keys: Sequence[str],
    *,
    current: str | None = None,
    hint: str = "",
    places: Mapping[str, int] | None = None,
    more: int = 0,
    shortened: str = "",
) -> tuple[Pieces, Pieces]:
    """Return the labels with their keys, the current one reversed, and a hint at the right.

    Args:
        keys: The key of each label as it is shown; empty where it has none.
        current: The label of the focused span, which is the last to be given up.
        places: Those of the labels' colours, where that is not their order.
        more: How many labels there are beside these.
        shortened: Stands for the current label where the whole of it has no room.
    """
    left: Pieces = []
    for index, (label, key) in enumerate(zip(labels, keys, strict=True)):
        weight = 100 if label == current else 50 - min(index, 40)
        if key:
            left.append(LinePiece(f"{key} ", theme[Role.KEY], weight))
        style = theme.label((places or {}).get(label, index)).line
        if label == current:
            style += theme[Role.FOCUS]
        text = shortened if shortened and label == current else label
        left.append(LinePiece(text, style, weight, glue=bool(key)))
    if more:
        left.append(LinePiece(f"+{more:,}", theme[Role.FAINT], 90))
    right = [LinePiece(hint, theme[Role.FAINT], 5)] if hint else []
    return left, right


def fitting_labels(
    labels: Sequence[str],
    keys: Callable[[Sequence[str]], Sequence[str]],
    current: str | None,
    width: int,
) -> tuple[list[int], list[str]]:
    """Return which labels a line has room for, as their places, and the keys of these.

    Where not all have room, some cells are left for how many more there are. The current label is
    always among them.

    Args:
        labels: All labels; only as many are looked at as a line could hold.
        keys: Gives the keys of the first labels, as they are shown.
        current: The label that is marked.
        width: Cells that there are.
    """
    some = labels[: width // 2 + 1]  # each takes two cells at least
    shown = keys(some)
    at = labels.index(current) if current in labels else -1
    left = width
    # The current label has its room before all others, wherever it stands.
    if at >= 0:
        left -= _label_cells(labels[at], shown[at] if at < len(some) else "")
    found: list[int] = []
    needed = [_label_cells(label, key) for label, key in zip(some, shown, strict=True)]
    others = [number for number in range(len(some)) if number != at]
    if len(labels) > len(some) or sum(needed[number] for number in others) > left:
        left -= len(f"+{len(labels):,}") + len(BETWEEN)
    for number in others:
        left -= needed[number]
        if left < 0:
            break
        found.append(number)
    if at >= 0:
        found = sorted([*found, at])
    return found, [shown[number] if number < len(some) else "" for number in found]


def _label_cells(label: str, key: str) -> int:
    """Return how many cells a label takes with its key, and with what stands between two."""
    return cell_width(safe(label)) + (len(key) + 1 if key else 0) + len(BETWEEN)


def status_pieces(
    theme: Theme,
    *,
    done: int,
    decisions: str = "",
    to_go: str = "",
    not_asked: int = 0,
    waiting: int = 0,
    note: str = "",
    place: str = "",
    where: Sequence[str] = (),
    total: int | None = None,
    bar: int = 0,
    ascii_only: bool = False,
) -> tuple[Pieces, Pieces]:
    """Return at the left where one is and a note, and at the right the progress, whose numbers
    keep their places as they grow.

    Args:
        decisions: How many of the answers are which, where that is to be shown.
        to_go: How many rows are to go, in words; empty where nobody knows.
        not_asked: Rows that were passed without asking them.
        note: What is under the cursor, or how many lines are below.
        place: Which rows of a text are on screen, where it is longer than that.
        where: Dataset, annotator and recipe; the last is given up first.
        total: Of how many tasks; None where nobody knows.
        bar: Cells of a bar that shows how far that is; 0 for none.
        ascii_only: Draw the bar in ASCII.
    """
    left = [LinePiece(name, theme[Role.FAINT], 6 - 4 * at) for at, name in enumerate(where)]
    if note:
        left.append(LinePiece(note, theme[Role.STRONG], 9))
    right: Pieces = []
    if place:
        right.append(LinePiece(place, theme[Role.FAINT], 9))
    if bar and total is not None:
        filled, rest = bar_parts(done, total, bar, ascii_only=ascii_only)
        right.append(LinePiece(filled, theme[Role.TEXT], 3))
        right.append(LinePiece(rest, theme[Role.FAINT], 3, glue=bool(filled)))
    right.append(LinePiece(f"{done:,} done", theme[Role.TEXT], 10))
    if decisions:
        right.append(LinePiece(f"({decisions})", theme[Role.FAINT], 7))
    if to_go:
        right.append(LinePiece(to_go, theme[Role.TEXT], 8))
    if not_asked:
        right.append(LinePiece(f"{not_asked:,} not asked", theme[Role.TEXT], 5))
    if waiting:
        right.append(LinePiece(f"{waiting:,} waiting", theme[Role.TEXT], 6))
    return left, right


def bar_parts(done: int, total: int, cells: int, *, ascii_only: bool = False) -> tuple[str, str]:
    """Return the filled and the empty part of a bar.

    What is begun has a cell at least, and only what is complete fills it.

    Args:
        done: How many are done.
        total: Of how many; none of none is complete.
        cells: How long the bar is.
        ascii_only: Draw it in ASCII.
    """
    filled = cells
    if done < total:
        filled = min(max(1 if done else 0, done * cells // total), cells - 1)
    full, empty = ("#", "-") if ascii_only else ("━", "─")
    return full * filled, empty * (cells - filled)


def message_pieces(theme: Theme, text: str, role: Role = Role.TEXT) -> Pieces:
    """Return one message or receipt, which outweighs whatever stands beside it."""
    return [LinePiece(text, theme[role], 100, words=True)] if text else []


def key_pieces(theme: Theme, keys: Iterable[tuple[str, str]]) -> Pieces:
    """Return keys with what they do, the most important first; the last is given up first."""
    left: Pieces = []
    for position, (key, action) in enumerate(keys):
        left.append(LinePiece(f"{key} ", theme[Role.KEY], -position))
        left.append(LinePiece(action, theme[Role.FAINT], -position, glue=True))
    return left


_BAR = 10
"""Cells of the bar that shows how far something is."""


def waiting_pieces(
    theme: Theme,
    sentence: str,
    share: float | None,
    leave: str,
    *,
    width: int,
    ascii_only: bool = False,
) -> tuple[Pieces, Pieces]:
    """Return what is waited for, a bar where it is known how far that is, and how to leave.

    Args:
        sentence: What is waited for.
        share: Which part of it is done, from 0 to 1; None where nobody knows.
        leave: The key that leaves.
        width: Cells of the line: how to leave is never given up, the counts rather late.
        ascii_only: Draw the bar in ASCII.
    """
    room = max(1, width - len(f"{leave} leaves  "))
    if len(sentence) > room:
        sentence = sentence.partition(": ")[2] or sentence
    if len(sentence) > room:
        sentence = f"{sentence[: room - 1]}{ELLIPSIS}"
    left = [LinePiece(sentence, theme[Role.STRONG], 10, words=True)]
    if share is not None:
        done, open_ = ("#", ".") if ascii_only else ("\u2588", "\u2591")
        filled = round(share * _BAR)
        left.append(LinePiece(done * filled + open_ * (_BAR - filled), theme[Role.FAINT], 5))
    right = [
        LinePiece(f"{leave} ", theme[Role.KEY], 6),
        LinePiece("leaves", theme[Role.FAINT], 6, glue=True),
    ]
    return left, right
