"""What one answer has other than another one, in words: for trainings, and for reviews."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any, Literal

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.review import (
    choice_words,
    in_order,
    meaning,
    quoted,
    relation_words,
    said,
)

_BEFORE, _SHOWN = 20, 60
"""Characters in front of the place where two texts part, and in all, that are shown."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+|[^\w\s]")
"""A word, a sign, or a letter of a script without spaces."""

_COMPARED = 2_000
"""Words at most that are compared with each other one by one: it costs their square."""

MOST_TOLD = 5
"""Changes at most of one text that are told one by one."""


class Difference(NamedTuple):
    """One thing in which an answer differs from another one.

    Attributes:
        kind: `missing` where only the other has it, `more` where only the one has it, `other` where
            each says something else about the same.
        what: What it is, or what it is about; raw.
        mine: What the one says.
        right: What the other says.
    """

    kind: Literal["missing", "more", "other"]
    what: str
    mine: str = ""
    right: str = ""

    @property
    def sentence(self) -> str:
        """It in words, where the other answer is right."""
        if self.kind == "other":
            return f"{self.what} is {self.right}, not {self.mine}"
        return f"{'Missing' if self.kind == 'missing' else 'Too much'}: {self.what}"

    def between(self, mine: str, other: str) -> str:
        """Return it in words, where neither is known to be right.

        Args:
            mine: What the one answer is called.
            other: What the other is called.
        """
        if self.kind == "other":
            return f"{self.what} is {self.right} in {other}, {self.mine} in {mine}"
        has, lacks = (other, mine) if self.kind == "missing" else (mine, other)
        return f"{self.what} is in {has}, not in {lacks}"


def differences(
    own: Mapping[str, Any], right: Mapping[str, Any], keys: Iterable[str], text: str = ""
) -> list[Difference]:
    """Return what an answer has other than another one; empty where they say the same.

    Args:
        own: The answer, with its `answer`.
        right: The other one.
        keys: The keys that the view writes; none for questions that take yes or no.
        text: The text that spans are on, where the answers have none of their own; raw, like what
            is returned.
    """
    keys = [key for key in keys if key != "tokens"]  # which no person writes
    own_text, right_text = text_of(own, text), text_of(right, text)
    reworded = own_text != right_text and "text" not in keys
    if said(own, keys) == said(right, keys) and not reworded:
        return []
    found = []
    if reworded:
        found.append(Difference("other", "The text", *_where_they_part(own_text, right_text)))
        # Offsets in two texts have nothing in common.
        keys = [key for key in keys if key not in ("spans", "relations")]
    if own.get("answer") != right.get("answer"):
        found.append(
            Difference("other", "The answer", str(own.get("answer")), str(right.get("answer")))
        )
    for key in keys:
        found += _differences_under(key, own, right, text)
    return found or [Difference("other", "What a span says besides its label", "other", "this")]


def _differences_under(
    key: str, own: Mapping[str, Any], right: Mapping[str, Any], text: str
) -> Iterable[Difference]:
    """Return how two answers differ in what a view wrote under one key."""
    mine, other = own.get(key), right.get(key)
    if meaning(key, mine) == meaning(key, other):
        return ()
    if key == "spans":
        return _span_differences(listed(mine), listed(other), text_of(right, text))
    if key == "relations":
        return _only(relation_words(own, text), relation_words(right, text))
    if key == "accept":
        return _only(choice_words(own), choice_words(right))
    if isinstance(mine, list) and isinstance(other, list) and key != "pages":
        return _only([words_of(each) for each in mine], [words_of(each) for each in other])
    return _written(key, words_of(mine), words_of(other)) if mine or other else ()


