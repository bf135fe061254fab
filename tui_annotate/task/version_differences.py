"""What the versions of a review differ in: as a table over all of them, and in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.answer_differences import (
    MOST_TOLD,
    differences,
    listed,
    text_of,
    word_changes,
    words_of,
)
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.review import (
    bare_span,
    choice_words,
    end_words,
    field_of,
    meaning,
    quoted,
    versions_in,
)


def compared_lines(task: Mapping[str, Any], keys: Iterable[str] = ()) -> list[str]:
    """Return in sentences what each further version of a review has other than the first; raw.

    Args:
        task: The task of a review; of every other task there is nothing.
        keys: The keys that its view writes, beside those of the usual views.
    """
    text = task.get("text")
    text = text if isinstance(text, str) else ""
    versions = versions_in(task)
    there = _keys_in(versions, keys)
    return [
        each.between(str(number), "1")
        for number, version in enumerate(versions[1:], 2)
        for each in differences(version, versions[0], there, text)
    ]


class DifferenceRow(NamedTuple):
    """One thing about which the versions of a review differ, with what each of them says.

    Attributes:
        kind: What it is: a `span` or a `relation` of the text, a `value` that was chosen or
            decided, or a `text` that was written.
        what: What it is about; raw.
        cells: What each version says, in their order; empty for nothing; raw.
        start: Where in the task's text it begins; None where it stands nowhere in it.
        end: Where it ends, exclusive.
    """

    kind: Literal["span", "relation", "value", "text"]
    what: str
    cells: tuple[str, ...]
    start: int | None = None
    end: int | None = None

    @property
    def sentence(self) -> str:
        """It in words, such as `“Ada”: PER in 1 and 3, ORG in 2, nothing in 4`; raw."""
        if self.kind == "text":
            return f"{self.what}: {'; '.join(self._changes())}"
        versions: dict[str, list[str]] = {}
        for number, cell in enumerate(self.cells, 1):
            versions.setdefault(cell, []).append(str(number))
        told = [f"{cell or 'nothing'} in {_and(numbers)}" for cell, numbers in versions.items()]
        return f"{self.what}: {', '.join(told)}"

    def _changes(self) -> list[str]:
        first, *others = self.cells
        found = []
        for number, other in enumerate(others, 2):
            changes = word_changes(first, other)
            for lacks, has in changes[:MOST_TOLD]:
                if not lacks:
                    found.append(f"{number} has “{has}” more than 1")
                elif not has:
                    found.append(f"{number} lacks “{lacks}” of 1")
                else:
                    found.append(f"{number} has “{has}” for “{lacks}” in 1")
            if len(changes) > MOST_TOLD:
                found.append(f"{number} has {len(changes) - MOST_TOLD:,} more changes")
        return found


def _and(names: Sequence[str]) -> str:
    return " and ".join(each for each in (", ".join(names[:-1]), names[-1]) if each)


def difference_rows(task: Mapping[str, Any], keys: Iterable[str] = ()) -> list[DifferenceRow]:
    """Return what the versions of a review differ in: what stands in the text by its place in it,
    then all else.

    Args:
        task: The task of a review; of every other task there is nothing.
        keys: The keys that its view writes, beside those of the usual views.
    """
    versions = versions_in(task)
    if len(versions) < 2:
        return []
    text = task.get("text")
    text = text if isinstance(text, str) else ""
    texts = [text_of(each, text) for each in versions]
    rows: list[DifferenceRow] = []
    decisions = tuple(str(each.get("answer")) for each in versions)
    if len({*decisions}) > 1:
        rows.append(DifferenceRow("value", "answer", decisions))
    if len({*texts}) > 1:
        rows.append(DifferenceRow("text", "text", tuple(texts)))
    # Offsets in another text have nothing in common with those in this one.
    on_text = [each == text for each in texts]
    for key in _keys_in(versions, keys):
        values = [each.get(key) for each in versions]
        if key == "text" or len({dumps(meaning(key, each)) for each in values}) < 2:
            continue
        if key == "pages":
            rows += _page_rows(values)
        elif key in ("spans", "relations"):
            rows += _placed_rows(key, values, on_text, text)
        elif any(isinstance(each, list) for each in values):
            rows += _chosen_rows(key, versions)
        else:
            rows.append(DifferenceRow("text", key, tuple(words_of(each) for each in values)))
    nowhere = len(text) + 1
    return sorted(rows, key=lambda row: (nowhere, 0) if row.start is None else (row.start, row.end))


def _keys_in(versions: Sequence[Mapping[str, Any]], keys: Iterable[str]) -> list[str]:
    usual = ("spans", "relations", "accept", *map(field_of, versions))
    found = dict.fromkeys(key for key in (*usual, *keys) if key not in ("tokens", "options"))
    return [key for key in found if any(key in each for each in versions)]


def _placed_rows(
    key: str, values: Sequence[Any], on_text: Sequence[bool], text: str
) -> list[DifferenceRow]:
    """Return the spans, or the pairs of spans, that do not have the same labels in all versions."""
    found: dict[str, tuple[str, int | None, int | None, list[list[str]]]] = {}
    for number, value in enumerate(values):
        for each in listed(value) if on_text[number] else ():
            named = _named_relation(each, text) if key == "relations" else _named_span(each, text)
            about, what, label, start, end = named
            place = found.setdefault(about, (what, start, end, [[] for _ in values]))
            place[3][number].append(label)
    rows = []
    for what, start, end, said_of in found.values():
        cells = tuple(
            ", ".join(sorted(labels)) if on_text[number] else "another text"
            for number, labels in enumerate(said_of)
        )
        # Whoever has another text says nothing about this place, and so does not differ there.
        if len({cell for cell, counts in zip(cells, on_text, strict=True) if counts}) > 1:
            kind: Literal["span", "relation"] = "span" if key == "spans" else "relation"
            rows.append(DifferenceRow(kind, what, cells, start, end))
    return rows


def _page_rows(values: Sequence[Any]) -> list[DifferenceRow]:
    """Return what the pages of versions differ in, page by page."""
    rows = []
    for number, pages in enumerate(zip(*map(listed, values), strict=False), 1):
        keys = dict.fromkeys(key for page in pages for key in page if _may_be_said(key))
        task = {**pages[0], "versions": [{"answer": "accept", **page} for page in pages]}
        for row in difference_rows(task, keys):
            kind: Literal["value", "text"] = "text" if row.kind == "text" else "value"
            rows.append(DifferenceRow(kind, f"page {number}: {row.what}", row.cells))
    return rows


def _may_be_said(key: str) -> bool:
    """Tell whether a key of a page may have been written by an annotator."""
    return not key.startswith("_") and key not in ("config", "meta", "text", "view_id")


_Named: TypeAlias = tuple[str, str, str, int | None, int | None]
"""What tells a thing from others, its name, what is said of it, and where it begins and ends."""


def _named_span(span: Mapping[str, Any], text: str) -> _Named:
    start, end = span.get("start"), span.get("end")
    whole = bare_span(span)
    label = str(whole.pop("label", "") or "")
    if type(start) is not int or type(end) is not int:
        return dumps(whole), "a part of the picture", label, None, None
    about = dumps([start, end, whole.pop("pieces", None)])
    more = [
        f"{key} {words_of(value)}" for key, value in whole.items() if key not in ("start", "end")
    ]
    said_of = f"{label} ({', '.join(more)})" if more else label
    return about, f"“{quoted(span, text)}”", said_of, start, end


def _named_relation(relation: Mapping[str, Any], text: str) -> _Named:
    ends = [relation.get(f"{name}_span") for name in ("head", "child")]
    places = [
        (each["start"], each["end"])
        for each in ends
        if isinstance(each, dict) and type(each.get("start")) is type(each.get("end")) is int
    ]
    about = dumps(places if len(places) == 2 else [relation.get("head"), relation.get("child")])
    what = f"{end_words(relation, 'head', text)} -> {end_words(relation, 'child', text)}"
    start, end = places[0] if places else (None, None)
    return about, what, str(relation.get("label", "")), start, end


def _chosen_rows(key: str, versions: Sequence[Mapping[str, Any]]) -> list[DifferenceRow]:
    """Return what was chosen: as one row where nobody chose several options, else by option."""
    chosen = [
        choice_words(each)
        if key == "accept"
        else [words_of(every) for every in each.get(key) or ()]
        for each in versions
    ]
    if all(len(each) <= 1 for each in chosen):
        name = "chosen" if key == "accept" else key
        return [DifferenceRow("value", name, tuple(next(iter(each), "") for each in chosen))]
    name = "" if key == "accept" else f"{key}: "
    rows = []
    for option in dict.fromkeys(each for options in chosen for each in options):
        cells = tuple("chosen" if option in each else "" for each in chosen)
        if len({*cells}) > 1:
            rows.append(DifferenceRow("value", f"{name}{option}", cells))
    return rows
