"""Recipes for named entities."""

from __future__ import annotations

from typing import Any

from tui_annotate.job import Arg
from tui_annotate.recipes.registry import recipe
from tui_annotate.sources.labels import read_labels
from tui_annotate.stream.preprocess import add_tokens
from tui_annotate.stream.stream import get_stream
from tui_annotate.suggest.models import load_tokenizer


@recipe(
    "ner.manual",
    cosmetic=("label", "highlight_chars"),
    dataset=Arg(help="Where answers are saved"),
    model=Arg(help="Tokenizer: blank:en or a spaCy pipeline; may be left out", kind="positional"),
    source=Arg(help="A file of texts: .jsonl, .csv or .txt"),
    label=Arg("--label", "-l", help="Labels with commas, or a file with one a line"),
    loader=Arg("--loader", "-lo", help="Loader, where the file's ending does not tell"),
    text_field=Arg("--text-field", help="Field that holds the text"),
    id_field=Arg("--id-field", help="Field that names the row"),
    highlight_chars=Arg("--highlight-chars", "-C", help="Spans of characters, not of tokens"),
)
def manual(
    dataset: str,
    source: str,
    label: str,
    model: str | None = None,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    highlight_chars: bool = False,
) -> dict[str, Any]:
    """Mark entities in texts by hand; spans may not overlap."""
    stream = get_stream(
        source, loader, text_field=text_field, id_field=id_field, input_keys=("text",)
    )
    nlp = load_tokenizer(model) if model else None
    if nlp is not None and not highlight_chars:
        stream.apply(add_tokens, nlp=nlp)
    return {
        "dataset": dataset,
        "view_id": "ner_manual",
        "stream": stream,
        "config": {
            "labels": read_labels(label),
            "exclude_by": "input",
            "ordered": True,
            "highlight_chars": highlight_chars,
        },
    }
