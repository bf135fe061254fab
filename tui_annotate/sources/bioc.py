"""BioC, as XML and as JSON: documents of passages with annotations and relations."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element

from tui_annotate.errors import TaskError
from tui_annotate.sources.base import Limits, left_out
from tui_annotate.sources.jsonfile import JsonSource
from tui_annotate.sources.line_source import FileSource
from tui_annotate.sources.parsed_source import ParsedRecord, ParsedSource, collect
from tui_annotate.sources.relation_links import RelationLink, Span
from tui_annotate.sources.standoff_marks import Mark, put_spans, scalars, spans_of_marks
from tui_annotate.sources.text_field import Fields
from tui_annotate.sources.xml_events import elements, events
from tui_annotate.task.foreign_spans import FileRegion
from tui_annotate.task.schema import Task

_BETWEEN = "\n"
"""What stands between two passages in a task's text."""


class BiocXmlSource(ParsedSource):
    """Reads BioC's XML, a document at a time."""

    def parsed(self, reader: BinaryIO) -> Iterator[ParsedRecord]:
        """Yield a task for each document."""
        for each in elements(events(reader), "document", self.limits.max_line):
            yield collect(document_task, _document(each))


class BiocJsonSource(JsonSource):
    """Reads BioC's JSON: a collection, a list of documents, or a document a line."""

    @property
    def seekable(self) -> bool:
        """False: all documents of a collection share one place, so it is read again."""
        return False

    def expand(self, data: dict[str, Any], notices: list[str]) -> Iterator[Task | TaskError]:
        """Yield a task for each document of an object."""
        found = data.get("documents", data.get("PubTator3"))
        for each in found if isinstance(found, list) else [data]:
            try:
                yield document_task(each, notices)
            except TaskError as error:
                yield error


def open_bioc(path: str, fields: Fields, limits: Limits) -> FileSource:
    """Open a file of BioC: XML or JSON, by its first character."""
    source = BiocXmlSource(path, fields, limits)
    if not source.seekable:
        return source
    with source.file.reader() as reader:
        first = reader.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return source if first == b"<" else BiocJsonSource(path, fields, limits)


@dataclass(slots=True)
class _Passage:
    """A passage: its text, and where it begins in the file and in the task."""

    offset: int
    text: str
    start: int
    marks: list[Mark] = field(default_factory=list)


def document_task(document: Any, notices: list[str]) -> Task:
    """Return a document as one task: its passages with line breaks between them.

    Args:
        document: As BioC's JSON has it.
        notices: Gets remarks.

    Raises:
        TaskError: It is no document of passages.
    """
    passages = document.get("passages") if isinstance(document, Mapping) else None
    if not isinstance(passages, list):
        raise TaskError("no `passages`: this is no document of BioC", reason="no-input")
    made: list[_Passage] = []
    relations: list[Any] = [*_list(document, "relations")]
    for each in passages:
        _take_passage(each, made, relations)
    # Some programs write annotations beside the passages, with offsets in the document.
    _share_out(_list(document, "annotations"), made)
    text = _BETWEEN.join(each.text for each in made)
    spans: dict[Any, Span] = {}
    for each in made:
        for name, span in spans_of_marks(each.text, each.marks, notices).items():
            moved = {**span, "start": span["start"] + each.start, "end": span["end"] + each.start}
            if "pieces" in span:
                moved["pieces"] = [[s + each.start, e + each.start] for s, e in span["pieces"]]
            spans[name if name not in spans else (name, len(spans))] = moved
    task: Task = {"text": text}
    links, lost = _links(relations)
    if lost:
        notices.append(left_out(lost, "relations of other than two spans"))
    put_spans(task, spans, links, notices)
    meta = {"id": document.get("id"), **scalars(_infons(document))}
    task["meta"] = {key: value for key, value in meta.items() if value not in (None, "")}
    return task


