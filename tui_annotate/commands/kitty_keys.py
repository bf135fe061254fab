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


def as_others_send(event: re.Match[bytes]) -> bytes | None:
    """Return a key of the kitty protocol as other terminals send it; None if none does."""
    code, final = _number(event["code"], 1), event["final"]
    bits = (_number(event["modifiers"], 1) - 1) & ~_LOCKS
    if final != b"u":
        place = b"" if final != b"~" and code == 1 and not bits else b"%d" % code
        return b"\x1b[" + place + (b";%d" % (bits + 1) if bits else b"") + final
    code = _KEYPAD.get(code, code)
    if code == 9 and bits == _SHIFT:
        return b"\x1b[Z"
    if bits & ~(_SHIFT | _ALT | _CTRL) or not 0 < code < 0xE000:
        return None
    if bits & _SHIFT:
        upper = chr(code).upper()
        code = _number(event["text"], 0) or _number(event["shifted"], 0) or ord(upper[0])
    if bits & _CTRL:
        code &= 0x1F
    if not 0 < code < 0xD800:
        return None
    return b"\x1b" * bool(bits & _ALT) + chr(code).encode()


def _number(digits: bytes | None, otherwise: int) -> int:
    return int(digits[:9]) if digits else otherwise
