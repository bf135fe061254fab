"""XML whose marks stand beside the text: GATE, DDI, i2b2 and MAE."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.base import left_out
from tui_annotate.sources.parsed_source import ParsedRecord, ParsedSource, collect
from tui_annotate.sources.relation_links import RelationLink
from tui_annotate.sources.standoff_marks import Mark, put_spans, scalars, spans_of_marks
from tui_annotate.sources.xml_events import elements, events
from tui_annotate.task.foreign_spans import FileRegion
from tui_annotate.task.schema import Task

_BESIDE = re.compile(r"<[\w.:-]+\s[^<>]*\b(?:tokenIDs|wref)\s*=|<wref\s")
_LOOKED_AT = 1 << 16


class _Begun(io.RawIOBase):
    """A file whose first bytes were read already, from its start."""

    def __init__(self, start: bytes, rest: BinaryIO) -> None:
        super().__init__()
        self._start = start
        self._rest = rest

    def read(self, size: int = -1) -> bytes:
        """Return the first bytes, then what follows."""
        start, self._start = self._start, b""
        return start or self._rest.read(size)


class _Dialect(NamedTuple):
    """One way to write marks beside a text.

    Attributes:
        sign: What tells it, in the first characters of a file.
        element: The element that is one text; empty for the whole file.
        task: Makes a task of the element.
    """

    sign: re.Pattern[str]
    element: str
    task: Callable[[Element, list[str]], Task]


class StandoffXmlSource(ParsedSource):
    """Reads XML whose marks stand beside the text and say by offsets what they cover."""

    def parsed(self, reader: BinaryIO) -> Iterator[ParsedRecord]:
        """Yield a task for each text.

        Raises:
            TaskError: `no-input`: it is none of the dialects that are known.
        """
        start = reader.read(_LOOKED_AT)
        text = start.decode("utf-8", "replace")
        dialect = _dialect(text)
        if dialect is None:
            what = "it is no XML of GATE, DDI, i2b2 or MAE"
            raise TaskError(what, reason="no-input")
        name = dialect.element or _root(text)
        begun: Any = _Begun(start, reader)
        for each in elements(events(begun), name, self.limits.max_line):
            yield collect(dialect.task, each)


def is_standoff_xml(start: str) -> bool:
    """Return whether a file begins as XML of one of the dialects that are read."""
    return _dialect(start) is not None


def has_marks_beside(start: str) -> bool:
    """Return whether elements of a file name the tokens that they cover, as TCF and FoLiA do."""
    return _BESIDE.search(start) is not None


def _dialect(start: str) -> _Dialect | None:
    return next((each for each in _DIALECTS if each.sign.search(start)), None)


def _root(start: str) -> str:
    found = re.search(r"<([A-Za-z_][\w.:-]*)", start)
    return found[1] if found else ""


def _made(
    text: str,
    marks: list[Mark],
    meta: dict[str, Any],
    notices: list[str],
    links: Iterable[RelationLink] = (),
) -> Task:
    task: Task = {"text": text}
    if meta:
        task["meta"] = meta
    return put_spans(task, spans_of_marks(text, marks, notices), links, notices)


def _gate(document: Element, notices: list[str]) -> Task:
    """Return a document of GATE. Its nodes stand in the text, so nothing is counted.

    The set of a mark that has one goes to its attribute `annotation_set`; tokens, sentences and
    blanks, which GATE's own tools mark, are counted and left out.

        <GateDocument><TextWithNodes><Node id="0"/>Ada<Node id="3"/> left</TextWithNodes>
          <AnnotationSet Name="gold"><Annotation Type="PER" StartNode="0" EndNode="3">
            <Feature><Name>who</Name><Value>Lovelace</Value></Feature></Annotation>
          </AnnotationSet></GateDocument>
    """
    content = document.find("TextWithNodes")
    if content is None:
        raise TaskError("it has no `TextWithNodes`", reason="no-input")
    text, places = content.text or "", {}
    for node in content:
        places[node.get("id", "")] = len(text)
        text += node.tail or ""
    marks: list[Mark] = []
    lost = tools = 0
    for group in document.iter("AnnotationSet"):
        for each in group.iter("Annotation"):
            kind = each.get("Type", "MARK")
            if kind in _TOOLS:
                tools += 1
                continue
            ends = (places.get(each.get("StartNode", "")), places.get(each.get("EndNode", "")))
            if ends[0] is None or ends[1] is None:
                lost += 1
                continue
            said = {
                (feature.findtext("Name") or "").strip(): (feature.findtext("Value") or "").strip()
                for feature in each.iter("Feature")
            }
            if group.get("Name"):
                said["annotation_set"] = group.get("Name", "")
            # What it covers is said, so that no other unit than code points is tried.
            region = FileRegion(((ends[0], ends[1]),), text[ends[0] : ends[1]] or None)
            marks.append(Mark(len(marks), kind, region, scalars(said)))
    if tools:
        notices.append(f"{tools} tokens, sentences and the like of GATE's tools are left out")
    if lost:
        notices.append(left_out(lost, "marks without a node in the text"))
    return _made(text, marks, {}, notices)


_TOOLS = frozenset({"Token", "SpaceToken", "Sentence", "Split", "Lookup", "paragraph"})
"""What GATE's tools mark by themselves in each document."""


