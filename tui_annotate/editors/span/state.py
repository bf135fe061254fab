"""The state of a task whose spans are edited, and the primitive steps on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from tui_annotate.editors.base import COMMENT_KEY, FLAG_KEY, REASON_KEY, Labels
from tui_annotate.editors.span.import_spans import entry_over, read_spans
from tui_annotate.editors.span.spanset import (
    CursorPlace,
    Edit,
    FieldChange,
    SpanEntry,
    SpanSet,
    TextVersion,
    UndoHistory,
    open_proposals,
)
from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.review import VERSIONS, versions_in
from tui_annotate.task.schema import ORIGINAL_TEXT, Task
from tui_annotate.task.spans import Range, Span
from tui_annotate.task.stored_tokens import tokens_as_stored
from tui_annotate.task.tokenize import Tokens, characters

_LABELLING = frozenset({"label", "repeat"})
_VERTICAL = frozenset({"up", "down", "page_up", "page_down", "select_up", "select_down"})
_SEARCHES = frozenset({"search", "search_exact", "search_regex"})
_KEEPS_HITS = frozenset({"next_point", "previous_point", "find"})
_HINTS = frozenset({"go", "hint"})

Way: TypeAlias = Literal["folded", "exact", "regex"]
"""How a search compares: without case, marks and width; code point by code point; by pattern."""

WAYS: tuple[Way, ...] = ("folded", "exact", "regex")

LETTERS = "fjdksleiwoghruqptyvmcnbz"
"""Letters of hints, the easiest first; those that decide by default (`a`, `x`) are not among
them, so that a hint typed too late never answers a task."""


class Points:
    """What can be gone to, and what was.

    Attributes:
        query: What was searched for and how; None where nothing was.
        hits: First and last tokens of what a search found, in order.
        marks: Their code points, and those of the point arrived at.
        passing: Whether the hits go with the next edit: they are of a `find`, not of a search.
        letters: What that `find` looked for; empty where the hits are of something else.
        origin: Where the cursor was when the search began.
        hints: Letters still to be typed, by the offset they stand for.
        reach: First and last token of the point arrived at; a label takes all of it.
    """

    def __init__(self) -> None:
        self.query: tuple[Way, str] | None = None
        self.hits: tuple[tuple[int, int], ...] = ()
        self.marks: tuple[Range, ...] = ()
        self.passing = False
        self.letters = ""
        self.origin: CursorPlace | None = None
        self.hints: dict[int, str] = {}
        self.reach: tuple[int, int] | None = None

    def found(self, hits: list[tuple[int, int]], tokens: Tokens, *, passing: bool) -> None:
        """Take up what a search found."""
        self.hits = tuple(hits)
        self.marks = tuple((tokens[first][0], tokens[last][1]) for first, last in hits)
        self.passing, self.letters = passing, ""
        self.query = None

    def forget(self) -> None:
        """Nothing is searched for any more."""
        self.query = self.origin = None
        self.hits, self.marks, self.passing, self.letters = (), (), False, ""


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
    if command not in _KEEPS_HITS and points.passing:
        points.forget()
    if command not in _HINTS and points.hints:
        points.hints = {}


Earlier: TypeAlias = Callable[[], "list[dict[str, Any]] | None"]
"""Gives the spans of the newest earlier answer on the same text; None where there is none."""

Spread: TypeAlias = Callable[[str, str], str]
"""Takes a text and a label, has them proposed in the rest of the dataset or not, and says so."""


class FaceFunctions(NamedTuple):
    """Callables that a face gives to its editors.

    Attributes:
        earlier: Finds what was answered before.
        spread: Proposes equal strings from here on.
        withdraw: Proposes them no longer.
    """

    earlier: Earlier | None = None
    spread: Spread | None = None
    withdraw: Spread | None = None


@dataclass(eq=False, repr=False, slots=True)
class Selection:
    """An open selection.

    Attributes:
        anchor: The token at the end that stays.
        original: The span that is being adjusted, as it was before; None for a selection of text.
        before: Where the annotator was when the adjusting began.
        applied: Whether the newest step of the history is this adjustment.
    """

    anchor: int
    original: SpanEntry | None
    before: CursorPlace
    applied: bool = False

    def tokens(self, cursor: int) -> tuple[int, int]:
        """First and last token between the fixed end and the cursor."""
        return (min(self.anchor, cursor), max(self.anchor, cursor))


LastEdit: TypeAlias = tuple[str, str]
"""What repeat does again, and the label that was used last, which a deletion does not take away:
`("label", name)` or `("delete", name)`."""


class SpanState:
    """Spans, cursor, focus, selection and history of one task.

    Args:
        task: The task; it needs a `text`.
        labels: The labels that can be given.
        overlap: Whether spans may overlap.
        by_character: Whether every grapheme is a token.

    Raises:
        TaskError: If there is no text, or the task's own tokens do not fit it.
    """

    def __init__(
        self, task: Task, labels: Iterable[str], *, overlap: bool, by_character: bool
    ) -> None:
        text = task.get("text")
        if not isinstance(text, str):
            raise TaskError("the task has no text", reason="no-text", where="text")
        self.text = text
        original = task.get(ORIGINAL_TEXT)
        self.original = original if isinstance(original, str) else text
        relations = task.get("relations")
        self.relations = relations if isinstance(relations, list) else None
        self.rewritable = False
        self.by_character = by_character
        self.labels = Labels(labels)
        self.overlap = overlap
        self.tokens = tokens_of(task, text, by_character=by_character)
        # A text that is changed and changed back has its own tokens again.
        self.given = (text, self.tokens)
        self.disabled = self.tokens.disabled
        self.disabled_ranges = tuple(self.tokens[token] for token in sorted(self.disabled))
        entries, notes = read_spans(task.get("spans"), text, self.tokens, overlap=overlap)
        self.notes = tuple(notes)
        self.spans = SpanSet(entries)
        self.pattern_hits = {
            e.first: (e.first, e.last) for e in entries if "pattern" in e.span.extra
        }
        self.next_serial = max((entry.serial + 1 for entry in entries), default=0)
        self.fields: dict[str, bool | str] = fields_of(task)
        self.history = UndoHistory()
        self.cursor = self.enabled_from(0, 1) or 0
        self.focus: SpanEntry | None = None
        self.selection: Selection | None = None
        self.column: int | None = None
        self.last_edit: LastEdit | None = None
        self.just_labelled: str | None = None
        self.just_spread: tuple[str, str] | None = None
        self.just_asked: tuple[str, str] | None = None
        self.points = Points()
        self.label_first = False
        self.letters = LETTERS
        self.aids = FaceFunctions()
        self.proposed: tuple[SpanEntry, ...] = ()
        # What the command at hand has done, for its `Change`.
        self.dirty: list[Range] = []
        self.changed = False
        self.wrapped = False

    @property
    def cursor_range(self) -> Range:
        """Code points of the token under the cursor; empty where the text has no token."""
        if not self.tokens:
            return (0, 0)
        return self.tokens[self.cursor]

    @property
    def selected(self) -> tuple[int, int] | None:
        """First and last token of the open selection."""
        return None if self.selection is None else self.selection.tokens(self.cursor)

    @property
    def selected_range(self) -> Range | None:
        """Code points of the open selection."""
        return None if self.selected is None else self.range_of(self.selected)

    @property
    def piece(self) -> Range:
        """The code points that are written anew where the text is changed: the selection, else the
        focused span, else the token under the cursor; all of a text without tokens."""
        if not self.tokens:
            return (0, len(self.text))
        if self.selected_range is not None:
            return self.selected_range
        return self.cursor_range if self.focus is None else self.focus.range

    def enabled_from(self, token: int, step: int) -> int | None:
        """The first token from one on, in steps of 1 or -1, that can be chosen."""
        while token in self.disabled:
            token += step
        return token if self.tokens.has(token) else None

    def barred(self, over: tuple[int, int]) -> str:
        """Why no new span may lie on some tokens, first to last; empty where it may."""
        if self.disabled:
            for token in range(over[0], over[1] + 1):
                if token in self.disabled:
                    start, end = self.tokens[token]
                    return f"“{self.text[start:end]}” is disabled: no span may be on it"
        return ""

    @property
    def last_label(self) -> str:
        """The label that was used or picked last; empty where none was."""
        return "" if self.last_edit is None else self.last_edit[1]

    @property
    def place(self) -> CursorPlace:
        """Where the annotator is."""
        return CursorPlace(self.cursor, None if self.focus is None else self.focus.serial)

    def range_of(self, over: tuple[int, int]) -> Range:
        """Code points from a first to a last token."""
        return (self.tokens[over[0]][0], self.tokens[over[1]][1])

    @property
    def proposals(self) -> tuple[SpanEntry, ...]:
        """The proposals that can be taken: not in the way of a span, nor there already."""
        return open_proposals(self.proposed, self.spans, overlap=self.overlap)

    def under_cursor(self) -> SpanEntry | None:
        """The innermost span on the token under the cursor; of equals, the newest."""
        touching = self.spans.touching(*self.cursor_range)
        return min(touching, key=lambda e: (e.span.end - e.span.start, -e.serial), default=None)

    def new_entry(self, label: str, over: tuple[int, int]) -> SpanEntry:
        """An entry that is not among the spans yet."""
        start, end = self.range_of(over)
        self.next_serial += 1
        return SpanEntry(Span(start, end, label), *over, self.next_serial - 1)

    def resized(self, entry: SpanEntry, over: tuple[int, int]) -> SpanEntry:
        """The same span over other tokens."""
        return entry_over(entry.span, self.text, self.tokens, over, entry.serial)

    def put(
        self,
        new: SpanEntry | None,
        old: Sequence[SpanEntry] = (),
        *,
        before: CursorPlace | None = None,
    ) -> None:
        """Make one undoable step: take spans out, put one in, focus it.

        A span that is there already with the same extent and label is focused instead. Where
        spans may not overlap, those in the way go in the same step.

        Args:
            new: What comes; None if spans are only taken out.
            old: What goes.
            before: Where the annotator was, if not here.
        """
        removed, focus = list(old), new
        if new is not None:
            # What goes in this step is not in the way of what comes.
            gone = {entry.serial for entry in old}
            others = [e for e in self.spans.touching(*new.range) if e.serial not in gone]
            if same := next((e for e in others if e.looks_like(new)), None):
                new, focus = None, same
            elif not self.overlap:
                removed += others
        if new is None and not removed:
            self.focus = focus  # no step: nothing has changed that could be undone
            return
        self.commit(removed, () if new is None else (new,), focus=focus, before=before)

    def commit(
        self,
        removed: Sequence[SpanEntry] = (),
        added: Sequence[SpanEntry] = (),
        fields: Sequence[FieldChange] = (),
        *,
        focus: SpanEntry | None = None,
        before: CursorPlace | None = None,
        settled: Sequence[SpanEntry] = (),
    ) -> None:
        """Make one undoable step of anything.

        Args:
            removed: Spans that go.
            added: Spans that come.
            fields: Other values that change.
            focus: The span that has the focus afterwards.
            before: Where the annotator was, if not here.
            settled: Proposals that are taken or refused.
        """
        before = before or self.place  # before the focus moves, which is a part of it
        self._settle(settled)
        self._exchange(removed, added)
        self._set((change.name, change.new) for change in fields)
        self.focus = focus
        edit = Edit(tuple(removed), tuple(added), tuple(fields), before, self.place, tuple(settled))
        self.history.push(edit)

    @property
    def ground(self) -> TextVersion:
        """The text, and what moves with it, as they are now."""
        return TextVersion(self.text, self.tokens, self.relations, self.proposed)

    def stand_on(self, ground: TextVersion) -> None:
        """Take another text, after its spans; what was searched for is forgotten."""
        self.text, self.tokens, self.relations, self.proposed = ground
        self.disabled = self.tokens.disabled
        self.disabled_ranges = tuple(self.tokens[token] for token in sorted(self.disabled))
        self.pattern_hits = {
            e.first: (e.first, e.last) for e in self.spans if "pattern" in e.span.extra
        }
        self.points = Points()
        self.column = self.just_labelled = None
        self.dirty = [(0, len(self.text))]
        self.changed = True

    def commit_text(self, ground: TextVersion, moved: Sequence[SpanEntry], cursor: int) -> None:
        """Make one undoable step of another text.

        Args:
            ground: The text and what belongs to it.
            moved: All spans on it, with the numbers that they had.
            cursor: The token under the cursor afterwards; a span that has the focus and no longer
                covers it takes the cursor along.
        """
        removed, before, grounds = tuple(self.spans), self.place, (self.ground, ground)
        self._exchange(removed, moved)
        self.stand_on(ground)
        focus = next((each for each in moved if each.serial == before.focus), None)
        if focus is not None and not focus.first <= cursor <= focus.last:
            cursor = focus.first
        self.go_to(CursorPlace(cursor, before.focus))
        edit = Edit(removed, tuple(moved), (), before, self.place, grounds=grounds)
        self.history.push(edit)

    def undo(self) -> bool:
        """Take the newest step back; False if there is none."""
        edit = self.history.undo()
        if edit is None:
            return False
        self.take_back(edit)
        return True

    def redo(self) -> bool:
        """Make the step again that was taken back last; False if there is none."""
        edit = self.history.redo()
        if edit is None:
            return False
        self._exchange(edit.removed, edit.added)
        if edit.grounds is not None:
            self.stand_on(edit.grounds[1])
        self._settle(edit.settled)
        self._set((change.name, change.new) for change in edit.fields)
        self.go_to(edit.after)
        return True

    def take_back(self, edit: Edit) -> None:
        """Undo a step that is no longer in the history."""
        # Spans first, because `stand_on` looks through those of its text.
        self._exchange(edit.added, edit.removed)
        if edit.grounds is not None:
            self.stand_on(edit.grounds[0])
        if edit.settled:
            self.proposed = tuple(sorted((*self.proposed, *edit.settled), key=lambda e: e.key))
            self.changed = True
        self._set((change.name, change.old) for change in edit.fields)
        self.go_to(edit.before)  # last, as the focus is looked up among the spans that came back

    def go_to(self, place: CursorPlace) -> None:
        """Put cursor and focus where they were."""
        self.cursor = place.cursor
        self.focus = self.spans.get(place.focus)

    def _exchange(self, removed: Iterable[SpanEntry], added: Iterable[SpanEntry]) -> None:
        for entry in removed:
            self.spans.remove(entry)
            self.dirty.append(entry.range)
            self.changed = True
        for entry in added:
            self.spans.add(entry)
            self.dirty.append(entry.range)
            self.changed = True

    def _settle(self, settled: Sequence[SpanEntry]) -> None:
        if settled:
            gone = {entry.serial for entry in settled}
            self.proposed = tuple(e for e in self.proposed if e.serial not in gone)
            self.changed = True

    def _set(self, values: Iterable[tuple[str, bool | str]]) -> None:
        for name, value in values:
            self.fields[name] = value
            self.changed = True


def tokens_of(task: Task, text: str, *, by_character: bool) -> Tokens:
    """Return the tokens of a text: every grapheme, or those of the task, or such as are cut here.

    Raises:
        TaskError: If the task's own tokens do not fit the text (`bad-tokens`).
    """
    if by_character:
        return characters(text)
    given = task.get("tokens")
    if given is not None:
        return Tokens.from_dicts(text, given)
    stored = tokens_as_stored(task) if task.get("text") == text else None
    return Tokens.as_needed(text) if stored is None else stored


def fields_of(task: Task) -> dict[str, bool | str]:
    """Flag and comment of a task, and in a review the reason."""
    comment, reason = task.get(COMMENT_KEY), task.get(REASON_KEY)
    is_review = VERSIONS in task and bool(versions_in(task))
    own = {REASON_KEY: reason if isinstance(reason, str) else ""} if is_review else {}
    return {
        FLAG_KEY: task.get(FLAG_KEY) is True,
        COMMENT_KEY: comment if isinstance(comment, str) else "",
        **own,
    }
