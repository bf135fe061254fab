"""The state of a span editor as JSON values, and back.

    {"v": 1, "cursor": 12, "focus": 3, "selection": {"anchor": 10, "original": ENTRY, ...},
     "serials": [0, 3, 2], "next": 4, "undo": [EDIT, ...], "redo": [], "undone": false,
     "lost": false, "last": ["label", "ORG"], "proposed": [ENTRY, ...],
     "search": ["folded", "acme"]}

Where the text was changed, `"texts": [{"text": "…", "tokens": null, "relations": null,
"proposed": []}, …]` has the texts that the steps go between, and such a step has `"text": [0, 1]`:
from which to which. Tokens stand there where the task had brought some.

An ENTRY is `[first token, last token, label, serial, extra keys]`. A state that does not fit its
content (cut off, or of a later version) is dropped as far as it does not fit; the content stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from tui_annotate.editors.span.import_spans import read_spans
from tui_annotate.editors.span.navigation import search
from tui_annotate.editors.span.spanset import (
    CursorPlace,
    Edit,
    FieldChange,
    SpanEntry,
    SpanSet,
    TextVersion,
)
from tui_annotate.editors.span.state import (
    WAYS,
    Points,
    Selection,
    SpanState,
    Way,
    fields_of,
    tokens_of,
)
from tui_annotate.errors import ConfigError, TaskError
from tui_annotate.task.schema import ORIGINAL_TEXT, Task
from tui_annotate.task.spans import Span
from tui_annotate.task.tokenize import Tokens

VERSION = 1

KEPT = 50
"""Steps of undo, and of redo, that are kept with a draft."""


def encode(state: SpanState) -> dict[str, Any]:
    """The state as JSON values."""
    history = state.history
    undo, redo = history.done[-KEPT:], history.redoable[-KEPT:]
    grounds = _grounds_of([*undo, *redo])
    return {
        "v": VERSION,
        "cursor": state.cursor,
        "focus": state.place.focus,
        "selection": _from_selection(state.selection),
        "serials": state.spans.serials,
        "next": state.next_serial,
        "undo": [_from_edit(edit, grounds) for edit in undo],
        "redo": [_from_edit(edit, grounds) for edit in redo],
        **({"texts": [_from_ground(each) for each in grounds]} if grounds else {}),
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
    # A text that was changed and changed back may have lost relations on the way.
    changed = content.get("text") != state.text or bool(stored.get("texts"))
    if changed and not _take_text(state, content):
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


def _take_text(state: SpanState, content: Task) -> bool:
    """Take the text that a draft has changed, and what belongs to it; False where it is another
    text that was changed."""
    text = content.get("text")
    if not isinstance(text, str) or content.get(ORIGINAL_TEXT, text) != state.original:
        return False
    try:
        tokens = tokens_of(content, text, by_character=state.by_character)
    except TaskError:
        tokens = tokens_of({}, text, by_character=state.by_character)
    relations = content.get("relations")
    state.spans = SpanSet()
    state.stand_on(
        TextVersion(text, tokens, relations if isinstance(relations, list) else None, ())
    )
    return True


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
    grounds = [_to_ground(state, each) for each in stored.get("texts", ())]
    undo = _to_edits(state, stored["undo"], grounds, forward=False)
    redo = _to_edits(state, stored["redo"], grounds, forward=True)
    _check_steps(spans, undo, redo)
    proposed = tuple(_to_entry(state.tokens, each) for each in stored.get("proposed", ()))
    selection = _to_selection(state, stored["selection"])
    last = None if stored["last"] is None else (str(stored["last"][0]), str(stored["last"][1]))
    place = _to_place(state.tokens, [stored["cursor"], stored["focus"]])
    highest = max((entry.serial for entry in _all_entries(spans, undo, redo)), default=-1)
    offered = (proposed, *(ground.proposed for ground in grounds))
    highest = max([highest, *(entry.serial for each in offered for entry in each)])
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
    return SpanSet(SpanEntry(e.span, e.first, e.last, int(serial)) for e, serial in pairs)


def _all_entries(spans: SpanSet, *stacks: list[Edit]) -> Iterable[SpanEntry]:
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


def _from_entry(entry: SpanEntry) -> list[Any]:
    return [entry.first, entry.last, entry.span.label, entry.serial, dict(entry.span.extra)]


def _to_entry(tokens: Tokens, data: list[Any]) -> SpanEntry:
    first, last, label, serial, extra = data
    if not 0 <= first <= last:
        raise ValueError("tokens")
    start, end = tokens[first][0], tokens[last][1]
    return SpanEntry(Span(start, end, str(label), dict(extra)), first, last, int(serial))


def _grounds_of(edits: Iterable[Edit]) -> list[TextVersion]:
    """Return the texts that steps go between, each once."""
    found: list[TextVersion] = []
    for ground in (each for edit in edits for each in edit.grounds or ()):
        if not any(_same(ground, each) for each in found):
            found.append(ground)
    return found


def _same(one: TextVersion, other: TextVersion) -> bool:
    """Whether two are the very same: equal texts may have other tokens, or lost relations."""
    equal = one.relations == other.relations and one.proposed == other.proposed
    return one.tokens is other.tokens and equal


def _from_ground(ground: TextVersion) -> dict[str, Any]:
    return {
        "text": ground.text,
        "tokens": ground.tokens.to_dicts(ground.text) if ground.tokens.given else None,
        "relations": ground.relations,
        "proposed": [_from_entry(entry) for entry in ground.proposed],
    }


def _to_ground(state: SpanState, data: dict[str, Any]) -> TextVersion:
    text, relations = data["text"], data["relations"]
    if type(text) is not str or (relations is not None and type(relations) is not list):
        raise TypeError("texts")
    given = {} if data["tokens"] is None else {"tokens": data["tokens"]}
    try:
        tokens = tokens_of(given, text, by_character=state.by_character)
    except TaskError as error:
        raise ValueError(error.what) from error
    return TextVersion(
        text, tokens, relations, tuple(_to_entry(tokens, e) for e in data["proposed"])
    )


def _from_edit(edit: Edit, grounds: list[TextVersion]) -> dict[str, Any]:
    texts = [
        next(place for place, other in enumerate(grounds) if _same(each, other))
        for each in edit.grounds or ()
    ]
    return {
        "out": [_from_entry(entry) for entry in edit.removed],
        "in": [_from_entry(entry) for entry in edit.added],
        "fields": [[change.name, change.old, change.new] for change in edit.fields],
        "before": [edit.before.cursor, edit.before.focus],
        "after": [edit.after.cursor, edit.after.focus],
        **({"settled": [_from_entry(each) for each in edit.settled]} if edit.settled else {}),
        **({"text": texts} if texts else {}),
    }


def _to_edits(
    state: SpanState, stored: list[Any], grounds: list[TextVersion], *, forward: bool
) -> list[Edit]:
    """Return steps, of which the last is the nearest to the state: from it on they lead `forward`
    or back, over the texts that they were made on."""
    found: list[Edit] = []
    here = state.ground
    for data in reversed(stored):
        texts = [grounds[int(place)] for place in data.get("text", ())]
        pair = (texts[0], texts[1]) if texts else (here, here)
        nearest, farthest = pair if forward else pair[::-1]
        if nearest.text != here.text or nearest.tokens != here.tokens:
            raise ValueError("texts")
        found.append(_to_edit(state, data, pair, changes_text=bool(texts)))
        here = farthest if texts else here
    return found[::-1]


def _to_edit(
    state: SpanState,
    data: dict[str, Any],
    pair: tuple[TextVersion, TextVersion],
    *,
    changes_text: bool,
) -> Edit:
    old, new = pair[0].tokens, pair[1].tokens
    return Edit(
        tuple(_to_entry(old, each) for each in data["out"]),
        tuple(_to_entry(new, each) for each in data["in"]),
        tuple(_to_field(state, *each) for each in data["fields"]),
        _to_place(old, data["before"]),
        _to_place(new, data["after"]),
        tuple(_to_entry(old, each) for each in data.get("settled", ())),
        pair if changes_text else None,
    )


def _to_field(state: SpanState, name: str, old: bool | str, new: bool | str) -> FieldChange:
    kind = type(state.fields[name])
    if type(old) is not kind or type(new) is not kind:
        raise TypeError(name)
    return FieldChange(name, old, new)


def _to_place(tokens: Tokens, data: list[Any]) -> CursorPlace:
    cursor, focus = data
    if cursor != 0 and not tokens.has(cursor):
        raise ValueError("cursor")
    return CursorPlace(int(cursor), None if focus is None else int(focus))


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
    tokens = state.tokens
    original = None if data["original"] is None else _to_entry(tokens, data["original"])
    anchor = _to_place(tokens, [data["anchor"], None]).cursor
    return Selection(anchor, original, _to_place(tokens, data["before"]), bool(data["applied"]))
