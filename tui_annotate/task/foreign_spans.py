"""Finds where the spans of other programs lie in a text, by the words that they say they cover.

Offsets count code points, UTF-16 units (programs in a browser, Java) or bytes of UTF-8, and a line
break of CR and LF counts as one character or two. Where a span carries its own text it tells which:
each way of counting is tried, first for all spans together, then for each. A span that fits none of
them would lie on another text than it names, so it is left out, with a remark that quotes both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.offsets import UNITS, ToCodePoint, Unit, move, reader
from tui_annotate.task.schema import Task

PLACED = "_placed"
"""A key of spans that a loader has placed in code points by the text that the file has of them; it
is taken out again."""

_LONGEST = 40
"""How much of a text is quoted in a remark, in characters."""


Range = tuple[int, int]
"""Start and end (exclusive)."""


class FileRegion(NamedTuple):
    """A part of a text in a file.

    Attributes:
        pieces: Its ranges from left to right, in whatever the file counts; more than one where it
            is discontinuous.
        covered: What it says it covers; None where it says nothing.
    """

    pieces: tuple[Range, ...]
    covered: str | None = None


def fit_spans(
    task: Task, notices: list[str], unit: Unit | None = None, *, within: bool = False
) -> None:
    """Move the spans of a task, in place, from what its file counts to code points.

    The texts that they carry tell where they lie. All spans stay as they are if the offsets of each
    of them that has a `text` already cover it. If a loader has placed spans by what they cover, or
    all spans begin with their tokens, the offsets count code points whatever `unit` says of the
    file; such spans are checked like all others.

    Args:
        task: A task; its `spans` may hold anything.
        notices: Gets a remark for each span that is left out.
        unit: What the offsets count, where that is known; else it is found out.
        within: Leave out spans on no text and those that end behind it, too. An editor says so by
            itself; what is stored as an answer has nobody who would.
    """
    text, spans = task.get("text"), task.get("spans")
    if not isinstance(text, str) or not isinstance(spans, list) or not spans:
        return
    # First of all: no span may keep the key `PLACED`, also in a task that needs no more.
    placed_by_loader = _pop_placed(spans)
    if unit is not None and (placed_by_loader or _begin_with_tokens(task, text, spans)):
        unit = None  # The unit is that of the file, and these do not count in it.
    # Most tasks end here. In another unit offsets may cover the right words by chance.
    if unit in (None, "codepoints") and _are_right(text, spans, within):
        return
    if within and any(map(_is_empty, spans)):
        notices.append(f"{sum(map(_is_empty, spans))} spans on no text are left out")
        spans = task["spans"] = [each for each in spans if not _is_empty(each)]
    regions = [each for each in map(_region, spans) if each is not None]
    shared = _reading_of_all(text, regions, unit)
    # Without a unit and a text that they cover, nothing says that they count anything else.
    if shared is not None and (unit is not None or any(each.covered for each in regions)):
        _move_all(task, shared, text)
    else:
        task["spans"] = _fitted(text, spans, notices, unit, within=within)


def _fitted(
    text: str, spans: list[Any], notices: list[str], unit: Unit | None, *, within: bool
) -> list[Any]:
    """Return spans where each of them lies by itself, without those that lie nowhere.

    Args:
        text: The text.
        spans: The spans; what is none stays, which the editor says by itself.
        notices: Gets a remark for each span that is left out.
        unit: What the offsets count, where that is known.
        within: Leave out those that say nothing of what they cover, too.
    """
    known = [_region(span) for span in spans]
    regions = [each for each in known if each is not None]
    remarks: list[list[str]] = [[] for _ in regions]
    found = zip(_places(text, regions, remarks, unit), remarks, strict=True)
    kept = []
    for span, region in zip(spans, known, strict=True):
        if region is None:
            kept.append(span)
            continue
        place, remark = next(found)
        # What the editor can judge it says by itself; for stored answers nobody would.
        is_judged_here = within or region.covered is not None
        if is_judged_here:
            notices += remark
        if place is not None:
            kept.append({**span, "start": place[0][0], "end": place[-1][1]})
        elif not is_judged_here:
            kept.append(span)
    return kept


def place_regions(
    text: str, regions: Sequence[FileRegion], notices: list[str], unit: Unit | None = None
) -> list[tuple[Range, ...] | None]:
    """Return the pieces of each region in code points of `text`, None for one that lies nowhere.

    Args:
        text: The text.
        regions: What a file says.
        notices: Gets a remark for each region that lies nowhere.
        unit: What the offsets count, where that is known; else it is found out.
    """
    remarks: list[list[str]] = [[] for _ in regions]
    found = _places(text, regions, remarks, unit)
    for each in remarks:
        notices += each
    return found


def _places(
    text: str, regions: Sequence[FileRegion], remarks: list[list[str]], unit: Unit | None
) -> list[tuple[Range, ...] | None]:
    """Return what `place_regions` does, with the remarks of each region in a list of its own."""
    whole = _reading_of_all(text, regions, unit)
    if whole is not None:
        return [_pieces(each, whole, text) for each in regions]
    readings = list(_readings(text, unit))
    fits_most = max(
        readings,
        key=lambda convert: sum(_fits(text, each, convert, True) for each in regions),
    )
    pairs = zip(regions, remarks, strict=True)
    return [_place(text, each, readings, fits_most, said) for each, said in pairs]


def _pop_placed(spans: list[Any]) -> bool:
    """Take the key `PLACED` out of all spans; return whether one was placed by its loader."""
    placed = [each.pop(PLACED, False) for each in spans if isinstance(each, dict)]
    return any(placed)


def _begin_with_tokens(task: Task, text: str, spans: list[Any]) -> bool:
    """Return whether tokens that lie right say where spans begin: then these count code points,
    whatever the file counts. In ASCII all units are the same."""
    tokens = task.get("tokens")
    if text.isascii() or not isinstance(tokens, list) or not _are_right(text, tokens, within=True):
        return False
    found = [each for each in spans if isinstance(each, dict)]
    numbers = [each.get("token_start") for each in found]
    return all(
        type(number) is int
        and 0 <= number < len(tokens)
        and isinstance(tokens[number], dict)
        and tokens[number].get("start") == each.get("start")
        for number, each in zip(numbers, found, strict=True)
    )


def _place(
    text: str,
    region: FileRegion,
    readings: list[ToCodePoint],
    fits_most: ToCodePoint,
    notices: list[str],
) -> tuple[Range, ...] | None:
    """Return where one region lies, when no way of counting fits all of them."""
    start, end = region.pieces[0][0], region.pieces[-1][1]
    if region.covered is None:
        place = _pieces(region, fits_most, text)
        if place is None:
            what = f"a span from {start} to {end} is out of the text"
            notices.append(f"{what}, which has {len(text):,} characters, and is left out")
        return place
    for lenient in (False, True):
        for convert in readings:
            if _fits(text, region, convert, lenient):
                return _pieces(region, convert, text)
    there = " ".join(text[one:other] for one, other in region.pieces if 0 <= one <= other)
    notices.append(
        f"a span from {start} to {end} is left out: it says that it covers"
        f" {_quoted(region.covered)}, and in its place stands {_quoted(there)}"
    )
    return None


def _is_empty(span: Any) -> bool:
    """Return whether a span ends where it begins."""
    start = span.get("start") if isinstance(span, dict) else None
    return type(start) is int and start == span.get("end")


def _region(span: Any) -> FileRegion | None:
    """Return the range of a task's span; None where it has none in whole numbers."""
    if not isinstance(span, dict):
        return None
    start, end, covered = span.get("start"), span.get("end"), span.get("text")
    if type(start) is not int or type(end) is not int:
        return None
    return FileRegion(((start, end),), covered if isinstance(covered, str) and covered else None)


