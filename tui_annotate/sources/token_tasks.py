"""Puts tokens and tags, as formats of one token a line have them, together to a task."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.tag_schemes import Scheme, split_brackets, split_stacked, split_tag

NO_LABEL = "ENTITY"
"""The label of spans whose tags are `B` and `I` alone."""

_UNSPACED = re.compile(
    "[\u2e80-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)
"""Characters of Chinese and Japanese, which are written without spaces, and their marks."""
_MENTION = re.compile(r"(\(?)([^()]+)(\)?)")
_NUMBERED_PIECE = re.compile(r"\[(\d+)/\d+\]$")
_BEGINS, _ENDS = frozenset("BUS"), frozenset("LEUS")


def place(words: Sequence[str], text: str | None, glued: Iterable[bool]) -> list[dict[str, Any]]:
    """Return the tokens of a text.

    Args:
        words: What stands in the lines.
        text: The text that they are of; None joins them, those of Chinese and Japanese
            without a space.
        glued: For each word whether no space follows, where the text is not known.

    Raises:
        TaskError: `bad-text` where the words are not those of the text, in order.
    """
    if text is not None:
        return _place_in(text, words)
    tokens: list[dict[str, Any]] = []
    at = 0
    if not all(map(str.isascii, words)):
        glued = _without_spaces(words, glued)
    for number, (word, tight) in enumerate(zip(words, glued, strict=True)):
        end = at + len(word)
        tokens.append({"text": word, "start": at, "end": end, "id": number, "ws": not tight})
        at = end if tight else end + 1
    if tokens:
        tokens[-1]["ws"] = False
    return tokens


def _place_in(text: str, words: Sequence[str]) -> list[dict[str, Any]]:
    tokens: list[dict[str, Any]] = []
    behind = 0
    for number, word in enumerate(words):
        start = text.find(word, behind)
        # Between two tokens stands nothing but blanks, else a word of the text is not in the file.
        if start < 0 or text[behind:start].strip():
            raise TaskError(f"the text does not have the token {word[:40]!r}", reason="bad-text")
        behind = start + len(word)
        blank = behind < len(text) and text[behind].isspace()
        tokens.append({"text": word, "start": start, "end": behind, "id": number, "ws": blank})
    return tokens


def _without_spaces(words: Sequence[str], glued: Iterable[bool]) -> list[bool]:
    """Return the same as `glued`, with no space beside a character of Chinese or Japanese.

    Where each word is one character, as in many corpora of these languages, digits and Latin
    letters among them have no spaces either.
    """
    unspaced = [bool(_UNSPACED.search(word)) for word in words]
    letters = all(len(word) == 1 for word in words) and 2 * sum(unspaced) >= len(words)
    beside = [
        letters or bool(_UNSPACED.match(word[-1:]) or _UNSPACED.match(following[:1]))
        for word, following in zip(words, [*words[1:], ""], strict=True)
    ]
    return [tight or found for tight, found in zip(glued, beside, strict=True)]


def join(tokens: Sequence[dict[str, Any]]) -> str:
    """Return the text of tokens with a space wherever `ws` says so."""
    return "".join(f"{token['text']}{' ' if token['ws'] else ''}" for token in tokens)


def spans_of(
    tags: Sequence[str], tokens: Sequence[dict[str, Any]], scheme: Scheme = "prefixed"
) -> list[dict[str, Any]]:
    """Return the spans that tags mark: IOB1, IOB2, BILOU and IOBES are told apart by themselves.

    Args:
        tags: One for each token.
        tokens: The tokens.
        scheme: How the tags are written.

    Raises:
        TaskError: `bad-tag` for a tag that is none of the scheme.
    """
    stacked = split_stacked(tags) if scheme == "prefixed" else None
    if stacked is not None:
        return _stacked_spans(stacked, tokens)
    spans: list[dict[str, Any]] = []
    open_label: str | None = None
    for number, tag in enumerate(tags):
        try:
            found = split_tag(tag, scheme)
        except ValueError:
            raise TaskError(f"{tag[:40]!r} is no tag such as B-PER", reason="bad-tag") from None
        if found is None:
            open_label = None
            continue
        kind, label = found[0], found[1] or NO_LABEL
        if kind in _BEGINS or label != open_label:
            spans.append(_span(tokens, number, number, label))
        spans[-1] |= {"end": tokens[number]["end"], "token_end": number}
        open_label = None if kind in _ENDS else label
    return spans


def _stacked_spans(
    stacked: Sequence[Sequence[str]], tokens: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the spans of tokens that have several tags each; one that goes on belongs to the span
    of its label that was open at the token before."""
    spans: list[dict[str, Any]] = []
    opened: list[dict[str, Any]] = []
    for number, tags in enumerate(stacked):
        held: list[dict[str, Any]] = []
        for kind, label in filter(None, (split_tag(tag, "prefixed") for tag in tags)):
            span = next((each for each in opened if each["label"] == label), None)
            if span is None or kind in _BEGINS:
                span = _span(tokens, number, number, label)
                spans.append(span)
            else:
                opened.remove(span)
            span |= {"end": tokens[number]["end"], "token_end": number}
            if kind not in _ENDS:
                held.append(span)
        opened = held
    return spans


