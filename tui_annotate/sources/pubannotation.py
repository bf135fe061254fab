"""PubAnnotation's JSON: a text with denotations, relations, attributes and modifications."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.json_helpers import name_of
from tui_annotate.sources.jsonfile import JsonSource
from tui_annotate.sources.relation_links import RelationLink
from tui_annotate.sources.standoff_marks import Mark, put_spans, spans_of_marks
from tui_annotate.task.foreign_spans import FileRegion, Range
from tui_annotate.task.schema import Task

_CHAINED, _FRAGMENT = "_lexicallyChainedTo", "_FRAGMENT"
_META = ("target", "sourcedb", "sourceid", "divid", "project", "id")


class PubAnnotationSource(JsonSource):
    """Reads PubAnnotation's JSON: an object, a list, or objects one after another.

    Discontinuous spans are read in both of its models, chains and bags. Attributes and
    modifications become the attributes of their span. Several tracks are read together, and a
    remark says so.
    """

    def expand(self, data: dict[str, Any], notices: list[str]) -> Iterator[Task | TaskError]:
        """Yield an object as a task."""
        try:
            yield document_task(data, notices, self.fields.text_field or "text")
        except TaskError as error:
            yield error


def document_task(data: Mapping[str, Any], notices: list[str], text_key: str = "text") -> Task:
    """Return a document as a task.

    Raises:
        TaskError: Its denotations or relations are none.
    """
    text = data.get(text_key)
    if not isinstance(text, str):
        raise TaskError(f"no `{text_key}`", reason="no-input")
    tracks = [data, *(each for each in _list(data, "tracks") if isinstance(each, Mapping))]
    if len(tracks) > 2:
        notices.append(f"{len(tracks) - 1} tracks stand together, as in the file")
    marks: list[Mark] = []
    links: list[RelationLink] = []
    others = 0
    for number, track in enumerate(tracks):
        others += _take(track, str(number) if number > 1 else "", marks, links)
    if others:
        notices.append(
            f"{others} attributes and modifications of other things than spans are left out"
        )
    spans = spans_of_marks(text, marks, notices)
    task = put_spans({"text": text}, spans, links, notices)
    if text_key != "text":
        task[text_key] = task.pop("text")
    meta = {key: data[key] for key in _META if isinstance(data.get(key), str | int)}
    return {**task, "meta": meta} if meta else task


def _take(
    track: Mapping[str, Any], prefix: str, marks: list[Mark], links: list[RelationLink]
) -> int:
    """Add the marks and relations of one track, and return how much has no place."""
    chains: dict[str, str] = {}
    for each in _objects(track, "relations"):
        ends = str(each.get("subj")), str(each.get("obj"))
        if each.get("pred") == _CHAINED:
            chains[ends[0]] = ends[1]
        else:
            label = name_of(each.get("pred"), "a relation")
            links.append(RelationLink(prefix + ends[0], prefix + ends[1], label))
    said, modified = _attributes(track)
    found: dict[str, Mapping[str, Any]] = {}
    for number, each in enumerate(_marked(track)):
        name = str(number) if each.get("id") is None else str(each["id"])
        # What has no id, or that of another one, is not lost for it.
        found[name if name not in found else f"{name} {number}"] = each
    pieces = {name: _pieces(each) for name, each in found.items()}
    # A span in pieces is a denotation for each piece: one with the label, and fragments that follow
    # each other from it by relations of their own.
    followers = {*chains.values()}
    for name, each in found.items():
        if each.get("obj") == _FRAGMENT and name in followers:
            continue  # it is taken with the one that it follows
        parts, at, seen = [*pieces[name]], name, {name}
        while (at := chains.get(at, "")) in pieces and at not in seen:
            seen.add(at)
            parts += pieces[at]
        region = FileRegion(tuple(sorted(parts)))
        label = name_of(each.get("obj"), "a denotation")
        marks.append(Mark(prefix + name, label, region, said.pop(name, {})))
    return sum(map(len, said.values())) + modified


def _marked(track: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*_objects(track, "denotations"), *_objects(track, "blocks")]


def _attributes(track: Mapping[str, Any]) -> tuple[dict[str, dict[str, Any]], int]:
    """Return what is said of each denotation, and how much is said of nothing."""
    said: dict[str, dict[str, Any]] = {}
    lost = 0
    for each in _objects(track, "attributes"):
        about, name, value = each.get("subj"), each.get("pred"), each.get("obj")
        if isinstance(name, str) and isinstance(value, str | int | float):
            said.setdefault(str(about), {})[name] = value
        else:
            lost += 1
    for each in _objects(track, "modifications"):
        said.setdefault(str(each.get("obj")), {})[str(each.get("pred"))] = True
    return said, lost


def _pieces(denotation: Mapping[str, Any]) -> list[Range]:
    span = denotation.get("span")
    found = []
    for each in span if isinstance(span, list) else [span]:
        start, end = (
            (each.get("begin"), each.get("end")) if isinstance(each, dict) else (None, None)
        )
        if type(start) is not int or type(end) is not int:
            what = f"{str(denotation)[:40]!r} is no denotation of PubAnnotation"
            raise TaskError(what, reason="bad-spans")
        found.append((start, end))
    if not found:
        raise TaskError("a denotation has no span", reason="bad-spans")
    return found


def _objects(track: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = _list(track, key)
    if not all(isinstance(each, Mapping) for each in found):
        raise TaskError(f"`{key}` holds something else than objects", reason="bad-spans")
    return found


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    found = data.get(key)
    return found if isinstance(found, list) else []
