"""brat standoff: a text file, and beside it an `.ann` file with its spans."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from tui_annotate.errors import SourceError, TaskError
from tui_annotate.sources.base import DEFAULT_LIMITS, Limits
from tui_annotate.sources.compressed import open_file
from tui_annotate.sources.document_source import DocumentSource
from tui_annotate.sources.encodings import CarriageReturnFile
from tui_annotate.sources.relation_links import RelationLink
from tui_annotate.sources.standoff_marks import Mark, put_spans, spans_of_marks
from tui_annotate.sources.text_field import Fields
from tui_annotate.task.foreign_spans import FileRegion, Range
from tui_annotate.task.schema import Task

_EMPTY = "the file is empty"
_NOTES = ("AnnotatorNotes", "Note")
ATTRIBUTE_NOTE = "Attribute"
"""The kind of a note `NAME: VALUE` that `export` writes for an attribute of several words."""


class BratSource(DocumentSource):
    """Reads one document: `name.ann` with `name.txt` beside it. Either may be named.

    Spans of several pieces are kept with their `pieces`; pieces with only line breaks between them
    are one. Attributes, references to knowledge bases and notes become the `attributes` of their
    span. Arguments of events become relations from the event's trigger, and equivalences relations
    from one span to the next. What remains (relations whose ends are none of the spans, notes on
    other things) is counted in a remark on the row.
    """

    endings: tuple[str, ...] = (".ann",)
    """The endings of the files with the marks."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        fields: Fields | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        try:
            super().__init__(path, fields, limits)
        except SourceError as error:
            # A text in which nothing was found has an empty file of marks.
            if error.what != _EMPTY or Path(path).suffix not in self.endings:
                raise
            super().__init__(Path(path).expanduser().with_suffix(".txt"), fields, limits)

    def document(self, notices: list[str]) -> Task:
        """Return the text with its marks."""
        path = Path(self.name).expanduser()
        text = self._read(_text_of(path))
        marks = [path.with_suffix(each) for each in self.endings]
        lines = [line for each in marks if each.exists() for line in _lines(self._read(each))]
        return {**_task(text, lines, notices), "meta": {"id": path.stem}}

    def _read(self, path: Path) -> str:
        """Return all of one of the files as text; nothing of an empty file of marks."""
        try:
            file = open_file(path, self.fields.encoding)
            # A text is kept as it is, even if its only line breaks are carriage returns: whoever
            # exports such a task gets the same one back.
            if path.suffix == ".txt" and isinstance(file, CarriageReturnFile):
                file = file.file
            return self.whole_text(file)
        except SourceError as error:
            if path.suffix != ".txt" and error.what == _EMPTY:
                return ""
            raise TaskError(f"{path.name}: {error.what}", reason="no-input") from None


class BioNlpSource(BratSource):
    """Reads a document of the BioNLP shared tasks: `name.txt` with `name.a1` and `name.a2`.

    The first file has the entities that were given, the second the events that were asked for.
    """

    endings = (".a1", ".a2")


def _text_of(path: Path) -> Path:
    """Return the text of a file of marks: `name.txt` of `name.ann`, and of `name.txt.ann`."""
    without = path.with_suffix("")
    return without if without.suffix == ".txt" else path.with_suffix(".txt")


def _lines(marks: str) -> list[str]:
    # Other line separators may stand in what a span covers.
    return [line.removesuffix("\r") for line in marks.split("\n")]


@dataclass(slots=True)
class _Marks:
    """The lines of an `.ann` file by what they are.

    Attributes:
        spans: The spans, by names such as `T1`, in their order.
        events: Name of an event -> name of its trigger.
        links: Relations, arguments of events and equivalences.
        attributes: Name of a span or event -> attribute -> value.
        others: How many lines have no place in a task.
    """

    spans: list[Mark] = field(default_factory=list)
    events: dict[str, str] = field(default_factory=dict)
    links: list[RelationLink] = field(default_factory=list)
    attributes: dict[str, dict[str, Any]] = field(default_factory=dict)
    others: int = 0

    def say(self, target: str, name: str, value: Any) -> None:
        """Note an attribute of a span or event; several values of one name, such as two entries of
        a database, stand one behind the other."""
        said = self.attributes.setdefault(target, {})
        earlier = said.get(name, value)
        said[name] = value if earlier == value else f"{earlier}; {value}"

    def about(self, name: str) -> str:
        """Return the span that is meant by the name of a span or an event."""
        return self.events.get(name, name)


