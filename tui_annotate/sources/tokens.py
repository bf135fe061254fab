"""Tokens and tags as formats of one token a line have them, put together to a task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tui_annotate.errors import TaskError

_BEGINS, _ENDS, _KNOWN = frozenset("BUS"), frozenset("LEUS"), frozenset("BILUSEO")


def place(words: Sequence[str], text: str | None, glued: Iterable[bool]) -> list[dict[str, Any]]:
    """Return the tokens of a text.

    Args:
        words: What stands in the lines.
        text: The text that they are of; None joins them.
        glued: For each word whether no space follows, where the text is not known.

    Raises:
        TaskError: `bad-text` where the words are not those of the text, in order.
    """
    tokens: list[dict[str, Any]] = []
    at = 0
    for number, (word, tight) in enumerate(zip(words, glued, strict=True)):
        start = at if text is None else text.find(word, at)
        if start < 0 or (text is not None and text[at:start].strip()):
            raise TaskError(f"the text does not have the token {word[:40]!r}", reason="bad-text")
        end = start + len(word)
        blank = not tight if text is None else end < len(text) and text[end].isspace()
        tokens.append({"text": word, "start": start, "end": end, "id": number, "ws": blank})
        at = end + (1 if text is None and not tight else 0)
    if text is None and tokens:
        tokens[-1]["ws"] = False
    return tokens


def join(tokens: Sequence[dict[str, Any]]) -> str:
    """Return the text of tokens with a space wherever `ws` says so."""
    return "".join(f"{token['text']}{' ' if token['ws'] else ''}" for token in tokens)


def spans_of(tags: Sequence[str], tokens: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the spans that tags mark: IOB1, IOB2, BILOU and IOBES are told apart by themselves.

    Raises:
        TaskError: `bad-tag` for a tag that is none of them.
    """
    spans: list[dict[str, Any]] = []
    open_label: str | None = None
    for number, tag in enumerate(tags):
        kind, _, label = tag.partition("-")
        if tag in ("O", "-", "_", ""):
            open_label = None
            continue
        if len(kind) != 1 or kind not in _KNOWN or not label:
            raise TaskError(f"{tag[:40]!r} is no tag such as B-PER", reason="bad-tag")
        token = tokens[number]
        if kind in _BEGINS or label != open_label:
            spans.append({"start": token["start"], "token_start": number, "label": label})
        spans[-1] |= {"end": token["end"], "token_end": number}
        open_label = None if kind in _ENDS else label
    return [
        {key: span[key] for key in ("start", "end", "token_start", "token_end", "label")}
        for span in spans
    ]
