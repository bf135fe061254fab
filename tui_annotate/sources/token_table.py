"""Tables with a token in each row: which columns they have, and their rows as sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.base import BadRow, Position, Row
from tui_annotate.sources.tagged_words import take_words

_TOKEN = re.compile(r"words?|tokens?|form")
_TAG = re.compile(r"tags?|ner|ner_?tags?|bio|iob|iob2|ne|entity|labels?")
_SENTENCE = re.compile(r"(?:sent|sentence|doc|document)(?:[ _]?(?:#|id|idx|no|nr|num|number))?")


class TokenColumns(NamedTuple):
    """The columns of such a table, counted from 0: what names the sentence, token and tag."""

    sentence: int
    token: int
    tag: int


class TokenRow(NamedTuple):
    """One row of such a table: its values, or why it cannot be read."""

    values: Sequence[str]
    start: Position
    end: Position
    problem: BadRow | None = None


def find_token_columns(columns: Sequence[str]) -> TokenColumns | None:
    """Return the columns of a table of tokens by their names; None for any other table."""
    found = []
    for pattern in (_SENTENCE, _TOKEN, _TAG):
        at = [n for n, name in enumerate(columns) if pattern.fullmatch(name.strip().lower())]
        if not at:
            return None
        found.append(at[-1])
    return TokenColumns(*found) if len(set(found)) == len(found) else None


def sentences(
    rows: Iterable[TokenRow], columns: TokenColumns, first_row: int
) -> Iterator[Row | BadRow]:
    """Yield a task for each sentence: rows of one name, or without a name below one that has it.

    Args:
        rows: The rows, from the start of a sentence on.
        columns: Which columns count.
        first_row: The number of the first sentence.
    """
    number = 0
    current = ""

    def sentence(row: TokenRow) -> int:
        nonlocal number, current
        name = row.values[columns.sentence].strip() if row.problem is None else ""
        if name and name != current:
            current = name
            number += 1
        return number

    for count, (_, group) in enumerate(groupby(rows, sentence), first_row):
        yield _sentence(list(group), columns, count)


def _sentence(rows: list[TokenRow], columns: TokenColumns, number: int) -> Row | BadRow:
    start = rows[0].start._replace(row=number)
    end = rows[-1].end._replace(row=number + 1)
    problem = next((row.problem for row in rows if row.problem is not None), None)
    if problem is not None:
        if problem.end == problem.start:
            return problem._replace(start=start, end=start)
        return problem._replace(start=start, end=end)
    kept = [row.values for row in rows if row.values[columns.token].strip()]
    data: dict[str, Any] = {
        "tokens": [values[columns.token].strip() for values in kept],
        "ner_tags": [values[columns.tag].strip() or "O" for values in kept],
    }
    name = rows[0].values[columns.sentence].strip()
    try:
        if not kept:
            raise TaskError("the sentence has no tokens", reason="empty-input")
        take_words(data, "text")
    except TaskError as error:
        return BadRow(error.reason, error.what, start, end)
    # The last sentence may still grow, as long as none follows it.
    return Row({**data, "meta": {"id": name}} if name else data, start, end)
