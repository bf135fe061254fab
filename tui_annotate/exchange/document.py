"""The record of one input with everything that answers say about it, which exports write.

Answer   a stored answer with its content
Layers   what answers say about an input: spans, labels, relations
Document an input with the layers that count
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tui_annotate.store.records import StoredAnswer
from tui_annotate.task.schema import Task
from tui_annotate.task.spans import Span, attributes_of, pieces_of
from tui_annotate.task.tokenize import Tokens, tokenize

NOTE = "note"
"""The attribute of a span in which people remark on it."""

Mark = tuple[int, int, str]
"""Start, end (exclusive) and label: what makes two people's spans the same."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored answer.

    Attributes:
        stored: As the store has it.
        content: Its content, parsed.
        dataset: The name of its dataset.
    """

    stored: StoredAnswer
    content: Task
    dataset: str

    @property
    def where(self) -> str:
        """The dataset, the answer's number and, where it is known, the row of its source."""
        row = self.stored.record.row
        place = f"{self.dataset}, answer {self.stored.id}"
        return place if row is None else f"{place} (row {row} of its source)"


@dataclass(frozen=True, slots=True)
class Layers:
    """What answers say about an input.

    Attributes:
        spans: Sorted; None where nobody was asked for spans.
        complete: Whether what is in no span is known to be in none; False after yes/no questions
            about single spans.
        refused: Spans that were said to be wrong.
        cats: Label -> whether the whole text has it. A label that nobody was asked for is absent.
        relations: As tasks hold them; None where nobody was asked for them.
        content: The content of an answer that has none of these, such as a text that was typed in,
            as JSON text; None for all others.
    """

    spans: tuple[Span, ...] | None = None
    complete: bool = True
    refused: frozenset[Mark] = frozenset()
    cats: Mapping[str, bool] = field(default_factory=dict)
    relations: tuple[dict[str, Any], ...] | None = None
    content: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is said at all."""
        layers = (self.spans, self.relations, self.content)
        return not self.cats and all(each is None for each in layers)


@dataclass(frozen=True, slots=True)
class Version:
    """What one annotator says about an input, for formats that hold several side by side."""

    annotator: str
    layers: Layers


@dataclass(frozen=True, slots=True)
class Document:
    """One input with what counts of what was said about it.

    Attributes:
        text: The input; empty where it is no text (see `has_text`).
        layers: What counts.
        answers: The answers that it was made from, oldest first; one at least.
        versions: What each annotator says, where the format holds several side by side; else one.
        newest: The highest number of an answer on the input, those included of which nothing
            counts; 0 for that of `answers`.
    """

    text: str
    layers: Layers
    answers: tuple[Answer, ...]
    versions: tuple[Version, ...] = ()
    newest: int = 0

    @property
    def key(self) -> bytes:
        """16 bytes that name the input."""
        return self.answers[0].stored.record.identity.input_key

    @property
    def has_text(self) -> bool:
        """Whether the input is a text, and no picture, page, conversation or the like alone."""
        return has_text(self.answers[0].content)

    @property
    def id(self) -> int:
        """The number of the newest of its answers in the store."""
        return max(answer.stored.id for answer in self.answers)

    @property
    def where(self) -> str:
        """Where the first of its answers stands, for messages."""
        return self.answers[0].where

    def tokens(self) -> Tokens:
        """Return the tokens that the annotator saw, else those of the built-in tokenizer.

        Raises:
            TaskError: The task's own tokens do not fit its text.
        """
        return tokens_of(self.text, self.answers)


def span_identity(span: Span) -> Mark:
    """Return what makes a span the same as another person's."""
    return span.start, span.end, span.label


def shape(span: Span) -> tuple[Hashable, ...]:
    """Return what makes a span wholly the same as another person's: its mark, its pieces, and what
    is said of it but for notes, which everybody words in their own way."""
    said = ((key, str(value)) for key, value in attributes_of(span).items() if key != NOTE)
    return (span_identity(span), tuple(pieces_of(span)), tuple(sorted(said)))


def tokens_of(text: str, answers: Iterable[Answer]) -> Tokens:
    """Return the tokens of the first answer that has some, else those of the built-in tokenizer.

    Raises:
        TaskError: The answer's own tokens do not fit the text.
    """
    for answer in answers:
        dicts = answer.content.get("tokens")
        if dicts is not None:
            return Tokens.from_dicts(text, dicts)
    return tokenize(text)


def has_text(content: Task) -> bool:
    """Tell whether a task's input is a text."""
    return isinstance(content.get("text"), str)


def text_of(content: Task) -> str:
    """Return a task's text; empty for a task whose input is none, such as a picture."""
    text = content.get("text")
    return text if isinstance(text, str) else ""
