"""Rasa's training data as YAML, and as Markdown before it: `- i live in [Berlin](city)`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from tui_annotate.errors import TaskError
from tui_annotate.sources.parsed_source import Parsed, ParsedSource, collect
from tui_annotate.sources.standoff import scalars
from tui_annotate.task.jsonio import loads_value
from tui_annotate.task.schema import Task

_INTENT = re.compile(r"(?:\s*-\s+intent:\s*|##\s*intent:\s*)(?P<name>.+?)\s*")
# Synonyms, expressions and stories are no examples of an intent.
_OTHER = re.compile(r"\s*-\s+(?:synonym|regex|lookup|story|rule):.*|##.*|[\w]+:\s*")
_EXAMPLE = re.compile(r"\s*[-*]\s+(?P<text>.*?)\s*")
_TEXT_KEY = re.compile(r"\s*(?:-\s+)?text:\s*(?P<text>.*?)\s*")
_ENTITY = re.compile(r"\[(?P<text>[^\]\n]+)\](?:\((?P<named>[^()\n]+)\)|(?P<object>\{[^{}\n]*\}))")
_ATTRIBUTES = ("value", "role", "group")


def is_rasa(start: str) -> bool:
    """Return whether a file begins as Rasa's YAML or Markdown does, by its first characters."""
    markdown = re.search(r"^##\s*intent:", start, re.MULTILINE)
    yaml = re.search(r"^nlu:\s*$", start, re.MULTILINE)
    examples = re.search(r"^\s*examples:", start, re.MULTILINE)
    return bool(markdown or (yaml and examples))


class RasaSource(ParsedSource):
    """Reads each example of an intent as a text with its entities, and the intent as its class."""

    def parsed(self, reader: BinaryIO) -> Iterator[Parsed]:
        """Yield the examples; those of synonyms, regular expressions and lookups are none."""
        intent, follows = "", False
        for line in self.whole_text(reader).splitlines():
            named = _INTENT.fullmatch(line)
            given = _TEXT_KEY.fullmatch(line)
            example = _EXAMPLE.fullmatch(line)
            if named is not None:
                intent, follows = named["name"].strip("\"'"), False
            elif _OTHER.fullmatch(line):
                intent = ""
            elif intent and given is not None:
                follows = given["text"] in ("|", ">", "|-")
                if not follows:
                    yield collect(_example, given["text"].strip("\"'"), intent)
            elif follows and line.strip():
                follows = False
                yield collect(_example, line.strip(), intent)
            elif intent and example is not None and example["text"]:
                yield collect(_example, example["text"], intent)


def _example(marked: str, intent: str, notices: list[str]) -> Task:
    text, at, spans = "", 0, []
    for found in _ENTITY.finditer(marked):
        text += marked[at : found.start()]
        about = _about(found)
        label = about.pop("entity", None)
        if not isinstance(label, str):
            notices.append(f"{found[0][:40]!r} names no entity, so it stays text")
            text += found[0]
        else:
            start, text = len(text), text + found["text"]
            attributes = scalars({key: about[key] for key in _ATTRIBUTES if key in about})
            span: dict[str, Any] = {"start": start, "end": len(text), "label": label}
            spans.append({**span, "attributes": attributes} if attributes else span)
        at = found.end()
    return {"text": text + marked[at:], "spans": spans, "accept": [intent]}


def _about(found: re.Match[str]) -> dict[str, Any]:
    if found["named"] is not None:
        entity, colon, value = found["named"].partition(":")
        return {"entity": entity, "value": value} if colon else {"entity": entity}
    try:
        said = loads_value(found["object"])
    except TaskError:
        return {}
    return said if isinstance(said, dict) else {}
