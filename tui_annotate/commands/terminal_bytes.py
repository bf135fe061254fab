"""What terminals send, told by its bytes: keys, answers to questions, and characters of UTF-8.

Terminals with the kitty protocol report `CSI 97;5u` for ctrl and a; a third number tells a press
from a repeat and a release. Source: https://sw.kovidgoyal.net/kitty/keyboard-protocol/
"""

from __future__ import annotations

import re

# By introducer: what answers begin with, and the beginnings of that. The first must be long enough
# that no person types it behind an escape.
_ANSWERS: dict[int, re.Pattern[bytes]] = {
    ord("]"): re.compile(rb"\d{1,4};"),
    ord("P"): re.compile(rb"\d?[$+]r|\d?\$[tu]|[>!]\||\d+!~|\d!u"),
    ord("_"): re.compile(rb"G[a-zA-Z]="),
}
BEGINNINGS: dict[int, re.Pattern[bytes]] = {
    ord("]"): re.compile(rb"\d{0,4}"),
    ord("P"): re.compile(rb"\d*|\d?[$+]|[>!]|\d+!"),
    ord("_"): re.compile(rb"(?:G[a-zA-Z]?)?"),
}
KEY = re.compile(
    rb"\x1b\[(?:\[[A-E]|[\d;:]*[A-HP-SZu~^@]|[a-d]|1;[5-8][p-y]|48;[\d;:]*t|\?\d+;\d\$y)"
)
"""Keys as terminals send them, and the answers to what is asked here: where the cursor is, how
large the screen is, and whether a mode is known. Everything else is a report of the mouse, of focus
or of what an earlier program has asked; a reader of keys would wait for the end of it, and take the
next key for that."""

RELEASED, REPEATED = b"3", b"2"
"""The group `event` of a key that is let go of, and of one that is held."""

KEY_EVENT = re.compile(
    rb"\x1b\[(?P<code>\d*)(?::(?P<shifted>\d*)[\d:]*)?"
    rb"(?:;(?P<modifiers>\d*)(?::(?P<event>\d*))?(?:;(?P<text>\d*)[\d:]*)?)?(?P<final>[u~A-HPQS])"
)
_SHIFT, _ALT, _CTRL, _LOCKS = 1, 2, 4, 64 | 128
_TAB = 9
_KEYPAD = {57399 + place: ord(each) for place, each in enumerate("0123456789./*-+\r=,")}
_FIRST_PRIVATE, _FIRST_SURROGATE = 0xE000, 0xD800
"""From the first of these on the protocol numbers keys without a character; those between the two
are no characters either."""


def as_others_send(event: re.Match[bytes]) -> bytes | None:
    """Return a key of the kitty protocol as other terminals send it; None if none does."""
    code, final = _number(event["code"], 1), event["final"]
    modifiers = (_number(event["modifiers"], 1) - 1) & ~_LOCKS
    if final != b"u":
        return _function_key(code, modifiers, final)
    code = _KEYPAD.get(code, code)
    if code == _TAB and modifiers == _SHIFT:
        return b"\x1b[Z"
    if modifiers & ~(_SHIFT | _ALT | _CTRL) or not 0 < code < _FIRST_PRIVATE:
        return None
    return _character(_shifted(event, code) if modifiers & _SHIFT else code, modifiers)


def _function_key(code: int, modifiers: int, final: bytes) -> bytes:
    """Return an arrow or a function key: as everywhere, but without the kind of event and the
    text."""
    is_plain = final != b"~" and code == 1 and not modifiers
    number = b"" if is_plain else b"%d" % code
    return b"\x1b[" + number + (b";%d" % (modifiers + 1) if modifiers else b"") + final


def _shifted(event: re.Match[bytes], code: int) -> int:
    """Return the character that the layout makes of a key and shift, as far as the terminal says
    it."""
    upper = chr(code).upper()
    return _number(event["text"], 0) or _number(event["shifted"], 0) or ord(upper[0])


def _character(code: int, modifiers: int) -> bytes | None:
    """Return a character with ctrl and alt, as the first terminals sent it."""
    if modifiers & _CTRL:
        code &= 0x1F  # ctrl+a is 1
    if not 0 < code < _FIRST_SURROGATE:  # the shifted character may be any number
        return None
    return (b"\x1b" if modifiers & _ALT else b"") + chr(code).encode()


def _number(digits: bytes | None, otherwise: int) -> int:
    return int(digits[:9]) if digits else otherwise


def begins_like_answer(kind: int, body: bytes) -> bool:
    """Tell whether nobody types what stands behind an introducer: it begins like an answer."""
    pattern = _ANSWERS.get(kind)
    return pattern is not None and pattern.match(body) is not None


def may_begin_answer(kind: int, body: bytes) -> bool:
    """Tell whether what stands behind an introducer may go on like an answer."""
    pattern = BEGINNINGS.get(kind)
    return pattern is not None and pattern.fullmatch(body) is not None


def is_one_character(data: bytes) -> bool:
    """Tell whether a read gave one character, as the keys of a person come."""
    if len(data) == 1:
        return True
    if not 1 < len(data) <= 4 or data[0] < 0xC0:
        return False
    return all(0x80 <= byte < 0xC0 for byte in data[1:])


def bytes_behind(byte: int, expected: int) -> int:
    """Return how many bytes of a character of UTF-8 are to come behind one of its bytes.

    Args:
        byte: The byte.
        expected: How many were to come before it.
    """
    if 0x80 <= byte < 0xC0:
        return max(0, expected - 1)
    return (byte >= 0xC0) + (byte >= 0xE0) + (byte >= 0xF0)
