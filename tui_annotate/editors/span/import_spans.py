"""Takes up the spans that a task brings.

What can be kept is kept; each of these gives a note instead of an error:

- not an object, no whole-number `start` and `end`, no label, out of the text, empty, on white
  space only: set aside;
- no place on the text, but `token_start` and `token_end` of the task's own tokens: set to those;
- not on token boundaries: set to the whole tokens that it touches;
- the same start, end, label and extra keys as an earlier one: set aside;
- overlapping where that is forbidden: the longer one stays, of equally long ones the earlier.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tui_annotate.editors.span.spanset import SpanEntry, SpanSet
from tui_annotate.task.spans import Span
from tui_annotate.task.tokenize import Tokens
from tui_annotate.waiting import counted, here


def read_spans(
    raw: object, text: str, tokens: Tokens, *, overlap: bool
) -> tuple[list[SpanEntry], list[str]]:
    """Entries from the `spans` of a task.

    Args:
        raw: The value of the task's `spans`; None is the same as an empty list.
        text: The task's text.
        tokens: Its tokens.
        overlap: Whether spans may overlap.

    Returns:
        The spans that are kept, numbered in the order given, and the notes.

    Raises:
        Abandoned: Nobody waits for a task with so many spans any more.
    """
    if raw is None:
        return [], []
    if not isinstance(raw, list):
        return [], ["spans is not a list: all of it is set aside"]
    with here().on("reading its spans", of=len(raw), unit="spans"):
        return _read_listed(raw, text, tokens, overlap=overlap)


def _read_listed(
    raw: list[Any], text: str, tokens: Tokens, *, overlap: bool
) -> tuple[list[SpanEntry], list[str]]:
    notes: list[str] = []
    entries: list[SpanEntry] = []
    placed = 0  # spans whose place was found by their numbers of tokens
    for number, brought in enumerate(counted(raw), 1):
        item, problem = brought, _problem(brought, text)
        # Only the task's own tokens count: those that are made here may be cut elsewhere.
        by_tokens = _by_tokens(brought, text, tokens) if problem and tokens.given else None
        if by_tokens is not None:
            item, problem = by_tokens, _problem(by_tokens, text)
            placed += not problem
        entry = None if problem else _entry(item, text, tokens, len(entries))
        if entry is None:
            problem = problem or "lies on no token"
            notes.append(f"{_name(number, item)} {problem}: it is set aside")
            continue
        if entry.range != (item["start"], item["end"]):
            notes.append(
                f"{_name(number, item)} is not on token boundaries: "
                f"set to {entry.span.start} to {entry.span.end}"
            )
        entries.append(entry)
    if placed == 1:
        notes.append("1 span on no text is placed by its tokens")
    elif placed:
        notes.append(f"{placed} spans on no text are placed by their tokens")
    kept = unique(entries, notes)
    return (kept if overlap else apart(kept, notes)), notes


def _problem(item: object, text: str) -> str:
    if not isinstance(item, dict):
        return "is not an object"
    start, end = item.get("start"), item.get("end")
    if type(start) is not int or type(end) is not int:
        return "has no start and end in whole numbers"
    if not isinstance(item.get("label"), str) or not item["label"]:
        return "has no label"
    if not 0 <= start <= end <= len(text):
        return f"is out of the text, which has {len(text)} code points"
    return "" if start < end else "is empty"


def _by_tokens(item: object, text: str, tokens: Tokens) -> dict[str, Any] | None:
    """Return a span that is on no text where its numbers of tokens say; None for another one."""
    if not isinstance(item, dict):
        return None
    start, end = item.get("start"), item.get("end")
    # A span that lies on the text has another problem, such as no label.
    if type(start) is int and type(end) is int and 0 <= start < end <= len(text):
        return None
    numbers = item.get("token_start"), item.get("token_end")
    first, last = (tokens.index(each) if type(each) is int else None for each in numbers)
    if first is None or last is None or first > last:
        return None
    return {**item, "start": tokens[first][0], "end": tokens[last][1]}


def _entry(item: dict[str, Any], text: str, tokens: Tokens, serial: int) -> SpanEntry | None:
    touched = tokens.snap(item["start"], item["end"])
    if touched is None:
        return None
    return entry_over(Span.from_dict(item), text, tokens, touched, serial)


def entry_over(
    span: Span, text: str, tokens: Tokens, over: tuple[int, int], serial: int
) -> SpanEntry:
    """An entry from a span set to some tokens; a `text` among its extra keys follows,
    a score that was given for another extent goes.

    Args:
        span: Label and extra keys, and the extent that it had.
        text: The task's text.
        tokens: Its tokens.
        over: First and last token.
        serial: The number of the entry.
    """
    first, last = over
    start, end = tokens[first][0], tokens[last][1]
    if (start, end) != (span.start, span.end):
        told = "text" in span.extra
        span = _with_pieces(span.with_range(start, end))
        if told:
            span = replace(span, extra={**span.extra, "text": text[start:end]})
    return SpanEntry(span, first, last, serial)


def _name(number: int, item: object) -> str:
    if not isinstance(item, dict):
        return f"span {number}"
    return f"span {number} ({item.get('start')} to {item.get('end')}, {item.get('label')})"


def _described(entry: SpanEntry) -> str:
    return f"span {entry.span.start} to {entry.span.end}, {entry.span.label},"


def unique(entries: Iterable[SpanEntry], notes: list[str]) -> list[SpanEntry]:
    """Return entries without those that say the same as an earlier one, which are noted."""
    kept: list[SpanEntry] = []
    seen: dict[tuple[int, int, str], list[SpanEntry]] = {}
    for entry in counted(entries):
        same = seen.setdefault((*entry.range, entry.span.label), [])
        if any(entry.span == other.span for other in same):
            notes.append(f"{_described(entry)} is given twice: one is set aside")
            continue
        same.append(entry)
        kept.append(entry)
    return kept


def apart(entries: Iterable[SpanEntry], notes: list[str]) -> list[SpanEntry]:
    """Return entries without those that overlap a longer or earlier one, which are noted."""
    kept = SpanSet()
    for entry in counted(sorted(entries, key=lambda e: (e.span.start - e.span.end, e.serial))):
        if in_the_way := kept.touching(*entry.range):
            other = in_the_way[0].span
            notes.append(
                f"{_described(entry)} overlaps {other.start} to {other.end}, {other.label}: "
                "it is set aside"
            )
        else:
            kept.add(entry)
    return list(kept)


def _with_pieces(span: Span) -> Span:
    """Fit the `pieces` of a discontinuous span to an extent that the annotator has changed: those
    outside of it go, and the first and the last one reach to its ends."""
    pieces: Any = span.extra.get("pieces")
    if not _are_pieces(pieces):
        return span
    kept = [[a, b] for a, b in pieces if a < span.end and span.start < b]
    rest = {key: value for key, value in span.extra.items() if key != "pieces"}
    if len(kept) < 2:
        return replace(span, extra=rest)
    kept[0][0], kept[-1][1] = span.start, span.end
    return replace(span, extra={**rest, "pieces": kept})


def _are_pieces(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, (list, tuple)) and [type(end) for end in each] == [int, int]
        for each in value
    )


def described_extra(span: Span) -> str:
    """Return the `attributes` and `pieces` of a span in words; empty where it has none."""
    attributes, pieces = span.extra.get("attributes"), span.extra.get("pieces")
    found = []
    if isinstance(attributes, dict) and attributes:
        found.append(", ".join(f"{name} = {value}" for name, value in attributes.items()))
    if _are_pieces(pieces) and pieces:
        found.append("pieces " + ", ".join(f"{start}-{end}" for start, end in pieces))
    return "; ".join(found)
