"""Tables of platforms on which many people answer: what was shown, and what was said, by the prefix
of each column. Mechanical Turk writes `Input.text` and `Answer.sentiment`, Toloka `INPUT:text` and
`OUTPUT:sentiment`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tui_annotate.errors import listed
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.text_field import TEXT
from tui_annotate.sources.unnamed_columns import ClassColumns, find_class_columns

_COLUMN = re.compile(r"(?:(input)|answer|output)[.:](.+)", re.IGNORECASE)
_LABEL = ".label"
"""What Mechanical Turk's own elements put behind the name of a question."""
_LONGEST_CLASS = 40
_PEOPLE = ("workerid", "assignment:worker_id")


class CrowdColumns(NamedTuple):
    """The columns of such a table; counted from 0.

    Attributes:
        shown: What was shown to people, by the column -> its name without the prefix.
        said: What people said, in the same way.
        people: The column that says who it was; None for none.
    """

    shown: dict[int, str]
    said: dict[int, str]
    people: int | None


def find_crowd_columns(columns: Sequence[str]) -> CrowdColumns | None:
    """Return the columns of a table of such a platform; None for any other table."""
    shown: dict[int, str] = {}
    said: dict[int, str] = {}
    for at, column in enumerate(columns):
        found = _COLUMN.fullmatch(column)
        if found is not None:
            (shown if found[1] else said)[at] = found[2].lower().removesuffix(_LABEL)
    if not shown or not said:
        return None
    people = next((at for at, each in enumerate(columns) if each.lower() in _PEOPLE), None)
    return CrowdColumns(shown, said, people)


def find_shown_text(found: CrowdColumns, likely: Sequence[str]) -> int | None:
    """Return the column of the text that was shown; None where it is not known which one.

    Args:
        found: The columns.
        likely: What a text is often called.
    """
    by_name = {name: at for at, name in found.shown.items()}
    if TEXT in by_name:
        return by_name[TEXT]
    usual = [by_name[name] for name in likely if name in by_name]
    if len(usual) == 1:
        return usual[0]
    return next(iter(found.shown)) if len(found.shown) == 1 else None


def find_said_classes(
    columns: Sequence[str], rows: Sequence[Sequence[str]], text: int, crowd: CrowdColumns
) -> ClassColumns:
    """Return which of the columns of what people said are classes."""
    said = _only_said(crowd, rows)
    if said is not None:
        found = ClassColumns(said, (), f"its column `{columns[said]}` is the class")
    else:
        named = [crowd.said.get(at, "") for at in range(len(columns))]
        found = find_class_columns(named, rows, text)
    told = found.told
    for at, name in crowd.said.items():
        told = told.replace(f"`{name}`", f"`{columns[at]}`")
    if found.named is None and not found.flags and not told:
        which = listed([f"`{columns[at]}`" for at in crowd.said])
        told = f"no class is taken from {which} (--label-field names one)"
    who = "" if crowd.people is None else f"its column `{columns[crowd.people]}` says who answered"
    return found._replace(told="; ".join(filter(None, (told, who))))


def _only_said(found: CrowdColumns, rows: Sequence[Sequence[str]]) -> int | None:
    """Return the only column of what people said, where it holds words of a class; else None."""
    if len(found.said) != 1:
        return None
    (at,) = found.said
    cells = [row[at].strip() for row in rows if len(row) > at]
    short = all(len(cell) <= _LONGEST_CLASS and not cell.startswith(("[", "{")) for cell in cells)
    return at if short and any(cells) else None
