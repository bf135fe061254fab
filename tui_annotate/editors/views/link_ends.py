"""The ends of relations: each is a token that stands for the span it lies in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from tui_annotate.task.spans import Range, Span
from tui_annotate.task.tokenize import Tokens

Link: TypeAlias = list[Any]
"""Head token, child token, label, and the other keys of the relation, as a JSON list."""

_OWN_KEYS = frozenset({"head", "child", "label", "head_span", "child_span"})


class LinkEnds:
    """Tokens of one text as the ends of relations.

    Args:
        text: The text.
        tokens: Its tokens.
    """

    def __init__(self, text: str, tokens: Tokens) -> None:
        self._text = text
        self._tokens = tokens

    def span(self, token: int, spans: Sequence[Span]) -> Span | None:
        """Return the span that a token lies in.

        Args:
            token: The token.
            spans: The spans in reading order, of which none overlap.
        """
        start, end = self._tokens[token]
        before = bisect_right(spans, start, key=_start) - 1
        span = spans[before] if before >= 0 else None
        return span if span is not None and end <= span.end else None

    def anchor(self, token: int, spans: Sequence[Span]) -> int:
        """Return the token that stands for an end: of a span its last one."""
        span = self.span(token, spans)
        covered = self._tokens.snap(span.start, span.end) if span is not None else None
        return covered[1] if covered is not None else token

    def number(self, token: int) -> int:
        """Return the number that a token has in the task's list."""
        return self._tokens.number(token)

    def extent(self, token: int | None, spans: Sequence[Span]) -> Range | None:
        """Return the code points of an end."""
        if token is None:
            return None
        span = self.span(token, spans)
        if span is not None:
            return (span.start, span.end)
        return self._tokens[token]

    def name(self, token: int, spans: Sequence[Span]) -> str:
        """Return the words of an end."""
        if not self._tokens.has(token):
            return f"token {token}"
        extent = self.extent(token, spans)
        assert extent is not None
        return " ".join(self._text[slice(*extent)].split())

    def label(self, token: int, spans: Sequence[Span]) -> str:
        """Return the label of the span at an end; empty for a token."""
        span = self.span(token, spans)
        return span.label if span is not None else ""

    def to_dict(self, token: int, spans: Sequence[Span]) -> dict[str, Any]:
        """Return an end as relations hold it; without a span its label is null."""
        extent = self.extent(token, spans)
        assert extent is not None
        covered = self._tokens.snap(*extent) or (token, token)
        first, last = (self._tokens.number(each) for each in covered)
        return {
            "start": extent[0],
            "end": extent[1],
            "token_start": first,
            "token_end": last,
            "label": self.label(token, spans) or None,
        }


def as_link(data: object, tokens: Tokens) -> Link | None:
    """Return a relation of a task, None where its ends are not two tokens of the text."""
    if not isinstance(data, Mapping):
        return None
    ends = [data.get(name) for name in ("head", "child")]
    places = [tokens.index(each) if type(each) is int else None for each in ends]
    if None in places:
        return None
    extra = {key: value for key, value in data.items() if key not in _OWN_KEYS}
    return [*places, str(data.get("label") or ""), extra]


def to_dict(link: Link, ends: LinkEnds, spans: Sequence[Span]) -> dict[str, Any]:
    """Return a relation as answers hold it."""
    head, child, label, extra = link
    tokens = [ends.number(ends.anchor(token, spans)) for token in (head, child)]
    return {
        "head": tokens[0],
        "child": tokens[1],
        "head_span": ends.to_dict(head, spans),
        "child_span": ends.to_dict(child, spans),
        "label": label,
        **extra,
    }


def constraint_message(
    config: Mapping[str, Any],
    label: str,
    ends: LinkEnds,
    spans: Sequence[Span],
    head: int,
    child: int,
) -> str:
    """Return why a label may not link two ends, empty where it may.

    `relations_rules` has, for a label, the pairs of span labels that it may link; `*` stands for
    any, the empty string for a token without a span. A label without a rule may link anything.
    """
    rules = config.get("relations_rules")
    pairs = rules.get(label) if isinstance(rules, Mapping) else None
    if not pairs:
        return ""
    found = (ends.label(head, spans), ends.label(child, spans))
    for pair in pairs:
        if all(wanted in ("*", is_) for wanted, is_ in zip(pair, found, strict=False)):
            return ""
    shown = [each or "a token" for each in found]
    return f"{label} may not link {shown[0]} with {shown[1]}"


def _start(span: Span) -> int:
    return span.start


def chains(links: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Return the groups that links make, each sorted, in the order of their first tokens."""
    # A union-find: each token leads to a smaller one of its group, and the first one to itself.
    parent: dict[int, int] = {}

    def root(token: int) -> int:
        parent.setdefault(token, token)
        while parent[token] != token:
            parent[token] = parent[parent[token]]
            token = parent[token]
        return token

    for head, child in links:
        one, other = root(head), root(child)
        parent[max(one, other)] = min(one, other)
    groups: dict[int, list[int]] = {}
    for token in sorted(parent):
        groups.setdefault(root(token), []).append(token)
    return [groups[first] for first in sorted(groups)]
