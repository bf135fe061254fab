"""What characters a text is made of: which scripts put no spaces between words, which are written
from right to left, and where graphemes (what readers take for one character) begin and end.

Graphemes are the extended grapheme clusters of Unicode. Text in ASCII never needs the `regex`
package: there every code point is a grapheme, except that a carriage return and the line feed after
it are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import accumulate
from typing import Any

NO_SPACES = (
    "\u0e01-\u0e4e\u0e81-\u0ece\u0edc-\u0edf"
    "\u1000-\u103f\u104e-\u108f\u109a-\u109f\ua9e0-\ua9ef\ua9fa-\ua9fe\uaa60-\uaa7f"
    "\u1780-\u17d3\u17d7\u17dc\u17dd\u1950-\u197f\u1980-\u19c9\u1a20-\u1a7f\uaa80-\uaadf"
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u312f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uf900-\ufaff\uff66-\uff9f"
    "\U00016fe0-\U00018dff\U0001aff0-\U0001b2ff\U00020000-\U0003fffd"
)
"""The inside of a character class. In order: Thai, Lao; Myanmar; Khmer, the Tai scripts; Han, Kana,
Bopomofo, Yi; Tangut, Nushu, further Kana and Han. Digits are left out, they stand for themselves.
"""

RIGHT_TO_LEFT = (
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


_ASCII = bytes(range(128))
_LONG = 1 << 12
"""Characters from which on those beyond ASCII are taken out first."""


def has_right_to_left(text: str) -> bool:
    """Tell whether any character of a text belongs to a script written from right to left."""
    if text.isascii():
        return False
    return re.search(RIGHT_TO_LEFT, beyond_ascii(text) if len(text) >= _LONG else text) is not None


def beyond_ascii(text: str) -> str:
    """Return the characters of a text that are not ASCII, in order, with what stood between them
    left out.

    Whatever is asked of each character by itself is asked of these much faster: a text of many
    megabytes in most languages has few of them.
    """
    if text.isascii():
        return ""
    return _taken_out(text) if len(text) < _LONG else _kept(text)


def _taken_out(text: str) -> str:
    encoded = text.encode("utf-8", "surrogatepass")
    return encoded.translate(None, _ASCII).decode("utf-8", "surrogatepass")


_kept = lru_cache(maxsize=2)(_taken_out)  # a long text is asked about several things


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
        sticky = _compiled(f"[{_STICKY}]")
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
def _compiled(pattern: str) -> Any:
    import regex  # texts of ASCII alone do without

    return regex.compile(pattern)


@cache
def _cluster() -> Any:
    return _compiled(r"\X")


_STICKY = "".join(
    rf"\p{{GCB={name}}}"
    for name in ("CR", "Extend", "ZWJ", "SpacingMark", "Prepend", "RI", "L", "V", "T")
)
"""Code points that a neighbour can cling to, as the inside of a character class: between two others
there is always a boundary."""


def may_have_long(text: str) -> bool:
    """Tell whether a text may have a grapheme of more than 32 code points, without looking at
    each: of its neighbours one always clings to the other."""
    if _compiled(f"[{_STICKY}]").search(beyond_ascii(text)) is None:
        return False
    return _compiled(f"(?:[{_STICKY}][^{_STICKY}]?+){{10}}").search(text) is not None
