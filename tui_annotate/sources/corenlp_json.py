"""What Stanford CoreNLP writes as JSON: sentences of tokens, with the entities in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui_annotate.errors import TaskError, listed
from tui_annotate.sources.json_helpers import Row, entries, name_of, objects, remark
from tui_annotate.sources.text_field import UNANSWERED
from tui_annotate.task.schema import Task

_BEGIN = "characterOffsetBegin"
_NONE = "O"
_READ = frozenset({"index", "line", "tokens", "entitymentions"})


def is_corenlp(row: Row) -> bool:
    """Return whether an object is a document of CoreNLP, or a sentence of one."""
    sentences = objects(row.get("sentences")) or [row]
    tokens = objects(sentences[0].get("tokens"))
    return bool(tokens) and _BEGIN in tokens[0] and isinstance(tokens[0].get("word"), str)


def corenlp(row: Row) -> Iterator[Task]:
    """Yield a document as one text, with its tokens and its entities.

    Places in the file count UTF-16 units, so the text is put together from the tokens and from what
    stands before each.

    Raises:
        TaskError: A token has no word, or an entity lies on tokens that there are not.
    """
    text = ""
    tokens: list[dict[str, Any]] = []
    spans: list[dict[str, Any]] = []
    has_entities, behind = False, 0
    left: list[str] = []
    for sentence in entries(row, "sentences") if "sentences" in row else [row]:
        found = entries(sentence, "tokens")
        first = len(tokens)
        for each in found:
            word = each.get("originalText") or each.get("word")
            if not isinstance(word, str) or not word:
                raise TaskError("one of its tokens has no word", reason="bad-text")
            text += _blank_before(each, behind)
            place = {"start": len(text), "end": len(text) + len(word)}
            tokens.append({"text": word, **place, "id": len(tokens), "ws": False})
            text += word
            behind = each.get("characterOffsetEnd", 0)
        for start, end, label in _mentions(sentence, found):
            if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(found):
                what = f"an entity goes from token {start!r} to {end!r} of {len(found)}"
                raise TaskError(what[:120], reason="bad-spans")
            ends = {"start": tokens[first + start]["start"], "end": tokens[first + end - 1]["end"]}
            numbers = {"token_start": first + start, "token_end": first + end - 1}
            spans.append({**ends, **numbers, "label": label})
        has_entities |= "entitymentions" in sentence or any("ner" in each for each in found)
        left += [key for key in sentence if key not in _READ and key not in left]
    for each in tokens:
        each["ws"] = text[each["end"] : each["end"] + 1].isspace()
    task: Task = {"text": text, "tokens": tokens}
    task |= {"spans": spans} if has_entities else {UNANSWERED: True}
    left += [key for key in row if key in ("corefs", "quotes")]
    if left:
        verb = "is" if len(left) == 1 else "are"
        remark(task, f"{listed([f'`{key}`' for key in left])} of the parser {verb} left out")
    name = row.get("docId")
    yield {**task, "meta": {"id": name}} if name else task


def _blank_before(token: Row, behind: Any) -> str:
    """Return what stands between a token and the one before, which ends at `behind`."""
    before, begin = token.get("before"), token.get(_BEGIN)
    if isinstance(before, str):
        return before
    return " " if type(begin) is type(behind) is int and begin > behind else ""


def _mentions(sentence: Row, tokens: list[Row]) -> Iterator[tuple[Any, Any, str]]:
    """Yield the first token of each entity in a sentence, the one behind its last, and its label;
    where entities are not listed, tokens in a row with one label are one."""
    if "entitymentions" in sentence:
        for each in entries(sentence, "entitymentions"):
            label = name_of(each.get("ner"), "an entity")
            yield each.get("tokenBegin"), each.get("tokenEnd"), label
        return
    begin = 0
    for at in range(1, len(tokens) + 1):
        label = tokens[begin].get("ner", _NONE)
        if at < len(tokens) and tokens[at].get("ner", _NONE) == label:
            continue
        if label != _NONE:
            yield begin, at, name_of(label, "an entity")
        begin = at
