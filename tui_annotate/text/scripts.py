"""Which scripts put no spaces between words, and which are written from right to left."""

from __future__ import annotations

import re
from functools import lru_cache

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
