"""Tokens as tasks hold them, and spans with the words that they cover."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.task.schema import Task
from tui_annotate.task.tokenize import Tokens, tokenize
from tui_annotate.waiting import here


def tokens_of(text: str, nlp: Any = None) -> list[Any]:
    """Return the tokens of a text as tasks hold them.

    Args:
        text: The text.
        nlp: A spaCy `Language`, of which only the tokenizer is used; the built-in one for None.
    """
    if nlp is None:
        return list(tokenize(text).to_dicts(text))
    found: list[dict[str, Any]] = []
    waiting = here()
    with waiting.on("finding the tokens of a long text", of=len(text), unit="characters"):
        for start, end in _pieces(text, nlp):
            _add_tokens(found, text, start, nlp.make_doc(text[start:end]))
            waiting.at(end)
    return found


_PIECE = 50_000
"""Characters that spaCy cuts at once, so that it can be said how far it is, and be left."""

_BETWEEN_WORDS = re.compile(r"(?<=\S) (?=\S)")


def _pieces(text: str, nlp: Any) -> Iterator[tuple[int, int]]:
    """Yield start and end of pieces whose tokens are together those of the whole text.

    spaCy's own tokenizer never looks over a space between two words, but for special cases that
    have one in them. Other tokenizers, as those of Chinese and Japanese, get the text as a whole.
    """
    start = 0
    while len(text) - start > _PIECE and _cuts_at_spaces(nlp):
        between = _BETWEEN_WORDS.search(text, start + _PIECE)
        if between is None:
            break
        yield start, between.end()
        start = between.end()
    yield start, len(text)


def _cuts_at_spaces(nlp: Any) -> bool:
    kind = type(nlp.tokenizer)
    if (kind.__module__, kind.__name__) != ("spacy.tokenizer", "Tokenizer"):
        return False
    return not any(" " in each.strip() for each in nlp.tokenizer.rules)


def _add_tokens(found: list[dict[str, Any]], text: str, start: int, doc: Any) -> None:
    """Add the tokens of a piece that begins at `start`.

    Lengths come as arrays: asking each token for its text and place takes several times as long.
    """
    id_ = len(found)
    lengths, spaces = doc.to_array("LENGTH").tolist(), doc.to_array("SPACY").tolist()
    for length, space in zip(lengths, spaces, strict=True):
        end = start + length
        has_space = space != 0
        found.append(
            {"text": text[start:end], "start": start, "end": end, "id": id_, "ws": has_space}
        )
        start, id_ = end + has_space, id_ + 1


def with_words(task: Task, nlp: Any = None) -> Task:
    """Return a hashed task with `tokens`, and its spans with `text`, `token_start` and `token_end`.

    What is there stays, the hashes too: they were taken before. A span that does not begin and end
    with tokens gets its text alone.

    Args:
        task: The task; it is not changed.
        nlp: What cuts a text that has no tokens, as in `tokens_of`.
    """
    text, spans = task.get("text"), task.get("spans")
    if not isinstance(text, str):
        return task
    made = {**task}
    if not isinstance(made.get("tokens"), list):
        made["tokens"] = tokens_of(text, nlp)
    try:
        tokens = Tokens.from_dicts(text, made["tokens"])
    except TaskError:
        tokens = Tokens()  # the view says of them what is wrong
    if isinstance(spans, list):
        made["spans"] = [_worded(each, text, tokens) for each in spans]
    return made


def _worded(span: Any, text: str, tokens: Tokens) -> Any:
    if not isinstance(span, dict):
        return span
    start, end = span.get("start"), span.get("end")
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        return span
    numbers = tokens.numbers(start, end)
    places = (
        {} if numbers is None else dict(zip(("token_start", "token_end"), numbers, strict=True))
    )
    return {**places, "text": text[start:end], **span}
