"""The state of a span editor as JSON values, and back.

    {"v": 1, "cursor": 12, "focus": 3, "selection": {"anchor": 10, "original": ENTRY, ...},
     "serials": [0, 3, 2], "next": 4, "undo": [EDIT, ...], "redo": [], "undone": false,
     "lost": false, "last": ["label", "ORG"], "proposed": [ENTRY, ...],
     "search": ["folded", "acme"]}

An ENTRY is `[first token, last token, label, serial, extra keys]`. A state that does not fit its
content (cut off, or of a later version) is dropped as far as it does not fit; the content stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from tui_annotate.editors.given import read_spans
from tui_annotate.editors.history import Edit, FieldChange, Place
from tui_annotate.editors.points import WAYS, Points, Way, search
from tui_annotate.editors.selection import Selection
from tui_annotate.editors.span_state import SpanState, fields_of
from tui_annotate.editors.spanset import Entry, SpanSet
from tui_annotate.errors import ConfigError
from tui_annotate.task.schema import Task
from tui_annotate.task.spans import Span

VERSION = 1

KEPT = 50
"""Steps of undo, and of redo, that are kept with a draft."""


def encode(state: SpanState) -> dict[str, Any]:
    """The state as JSON values."""
    history = state.history
    return {
        "v": VERSION,
        "cursor": state.cursor,
        "focus": state.place.focus,
        "selection": _from_selection(state.selection),
        "serials": [entry.serial for entry in state.spans],
        "next": state.next_serial,
        "undo": [_from_edit(edit) for edit in history.done[-KEPT:]],
        "redo": [_from_edit(edit) for edit in history.redoable[-KEPT:]],
        "undone": history.undone,
        "lost": history.lost or len(history.done) > KEPT,
        "last": None if state.last_edit is None else list(state.last_edit),
        "search": None if state.points.query is None else list(state.points.query),
        "proposed": [_from_entry(entry) for entry in state.proposed],
    }


def take_up(state: SpanState, content: Task, stored: dict[str, Any]) -> tuple[str, ...]:
    """Take up a draft.

    Args:
        state: The state of the task as it came.
        content: The task as it was edited.
        stored: What `encode` gave; keys that others added to it are passed over.

    Returns:
        Notes on what could not be kept.
    """
    if content.get("text") != state.text:
        return ("the draft is for another text: it is not taken up",)
    entries, notes = read_spans(
        content.get("spans"), state.text, state.tokens, overlap=state.overlap
    )
    state.spans = SpanSet(entries)
    state.next_serial = max((entry.serial + 1 for entry in entries), default=0)
    state.fields = fields_of(content)
    state.focus = state.selection = state.column = state.just_labelled = None
    state.points = Points()
    state.history.done.clear()
    state.history.redoable.clear()
    if not decode(state, stored):
        state.history.lost = True
        notes.append("the draft's edits are kept, but can no longer be undone")
    return tuple(notes)


def decode(state: SpanState, stored: dict[str, Any]) -> bool:
    """Take up a stored state on top of the content that is in place.

    Args:
        state: Its spans and fields are those of the draft.
        stored: What `encode` gave.

    Returns:
        Whether all of it fitted; otherwise only the cursor was taken, as near as it goes.
    """
    try:
        _take(state, stored)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        cursor = stored.get("cursor") if isinstance(stored, dict) else None
        if isinstance(cursor, int):
            state.cursor = min(max(cursor, 0), max(len(state.tokens) - 1, 0))
        return False
    return True


def _take(state: SpanState, stored: dict[str, Any]) -> None:
    """All or nothing: what can fail comes before the first assignment."""
    if stored["v"] != VERSION:
        raise ValueError(stored["v"])
    spans = _renumbered(state.spans, stored["serials"])
    undo = [_to_edit(state, each) for each in stored["undo"]]
    redo = [_to_edit(state, each) for each in stored["redo"]]
    _check_steps(spans, undo, redo)
    proposed = tuple(_to_entry(state, each) for each in stored.get("proposed", ()))
    selection = _to_selection(state, stored["selection"])
    last = None if stored["last"] is None else (str(stored["last"][0]), str(stored["last"][1]))
    place = _to_place(state, [stored["cursor"], stored["focus"]])
    highest = max((entry.serial for entry in _all_entries(spans, undo, redo)), default=-1)
    highest = max([highest, *(entry.serial for entry in proposed)])
    state.proposed = proposed
    _search_again(state, stored.get("search"))
    state.next_serial = max(int(stored["next"]), highest + 1)
    state.spans, state.selection, state.last_edit = spans, selection, last
    state.history.done[:], state.history.redoable[:] = undo, redo
    state.history.undone, state.history.lost = bool(stored["undone"]), bool(stored["lost"])
    state.go_to(place)


def _search_again(state: SpanState, query: list[Any] | None) -> None:
    """Find again what was searched for; what cannot be found any more is forgotten."""
    if query is None:
        return
    way: Way = next((each for each in WAYS if each == query[0]), "folded")
    with suppress(ConfigError):
        hits = search(state.text, state.tokens, str(query[1]), way)
        state.points.found(hits, state.tokens, passing=False)
        state.points.query = (way, str(query[1]))


def _renumbered(spans: SpanSet, serials: list[int]) -> SpanSet:
    if len(set(map(int, serials))) != len(spans):
        raise ValueError("serials")
    pairs = zip(spans, serials, strict=True)
    return SpanSet(Entry(e.span, e.first, e.last, int(serial)) for e, serial in pairs)


def _all_entries(spans: SpanSet, *stacks: list[Edit]) -> Iterable[Entry]:
    yield from spans
    for edit in (edit for stack in stacks for edit in stack):
        yield from (*edit.removed, *edit.added, *edit.settled)


def _check_steps(spans: SpanSet, undo: list[Edit], redo: list[Edit]) -> None:
    """Every step must find the spans that it takes out."""
    for steps, forward in ((undo, False), (redo, True)):
        trial = SpanSet(spans)
        for edit in reversed(steps):
            out, into = (edit.removed, edit.added) if forward else (edit.added, edit.removed)
            for entry in out:
                trial.remove(entry)
            for entry in into:
                trial.add(entry)


def _from_entry(entry: Entry) -> list[Any]:
    return [entry.first, entry.last, entry.span.label, entry.serial, dict(entry.span.extra)]


def _to_entry(state: SpanState, data: list[Any]) -> Entry:
    first, last, label, serial, extra = data
    if not 0 <= first <= last:
        raise ValueError("tokens")
    start, end = state.range_of((first, last))
    return Entry(Span(start, end, str(label), dict(extra)), first, last, int(serial))


def _from_edit(edit: Edit) -> dict[str, Any]:
    return {
        "out": [_from_entry(entry) for entry in edit.removed],
        "in": [_from_entry(entry) for entry in edit.added],
        "fields": [[change.name, change.old, change.new] for change in edit.fields],
        "before": [edit.before.cursor, edit.before.focus],
        "after": [edit.after.cursor, edit.after.focus],
        **({"settled": [_from_entry(each) for each in edit.settled]} if edit.settled else {}),
    }


def _to_edit(state: SpanState, data: dict[str, Any]) -> Edit:
    return Edit(
        tuple(_to_entry(state, each) for each in data["out"]),
        tuple(_to_entry(state, each) for each in data["in"]),
        tuple(_to_field(state, *each) for each in data["fields"]),
        _to_place(state, data["before"]),
        _to_place(state, data["after"]),
        tuple(_to_entry(state, each) for each in data.get("settled", ())),
    )


def _to_field(state: SpanState, name: str, old: bool | str, new: bool | str) -> FieldChange:
    kind = type(state.fields[name])
    if type(old) is not kind or type(new) is not kind:
        raise TypeError(name)
    return FieldChange(name, old, new)


def _to_place(state: SpanState, data: list[Any]) -> Place:
    cursor, focus = data
    if not 0 <= cursor < max(len(state.tokens), 1):
        raise ValueError("cursor")
    return Place(int(cursor), None if focus is None else int(focus))


def _from_selection(selection: Selection | None) -> dict[str, Any] | None:
    if selection is None:
        return None
    original = selection.original
    return {
        "anchor": selection.anchor,
        "original": None if original is None else _from_entry(original),
        "before": [selection.before.cursor, selection.before.focus],
        "applied": selection.applied,
    }


def _to_selection(state: SpanState, data: dict[str, Any] | None) -> Selection | None:
    if data is None:
        return None
    original = None if data["original"] is None else _to_entry(state, data["original"])
    anchor = _to_place(state, [data["anchor"], None]).cursor
    return Selection(anchor, original, _to_place(state, data["before"]), bool(data["applied"]))
