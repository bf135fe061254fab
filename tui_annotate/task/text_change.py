"""Spans, tokens and relations of a text that was corrected: they move with what they stand on.

A span whose words are still there goes on standing on them; one whose words were replaced as a
whole stands on the new ones. What was cut in two, or is gone, is told.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.schema import Task
from tui_annotate.task.tokenize import Tokens, tokenize

_UNITS = re.compile(r"\s+|\w+|[^\w\s]")
_MOST = 4_000_000
"""Pairs of words that are compared at most; of more, all from the first change on is one change."""


class ChangedRegion(NamedTuple):
    """Code points `start` to `end` of the old text, which are `new_start` to `new_end` now."""

    start: int
    end: int
    new_start: int
    new_end: int


class Moved(NamedTuple):
    """What became of a task.

    Attributes:
        fields: `spans`, `tokens` and `relations`, as far as the task has them.
        told: A sentence for each span or relation that was cut or is gone.
    """

    fields: dict[str, Any]
    told: tuple[str, ...]


def follow_text(task: Task, new: str) -> Moved:
    """Return what a task has beside its text, moved to another text.

    Args:
        task: The task with the old text; it is not changed.
        new: The new text.
    """
    old = task["text"]
    if old == new:
        return Moved({}, ())
    regions, tokens = regions_between(old, new), tokenize(new)
    fields: dict[str, Any] = {}
    told: list[str] = []
    if isinstance(task.get("tokens"), list):
        fields["tokens"] = tokens.to_dicts(new)
    if isinstance(task.get("spans"), list):
        moved = [moved_span(each, old, new, regions, tokens, told) for each in task["spans"]]
        fields["spans"] = [each for each in moved if each is not None]
    if isinstance(task.get("relations"), list):
        links = [
            moved_relation(each, task, new, regions, tokens, told) for each in task["relations"]
        ]
        fields["relations"] = [each for each in links if each is not None]
    return Moved(fields, tuple(told))


def regions_between(old: str, new: str) -> list[ChangedRegion]:
    """Return where two texts differ, by words, in order."""
    before, after = _UNITS.findall(old), _UNITS.findall(new)
    first = 0
    while first < min(len(before), len(after)) and before[first] == after[first]:
        first += 1
    last = 0
    most = min(len(before), len(after)) - first
    while last < most and before[-1 - last] == after[-1 - last]:
        last += 1
    one, other = before[first : len(before) - last], after[first : len(after) - last]
    codes = [("replace", 0, len(one), 0, len(other))]
    if len(one) * len(other) <= _MOST:
        codes = [*SequenceMatcher(None, one, other, autojunk=False).get_opcodes()]
    left = sum(map(len, before[:first]))
    starts, new_starts = _offsets(one, left), _offsets(other, left)
    return [
        ChangedRegion(starts[i1], starts[i2], new_starts[j1], new_starts[j2])
        for tag, i1, i2, j1, j2 in codes
        if tag != "equal"
    ]


def _offsets(words: Sequence[str], start: int) -> list[int]:
    offsets = [start]
    for word in words:
        offsets.append(offsets[-1] + len(word))
    return offsets


def moved_range(
    start: int, end: int, regions: Sequence[ChangedRegion]
) -> tuple[int, int, bool] | None:
    """Return where a range of the old text is in the new one, and whether it was cut.

    Returns:
        None where nothing is left of it.
    """
    shift_start = shift_end = 0
    new_start: int | None = None
    new_end: int | None = None
    cut = False
    for each in regions:
        # How far all that stands behind this region has moved.
        grown = each.new_end - each.end
        if each.end <= start:
            shift_start = grown
        elif each.start <= start:
            # Text that stands in place of the first characters belongs to the range, text in place
            # of what began before it does not.
            new_start = each.new_start if each.start == start else each.new_end
            cut = cut or each.start < start
        if each.end <= end and each.start < end:
            shift_end = grown
        elif each.start < end < each.end:
            new_end, cut = each.new_start, True
    new_start = start + shift_start if new_start is None else new_start
    new_end = end + shift_end if new_end is None else new_end
    return (new_start, new_end, cut) if new_start < new_end else None


def retokenized(tokens: Tokens, old: str, new: str, regions: Sequence[ChangedRegion]) -> Tokens:
    """Return the tokens of a text that was changed. Those that a task brought stay outside of what
    was changed, with all that they say.

    Args:
        tokens: Those of the old text.
        old: The old text.
        new: The new text.
        regions: Where the two differ, in order; at least one.
    """
    if not tokens.given:
        return tokenize(new)
    kept = bisect_right(tokens.ends, regions[0].start)
    rest = bisect_left(tokens.starts, regions[-1].end)
    grown = regions[-1].new_end - regions[-1].end
    begin = tokens.ends[kept - 1] if kept else 0
    end = tokens.starts[rest] + grown if rest < len(tokens) else len(new)
    given = tokens.to_dicts(old)
    # From here on in places of the task's list, which has tokens without characters too.
    kept = tokens.number(kept - 1) + 1 if kept else tokens.number(0)
    rest = tokens.number(rest) if rest < len(tokens) else tokens.number(len(tokens) - 1) + 1
    between = tokenize(new[begin:end]).to_dicts(new[begin:end])
    dicts: list[dict[str, Any]] = [{**each} for each in given[:kept]]
    dicts += [
        {**each, "start": each["start"] + begin, "end": each["end"] + begin} for each in between
    ]
    dicts += [
        {**each, "start": each["start"] + grown, "end": each["end"] + grown}
        for each in given[rest:]
    ]
    for number, token in enumerate(dicts[kept:], kept):
        if "id" in token:
            token["id"] = number
    for number in range(max(0, kept - 1), min(len(dicts), kept + len(between))):
        following = dicts[number + 1]["start"] if number + 1 < len(dicts) else len(new)
        if "ws" in dicts[number]:
            dicts[number]["ws"] = following > dicts[number]["end"]
    return Tokens.from_dicts(new, dicts)


def moved_span(
    span: Any,
    old: str,
    new: str,
    regions: Sequence[ChangedRegion],
    tokens: Tokens,
    told: list[str],
) -> Any:
    """Return a span in the new text; None where nothing is left of it. What is no span stays.

    Args:
        span: The span as tasks hold it.
        old: The old text.
        new: The new text.
        regions: Where the two differ, in order.
        tokens: The tokens of the new text.
        told: Gets a sentence where the span was cut or is gone.
    """
    if not isinstance(span, Mapping):
        return span
    start, end = span.get("start"), span.get("end")
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(old):
        return dict(span)
    what = f"{span.get('label') or 'a span'} on {old[start:end]!r}"
    found = moved_range(start, end, regions)
    is_touched = any(each.start < end and start < each.end for each in regions)
    if found is not None and is_touched:
        # What was cut off may leave a blank at an end, which nobody marked.
        piece = new[found[0] : found[1]]
        left = found[0] + len(piece) - len(piece.lstrip())
        right = found[1] - len(piece) + len(piece.rstrip())
        found = (left, right, found[2]) if left < right else None
    if found is None:
        told.append(f"{what} is gone")
        return None
    moved = {**span, "start": found[0], "end": found[1]}
    if found[2]:
        told.append(f"{what} was cut to {new[found[0] : found[1]]!r}")
    if "text" in span:
        moved["text"] = new[found[0] : found[1]]
    if isinstance(span.get("pieces"), list):
        _move_pieces(moved, regions)
    for key in ("token_start", "token_end"):
        moved.pop(key, None)
    covered = tokens.numbers(found[0], found[1])
    if covered is not None:
        moved["token_start"], moved["token_end"] = covered
    return moved


def _move_pieces(span: dict[str, Any], regions: Sequence[ChangedRegion]) -> None:
    """Move the pieces of a discontinuous span; with fewer than two it is one whole again."""
    try:
        found = [moved_range(int(a), int(b), regions) for a, b in span["pieces"]]
    except (TypeError, ValueError):
        return
    pieces = [[each[0], each[1]] for each in found if each is not None]
    if len(pieces) < 2:
        del span["pieces"]
    else:
        pieces[0][0], pieces[-1][1] = span["start"], span["end"]
        span["pieces"] = pieces


def moved_relation(
    link: Any,
    task: Task,
    new: str,
    regions: Sequence[ChangedRegion],
    tokens: Tokens,
    told: list[str],
) -> Any:
    """Return a relation between tokens of the new text; None where an end of it is gone.

    Args:
        link: The relation as tasks hold it. What is no relation stays.
        task: The old `text`, and the `tokens` that `head` and `child` are numbers of.
        new: The new text.
        regions: Where the two differ, in order.
        tokens: The tokens of the new text.
        told: Gets a sentence where the relation is gone.
    """
    if not isinstance(link, Mapping):
        return link
    moved = dict(link)
    given = task.get("tokens")
    old_tokens = given if isinstance(given, list) else tokenize(task["text"]).to_dicts(task["text"])
    for end in ("head", "child"):
        number = link.get(end)
        if type(number) is not int or not 0 <= number < len(old_tokens):
            return moved
        token = old_tokens[number]
        found = moved_range(token["start"], token["end"], regions)
        covered = tokens.snap(found[0], found[1]) if found is not None else None
        if covered is None:
            told.append(f"a relation {link.get('label') or ''} is gone: an end of it is".rstrip())
            return None
        moved[end] = tokens.number(covered[1])
        side = link.get(f"{end}_span")
        if isinstance(side, Mapping):
            moved[f"{end}_span"] = moved_span(side, task["text"], new, regions, tokens, [])
    return moved
