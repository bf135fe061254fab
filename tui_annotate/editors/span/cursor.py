"""Moves the cursor by tokens and by rows of the screen; a selection follows it, a focus is lost."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import TypeAlias

from tui_annotate.editors.base import Argument, Rows
from tui_annotate.editors.span.spanset import SpanEntry
from tui_annotate.editors.span.state import Selection, SpanState
from tui_annotate.task.tokenize import Tokens

Command: TypeAlias = Callable[[SpanState, Argument, "Rows | None"], str]
"""Carries something out and returns a message for the status line, empty where there is none."""


def move_to(state: SpanState, token: int) -> None:
    """Put the cursor on a token: a selection follows, a focus is lost.

    Disabled tokens are passed over; a selection stops before them.
    """
    token = max(token, 0)
    if not state.tokens.has(token):
        token = len(state.tokens) - 1
    if state.disabled:
        token = _allowed(state, token)
    if token == state.cursor:
        return
    state.cursor = token
    if state.selection is None or state.selection.original is None:
        state.focus = None
    else:
        _adjust(state, state.selection)


def _allowed(state: SpanState, token: int) -> int:
    """Return the token that the cursor goes to when it is sent to another one."""
    step = 1 if token > state.cursor else -1
    if state.selection is not None:
        way = range(state.cursor + step, token + step, step)
        return next((each - step for each in way if each in state.disabled), token)
    found = state.enabled_from(token, step)
    found = state.enabled_from(token, -step) if found is None else found
    return state.cursor if found is None else found


def focus_on(
    state: SpanState, found: SpanEntry | None, other: SpanEntry | None, wrapped: str
) -> str:
    """Focus a span, or else another one and say that the search has begun anew."""
    target = found or other
    state.wrapped = found is None
    if target is None:
        return "there are no spans"
    state.selection = None
    state.cursor, state.focus = target.first, target
    return "" if found else wrapped


def _adjust(state: SpanState, selection: Selection) -> None:
    """Put the original span back, then make its new extent one step: however far the end is
    moved, there is one step to undo, and spans that were in the way only for a moment return."""
    original, cursor = selection.original, state.cursor
    assert original is not None
    if selection.applied:
        state.take_back(state.history.withdraw())
    over = selection.tokens(cursor)
    selection.applied = over != (original.first, original.last)
    state.cursor, state.focus = cursor, original
    if selection.applied:
        state.put(state.resized(original, over), [original], before=selection.before)


def token_rows_away(tokens: Tokens, rows: Rows, token: int, column: int, steps: int) -> int:
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
    here = rows.row_of(tokens[token][0])
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
    return tokens.first_from(rows[rows.row_of(tokens[token][0])].start)


def row_end(tokens: Tokens, rows: Rows, token: int) -> int:
    """The last token that starts in the row of a token."""
    return tokens.first_from(rows[rows.row_of(tokens[token][0])].end) - 1
