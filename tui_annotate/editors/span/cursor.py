"""Moving the cursor: what follows it and what is lost by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tui_annotate.editors.base import Argument, Rows
from tui_annotate.editors.span.selection import Selection
from tui_annotate.editors.span.spanset import SpanEntry
from tui_annotate.editors.span.state import SpanState

Command: TypeAlias = Callable[[SpanState, Argument, "Rows | None"], str]
"""Carries something out and returns a message for the status line, empty where there is none."""


def move_to(state: SpanState, token: int) -> None:
    """Put the cursor on a token: a selection follows, a focus is lost.

    Disabled tokens are passed over; a selection stops before them.
    """
    token = min(max(token, 0), len(state.tokens) - 1)
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
