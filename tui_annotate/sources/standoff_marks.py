"""Makes the spans of a task from marks that stand beside their text, as many formats have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.base import left_out
from tui_annotate.sources.relation_links import RelationLink, Span, add_relations
from tui_annotate.task.foreign_spans import PLACED, FileRegion, Range, place_regions
from tui_annotate.task.schema import Task


class Mark(NamedTuple):
    """One marked place of a text.

    Attributes:
        name: What the file calls it.
        label: Its label.
        region: Where it lies, in whatever the file counts.
        attributes: What else is said of it.
    """

    name: Any
    label: str
    region: FileRegion
    attributes: Mapping[str, Any] = MappingProxyType({})


def spans_of_marks(text: str, marks: Sequence[Mark], notices: list[str]) -> dict[Any, Span]:
    """Return the spans of marks by their names, in code points of the text.

    A mark that lies on another text than it says, behind the end or on no text at all is left out,
    and a remark says so.

    Args:
        text: The text.
        marks: The marks; of two with one name the later one gets a name of its own.
        notices: Gets the remarks.
    """
    found: dict[Any, Span] = {}
    empty = 0
    placed = place_regions(text, [each.region for each in marks], notices) if marks else []
    for mark, pieces in zip(marks, placed, strict=True):
        if pieces is None:
            continue
        pieces = tuple(sorted(each for each in pieces if each[0] < each[1]))
        if not pieces:
            empty += 1
            continue
        end = max(each[1] for each in pieces)
        span: Span = {"start": pieces[0][0], "end": end, "label": mark.label}
        if not _is_one(pieces, text):
            span["pieces"] = [list(each) for each in pieces]
        if mark.attributes:
            span["attributes"] = dict(mark.attributes)
        # What it says it covers has been looked at here; nobody is to move the span once more.
        if mark.region.covered is not None:
            span[PLACED] = True
        found[mark.name if mark.name not in found else (mark.name, len(found))] = span
    if empty:
        notices.append(without_text(empty))
    return found


def without_text(count: int) -> str:
    """Return the remark on marks that cover no text."""
    one = count == 1
    return f"{count} {'mark that covers' if one else 'marks that cover'} no text" + (
        " is left out" if one else " are left out"
    )


def put_spans(
    task: Task, spans: Mapping[Any, Span], links: Iterable[RelationLink], notices: list[str]
) -> Task:
    """Put spans and the relations between them into a task, and return it.

    Args:
        task: The task with its `text`; changed.
        spans: The spans by their names in the file.
        links: The relations.
        notices: Gets a remark where an end of a relation is no span.
    """
    task["spans"] = sorted(
        spans.values(), key=lambda each: (each["start"], -each["end"], each["label"])
    )
    known = list(links)
    lost = add_relations(task, task["text"], spans, known) if known else 0
    if lost:
        notices.append(left_out(lost, "relations between other things than spans"))
    return task


def put_spans_and_tokens(
    task: Task,
    spans: Mapping[Any, Span],
    words: Mapping[Any, dict[str, Any]],
    links: Sequence[RelationLink],
    notices: list[str],
) -> Task:
    """Put spans, the tokens of the file, and relations between any of them into a task.

    Args:
        task: The task with its `text`; changed.
        spans: The spans by their names in the file.
        words: The tokens by theirs, in their order.
        links: The relations.
        notices: Gets a remark where an end of a relation is neither.
    """
    tokens = [*words.values()]
    apart = all(one["end"] <= other["start"] for one, other in pairwise(tokens))
    between = any(end in words for link in links for end in (link.head, link.child))
    if not apart or not between:
        task = put_spans(task, spans, links, notices)
        return task if "tokens" in task or not tokens else {**task, "tokens": tokens}
    task = put_spans(task, spans, (), notices)
    # A layer of dependencies says so which token is the root of its sentence.
    others = [link for link in links if link.head != link.child or link.head not in words]
    if len(others) < len(links):
        count = len(links) - len(others)
        notices.append(left_out(count, "relations of a token with itself"))
    # An end that is a token alone has no label, as in answers of the view `relations`.
    single = {name: {"start": each["start"], "end": each["end"], "label": None}
              for name, each in words.items()}  # fmt: skip
    lost = add_relations(task, task["text"], {**single, **spans}, others, tokens)
    if lost:
        notices.append(left_out(lost, "relations between other things than spans and tokens"))
    return {**task, "tokens": tokens}


def scalars(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that attributes can hold: words, numbers, truth values."""
    return {
        str(key): value
        for key, value in values.items()
        if isinstance(value, str | int | float) and value != ""
    }


def _is_one(pieces: Sequence[Range], text: str) -> bool:
    """Tell whether nothing but white space with a line break lies between pieces in their order."""
    gaps = [text[one[1] : other[0]] for one, other in pairwise(pieces)]
    return all(gap == "" or (gap.isspace() and gap.strip(" \t") != "") for gap in gaps)
