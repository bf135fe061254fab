"""What can be seen of a span editor beside its spans, where that has changed, and which of its
commands can be run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui_annotate.editors.base import Range, difference
from tui_annotate.editors.span.commands import ON_TASK, ON_TOKENS
from tui_annotate.editors.span.navigation import proposal_here
from tui_annotate.editors.span.spanset import SpanEntry
from tui_annotate.editors.span.state import SpanState
from tui_annotate.fast_namedtuple import NamedTuple


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
