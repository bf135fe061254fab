"""Text with its marks in it: `<PER>Ada</PER> left.`"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from tui_annotate.errors import TaskError
from tui_annotate.sources.base import left_out
from tui_annotate.sources.encodings import decode
from tui_annotate.sources.parsed_source import ParsedRecord, ParsedSource, collect
from tui_annotate.sources.standoff_marks import Mark, scalars, spans_of_marks, without_text
from tui_annotate.sources.xml_events import Event, events
from tui_annotate.task.foreign_spans import PLACED, FileRegion
from tui_annotate.task.schema import Task

_PARTS = """
doc docs document documents corpus collection dataset data root xml text texts body front back
header head title abstract article section sec div p para paragraph paragraphs s sent sentence
sentences line lines l seg item items row rows record records content passage turn set articleinfo
bibliomisc docid docno pmid
"""
STRUCTURE = frozenset(_PARTS.split())
"""Elements, in lower case, that are parts of a document and no marks in its text."""
_MARKS = (
    "enamex numex timex timex3 entity ent ne named-entity annotation span tag mark rs opinion cons"
)
GENERAL = frozenset(_MARKS.split())
"""Elements, in lower case, that say in an attribute what they mark."""
_NAMES = ("type", "label", "class", "category", "ne", "cat", "sem")
_IDS = frozenset({"bibliomisc", "docid", "docno", "pmid"})
"""Elements, in lower case, that hold no text but what their document is called."""
_HEADS = frozenset({"header", "head", "front", "articleinfo", *_IDS})
"""Elements, in lower case, that are only about the one around them."""
_WRAPPED = ("<_>", "</_>")
_APART = {"gatedocument": "GATE", "source_file": "ACE", "naf": "NAF", "kaf": "KAF"}
"""Roots, in lower case, of formats that name places of a text and are not read."""
_PLACES = (("from", "to"), ("start", "end"), ("begin", "end"), ("startoffset", "endoffset"))
_SAID = ("target", "term", "text", "string", "mention", "surface", "value")
_OFFSETS = frozenset((
    *("start", "end", "begin", "offset", "offsets", "span", "from", "to", "length"),
    *("startoffset", "endoffset", "charoffset", "start_offset", "end_offset", "beginoffset"),
))  # fmt: skip
"""Elements, in lower case, that say a place in another text if they hold numbers alone."""
_ABOUT = frozenset({"teiheader"})
"""Elements, in lower case, of which nothing is a text."""
_FIELDS = 3
_NUMBERS = re.compile(r"\s*[0-9]+(?:[\s,;:~-]+[0-9]+)*\s*")
_NUMBER = re.compile(r"[0-9]{1,18}")
_NOTHING = "NULL"
"""The text of a mark that stands for something that is not said."""


@dataclass(slots=True)
class _Open:
    """An element that is open, with the place of the text where it began.

    Attributes:
        holds: Whether it has elements in it.
    """

    name: str
    start: int
    attributes: Mapping[str, str] = field(default_factory=dict)
    holds: bool = False


class InlineXmlSource(ParsedSource):
    """Reads texts whose spans are elements in them, nested ones too.

    A file with one root is XML: its innermost parts (`p`, `s`, `text`, `doc` and so on, see
    `STRUCTURE`) are the texts. In any other file each line is a text. Entities are never declared
    or fetched.

    Empty elements behind a text that say their place in it, and what they cover (`<aspectTerm
    term="menu" from="4" to="8"/>`), are spans as well.
    """

    def parsed(self, reader: BinaryIO) -> Iterator[ParsedRecord]:
        """Yield a task for each text."""
        start = reader.peek(4096)[:4096] if isinstance(reader, io.BufferedReader) else b""
        if _has_root(start):
            yield from _texts(events(reader), self.limits.max_line)
            return
        while line := reader.readline(self.limits.max_line + 1):
            if len(line) > self.limits.max_line:
                raise TaskError(f"longer than {self.limits.max_line:,} bytes", reason="too-long")
            if line.strip():
                yield collect(_line, line)


def _has_root(start: bytes) -> bool:
    """Tell whether a file begins as XML: with its declaration, or an element that is a part."""
    text = start.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if text.startswith(("<?xml", "<!DOCTYPE")):
        return True
    while text.startswith("<!--"):
        text = text.partition("-->")[2].lstrip()
    first = re.match(r"<([A-Za-z_][\w.:-]*)[^<>]*>", text)
    return first is not None and _bare(first[1]) in STRUCTURE


def _bare(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _line(line: bytes, notices: list[str]) -> Task:
    text = decode(line).removeprefix("\ufeff").rstrip("\r\n").join(_WRAPPED)
    maker = _Maker()
    for each in events(io.BytesIO(text.encode())):
        maker.take(each, part=each.name == "_")
    return maker.made(notices)


def _texts(found: Iterator[Event], most: int) -> Iterator[ParsedRecord]:
    """Yield the texts of a file with a root: each part with text or marks of its own.

        <sentence><text>Good menu.</text>
          <aspectTerms><aspectTerm term="menu" from="5" to="9"/></aspectTerms></sentence>

    A text is given out when the next one begins, or at the end of the file: until then elements
    may follow that say their place in it, as above.
    """
    depth, names = _Depth(), _DocumentNames()
    collected = _Maker()  # what has come since a part began or ended
    unfinished: _Maker | None = None  # the last text, behind which marks of it may still stand
    for event in _without_headers(found):
        is_root = depth.take(event)
        names.enter(event)
        if is_root and event.kind == "start":
            _refuse_marks_apart(event)
        is_part = event.kind != "text" and _bare(event.name) in STRUCTURE
        if not is_root and not is_part:
            names.leave(event)
            collected.take(event, part=False)
            if collected.size() > most:
                raise TaskError(f"longer than {most:,} bytes", reason="too-long")
            continue
        # A part begins or ends. What came before it is the document's name, a text, or marks that
        # stand behind their text.
        if event.kind == "end" and _bare(event.name) in _IDS:
            names.name(collected.said())
        elif collected.has_text():
            if unfinished is not None:
                yield collect(unfinished.made)
            unfinished = collected
        elif unfinished is not None:
            unfinished.follow(collected)
        # Only now: a name is taken as that of what is around the element that ends here.
        names.leave(event)
        collected = _Maker(names.now)
    if unfinished is not None:
        yield collect(unfinished.made)


def _without_headers(found: Iterator[Event]) -> Iterator[Event]:
    """Yield the events of a file but those of what only says something about it."""
    header = ""
    for each in found:
        if not header and each.kind == "start" and _bare(each.name) in _ABOUT:
            header = each.name
        if not header:
            yield each
        elif each.kind == "end" and each.name == header:
            header = ""


def _refuse_marks_apart(root: Event) -> None:
    """Refuse XML of a program whose marks stand beside the text.

    Raises:
        TaskError: `bad-spans`: the root is one of its.
    """
    program = _APART.get(_bare(root.name))
    if program is not None:
        what = f"this is XML of {program}, whose marks stand beside the text"
        hint = "convert it to brat, BioC or UIMA CAS, which are read"
        raise TaskError(f"{what}; {hint}", reason="bad-spans")


class _Depth:
    """Counts the elements that are open in a file."""

    def __init__(self) -> None:
        self._open = 0

    def take(self, event: Event) -> bool:
        """Take an event; return whether it is the start or the end of the root."""
        # At the start of the root it is open already, and at its end it is open still.
        self._open += event.kind == "start"
        is_root = self._open == 1 and event.kind != "text"
        self._open -= event.kind == "end"
        return is_root


class _DocumentNames:
    """Knows what the document is called in which a reader of XML is.

    A name holds for the element around the one that says it, or around that if it is only the head
    of one, until it ends.
    """

    def __init__(self) -> None:
        self._open: list[str] = []
        self._named: list[tuple[int, str]] = []

    @property
    def now(self) -> str:
        """What the document is called; empty for nothing."""
        return self._named[-1][1] if self._named else ""

    def enter(self, event: Event) -> None:
        """Take the beginning of an element; other events do not matter."""
        if event.kind == "start":
            self._open.append(_bare(event.name))

    def leave(self, event: Event) -> None:
        """Take the end of an element, and forget what was called within it."""
        if event.kind == "end" and self._open:
            self._open.pop()
            while self._named and self._named[-1][0] > len(self._open):
                self._named.pop()

    def name(self, said: str) -> None:
        """Take a name, which stands in the innermost element that is open."""
        around = len(self._open) - 1
        while around > 1 and self._open[around - 1] not in STRUCTURE - _HEADS:
            around -= 1
        while self._named and self._named[-1][0] >= around:
            self._named.pop()
        self._named.append((around, said))


class _Maker:
    """Puts a text and its spans together.

    Args:
        document: What the document is called, for `meta.id`; empty for nothing.

    Attributes:
        apart: Empty elements that name a place.
    """

    def __init__(self, document: str = "") -> None:
        self._document = document
        self.apart: list[_Open] = []
        self._parts: list[str] = []
        self._length = 0
        self._opened: list[_Open] = []
        self._spans: list[dict[str, Any]] = []
        self._empty = 0
        self._leaves: list[tuple[str, int, int]] = []  # elements without others: name and place
        self._is_nested = False

    def follow(self, other: _Maker) -> None:
        """Take the marks of a part without text that stands behind this one."""
        self.apart += other.apart
        self._empty += other._empty

    def has_text(self) -> bool:
        """Return whether there is more than white space."""
        return any(not each.isspace() for each in self._parts)

    def said(self) -> str:
        """Return the text, white space around it left out."""
        return "".join(self._parts).strip()

    def size(self) -> int:
        """Return how many characters there are."""
        return self._length

    def take(self, event: Event, *, part: bool) -> None:
        """Take text, or the beginning or end of a mark; `part` for what is no mark."""
        if event.kind == "text":
            self._parts.append(event.name)
            self._length += len(event.name)
        elif part:
            return
        elif event.kind == "start":
            if self._opened:
                self._opened[-1].holds = True
            self._opened.append(_Open(event.name, self._length, event.attributes))
        elif self._opened:
            self._close(self._opened.pop())

    def _close(self, opened: _Open) -> None:
        if opened.start == self._length:
            if _place(opened) is not None:
                self.apart.append(opened)
            elif not opened.holds:
                self._empty += 1
            return
        if opened.holds:
            self._is_nested = True
        else:
            self._take_leaf(opened)
        label, attributes = _label(opened)
        place = {"start": opened.start, "end": self._length}
        span: dict[str, Any] = {**place, "label": label, PLACED: True}
        if attributes:
            span["attributes"] = attributes
        self._spans.append(span)

    def _take_leaf(self, leaf: _Open) -> None:
        """Take an element without others in it.

        Raises:
            TaskError: It holds the place of a mark.
        """
        if _bare(leaf.name) in _OFFSETS:
            covered = self._behind(leaf.start)
            if _NUMBERS.fullmatch(covered):
                what = f"<{leaf.name}> holds {covered.strip()[:40]!r}, the place of a mark"
                raise TaskError(f"{what}, so its marks stand beside the text", reason="bad-spans")
        self._leaves.append((leaf.name, leaf.start, self._length))

    def _behind(self, start: int) -> str:
        """Return the text from a place on."""
        parts: list[str] = []
        length = self._length
        for each in reversed(self._parts):
            if length <= start:
                break
            parts.append(each)
            length -= len(each)
        return "".join(reversed(parts))[max(start - length, 0) :]

    def _marks_apart(self) -> list[Mark]:
        """Return the marks that only name their place, with what they say that they cover."""
        marks = []
        for number, each in enumerate(self.apart):
            named = {key.lower(): value for key, value in each.attributes.items()}
            said = next((named[key] for key in _SAID if key in named), None)
            if said is None:
                what = f"<{each.name}> names a place and not the text there, so it is not known"
                raise TaskError(f"{what} in which text it lies", reason="bad-spans")
            place = _place(each)
            if place is None or said in ("", _NOTHING):
                self._empty += 1
            else:
                kept = {
                    key: value
                    for key, value in each.attributes.items()
                    if key.lower() not in _SAID and key.lower() not in sum(_PLACES, ())
                }
                label, attributes = _label(_Open(each.name, 0, kept))
                marks.append(Mark(number, label, FileRegion((place,), said), attributes))
        return marks

    def _refuse_values(self, text: str) -> None:
        """Refuse elements that hold values with names, as records of data do.

        Raises:
            TaskError: All text lies in elements without others in them, which have several names,
                and between these stands nothing but line breaks and indents.
        """
        names = {name for name, _, _ in self._leaves}
        if not self._is_nested or len(names) < _FIELDS:
            return
        at = 0
        for _, start, end in self._leaves:
            between = text[at:start]
            if between and (not between.isspace() or "\n" not in between):
                return
            at = end
        if not text[at:].strip():
            what = (
                f"its elements ({', '.join(sorted(names)[:_FIELDS])} ...) hold values and no text"
            )
            raise TaskError(what, reason="no-input")

    def made(self, notices: list[str]) -> Task:
        """Return the text with its spans.

        Raises:
            TaskError: Its elements hold values, and nothing in it is a text.
        """
        text = "".join(self._parts)
        self._refuse_values(text)
        self._spans += spans_of_marks(text, self._marks_apart(), notices).values()
        left = len(text) - len(text.lstrip())
        text = text.strip()
        spans = []
        for each in self._spans:
            start = min(max(each["start"] - left, 0), len(text))
            end = min(max(each["end"] - left, 0), len(text))
            if start < end:
                spans.append({**each, "start": start, "end": end})
            else:
                self._empty += 1
        if self._empty:
            notices.append(without_text(self._empty))
        if self._opened:
            notices.append(left_out(len(self._opened), "marks without an end in the text"))
        spans.sort(key=lambda each: (each["start"], -each["end"], each["label"]))
        task: Task = {"text": text, "spans": spans}
        return {**task, "meta": {"id": self._document}} if self._document else task


def _place(opened: _Open) -> tuple[int, int] | None:
    """Return the place that an element names in its attributes; None for none."""
    named = {key.lower(): value for key, value in opened.attributes.items()}
    for start, end in _PLACES:
        if all(_NUMBER.fullmatch(named.get(each, "")) for each in (start, end)):
            return int(named[start]), int(named[end])
    return None


def _label(opened: _Open) -> tuple[str, dict[str, Any]]:
    """Return the label of a mark, and its attributes."""
    attributes = dict(opened.attributes)
    if _bare(opened.name) in GENERAL:
        for key in list(attributes):
            if key.lower() in _NAMES and attributes[key]:
                return attributes.pop(key), scalars(attributes)
    return opened.name, scalars(attributes)
