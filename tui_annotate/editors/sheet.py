"""What a view shows, as paragraphs from top to bottom: plain values that any face can draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.spans import Range, Span

Role: TypeAlias = Literal["text", "heading", "faint", "good", "bad", "field"]
"""What a paragraph is for."""


Column: TypeAlias = Literal["", "left", "right", "panel", "aside"]
"""Where a paragraph stands on a wide screen: `left` or `right` where two versions stand beside each
other, in the `panel` beside what is read, or there and nowhere else: `aside`. Narrow screens have
all others below each other."""


class Arc(NamedTuple):
    """A labelled link between two places of a paragraph.

    Attributes:
        head, child: Code points of its ends.
        label: Its label.
        current: The cursor is at one of its ends.
    """

    head: Range
    child: Range
    label: str
    current: bool = False


class Paragraph(NamedTuple):
    """A piece of text that is wrapped for itself.

    Attributes:
        text: As it came; what could harm a terminal is made visible by the face.
        role: What it is for.
        prefix: Stands before its first row; further rows are indented as far.
        spans: Shown with their labels below the text.
        arcs: Drawn over the text; None where there can be none.
        tips: Arcs have a tip at the child.
        beside: Labels that arcs may have, where what they link are whole lines of the text: such
            arcs stand beside the text, and the room for them is there from the start.
        faint: Code points that cannot be chosen.
        points: Code points of search hits and of the point arrived at.
        hints: Letters to be typed, by the offset they stand for.
        cursor: Code points under the cursor, where it is here.
        selection: Code points that are being selected.
        focus: The focused span.
        current: The annotator is at this paragraph; it is kept on screen.
        content: It belongs to what is to be read before an answer; options do not.
        picture: The file or `data:` address of a picture that it describes, for faces that draw.
        listed: It says in words what an arc shows, and may be left out where arcs are drawn.
        choice: The number, from 0, of the choice that it belongs to, among those that the keys
            reach now; None where it belongs to none.
        pinned: It is kept on screen, on the last line where there is no room for it in its place.
        lanes: Rows for labels that are kept below each of its rows, whatever spans there are; 0
            for as many as its spans need.
        column: Where it stands on a wide screen.
        column: Where it stands on a wide screen.
    """

    text: str
    role: Role = "text"
    prefix: str = ""
    spans: tuple[Span, ...] = ()
    arcs: tuple[Arc, ...] | None = None
    tips: bool = True
    beside: tuple[str, ...] = ()
    faint: tuple[Range, ...] = ()
    points: tuple[Range, ...] = ()
    hints: Mapping[int, str] = {}
    cursor: Range | None = None
    selection: Range | None = None
    focus: Span | None = None
    current: bool = False
    content: bool = True
    picture: str = ""
    listed: bool = False
    choice: int | None = None
    pinned: bool = False
    lanes: int = 0
    column: Column = ""


Sheet: TypeAlias = tuple[Paragraph, ...]

BLANK = Paragraph("", content=False)


def heading(text: str) -> Paragraph:
    """Return a heading."""
    return Paragraph(text, role="heading", content=False)


def faint(text: str, prefix: str = "") -> Paragraph:
    """Return a remark."""
    return Paragraph(text, role="faint", prefix=prefix, content=False)


Part: TypeAlias = Literal["whole", "main", "beside"]
"""What of a sheet is shown: all of it, or of a wide screen's two parts the one that is read, or the
one beside it."""

_BESIDE = ("right", "panel", "aside")


def in_one_column(sheet: Sheet) -> Sheet:
    """Return what of a sheet is shown where nothing stands beside anything."""
    return tuple(each for each in sheet if each.column != "aside")


def part_of(sheet: Sheet, part: Part) -> Sheet:
    """Return what a part of the screen shows of a sheet."""
    if part == "whole":
        return in_one_column(sheet)
    beside = part == "beside"
    return tuple(each for each in sheet if (each.column in _BESIDE) is beside)
