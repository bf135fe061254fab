"""Recipes for named entities by hand."""

from __future__ import annotations

from typing import Any

from tui_annotate.job import Arg
from tui_annotate.recipes.common import (
    DATASET,
    LABEL,
    PATTERNS,
    SHARED,
    SOURCE,
    TOKENIZER,
    components,
    texts,
)
from tui_annotate.recipes.registry import recipe
from tui_annotate.sources.label_lists import read_labels
from tui_annotate.stream.preprocess import add_tokens
from tui_annotate.stream.stream import Stream

CHARACTERS = Arg("--highlight-chars", "-C", help="Spans of characters, not of tokens")
EDIT_TEXT = Arg("--edit-text", help="The text under the spans may be changed (T)")
SUGGESTER = Arg(
    "--suggester", "-sg", help="Allow only spans that this function of spaCy's registry suggests"
)


@recipe(
    "ner.manual",
    contained=True,
    cosmetic=("label", "highlight_chars", "edit_text"),
    dataset=DATASET,
    model=TOKENIZER,
    source=SOURCE,
    label=LABEL,
    patterns=PATTERNS,
    highlight_chars=CHARACTERS,
    edit_text=EDIT_TEXT,
    **SHARED,
)
def manual(
    dataset: str,
    source: str,
    label: str,
    model: str | None = None,
    patterns: str | None = None,
    highlight_chars: bool = False,
    edit_text: bool = False,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Mark entities in texts by hand; spans may not overlap."""
    stream = texts(source, loader, text_field, id_field)
    labels = read_labels(label)
    prepare(stream, model, patterns, labels, characters=highlight_chars, overlap=False)
    config = _config(labels, highlight_chars, edit_text)
    return components(dataset, "ner_manual", stream, exclude, **config)


@recipe(
    "spans.manual",
    contained=True,
    cosmetic=("label", "highlight_chars", "edit_text", "suggester"),
    dataset=DATASET,
    model=TOKENIZER,
    source=SOURCE,
    label=LABEL,
    patterns=PATTERNS,
    highlight_chars=CHARACTERS,
    edit_text=EDIT_TEXT,
    suggester=SUGGESTER,
    **SHARED,
)
def spans_manual(
    dataset: str,
    source: str,
    label: str,
    model: str | None = None,
    patterns: str | None = None,
    highlight_chars: bool = False,
    edit_text: bool = False,
    suggester: str | None = None,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Mark spans in texts by hand; they may overlap and nest."""
    stream = texts(source, loader, text_field, id_field)
    labels = read_labels(label)
    prepare(stream, model, patterns, labels, characters=highlight_chars, overlap=True)
    config = _config(labels, highlight_chars, edit_text)
    found = components(dataset, "spans_manual", stream, exclude, **config)
    if suggester is None:
        return found
    from tui_annotate.suggest.models import SuggestionCheck  # few jobs train a spancat

    return {**found, "validate_answer": SuggestionCheck(suggester, model or "blank:en")}


def prepare(
    stream: Stream,
    model: str | None,
    patterns: str | None,
    labels: list[str],
    *,
    characters: bool = False,
    overlap: bool = False,
) -> None:
    """Add tokens of a pipeline, and spans of patterns, to the tasks of a stream."""
    if model is None and patterns is None:
        return
    # Loaded where they are asked for: they are a part of a start.
    from tui_annotate.suggest.models import load_tokenizer
    from tui_annotate.suggest.patterns import PatternMatcher, add_matches  # as above

    nlp = load_tokenizer(model) if model else None
    if nlp is not None and not characters:
        stream.apply(add_tokens, nlp=nlp)
    if patterns is not None:
        matcher = PatternMatcher.from_file(patterns, nlp, labels)
        stream.apply(add_matches, matcher=matcher, overlap=overlap)


def _config(labels: list[str], characters: bool, edit_text: bool) -> dict[str, Any]:
    found = {
        "labels": labels,
        "exclude_by": "input",
        "ordered": True,
        "highlight_chars": characters,
    }
    # Only where it is wanted: else a configuration file may say so.
    return {**found, "edit_text": True} if edit_text else found
