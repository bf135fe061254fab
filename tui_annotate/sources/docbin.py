"""spaCy's `.spacy` files (`[spacy]`). The format is one block, so all of it is held in memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from typing import Any

from tui_annotate.errors import SourceError
from tui_annotate.sources.base import DEFAULT_LIMITS, Limits
from tui_annotate.sources.numbered_source import NumberedSource, need
from tui_annotate.sources.text_field import Fields
from tui_annotate.waiting import here

_HALF = 0.5


class DocBinSource(NumberedSource):
    """Reads a DocBin: text, tokens, entities or else the one span group, chosen categories.

    Raises:
        MissingExtra: spaCy is not installed.
        SourceError: It is no DocBin.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        fields: Fields | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        super().__init__(path, fields, limits)
        need("spacy", "spacy", self.name)
        with self.file.reader() as reader:
            data = reader.read()
        try:
            with here().on("opening spaCy and the documents"):
                self._docs = import_module("spacy.tokens").DocBin().from_bytes(data)
        except Exception as error:
            # The bytes are unpacked by several libraries, each with errors of its own.
            what = f"it is no DocBin ({type(error).__name__})"
            raise SourceError(what, where=self.name) from None

    def records(self, start: int) -> Iterator[dict[str, Any]]:
        """Yield the documents from number `start` on."""
        vocab = import_module("spacy").blank("xx").vocab
        yield from map(_task, islice(self._docs.get_docs(vocab), start, None))

    def count(self) -> int | None:
        """Return the number of documents."""
        return len(self._docs)


def _task(doc: Any) -> dict[str, Any]:
    task: dict[str, Any] = {
        "text": doc.text,
        "tokens": [
            {
                "text": token.text,
                "start": token.idx,
                "end": token.idx + len(token.text),
                "id": token.i,
                "ws": bool(token.whitespace_),
            }
            for token in doc
        ],
    }
    groups = [list(doc.spans[key]) for key in doc.spans]
    found = list(doc.ents) or [span for group in groups for span in group]
    if found or groups or doc.has_annotation("ENT_IOB"):
        task["spans"] = [_span(span) for span in found]
    if doc.cats:
        task["cats"] = {label: score >= _HALF for label, score in doc.cats.items()}
        task["accept"] = [label for label, chosen in task["cats"].items() if chosen]
    return task


def _span(span: Any) -> dict[str, Any]:
    return {
        "start": span.start_char,
        "end": span.end_char,
        "token_start": span.start,
        "token_end": span.end - 1,
        "label": span.label_,
    }
