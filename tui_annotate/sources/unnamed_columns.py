"""Tables without a header, or with one name for several columns: what the columns are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tui_annotate.errors import listed
from tui_annotate.fast_namedtuple import NamedTuple

LOOKED_AT = 50
"""Records from the start of a file that tell."""
_MOST = 0.6
_WORDS = 2
_SENTENCE = 5
_PARTS = frozenset({"TRAIN", "TRAINING", "TEST", "VALIDATION", "DEV", "UNASSIGNED"})
"""What a column says that tells what a record is for, as AutoML's tables have it."""
_NAMES = frozenset(
    (
        *("id", "name", "label", "labels", "class", "category", "sentiment", "intent", "topic"),
        *("date", "time", "timestamp", "user", "author", "title", "source", "language", "lang"),
        *("url", "index"),
    )
)
_LONGEST_LABEL = 40
_IDS = 4
"""From so many records on, numbers of which none occurs twice are no labels."""


class UnnamedColumns(NamedTuple):
    """What the columns of a table hold that does not name them; counted from 0.

    Attributes:
        names: A name for each: `text`, `label`, and `column N` for all others.
        texts: The columns of text; what stands in them is one text, one below the other.
        told: What people should know of it.
        is_sure: Whether the first row is a record for certain, and cannot be the columns' names.
    """

    names: tuple[str, ...]
    texts: tuple[int, ...]
    told: str
    is_sure: bool


def find_unnamed(rows: Sequence[Sequence[str]]) -> UnnamedColumns | None:
    """Return what columns hold whose first row is a record; None where it names them.

    The first row is a record if its text is one of several words, and its label occurs again below
    or is a number as all others are. Names of columns are not like this. In a table of a few rows
    whose labels all differ, it may be one if it has a sentence and no usual name.
    """
    width = len(rows[0]) if rows else 0
    rows = [row for row in rows if len(row) == width]
    if width <= 1 or len(rows) <= 1:
        return None
    columns = [[row[at].strip() for row in rows] for at in range(width)]
    texts = tuple(at for at in range(width) if _is_text(columns[at]))
    parts = [at for at in range(width) if {*map(str.upper, columns[at])} - {""} <= _PARTS]
    parts = [at for at in parts if any(columns[at])]
    sentence = bool(parts) or any(_is_sentence(columns[at][0]) for at in texts)
    others = [at for at in range(width) if at not in texts and at not in parts]
    label = next((at for at in others if _is_label(columns[at], sentence)), None)
    if not texts or label is None:
        return None
    names = [f"column {at + 1}" for at in range(width)]
    names[label], names[texts[0]] = "label", "text"
    for at in parts:
        names[at] = "split"
    shown = " and ".join(str(at + 1) for at in texts)
    told = f"it has no header: column {label + 1} is its label and {shown} its text"
    is_sure = bool(parts) or _is_certain(columns[label])
    return UnnamedColumns(tuple(names), texts, told, is_sure)


def _is_text(cells: Sequence[str]) -> bool:
    several = sum(len(cell.split()) >= _WORDS for cell in cells)
    return several >= _MOST * len(cells) and bool(cells[0])


def _is_sentence(cell: str) -> bool:
    return cell.endswith((".", "!")) or (len(cell.split()) >= _SENTENCE and "?" not in cell)


def _is_certain(labels: Sequence[str]) -> bool:
    return labels[0] in labels[1:] or all(cell.lstrip("+-").isdigit() for cell in labels)


def _is_label(cells: Sequence[str], sentence: bool) -> bool:
    counts = Counter(cells)
    if "" in counts or any(len(cell) > _LONGEST_LABEL or len(cell.split()) > 1 for cell in cells):
        return False
    if all(cell.lstrip("+-").isdigit() for cell in cells):
        return len(counts) < len(cells) or len(cells) < _IDS
    if counts[cells[0]] > 1:
        return len(counts) > 1 and 2 * len(counts) <= len(cells) + 1
    named = cells[0].lower() in _NAMES or any(cell.isdigit() for cell in cells)
    return sentence and not named and len(cells) < _IDS


def names_apart(columns: tuple[str, ...]) -> tuple[list[str], str]:
    """Return names for columns, none twice, and what is to be said where some had the same."""
    names: list[str] = []
    twice: list[str] = []
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    for column in columns:
        name, number = column, numbers.get(column, 2)
        while name and name in taken:
            name, number = f"{column} {number}", number + 1
        if name != column:
            twice.append(f"a further column `{column}` is `{name}`")
        numbers[column] = number
        taken.add(name)
        names.append(name)
    return names, listed(twice)
