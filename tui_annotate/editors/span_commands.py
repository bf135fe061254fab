"""The commands of the span editor, by name.

Each takes the state, an argument and the wrapped rows, and returns a message for the status line
(empty if there is nothing to say). Commands on tokens are only called where there are tokens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tui_annotate.editors import moves
from tui_annotate.editors.base import COMMENT_KEY, FLAG_KEY, Argument, Rows
from tui_annotate.editors.history import FieldChange
from tui_annotate.editors.selection import Selection
from tui_annotate.editors.span_state import SpanState
from tui_annotate.editors.spanset import Entry

Command: TypeAlias = Callable[[SpanState, Argument, "Rows | None"], str]

PAGE = 10
"""Rows of a page where the view does not say."""


def move_to(state: SpanState, token: int) -> None:
    """Put the cursor on a token: a selection follows, a focus is lost."""
    token = min(max(token, 0), len(state.tokens) - 1)
    if token == state.cursor:
        return
    state.cursor = token
    if state.selection is None or state.selection.original is None:
        state.focus = None
    else:
        _adjust(state, state.selection)


def _by_tokens(steps: int) -> Command:
    def move(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
        move_to(state, state.cursor + steps)
        return ""

    return move


def _by_rows(direction: int, *, page: bool = False) -> Command:
    def move(state: SpanState, argument: Argument, rows: Rows | None) -> str:
        rows = _needed(rows)
        steps = argument if page and isinstance(argument, int) else PAGE if page else 1
        column = state.column
        if column is None:
            column = rows.column_of(state.cursor_range[0])
        target = moves.by_rows(state.tokens, rows, state.cursor, column, direction * max(steps, 1))
        move_to(state, target)
        state.column = column
        return ""

    return move


def _row_start(state: SpanState, _argument: Argument, rows: Rows | None) -> str:
    move_to(state, moves.row_start(state.tokens, _needed(rows), state.cursor))
    return ""


def _row_end(state: SpanState, _argument: Argument, rows: Rows | None) -> str:
    move_to(state, moves.row_end(state.tokens, _needed(rows), state.cursor))
    return ""


def _needed(rows: Rows | None) -> Rows:
    if rows is None:
        raise ValueError("moving by rows needs the wrapped rows")
    return rows


def _next_span(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    found = state.spans.after(state.focus, state.cursor_range[0])
    return _focus(state, found, state.spans.first, "from the start again")


def _previous_span(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    found = state.spans.before(state.focus, state.cursor_range[0])
    return _focus(state, found, state.spans.last, "from the end again")


def _focus(state: SpanState, found: Entry | None, other: Entry | None, wrapped: str) -> str:
    target = found or other
    if target is None:
        return "there are no spans"
    state.selection = None
    state.cursor, state.focus = target.first, target
    return "" if found else wrapped


def _select(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    if state.selection is None:
        _begin(state)
    else:
        state.selection = None
    return ""


def _begin(state: SpanState) -> None:
    if state.focus is None:
        state.selection = Selection(state.cursor, None, state.place)
        return
    state.selection = Selection(state.focus.first, state.focus, state.place)
    state.cursor = state.focus.last


def _extending(move: Command) -> Command:
    def extend(state: SpanState, argument: Argument, rows: Rows | None) -> str:
        if state.selection is None:
            _begin(state)
        return move(state, argument, rows)

    return extend


def _other_end(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    if state.selection is None:
        return "nothing is being selected"
    state.cursor, state.selection.anchor = state.selection.anchor, state.cursor
    return ""


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


def _confirm(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    if state.selection is None or state.selection.original is not None:
        state.selection = None
        return ""
    name = _last_label(state)
    if name is None:
        return "no label was used yet: give one by its number or name"
    return _give(state, name)


def _last_label(state: SpanState) -> str | None:
    if state.last_edit is not None and state.last_edit[0] == "label":
        return state.last_edit[1]
    return state.labels.names[0] if len(state.labels.names) == 1 else None


def _cancel(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    selection, state.selection = state.selection, None
    if selection is None:
        state.focus = None
    elif selection.applied:
        state.take_back(state.history.withdraw())
    return ""


def _label(state: SpanState, argument: Argument, _rows: Rows | None) -> str:
    name, message = state.labels.resolve(argument)
    return message if name is None else _give(state, name)


def _give(state: SpanState, name: str) -> str:
    """Label the focus, else the selection, else the token; the same again at once grows it."""
    again = state.just_labelled == name and state.focus is not None
    selected, state.selection = state.selected, None
    state.just_labelled = name
    state.last_edit = ("label", name)
    if state.focus is None:
        new = state.new_entry(name, selected or (state.cursor, state.cursor))
        state.put(new)
        return "" if state.focus is new else f"this is {name} already"
    if again:
        return _grow(state, state.focus)
    if state.focus.span.label == name:
        return f"this is {name} already"
    state.put(state.focus.relabelled(name), [state.focus])
    return ""


def _grow(state: SpanState, focus: Entry) -> str:
    if focus.last + 1 >= len(state.tokens):
        return "there is no token behind it"
    before = state.place
    state.cursor = focus.last + 1
    state.put(state.resized(focus, (focus.first, state.cursor)), [focus], before=before)
    return ""


def _repeat(state: SpanState, argument: Argument, rows: Rows | None) -> str:
    if state.last_edit is None:
        return "there is nothing to repeat"
    if state.last_edit[0] == "delete":
        return _delete(state, argument, rows)
    return _label(state, state.last_edit[1], rows)


def _delete(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    target = state.focus or state.under_cursor()
    if target is None:
        return "there is no span here"
    state.selection = None
    state.last_edit = ("delete", "")
    state.put(None, [target])
    return ""


def _undo(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    selection, state.selection = state.selection, None
    if selection is not None and not selection.applied:
        return ""
    return "" if state.undo() else "there is nothing to undo"


def _redo(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    state.selection = None
    return "" if state.redo() else "there is nothing to redo"


def _flag(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    on = not state.fields[FLAG_KEY]
    _set_field(state, FLAG_KEY, on)
    return "flagged" if on else "no longer flagged"


def _comment(state: SpanState, argument: Argument, _rows: Rows | None) -> str:
    comment = "" if argument is None else str(argument)
    if comment != state.fields[COMMENT_KEY]:
        _set_field(state, COMMENT_KEY, comment)
    return ""


def _set_field(state: SpanState, name: str, value: bool | str) -> None:
    selection = state.selection
    if selection is not None and selection.applied:
        state.selection = None  # its step is no longer the newest: the adjustment is closed
    state.commit(fields=[FieldChange(name, state.fields[name], value)], focus=state.focus)


_MOVES: dict[str, Command] = {
    "left": _by_tokens(-1),
    "right": _by_tokens(1),
    "up": _by_rows(-1),
    "down": _by_rows(1),
    "page_up": _by_rows(-1, page=True),
    "page_down": _by_rows(1, page=True),
    "row_start": _row_start,
    "row_end": _row_end,
}

ON_TOKENS: dict[str, Command] = {
    **_MOVES,
    **{f"select_{way}": _extending(_MOVES[way]) for way in ("left", "right", "up", "down")},
    "next_span": _next_span,
    "previous_span": _previous_span,
    "select": _select,
    "other_end": _other_end,
    "confirm": _confirm,
    "cancel": _cancel,
    "label": _label,
    "repeat": _repeat,
    "delete": _delete,
}
"""Commands that need at least one token."""

ON_TASK: dict[str, Command] = {"undo": _undo, "redo": _redo, "flag": _flag, "comment": _comment}
"""Commands on any task."""

VERTICAL = frozenset({"up", "down", "page_up", "page_down", "select_up", "select_down"})
"""Commands that keep to a column from one to the next."""
