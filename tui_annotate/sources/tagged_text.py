"""Text with its tags in it, a sentence a line, as WikiNER, OpenNLP and YEDDA have it."""

from __future__ import annotations

import os
import re
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.base import DEFAULT_LIMITS, Limits
from tui_annotate.sources.tag_schemes import Scheme
from tui_annotate.sources.tagged_words import are_tags
from tui_annotate.sources.text_field import Fields
from tui_annotate.sources.token_tasks import NO_LABEL, join, place, spans_of
from tui_annotate.sources.txt import TxtSource
from tui_annotate.task.foreign_spans import PLACED

_BETWEEN = ("|", "/", "_", "###")
"""What stands between a word and its tag, the surest first."""
_START = re.compile(r"<START(?::([^>\s]+))?>")
_END = "<END>"
_BRACKETED = re.compile(r"\[([@$])((?:(?!\[[@$]|\*\]).)+?)#([^\[\]#*]+)\*\]")
"""A name as YEDDA marks it; with `$` the program has proposed it."""
_BARE = re.compile(r"[A-Z][A-Z_-]+")
_OUTSIDE = 0.25
_LINES = 50
_MOST = 0.9
_LOOKED_AT = 64 * 1024


class TaggedTextSource(TxtSource):
    """Reads a sentence a line, with a tag behind each word, or with marks around the names.

    `Ada|NNP|B-PER left|VBD|O` is as WikiNER has it, `<START:person> Ada <END> left` as OpenNLP has
    it; there the text is that of the words with a blank between them. `[@Ada#PER*] left` is as
    YEDDA has it, whose text is kept as it is.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        fields: Fields | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        super().__init__(path, fields, limits)
        self._between: _Between | None = None
        self._is_marked = True
        self._is_bracketed = False
        if self.seekable:
            with self.file.reader() as reader:
                start = reader.read(_LOOKED_AT).decode("utf-8", "replace")
            self._between = _find_between(_first_lines(start))
            self._is_marked = _START.search(start) is not None
            self._is_bracketed = _BRACKETED.search(start) is not None

    def parse(self, data: bytes, notices: list[str]) -> dict[str, Any]:
        """Return the line's text, tokens and spans.

        Raises:
            TaskError: `bad-tag`: its words have no tags, or a mark is not closed.
        """
        ((name, line),) = super().parse(data, notices).items()
        if self._is_bracketed:
            made = _bracketed(line, notices)
            return {name: made.pop("text"), **made}
        between = self._between or _find_between([line])
        if between is None and not self._is_marked and _START.search(line) is None:
            raise TaskError("its words have no tags behind them", reason="bad-tag")
        made = _marked(line) if between is None else _tagged(line, between)
        return {name: made.pop("text"), **made}


class _Between(NamedTuple):
    """What separates a word from what stands behind it, how often, and how the last part tags."""

    mark: str
    times: int
    scheme: Scheme


def is_tagged_text(start: str) -> bool:
    """Return whether a file begins as `TaggedTextSource` reads it, by its first characters."""
    lines = _first_lines(start)
    if any((_START.search(line) and _END in line) or _BRACKETED.search(line) for line in lines):
        return True
    return _find_between(lines) is not None and any(len(line.split()) > 1 for line in lines)


def _first_lines(start: str) -> list[str]:
    """Return the first lines that are not blank, without one that may have been cut."""
    lines = [line for line in start.splitlines() if line.strip()]
    return (lines[:-1] or lines)[:_LINES]


def _find_between(lines: list[str]) -> _Between | None:
    """Return what separates the words of lines from their tags; None for no such thing."""
    for mark in _BETWEEN:
        fitting = [line for line in lines if all(mark in word[1:] for word in line.split())]
        words = [word for line in fitting for word in line.split()]
        tags = [word.rpartition(mark)[2] for word in words]
        if not words or len(fitting) < _MOST * len(lines):
            continue
        times = min(word[1:].count(mark) for word in words)
        if are_tags(tags):
            return _Between(mark, times, "prefixed")
        if _are_bare(tags):
            return _Between(mark, times, "labels")
    return None


def _are_bare(tags: list[str]) -> bool:
    """Return whether tags are labels without `B-` and `I-`, and O for many words, as Stanford's
    tagger writes them."""
    outside = tags.count("O")
    named = {*tags} - {"O"}
    return bool(named) and outside >= _OUTSIDE * len(tags) and all(map(_BARE.fullmatch, named))


def _tagged(line: str, between: _Between) -> dict[str, Any]:
    parts = [word.rsplit(between.mark, between.times) for word in line.split()]
    if any(len(part) <= between.times or not part[0] for part in parts):
        raise TaskError("not every word has a tag behind it", reason="bad-tag")
    words = [part[0] for part in parts]
    tokens = place(words, None, [False] * len(words))
    spans = spans_of([part[-1] for part in parts], tokens, between.scheme)
    return {"text": join(tokens), "tokens": tokens, "spans": spans}


def _marked(line: str) -> dict[str, Any]:
    text, spans = "", []
    label: str | None = None
    start = 0
    for word in line.split():
        opens = _START.fullmatch(word)
        if opens is not None and label is None:
            label, start = opens[1] or NO_LABEL, len(text) + bool(text)
        elif word == _END and label is not None and start < len(text):
            span = {"start": start, "end": len(text), "label": label, PLACED: True}
            spans.append(span)
            label = None
        elif opens is not None or word == _END:
            raise TaskError("its marks are not opened and closed in turn", reason="bad-tag")
        else:
            text = f"{text} {word}" if text else word
    if label is not None:
        raise TaskError("a mark in it is not closed", reason="bad-tag")
    return {"text": text, "spans": spans}


def _bracketed(line: str, notices: list[str]) -> dict[str, Any]:
    text, spans, proposed, at = "", [], 0, 0
    for found in _BRACKETED.finditer(line):
        text += line[at : found.start()]
        start, text, at = len(text), text + found[2], found.end()
        # Blanks that were marked with a name are no part of it.
        end, start = len(text.rstrip()), start + len(found[2]) - len(found[2].lstrip())
        if found[1] == "$":
            proposed += 1
        elif start < end:
            spans.append({"start": start, "end": end, "label": found[3].strip(), PLACED: True})
    if proposed:
        notices.append(f"{proposed} that the program has proposed are left out")
    return {"text": text + line[at:], "spans": spans}
