"""The commands of the span editor, by name; which of them can be run now, and what looks different
after one.

Each takes the state, an argument and the wrapped rows, and returns a message for the status line
(empty if there is nothing to say). Commands on tokens are only called where there are tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui_annotate.editors.base import COMMENT_KEY, FLAG_KEY, REASON_KEY, Argument, Rows, difference
from tui_annotate.editors.span.cursor import (
    Command,
    focus_on,
    move_to,
    row_end,
    row_start,
    token_rows_away,
)
from tui_annotate.editors.span.navigation import ARRIVING, POINT_COMMANDS, proposal_here
from tui_annotate.editors.span.reshape import (
    REWORK_COMMANDS,
    refuse_proposal,
    take_proposal,
)
from tui_annotate.editors.span.spanset import FieldChange, SpanEntry
from tui_annotate.editors.span.state import Selection, SpanState
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.spans import Range

PAGE = 10
"""Rows of a page where the view does not say."""


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
        target = token_rows_away(
            state.tokens, rows, state.cursor, column, direction * max(steps, 1)
        )
        move_to(state, target)
        state.column = column
        return ""

    return move


def _row_start(state: SpanState, _argument: Argument, rows: Rows | None) -> str:
    move_to(state, row_start(state.tokens, _needed(rows), state.cursor))
    return ""


def _row_end(state: SpanState, _argument: Argument, rows: Rows | None) -> str:
    move_to(state, row_end(state.tokens, _needed(rows), state.cursor))
    return ""


def _needed(rows: Rows | None) -> Rows:
    if rows is None:
        raise ValueError("moving by rows needs the wrapped rows")
    return rows


def _next_span(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    found = state.spans.after(state.focus, state.cursor_range[0])
    return focus_on(state, found, state.spans.first, "from the start again")


def _previous_span(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    found = state.spans.before(state.focus, state.cursor_range[0])
    return focus_on(state, found, state.spans.last, "from the end again")


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


def _confirm(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    selection = state.selection
    if selection is None:
        return _take_here(state)
    if selection.original is not None:
        state.selection = None
        return ""
    name = _last_label(state)
    if name is None:
        return "no label was used yet: give one by its number or name"
    return _give_label(state, name)


def _take_here(state: SpanState) -> str:
    """Take the proposal under the cursor, or give the label that was picked for what comes."""
    proposal = proposal_here(state)
    if proposal is not None:
        return take_proposal(state, proposal)
    if not state.label_first:
        return "nothing is selected or proposed here"
    name = _last_label(state)
    if name is None:
        return "no label was chosen yet: give its number or name"
    return _give_label(state, name)


def _pick(state: SpanState, argument: Argument, _rows: Rows | None) -> str:
    """Choose a label first, to be given to what is selected next."""
    name, message = state.labels.resolve(argument)
    if name is None:
        return message
    state.last_edit = ("label", name)
    return f"{name} is chosen: enter gives it to the selection, or to the word here"


def _last_label(state: SpanState) -> str | None:
    if state.last_label:
        return state.last_label
    return state.labels.names[0] if len(state.labels.names) == 1 else None


def _cancel(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    selection, state.selection = state.selection, None
    if selection is None:
        state.focus = None
        state.points.forget()
    elif selection.applied:
        state.take_back(state.history.withdraw())
    return ""


def _label(state: SpanState, argument: Argument, _rows: Rows | None) -> str:
    name, message = state.labels.resolve(argument)
    return message if name is None else _give_label(state, name)


def _give_label(state: SpanState, name: str) -> str:
    """Label the focus, else the selection, else the token; the same again at once grows it."""
    focus, selected = state.focus, state.selected
    is_again_at_once = state.just_labelled == name
    state.selection = None
    state.just_labelled = name
    state.last_edit = ("label", name)
    if focus is None:
        return _label_tokens(state, name, selected)
    if is_again_at_once:
        return _grow(state, focus)
    if focus.span.label == name:
        return f"this is {name} already"
    new = focus.relabelled(name)
    state.put(new, [focus])
    # A span with this label may lie there already; `put` has made one of both.
    return "" if state.focus is new else f"now one with the {name} that was here"


def _label_tokens(state: SpanState, name: str, selected: tuple[int, int] | None) -> str:
    """Make a span of what is selected, else of the point that was gone to, else of the token."""
    before = state.place
    over = selected or state.points.reach or (state.cursor, state.cursor)
    if barred := state.barred(over):
        return barred
    new = state.new_entry(name, over)
    # Behind what one has gone to, the next command goes on from its end. A selection keeps the
    # cursor at the end that was moved.
    state.cursor = state.cursor if selected else over[1]
    state.put(new, before=before)
    return "" if state.focus is new else f"this is {name} already"


def _grow(state: SpanState, focus: SpanEntry) -> str:
    if not state.tokens.has(focus.last + 1):
        return "there is no token behind it"
    if barred := state.barred((focus.last + 1, focus.last + 1)):
        return barred
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
        proposal = proposal_here(state)
        return "there is no span here" if proposal is None else refuse_proposal(state, proposal)
    state.selection = None
    state.last_edit = ("delete", state.last_label)
    state.put(None, [target])
    return ""


def _undo(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    selection, state.selection = state.selection, None
    if selection is not None and not selection.applied:
        return ""
    before, text = dict(state.fields), state.text
    if not state.undo():
        return "there is nothing to undo"
    return _told(state, before) if state.text is text else "the text is as it was before"


def _redo(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    state.selection = None
    before, text = dict(state.fields), state.text
    if not state.redo():
        return "there is nothing to redo"
    return _told(state, before) if state.text is text else "the text is changed again"


def _flag(state: SpanState, _argument: Argument, _rows: Rows | None) -> str:
    before = dict(state.fields)
    _set_field(state, FLAG_KEY, not before[FLAG_KEY])
    return _told(state, before)


def _comment(state: SpanState, argument: Argument, _rows: Rows | None) -> str:
    comment, before = "" if argument is None else str(argument), dict(state.fields)
    if comment != before[COMMENT_KEY]:
        _set_field(state, COMMENT_KEY, comment)
    return _told(state, before)


def _reason(state: SpanState, argument: Argument, _rows: Rows | None) -> str:
    reason, before = "" if argument is None else str(argument), dict(state.fields)
    if reason != before.get(REASON_KEY, ""):
        _set_field(state, REASON_KEY, reason)
    return _told(state, before)


def _rewrite(state: SpanState, argument: Argument, rows: Rows | None) -> str:
    """Change the text."""
    # It loads what compares texts, which no start and few jobs need.
    from tui_annotate.editors.span.edit_text import rewrite

    return rewrite(state, argument, rows)


def _told(state: SpanState, before: dict[str, bool | str]) -> str:
    """Say what became of flag and comment: on low screens nothing else shows it."""
    now = state.fields
    if now[FLAG_KEY] != before[FLAG_KEY]:
        return "flagged" if now[FLAG_KEY] else "no longer flagged"
    if now[COMMENT_KEY] != before[COMMENT_KEY]:
        return "comment kept" if now[COMMENT_KEY] else "no comment any more"
    if now.get(REASON_KEY) != before.get(REASON_KEY):
        return f"reason: {now[REASON_KEY]}" if now.get(REASON_KEY) else "no reason any more"
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
    "pick": _pick,
    "delete": _delete,
    **POINT_COMMANDS,
    **REWORK_COMMANDS,
}
"""Commands that need at least one token."""

ON_TASK: dict[str, Command] = {
    "undo": _undo,
    "redo": _redo,
    "flag": _flag,
    "comment": _comment,
    "reason": _reason,
    "rewrite": _rewrite,
}
"""Commands on any task."""

KEEP_REACH = frozenset({*ARRIVING, "pick"})
"""Commands after which a label still takes the whole point arrived at."""


class EditorSnapshot(NamedTuple):
    """What was to be seen at some moment.

    Attributes:
        cursor: The token under the cursor.
        place: Its code points.
        selected: Code points of the selection.
        focus: The focused span.
        hits: Code points of what a search found.
        reached: Code points of the point arrived at.
        hints: Letters still to be typed, by offset.
        proposals: Proposals that can be taken.
    """

    cursor: int
    place: Range
    selected: Range | None
    focus: SpanEntry | None
    hits: tuple[Range, ...]
    reached: Range | None
    hints: dict[int, str]
    proposals: tuple[SpanEntry, ...]


def snapshot(state: SpanState) -> EditorSnapshot:
    """Note what can be seen now."""
    points = state.points
    reached = None if points.reach is None else state.range_of(points.reach)
    return EditorSnapshot(
        state.cursor,
        state.cursor_range,
        state.selected_range,
        state.focus,
        points.marks,
        reached,
        points.hints,
        state.proposals if state.proposed else (),
    )


def changed_ranges(old: EditorSnapshot, new: EditorSnapshot) -> Iterator[Range]:
    """Yield the code points that may look different now."""
    yield from difference(old.selected, new.selected)
    yield from difference(old.reached, new.reached)
    if old.cursor != new.cursor:
        yield from (old.place, new.place)
    if old.focus != new.focus:
        yield from (each.range for each in (old.focus, new.focus) if each is not None)
    if old.hits is not new.hits:
        yield from set(old.hits) ^ set(new.hits)
    if old.hints is not new.hints:
        yield from _hinted(old.hints, new.hints)
    if old.proposals != new.proposals:
        yield from _proposed(old.proposals, new.proposals)


def _hinted(old: dict[int, str], new: dict[int, str]) -> Iterator[Range]:
    for offset in old.keys() | new.keys():
        if old.get(offset) != new.get(offset):
            length = max(len(old.get(offset, "")), len(new.get(offset, "")), 1)
            yield offset, offset + length


def _proposed(old: Sequence[SpanEntry], new: Sequence[SpanEntry]) -> Iterator[Range]:
    serials = {entry.serial for entry in old} ^ {entry.serial for entry in new}
    yield from (entry.range for entry in (*old, *new) if entry.serial in serials)


def can_run(state: SpanState, command: str) -> bool:
    """Whether a command would do anything now."""
    if command in ON_TASK:
        history = state.history
        undo, redo = bool(history.done), bool(history.redoable)
        known = {
            "undo": undo or state.selection is not None,
            "redo": redo,
            "rewrite": state.rewritable,
        }
        return known.get(command, True)
    if command not in ON_TOKENS or not state.tokens:
        return False
    if command == "other_end":
        return state.selection is not None
    here = proposal_here(state) is not None
    words = context_words(state, edited=False)
    return {
        "confirm": state.selection is not None or here or state.label_first,
        "cancel": bool({"selecting", "focus", "hits"} & words),
        "take_all": "proposals" in words,
        "label": "labels" in words,
        "next_span": "spans" in words,
        "previous_span": "spans" in words,
        "delete": state.focus is not None or state.under_cursor() is not None or here,
        "repeat": state.last_edit is not None,
        "left": state.cursor > 0,
        "right": state.tokens.has(state.cursor + 1),
    }.get(command, True)


def context_words(state: SpanState, *, edited: bool) -> frozenset[str]:
    """Words for the action table: `span-editor`, `modes`, and as they apply `labels`, `spans`,
    `focus`, `selecting`, `hits`, `proposals`, `label-first`, `rewritable`, `edited`."""
    words = {
        "labels": bool(state.labels.names),
        "spans": bool(len(state.spans)),
        "focus": state.focus is not None,
        "selecting": state.selection is not None,
        "hits": bool(state.points.hits),
        "proposals": bool(state.proposed and state.proposals),
        "label-first": state.label_first,
        "rewritable": state.rewritable,
        "edited": edited,
    }
    own = (word for word, applies in words.items() if applies)
    return frozenset({"span-editor", "modes", *own})
