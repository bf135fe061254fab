"""Which scripts put no spaces between words, and which are written from right to left."""

from __future__ import annotations

import re

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


def has_right_to_left(text: str) -> bool:
    """Tell whether any character of a text belongs to a script written from right to left."""
    return not text.isascii() and re.search(RIGHT_TO_LEFT, text) is not None
