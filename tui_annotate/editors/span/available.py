"""What the span editor can do now: whether a command would do anything, and words for keymaps."""

from __future__ import annotations

from tui_annotate.editors.span.commands import ON_TASK, ON_TOKENS
from tui_annotate.editors.span.navigation import proposal_here
from tui_annotate.editors.span.state import SpanState


def can(state: SpanState, command: str) -> bool:
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
    if command not in ON_TOKENS or not len(state.tokens):
        return False
    if command == "other_end":
        return state.selection is not None
    here = proposal_here(state) is not None
    words = words_of(state, edited=False)
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
        "right": state.cursor < len(state.tokens) - 1,
    }.get(command, True)


def words_of(state: SpanState, *, edited: bool) -> frozenset[str]:
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
