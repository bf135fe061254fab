"""JSON of events: a trigger in the text, and what takes part in the event.

OneIE and WikiEvents have the words of a sentence with entities, relations and events on them, DuEE
has a text with the starts of triggers and arguments. A trigger is a span with the type of its
event, and each argument a relation from there, called by its role.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui_annotate.sources.json_helpers import Row, entries, name_of, objects, remark
from tui_annotate.sources.relation_links import RelationLink
from tui_annotate.sources.standoff_marks import Mark, put_spans, spans_of_marks
from tui_annotate.sources.token_json import Link, Mention, token_task
from tui_annotate.task.foreign_spans import FileRegion
from tui_annotate.task.schema import Task

_TAKEN = frozenset((
    *("tokens", "sentence", "text", "entity_mentions", "relation_mentions", "event_mentions"),
    *("pieces", "token_lens", "sentences"),
))  # fmt: skip
"""Keys of OneIE's rows that stand in the task, or repeat its text."""


def is_oneie(row: Row) -> bool:
    """Return whether an object has the form of OneIE's rows."""
    found = objects(row.get("entity_mentions"))
    named = all("entity_type" in each and type(each.get("start")) is int for each in found)
    return (
        isinstance(row.get("tokens"), list)
        and isinstance(row.get("entity_mentions"), list)
        and named
        and (bool(found) or isinstance(row.get("event_mentions"), list))
    )


def oneie(row: Row) -> Iterator[Task]:
    """Yield the sentence."""
    mentions = [_mention(each, each.get("entity_type")) for each in objects(row["entity_mentions"])]
    links: list[Link] = []
    for each in entries(row, "relation_mentions"):
        ends = [argument.get("entity_id") for argument in entries(each, "arguments")]
        links += [Link(ends[0], end, name_of(each.get("relation_type"), "a relation"))
                  for end in ends[1:]]  # fmt: skip
    for each in entries(row, "event_mentions"):
        event = ("event", each.get("id"))
        trigger = each.get("trigger")
        mentions.append(_mention({**dict(trigger or {}), "id": event}, each.get("event_type")))
        for argument in entries(each, "arguments"):
            role = name_of(argument.get("role"), "a role")
            links.append(Link(event, argument.get("entity_id"), role))
    task = token_task(row["tokens"], mentions, links)
    meta = {key: value for key, value in row.items() if key not in _TAKEN and value}
    yield {**task, "meta": meta} if meta else task


def _mention(each: Row, label: Any) -> Mention:
    end = each.get("end")
    last = end - 1 if type(end) is int else end
    return Mention(each.get("id"), each.get("start"), last, name_of(label, "a mention"))


def is_duee(row: Row) -> bool:
    """Return whether an object has the form of DuEE's rows."""
    found = objects(row.get("event_list"))
    return isinstance(row.get("text"), str) and any("trigger_start_index" in each for each in found)


def duee(row: Row) -> Iterator[Task]:
    """Yield the text."""
    notices: list[str] = []
    marks: list[Mark] = []
    links: list[RelationLink] = []
    for number, event in enumerate(entries(row, "event_list")):
        marks.append(_mark(number, event, "trigger", event.get("event_type")))
        for place, argument in enumerate(entries(event, "arguments")):
            role = name_of(argument.get("role"), "a role")
            marks.append(_mark((number, place), argument, "argument", role))
            links.append(RelationLink(number, (number, place), role))
    task: Task = {"text": row["text"]}
    put_spans(task, spans_of_marks(row["text"], marks, notices), links, notices)
    remark(task, *notices)
    meta = {key: row[key] for key in row if key not in ("text", "event_list")}
    yield {**task, "meta": meta} if meta else task


def _mark(name: Any, said: Row, key: str, label: Any) -> Mark:
    words, start = str(said.get(key)), said.get(f"{key}_start_index")
    start = start if type(start) is int else -1
    region = FileRegion(((start, start + len(words)),), words)
    return Mark(name, name_of(label, "an event"), region)
