"""Texts with the aspects and opinions in them behind `####`, as ASTE and ASQP have them."""

from __future__ import annotations

import ast
import re
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.base import left_out
from tui_annotate.sources.relation_links import Span
from tui_annotate.sources.token_tasks import place
from tui_annotate.sources.txt import TxtSource

_LINE = re.compile(r"(.*\S)\s*####\s*(\[.*\])\s*")
_SENTIMENTS = frozenset(("pos", "neg", "neu", "positive", "negative", "neutral", "conflict"))
_LONGEST = 100_000
ASPECT, OPINION = "ASPECT", "OPINION"


class Opinion(NamedTuple):
    """An aspect, what is said of it, and how; of both ends either the numbers of their words, or
    the words themselves, and None for what the text does not name."""

    aspect: list[int] | str | None
    opinion: list[int] | str | None
    sentiment: str
    category: str = ""


def split_line(line: str) -> tuple[str, list[Opinion]] | None:
    """Return the text of a line and the opinions behind it; None for any other line."""
    parts = line.rstrip("\r\n").split("####")
    if len(parts) == _TAGGED_PARTS:
        return _of_tags(*parts)
    found = _LINE.fullmatch(line.rstrip("\r\n"))
    if found is None or len(found[2]) > _LONGEST:
        return None
    try:
        listed = ast.literal_eval(found[2])
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    opinions = [_opinion(each) for each in listed]
    kept = [each for each in opinions if each is not None]
    return (found[1], kept) if len(kept) == len(opinions) else None


def _of_tags(text: str, aspects: str, opinions: str) -> tuple[str, list[Opinion]] | None:
    """Return the text of a line with tags at its words, and its opinions; None for any other line.

    So the first version of ASTE has them. The number of T names an aspect, and as many S are what
    is said of it:

        The food was good but the menu dull
        The=O food=T-POS was=O good=O but=O the=O menu=TT-NEG dull=O
        The=O food=O was=O good=S but=O the=O menu=O dull=SS

    Args:
        text: The first part.
        aspects: The second.
        opinions: The third.
    """
    count = len(text.split())
    aspect_tags = _tags_of(aspects, _ASPECT, count)
    opinion_tags = _tags_of(opinions, _OPINION, count)
    if aspect_tags is None or opinion_tags is None:
        return None
    sentiments = {tag[1]: tag[2] for tag in aspect_tags if tag[1]}
    if not sentiments:
        return None
    found = []
    for name, sentiment in sentiments.items():
        places = [at for at, tag in enumerate(aspect_tags) if tag[1] == name]
        said = [at for at, tag in enumerate(opinion_tags) if len(tag[1] or "") == len(name)]
        # An aspect of which nothing is said has its sentiment all the same.
        found += [Opinion(places, each or None, sentiment) for each in _neighbours(said) or [[]]]
    return text.strip(), found


def _tags_of(part: str, form: re.Pattern[str], count: int) -> list[re.Match[str]] | None:
    """Return the tags of a part of a line; None if it has another number or form of them."""
    tags = [form.fullmatch(word.rpartition("=")[2]) for word in part.split()]
    found = [tag for tag in tags if tag is not None]
    return found if len(found) == len(tags) == count else None


def _neighbours(places: list[int]) -> list[list[int]]:
    """Return numbers of words in groups: words beside each other are one opinion."""
    groups: list[list[int]] = []
    for at in places:
        if groups and groups[-1][-1] == at - 1:
            groups[-1].append(at)
        else:
            groups.append([at])
    return groups


_TAGGED_PARTS = 3
_ASPECT = re.compile(r"O|(T+)-(POS|NEG|NEU)")
_OPINION = re.compile(r"O|(S+)")


