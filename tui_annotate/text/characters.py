"""What characters a text is made of: which scripts put no spaces between words, which are written
from right to left, where graphemes (what readers take for one character) begin and end, and which
code points no screen may get as they are, with the one visible code point for each of them
(`safe.py` is the public face of these).

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
_APART = re.compile("[\n -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u25ff]*+")
"""Code points that never cling to each other: those of most Latin texts, dashes, arrows and lines.
Loading `regex` for them would take a twentieth of a start, as the lines of the screen have some."""


def split(text: str) -> list[str]:
    """Return the graphemes of `text` in order; joined they are `text` again."""
    if text.isascii():
        return _ASCII_CLUSTER.findall(text) if "\r\n" in text else list(text)
    if _APART.fullmatch(text):
        return list(text)
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


TAB_MARK = "→"
CONTROL_MARK = "·"
REPLACEMENT = "\ufffd"
BLANK_MARKS = {
    " ": "␣",
    "\u3000": "＿",  # as wide as it is
    **dict.fromkeys("\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006", "⍽"),
    **dict.fromkeys("\u2007\u2008\u2009\u200a\u202f\u205f", "⍽"),
}
"""What is drawn for blanks where they are shown: no-break and other rare ones are told apart."""

_CONTROLS = "\x00-\x1f\x7f-\x9f\ud800-\udfff"
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_DANGEROUS = _CONTROLS + _INVISIBLE
_ASCII_CONTROLS = bytes({*range(0x20), 0x7F} - {ord("\n")})

# Scripts in which joiners change how letters are written, so that they belong to the spelling.
_JOINING_SCRIPT = (
    "\u0590-\u08ff\u0900-\u0eff\u0f00-\u109f\u1780-\u18af\u1a00-\u1cff\ua800-\ua8ff\ua980-\uabff"
    "\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc\U00010a00-\U00010d3f\U00011000-\U00011fff"
)
_MONGOLIAN = "\u1820-\u18aa"
_IDEOGRAPH = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_JOINERS = "\u200c\u200d\u034f"
_KEYCAP_BASES = "0123456789#*"
_PICTOGRAPH = r"\p{Extended_Pictographic}"


def mark(text: str) -> str:
    """Return `text` with one visible code point in place of each dangerous one.

    The result is as long as `text`. A joiner or variation selector that does its proper work stays;
    whether it does is decided by code points of its own grapheme alone, so marking a text and
    marking its graphemes one by one give the same.
    """
    if text.isascii() and text.isprintable():
        return text
    return _any_of(_DANGEROUS).sub(_visible, text)


def marked_count(text: str) -> int:
    """Return how many code points of `text`, line feeds aside, `mark` shows by another one."""
    if not _any_of(_DANGEROUS).search(beyond_ascii(text)):
        # Deleting them is the fastest way to count characters.
        encoded = text.encode()
        return len(encoded) - len(encoded.translate(None, _ASCII_CONTROLS))
    found = _any_of(_DANGEROUS.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f")).finditer(text)
    return sum(_visible(match) != match[0] for match in found)


def _visible(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if code < 0x20:
        return TAB_MARK if character == "\t" else chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if code < 0xA0 or 0xD800 <= code <= 0xDFFF:
        return REPLACEMENT
    return character if _belongs(match.string, match.start(), character) else CONTROL_MARK


def _belongs(text: str, at: int, character: str) -> bool:
    """Tell whether the invisible `character` at `at` does its proper work there."""
    before = text[at - 1 : at]
    if not before or before.isascii():
        return before in _KEYCAP_BASES and bool(before) and character in "\ufe0e\ufe0f"
    if character in _JOINERS:
        return _joins_letters(before) or (character == "\u200d" and _joins_emoji(text, at))
    # Variation selectors, of which the first sixteen choose the look of a picture, too; those for
    # ideographs alone; and those of Mongolian.
    if "\ufe00" <= character <= "\ufe0f":
        return bool(_compiled(_PICTOGRAPH).match(before) or _any_of(_IDEOGRAPH).match(before))
    if "\U000e0100" <= character <= "\U000e01ef":
        return bool(_any_of(_IDEOGRAPH).match(before))
    return "\u180b" <= character <= "\u180f" and bool(_any_of(_MONGOLIAN).match(before))


def _joins_letters(before: str) -> bool:
    return bool(_any_of(_JOINING_SCRIPT).match(before)) and not _any_of(_DANGEROUS).match(before)


def _joins_emoji(text: str, at: int) -> bool:
    """Tell whether the joiner at `at` stands between two emoji, the first perhaps modified."""
    pictograph = _compiled(_PICTOGRAPH)
    if not pictograph.match(text, at + 1):
        return False
    before = at - 1
    if before and (text[before] == "\ufe0f" or "\U0001f3fb" <= text[before] <= "\U0001f3ff"):
        before -= 1
    return bool(pictograph.match(text, before))


@cache
def _any_of(characters: str) -> re.Pattern[str]:
    """Compile a class of characters when it is needed: one as wide as these takes a millisecond."""
    return re.compile(f"[{characters}]")
