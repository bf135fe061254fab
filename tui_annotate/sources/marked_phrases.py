"""What users say to an assistant, by intent, with entities marked in it: Snips' YAML, LUIS' `.lu`.

Snips: `- fly to [destination:city](Bonn)`, in a document of `type: intent`
LUIS: `- fly to {@city=Bonn}` under `# Intent`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from tui_annotate.errors import TaskError
from tui_annotate.sources.parsed_source import ParsedRecord, ParsedSource, collect
from tui_annotate.task.foreign_spans import PLACED
from tui_annotate.task.schema import Task

_DOCUMENT = re.compile(r"^---\s*$", re.MULTILINE)
_SLOT = re.compile(r"\[([^][():]+)(?::([^][()]+))?\]\(([^()]+)\)")
_ITEM = re.compile(r"\s*-\s+(.+?)\s*$")
_SNIPS = re.compile(r"^type:\s*intent\s*$", re.MULTILINE)
_OPEN = re.compile(r"\{@?\s*([^{}=]+?)\s*=\s*")
_NAMED = re.compile(r"\{@?\s*([\w.:-]+)\s*\}")
_HEADING = re.compile(r"(#+)\s*(\?)?\s*(.*?)\s*$")


def is_snips_yaml(start: str) -> bool:
    """Return whether a file begins as Snips' YAML, by its first characters."""
    return _SNIPS.search(start) is not None and "utterances:" in start


class SnipsYamlSource(ParsedSource):
    """Reads each utterance of an intent as a text with its slots as spans, and the intent as its
    class. What documents of entities list are no utterances."""

    def parsed(self, reader: BinaryIO) -> Iterator[ParsedRecord]:
        """Yield the utterances."""
        for document in _DOCUMENT.split(self.whole_text(reader).replace("\r\n", "\n")):
            if _SNIPS.search(document) is None:
                continue
            name = re.search(r"^name:\s*(.+?)\s*$", document, re.MULTILINE)
            entities = dict(re.findall(r"-\s+name:\s*(\S+)\s*\n\s+entity:\s*(\S+)", document))
            for said in _utterances(document.split("\n")):
                yield collect(_slots, said, _unquoted(name[1]) if name else "", entities)


def _utterances(lines: list[str]) -> Iterator[str]:
    """Yield the items of the list under `utterances:`."""
    is_under = False
    for line in lines:
        if line.strip() and not line.startswith((" ", "\t", "-", "#")):
            is_under = line.startswith("utterances:")
        elif is_under and (found := _ITEM.match(line)):
            yield _unquoted(found[1])


def _unquoted(said: str) -> str:
    is_quoted = len(said) > 1 and said[0] == said[-1] and said[0] in "\"'"
    return said[1:-1] if is_quoted else said


def _slots(said: str, intent: str, entities: dict[str, str], _notices: list[str]) -> Task:
    if not intent:
        raise TaskError("its intent has no `name`", reason="bad-choice")
    text, at, spans = "", 0, []
    for found in _SLOT.finditer(said):
        text += said[at : found.start()]
        slot, entity = found[1], found[2] or entities.get(found[1], found[1])
        span = _span(len(text), found[3], entity)
        spans.append(span if slot == entity else {**span, "attributes": {"slot": slot}})
        text, at = text + found[3], found.end()
    return {"text": text + said[at:], "spans": spans, "accept": [intent]}


def _span(start: int, covered: str, label: str) -> dict[str, Any]:
    return {"start": start, "end": start + len(covered), "label": label, PLACED: True}


class LuSource(ParsedSource):
    """Reads each utterance under an intent as a text with its entities as spans, nested ones too,
    and the intent as its class.

    Lists of entities, questions with answers and what is imported are no utterances.
    """

    def parsed(self, reader: BinaryIO) -> Iterator[ParsedRecord]:
        """Yield the utterances."""
        intent = ""
        for line in self.whole_text(reader).replace("\r\n", "\n").split("\n"):
            heading = _HEADING.match(line)
            if heading is not None:
                intent = "" if heading[2] else heading[3]
            elif line.startswith(("@", "$", ">", "!")):
                # Behind the definition of an entity its words are listed.
                intent = intent if line.startswith(">") else ""
            elif intent and (found := re.match(r"[-*+]\s+(.+?)\s*$", line)):
                yield collect(_labelled, found[1], intent)


def _labelled(said: str, intent: str, notices: list[str]) -> Task:
    text, spans, opened, at = "", [], [], 0
    while at < len(said):
        opening = _OPEN.match(said, at)
        if opening is not None:
            opened.append((opening[1], len(text)))
            at = opening.end()
            continue
        if said[at] == "}" and opened:
            label, start = opened.pop()
            covered = text[start:].rstrip()
            text = text[:start] + covered
            spans.append(_span(start, covered, label))
        else:
            text += said[at]
        at += 1
    if opened:
        raise TaskError("a mark in it is not closed", reason="bad-tag")
    open_places = _NAMED.findall(text)
    if open_places:
        named = ", ".join(open_places)
        notices.append(f"it is a pattern with places for {named}, which stay in its text")
    spans.sort(key=lambda each: (each["start"], -each["end"]))
    return {"text": text, "spans": spans, "accept": [intent]}
