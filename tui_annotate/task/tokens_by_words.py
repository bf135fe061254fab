"""Finds the tokens of a text anew by their words, if their offsets do not fit the text."""

from __future__ import annotations

from typing import Any

from tui_annotate.task.schema import Task


def by_words(task: Task) -> Task | None:
    """Return a task with its tokens where their words are, and its spans with them.

    Files that count bytes, or forget the space before a word, say right what the words are, and in
    which order. Spans that are where their first and last token say they are go along.

    Returns:
        A copy; None where the words are not those of the text, one after the other.
    """
    text, tokens = task.get("text"), task.get("tokens")
    if not isinstance(text, str) or not isinstance(tokens, list):
        return None
    found: list[dict[str, Any]] = []
    at = 0
    for number, each in enumerate(tokens):
        if not isinstance(each, dict) or each.get("id", number) != number:
            return None
        word = each.get("text")
        if not isinstance(word, str):
            return None
        start = text.find(word, at)
        if start < 0 or text[at:start].strip():
            return None
        at = start + len(word)
        found.append({**each, "start": start, "end": at})
    if text[at:].strip():
        return None
    made = {**task, "tokens": found}
    if isinstance(task.get("spans"), list):
        made["spans"] = [_moved(each, tokens, found) for each in task["spans"]]
    return made


def _moved(span: Any, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Any:
    if not isinstance(span, dict):
        return span
    first, last = span.get("token_start"), span.get("token_end")
    if type(first) is not int or type(last) is not int or not 0 <= first <= last < len(old):
        return span
    if (span.get("start"), span.get("end")) != (old[first].get("start"), old[last].get("end")):
        return span
    return {**span, "start": new[first]["start"], "end": new[last]["end"]}
