"""brat standoff: a text file, and beside it an `.ann` file with its spans."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from tui_annotate.errors import SourceError, TaskError
from tui_annotate.sources.base import DEFAULT_LIMITS, START, BadRow, Limits, Position, Row
from tui_annotate.sources.files import SourceFile
from tui_annotate.sources.line_source import FileSource
from tui_annotate.sources.relation_links import Link, Span, add_relations
from tui_annotate.sources.text_field import Fields
from tui_annotate.task.span_fit import Range, Region, place_regions

_EMPTY = "the file is empty"
_NOTES = ("AnnotatorNotes", "Note")


class BratSource(FileSource):
    """Reads one document: `name.ann` with `name.txt` beside it. Either may be named.

    Spans of several pieces are kept with their `pieces`; pieces with only line breaks between them
    are one. Attributes, references to knowledge bases and notes become the `attributes` of their
    span. Arguments of events become relations from the event's trigger, and equivalences relations
    from one span to the next. What remains (relations whose ends are none of the spans, notes on
    other things) is counted in a remark on the row.
    """

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
            if error.what != _EMPTY or Path(path).suffix != ".ann":
                raise
            super().__init__(Path(path).expanduser().with_suffix(".txt"), fields, limits)

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield the one record, unless `start` is behind it."""
        if start.row:
            return
        path = Path(self.name).expanduser()
        end = Position(1, 0, max(self.size() or 1, 1))
        try:
            text = _read(path.with_suffix(".txt"), self.limits.max_line)
            marks = path.with_suffix(".ann")
            lines = _read(marks, self.limits.max_line).splitlines() if marks.exists() else []
            notices: list[str] = []
            data = _task(text, lines, notices)
            data["meta"] = {"id": path.stem}
            yield Row(self.fields.apply(data, notices), START, end, tuple(notices))
        except TaskError as error:
            yield BadRow(error.reason, error.what, START, end)

    def count(self) -> int | None:
        """Return 1."""
        return 1


def _read(path: Path, limit: int) -> str:
    try:
        file = SourceFile(path)
        with file.reader() as reader:
            data = reader.read(limit + 1)
    except SourceError as error:
        if path.suffix == ".ann" and error.what == _EMPTY:
            return ""
        raise TaskError(f"{path.name}: {error.what}", reason="no-input") from None
    if len(data) > limit:
        raise TaskError(f"{path.name} is longer than {limit:,} bytes", reason="too-long")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"{path.name}: not valid UTF-8 at byte {error.start}"
        raise TaskError(what, reason="not-utf8") from None


@dataclass(slots=True)
class _Marks:
    """The lines of an `.ann` file by what they are.

    Attributes:
        names: Names of the spans, such as `T1`, in their order.
        labels: Their labels.
        regions: Where they lie.
        events: Name of an event -> name of its trigger.
        links: Relations, arguments of events and equivalences.
        attributes: Name of a span or event -> attribute -> value.
        others: How many lines have no place in a task.
    """

    names: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    events: dict[str, str] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    attributes: dict[str, dict[str, Any]] = field(default_factory=dict)
    others: int = 0

    def about(self, name: str) -> str:
        """Return the span that is meant by the name of a span or an event."""
        return self.events.get(name, name)


def _task(text: str, lines: list[str], notices: list[str]) -> dict[str, Any]:
    marks = _sorted_out(lines)
    spans = _spans(text, marks, notices)
    others = marks.others
    for name, values in marks.attributes.items():
        span = spans.get(marks.about(name))
        if span is None:
            others += len(values)
        else:
            span["attributes"] = {**span.get("attributes", {}), **values}
    found = sorted(spans.values(), key=lambda each: (each["start"], -each["end"], each["label"]))
    task: dict[str, Any] = {"text": text, "spans": found}
    links = [Link(marks.about(one), marks.about(two), label) for one, two, label in marks.links]
    lost = add_relations(task, text, spans, links) if links else 0
    if lost:
        notices.append(f"{lost} relations between other things than spans are left out")
    if others:
        notices.append(f"{others} attributes and notes on other things than spans are left out")
    return task


def _sorted_out(lines: list[str]) -> _Marks:
    marks = _Marks()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        name, _, rest = line.partition("\t")
        what = rest.partition("\t")[0].split()
        if name.startswith("T"):
            _add_span(marks, number, line)
        elif name.startswith("R"):
            marks.links.append(_relation(number, what))
        elif name.startswith("E") and what:
            _add_event(marks, name, what)
        elif name == "*" and len(what) > 2:
            marks.links += [Link(one, other, what[0]) for one, other in pairwise(what[1:])]
        elif name[:1] in ("A", "M") and len(what) > 1:
            value: Any = " ".join(what[2:]) if len(what) > 2 else True
            marks.attributes.setdefault(what[1], {})[what[0]] = value
        elif name.startswith("N") and len(what) > 2:
            marks.attributes.setdefault(what[1], {})[what[0]] = what[2]
        elif name.startswith("#") and len(what) > 1 and what[0] in _NOTES:
            marks.attributes.setdefault(what[1], {})["note"] = rest.partition("\t")[2]
        else:
            marks.others += 1
    return marks


def _add_span(marks: _Marks, number: int, line: str) -> None:
    try:
        name, where, covered = line.split("\t", 2)
        label, places = where.split(" ", 1)
        pieces = tuple(_piece(each) for each in places.split(";"))
    except ValueError:
        raise TaskError(f"line {number} of the .ann file is no span", reason="bad-spans") from None
    marks.names.append(name)
    marks.labels.append(label)
    marks.regions.append(Region(pieces, covered))


def _piece(text: str) -> Range:
    start, end = text.split()
    return int(start), int(end)


def _relation(number: int, what: list[str]) -> Link:
    try:
        label, *ends = what
        names = [each.split(":", 1)[1] for each in ends]
        return Link(names[0], names[1], label)
    except (ValueError, IndexError):
        what_ = f"line {number} of the .ann file is no relation"
        raise TaskError(what_, reason="bad-relations") from None


def _add_event(marks: _Marks, name: str, what: list[str]) -> None:
    """Take an event: its trigger is a span, and its arguments are relations from there."""
    _, _, trigger = what[0].partition(":")
    marks.events[name] = trigger
    for each in what[1:]:
        role, _, argument = each.partition(":")
        marks.links.append(Link(trigger, argument, role))


def _spans(text: str, marks: _Marks, notices: list[str]) -> dict[str, Span]:
    """Return the spans by their names, in code points of `text`, whatever the file counts."""
    found: dict[str, Span] = {}
    placed = place_regions(text, marks.regions, notices) if marks.regions else []
    for name, label, pieces in zip(marks.names, marks.labels, placed, strict=True):
        if pieces is None or pieces[0][0] >= pieces[-1][1]:
            continue
        span: Span = {"start": pieces[0][0], "end": pieces[-1][1], "label": label}
        if not _is_one(pieces, text):
            span["pieces"] = [list(each) for each in pieces]
        found[name] = span
    return found


def _is_one(pieces: tuple[Range, ...], text: str) -> bool:
    """Tell whether nothing but white space with a line break lies between pieces in their order."""
    gaps = [text[one[1] : other[0]] for one, other in pairwise(pieces)]
    return all(gap.isspace() and gap.strip(" \t") != "" for gap in gaps)
