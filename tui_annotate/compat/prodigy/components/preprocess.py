"""`prodigy.components.preprocess`."""

from __future__ import annotations

from tui_annotate.recipes.documents import make_raw_doc, tokenize_example
from tui_annotate.recipes.older_names import get_llm_task, get_token, set_hashes
from tui_annotate.recipes.printer import msg
from tui_annotate.recipes.stream_helpers import (
    add_answer,
    add_label_options,
    add_label_options_to_stream,
    add_labels_to_stream,
    add_tokens,
    fetch_images,
    fetch_media,
    fetch_task_media,
    make_ner_suggestions,
    make_spancat_suggestions,
    make_textcat_suggestions,
    resolve_labels,
    split_sentences,
    split_spans,
)

__all__ = [
    "add_answer",
    "add_label_options",
    "add_label_options_to_stream",
    "add_labels_to_stream",
    "add_tokens",
    "fetch_images",
    "fetch_media",
    "fetch_task_media",
    "get_llm_task",
    "get_token",
    "make_ner_suggestions",
    "make_raw_doc",
    "make_spancat_suggestions",
    "make_textcat_suggestions",
    "msg",
    "resolve_labels",
    "set_hashes",
    "split_sentences",
    "split_spans",
    "tokenize_example",
]
