"""The least that a text view needs: a text with tokens and spans under a cursor."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple


class TinySpan(NamedTuple):
    """A labelled range."""

    start: int
    end: int
    label: str


@dataclass
class TinyEditor:
    """Moves and labels without any rules."""

    overlap = True

    text: str
    spans: tuple[TinySpan, ...] = ()
    cursor: int = 0
    focus: TinySpan | None = None
    selection: tuple[int, int] | None = None
    tokens: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        found = re.finditer(r"\w+|[^\w\s]", self.text)
        self.tokens = self.tokens or [match.span() for match in found]

    @property
    def cursor_range(self) -> tuple[int, int]:
        return self.tokens[self.cursor] if self.tokens else (0, 0)

    def move(self, by: int) -> None:
        self.focus = None
        self.cursor = max(0, min(len(self.tokens) - 1, self.cursor + by))

    def add(self, start: int, end: int, label: str) -> None:
        self.focus = TinySpan(start, end, label)
        self.spans = tuple(sorted([*self.spans, self.focus]))

    def label(self, label: str) -> None:
        self.add(*self.cursor_range, label)

    def remove(self, span: TinySpan) -> None:
        self.spans = tuple(s for s in self.spans if s != span)
        self.focus = None
