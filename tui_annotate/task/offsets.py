"""Offsets as other programs count: code points, bytes of UTF-8, units of UTF-16."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, cast

from tui_annotate.errors import TaskError

Unit: TypeAlias = Literal["codepoints", "utf8", "utf16"]
UNITS: tuple[Unit, ...] = ("codepoints", "utf8", "utf16")
UNIT_KEY = "offset_unit"
"""The key of a task whose offsets count something else than code points."""

ToCodePoint: TypeAlias = Callable[[int], int]
"""Turns an offset as a file counts into one in code points of the text."""
FromCodePoint: TypeAlias = Callable[[int], int]
"""Turns an offset in code points of a text into one as another program counts."""


def converter(text: str, unit: Unit) -> FromCodePoint:
    """Return what turns an offset in code points of `text` into one in `unit`.

    Args:
        text: The text; one without lone surrogates where the unit is `utf8`.
        unit: What is counted.
    """
    if unit == "codepoints" or text.isascii():
        return int
    return _table(text, unit).__getitem__


def reader(text: str, unit: Unit, joined_breaks: bool = False) -> ToCodePoint:
    """Return what turns an offset in `unit` into one in code points of `text`.

    It raises `TaskError` (`bad-spans`) for one that lies inside a character or outside the text.

    Args:
        text: The text.
        unit: What the offsets count.
        joined_breaks: Whether a line break of two characters (CR and LF) counts as one.
    """
    if not joined_breaks and (unit == "codepoints" or text.isascii()):
        return int
    code_points: dict[int, int] = {}
    for code_point, offset in enumerate(_table(text, unit, joined_breaks)):
        # Both sides of a CR before a LF are one offset: the code point before it.
        code_points.setdefault(offset, code_point)

    def read(offset: int) -> int:
        if offset not in code_points:
            what = f"the offset {offset} ({unit}) is not between two characters of the text"
            raise TaskError(what, reason="bad-spans")
        return code_points[offset]

    return read


def move(task: dict[str, Any], convert: ToCodePoint | FromCodePoint) -> None:
    """Turn every offset of a task's spans, tokens and relations into what `convert` gives."""

    def moved(value: Any) -> Any:
        if isinstance(value, list):
            return [moved(each) for each in value]
        if not isinstance(value, dict):
            return value
        both = type(value.get("start")) is int and type(value.get("end")) is int
        changed = {"start": convert(value["start"]), "end": convert(value["end"])} if both else {}
        return {**value, **changed}

    for key in ("tokens", "spans"):
        if key in task:
            task[key] = moved(task[key])
    if isinstance(task.get("relations"), list):
        task["relations"] = [
            {key: moved(value) for key, value in each.items()} if isinstance(each, dict) else each
            for each in task["relations"]
        ]


def to_codepoints(task: dict[str, Any]) -> None:
    """Make the offsets of a task that says what they count into code points, in place.

    Raises:
        TaskError: `bad-spans`: the unit is not known, or an offset is none of the text.
    """
    unit, text = task.pop(UNIT_KEY), task.get("text")
    if unit not in UNITS:
        what = f"its `{UNIT_KEY}` is none of {', '.join(UNITS)}"
        raise TaskError(what, reason="bad-spans")
    if isinstance(text, str):
        move(task, reader(text, cast(Unit, unit)))


def _table(text: str, unit: Unit, joined_breaks: bool = False) -> list[int]:
    """Return the offset in `unit` of every code point of a text, and of its end."""
    table, total = [0], 0
    for number, character in enumerate(text):
        if not (joined_breaks and text.startswith("\r\n", number)):
            total += _width(ord(character), unit)
        table.append(total)
    return table


def _width(code: int, unit: Unit) -> int:
    if unit == "codepoints":
        return 1
    if unit == "utf16":
        return 2 if code > 0xFFFF else 1
    return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
