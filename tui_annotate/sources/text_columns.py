"""Which column of a table is its text, by what was asked, by its name, or by what was shown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tui_annotate.errors import SourceError, listed
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.crowd_tables import CrowdColumns, find_crowd_columns, find_shown_text
from tui_annotate.sources.text_field import ANY_ROW, TEXT, Fields
from tui_annotate.sources.unnamed_columns import USUAL_TEXTS


class TableOptions(NamedTuple):
    """What is asked of a table.

    Attributes:
        where: What people call the file.
        fields: Which fields make the task.
        label_fields: The columns of its classes, if they were named.
        texts: What the text is called in the tables of a certain program, the likeliest first.
    """

    where: str
    fields: Fields
    label_fields: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def takes_any_row(self) -> bool:
        """Whether a recipe's code takes the rows as they are."""
        return self.fields.input_keys == ANY_ROW


def lacks_text(columns: Sequence[str], options: TableOptions) -> bool:
    """Return whether no column is the text, by its name or because it was asked for."""
    return options.fields.text_field is None and TEXT not in map(str.lower, columns)


def find_text(columns: Sequence[str], options: TableOptions) -> tuple[int | None, str]:
    """Return the column of the text, and what is to be said of it.

    It is, by the first rule that holds:

    1. The column that `--text-field` names.
    2. None, if a recipe's code takes the rows as they are and no column is called the text.
    3. The column that is called the text, by `text` or by a name of its format.
    4. In a table of a platform for many people, what was shown to them.
    5. In any other table, the only column with a usual name, such as `sentence`.
    """
    asked = options.fields.text_field
    usual = next((name for name in options.texts if name in columns), TEXT)
    if asked is not None:
        return find_column(columns, asked or usual, "--text-field", options), ""
    lowered = [column.lower() for column in columns]
    if options.takes_any_row and usual.lower() not in lowered:
        return None, ""
    if usual != TEXT or TEXT in lowered:
        return find_column(columns, usual, "--text-field", options), ""
    crowd = crowd_of(columns)
    if crowd is not None:
        # A column such as `Title` beside those is about the task, and not what was shown.
        at = find_shown_text(crowd, USUAL_TEXTS)
        if at is not None:
            return at, f"its column `{columns[at]}` is the text"
    else:
        likely = [each for each in USUAL_TEXTS if each in lowered]
        # Of two such columns one would be lost in silence; then people are asked which it is.
        if len(likely) == 1:
            return lowered.index(likely[0]), f"its column `{likely[0]}` is the text"
    return find_column(columns, usual, "--text-field", options), ""


def crowd_of(columns: Sequence[str]) -> CrowdColumns | None:
    """Return what was shown and what was said in a table of a platform for many people; None for
    any other table."""
    return find_crowd_columns(columns) if any(_PREFIXED.match(each) for each in columns) else None


_PREFIXED = re.compile(r"input[.:]", re.IGNORECASE)


def find_column(columns: Sequence[str], name: str, option: str, options: TableOptions) -> int:
    """Return the column of this name; if no column has exactly this name, capitals do not count.

    Raises:
        SourceError: There is none, or there are several.
    """
    same = [at for at, column in enumerate(columns) if column == name]
    alike = [at for at, column in enumerate(columns) if column.lower() == name.lower()]
    places = same or alike
    if len(places) == 1:
        return places[0]
    if places:
        raise SourceError(f"{len(places)} columns are called `{name}`", where=options.where)
    raise SourceError(
        f"no column `{name}`; columns: {listed(columns)}",
        where=options.where,
        hint=f"Name one with `{option}`",
    )
