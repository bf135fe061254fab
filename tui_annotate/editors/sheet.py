"""What a view shows, as paragraphs from top to bottom: plain values that any face can draw."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from tui_annotate.editors.base import Range
from tui_annotate.task.spans import Span

Role: TypeAlias = Literal["text", "heading", "faint", "good", "bad", "field"]
"""What a paragraph is for."""


class Paragraph(NamedTuple):
    """A piece of text that is wrapped for itself.

    Attributes:
        text: As it came; what could harm a terminal is made visible by the face.
        role: What it is for.
        prefix: Stands before its first row; further rows are indented as far.
        spans: Shown with their labels below the text.
        cursor: Code points under the cursor, where it is here.
        selection: Code points that are being selected.
        focus: The focused span.
        current: The annotator is at this paragraph; it is kept on screen.
        content: It belongs to what is to be read before an answer; options do not.
        picture: The file or `data:` address of a picture that it describes, for faces that draw.
    """

    text: str
    role: Role = "text"
    prefix: str = ""
    spans: tuple[Span, ...] = ()
    cursor: Range | None = None
    selection: Range | None = None
    focus: Span | None = None
    current: bool = False
    content: bool = True
    picture: str = ""


Sheet: TypeAlias = tuple[Paragraph, ...]

BLANK = Paragraph("", content=False)


def heading(text: str) -> Paragraph:
    """Return a heading."""
    return Paragraph(text, role="heading", content=False)


def faint(text: str, prefix: str = "") -> Paragraph:
    """Return a remark."""
    return Paragraph(text, role="faint", prefix=prefix, content=False)