def _interactions(sentence: Element, notices: list[str]) -> Task:
    """Return a sentence of the DDI corpus: its text is an attribute, ends are inclusive."""
    marks = []
    for each in sentence.iter("entity"):
        pieces = []
        for part in each.get("charOffset", "").split(";"):
            start, _, end = part.partition("-")
            pieces.append((_number(start), _number(end) + 1))
        covered = each.get("text") if len(pieces) == 1 else None
        label = each.get("type") or "entity"
        marks.append(Mark(each.get("id"), label, FileRegion(tuple(sorted(pieces)), covered)))
    links = [
        RelationLink(each.get("e1"), each.get("e2"), each.get("type") or "ddi")
        for each in sentence.iter("pair")
        if each.get("ddi", "true") != "false"
    ]
    return _made(sentence.get("text", ""), marks, scalars({"id": sentence.get("id", "")}), notices,
                 links)  # fmt: skip


def _tags(document: Element, notices: list[str]) -> Task:
    """Return a document of i2b2, MAE or MedTator: `TEXT`, and below `TAGS` an element for each
    mark; one at -1 is a class of the whole text."""
    classes: list[str] = []
    marks: list[Mark] = []
    links: list[RelationLink] = []
    for each in document.findall("TAGS/*"):
        said = dict(each.attrib)
        name = said.pop("id", None)
        link = _link_of_tag(each.tag, said)
        if link is not None:
            links.append(link)
            continue
        covered = said.pop("text", "")
        places = _places_of_tag(said)
        if places == [(-1, -1)]:
            classes.append(each.tag)
        elif not places or places[0][0] < 0:
            notices.append(f"a {each.tag} without a place in the text is left out")
        else:
            region = FileRegion(tuple(places), covered if covered and len(places) == 1 else None)
            marks.append(Mark(name, each.tag, region, scalars(said)))
    task = _made(document.findtext("TEXT") or "", marks, {}, notices, links)
    return {**task, "accept": list(dict.fromkeys(classes))} if classes else task


def _link_of_tag(tag: str, said: dict[str, str]) -> RelationLink | None:
    """Return the relation that an element is, by its attributes; None for a mark."""
    if "fromID" in said and "toID" in said:
        return RelationLink(said["fromID"], said["toID"], said.get("type") or tag)
    ends = [value for key, value in said.items() if _LINK_END.fullmatch(key)]
    return RelationLink(ends[0], ends[1], tag) if len(ends) == 2 and "spans" not in said else None


def _places_of_tag(said: dict[str, str]) -> list[tuple[int, int]]:
    """Return where a mark lies, from left to right; the attributes that say it are taken out."""
    pieces = [part.split("~") for part in said.pop("spans", "").split(",") if "~" in part]
    if "start" in said and "end" in said:
        pieces = [[said.pop("start"), said.pop("end")]]
    return sorted(map(_place, pieces))


def _place(ends: list[str]) -> tuple[int, int]:
    if len(ends) != 2:
        raise TaskError(f"{'~'.join(ends)[:40]!r} is no range of offsets", reason="bad-spans")
    return _number(ends[0]), _number(ends[1])


def _number(value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise TaskError(f"{value[:40]!r} is no offset", reason="bad-spans") from None


_LINK_END = re.compile(r"\w+ID")
_DIALECTS = (
    _Dialect(re.compile(r"<GateDocument[\s>]"), "GateDocument", _gate),
    _Dialect(re.compile(r"<entity\s[^<>]*\bcharOffset\s*="), "sentence", _interactions),
    _Dialect(re.compile(r"</TEXT>\s*<TAGS[\s/>]"), "", _tags),
)  # fmt: skip