def _are_right(text: str, spans: Sequence[Any], within: bool) -> bool:
    """Return whether all spans lie where they say, in code points; most rows end here."""
    length = len(text)
    for span in spans:
        if not isinstance(span, dict):
            continue
        start, end, covered = span.get("start"), span.get("end"), span.get("text")
        if type(start) is not int or type(end) is not int:
            continue
        # A negative start would count from the end.
        says_text = isinstance(covered, str) and bool(covered)
        if says_text and (start < 0 or text[start:end] != covered):
            return False
        if within and not 0 <= start < end <= length:
            return False
    return True


def _reading_of_all(
    text: str, regions: Sequence[FileRegion], unit: Unit | None
) -> ToCodePoint | None:
    """Return the way of counting in which every region lies where it says; None for no such way."""
    # Exact in any unit comes before nearly so in a likelier one.
    for lenient in (False, True):
        for convert in _readings(text, unit):
            if all(_fits(text, each, convert, lenient) for each in regions):
                return convert
    return None


def _readings(text: str, unit: Unit | None) -> Iterator[ToCodePoint]:
    """Yield the ways of counting that differ for a text, the likeliest first."""
    units = UNITS if unit is None else (unit,)
    if text.isascii():
        units = units[:1]
    # In a browser UTF-16 is counted, and bytes hardly anywhere.
    for each in sorted(units, key=("codepoints", "utf16", "utf8").index):
        yield reader(text, each)
    if "\r\n" in text:
        for each in sorted(units, key=("codepoints", "utf16", "utf8").index):
            yield reader(text, each, joined_breaks=True)


def _fits(text: str, region: FileRegion, convert: ToCodePoint, lenient: bool) -> bool:
    place = _pieces(region, convert, text)
    if place is None:
        return False
    if region.covered is None:
        return True
    there = " ".join(text[start:end] for start, end in place)
    return there == region.covered or (lenient and _folded(there) == _folded(region.covered))


def _folded(text: str) -> str:
    """Return a text without what programs change when they quote: white space and case."""
    return "".join(text.split()).casefold()


def _pieces(region: FileRegion, convert: ToCodePoint, text: str) -> tuple[Range, ...] | None:
    """Return the pieces of a region in code points; None where they are none of the text."""
    try:
        found = tuple((convert(start), convert(end)) for start, end in region.pieces)
    except TaskError:
        return None
    inside = all(0 <= start <= end <= len(text) for start, end in found)
    return found if inside else None


def _move_all(task: Task, convert: ToCodePoint, text: str) -> None:
    """Move everything that has offsets; tokens that lie right as they are stay."""
    tokens = task.get("tokens")
    stay = isinstance(tokens, list) and _are_right(text, tokens, within=True)
    move(task, convert)
    if stay:
        task["tokens"] = tokens


def _quoted(text: str) -> str:
    shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f"{shown!r}"
