"""The Unicode bidirectional algorithm (UAX #9) for text without explicit formatting codes.

Codes that would change the order are shown as marks, so nothing in data can turn a text around:
what is left are the rules W1 to W7, N0 to N2, I1, I2, L1 and L2.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from unicodedata import bidirectional

from tui_annotate.text.characters import RIGHT_TO_LEFT, split

_WORD = f"{RIGHT_TO_LEFT}{{1,32}}"
_WORD_LETTERS = 8
_PAIRS = dict(zip("([{⁅⟦⟨⟪〈《「『【〔", ")]}⁆⟧⟩⟫〉》」』】〕", strict=True))
_CLOSING = {closing: opening for opening, closing in _PAIRS.items()}
_MIRRORED = dict(zip("<>«»‹›≤≥≪≫", "><»«›‹≥≤≫≪", strict=True)) | _PAIRS | _CLOSING
_STRONG = {"L": 0, "R": 1, "AL": 1}
_NEUTRAL = frozenset(("B", "S", "WS", "ON"))
_FIRST_STRONG_WITHIN = 5_000
_DEEPEST_PAIRS = 63


def right_to_left_word(text: str) -> str:
    """Return at most 8 letters of a text that tell from which side they are read; else ""."""
    for found in () if text.isascii() else re.finditer(_WORD, text):
        word = "".join(split(found[0])[:_WORD_LETTERS])
        letters = [each for each in word if _bidi_class(each) in ("R", "AL")]
        if letters != letters[::-1]:
            return word
    return ""


def mirrored(character: str) -> str:
    """Return what a bracket looks like in text that runs from right to left."""
    return _MIRRORED.get(character, character)


def base_level(paragraph: str) -> int:
    """Return 1 where the first letter of a paragraph runs from right to left, else 0."""
    for character in paragraph[:_FIRST_STRONG_WITHIN]:
        level = _STRONG.get(_bidi_class(character))
        if level is not None:
            return level
    return 0


def levels(text: str, base: int) -> list[int]:
    """Return the embedding level of each character of (a part of) one paragraph.

    Args:
        text: Without formatting codes: those count as marks.
        base: The level of the paragraph, 0 or 1.
    """
    classes = _resolved_weak([_bidi_class(each) for each in text], base)
    _resolve_brackets(text, classes, base)
    _resolve_neutral(classes, base)
    return [_level(each, base) for each in classes]


def with_blanks_reset(text: str, found: Sequence[int], base: int) -> list[int]:
    """Return the levels of a row with those of the blanks at its end, and of tabs, reset (L1)."""
    result = list(found)
    at_end = True
    for index in range(len(text) - 1, -1, -1):
        kind = _bidi_class(text[index])
        if kind in ("B", "S") or (at_end and kind == "WS"):
            result[index] = base
            at_end = True
        else:
            at_end = False
    return result


def visual_order(found: Sequence[int]) -> list[int]:
    """Return the places of a row's elements from left to right, given their levels (L2)."""
    order = list(range(len(found)))
    odd = [level for level in found if level % 2]
    for level in range(max(found, default=0), min(odd, default=1) - 1, -1):
        start = None
        for index in range(len(order) + 1):
            deep = index < len(order) and found[index] >= level
            if deep and start is None:
                start = index
            elif not deep and start is not None:
                order[start:index] = order[start:index][::-1]
                start = None
    return order


@lru_cache(maxsize=8192)
def _bidi_class(character: str) -> str:
    return bidirectional(character) or "L"


def _level(kind: str, base: int) -> int:
    if base:
        return 1 if kind == "R" else 2
    return {"L": 0, "R": 1}.get(kind, 2)


def _resolved_weak(classes: list[str], base: int) -> list[str]:
    """Apply W1 to W7; `AL` becomes `R`."""
    edge = "R" if base else "L"
    before = strong = edge
    found = []
    for kind in classes:
        if kind in ("NSM", "BN"):  # W1; what has no width goes along with what it follows
            kind = before
        if kind in _STRONG:
            strong = kind
        elif kind == "EN" and strong == "AL":  # W2
            kind = "AN"
        found.append(kind)
        before = kind
    found = ["R" if kind == "AL" else kind for kind in found]  # W3
    _join_numbers(found)
    strong = edge
    for index, kind in enumerate(found):
        if kind in ("ES", "ET", "CS"):  # W6
            found[index] = "ON"
        elif kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":  # W7
            found[index] = "L"
    return found


def _join_numbers(found: list[str]) -> None:
    """Apply W4 and W5: separators and currency signs of numbers belong to them."""
    for index in range(1, len(found) - 1):
        left, kind, right = found[index - 1 : index + 2]
        if left == right and (
            (kind == "CS" and left in ("EN", "AN")) or (kind == "ES" and left == "EN")
        ):
            found[index] = left
    index = 0
    for kind, group in groupby(list(found)):
        end = index + len(list(group))
        # What stands on either side; at the start the first slice is empty, not the last of all.
        if kind == "ET" and "EN" in (found[index - 1 : index] + found[end : end + 1]):
            found[index:end] = ["EN"] * (end - index)
        index = end


def _resolve_brackets(text: str, classes: list[str], base: int) -> None:
    """Apply N0: both brackets of a pair run as what they enclose, or as what stands before."""
    own, edge = ("R", "R") if base else ("L", "L")
    for opening, closing in _bracket_pairs(text, classes):
        inside = {_strong(kind) for kind in classes[opening + 1 : closing]} - {None}
        if own in inside:
            found = own
        elif inside:
            other = "L" if own == "R" else "R"
            context = (_strong(kind) for kind in reversed(classes[:opening]))
            found = other if next((c for c in context if c), edge) == other else own
        else:
            continue
        classes[opening] = classes[closing] = found


def _bracket_pairs(text: str, classes: Sequence[str]) -> list[tuple[int, int]]:
    pairs = []
    waiting: list[tuple[str, int]] = []
    for index, character in enumerate(text):
        if classes[index] != "ON":
            continue
        if character in _PAIRS:
            if len(waiting) == _DEEPEST_PAIRS:
                break
            waiting.append((character, index))
        elif character in _CLOSING:
            opening = _CLOSING[character]
            depth = next(
                (d for d in range(len(waiting) - 1, -1, -1) if waiting[d][0] == opening), None
            )
            if depth is not None:
                pairs.append((waiting[depth][1], index))
                del waiting[depth:]
    return sorted(pairs)


def _strong(kind: str) -> str | None:
    """Return the direction that a class stands for to neutral ones; numbers run as `R`."""
    return {"L": "L", "R": "R", "EN": "R", "AN": "R"}.get(kind)


def _resolve_neutral(classes: list[str], base: int) -> None:
    """Apply N1 and N2: neutrals run as what is on both of their sides, else as the paragraph."""
    edge = "R" if base else "L"
    index, before = 0, edge
    for neutral, group in groupby(list(classes), key=_NEUTRAL.__contains__):
        end = index + len(list(group))
        if neutral:
            after = _strong(classes[end]) if end < len(classes) else edge
            classes[index:end] = [before if before == after else edge] * (end - index)
        else:
            before = _strong(classes[end - 1]) or edge
        index = end