def word_marks(texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Return where in each of some texts there are words that the others do not have: of the first
    those that any other lacks, of the others those that the first lacks. A long run of words that
    begins and ends with other ones is marked as a whole.

    Args:
        texts: The texts.
    """
    first, *others = [[(m.start(), m.end()) for m in _WORD.finditer(text)] for text in texts]
    lacking: set[int] = set()
    found: list[list[tuple[int, int]]] = []
    for text, words in zip(texts[1:], others, strict=True):
        own: list[tuple[int, int]] = []
        for a, b, c, d in _changed(texts[0], first, text, words):
            lacking.update(range(a, b))
            own += words[c:d]
        found.append(own)
    return [[first[at] for at in sorted(lacking)], *found]


def word_changes(one: str, other: str) -> list[tuple[str, str]]:
    """Return the words that one text has, and what the other one has in their place."""
    mine, its = ([(m.start(), m.end()) for m in _WORD.finditer(each)] for each in (one, other))
    return [
        (_between(one, mine[a:b]), _between(other, its[c:d]))
        for a, b, c, d in _changed(one, mine, other, its)
    ]


def _between(text: str, words: Sequence[tuple[int, int]]) -> str:
    return " ".join(text[words[0][0] : words[-1][1]].split()) if words else ""


def _changed(
    one: str, mine: Sequence[tuple[int, int]], other: str, its: Sequence[tuple[int, int]]
) -> list[tuple[int, int, int, int]]:
    """Return which words of one text, from and to, stand for which of the other."""
    a = [one[start:end] for start, end in mine]
    b = [other[start:end] for start, end in its]
    shared = min(len(a), len(b))
    front = next((at for at in range(shared) if a[at] != b[at]), shared)
    rest = range(1, shared - front + 1)
    back = next((at - 1 for at in rest if a[-at] != b[-at]), shared - front)
    inner_a, inner_b = a[front : len(a) - back], b[front : len(b) - back]
    if not (inner_a or inner_b):
        return []
    if len(inner_a) * len(inner_b) > _COMPARED**2 or not (inner_a and inner_b):
        return [(front, len(a) - back, front, len(b) - back)]
    from difflib import SequenceMatcher  # few texts are compared word by word

    found = SequenceMatcher(None, inner_a, inner_b, autojunk=False).get_opcodes()
    return [
        (w + front, x + front, y + front, z + front) for tag, w, x, y, z in found if tag != "equal"
    ]


def _written(key: str, mine: str, its: str) -> list[Difference]:
    """Return what a text that was written says other than another one: the words that differ, where
    most of them do not."""
    changes = word_changes(mine, its)
    words = len(_WORD.findall(mine)) + len(_WORD.findall(its))
    differ = sum(len(_WORD.findall(each)) for change in changes for each in change)
    if len(mine) + len(its) <= 2 * _SHOWN or 2 * differ > words or len(changes) > MOST_TOLD:
        return [Difference("other", key, f"“{mine}”", f"“{its}”")]
    found = []
    for lacks, has in changes:
        if has and lacks:
            found.append(Difference("other", f"A part of {key}", f"“{lacks}”", f"“{has}”"))
        else:
            kind: Literal["missing", "more"] = "missing" if has else "more"
            found.append(Difference(kind, f"“{has or lacks}” in {key}"))
    return found


def text_of(answer: Mapping[str, Any], text: str) -> str:
    """Return an answer's own text, else the one given; raw."""
    own = answer.get("text")
    return own if isinstance(own, str) else text


def _where_they_part(mine: str, its: str) -> tuple[str, str]:
    """Return what two texts say where they begin to differ, each in quotes."""
    differ = (at for at, (one, other) in enumerate(zip(mine, its, strict=False)) if one != other)
    first = max(0, next(differ, min(len(mine), len(its))) - _BEFORE)
    return _piece(mine, first), _piece(its, first)


def _piece(text: str, first: int) -> str:
    words = " ".join(text[first : first + _SHOWN].split())
    return f"“{'…' if first else ''}{words}{'…' if first + _SHOWN < len(text) else ''}”"


def listed(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list; none where it is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def words_of(value: Any) -> str:
    """Return a value of an answer as text; raw."""
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else dumps(in_order(value))


def _only(mine: Sequence[str], right: Sequence[str]) -> list[Difference]:
    """Return what only the one, or only the other one, has."""
    missing, more = Counter(right) - Counter(mine), Counter(mine) - Counter(right)
    return [
        *(Difference("missing", each) for each in missing.elements()),
        *(Difference("more", each) for each in more.elements()),
    ]


def _span_differences(
    mine: Sequence[Mapping[str, Any]], right: Sequence[Mapping[str, Any]], text: str
) -> list[Difference]:
    found: list[Difference] = []
    have, want = {_key(each) for each in mine}, {_key(each) for each in right}
    extra = _Extra([each for each in mine if _key(each) not in want])
    for span in right:
        if _key(span) in have:
            continue
        label = extra.take_extent(span)
        if label is not None:
            names = str(label.get("label")), str(span.get("label"))
            found.append(Difference("other", _shown(span, text), *names))
            continue
        ends = extra.take_overlapping(span)
        if ends is not None:
            about = str(span.get("label"))
            found.append(Difference("other", about, _shown(ends, text), _shown(span, text)))
        else:
            found.append(Difference("missing", f"{_shown(span, text)} {span.get('label')}"))
    more = (
        Difference("more", f"{_shown(each, text)} {each.get('label')}") for each in extra.left()
    )
    return [*found, *more]


class _Extra:
    """Spans that only one answer has, found by what they share with a span of the other.

    Args:
        spans: The spans, in their order.
    """

    def __init__(self, spans: Sequence[Mapping[str, Any]]) -> None:
        self._spans = dict(enumerate(spans))
        self._by_extent: dict[tuple[Any, Any], list[int]] = {}
        by_label: dict[Any, list[tuple[int, int, int]]] = {}
        for at, span in self._spans.items():
            start, end, label = _key(span)
            self._by_extent.setdefault((start, end), []).append(at)
            if type(start) is int and type(end) is int:
                by_label.setdefault(label, []).append((start, end, at))
        self._by_label = {label: sorted(places) for label, places in by_label.items()}
        # No span that begins before one of these ends behind its number.
        self._ends = {
            label: list(accumulate((end for _, end, _ in places), max))
            for label, places in self._by_label.items()
        }

    def take_extent(self, span: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the first span with the same ends, once; None where there is none."""
        for at in self._by_extent.get(_key(span)[:2], ()):
            if at in self._spans:
                return self._spans.pop(at)
        return None

    def take_overlapping(self, span: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the first span with the same label that shares text, once; None if none does."""
        start, end, label = _key(span)
        if type(start) is not int or type(end) is not int:
            return None
        places, ends = self._by_label.get(label, []), self._ends.get(label, [])
        found = None
        for number in range(bisect_left(places, (end,)) - 1, -1, -1):
            if ends[number] <= start:
                break
            _, last, at = places[number]
            if last > start and at in self._spans:
                found = at if found is None else min(found, at)
        return None if found is None else self._spans.pop(found)

    def left(self) -> Iterable[Mapping[str, Any]]:
        """Return the spans that were not taken, in their order."""
        return self._spans.values()


def _key(span: Mapping[str, Any]) -> tuple[Any, Any, str]:
    return span.get("start"), span.get("end"), dumps(span.get("label"))


def _shown(span: Mapping[str, Any], text: str) -> str:
    return f"“{quoted(span, text)}”" if type(span.get("start")) is int else "A part of the picture"
