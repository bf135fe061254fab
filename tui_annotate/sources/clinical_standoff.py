"""Marks beside their text as tools for clinical notes write them: eHOST's and Knowtator's XML,
Anafora's XML, and the lines of i2b2's concepts.

eHOST      `corpus/note.txt` with `saved/note.txt.knowtator.xml`
Anafora    `note` or `note.txt` with `note.SCHEMA.ANNOTATOR.completed.xml`
i2b2       `note.txt` with `note.con`, and perhaps `note.ast` and `note.rel`, or these in folders
           `txt`, `concept`, `ast` and `rel`
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from tui_annotate.errors import SourceError, TaskError
from tui_annotate.sources.base import DEFAULT_LIMITS, Limits, left_out
from tui_annotate.sources.document_source import DocumentSource
from tui_annotate.sources.files import SourceFile
from tui_annotate.sources.folder import OF_ANAFORA, OF_KNOWTATOR
from tui_annotate.sources.relation_links import RelationLink
from tui_annotate.sources.standoff_marks import Mark, put_spans, scalars, spans_of_marks
from tui_annotate.sources.text_field import Fields
from tui_annotate.sources.xml_events import elements, events
from tui_annotate.task.foreign_spans import FileRegion, Range
from tui_annotate.task.schema import ANNOTATOR_ID, Task
from tui_annotate.whole_files import is_plain_file

_NO_TEXT = "the text that it marks is not beside it"
_PAIR = 2


class _MarksBeside(DocumentSource):
    """Reads one document: a text file with its marks beside it. Either may be named."""

    folders: tuple[str, ...] = ()
    """Folders beside that of the marks in which texts may lie."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        fields: Fields | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        named = Path(path).expanduser()
        name = self.text_name(named.name)
        self._marks = named
        self._text: Path | None = named
        if name:
            beside = (named.parent, *(named.parent.parent / each for each in self.folders))
            texts = (folder / each for folder in beside for each in (name, f"{name}.txt"))
            self._text = next(filter(is_plain_file, texts), None)
        else:
            self._marks = next(iter(self.marks_of(named)), named)
        super().__init__(self._text or path, fields, limits)

    def text_name(self, name: str) -> str:
        """Return what the text is called that a file of marks is about; empty for another file."""
        raise NotImplementedError

    def marks_of(self, text: Path) -> list[Path]:
        """Return the files of marks beside a text."""
        raise NotImplementedError

    def task(self, text: str, notices: list[str]) -> Task:
        """Return a text with its marks."""
        raise NotImplementedError

    def document(self, notices: list[str]) -> Task:
        """Return the text with its marks."""
        if self._text is None:
            raise TaskError(_NO_TEXT, reason="no-input")
        try:
            task = self.task(self.whole_text(self.file), notices)
        except SourceError as error:
            what = f"its marks cannot be read ({error.what})"
            raise TaskError(what, reason="no-input") from None
        return {**task, "meta": {"id": self._text.name.removesuffix(".txt")}}

    def element(self, path: Path, root: str) -> Element:
        """Return the element that a file of marks is. XML says itself what it is in.

        Raises:
            TaskError: There is no such element.
        """
        found = None
        if _holds_something(path):
            file = SourceFile(path)
            with file.reader() as reader:
                found = next(elements(events(reader), root, self.limits.max_line), None)
        if found is None:
            raise TaskError(f"{path.name} has no <{root}>", reason="bad-xml")
        return found


def _holds_something(path: Path) -> bool:
    return is_plain_file(path) and path.stat().st_size > 0


