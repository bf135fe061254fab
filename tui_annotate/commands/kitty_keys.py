"""Events of keys as the kitty protocol reports them, and what other terminals send for the keys.

`CSI 97;5u` is ctrl and a; a third number tells a press from a repeat and a release.
Source: https://sw.kovidgoyal.net/kitty/keyboard-protocol/
"""

from __future__ import annotations

import re

RELEASED, REPEATED = b"3", b"2"
"""The group `event` of a key that is let go of, and of one that is held."""

KEY_EVENT = re.compile(
    rb"\x1b\[(?P<code>\d*)(?::(?P<shifted>\d*)[\d:]*)?"
    rb"(?:;(?P<modifiers>\d*)(?::(?P<event>\d*))?(?:;(?P<text>\d*)[\d:]*)?)?(?P<final>[u~A-HPQS])"
)
_SHIFT, _ALT, _CTRL, _LOCKS = 1, 2, 4, 64 | 128
_KEYPAD = {57399 + place: ord(each) for place, each in enumerate("0123456789./*-+\r=,")}
_FIRST_PRIVATE, _FIRST_SURROGATE = 0xE000, 0xD800
"""From the first of these on the protocol numbers keys without a character; those between the two
are no characters either."""


def as_others_send(event: re.Match[bytes]) -> bytes | None:
    """Return a key of the kitty protocol as other terminals send it; None if none does."""
    code, final = _number(event["code"], 1), event["final"]
    bits = (_number(event["modifiers"], 1) - 1) & ~_LOCKS
    if final != b"u":
        # Arrows and function keys: as everywhere, but without the kind of event and the text.
        is_plain = final != b"~" and code == 1 and not bits
        number = b"" if is_plain else b"%d" % code
        return b"\x1b[" + number + (b";%d" % (bits + 1) if bits else b"") + final
    code = _KEYPAD.get(code, code)
    if code == 9 and bits == _SHIFT:
        return b"\x1b[Z"  # shift+tab
    if bits & ~(_SHIFT | _ALT | _CTRL) or not 0 < code < _FIRST_PRIVATE:
        return None
    if bits & _SHIFT:
        # What the layout makes of the key, as far as the terminal says it.
        upper = chr(code).upper()
        code = _number(event["text"], 0) or _number(event["shifted"], 0) or ord(upper[0])
    if bits & _CTRL:
        code &= 0x1F  # ctrl+a is 1, as on the first terminals
    if not 0 < code < _FIRST_SURROGATE:  # the shifted character may be any number
        return None
    return (b"\x1b" if bits & _ALT else b"") + chr(code).encode()


def _number(digits: bytes | None, otherwise: int) -> int:
    return int(digits[:9]) if digits else otherwise
