"""Rasa's training data as YAML, and as Markdown before it: `- i live in [Berlin](city)`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.parsed_source import ParsedRecord, ParsedSource, collect
from tui_annotate.sources.standoff_marks import scalars
from tui_annotate.task.foreign_spans import PLACED
from tui_annotate.task.jsonio import loads_value
from tui_annotate.task.schema import Task

_HEADING = re.compile(r"##\s*intent:")
_BLOCK = re.compile(r"[|>][-+0-9]*")
_ENTITY = re.compile(
    r"\[(?P<text>[^][\n]+)\](?:\((?P<named>[^()\n]+)\)|(?P<object>\{[^{}\n]*\})"
    r"|\[(?P<objects>\{[^][\n]*\})\])"
)
_ATTRIBUTES = ("value", "role", "group")


class _Example(NamedTuple):
    """What stands in a file as an example: its intent and its text, None for what is none."""

    intent: str
    text: str | None


def is_rasa(start: str) -> bool:
    """Return whether a file begins as Rasa's YAML or Markdown does, by its first characters."""
    markdown = re.search(r"^##\s*intent:", start, re.MULTILINE)
    yaml = re.search(r"^nlu:\s*$", start, re.MULTILINE)
    examples = re.search(r"^\s*examples:", start, re.MULTILINE)
    return bool(markdown or (yaml and examples))


class RasaSource(ParsedSource):
    """Reads each example of an intent as a text with its entities, and the intent as its class."""

    def parsed(self, reader: BinaryIO) -> Iterator[ParsedRecord]:
        """Yield the examples; those of synonyms, regular expressions and lookups are none."""
        lines = self.whole_text(reader).replace("\r\n", "\n").split("\n")
        is_yaml = any(line.startswith("nlu:") for line in lines)
        is_markdown = not is_yaml and any(map(_HEADING.match, lines))
        for each in _of_markdown(lines) if is_markdown else _of_yaml(lines):
            if each.text is None:
                what = f"an example of {each.intent[:60]!r} is no line that begins with `-`"
                yield ParsedRecord({}, (), TaskError(what, reason="bad-text"))
            else:
                yield collect(_example, each.text, each.intent)


def _of_markdown(lines: list[str]) -> Iterator[_Example]:
    """Yield the examples under headings of intents; other headings have none."""
    intent = ""
    for line in lines:
        if line.startswith("##"):
            heading = _HEADING.match(line)
            intent = line[heading.end() :].strip() if heading is not None else ""
            continue
        text = _bullet(line.strip())
        if intent and text:
            yield _Example(intent, text)


def _of_yaml(lines: list[str]) -> Iterator[_Example]:
    """Yield the examples of the intents under `nlu:`, or of a file that has no such key.

    A line is told by how far it is indented: `- intent:` and what stands beside it, such as
    `- synonym:`, are items of the list; an example may well read like one.
    """
    for item in _items(_under_nlu(lines)):
        intent, found = _value(item, "intent"), _value(item, "examples")
        if intent is None or found is None:
            continue
        name = intent[0].strip("\"'")
        said, body = found
        if _BLOCK.fullmatch(said):
            yield from _of_block(body, name)
        elif said:
            yield _Example(name, None)
        else:
            yield from _of_list(body, name)


def _under_nlu(lines: list[str]) -> Iterator[str]:
    """Yield the lines under `nlu:`, without comments."""
    is_nlu = not any(line.startswith("nlu:") for line in lines)
    for line in lines:
        if line[:1] not in ("", " ", "\t", "-", "#"):
            is_nlu = line.startswith("nlu:")
        elif is_nlu and not line.startswith("#"):
            yield line


def _items(lines: Iterable[str]) -> Iterator[list[str]]:
    """Yield the items of a list, each without its dash: what stands right of it belongs to it."""
    first: int | None = None
    item: list[str] = []
    for line in lines:
        if line.lstrip().startswith("-") and (first is None or _indent(line) <= first):
            first = _indent(line)
            if item:
                yield item
            item = [line.replace("-", " ", 1)]
        elif item:
            item.append(line)
    if item:
        yield item


def _value(item: list[str], key: str) -> tuple[str, list[str]] | None:
    """Return what stands behind a key of an item, and the lines below it; None without the key."""
    column = next((_indent(line) for line in item if line.strip()), 0)
    for at, line in enumerate(item, 1):
        if _indent(line) == column and line.lstrip().startswith(f"{key}:"):
            said = line.strip().removeprefix(f"{key}:").strip()
            # A list may stand right below its key.
            end = at
            while end < len(item) and _belongs(item[end], column, is_list=not said):
                end += 1
            return said, item[at:end]
    return None


def _belongs(line: str, column: int, *, is_list: bool) -> bool:
    """Return whether a line belongs to a key that stands in a column."""
    if not line.strip() or _indent(line) > column:
        return True
    return is_list and _indent(line) == column and line.lstrip().startswith("-")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _of_block(lines: list[str], intent: str) -> Iterator[_Example]:
    """Yield the examples of `examples: |`: each line is one."""
    for line in map(str.strip, lines):
        text = _bullet(line)
        if text or (text is None and line and not line.startswith("#")):
            yield _Example(intent, text)


def _of_list(lines: list[str], intent: str) -> Iterator[_Example]:
    """Yield the examples of a list, each a text or an object with its `text`."""
    for item in _items(lines):
        found = _value(item, "text")
        if found is None and _value(item, "metadata") is not None:
            yield _Example(intent, None)
            continue
        said, below = found if found is not None else (item[0].strip(), item[1:])
        text = said.strip("\"'")
        if _BLOCK.fullmatch(said):
            text = "\n".join(line.strip() for line in below if line.strip())
        if text:
            yield _Example(intent, text)


def _bullet(said: str) -> str | None:
    """Return what stands behind a bullet; None for a line without one."""
    if said in ("-", "*"):
        return ""
    return said[2:].strip() if said[:1] in ("-", "*") and said[1:2].isspace() else None


def _example(marked: str, intent: str, notices: list[str]) -> Task:
    text, at, spans = "", 0, []
    for found in _ENTITY.finditer(marked):
        text += marked[at : found.start()]
        named = _about(found)
        if not named or not all(isinstance(each.get("entity"), str) for each in named):
            notices.append(f"{found[0][:40]!r} names no entity, so it stays text")
            text += found[0]
        else:
            start, text = len(text), text + found["text"]
            place: dict[str, Any] = {"start": start, "end": len(text), PLACED: True}
            for about in named:
                attributes = scalars({key: about[key] for key in _ATTRIBUTES if key in about})
                span = {**place, "label": about["entity"]}
                spans.append({**span, "attributes": attributes} if attributes else span)
        at = found.end()
    return {"text": text + marked[at:], "spans": spans, "accept": [intent]}


def _about(found: re.Match[str]) -> list[dict[str, Any]]:
    """Return what is said of the entities of one place; Rasa 3 may have several there."""
    if found["named"] is not None:
        entity, colon, value = found["named"].partition(":")
        return [{"entity": entity, "value": value} if colon else {"entity": entity}]
    try:
        said = loads_value(f"[{found['object'] or found['objects']}]")
    except TaskError:
        return []
    return said if isinstance(said, list) and all(isinstance(e, dict) for e in said) else []