class KnowtatorSource(_MarksBeside):
    """Reads the XML of eHOST and of Knowtator 1.

    The class of a mention is its label; slots are attributes, or relations if they name another
    mention. What was not adjudicated to the end is left out.
    """

    folders = ("corpus", "txt")

    def text_name(self, name: str) -> str:
        """Return what the text of such a file is called."""
        return name.removesuffix(OF_KNOWTATOR) if name.endswith(OF_KNOWTATOR) else ""

    def marks_of(self, text: Path) -> list[Path]:
        """Return the file beside a text."""
        return [Path(f"{text}{OF_KNOWTATOR}")]

    def task(self, text: str, notices: list[str]) -> Task:
        """Return a text with its mentions. Each stands in several elements, which name each other:

        <annotation><mention id="m1"/><annotator id="a1">Ada</annotator>
          <span start="0" end="5"/><spannedText>Fever</spannedText></annotation>
        <classMention id="m1"><mentionClass id="SYMPTOM"/><hasSlotMention id="s1"/></classMention>
        <stringSlotMention id="s1"><mentionSlot id="severity"/>
          <stringSlotMentionValue value="high"/></stringSlotMention>
        """
        root = self.element(self._marks, "annotations")
        slots = _slots(root)
        classes = {each.get("id", ""): each for each in root.iter("classMention")}
        marks, links, people, lost = [], [], set(), 0
        for each in root.iter("annotation"):
            name = _of(each, "mention", "id")
            mention = classes.get(name)
            label = _of(mention, "mentionClass", "id") if mention is not None else ""
            pieces = sorted(
                _range(span.get("start"), span.get("end")) for span in each.iter("span")
            )
            if not label or not pieces or mention is None:
                lost += 1
                continue
            people.add((each.findtext("annotator") or "").strip())
            # The value of a slot is the id of another mention, or words.
            said: dict[str, Any] = {}
            for slot in mention.iter("hasSlotMention"):
                for key, value in slots.get(slot.get("id", ""), ()):
                    if value in classes:
                        links.append(RelationLink(name, value, key))
                    else:
                        said[key] = f"{said[key]}; {value}" if key in said else value
            covered = (each.findtext("spannedText") or None) if len(pieces) == 1 else None
            marks.append(Mark(name, label, FileRegion(tuple(pieces), covered), scalars(said)))
        if lost:
            notices.append(left_out(lost, "mentions without a place or a class"))
        task = put_spans({"text": text}, spans_of_marks(text, marks, notices), links, notices)
        named = people - {""}
        if len(named) == 1:
            task[ANNOTATOR_ID] = named.pop()
        elif named:
            notices.append(f"{len(named)} people's annotations stand together, as in the file")
        return task


def _slots(root: Element) -> dict[str, list[tuple[str, str]]]:
    """Return what the slots of a document say: the slot's id -> its name with each value."""
    found = {}
    for each in root:
        if each.tag.endswith("SlotMention"):
            name = _of(each, "mentionSlot", "id")
            values = (value.get("value") for value in each if value.tag.endswith("MentionValue"))
            found[each.get("id", "")] = [(name, value) for value in values if value]
    return found


def _of(element: Element | None, tag: str, attribute: str) -> str:
    """Return an attribute of the first element of a tag within another one; empty for none."""
    found = element.find(tag) if element is not None else None
    return found.get(attribute, "") if found is not None else ""


class AnaforaSource(_MarksBeside):
    """Reads Anafora's XML. The type of an entity is its label; properties are attributes, or
    relations if they name another entity. The file's name says who answered."""

    def text_name(self, name: str) -> str:
        """Return what the text of such a file is called."""
        found = OF_ANAFORA.fullmatch(name)
        return found[1] if found is not None else ""

    def marks_of(self, text: Path) -> list[Path]:
        """Return the files beside a text, the completed ones first."""
        beside = sorted(text.parent.glob(f"{text.name.removesuffix('.txt')}.*.xml"))
        return sorted(beside, key=lambda each: ".completed." not in each.name)

    def task(self, text: str, notices: list[str]) -> Task:
        """Return a text with its entities."""
        root = self.element(self._marks, "data")
        entities = {each.findtext("id", ""): each for each in root.iter("entity")}
        marks, links = [], []
        for name, each in entities.items():
            said = {}
            for key, value in _properties(each):
                if value in entities:
                    links.append(RelationLink(name, value, key))
                else:
                    said[key] = value
            pieces = tuple(sorted(_ranges(each.findtext("span", ""))))
            marks.append(Mark(name, each.findtext("type", ""), FileRegion(pieces), said))
        for each in root.iter("relation"):
            said_of = _properties(each)
            ends = [value for _, value in said_of if value in entities]
            kind: str = dict(said_of).get("Type", "") or each.findtext("type", "")
            links += [RelationLink(ends[0], end, kind) for end in ends[1:]]
        task = put_spans({"text": text}, spans_of_marks(text, marks, notices), links, notices)
        named = OF_ANAFORA.fullmatch(self._marks.name)
        if named is not None and named[2]:
            task[ANNOTATOR_ID] = named[2]
        return task


