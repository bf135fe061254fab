"""Rows of words and tags side by side, as Hugging Face's data sets have them, as tasks.

{"tokens": ["Ada", "left"], "ner_tags": ["B-PER", "O"]}
{"text": "Ada left", "slots": "B-PER O"}                       the words are those between blanks
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.tag_schemes import OUTSIDE, split_tag
from tui_annotate.sources.text_field import TAG_KEYS
from tui_annotate.sources.token_tasks import join, place, spans_of

WORDS = ("tokens", "words", "str_words", "sentence", "text")
"""Keys of lists of words."""
_TEXTS = ("text", "full_text", "raw_text", "sentence", "query", "utterance", "original_text", "raw")
"""Keys of the text that the words are of."""
_SURE = frozenset(
    {
        "ner_tags",
        "ner",
        "fine_ner_tags",
        "bio_tags",
        "iob_tags",
        "ner_labels",
        "tags",
        "labels",
        "named_entities",
    }
)
"""Keys of lists that are tags beside a list of words, whatever they hold."""
_PRINTED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s,'"\[\]]+)""")
_BETWEEN = re.compile(r"[\s,]*")


class WordsAndTags(NamedTuple):
    """Where a row has its words and its tags.

    Attributes:
        words: The key of the words: a list of them, or a text in which blanks separate them.
        tags: The key of the tags; None for words without tags.
    """

    words: str
    tags: str | None


def has_words(data: Mapping[str, Any]) -> bool:
    """Tell whether a row has a list of words, and not of tokens with offsets, or tags for the words
    of its text."""
    return find_words(data) is not None


def find_words(data: Mapping[str, Any], text_key: str = "text") -> WordsAndTags | None:
    """Return where a row has its words and its tags; None where it has no words beside each other.

    A text is one of words only where there are tags for it: as many as it has words between blanks,
    or tags that are certainly no classes.

    Args:
        data: The row.
        text_key: The key that holds its text, if it has one.
    """
    for key in (text_key, *WORDS) if text_key not in WORDS else WORDS:
        words = data.get(key)
        if isinstance(words, list) and words and isinstance(words[0], str):
            tags = _tags_beside(data, key, len(words))
            if tags is not None or key in ("tokens", "words"):
                return WordsAndTags(key, tags)
    for key in (text_key, *_TEXTS):
        text = data.get(key)
        if isinstance(text, str):
            named = next((each for each in TAG_KEYS if _are_tags(data.get(each), each)), None)
            return WordsAndTags(key, named) if named is not None else None
    return None


def _tags_beside(data: Mapping[str, Any], words_key: str, count: int) -> str | None:
    """Return the key of the tags of a list of words: the first usual one that holds tags, or the
    only other list of as many tags; None if there is neither.

    Args:
        data: The row.
        words_key: The key of the list of words.
        count: How many words there are.
    """
    are_words_for_sure = words_key in ("tokens", "words")
    for key in TAG_KEYS:
        value = data.get(key)
        if key == words_key or not isinstance(value, list):
            continue
        # Beside `tokens`, what is called `ner_tags` holds tags whatever they look like, also
        # numbers. Beside `text`, which may be a list of anything, tags have to look like some.
        is_flat = not any(isinstance(each, dict | list) for each in value)
        if (are_words_for_sure and key in _SURE and is_flat) or are_tags(value):
            return key
    lists = [key for key, value in data.items() if isinstance(value, list) and len(value) == count]
    tagged = [key for key in lists if key != words_key and are_tags(data[key])]
    return tagged[0] if len(tagged) == 1 else None


def _are_tags(value: Any, key: str) -> bool:
    """Tell whether a value is a list of tags such as `B-PER` and `O`, or a text of nothing else."""
    tags = value.split() if isinstance(value, str) else value
    if not isinstance(tags, list) or not are_tags(tags):
        return False
    # One tag alone, such as B-52, may be a class.
    sure = key in _SURE and key not in ("tags", "labels")
    return sure or (len(tags) > 1 and not (key in ("label", "tag") and set(tags) == {"O"}))


def are_tags(values: Sequence[Any]) -> bool:
    """Tell whether values are tags such as `B-PER` and `O`, one of which is an `O` or begins."""
    if not values or not all(isinstance(each, str) for each in values):
        return False
    begun = any(each == "O" or each[:1] in "BSU" for each in values)
    return begun and (set(values) == {"O"} or _are_prefixed([*values]))


def take_words(data: dict[str, Any], text_key: str) -> None:
    """Make text, tokens and spans of a row's words and tags; its other fields stay.

    Raises:
        TaskError: `bad-tag`: there are more or fewer tags than words, or they are numbers of which
            no names are known; `bad-text`: the words are not those of the row's text.
    """
    found = find_words(data, text_key)
    if found is None:
        return
    key = found.words
    words, text = data[key], data.get(text_key)
    if isinstance(words, str):
        text, words = words, words.split()
    elif not isinstance(text, str):
        text = _text_of(data, words)
    # The text stays where it was among the keys; a list gives its place to what is made of it.
    if key != text_key or isinstance(data[key], list):
        del data[key]
    if not all(isinstance(word, str | int | float) for word in words):
        raise TaskError(f"one of its `{key}` is no text", reason="bad-text")
    words = [str(word) for word in words]
    tokens = place(words, text if isinstance(text, str) else None, [False] * len(words))
    if found.tags is not None:
        tags = data.pop(found.tags)
        listed = tags.split() if isinstance(tags, str) else tags
        data["spans"] = _spans(found.tags, listed, tokens)
    data[text_key] = text if isinstance(text, str) else join(tokens)
    data["tokens"] = tokens


def _text_of(data: dict[str, Any], words: list[Any]) -> str | None:
    """Take the text that words are of out of a row, if it holds it under another name."""
    for key in _TEXTS:
        text = data.get(key)
        if not isinstance(text, str):
            continue
        try:
            place([str(word) for word in words], text, [False] * len(words))
        except TaskError:
            continue
        return str(data.pop(key))
    return None


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


def printed_list(cell: str) -> list[str] | None:
    """Return the texts of a list as JSON, Python or NumPy print it: `['O', 'B-PER']`.

    Returns:
        None where a cell of a table holds anything else.
    """
    cell = cell.strip()
    if not (cell.startswith("[") and cell.endswith("]")):
        return None
    inner, at = cell[1:-1], 0
    found: list[str] = []
    while at < len(inner):
        at = _BETWEEN.match(inner, at).end()  # type: ignore[union-attr]
        if at == len(inner):
            break
        one = _PRINTED.match(inner, at)
        if one is None:
            return None
        quoted = one[1] if one[1] is not None else one[2]
        found.append(one[3] if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        at = one.end()
    return found
