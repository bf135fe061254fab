"""How a column of a token file tags: what its cells say, and what tells that it is one.

Schemes are `B-PER`, `PER-B`, bare positions, bare labels, brackets and numbered spans.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

Scheme: TypeAlias = Literal[
    "prefixed", "suffixed", "bare", "labels", "brackets", "numbered", "chains"
]
"""How a column tags: `B-PER`; `PER-B`; `B` without a label; `PER` without a position; `(PER*`;
`1:PER` at the first token of a span and `1` at its others; `(12` and `12)` for mentions of one
entity."""

OUTSIDE = frozenset({"O", "o", "_", "-", ""})

_PREFIXED = re.compile(r"[BILUSEMO][-_].+", re.DOTALL)
_SUFFIXED = re.compile(r"(.+)[-_]([BILUSEM])", re.DOTALL)
_BARE = frozenset("BILUSEM")
_LABEL = re.compile(r"[^\W\d_][\w./:+&-]*")
_BRACKETS = re.compile(r"\(([^()*|\s]+)|([^()*|\s]+)\)|[)*|]")
_NUMBERED = re.compile(r"[*_]|\d+(?::[^;|\s]+)?(?:;\d+(?::[^;|\s]+)?)*")
_CHAINS = re.compile(r"[-_*]|(?:\(\d+\)?|\d+\))(?:\|(?:\(\d+\)?|\d+\)))*")
_PHRASES = frozenset(
    re.findall(
        r"\w+",
        "NP VP PP ADVP ADJP SBAR PRT CONJP INTJ LST UCP NC VC PC S SBARQ SQ SINV TOP ROOT WHNP"
        " WHPP WHADVP WHADJP QP NML NX NAC FRAG RRC PRN X UH",
    )
)
_ROLE = re.compile(r"V|C-V|(?:[CR]-)?(?:A|ARG)[0-9A]|(?:[CR]-)?(?:AM|ARGM)-.*|\d+")
_MOST = 0.5


def split_tag(tag: str, scheme: Scheme) -> tuple[str, str] | None:
    """Return the position (`B`, `I` ...) and the label of a tag; None outside.

    Raises:
        ValueError: It is no tag of the scheme.
    """
    if tag in OUTSIDE:
        return None
    if scheme == "labels":
        return "I", tag
    if scheme == "bare":
        if tag not in _BARE:
            raise ValueError(tag)
        return tag, ""
    if scheme == "suffixed":
        parts = _SUFFIXED.fullmatch(tag)
        if parts is None:
            raise ValueError(tag)
        return parts[2], parts[1]
    if not _PREFIXED.fullmatch(tag) or tag[0] == "O":
        raise ValueError(tag)
    return tag[0], tag[2:]


def split_stacked(tags: Sequence[str]) -> list[list[str]] | None:
    """Return the tags of each token where some have several, such as `B-ORG|U-GPE` for spans within
    others; None where none has, or where `|` belongs to a label."""
    split = [tag.split("|") for tag in tags]
    if all(len(each) == 1 for each in split):
        return None
    parts = [part for each in split for part in each]
    # `O-X` is no tag, although it has the form of one.
    fitting = all(
        part in OUTSIDE or (_PREFIXED.fullmatch(part) and part[0] != "O") for part in parts
    )
    return [[part for part in each if part not in OUTSIDE] for each in split] if fitting else None


def split_brackets(cell: str) -> list[tuple[str, bool]]:
    """Return what a cell of brackets does, in order: a label and whether it is opened.

    An empty label closes what was opened last.
    """
    found = []
    for match in _BRACKETS.finditer(cell):
        if match[1]:
            found.append((match[1], True))
        elif match[2] or match[0] == ")":
            found.append((match[2] or "", False))
    return found


def is_tag(cell: str, scheme: Scheme) -> bool:
    """Tell whether a cell is a tag of a scheme."""
    cell = cell.strip()
    if scheme == "brackets":
        return is_bracketed(cell)
    if scheme == "numbered":
        return bool(_NUMBERED.fullmatch(cell))
    if scheme == "chains":
        return bool(_CHAINS.fullmatch(cell))
    if scheme == "labels":
        return cell in OUTSIDE or bool(_LABEL.fullmatch(cell))
    try:
        split_tag(cell, scheme)
    except ValueError:
        return False
    return True


def _are_prefixed(values: list[str]) -> bool:
    marked = [value for value in values if _PREFIXED.fullmatch(value)]
    fitting = sum(value in OUTSIDE for value in values) + len(marked)
    return bool(marked) and fitting > _MOST * len(values)


def _are_suffixed(values: list[str]) -> bool:
    """Tell whether positions stand behind the labels. `VITAMIN-B` alone is a label: one at least
    must be both begun and gone on with."""
    marked = [value for value in values if value not in OUTSIDE]
    parts = [match for value in marked if (match := _SUFFIXED.fullmatch(value))]
    begun = {match[1] for match in parts if match[2] in "BUS"}
    within = {match[1] for match in parts if match[2] in "IELM"}
    return len(parts) == len(marked) and bool(begun & within)


def _are_bare(values: list[str]) -> bool:
    found = set(values)
    return "B" in found and found <= _BARE | {"O"}


def _are_labels(values: list[str]) -> bool:
    """Tell whether values are labels or `O`, which most tokens have."""
    counts = Counter(values)
    labels = [value for value in counts if value not in OUTSIDE]
    # Tags occur again and again, words hardly.
    few = len(counts) * 2 <= len(values)
    return (
        counts["O"] > 0
        and bool(labels)
        and (few or counts["O"] >= max(counts.values()))
        and all(_LABEL.fullmatch(label) for label in labels)
    )


def _are_brackets(values: list[str]) -> bool:
    opened = any("(" in value and len(value) > 1 for value in values)
    return opened and all(map(is_bracketed, values))


def is_bracketed(cell: str) -> bool:
    """Tell whether nothing but brackets with labels stands in a cell, such as `(ORG*` or `*)`."""
    return bool(cell) and _BRACKETS.sub("", cell) in ("", "_", "-")


def _are_numbered(values: list[str]) -> bool:
    """Tell whether spans are numbered, as those of PARSEME are: `*` is outside of all."""
    named = any(":" in value for value in values)
    return named and "*" in values and all(map(_NUMBERED.fullmatch, values))


SEARCHES: tuple[tuple[Scheme, Callable[[list[str]], bool]], ...] = (
    ("numbered", _are_numbered),
    ("prefixed", _are_prefixed),
    ("suffixed", _are_suffixed),
    ("brackets", _are_brackets),
    ("bare", _are_bare),
    ("labels", _are_labels),
)
"""What tells that a column tags in some way, the surest first."""


def are_chains(values: Sequence[str]) -> bool:
    """Tell whether a column has mentions by the number of their entity: `(12`, `12)` and `(8)`."""
    return any("(" in value for value in values) and all(map(_CHAINS.fullmatch, values))


def is_syntax(values: list[str], scheme: Scheme) -> bool:
    """Tell whether the labels of a column are those of phrases or roles, and not of names."""
    if scheme == "brackets":
        labels = {label for value in values for label in re.findall(r"\(([^()*|_\s]+)", value)}
    elif scheme == "prefixed":
        labels = {value[2:] for value in values if _PREFIXED.fullmatch(value)}
    else:
        return False
    return bool(labels) and all(label in _PHRASES or _ROLE.fullmatch(label) for label in labels)
