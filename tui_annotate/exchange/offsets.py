"""Offsets as other programs count: code points, bytes of UTF-8, units of UTF-16."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

Unit: TypeAlias = Literal["codepoints", "utf8", "utf16"]
UNITS: tuple[Unit, ...] = ("codepoints", "utf8", "utf16")


def converter(text: str, unit: Unit) -> Callable[[int], int]:
    """Return what turns an offset in code points of `text` into one in `unit`.

    Args:
        text: The text; one without lone surrogates where the unit is `utf8`.
        unit: What is counted.
    """
    if unit == "codepoints" or text.isascii():
        return int
    table, total = [0], 0
    for character in text:
        total += _width(ord(character), unit)
        table.append(total)
    return table.__getitem__


def _width(code: int, unit: Unit) -> int:
    if unit == "utf16":
        return 2 if code > 0xFFFF else 1
    return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
