"""Rewrites a piece of the text under the spans; everything behind it moves along."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui_annotate.editors.base import Argument, Rows
from tui_annotate.editors.span.import_spans import apart, entry_over, unique
from tui_annotate.editors.span.spanset import SpanEntry, TextVersion
from tui_annotate.editors.span.state import SpanState
from tui_annotate.task.spans import Range, Span
from tui_annotate.task.text_change import (
    ChangedRegion,
    moved_relation,
    moved_span,
    regions_between,
    retokenized,
)
from tui_annotate.task.tokenize import Tokens, characters


def rewrite(state: SpanState, argument: Argument, _rows: Rows | None) -> str:
    """Write the piece anew, and say which spans and relations were cut or are gone.

    With nothing in its place the blank beside it goes too.
    """
    if not state.rewritable:
        return "this job does not let its texts be changed: its recipe would set edit_text"
    written = "" if argument is None else str(argument)
    start, end = state.piece
    if state.text[start:end] == written:
        return ""
    if not written:
        start, end = _with_blank(state.text, start, end)
    new = state.text[:start] + written + state.text[end:]
    regions = [
        ChangedRegion(
            each.start + start, each.end + start, each.new_start + start, each.new_end + start
        )
        for each in regions_between(state.text[start:end], written)
    ]
    tokens = _retokenized(state, new, regions)
    told: list[str] = []
    moved = _moved_entries(state, state.spans, new, regions, tokens, told)
    moved = unique(moved, told)
    moved = moved if state.overlap else apart(moved, told)
    proposed = _moved_entries(state, state.proposed, new, regions, tokens, [])
    ground = TextVersion(
        new,
        tokens,
        _moved_relations(state, new, regions, tokens, told),
        tuple(sorted(proposed, key=lambda each: each.key)),
    )
    selection, state.selection = state.selection, None
    if selection is not None and selection.original is not None:
        state.focus = state.spans.get(selection.original.serial)
    state.commit_text(ground, moved, _cursor(tokens, start))
    return "; ".join(told)


def _retokenized(state: SpanState, new: str, regions: Sequence[ChangedRegion]) -> Tokens:
    text, given = state.given
    if new == text:
        return given
    if state.by_character:
        return characters(new)
    return retokenized(state.tokens, state.text, new, regions)


def _with_blank(text: str, start: int, end: int) -> Range:
    """Return a piece that is taken out with one of the blanks around it, which would else be one
    too many."""
    behind = text[end : end + 1]
    if start > 0 and text[start - 1] == " " and (not behind or behind.isspace()):
        return start - 1, end
    if start == 0 and behind == " ":
        return start, end + 1
    return start, end


def _cursor(tokens: Tokens, start: int) -> int:
    """Return the token that the cursor goes to: the first of what was written that can be chosen,
    else one near it."""
    disabled, at = tokens.disabled, tokens.at(start)
    ways = (range(at, len(tokens)), range(at, -1, -1))
    free = (token for way in ways for token in way if token not in disabled)
    return next(free, 0)


def _moved_entries(
    state: SpanState,
    entries: Iterable[SpanEntry],
    new: str,
    regions: Sequence[ChangedRegion],
    tokens: Tokens,
    told: list[str],
) -> list[SpanEntry]:
    moved: list[SpanEntry] = []
    for entry in entries:
        data = moved_span(entry.span.to_dict(), state.text, new, regions, tokens, told)
        if data is None:
            continue
        over = tokens.snap(data["start"], data["end"])
        if over is None:
            told.append(f"{entry.span.label} on {data['start']} to {data['end']} is gone")
            continue
        moved.append(entry_over(Span.from_dict(data), new, tokens, over, entry.serial))
    return moved


def _moved_relations(
    state: SpanState, new: str, regions: Sequence[ChangedRegion], tokens: Tokens, told: list[str]
) -> list[object] | None:
    if not state.relations:
        return state.relations
    old = {"text": state.text, "tokens": state.tokens.to_dicts(state.text)}
    moved = (moved_relation(each, old, new, regions, tokens, told) for each in state.relations)
    return [each for each in moved if each is not None]
