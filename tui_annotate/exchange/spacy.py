"""spaCy's DocBin: entities, span groups, tags, trees, sentences, categories of the whole text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tui_annotate.errors import TaskError, UsageError
from tui_annotate.exchange.document import Document
from tui_annotate.exchange.token_tags import aligned, described_span
from tui_annotate.exchange.writers import FormatSettings, need, utf8_bytes
from tui_annotate.suggest.spacy_docs import set_parse
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
            what = f"{described_span(span)} overlaps another span, which entities cannot"
            raise TaskError(what, reason="overlap", hint="Use --spans-key sc")
        end = span.end


def _doc(vocab: Any, text: str, tokens: Tokens) -> tuple[Any, list[int]]:
    """Return the `Doc`, and where each token is in it: white space has tokens of its own there.

    One space after a word belongs to the word, as spaCy has it; the rest is a token.
    """
    utf8_bytes(text)
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
        raise TaskError(f"{described_span(span)} has no label", reason="bad-label")
    spans = need("spacy.tokens", "spacy", what="this")
    return spans.Span(doc, places[first], places[last] + 1, label=utf8_bytes(span.label).decode())


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
        raise TaskError(
            f"{described_span(span)} holds nothing but white space", reason="white-space"
        )
    return first, last


LEADING = ("parser", "tagger", "senter", "ner", "spancat", "textcat", "textcat_multilabel")
"""Whose tokens a document has that several components learn from: the first of these."""

GROUP = "sc"
"""The span group of `spancat`."""

SENTENCE = "S"
"""The label of the first tokens of sentences."""


def make_training_doc(vocab: Any, documents: Mapping[str, Document]) -> Any:
    """Return one `Doc` with what several components learn from the same text.

    Args:
        vocab: spaCy's vocabulary.
        documents: Component, one of `LEADING`, -> what its datasets say.

    Raises:
        TaskError: spaCy cannot hold it, or spans of one do not fit the tokens of another.
    """
    order = sorted(documents, key=LEADING.index)
    leader = documents[order[0]]
    tokens = leader.tokens()
    doc, places = _doc(vocab, leader.text, tokens)
    cats: dict[str, float] = {}
    for component in reversed(order):  # a tree decides about sentences, so that it comes last
        document = documents[component]
        if document.text != leader.text:
            raise TaskError("its text is another one in another dataset", reason="other-text")
        if component == "ner":
            set_entities(doc, document, tokens, places)
        elif component == "spancat":
            spans = [_span(doc, span, tokens, places) for span in document.layers.spans or ()]
            set_group(doc, spans, GROUP)
        elif component == "tagger":
            _set_tags(doc, document, tokens, places)
        elif component == "senter":
            _set_sentences(doc, document, tokens, places)
        elif component == "parser":
            _set_tree(doc, document, tokens, places)
        else:
            cats |= {label: float(value) for label, value in document.layers.cats.items()}
    doc.cats = cats
    return doc


def _set_tags(doc: Any, document: Document, tokens: Tokens, places: list[int]) -> None:
    for span in document.layers.spans or ():
        found = _span(doc, span, tokens, places)
        if len(found) != 1:
            raise TaskError(f"{described_span(span)} is no single token", reason="several-tokens")
        if found[0].tag_ not in ("", span.label):
            raise TaskError(f"{described_span(span)} has two tags", reason="two-tags")
        found[0].tag_ = utf8_bytes(span.label).decode()


def _set_sentences(doc: Any, document: Document, tokens: Tokens, places: list[int]) -> None:
    spans = document.layers.spans or ()
    other = next((span for span in spans if span.label != SENTENCE), None)
    if other is not None:
        hint = f"Sentences begin with tokens labelled {SENTENCE}"
        raise TaskError(
            f"{described_span(other)} begins no sentence", reason="bad-label", hint=hint
        )
    starts = {_span(doc, span, tokens, places)[0].i for span in spans}
    for token in doc:
        known = document.layers.complete or token.i in starts
        token.is_sent_start = token.i in starts or token.i == 0 if known else None


def _set_tree(doc: Any, document: Document, tokens: Tokens, places: list[int]) -> None:
    """Set heads and dependencies; a word that no arc ends at is the root if it is the only one."""
    own = document.tokens()
    arcs: dict[int, tuple[int, str]] = {}
    for relation in document.layers.relations or ():
        head, child = (_place(relation.get(end), own, tokens, places) for end in ("head", "child"))
        label = relation.get("label")
        if not isinstance(label, str) or not label:
            raise TaskError("a relation has no label", reason="bad-label")
        arc = (head, utf8_bytes(label).decode())
        if arcs.setdefault(child, arc) != arc:
            what = f"the word {doc[child].text!r} has two heads"
            raise TaskError(what, reason="two-heads", hint="A tree gives each word one head")
    _check_tree(doc, arcs)
    words = [place for place in places if not doc[place].is_space]
    loose = [place for place in words if place not in arcs]
    if len(loose) == 1:
        arcs[loose[0]] = (loose[0], "ROOT")
    # spaCy takes heads of all tokens or of none; a token that is its own head has none.
    missing = {token.i: (token.i, "") for token in doc if token.i not in arcs}
    set_parse(doc, {**missing, **arcs})


def _place(number: Any, own: Tokens, tokens: Tokens, places: list[int]) -> int:
    """Return where in a `Doc` a token is that a relation names by its place in the task's list."""
    index = own.index(number) if isinstance(number, int) else None
    if index is None:
        raise TaskError("a relation names no token of its text", reason="bad-relations")
    first, last = aligned(Span(*own[index], ""), tokens)
    if first != last:
        what = "a relation is between other tokens than those of another dataset"
        raise TaskError(what, reason="misaligned")
    return places[first]


def _check_tree(doc: Any, arcs: Mapping[int, tuple[int, str]]) -> None:
    """Refuse relations that go round in a circle, which no tree does."""
    settled: set[int] = set()
    for token in arcs:
        way: dict[int, None] = {}
        at = token
        while at in arcs and at not in settled and arcs[at][0] != at:
            if at in way:
                what = f"its relations go round in a circle at the word {doc[at].text!r}"
                raise TaskError(what, reason="no-tree")
            way[at] = None
            at = arcs[at][0]
        settled.update(way)