def _properties(element: Element) -> list[tuple[str, str]]:
    found = element.find("properties")
    values = [
        (each.tag, (each.text or "").strip()) for each in (found if found is not None else ())
    ]
    return [(key, value) for key, value in values if value]


class I2b2Source(_MarksBeside):
    """Reads i2b2's concepts of 2010: spans by line and word, with the assertion on a problem as an
    attribute, and the relations between them."""

    folders = ("txt",)

    def text_name(self, name: str) -> str:
        """Return what the text of such a file is called."""
        path = Path(name)
        return f"{path.stem}.txt" if path.suffix in _CONCEPTS else ""

    def marks_of(self, text: Path) -> list[Path]:
        """Return the files beside a text."""
        return [text.with_suffix(each) for each in _CONCEPTS]

    def task(self, text: str, notices: list[str]) -> Task:
        """Return a text with its concepts."""
        words = [[each.span() for each in _WORD.finditer(line)] for line in text.split("\n")]
        begins = [0]
        for line in text.split("\n"):
            begins.append(begins[-1] + len(line) + 1)
        concepts: dict[Any, Mark] = {}
        links: list[RelationLink] = []
        wrong = []
        for line in self._lines():
            found = [each.groups() for each in _CONCEPT.finditer(line)]
            said = dict(_SAID.findall(line))
            regions = [_region(each, words, begins) for each in found]
            if not found or None in regions:
                raise TaskError(f"{line[:60]!r} is no concept in this text", reason="bad-spans")
            keys = [each for each in regions if each is not None]
            if "r" in said and len(keys) == _PAIR:
                links.append(RelationLink(keys[0], keys[1], said["r"]))
                continue
            (start, end), covered = keys[0], found[0][0]
            if _plain(text[start:end]) != _plain(covered):
                wrong.append((covered, text[start:end]))
                continue
            mark = concepts.get(keys[0])
            attributes = {"assertion": said["a"]} if "a" in said else {}
            if mark is None or not mark.attributes:
                region = FileRegion((keys[0],), text[start:end])
                concepts[keys[0]] = Mark(keys[0], said.get("t", "concept"), region, attributes)
        for covered, stands in wrong:
            notices.append(
                f"a concept is left out: it says that it covers {covered[:40]!r}, and in its place"
                f" stands {stands[:40]!r}"
            )
        marks = [*concepts.values()]
        return put_spans({"text": text}, spans_of_marks(text, marks, notices), links, notices)

    def _lines(self) -> Iterable[str]:
        """Yield the lines of the files of a document, its concepts first."""
        stem = self._marks.stem
        for suffix, folder in _CONCEPTS.items():
            places = (self._marks.parent / f"{stem}{suffix}",
                      self._marks.parent.parent / folder / f"{stem}{suffix}")  # fmt: skip
            path = next(filter(is_plain_file, places), None)
            if path is not None and _holds_something(path):
                yield from filter(str.strip, self.text_beside(path).splitlines())


_CONCEPTS = {".con": "concept", ".ast": "ast", ".rel": "rel"}
_WORD = re.compile(r"\S+")
_CONCEPT = re.compile(r'c="(.*?)" (\d+):(\d+) (\d+):(\d+)(?=\|\||$|\s)')
_SAID = re.compile(r'\|\|([tar])="([^"]*)"')


def _plain(text: str) -> str:
    """Return a text as i2b2's concepts quote it: in lower case, with single blanks."""
    return " ".join(text.lower().split())


def _region(said: tuple[str, ...], words: list[list[Range]], begins: list[int]) -> Range | None:
    """Return where a concept lies; None for nowhere. Lines count from 1, and words from 0."""
    first, word, last, final = map(int, said[1:])
    if not 0 < first <= last <= len(words):
        return None
    if word >= len(words[first - 1]) or final >= len(words[last - 1]):
        return None
    start, end = words[first - 1][word][0], words[last - 1][final][1]
    return begins[first - 1] + start, begins[last - 1] + end


def _ranges(said: str) -> Iterator[Range]:
    """Yield the ranges of `3,8;10,12`.

    Raises:
        TaskError: It is no such list.
    """
    for each in said.split(";"):
        start, _, end = each.partition(",")
        yield _range(start, end)


def _range(start: str | None, end: str | None) -> Range:
    try:
        return int(start or ""), int(end or "")
    except ValueError:
        what = f"{start!r} to {end!r} is no place in a text"
        raise TaskError(what, reason="bad-spans") from None