def _task(text: str, lines: list[str], notices: list[str]) -> dict[str, Any]:
    marks = _sorted_out(lines)
    spans = spans_of_marks(text, marks.spans, notices)
    others = marks.others
    for name, values in marks.attributes.items():
        span = spans.get(marks.about(name))
        if span is None:
            others += len(values)
        else:
            span["attributes"] = {**span.get("attributes", {}), **values}
    links = [
        RelationLink(marks.about(one), marks.about(two), label) for one, two, label in marks.links
    ]
    task = put_spans({"text": text}, spans, links, notices)
    if others:
        one = "1 attribute or note on something else than a span is left out"
        several = f"{others} attributes and notes on other things than spans are left out"
        notices.append(one if others == 1 else several)
    return task


def _sorted_out(lines: list[str]) -> _Marks:
    marks = _Marks()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        # Each line is `ID<tab>KIND ...<tab>TEXT`, and the letter of its ID says what it is.
        name, _, rest = line.partition("\t")
        kind, _, text = rest.partition("\t")
        what = kind.split()
        letter = name[:1]
        if letter == "T":  # text-bound: a span
            _add_span(marks, number, line)
        elif letter == "R":
            marks.links.append(_relation(number, what))
        elif letter == "E" and what:
            _add_event(marks, name, what)
        elif name == "*" and len(what) > _PAIR:  # equivalent to each other: a chain
            marks.links += [RelationLink(one, other, what[0]) for one, other in pairwise(what[1:])]
        elif len(what) < _PAIR or not _say(marks, letter, what, text):
            marks.others += 1
    return marks


_PAIR = 2


def _say(marks: _Marks, letter: str, what: list[str], text: str) -> bool:
    """Take what a line says of a mark; return False where it says nothing that is kept.

    Args:
        marks: What was read by now.
        letter: The first letter of the line's ID.
        what: What kind of thing is said, the mark that it is about, and values.
        text: What stands behind them.
    """
    kind, about, *values = what
    if letter in ("A", "M"):  # attributes; M in older versions
        marks.say(about, kind, " ".join(values) if values else True)
    elif letter == "N" and values:  # normalized: an entry of a database
        marks.say(about, kind, values[0])
    elif letter == "#" and kind == ATTRIBUTE_NOTE:
        said, _, note = text.partition(": ")
        marks.say(about, said, note)
    elif letter == "#" and kind in _NOTES:
        marks.say(about, "note", text)
    else:
        return False
    return True


def _add_span(marks: _Marks, number: int, line: str) -> None:
    try:
        name, where, covered = line.split("\t", 2)
        label, places = where.split(" ", 1)
        pieces = tuple(_piece(each) for each in places.split(";"))
    except ValueError:
        raise TaskError(f"line {number} of the .ann file is no span", reason="bad-spans") from None
    marks.spans.append(Mark(name, label, FileRegion(pieces, covered)))


def _piece(text: str) -> Range:
    start, end = text.split()
    return int(start), int(end)


def _relation(number: int, what: list[str]) -> RelationLink:
    try:
        label, *ends = what
        names = [each.split(":", 1)[1] for each in ends]
        return RelationLink(names[0], names[1], label)
    except (ValueError, IndexError):
        what_ = f"line {number} of the .ann file is no relation"
        raise TaskError(what_, reason="bad-relations") from None


def _add_event(marks: _Marks, name: str, what: list[str]) -> None:
    """Take an event: its trigger is a span, and its arguments are relations from there."""
    _, _, trigger = what[0].partition(":")
    marks.events[name] = trigger
    for each in what[1:]:
        role, _, argument = each.partition(":")
        marks.links.append(RelationLink(trigger, argument, role))
