"""Rows of words and tags in two lists, as Hugging Face's data sets have them, as tasks."""

from __future__ import annotations

from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.tag_schemes import OUTSIDE, split_tag
from tui_annotate.sources.tokens import join, place, spans_of

_WORDS = ("tokens", "words")
_TAGS = ("ner_tags", "ner", "tags", "labels", "ner_labels", "fine_ner_tags")


def has_words(data: dict[str, Any]) -> bool:
    """Tell whether a row has a list of words, and not of tokens with offsets."""
    for key in _WORDS:
        words = data.get(key)
        if isinstance(words, list) and words and isinstance(words[0], str):
            return True
    return False


def take_words(data: dict[str, Any], text_key: str) -> None:
    """Make text, tokens and spans of a row's words and tags; its other fields stay.

    Raises:
        TaskError: `bad-tag`: there are more or fewer tags than words, or they are numbers of which
            no names are known; `bad-text`: the words are not those of the row's text.
    """
    key = next(each for each in _WORDS if isinstance(data.get(each), list))
    words = data.pop(key)
    if not all(isinstance(word, str | int | float) for word in words):
        raise TaskError(f"one of its `{key}` is no text", reason="bad-text")
    words = [str(word) for word in words]
    text = data.get(text_key)
    tokens = place(words, text if isinstance(text, str) else None, [False] * len(words))
    named = next((each for each in _TAGS if isinstance(data.get(each), list)), None)
    if named is not None:
        data["spans"] = _spans(named, data.pop(named), tokens)
    if not isinstance(text, str):
        data[text_key] = join(tokens)
    data["tokens"] = tokens


def _spans(key: str, tags: list[Any], tokens: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(tags) != len(tokens):
        what = f"{len(tags)} `{key}` for {len(tokens)} words"
        raise TaskError(what, reason="bad-tag")
    if not all(isinstance(tag, str) for tag in tags):
        what = f"its `{key}` are numbers, and what they stand for is not in the file"
        raise TaskError(what, reason="bad-tag")
    return spans_of(tags, tokens, "prefixed" if _are_prefixed(tags) else "labels")


def _are_prefixed(tags: list[str]) -> bool:
    for tag in tags:
        try:
            split_tag(tag, "prefixed")
        except ValueError:
            return False
    return not OUTSIDE.issuperset(tags)
