"""Where the cursor goes: from token to token, and over the rows of the wrapped text."""

from __future__ import annotations

from bisect import bisect_left
from itertools import chain

from tui_annotate.editors.base import Rows
from tui_annotate.task.tokenize import Tokens


def by_rows(tokens: Tokens, rows: Rows, token: int, column: int, steps: int) -> int:
    """The token some rows below or above.

    Args:
        tokens: The tokens of the text; there is at least one.
        rows: The wrapped text.
        token: Where to start from.
        column: The cell to keep to.
        steps: Rows to go; negative means up. Rows without a token are passed over.

    Returns:
        The token at that cell; `token` itself where there is none in that direction.
    """
    direction = 1 if steps > 0 else -1
    here = rows.row_of(tokens.starts[token])
    target = min(max(here + steps, 0), len(rows) - 1)
    if target == here:
        return token
    beyond = range(target, len(rows) if direction > 0 else -1, direction)
    nearer = range(target - direction, here, -direction)
    for row in chain(beyond, nearer):
        inside = tokens.snap(rows[row].start, rows[row].end)
        if inside is None:
            continue
        found = tokens.at(rows.offset_at(row, column))
        if found == token:
            found += direction  # one of several rows, which may end in this one
        found = min(max(found, inside[0]), inside[1])
        if (found - token) * direction > 0:
            return found
    return token


def row_start(tokens: Tokens, rows: Rows, token: int) -> int:
    """The first token that starts in the row of a token."""
    return bisect_left(tokens.starts, rows[rows.row_of(tokens.starts[token])].start)


def row_end(tokens: Tokens, rows: Rows, token: int) -> int:
    """The last token that starts in the row of a token."""
    return bisect_left(tokens.starts, rows[rows.row_of(tokens.starts[token])].end) - 1
