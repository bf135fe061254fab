"""Statements of the store, written as SQLite has them, as PostgreSQL takes them."""

from __future__ import annotations

import re
from functools import cache

from tui_annotate.fast_namedtuple import NamedTuple

_PLACE = re.compile(
    r"x'(?P<blob>[0-9a-f]*)'|(?P<quoted>'[^']*'|\"[^\"]*\")"
    r"|\bIS (?P<is_not>NOT )?(?=\?)|\?(?P<number>\d*)(?P<is_null> IS NULL)?"
)


class Translated(NamedTuple):
    """A statement as PostgreSQL takes it.

    Attributes:
        sql: The statement.
        order: Which of the values it takes, in order.
        changes: Whether it changes rows.
    """

    sql: str
    order: tuple[int, ...]
    changes: bool


@cache
def translated(sql: str) -> Translated:
    """Return a statement of the store, written as SQLite has it, for PostgreSQL.

    Places for values are numbered without gaps, because the server refuses values that it does not
    need, and have a type where nothing else tells it.
    """
    order: list[int] = []
    last = 0

    def place(found: re.Match[str]) -> str:
        nonlocal last
        if found["blob"] is not None:
            return f"'\\x{found['blob']}'::bytea"
        if found["quoted"] is not None:
            return found[0]
        if found["number"] is None:
            return "IS DISTINCT FROM " if found["is_not"] else "IS NOT DISTINCT FROM "
        index = int(found["number"]) - 1 if found["number"] else last
        last = max(last, index + 1)
        if index not in order:
            order.append(index)
        shown = f"${order.index(index) + 1}"
        return f"{shown}::bigint IS NULL" if found["is_null"] else shown

    statement = _PLACE.sub(place, sql)
    changes = not statement.lstrip().upper().startswith(("SELECT", "WITH"))
    return Translated(statement, tuple(order), changes)
