"""What a task says of its words beside their places: tokens, and the text of spans."""

from __future__ import annotations

from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.task.schema import Task
from tui_annotate.task.tokenize import Tokens, tokenize


def tokens_of(text: str, nlp: Any = None) -> list[Any]:
    """Return the tokens of a text as tasks hold them.

    Args:
        text: The text.
        nlp: A spaCy `Language`, of which only the tokenizer is used; the built-in one for None.
    """
    if nlp is None:
        return list(tokenize(text).to_dicts(text))
    return [
        {
            "text": token.text,
            "start": token.idx,
            "end": token.idx + len(token.text),
            "id": token.i,
            "ws": bool(token.whitespace_),
        }
        for token in nlp.make_doc(text)
    ]


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
