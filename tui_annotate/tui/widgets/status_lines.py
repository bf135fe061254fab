"""What the lines around a text say: labels, progress, keys and messages, as pieces in the order in
which they are given up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

from tui_annotate.text.safe import ELLIPSIS, safe
from tui_annotate.text.width import cell_width
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.folded_line import BETWEEN, LinePiece, Pieces

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
