"""Spans in reading order, found by place in logarithmic time; proposed spans among them.

Edits of them are values (`Edit`), and undo and redo work on two stacks of these.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

from tui_annotate.editors.base import kept_ends
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.spans import Range, Span
from tui_annotate.task.tokenize import Tokens
from tui_annotate.waiting import checked

_Key: TypeAlias = tuple[int, int, str, int]


class SpanEntry(NamedTuple):
    """A span at work.

    Attributes:
        span: Its value.
        first: Its first token.
        last: Its last token.
        serial: Its number in order of creation; it stays when the span is changed.
    """

    span: Span
    first: int
    last: int
    serial: int

    @property
    def range(self) -> Range:
        """Its code points."""
        return (self.span.start, self.span.end)

    @property
    def key(self) -> _Key:
        """Reading order: by start, the longer first, then by label and age."""
        return (self.span.start, -self.span.end, self.span.label, self.serial)

    def looks_like(self, other: SpanEntry) -> bool:
        """Whether another has the same extent and label."""
        return self.range == other.range and self.span.label == other.span.label

    def relabelled(self, label: str) -> SpanEntry:
        """The same span with another label."""
        return self._replace(span=self.span.with_label(label))


_SPAN, _SERIAL = itemgetter(0), itemgetter(3)  # of an entry, and of a key


class SpanSet:
    """A set of entries in reading order.

    Args:
        entries: What it holds; serials must differ.
    """

    def __init__(self, entries: Iterable[SpanEntry] = ()) -> None:
        self._by_serial: dict[int, SpanEntry] = {entry.serial: entry for entry in entries}
        held = self._by_serial.values()
        self._keys: list[_Key] = sorted(entry.key for entry in held)
        self._longest = max((entry.span.end - entry.span.start for entry in held), default=0)
        self._spans: tuple[Span, ...] | None = None

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[SpanEntry]:
        return map(self._by_serial.__getitem__, self.serials)

    def __contains__(self, entry: SpanEntry) -> bool:
        held = self._by_serial.get(entry.serial)
        return held is not None and held.key == entry.key

    @property
    def spans(self) -> tuple[Span, ...]:
        """The values in reading order."""
        if self._spans is None:
            self._spans = tuple(map(_SPAN, self))
        return self._spans

    @property
    def serials(self) -> list[int]:
        """Their numbers in reading order."""
        return list(map(_SERIAL, self._keys))

    def get(self, serial: int | None) -> SpanEntry | None:
        """The entry with a serial number, if there is one."""
        return None if serial is None else self._by_serial.get(serial)

    def add(self, entry: SpanEntry) -> None:
        """Put an entry in its place."""
        insort(self._keys, entry.key)
        self._by_serial[entry.serial] = entry
        self._longest = max(self._longest, entry.span.end - entry.span.start)
        self._spans = None

    def remove(self, entry: SpanEntry) -> None:
        """Take an entry out.

        Raises:
            KeyError: If it is not there.
        """
        if entry not in self:
            raise KeyError(entry.key)
        del self._keys[bisect_left(self._keys, entry.key)]
        del self._by_serial[entry.serial]
        self._spans = None

    def touching(self, start: int, end: int) -> list[SpanEntry]:
        """The entries that share a code point with a range, in reading order."""
        low = bisect_left(self._keys, (start - self._longest,))
        high = bisect_left(self._keys, (end,))
        keys = self._keys[low:high]
        return [self._by_serial[key[3]] for key in keys if -key[1] > start]

    def after(self, entry: SpanEntry | None, offset: int) -> SpanEntry | None:
        """The entry that follows another in reading order, or the first that starts at an offset
        or later; None at the end."""
        if entry is None:
            index = bisect_left(self._keys, (offset,))
        else:
            index = bisect_right(self._keys, entry.key)
        return self._by_serial[self._keys[index][3]] if index < len(self._keys) else None

    def before(self, entry: SpanEntry | None, offset: int) -> SpanEntry | None:
        """The entry before another in reading order, or the last that starts at an offset or
        earlier; None at the start."""
        index = bisect_left(self._keys, (offset + 1,) if entry is None else entry.key)
        return self._by_serial[self._keys[index - 1][3]] if index else None

    @property
    def first(self) -> SpanEntry | None:
        """The first in reading order."""
        return self._by_serial[self._keys[0][3]] if self._keys else None

    @property
    def last(self) -> SpanEntry | None:
        """The last in reading order."""
        return self._by_serial[self._keys[-1][3]] if self._keys else None


class SpanDicts:
    """Spans as tasks hold them. A draft has all of them after every look around, so only those are
    made anew that were not there before."""

    def __init__(self) -> None:
        self._made: tuple[tuple[Span, ...], Tokens | None, list[dict[str, Any]]] = ((), None, [])

    def of(self, spans: tuple[Span, ...], tokens: Tokens) -> list[dict[str, Any]]:
        """Return the dicts of spans; who may change them takes copies."""
        before, for_tokens, dicts = self._made
        if before is spans and for_tokens is tokens:
            return dicts
        if for_tokens is not tokens:
            before, dicts = (), []
        first, last = kept_ends(before, spans)
        made = [each.to_dict(tokens) for each in spans[first : len(spans) - last]]
        dicts = [*dicts[:first], *made, *dicts[len(dicts) - last :]]
        self._made = (spans, tokens, dicts)
        return dicts

    def prepare(self, spans: tuple[Span, ...], tokens: Tokens) -> None:
        """Make the dicts of a task's spans on any thread, before a key has to wait for them.

        Raises:
            Abandoned: Nobody waits for it any more.
        """
        self._made = (spans, tokens, [each.to_dict(tokens) for each in checked(spans)])


def open_proposals(
    proposed: Iterable[SpanEntry], spans: SpanSet, *, overlap: bool
) -> tuple[SpanEntry, ...]:
    """The proposals that can still be taken.

    Args:
        proposed: All of them.
        spans: What is labelled.
        overlap: Whether spans may overlap; otherwise a span closes the proposals it touches.
    """
    return tuple(each for each in proposed if not _closed(each, spans, overlap=overlap))


def _closed(proposal: SpanEntry, spans: SpanSet, *, overlap: bool) -> bool:
    touching = spans.touching(*proposal.range)
    return any(not overlap or each.looks_like(proposal) for each in touching)


def disjoint_proposals(proposals: Iterable[SpanEntry], *, overlap: bool) -> list[SpanEntry]:
    """Those that can be taken together: of two that overlap where that is forbidden the longer
    one, of equally long ones the earlier."""
    if overlap:
        return list(proposals)
    kept = SpanSet()
    for each in sorted(proposals, key=lambda e: (e.span.start - e.span.end, e.key)):
        if not kept.touching(*each.range):
            kept.add(each)
    return list(kept)


def proposal_at(proposals: Sequence[SpanEntry], place: Range) -> SpanEntry | None:
    """The shortest of those that share a code point with a place."""
    touching = [e for e in proposals if e.span.start < place[1] and place[0] < e.span.end]
    return min(touching, key=lambda e: e.span.end - e.span.start, default=None)


class CursorPlace(NamedTuple):
    """Where the annotator was: the cursor's token and the serial of the focused span."""

    cursor: int
    focus: int | None