def _take_passage(passage: Any, made: list[_Passage], relations: list[Any]) -> None:
    if not isinstance(passage, Mapping):
        raise TaskError("a passage is no object", reason="bad-spans")
    sentences = [each for each in _list(passage, "sentences") if isinstance(each, Mapping)]
    offset, text = _number(passage.get("offset", 0)), passage.get("text")
    if not isinstance(text, str) or not text:
        text = _joined(offset, sentences)
    start = made[-1].start + len(made[-1].text) + len(_BETWEEN) if made else 0
    found = _Passage(offset, text, start)
    for part in (passage, *sentences):
        found.marks += [_mark(each, offset) for each in _list(part, "annotations")]
        relations += _list(part, "relations")
    made.append(found)


def _joined(offset: int, sentences: list[Mapping[str, Any]]) -> str:
    """Return the text of a passage that has it in its sentences, each at its own offset."""
    text = ""
    for each in sentences:
        said = each.get("text")
        gap = _number(each.get("offset", 0)) - offset - len(text)
        # Wrong offsets must not make a text of blanks as long as they say.
        text += " " * (gap if 0 <= gap <= len(text) + 100 else 1) if text or gap > 0 else ""
        text += said if isinstance(said, str) else ""
    return text


def _share_out(annotations: list[Any], made: list[_Passage]) -> None:
    """Give annotations of the whole document to the passages that they lie in."""
    ordered = sorted(made, key=lambda passage: passage.offset)
    offsets = [passage.offset for passage in ordered]
    for each in annotations:
        at = bisect_right(offsets, _mark(each, 0).region.pieces[0][0]) - 1
        if at < 0:
            raise TaskError("an annotation lies before the first passage", reason="bad-spans")
        ordered[at].marks.append(_mark(each, ordered[at].offset))


def _mark(annotation: Any, offset: int) -> Mark:
    if not isinstance(annotation, Mapping) or not _list(annotation, "locations"):
        raise TaskError(f"{str(annotation)[:40]!r} is no annotation of BioC", reason="bad-spans")
    infons = dict(_infons(annotation))
    label = next((infons.pop(key) for key in ("type", "label", "class") if infons.get(key)), "")
    pieces = []
    for each in annotation["locations"]:
        if not isinstance(each, Mapping):
            raise TaskError("a location is no object", reason="bad-spans")
        start = _number(each.get("offset")) - offset
        pieces.append((start, start + _number(each.get("length"))))
    covered = annotation.get("text")
    region = FileRegion(
        tuple(sorted(pieces)), covered if isinstance(covered, str) and covered else None
    )
    return Mark(str(annotation.get("id")), str(label) or "MARK", region, scalars(infons))


def _links(relations: list[Any]) -> tuple[list[RelationLink], int]:
    links, lost = [], 0
    for each in relations:
        nodes = [node for node in _list(each, "nodes") if isinstance(node, Mapping)]
        if len(nodes) != 2 or any(node.get("refid") is None for node in nodes):
            lost += 1
            continue
        infons = _infons(each)
        label = str(infons.get("type") or infons.get("relation") or "relation")
        links.append(RelationLink(str(nodes[0].get("refid")), str(nodes[1].get("refid")), label))
    return links, lost


def _infons(part: Mapping[str, Any]) -> Mapping[str, Any]:
    found = part.get("infons")
    return found if isinstance(found, Mapping) else {}


def _list(part: Any, key: str) -> list[Any]:
    found = part.get(key) if isinstance(part, Mapping) else None
    return found if isinstance(found, list) else []


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise TaskError(f"{str(value)[:40]!r} is no offset", reason="bad-spans") from None


def _document(element: Element) -> dict[str, Any]:
    """Return an element of BioC's XML as BioC's JSON has it."""
    found: dict[str, Any] = {"infons": {}, "locations": [], "nodes": [], **element.attrib}
    for child in element:
        if child.tag == "infon":
            found["infons"][child.get("key", "")] = child.text or ""
        elif child.tag in ("location", "node"):
            found[f"{child.tag}s"].append(dict(child.attrib))
        elif child.tag in ("passage", "sentence", "annotation", "relation"):
            found.setdefault(f"{child.tag}s", []).append(_document(child))
        else:
            found[child.tag] = child.text or ""
    return found
