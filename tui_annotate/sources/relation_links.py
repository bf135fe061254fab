"""Relations of other formats, between spans, as tasks hold them: between tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.schema import Task
from tui_annotate.task.tokenize import Tokens, tokenize

Span = dict[str, Any]


class RelationLink(NamedTuple):
    """One relation: the names of its two spans in the file, and its label."""

    head: Any
    child: Any
    label: str


def add_relations(
    task: Task,
    text: str,
    spans: Mapping[Any, Span],
    links: Iterable[RelationLink],
    words: list[dict[str, Any]] | None = None,
) -> int:
    """Put relations into a task, with the tokens that they count by, and return how many were left
    out because one of their ends is no span of the task.

    Args:
        task: The task; changed.
        text: Its text.
        spans: Its spans, by their names in the file; an end that is a token alone has None for a
            label.
        links: The relations.
        words: The tokens of the file, if it has some.
    """
    tokens = Tokens((each["start"], each["end"]) for each in words) if words else tokenize(text)
    found, lost = [], 0
    for link in links:
        ends = [_end(spans.get(name), tokens) for name in (link.head, link.child)]
        head, child = ends
        if head is None or child is None:
            lost += 1
            continue
        found.append(
            {
                "head": head["token_end"],
                "child": child["token_end"],
                "head_span": head,
                "child_span": child,
                "label": link.label,
            }
        )
    if found:
        task["tokens"] = words or tokens.to_dicts(text)
        task["relations"] = found
    return lost


def _end(span: Span | None, tokens: Tokens) -> dict[str, Any] | None:
    """Return a span as the end of a relation; None where it holds no token."""
    covered = tokens.snap(span["start"], span["end"]) if span is not None else None
    if span is None or covered is None:
        return None
    places = {"token_start": covered[0], "token_end": covered[1]}
    return {"start": span["start"], "end": span["end"], **places, "label": span["label"]}


def relation_of(head: Mapping[str, Any], child: Mapping[str, Any], label: str) -> dict[str, Any]:
    """Return a relation between two spans that know their tokens."""
    ends = [
        {key: span[key] for key in ("start", "end", "token_start", "token_end", "label")}
        for span in (head, child)
    ]
    return {
        "head": head["token_end"],
        "child": child["token_end"],
        "head_span": ends[0],
        "child_span": ends[1],
        "label": label,
    }