class FieldChange(NamedTuple):
    """One value of the task, such as the flag, before and after."""

    name: str
    old: bool | str
    new: bool | str


class TextVersion(NamedTuple):
    """What spans stand on, and what moves with it where it is changed.

    Attributes:
        text: The text.
        tokens: Its tokens.
        relations: The relations that the task has beside its spans; None where it has no list.
        proposed: The proposals on it.
    """

    text: str
    tokens: Tokens
    relations: list[Any] | None
    proposed: tuple[SpanEntry, ...]


class Edit(NamedTuple):
    """One undoable step.

    Attributes:
        removed: Entries that it took out.
        added: Entries that it put in.
        fields: Other values that it changed.
        before: Where the annotator was.
        after: Where the annotator was left.
        settled: Proposals that it took or refused.
        grounds: The text and what belongs to it before and after, where the step changed the text:
            then `removed` are spans of the one, and `added` those of the other.
    """

    removed: tuple[SpanEntry, ...]
    added: tuple[SpanEntry, ...]
    fields: tuple[FieldChange, ...]
    before: CursorPlace
    after: CursorPlace
    settled: tuple[SpanEntry, ...] = ()
    grounds: tuple[TextVersion, TextVersion] | None = None


class UndoHistory:
    """Undo and redo.

    Attributes:
        limit: Steps that are kept; older ones can no longer be undone.
        undone: Whether a step was ever made that is not in `done` any more.
        lost: Whether steps have fallen out at the bottom, or were not kept with a draft.
    """

    def __init__(self) -> None:
        self.limit = 500
        self.done: list[Edit] = []
        self.redoable: list[Edit] = []
        self.undone = False
        self.lost = False

    def push(self, edit: Edit) -> None:
        """A new step; what could be redone is forgotten."""
        self.done.append(edit)
        self.redoable.clear()
        if len(self.done) > self.limit:
            del self.done[0]
            self.lost = True

    def undo(self) -> Edit | None:
        """The step to be taken back, or None."""
        if not self.done:
            return None
        self.undone = True
        self.redoable.append(self.done.pop())
        return self.redoable[-1]

    def redo(self) -> Edit | None:
        """The step to be made again, or None."""
        if not self.redoable:
            return None
        self.done.append(self.redoable.pop())
        return self.done[-1]

    def withdraw(self) -> Edit:
        """The newest step, taken off for good because a better version of it follows."""
        self.undone = True
        return self.done.pop()
