"""What a text view shows of an editor, and which code points look different after a change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.tui.widgets.lanes import SpanLike
from tui_annotate.tui.widgets.overlay import Overlay, with_proposals


class Marked(Protocol):
    """A text with tokens and spans under a cursor: what an editor shows to the view.

    It may also have `marks` (code points of search hits and of the point arrived at), `hints`
    (letters by the offset they stand for), `proposals` (spans that are not taken yet),
    `disabled` (code points that cannot be chosen) and `overlap` (whether spans may overlap).
    """

    @property
    def text(self) -> str:
        """The text, never changed."""

    @property
    def spans(self) -> Sequence[SpanLike]:
        """The spans; another object after every change."""

    @property
    def cursor_range(self) -> tuple[int, int]:
        """The code points under the cursor."""

    @property
    def focus(self) -> SpanLike | None:
        """The focused span."""

    @property
    def selection(self) -> tuple[int, int] | None:
        """The selected code points."""


class Touched(Protocol):
    """What a command has changed, as editors report it."""

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """Code points whose look changed."""


class Marks(NamedTuple):
    """What was drawn last, apart from the text; attributes as in `Marked`, the spans with the
    proposals among them."""

    spans: Sequence[SpanLike]
    cursor: tuple[int, int]
    focus: SpanLike | None
    selection: tuple[int, int] | None
    overlay: Overlay = Overlay()


def read_marks(editor: Marked) -> Marks:
    """Return what an editor shows now, apart from its text."""
    spans = with_proposals(editor.spans, getattr(editor, "proposals", ()))
    overlay = Overlay(
        getattr(editor, "marks", ()), getattr(editor, "hints", {}), getattr(editor, "disabled", ())
    )
    return Marks(spans, editor.cursor_range, editor.focus, editor.selection, overlay)


def may_overlap(editor: Marked) -> bool:
    """Return whether the spans of an editor's text may overlap."""
    return bool(getattr(editor, "overlap", False))


class NoText:
    """Stands in before the first task."""

    text = ""
    spans: tuple[SpanLike, ...] = ()
    cursor_range = (0, 0)
    focus: SpanLike | None = None
    selection: tuple[int, int] | None = None


def difference(old: Marks, new: Marks) -> list[tuple[int, int]]:
    """Return the code points that may look different now."""
    ranges: list[tuple[int, int]] = []
    if old.cursor != new.cursor:
        ranges += [old.cursor, new.cursor]
    if old.selection != new.selection:
        ranges += [part for part in (old.selection, new.selection) if part]
    if old.focus != new.focus:
        ranges += [(span.start, span.end) for span in (old.focus, new.focus) if span]
    if old.spans is not new.spans:
        ranges += _span_difference(old.spans, new.spans)
    return ranges


def _span_difference(old: Sequence[SpanLike], new: Sequence[SpanLike]) -> list[tuple[int, int]]:
    first = _same(old, new)
    last = _same(reversed(old[first:]), reversed(new[first:]))
    old, new = old[first : len(old) - last], new[first : len(new) - last]
    before = {(span.start, span.end, span.label) for span in old}
    after = {(span.start, span.end, span.label) for span in new}
    same_number = len(before) == len(old) and len(after) == len(new)
    changed = before ^ after if same_number else before | after
    return [(start, end) for start, end, _ in changed]


def _same(one: Iterable[SpanLike], other: Iterable[SpanLike]) -> int:
    """Return how many are the same objects from the start on: most, of thousands of spans."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a is not b:
            break
        count += 1
    return count