def bracket_spans(cells: Sequence[str], tokens: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the spans that brackets mark, such as `(ORG*`, `*` and `*)`.

    Raises:
        TaskError: `bad-tag` for a bracket that is closed and was not opened, or the other way.
    """
    spans: list[dict[str, Any]] = []
    opened: list[tuple[str, int]] = []
    for number, cell in enumerate(cells):
        for label, opens in split_brackets(cell):
            if opens:
                opened.append((label, number))
                continue
            fitting = (at for at in reversed(range(len(opened))) if label in ("", opened[at][0]))
            innermost = next(fitting, None)
            if innermost is None:
                what = f"{cell[:40]!r} closes what was not opened"
                raise TaskError(what, reason="bad-tag")
            name, start = opened.pop(innermost)
            spans.append(_span(tokens, start, number, name))
    if opened:
        raise TaskError(f"the bracket of {opened[0][0][:40]!r} is not closed", reason="bad-tag")
    return spans


def numbered_spans(cells: Sequence[str], tokens: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the spans that cells such as `1:VID;2`, `1` and `*` number, in pieces too.

    Raises:
        TaskError: `bad-tag` for a number without a label.
    """
    labels: dict[str, str] = {}
    members: dict[str, list[int]] = {}
    for at, cell in enumerate(cells):
        for each in cell.split(";"):
            number, colon, label = each.partition(":")
            if number in ("*", "_", ""):
                continue
            if colon:
                labels.setdefault(number, label)
            found = members.setdefault(number, [])
            if at not in found:
                found.append(at)
    spans = []
    for number, found in members.items():
        if number not in labels:
            raise TaskError(f"the span {number[:40]!r} has no label", reason="bad-tag")
        span = _span(tokens, found[0], found[-1], labels[number])
        pieces: list[list[int]] = []
        for place_, at in enumerate(found):
            if place_ and found[place_ - 1] == at - 1:
                pieces[-1][1] = tokens[at]["end"]
            else:
                pieces.append([tokens[at]["start"], tokens[at]["end"]])
        if len(pieces) > 1:
            span["pieces"] = pieces
        spans.append(span)
    return spans


def bracketed_mentions(
    cells: Sequence[str], tokens: Sequence[dict[str, Any]], fields: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the mentions that the `Entity` of CoNLL-U's MISC opens and closes by their entity's
    name, as GUM and CorefUD have it: `(e1-person-1`, `e1)` and `(e2-place-1)`.

    Args:
        cells: One for each token; empty for none.
        tokens: The tokens.
        fields: What the parts of an opening bracket are called, such as `eid`, `etype` and `head`.

    Raises:
        TaskError: `bad-tag` for a bracket that is closed and was not opened, or the other way.
    """
    at_name = next((fields.index(each) for each in ("eid", "GRP") if each in fields), 0)
    at_type = next((fields.index(each) for each in ("etype", "entity") if each in fields), 1)
    spans: list[dict[str, Any]] = []
    opened: list[tuple[str, str, int]] = []
    for number, cell in enumerate(cells):
        for opens, inner, closes in _MENTION.findall(cell):
            parts = inner.split("-")
            name = parts[at_name] if opens and at_name < len(parts) else parts[0]
            if opens:
                label = parts[at_type] if at_type < len(parts) else ""
                opened.append((name, label or NO_LABEL, number))
            if not closes:
                continue
            # Backwards: of two open mentions of one entity the inner one ends first.
            at = next((at for at in reversed(range(len(opened))) if opened[at][0] == name), None)
            if at is None:
                raise TaskError(f"{cell[:40]!r} closes what was not opened", reason="bad-tag")
            name, label, first = opened.pop(at)
            entity = name.partition("[")[0]
            span = _span(tokens, first, number, label) | {"attributes": {"entity": entity}}
            if not _joined_to_earlier_piece(name, span, spans):
                spans.append(span)
    if opened:
        raise TaskError(f"the mention {opened[0][0][:40]!r} is not closed", reason="bad-tag")
    return spans


def _joined_to_earlier_piece(name: str, span: dict[str, Any], spans: list[dict[str, Any]]) -> bool:
    """Add a later piece of a mention, such as that called `e5[2/3]`, to the span of the pieces
    before it.

    Args:
        name: What the mention is called, with the number of its piece.
        span: The piece.
        spans: The spans so far; the one that the piece belongs to is changed.

    Returns:
        Whether that was done; False for a mention that is a span of its own.
    """
    piece = _NUMBERED_PIECE.search(name)
    if piece is None or piece[1] == "1":
        return False
    entity = span["attributes"]
    before = next((each for each in reversed(spans) if each["attributes"] == entity), None)
    if before is None:
        return False
    start = [[before["start"], before["end"]]]
    before["pieces"] = [*before.get("pieces", start), [span["start"], span["end"]]]
    before |= {"end": span["end"], "token_end": span["token_end"]}
    return True


def _span(tokens: Sequence[dict[str, Any]], first: int, last: int, label: str) -> dict[str, Any]:
    return {
        "start": tokens[first]["start"],
        "end": tokens[last]["end"],
        "token_start": first,
        "token_end": last,
        "label": label,
    }
