"""spaCy's DocBin: entities or span groups, and categories of the whole text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tui_annotate.errors import TaskError, UsageError
from tui_annotate.exchange.align import aligned, named
from tui_annotate.exchange.document import Document
from tui_annotate.exchange.optional_packages import need
from tui_annotate.exchange.writers import FormatSettings, encoded
from tui_annotate.task.spans import Span
from tui_annotate.task.tokenize import Tokens

WRONG = "incorrect_spans"
"""The span group of entities that were said to be wrong; `ner` learns from it by its setting
`incorrect_spans_key`."""


class SpacyWriter:
    """Collects documents and writes them at the end: DocBin is one compressed block.

    Args:
        path: The file.
        settings: The language, and where spans go.
    """

    def __init__(self, path: Path, settings: FormatSettings) -> None:
        spacy = need("spacy", "spacy", what="the format spacy")
        self._path, self._settings = path, settings
        self._vocab = blank(spacy, settings.lang).vocab
        self._docs = need("spacy.tokens", "spacy", what="the format spacy").DocBin()

    def write(self, document: Document) -> None:
        """Take one document.

        Raises:
            TaskError: spaCy cannot hold it.
        """
        self.add(make_doc(self._vocab, document, self._settings.spans_key))

    def add(self, doc: Any) -> None:
        """Take one `Doc`."""
        self._docs.add(doc)

    @property
    def vocab(self) -> Any:
        """The vocabulary that documents are made with."""
        return self._vocab

    def close(self) -> None:
        """Write the file."""
        self._docs.to_disk(self._path)


def blank(spacy: Any, lang: str) -> Any:
    """Return an empty pipeline of a language.

    Raises:
        UsageError: spaCy has no such language.
    """
    try:
        return spacy.blank(lang)
    except (ImportError, ValueError):
        raise UsageError(f"spaCy has no language {lang!r}", where="--lang") from None


def make_doc(vocab: Any, document: Document, spans_key: str | None) -> Any:
    """Return a document as a spaCy `Doc`, with exactly its text.

    Args:
        vocab: spaCy's vocabulary.
        document: The document.
        spans_key: The span group that spans go to; None for the entities.

    Raises:
        TaskError: Spans that do not fit the tokens, or overlap where they are entities.
    """
    tokens, layers = document.tokens(), document.layers
    doc, places = _doc(vocab, document.text, tokens)
    if layers.spans is not None and spans_key is not None:
        set_group(doc, [_span(doc, span, tokens, places) for span in layers.spans], spans_key)
    elif layers.spans is not None:
        set_entities(doc, document, tokens, places)
    doc.cats = {label: float(value) for label, value in layers.cats.items()}
    return doc


def set_group(doc: Any, spans: list[Any], key: str) -> None:
    """Put spans into a span group."""
    doc.spans[key] = spans


def set_entities(doc: Any, document: Document, tokens: Tokens, places: list[int]) -> None:
    """Set the entities; what nobody was asked about is missing, and not outside."""
    _check_apart(document.layers.spans or ())
    found = [_span(doc, span, tokens, places) for span in document.layers.spans or ()]
    doc.set_ents(found, default="outside" if document.layers.complete else "missing")
    wrong = [] if document.layers.complete else sorted(document.layers.refused)
    if wrong:
        set_group(doc, [_span(doc, Span(*each), tokens, places) for each in wrong], WRONG)


def _check_apart(spans: tuple[Span, ...]) -> None:
    end = 0
    for span in spans:
        if span.start < end:
            what = f"{named(span)} overlaps another span, which entities cannot"
            raise TaskError(what, reason="overlap", hint="Use --spans-key sc")
        end = span.end


def _doc(vocab: Any, text: str, tokens: Tokens) -> tuple[Any, list[int]]:
    """Return the `Doc`, and where each token is in it: white space has tokens of its own there.

    One space after a word belongs to the word, as spaCy has it; the rest is a token.
    """
    encoded(text)
    words: list[str] = []
    spaces: list[bool] = []
    places: list[int] = []
    before = 0
    for start, end in [*tokens, (len(text), len(text))]:
        gap = text[before:start]
        if words and gap.startswith(" ") and not spaces[-1]:
            spaces[-1], gap = True, gap[1:]
        if gap:
            words.append(gap)
            spaces.append(False)
        if start < end:
            places.append(len(words))
            words.append(text[start:end])
            spaces.append(False)
        before = end
    doc = need("spacy.tokens", "spacy", what="this").Doc(vocab, words=words, spaces=spaces)
    if doc.text != text:
        raise TaskError("its tokens do not give its text", reason="bad-tokens")
    return doc, places


def _span(doc: Any, span: Span, tokens: Tokens, places: list[int]) -> Any:
    first, last = _trimmed(doc, span, *aligned(span, tokens), places)
    if not span.label:
        raise TaskError(f"{named(span)} has no label", reason="bad-label")
    spans = need("spacy.tokens", "spacy", what="this")
    return spans.Span(doc, places[first], places[last] + 1, label=encoded(span.label).decode())


def _trimmed(doc: Any, span: Span, first: int, last: int, places: list[int]) -> tuple[int, int]:
    """Return the first and last token of a span without white space at its ends.

    spaCy cannot learn entities that begin or end with white space, and `debug data` refuses them.

    Raises:
        TaskError: `white-space`: nothing else is in it.
    """
    while first <= last and doc[places[first]].is_space:
        first += 1
    while first <= last and doc[places[last]].is_space:
        last -= 1
    if first > last:
        raise TaskError(f"{named(span)} holds nothing but white space", reason="white-space")
    return first, last


def merge_docs(docs: Mapping[str, Any]) -> Any:
    """Return one `Doc` with the layers of several of the same text.

    Args:
        docs: Component -> `Doc`. The first is the one that is changed and returned; the tokens are
            those of `ner`, or `spancat`, where there is one.

    Raises:
        TaskError: `misaligned`: spans of one do not fit the tokens of the other.
    """
    order = sorted(docs, key=("ner", "spancat", "textcat", "textcat_multilabel").index)
    base = docs[order[0]]
    for component in order[1:]:
        other = docs[component]
        for key, group in other.spans.items():
            found = [base.char_span(s.start_char, s.end_char, label=s.label_) for s in group]
            for span, fitting in zip(group, found, strict=True):
                if fitting is None:
                    what = f"the span from {span.start_char} to {span.end_char} ({span.label_})"
                    raise TaskError(
                        f"{what} does not fit the tokens of another dataset", reason="misaligned"
                    )
            base.spans[key] = found
        base.cats = {**base.cats, **other.cats}
    return base
