"""Spans as tags of tokens; a span that does not fit is an error that names it, no silent `O`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from tui_annotate.errors import TaskError
from tui_annotate.exchange.document import Document
from tui_annotate.task.spans import Span
from tui_annotate.task.tokenize import Tokens

Scheme: TypeAlias = Literal["iob2", "bilou"]


def written_tokens(document: Document, *, blanks: bool = False) -> Tokens:
    """Return a document's tokens without those that are white space.

    Args:
        document: The document.
        blanks: Whether tokens may hold single blanks, as in "New York": between tabs they can.

    Raises:
        TaskError: `bad-tokens`, or `white-space` in a token: columns could not hold it.
    """
    text, tokens = document.text, document.tokens()
    pieces = [text[start:end] for start, end in tokens]
    # Cut up again at white space, the words are the tokens, or some token has some in it.
    if " ".join(pieces).split() == pieces:
        return tokens
    kept = [each for each, piece in zip(tokens, pieces, strict=True) if not piece.isspace()]
    for start, end in kept:
        token = text[start:end]
        words = token.split(" ") if blanks else [token]
        if any(word.split() != [word] for word in words):
            raise TaskError(f"the token from {start} to {end} holds a space", reason="white-space")
    return Tokens(kept)


def tags(spans: Sequence[Span], tokens: Tokens, scheme: Scheme) -> list[str]:
    """Return one tag for each token.

    Args:
        spans: Of the document, sorted.
        tokens: What is to be tagged.
        scheme: `iob2` (B-, I-) or `bilou` (B-, I-, L-, and U- for one token).

    Raises:
        TaskError: `misaligned`, `overlap` or `bad-label`, with the span in words.
    """
    found = ["O"] * len(tokens)
    for span in spans:
        first, last = aligned(span, tokens)
        check_label(span)
        if any(found[index] != "O" for index in range(first, last + 1)):
            raise TaskError(f"{described_span(span)} overlaps another span", reason="overlap")
        label = span.label
        found[first] = f"B-{label}"
        for index in range(first + 1, last + 1):
            found[index] = f"I-{label}"
        if scheme == "bilou":
            found[last] = f"U-{label}" if first == last else f"L-{label}"
    return found


def aligned(span: Span, tokens: Tokens) -> tuple[int, int]:
    """Return the first and last token (inclusive) of a span.

    Raises:
        TaskError: `misaligned`: it does not begin and end with tokens.
    """
    found = tokens.covering(span.start, span.end)
    if found is None:
        raise TaskError(
            f"{described_span(span)} does not begin and end with tokens", reason="misaligned"
        )
    return found


def check_label(span: Span) -> None:
    """Refuse a label that a column, or brat, cannot hold.

    Raises:
        TaskError: `bad-label`: it is empty or holds white space.
    """
    if not span.label or span.label.split() != [span.label]:
        raise TaskError(
            f"the label of {described_span(span)} is empty or holds a space", reason="bad-label"
        )


def described_span(span: Span) -> str:
    """Return a span in words, for messages."""
    return f"the span from {span.start} to {span.end} ({span.label})"
