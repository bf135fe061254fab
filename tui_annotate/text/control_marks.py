"""One visible code point for each dangerous one. `safe.py` is the public face of this module."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from tui_annotate.text.characters import beyond_ascii

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
    if "\ufe00" <= character <= "\ufe0f":
        return bool(_pictograph().match(before) or _any_of(_IDEOGRAPH).match(before))
    if "\U000e0100" <= character <= "\U000e01ef":
        return bool(_any_of(_IDEOGRAPH).match(before))
    return "\u180b" <= character <= "\u180f" and bool(_any_of(_MONGOLIAN).match(before))


def _joins_letters(before: str) -> bool:
    return bool(_any_of(_JOINING_SCRIPT).match(before)) and not _any_of(_DANGEROUS).match(before)


def _joins_emoji(text: str, at: int) -> bool:
    """Tell whether the joiner at `at` stands between two emoji, the first perhaps modified."""
    pictograph = _pictograph()
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


@cache
def _pictograph() -> Any:
    import regex  # texts of ASCII alone do without

    return regex.compile(r"\p{Extended_Pictographic}")
