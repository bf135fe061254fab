"""PubTator: a title, an abstract, and mentions with their places, in blocks of lines."""

from __future__ import annotations

import re
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.blank_line_records import BlockSource
from tui_annotate.sources.relation_links import RelationLink
from tui_annotate.sources.standoff_marks import Mark, put_spans, spans_of_marks
from tui_annotate.task.foreign_spans import FileRegion

_PART = re.compile(r"([^|\t\n]+)\|([ta])\|(.*)")
_PLACE = re.compile(r"[0-9]{1,18}")
_BETWEEN = "\n"
"""Stands between title and abstract: places count one character there."""


class PubTatorSource(BlockSource):
    """Reads PubTator's text format; each document is a text of title and abstract.

    A mention is a span with its concept in `attributes.identifier`. Relations link concepts; they
    stand between the first mentions of these.
    """

    def parse(self, block: list[str], notices: list[str]) -> dict[str, Any] | None:
        """Return a document as a task.

        Raises:
            TaskError: A line is none of the format.
        """
        parts: dict[str, str] = {}
        name = ""
        links: list[tuple[str, str, str]] = []
        marks: list[Mark] = []
        for line in block:
            part = _PART.fullmatch(line)
            cells = line.split("\t")
            if part is not None:
                name = part[1]
                parts[part[2]] = part[3]
            elif len(cells) >= 5 and _PLACE.fullmatch(cells[1]) and _PLACE.fullmatch(cells[2]):
                marks.append(_mark(cells, len(marks)))
            elif len(cells) == 4:
                links.append((cells[1], cells[2].strip(), cells[3].strip()))
            else:
                what = f"{line[:40]!r} is no line of PubTator's"
                raise TaskError(what, reason="bad-columns")
        if not parts:
            raise TaskError("no title and no abstract", reason="no-input")
        text = _BETWEEN.join(parts[key] for key in ("t", "a") if key in parts)
        task: dict[str, Any] = {"text": text, "meta": {"id": name}}
        firsts = _first_mentions(marks)
        found = [RelationLink(firsts.get(a), firsts.get(b), label) for label, a, b in links]
        return put_spans(task, spans_of_marks(text, marks, notices), found, notices)


def _first_mentions(marks: list[Mark]) -> dict[str, Any]:
    """Return the name of the first mention of each concept, several of which `|` or `,` joins."""
    found: dict[str, Any] = {}
    for mark in marks:
        for concept in re.split("[|,;]", str(mark.attributes.get("identifier", ""))):
            found.setdefault(concept.strip(), mark.name)
    return found


def _mark(cells: list[str], number: int) -> Mark:
    region = FileRegion(((int(cells[1]), int(cells[2])),), cells[3] or None)
    identifier = cells[5].strip() if len(cells) > 5 else ""
    return Mark(number, cells[4], region, {"identifier": identifier} if identifier else {})
