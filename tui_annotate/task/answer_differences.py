"""What one answer has other than another one, in words: for trainings, and for reviews."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.review import (
    choice_words,
    field_of,
    meaning,
    quoted,
    relation_words,
    said,
    versions_in,
)


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
    one: Mapping[str, Any], right: Mapping[str, Any], keys: Iterable[str], text: str = ""
) -> list[Difference]:
    """Return what an answer has other than another one; empty where they say the same.

    Args:
        one: The answer, with its `answer`.
        right: The other one.
        keys: The keys that the view writes; none for questions that take yes or no.
        text: The text that spans are on; raw, like what is returned.
    """
    keys = [key for key in keys if key != "tokens"]
    if said(one, keys) == said(right, keys):
        return []
    found = []
    if one.get("answer") != right.get("answer"):
        found.append(
            Difference("other", "The answer", str(one.get("answer")), str(right.get("answer")))
        )
    for key in keys:
        mine, its = one.get(key), right.get(key)
        if meaning(key, mine) == meaning(key, its):
            continue
        if key == "spans":
            found += _span_differences(_listed(mine), _listed(its), text)
        elif key == "relations":
            found += _only(relation_words(one, text), relation_words(right, text))
        elif key == "accept":
            found += _only(choice_words(one), choice_words(right))
        elif its or mine:
            found.append(Difference("other", key, f"“{_words(mine)}”", f"“{_words(its)}”"))
    return found or [Difference("other", "What a span says besides its label", "other", "this")]


def compared_lines(task: Mapping[str, Any]) -> list[str]:
    """Return in sentences what each further version of a review has other than the first; raw.

    Args:
        task: The task of a review; of every other task there is nothing.
    """
    text = task.get("text")
    text = text if isinstance(text, str) else ""
    versions = versions_in(task)
    keys = dict.fromkeys(("spans", "relations", "accept", *map(field_of, versions)))
    there = [key for key in keys if any(key in each for each in versions)]
    return [
        each.between(str(number), "1")
        for number, version in enumerate(versions[1:], 2)
        for each in differences(version, versions[0], there, text)
    ]


def _listed(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _words(value: Any) -> str:
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else dumps(value)


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
    extra = [each for each in mine if _key(each) not in want]
    for span in right:
        if _key(span) in have:
            continue
        label = next((each for each in extra if _key(each)[:2] == _key(span)[:2]), None)
        same = (each for each in extra if _key(each)[2] == _key(span)[2])
        ends = next((each for each in same if _overlap(each, span)), None)
        if label is not None:
            extra.remove(label)
            names = str(label.get("label")), str(span.get("label"))
            found.append(Difference("other", _shown(span, text), *names))
        elif ends is not None:
            extra.remove(ends)
            about = str(span.get("label"))
            found.append(Difference("other", about, _shown(ends, text), _shown(span, text)))
        else:
            found.append(Difference("missing", f"{_shown(span, text)} {span.get('label')}"))
    more = (Difference("more", f"{_shown(each, text)} {each.get('label')}") for each in extra)
    return [*found, *more]


def _key(span: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return span.get("start"), span.get("end"), span.get("label")


def _shown(span: Mapping[str, Any], text: str) -> str:
    return f"“{quoted(span, text)}”" if type(span.get("start")) is int else "A part of the picture"


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    ends = [one.get("start"), one.get("end"), other.get("start"), other.get("end")]
    if any(type(each) is not int for each in ends):
        return False
    return bool(one["start"] < other["end"] and other["start"] < one["end"])
