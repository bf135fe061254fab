"""BigBio's common form of biomedical data sets: passages and entities with offsets in lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.json_helpers import Row, entries, objects, remark
from tui_annotate.sources.relation_links import RelationLink
from tui_annotate.sources.standoff_marks import Mark, put_spans, spans_of_marks
from tui_annotate.task.foreign_spans import FileRegion
from tui_annotate.task.schema import Task

_LONGEST_GAP = 10_000
_NOT_READ = ("events", "coreferences")


def is_bigbio(row: Row) -> bool:
    """Return whether an object has passages whose texts and offsets are lists."""
    passages = objects(row.get("passages"))
    return bool(passages) and all(
        isinstance(each.get("text"), list) and isinstance(each.get("offsets"), list)
        for each in passages
    )


def bigbio(row: Row) -> Iterator[Task]:
    """Yield a document: its passages at their places, its entities as spans, and its relations.

    Raises:
        TaskError: A passage or an entity has no place.
    """
    text = ""
    for passage in sorted(entries(row, "passages"), key=lambda each: _places(each)[0]):
        start = _places(passage)[0][0]
        if not 0 <= start - len(text) < _LONGEST_GAP:
            raise TaskError("its passages do not lie one behind the other", reason="bad-spans")
        text += " " * (start - len(text)) + " ".join(map(str, passage["text"]))
    notices: list[str] = []
    marks = [_mark(each) for each in entries(row, "entities")]
    links = [
        RelationLink(each.get("arg1_id"), each.get("arg2_id"), str(each.get("type") or "relation"))
        for each in entries(row, "relations")
    ]
    task: Task = {"text": text}
    name = row.get("document_id") or row.get("id")
    if name:
        task["meta"] = {"id": name}
    task = put_spans(task, spans_of_marks(text, marks, notices), links, notices)
    left = [f"{len(row[key])} {key}" for key in _NOT_READ if row.get(key)]
    if left:
        notices.append(f"{' and '.join(left)} are left out")
    remark(task, *notices)
    yield task


def _places(part: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Return the places of a passage or an entity.

    Raises:
        TaskError: It has none.
    """
    listed = part.get("offsets")
    found = listed if isinstance(listed, list) else []
    places = [tuple(each) for each in found if isinstance(each, list)]
    if not places or not all(list(map(type, each)) == [int, int] for each in places):
        raise TaskError(f"{str(listed)[:40]!r} is no list of places", reason="bad-spans")
    return places


def _mark(entity: Row) -> Mark:
    places = _places(entity)
    covered = entity.get("text")
    known = covered[0] if isinstance(covered, list) and len(covered) == len(places) == 1 else None
    said = {
        str(each.get("db_name") or "id"): str(each["db_id"])
        for each in objects(entity.get("normalized"))
        if each.get("db_id")
    }
    region = FileRegion(tuple(sorted(places)), known)
    return Mark(entity.get("id"), str(entity.get("type") or "entity"), region, said)
