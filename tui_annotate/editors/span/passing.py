"""What holds for a moment only: columns, hits, hints, what was labelled last."""

from __future__ import annotations

from tui_annotate.editors.span.state import SpanState

_LABELLING = frozenset({"label", "repeat"})
_VERTICAL = frozenset({"up", "down", "page_up", "page_down", "select_up", "select_down"})
_SEARCHES = frozenset({"search", "search_exact", "search_regex"})
_LEAVES_HITS = frozenset({"next_point", "previous_point", "find"})
_HINTS = frozenset({"go", "hint"})


def end_what_passes(state: SpanState, command: str) -> None:
    """End what `command` does not go on with: such as the column that moves by rows keep to."""
    points = state.points
    if command not in _LABELLING:
        state.just_labelled = None
    if command != "equal":
        state.just_spread = state.just_asked = None
    if command not in _VERTICAL:
        state.column = None
    if command not in _SEARCHES:
        points.origin = None
    if command not in _LEAVES_HITS and points.passing:
        points.forget()
    if command not in _HINTS and points.hints:
        points.hints = {}
