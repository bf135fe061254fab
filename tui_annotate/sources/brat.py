"""brat standoff: a text file, and beside it an `.ann` file with its spans."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from tui_annotate.errors import SourceError, TaskError
from tui_annotate.sources.base import START, BadRow, Position, Row
from tui_annotate.sources.files import SourceFile
from tui_annotate.sources.linewise import FileSource
from tui_annotate.sources.links import Link, add_relations


class BratSource(FileSource):
    """Reads one document: `name.ann` with `name.txt` beside it. Either may be named.

    Pieces of a span with nothing but line breaks between them are one. Other spans of several
    pieces, events and attributes have no place in a task; how many were left out is a remark on the
    row, and so are relations whose ends are none of the spans.
    """

    def rows(self, start: Position = START) -> Iterator[Row | BadRow]:
        """Yield the one record, unless `start` is behind it."""
        if start.row:
            return
        path = Path(self.name).expanduser()
        end = Position(1, 0, max(self.size() or 1, 1))
        try:
            text = _read(path.with_suffix(".txt"), self.limits.max_line)
            marks = path.with_suffix(".ann")
            lines = _read(marks, self.limits.max_line).split("\n") if marks.exists() else []
            notices: list[str] = []
            data = _task(text, lines, notices)
            data["meta"] = {"id": path.stem}
            yield Row(self.fields.apply(data), START, end, tuple(notices))
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
        if path.suffix == ".ann" and error.what == "the file is empty":
            return ""
        raise TaskError(f"{path.name}: {error.what}", reason="no-input") from None
    if len(data) > limit:
        raise TaskError(f"{path.name} is longer than {limit:,} bytes", reason="too-long")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"{path.name}: not valid UTF-8 at byte {error.start}"
        raise TaskError(what, reason="not-utf8") from None


def _task(text: str, lines: list[str], notices: list[str]) -> dict[str, Any]:
    spans = _counted(lines, text, notices)
    sorted_ = sorted(spans.values(), key=lambda each: (each["start"], -each["end"], each["label"]))
    task: dict[str, Any] = {"text": text, "spans": sorted_}
    links = [_link(number, line) for number, line in enumerate(lines, 1) if line.startswith("R")]
    lost = add_relations(task, text, spans, links) if links else 0
    if lost:
        notices.append(f"{lost} relations between other things than spans are left out")
    others = sum(bool(line.strip()) and line[0] not in "TR" for line in lines)
    if others:
        notices.append(f"{others} events, attributes and notes are left out")
    return task


def _counted(lines: list[str], text: str, notices: list[str]) -> dict[str, dict[str, Any]]:
    """Return the spans by their names, in code points of `text`, whatever line breaks count."""
    found: list[str] = []
    try:
        spans = _spans(lines, text, found)
    except TaskError:
        if "\r\n" not in text:
            raise
        # Other programs read a line break as one character, however it is written.
        found.clear()
        spans = _spans(lines, text.replace("\r\n", "\n"), found)
        at = [i for i, each in enumerate(text) if each != "\r" or text[i + 1 : i + 2] != "\n"]
        for span in spans.values():
            span["start"], span["end"] = at[span["start"]], at[span["end"] - 1] + 1
    notices += found
    return spans


def _link(number: int, line: str) -> Link:
    try:
        _, what = line.rstrip().split("\t", 1)
        label, *ends = what.split()
        names = [each.split(":", 1)[1] for each in ends]
        return Link(names[0], names[1], label)
    except (ValueError, IndexError):
        what = f"line {number} of the .ann file is no relation"
        raise TaskError(what, reason="bad-relations") from None


def _spans(lines: list[str], text: str, notices: list[str]) -> dict[str, dict[str, Any]]:
    """Return the spans by their names."""
    spans: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(lines, 1):
        if not line.startswith("T"):
            continue
        try:
            name, where, covered = line.split("\t", 2)
            label, places = where.split(" ", 1)
            pieces = [_piece(each) for each in places.split(";")]
        except ValueError:
            what = f"line {number} of the .ann file is no span"
            raise TaskError(what, reason="bad-spans") from None
        if not _is_one(pieces, text):
            notices.append(f"line {number}: a span of {len(pieces)} pieces is left out")
            continue
        start, end = pieces[0][0], pieces[-1][1]
        if not 0 <= start < end <= len(text):
            what = f"line {number}: a span from {start} to {end}, the text ends at {len(text)}"
            raise TaskError(what, reason="bad-spans")
        _check_covered(number, covered, [text[one:other] for one, other in pieces])
        spans[name] = {"start": start, "end": end, "label": label}
    return spans


def _check_covered(number: int, covered: str, pieces: list[str]) -> None:
    """Refuse a span whose offsets count something else than the text: it would lie elsewhere."""
    if "".join(covered.split()) != "".join("".join(pieces).split()):
        what = f"line {number}: it covers {covered[:40]!r}, its place {' '.join(pieces)[:40]!r}"
        raise TaskError(what, reason="bad-spans")


def _piece(text: str) -> tuple[int, int]:
    start, end = text.split()
    return int(start), int(end)


def _is_one(pieces: list[tuple[int, int]], text: str) -> bool:
    """Tell whether nothing but white space with a line break lies between pieces in their order."""
    gaps = [text[one[1] : other[0]] for one, other in pairwise(pieces)]
    return all(gap.isspace() and gap.strip(" \t") != "" for gap in gaps)
