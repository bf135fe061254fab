"""SLATE's marks: a text file, and beside it `NAME.annotations` with a mark or a link a line.

(4, 3) - PER              a token, by its line and its number in the line, from 0
((8, 1), (8, 3)) - LOC    from a token to a token
(4, 3, 0) - X             a character; 4 - X a line; () - X the whole text
(4, 3) (2, 0) - coref     a link; 1 2 - one between lines
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tui_annotate.errors import SourceError, TaskError
from tui_annotate.sources.base import DEFAULT_LIMITS, Limits, left_out
from tui_annotate.sources.document_source import DocumentSource
from tui_annotate.sources.folder import OF_SLATE
from tui_annotate.sources.relation_links import RelationLink, Span
from tui_annotate.sources.standoff_marks import put_spans
from tui_annotate.sources.text_field import Fields
from tui_annotate.sources.token_tasks import NO_LABEL
from tui_annotate.task.foreign_spans import PLACED
from tui_annotate.task.schema import Task

_TOKEN = re.compile(r"\S+")
_PLACES = re.compile(r"[\d\s(),]*")
_LINKED = 2


class SlateSource(DocumentSource):
    """Reads one document: a text file with its marks beside it. Either may be named.

    The whole file is one text. Marks of tokens, characters and lines are spans, those of the whole
    text its classes, and links relations between what they link.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        fields: Fields | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        named = Path(path).expanduser()
        is_marks = OF_SLATE in named.name
        self._marks = named if is_marks else Path(f"{named}{OF_SLATE}")
        super().__init__(_text_of(named) if is_marks else path, fields, limits)

    def document(self, notices: list[str]) -> Task:
        """Return the text with its marks."""
        try:
            text = self.whole_text(self.file)
            has_marks = self._marks.stat().st_size > 0
            marks = self.text_beside(self._marks) if has_marks else ""
        except (SourceError, OSError) as error:
            what = f"its marks cannot be read ({error})"
            raise TaskError(what, reason="no-input") from None
        return slate_task(text, marks.split("\n"), notices)


def _text_of(marks: Path) -> Path:
    """Return the text file of a file of marks, whose name is longer by some endings.

    Raises:
        SourceError: There is none.
    """
    found = marks
    while found.suffix:
        found = found.with_suffix("")
        if found.is_file():
            return found
    raise SourceError("the text that it marks is not beside it", where=str(marks))


def slate_task(text: str, marks: Sequence[str], notices: list[str]) -> Task:
    """Return a text with its marks as a task.

    Args:
        text: The text.
        marks: The lines of the file of marks.
        notices: Gets remarks.

    Raises:
        TaskError: A line is no mark, or marks what is not there.
    """
    lines = _Lines(text)
    spans = _SpansByPlace()
    linked: list[tuple[list[Any], list[str], int]] = []
    classes: list[str] = []
    bare = 0
    for number, line in enumerate(marks, 1):
        if not line.strip() or line.startswith("#"):
            continue
        places, labels = _parts(line, number)
        if len(places) == _LINKED:
            linked.append((places, labels, number))
        elif places == [()]:
            classes += labels
        else:
            bare += not labels
            start, end = lines.place(places[0], number)
            for label in labels:
                spans.add(places[0], label, start, end)
    links: list[RelationLink] = []
    # Only now: a mark may stand behind a link to it.
    for places, labels, number in linked:
        for place in places:
            if not spans.has(place):
                spans.add(place, NO_LABEL, *lines.place(place, number))
        head, child = map(spans.first_at, places)
        links += [RelationLink(head, child, each) for each in labels or ["link"]]
    if bare:
        notices.append(left_out(bare, "marks without a label"))
    task: Task = {"text": text}
    if classes:
        task["accept"] = [*dict.fromkeys(classes)]
    return put_spans(task, spans.named, links, notices)


class _SpansByPlace:
    """Spans by place and label. A link names the place alone; it is to the first span there.

    Attributes:
        named: Place and label -> the span.
    """

    def __init__(self) -> None:
        self.named: dict[Any, Span] = {}
        self._first: dict[Any, Any] = {}

    def add(self, place: Any, label: str, start: int, end: int) -> None:
        """Take a span at a place."""
        self._first.setdefault(place, (place, label))
        # Lines and tokens have no units, so nothing is to be converted.
        self.named[place, label] = {"start": start, "end": end, "label": label, PLACED: True}

    def has(self, place: Any) -> bool:
        """Tell whether there is a span at a place."""
        return place in self._first

    def first_at(self, place: Any) -> Any:
        """Return the name, place and label, of the first span at a place."""
        return self._first[place]


def _parts(line: str, number: int) -> tuple[list[Any], list[str]]:
    """Return the places and the labels of a line.

    Raises:
        TaskError: It is no mark.
    """
    left, bar, right = line.partition(" -")
    listed = re.sub(r"(?<=[\d)])\s+(?=[\d(])", ", ", left.strip())
    if not _PLACES.fullmatch(listed):
        listed = ""
    try:
        places = list(ast.literal_eval(f"[{listed}]"))
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        places = []
    if not bar or not 0 < len(places) <= _LINKED or not all(map(_is_place, places)):
        raise TaskError(f"line {number} of its marks is none: {line[:40]!r}", reason="bad-spans")
    return places, right.split()


def _is_place(value: Any) -> bool:
    if isinstance(value, tuple) and len(value) == _LINKED and isinstance(value[0], tuple):
        return all(isinstance(each, tuple) and _is_place(each) for each in value)
    if not isinstance(value, tuple):
        return type(value) is int
    return all(type(each) is int for each in value)


class _Lines:
    """Where the lines, tokens and characters of a text lie."""

    def __init__(self, text: str) -> None:
        self._lines: list[tuple[int, list[tuple[int, int]]]] = []
        at = 0
        for line in text.split("\n"):
            tokens = [(at + each.start(), at + each.end()) for each in _TOKEN.finditer(line)]
            self._lines.append((at, tokens))
            at += len(line) + 1
        self._tokens = [token for _, tokens in self._lines for token in tokens]

    def place(self, value: Any, number: int) -> tuple[int, int]:
        """Return start and end of a place, in code points.

        Raises:
            TaskError: There is no such place.
        """
        if isinstance(value, tuple) and value and isinstance(value[0], tuple):
            return self.place(value[0], number)[0], self.place(value[1], number)[1]
        # `4` is a line, `(4, 3)` a token in it, `(4, 3, 0)` a character of that, `()` the text.
        line, *inner = (value or (None,)) if isinstance(value, tuple) else (value,)
        try:
            tokens = self._tokens if line is None else self._lines[line][1]
            if not inner:
                return tokens[0][0], tokens[-1][1]
            start, end = tokens[inner[0]]
        except IndexError:
            what = f"line {number} of its marks marks {value}, which is not in the text"
            raise TaskError(what, reason="bad-spans") from None
        if len(inner) > 1:
            start, end = start + inner[1], start + inner[1] + 1
        return start, end
