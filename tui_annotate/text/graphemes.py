"""Where graphemes (what readers take for one character) begin and end in a text.

Graphemes are the extended grapheme clusters of Unicode. Text in ASCII never needs the `regex`
package: there every code point is a grapheme, except that a carriage return and the line feed after
it are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from typing import Any

from tui_annotate.text.scripts import beyond_ascii

_ASCII_CLUSTER = re.compile(r"\r\n|[\s\S]")


def split(text: str) -> list[str]:
    """Return the graphemes of `text` in order; joined they are `text` again."""
    if text.isascii():
        return _ASCII_CLUSTER.findall(text) if "\r\n" in text else list(text)
    graphemes: list[str] = _cluster().findall(text)
    return graphemes


def boundaries(text: str) -> Sequence[int]:
    """Return the offset at which each grapheme of `text` starts, and `len(text)` at the end."""
    if text.isascii() and "\r\n" not in text:
        return range(len(text) + 1)
    return list(accumulate(map(len, split(text)), initial=0))


def grapheme_start(text: str, offset: int) -> int:
    """Return where the grapheme that holds `offset` starts; `len(text)` at and past the end."""
    if offset >= len(text):
        return len(text)
    for start, end in _from_certain_boundary(text, max(0, offset)):
        if end > offset:
            return start
    return len(text)


def next_boundary(text: str, offset: int) -> int:
    """Return the first boundary after `offset`, at most `len(text)`."""
    if offset < 0:
        return 0
    for _, end in _from_certain_boundary(text, offset):
        if end > offset:
            return end
    return len(text)


def previous_boundary(text: str, offset: int) -> int:
    """Return the last boundary before `offset`, at least 0."""
    if offset > len(text):
        return len(text)
    return grapheme_start(text, offset - 1) if offset > 0 else 0


def _from_certain_boundary(text: str, offset: int) -> Iterator[tuple[int, int]]:
    """Yield the graphemes (start, end) from some boundary at or before `offset` on."""
    start = min(offset, len(text))
    if text.isascii():
        start -= text[start - 1 : start + 1] == "\r\n" if start else 0
    else:
        sticky = _sticky()
        while 0 < start < len(text) and (
            sticky.match(text, start) or sticky.match(text, start - 1)
        ):
            start -= 1
    while start < len(text):
        end = _grapheme_end(text, start)
        yield start, end
        start = end


def _grapheme_end(text: str, start: int) -> int:
    if text.isascii():
        return start + (2 if text.startswith("\r\n", start) else 1)
    end: int = _cluster().match(text, start).end()
    return end


@cache
def _cluster() -> Any:
    import regex  # texts of ASCII alone do without

    return regex.compile(r"\X")


def may_have_long(text: str) -> bool:
    """Tell whether a text may have a grapheme of more than 32 code points, without looking at
    each: of its neighbours one always clings to the other."""
    if _sticky().search(beyond_ascii(text)) is None:
        return False
    return _often_sticky().search(text) is not None


@cache
def _often_sticky() -> Any:
    import regex  # texts of ASCII alone do without

    sticky = _sticky().pattern
    return regex.compile(f"(?:{sticky}[^{sticky[1:]}?+){{10}}")


@cache
def _sticky() -> Any:
    """Code points that a neighbour can cling to: between two others there is always a boundary."""
    import regex  # texts of ASCII alone do without

    classes = ("CR", "Extend", "ZWJ", "SpacingMark", "Prepend", "RI", "L", "V", "T")
    return regex.compile("[" + "".join(rf"\p{{GCB={name}}}" for name in classes) + "]")
