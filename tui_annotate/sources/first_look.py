"""A look at the first rows of a source: which field is the text, what the rows hold already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Literal, TypeAlias

from tui_annotate.errors import SourceError, TuiAnnotateError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.base import Row, Source
from tui_annotate.sources.registry import find_loader, open_source
from tui_annotate.sources.text_field import ANY_ROW, TEXT

Holds: TypeAlias = Literal["", "spans", "overlapping spans", "relations", "classes"]
"""What rows hold already."""

_PEEKED = 20
"""How many rows of a source are looked at."""

_MOST_CLASSES = 12
"""Different values of a field at most for it to be a class, and not another text."""

_TOO_LARGE = 50_000_000
"""Bytes of a file from which on one that can only be read as a whole is not looked into."""


class FirstLook(NamedTuple):
    """What a look at a source has found.

    Attributes:
        path: The source.
        field: The field that seems to hold the text, where no row has one that says so.
        rows: How many rows there are; None where that was not or cannot be counted.
        labels: The labels of spans, relations or classes in the first rows.
        fields: Fields of the first rows that hold words, the longest first, with the beginning of
            the first one's; only where no field says that it is the text.
        text: The text of the first row; empty where there is none.
        format: How the source is read, for people; empty where that was not looked at.
        holds: What the rows hold already.
    """

    path: str
    field: str
    rows: int | None
    labels: list[str]
    fields: tuple[tuple[str, str], ...] = ()
    text: str = ""
    format: str = ""
    holds: Holds = ""


def _has_scheme(path: str) -> bool:
    """Tell whether a source is named as `dataset:NAME` or `s3://...` are: such ones are no files at
    hand, and are not looked at."""
    return ":" in path


def text_field(path: str) -> str:
    """Return the field that probably holds the text, where rows have none that says so."""
    if _has_scheme(path):
        return ""
    try:
        source = open_source(path)
        if any(readable(source)):
            return ""
    except SourceError:  # a table that has no column of this name
        with suppress(SourceError, StopIteration):
            return next(name for name, _ in _fields(path))
        raise
    guesses = (getattr(row, "guess", "") for row in islice(source.rows(), _PEEKED))
    return next(filter(None, guesses), "")


def readable(source: Source) -> Iterator[dict[str, Any]]:
    """Yield the first rows that can be read."""
    for row in islice(source.rows(), _PEEKED):
        if isinstance(row, Row):
            yield row.data


def look(path: str, known_field: str | None = None, *, count: bool = True) -> FirstLook:
    """Look at the first rows of a source.

    Args:
        path: The source.
        known_field: The field of the text, where that is known.
        count: Count all rows as well, which takes long for large files.

    Raises:
        SourceError: It cannot be read, or none of its first rows.
    """
    if _has_scheme(path):
        return FirstLook(path, "", None, [])
    field = text_field(path) if known_field is None else ""
    source = open_source(path, text_field=known_field or field or None)
    first = list(readable(source))
    if not first:
        _refuse_rows(source, path)
    labels, holds = _held(first)
    if not labels:
        with suppress(SourceError):  # tables put columns beside the text aside
            labels = _classes(list(readable(open_source(path, input_keys=ANY_ROW))))
            holds = "classes" if labels else ""
    return FirstLook(
        path,
        field,
        source.count() if count else None,
        labels,
        _fields(path) if field else (),
        str(first[0].get(TEXT, "")),
        _format(path, source),
        holds,
    )


def can_be_looked_at(path: str) -> bool:
    """Tell whether the first rows of a source are read without reading all of it, or soon."""
    if _has_scheme(path) or any(sign in path for sign in "*?["):
        return False
    file = Path(path).expanduser()
    try:
        size = file.stat().st_size
        return file.is_file() and (size < _TOO_LARGE or find_loader(path).seeks)
    except (OSError, TuiAnnotateError):
        return file.is_file()


def _refuse_rows(source: Source, path: str) -> None:
    bad = next(iter(source.rows()), None)
    reason = getattr(bad, "detail", None) or "it has no rows"
    raise SourceError(f"none of its first rows can be a task ({reason})", where=path)


def _format(path: str, source: Source) -> str:
    found = getattr(source, "found_as", "")
    if found:
        return str(found).partition(" (")[0]
    try:
        return find_loader(getattr(source, "first_file", path)).help
    except SourceError:  # a loader that its first rows have told
        return ""


def _fields(path: str) -> tuple[tuple[str, str], ...]:
    """Return the fields that hold words, the longest in the middle first."""
    rows = list(readable(open_source(path, input_keys=ANY_ROW)))
    lengths: dict[str, int] = {}
    begin: dict[str, str] = {}
    for row in rows:
        for key, value in row.items():
            if isinstance(value, str) and any(map(str.isalpha, value)):
                lengths[key] = lengths.get(key, 0) + len(value)
                begin.setdefault(key, value)
    return tuple((key, begin[key]) for key in sorted(lengths, key=lambda key: -lengths[key]))


def _held(rows: list[dict[str, Any]]) -> tuple[list[str], Holds]:
    """Return the labels that rows have already, and of what."""
    relations = _labels_in(each for row in rows for each in _dicts(row.get("relations")))
    if relations:
        return relations, "relations"
    spans = _labels_in(each for row in rows for each in _dicts(row.get("spans")))
    if spans:
        return spans, "overlapping spans" if any(map(_overlaps, rows)) else "spans"
    classes = _classes(rows)
    return classes, "classes" if classes else ""


def _dicts(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))


def _labels_in(marks: Iterable[Mapping[str, Any]]) -> list[str]:
    found = dict.fromkeys(each.get("label") for each in marks)
    return [name for name in found if isinstance(name, str) and name and "," not in name]


def _overlaps(row: Mapping[str, Any]) -> bool:
    ends = [
        (each["start"], each["end"])
        for each in _dicts(row.get("spans"))
        if isinstance(each.get("start"), int) and isinstance(each.get("end"), int)
    ]
    ends.sort()
    return any(later[0] < earlier[1] for earlier, later in pairwise(ends))


def _classes(rows: list[dict[str, Any]]) -> list[str]:
    """Return the classes of rows: what they offer to be chosen, or a label of few values."""
    offered = [each.get("id") for row in rows for each in _dicts(row.get("options"))]
    labels = [row.get("label") for row in rows if "label" in row]
    found = list(dict.fromkeys(each for each in (*offered, *labels) if isinstance(each, str)))
    usable = [name for name in found if name and "," not in name]
    # Where every row has another label, it is rather a title than a class.
    return usable if offered or len(usable) <= min(_MOST_CLASSES, max(1, len(rows) - 1)) else []
