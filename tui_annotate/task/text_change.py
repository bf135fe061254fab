"""Spans, tokens and relations of a text that was corrected: they move with what they stand on.

A span whose words are still there goes on standing on them; one whose words were replaced as a
whole stands on the new ones. What was cut in two, or is gone, is told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from tui_annotate.records import NamedTuple
from tui_annotate.task.schema import Task
from tui_annotate.task.tokenize import Tokens, tokenize

_UNITS = re.compile(r"\s+|\w+|[^\w\s]")
_MOST = 4_000_000
"""Pairs of words that are compared at most; of more, all from the first change on is one change."""


class Region(NamedTuple):
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
        moved = [_moved(each, old, new, regions, tokens, told) for each in task["spans"]]
        fields["spans"] = [each for each in moved if each is not None]
    if isinstance(task.get("relations"), list):
        links = [_relation(each, task, new, regions, tokens, told) for each in task["relations"]]
        fields["relations"] = [each for each in links if each is not None]
    return Moved(fields, tuple(told))


def regions_between(old: str, new: str) -> list[Region]:
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
        Region(starts[i1], starts[i2], new_starts[j1], new_starts[j2])
        for tag, i1, i2, j1, j2 in codes
        if tag != "equal"
    ]


def _offsets(words: Sequence[str], start: int) -> list[int]:
    offsets = [start]
    for word in words:
        offsets.append(offsets[-1] + len(word))
    return offsets


def moved_range(start: int, end: int, regions: Sequence[Region]) -> tuple[int, int, bool] | None:
    """Return where a range of the old text is in the new one, and whether it was cut.

    Returns:
        None where nothing is left of it.
    """
    shift_start = shift_end = 0
    new_start: int | None = None
    new_end: int | None = None
    cut = False
    for each in regions:
        grown = each.new_end - each.end
        if each.end <= start:
            shift_start = grown
        elif each.start <= start:
            new_start = each.new_start if each.start == start else each.new_end
            cut = cut or each.start < start
        if each.end <= end and each.start < end:
            shift_end = grown
        elif each.start < end < each.end:
            new_end, cut = each.new_start, True
    new_start = start + shift_start if new_start is None else new_start
    new_end = end + shift_end if new_end is None else new_end
    return (new_start, new_end, cut) if new_start < new_end else None


def _moved(
    span: Any,
    old: str,
    new: str,
    regions: Sequence[Region],
    tokens: Tokens,
    told: list[str],
) -> Any:
    """Return a span in the new text; None where nothing is left of it. What is no span stays."""
    if not isinstance(span, Mapping):
        return span
    start, end = span.get("start"), span.get("end")
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(old):
        return dict(span)
    what = f"{span.get('label') or 'a span'} on {old[start:end]!r}"
    found = moved_range(start, end, regions)
    if found is not None:
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
    covered = tokens.covering(found[0], found[1])
    if covered is not None:
        moved["token_start"], moved["token_end"] = covered
    return moved


def _move_pieces(span: dict[str, Any], regions: Sequence[Region]) -> None:
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


def _relation(
    link: Any,
    task: Task,
    new: str,
    regions: Sequence[Region],
    tokens: Tokens,
    told: list[str],
) -> Any:
    """Return a relation between tokens of the new text; None where an end of it is gone."""
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
        moved[end] = covered[1]
        side = link.get(f"{end}_span")
        if isinstance(side, Mapping):
            moved[f"{end}_span"] = _moved(side, task["text"], new, regions, tokens, [])
    return moved
