"""Columns: a token a line, its tag behind it, an empty line after each document."""

from __future__ import annotations

from pathlib import Path

from tui_annotate.errors import TaskError
from tui_annotate.exchange.document import Document
from tui_annotate.exchange.token_tags import Scheme, tags, written_tokens
from tui_annotate.exchange.writers import FormatSettings, TextWriter

DOCSTART = "-DOCSTART-"


def open_conll2003(path: Path, _settings: FormatSettings) -> TextWriter:
    """Write token, `-X-`, `_` and IOB2 tag, and a `-DOCSTART-` line before each document."""
    start = f"{DOCSTART} -X- O O\n\n"
    return TextWriter(path, lambda document: start + columns(document, " -X- _ "))


def open_iob2(path: Path, _settings: FormatSettings) -> TextWriter:
    """Write token and IOB2 tag with a tab between them."""
    return TextWriter(path, columns)


def open_bilou(path: Path, _settings: FormatSettings) -> TextWriter:
    """Write token and BILOU tag with a tab between them."""
    return TextWriter(path, lambda document: columns(document, scheme="bilou"))


def columns(document: Document, between: str = "\t", scheme: Scheme = "iob2") -> str:
    """Return the lines of a document, the empty one at its end included.

    Args:
        document: The document.
        between: What stands between token and tag.
        scheme: The tags.

    Raises:
        TaskError: It has no tokens, or its spans do not fit them.
    """
    tokens = written_tokens(document, blanks=between == "\t")
    if not len(tokens):
        raise TaskError("it has no tokens", reason="no-tokens")
    text = document.text
    words = [text[start:end] for start, end in tokens]
    if DOCSTART in words:
        raise TaskError(f"a token is {DOCSTART}, which begins a document", reason="bad-tokens")
    found = tags(document.layers.spans or (), tokens, scheme)
    lines = [f"{word}{between}{tag}\n" for word, tag in zip(words, found, strict=True)]
    return "".join(lines) + "\n"