def _opinion(value: Any) -> Opinion | None:
    """Return one tuple: aspect, opinion and sentiment, or aspect, category, sentiment and perhaps
    an opinion.

        ([2], [4], 'POS')
        ['menu', 'food quality', 'positive', 'great']
        ['menu', 'food quality', 'positive']
        ['menu', 'positive']
    """
    if not isinstance(value, list | tuple):
        return None
    parts = [*value]
    if len(parts) == 3 and _is_numbers(parts[0]) and _is_numbers(parts[1]):
        ends = [[*part] for part in parts[:2]]
        return Opinion(ends[0], ends[1], parts[2]) if isinstance(parts[2], str) else None
    if not all(isinstance(part, str) for part in parts):
        return None
    words: list[Any] = [None if part.upper() == "NULL" else part for part in parts]
    # The place of the sentiment tells which of the forms it is.
    at = next((n for n, part in enumerate(parts) if part.lower() in _SENTIMENTS), 0)
    if at == 2 and len(parts) in (3, 4):
        said = words[3] if len(words) == 4 else None
        return Opinion(words[0], said, parts[2], parts[1])
    return Opinion(words[0], None, parts[1]) if at == 1 and len(parts) == 2 else None


def _is_numbers(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(type(n) is int for n in value)


class OpinionTuplesSource(TxtSource):
    """Reads `text####[([2], [4], 'POS')]`: aspects and opinions are spans, each pair of them a
    relation that is called by its sentiment.

    An aspect without an opinion has its sentiment as an attribute, and all have their category so.
    """

    told = "aspects and opinions are spans, and sentiments the relations between them"

    def parse(self, data: bytes, notices: list[str]) -> dict[str, Any]:
        """Return the text of a line with its spans and relations.

        Raises:
            TaskError: There are no such tuples behind its text, or they name other words.
        """
        ((name, line),) = super().parse(data, notices).items()
        found = split_line(line)
        if found is None:
            raise TaskError("no list of opinions behind `####`", reason="bad-spans")
        text, opinions = found
        words = text.split()
        tokens = place(words, text, [False] * len(words))
        spans: dict[tuple[int, int, str], Span] = {}
        relations: list[dict[str, Any]] = []
        implied = 0
        for each in opinions:
            head = _span(each.aspect, ASPECT, words, tokens, spans)
            child = _span(each.opinion, OPINION, words, tokens, spans)
            implied += head is None and child is None
            about = [each.category] if each.category else []
            if head is not None and child is not None:
                ends = [{key: span[key] for key in _END} for span in (head, child)]
                relations.append({"head": head["token_end"], "child": child["token_end"],
                                  "head_span": ends[0], "child_span": ends[1],
                                  "label": each.sentiment})  # fmt: skip
                _add(head, "category", about)
            # A relation needs two ends; with one of them implied the other says all of it.
            elif head is not None or child is not None:
                _add(head or child or {}, "sentiment", [each.sentiment])
                _add(head or child or {}, "category", about)
        if implied:
            notices.append(left_out(implied, "opinions that no word of the text names"))
        listed = sorted(spans.values(), key=lambda span: (span["start"], -span["end"]))
        return {name: text, "tokens": tokens, "spans": listed, "relations": relations}


_END = ("start", "end", "token_start", "token_end", "label")


def _add(span: Span, name: str, values: list[str]) -> None:
    """Add to an attribute of a span what it does not have yet."""
    for value in values:
        held = span.setdefault("attributes", {})
        if value not in held.get(name, "").split(", "):
            held[name] = f"{held[name]}, {value}" if name in held else value


def _span(
    where: list[int] | str | None,
    label: str,
    words: list[str],
    tokens: list[dict[str, Any]],
    spans: dict[tuple[int, int, str], Span],
) -> Span | None:
    """Return the span of an end of an opinion, made where it is missing; None where the text does
    not name it.

    Raises:
        TaskError: `bad-spans`: there are no such words.
    """
    if where is None:
        return None
    numbers = _numbers(where, words) if isinstance(where, str) else where
    if not numbers or not all(0 <= number < len(words) for number in numbers):
        raise TaskError(f"the text does not have the words {str(where)[:60]!r}", reason="bad-spans")
    first, last = min(numbers), max(numbers)
    made = {"start": tokens[first]["start"], "end": tokens[last]["end"],
            "token_start": first, "token_end": last, "label": label}  # fmt: skip
    return spans.setdefault((first, last, label), made)


def _numbers(phrase: str, words: list[str]) -> list[int]:
    """Return the numbers of the words of a phrase, where it stands first; none for no place."""
    wanted = phrase.lower().split()
    lowered = [word.lower() for word in words]
    places = range(len(words) - len(wanted) + 1)
    first = next((at for at in places if lowered[at : at + len(wanted)] == wanted), None)
    return [] if first is None else [*range(first, first + len(wanted))]
